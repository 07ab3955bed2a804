"""Streams that are closed or full, interrupts, and answers that must not take the place of a question."""

import errno
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from dmcli.cli import streams
from test_manners import left, python

Call = Callable[..., tuple[int, str, str]]
EXAMPLE = "examples/ivig-start.yaml"
TEXT = (ROOT / EXAMPLE).read_text(encoding="utf-8")
ANSWERS = (["--version"], ["--quiet", "--version"], ["--help"], ["plan", "--help"], ["plan", EXAMPLE], ["facts"])
SHELL = pytest.mark.skipif(os.name != "posix", reason="the shell of this system has no such redirections")


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


# --- closed and full


@pytest.mark.parametrize("args", ANSWERS, ids=" ".join)
@pytest.mark.parametrize(("stdout", "why"), [(Full, errno.ENOSPC), (lambda: None, errno.EBADF)], ids=["full", "closed"])
def test_an_answer_without_a_place_to_go_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, args: list[str], stdout: Callable[[], Any], why: int
) -> None:
    stderr = io.StringIO()
    assert left(monkeypatch, args, stdout=stdout(), stderr=stderr) == 2
    assert stderr.getvalue().startswith(f"stdout: cannot be written ({os.strerror(why)})")
    assert len(stderr.getvalue().splitlines()) == 1


@pytest.mark.parametrize("stderr", [Full, lambda: None], ids=["full", "closed"])
@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["plan", "/nowhere.yaml"], 3), (["plan", "--nonsense"], 2), (["case", "check", EXAMPLE], 0), (["facts", "egrf"], 2),
        (["plan", "/nowhere.yaml", "-f", "json"], 3),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else str(v),
)  # fmt: skip
def test_where_nothing_can_be_said_the_exit_code_tells(
    monkeypatch: pytest.MonkeyPatch, args: list[str], code: int, stderr: Callable[[], Any]
) -> None:
    assert left(monkeypatch, args, stdout=io.StringIO(), stderr=stderr()) == code


def test_a_file_is_written_although_stdout_is_closed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert left(monkeypatch, ["plan", EXAMPLE, "-f", "json", "-o", str(file)], stdout=None, stderr=io.StringIO()) == 0
    assert file.read_text(encoding="utf-8").startswith("{")


@SHELL
@pytest.mark.parametrize("args", ["--version", "--help", f"plan {EXAMPLE}"])
@pytest.mark.parametrize("where", [">&-", ">&- 2>&-", "> /dev/full", "> /dev/full 2> /dev/full"])
def test_the_interpreter_has_nothing_to_add_at_its_end(args: str, where: str) -> None:
    if "/dev/full" in where and not Path("/dev/full").exists():
        pytest.skip("no such device on this system")
    done = subprocess.run(
        f"{sys.executable} -m dmcli {args} {where}", shell=True, capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    said = done.stderr.splitlines()
    assert len(said) == (0 if "2>" in where else 1)
    assert all(line.startswith("stdout: cannot be written") for line in said)


@SHELL
def test_a_reader_of_the_help_that_goes_away_is_no_error_of_ours() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "dmcli", "plan", "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_closed_stream_disturbs_nobody_who_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    streams.prepare()
    sys.stdout.flush()
    streams.tell("nobody hears this")
    with pytest.raises(streams.Unwritable):
        streams.answer("nobody reads this")
    streams.silence(sys.stdout)
    sys.stdout.flush()


# --- interrupts

INTERRUPTED_AT = """
import os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
class Impatient:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Impatient())
from dmcli.cli.main import main
main()
"""


@SHELL
@pytest.mark.parametrize(
    "name", ["dmcli.cli.streams", "dmcli.errors", "dmcli.cli.app", "typer", "dmcli.planner", "yaml", "dmcli.render.screen.screen"]
)
def test_an_interrupt_while_modules_load_is_silent(name: str) -> None:
    done = python(INTERRUPTED_AT.format(name=name), "plan", EXAMPLE)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_entry_point_loads_nothing_before_it_can_catch_an_interrupt() -> None:
    done = python("before = set(sys.modules)\nimport dmcli.cli.main\nprint(*sorted(set(sys.modules) - before))")
    assert done.stdout.split() == ["dmcli", "dmcli.cli", "dmcli.cli.main"]


def test_an_interrupt_leaves_no_half_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dmcli.cli.files import Files

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Files().write("text", str(tmp_path / "plan.txt"))
    assert list(tmp_path.iterdir()) == []


# --- what an answer may replace


def case_file(folder: Path) -> Path:
    file = folder / "case.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.mark.parametrize("spelt", ["case.yaml", "./case.yaml", "link.yaml", "hard.yaml", "../{folder}/case.yaml"])
@pytest.mark.parametrize("read", ["case.yaml", "link.yaml"])
def test_an_answer_never_replaces_its_question(dmcli: Call, tmp_path: Path, read: str, spelt: str) -> None:
    file = case_file(tmp_path)
    (tmp_path / "link.yaml").symlink_to(file)
    (tmp_path / "hard.yaml").hardlink_to(file)
    output = str(tmp_path / spelt.format(folder=tmp_path.name)) if spelt.startswith("..") else f"{tmp_path}/{spelt}"
    for command in (["plan"], ["roadmap", "--depth", "1"]):
        code, out, err = dmcli(*command, str(tmp_path / read), "-o", output)
        assert (code, out) == (2, "")
        assert "is the case that was read" in err
    assert file.read_text(encoding="utf-8") == TEXT
    assert (tmp_path / "link.yaml").is_symlink()


def test_a_case_on_stdin_is_not_replaced_either(tmp_path: Path) -> None:
    file = case_file(tmp_path)
    with file.open(encoding="utf-8") as stdin:
        done = subprocess.run(
            [sys.executable, "-m", "dmcli", "plan", "-", "-o", str(file)], stdin=stdin, capture_output=True, text=True, cwd=ROOT, check=False
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert file.read_text(encoding="utf-8") == TEXT


def test_the_knowledge_in_use_is_not_written_into(dmcli: Call, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data", tmp_path, dirs_exist_ok=True)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.*")}
    for name in ("facts.yaml", "new.yaml", "therapies/../facts.yaml", "therapies/mmf.yml"):
        for args in (["facts"], ["plan", EXAMPLE], ["check"]):
            code, out, err = dmcli("--data", str(tmp_path), "-o", f"{tmp_path}/{name}", *args)
            assert (code, out) == (2, "")
            assert "knowledge in use" in err
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.*")} == before
    # Where a clinic keeps its knowledge it may keep its plans too.
    assert dmcli("--data", str(tmp_path), "plan", EXAMPLE, "-o", f"{tmp_path}/plan.txt")[0] == 0


def test_a_dash_is_stdout(dmcli: Call, tmp_path: Path) -> None:
    plain = dmcli("facts", "egfr")
    assert dmcli("facts", "egfr", "-o", "-") == plain
    assert dmcli("-o", str(tmp_path / "facts.txt"), "facts", "egfr", "-o", "-") == plain
    assert list(tmp_path.iterdir()) == []
    assert not (ROOT / "-").exists()


def test_a_folder_by_its_name_makes_no_file(dmcli: Call, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("new/", "there/", "there"):
        code, out, err = dmcli("facts", "-o", f"{tmp_path}/{name}")
        assert (code, out) == (2, "")
        assert "choose another file" in err
    assert [file.name for file in tmp_path.rglob("*")] == ["there"]


def test_a_link_is_followed_to_the_file_that_is_meant(dmcli: Call, tmp_path: Path) -> None:
    target, link, dangling, loop = (tmp_path / name for name in ("target.txt", "link.txt", "dangling.txt", "loop.txt"))
    target.write_text("before", encoding="utf-8")
    link.symlink_to(target)
    dangling.symlink_to(tmp_path / "made.txt")
    loop.symlink_to(loop)
    _, expected, _ = dmcli("facts", "egfr")
    assert dmcli("facts", "egfr", "-o", str(link))[0] == 0
    assert dmcli("facts", "egfr", "-o", str(dangling))[0] == 0
    assert link.is_symlink()
    assert dangling.is_symlink()
    assert target.read_text(encoding="utf-8") == (tmp_path / "made.txt").read_text(encoding="utf-8") == expected
    assert dmcli("facts", "egfr", "-o", str(loop))[:2] == (2, "")
    assert loop.is_symlink()
