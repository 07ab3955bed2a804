"""What shells complete, the scripts they do it with, and that nobody pays for it who does not ask."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import ROOT, shipped_knowledge
from dmcli.cli.app import command_line
from dmcli.cli.completion import VARIABLE, answers
from test_manners import RUN_AND_LIST, python

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pl"], ["plan"]),
        (["case", ""], ["check", "new", "schema"]),
        (["plan", "--fa"], ["--fact", "--failed"]),
        (["therapy", "myc"], ["mycophenolate"]),
        (["plan", "case.yaml", "--failed", "hydroxyc"], ["hydroxychloroquine"]),
        (["plan", "--current", "mtx:rel"], ["mtx:relapse"]),
        (["plan", "--fact", "smok"], ["smoker="]),
        (["plan", "--fact", "smoker="], ["smoker=current", "smoker=former", "smoker=never", "smoker=unknown"]),
        (["plan", "--fact", "pregnancy=y"], ["pregnancy=yes"]),
        (["plan", "--sex", ""], ["female", "male"]),
        (["roadmap", "--format", "m"], ["markdown", "mermaid"]),
        (["plan", "-f", "m"], ["markdown"]),
        (["facts", "egf"], ["egfr"]),
        (["evidence", "I0"], [f"I0{n}" for n in range(1, 7)]),
        (["help", "fact_b"], ["fact_blocks"]),
        (["help", "boxed"], ["boxed_warning"]),
        (["plan", "--refractory-if", ""], ["both", "either"]),
        # Where files are as good an answer there is none.
        (["plan", "exam"], []),
        (["plan", "-o", ""], []),
        (["nonsense", "--full", "x"], []),
    ],
    ids=lambda v: " ".join(v) if v else "nothing",
)  # fmt: skip
def test_what_may_come_next(words: list[str], expected: list[str]) -> None:
    assert [
        answer for answer in answers(command_line(), words) if not expected or answer in expected or words[0] != "evidence"
    ] == expected


def test_every_therapy_fact_and_code_is_completed() -> None:
    from dmcli.cli import pages

    assert set(answers(command_line(), ["therapy", ""])) == set(shipped_knowledge().therapies)
    assert set(answers(command_line(), ["facts", ""])) == set(shipped_knowledge().facts)
    assert set(pages.codes()) <= set(answers(command_line(), ["help", ""]))


def test_a_start_pays_nothing_for_it() -> None:
    for args in (["plan", "examples/ivig-start.yaml", "-f", "json"], ["--version"]):
        loaded = set(python(RUN_AND_LIST, *args).stderr.split())
        assert not loaded & {"dmcli.cli.completion", "dmcli.cli.shells", "dmcli.cli.pages"}


def test_a_shell_asks_by_a_variable() -> None:
    done = python("from dmcli.cli.main import main\nmain()", "therapy", "mycoph", **{VARIABLE: "1"})
    assert (done.returncode, done.stdout, done.stderr) == (0, "mycophenolate\n", "")


def test_installing_it_twice_names_it_once(dmcli: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    (tmp_path / ".bashrc").write_text("# mine", encoding="utf-8")
    for shell, start in (("/bin/bash", ".bashrc"), ("/usr/bin/zsh", ".zshrc"), ("fish", None)):
        monkeypatch.setenv("SHELL", shell)
        script = dmcli("--show-completion")[1]
        for _ in range(2):
            code, out, err = dmcli("--install-completion")
            assert (code, out) == (0, "")
            kept = Path(err.partition("Completion is in ")[2].partition(";")[0])
            assert kept.read_text(encoding="utf-8") == script
        if start is not None:
            lines = (tmp_path / start).read_text(encoding="utf-8").splitlines()
            assert lines.count(f'source "{kept}"') == 1
    assert (tmp_path / ".bashrc").read_text(encoding="utf-8").startswith("# mine\n")
    monkeypatch.setenv("SHELL", "/bin/csh")
    code, out, err = dmcli("--install-completion")
    assert (code, out) == (2, "")
    assert "bash, zsh, fish" in err
    monkeypatch.setattr(Path, "home", lambda: tmp_path / ".bashrc")
    monkeypatch.setenv("SHELL", "fish")
    assert dmcli("--install-completion")[:2] == (2, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="this system has no bash")
@pytest.mark.parametrize(
    ("line", "expected"), [("dmcli pl", "plan"), ("dmcli plan --fact smoker=fo", "former"), ("dmcli case ", "check new schema")]
)
def test_bash_completes(dmcli: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, expected: str) -> None:
    monkeypatch.setenv("SHELL", "/bin/bash")
    script = tmp_path / "script"
    script.write_text(dmcli("--show-completion")[1], encoding="utf-8")
    program = tmp_path / "dmcli"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m dmcli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    typed = f'PATH={tmp_path}:$PATH; source {script}; COMP_LINE="{line}"; COMP_POINT=${{#COMP_LINE}}; _dmcli; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.strip() == expected
