"""How the program behaves as a process: pipes, terminals, hostile text, imports, network, the same bytes every time."""

import gc
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from conftest import ROOT
from dmcli import yamlfile

Call = Callable[..., tuple[int, str, str]]
EXAMPLE = "examples/ivig-start.yaml"
FORMATS = ("text", "json", "yaml", "markdown")
COMMAND = [sys.executable, "-m", "dmcli"]


def python(code: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A new interpreter that runs the code with the command line's arguments in sys.argv.

    What is imported is measured here, so nothing of a coverage run may import along with it.
    """
    whole = f"import sys\nsys.argv = {['dmcli', *args]!r}\n{code}"
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.run(
        [sys.executable, "-c", whole], capture_output=True, text=True, env={**bare, **environment}, cwd=ROOT, check=False
    )


RUN_AND_LIST = """
import atexit
atexit.register(lambda: print("\\n".join(sorted(sys.modules)), file=sys.stderr))
from dmcli.cli.main import main
main()
"""


RUN_ALL = """
from dmcli.cli.main import main
for args in COMMANDS:
    sys.argv = ["dmcli", *args]
    try:
        main()
    except SystemExit as end:
        for stream in (sys.stdout, sys.stderr):
            print("\\nended:", args, end.code, file=stream)
print(*sorted(sys.modules), file=sys.stderr)
"""


def all_of(commands: list[list[str]], before: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Several commands in one new interpreter, each with its end on both streams; the modules it loaded end stderr."""
    return python(f"COMMANDS = {commands!r}\n{before}\n{RUN_ALL}", **environment)


def left(monkeypatch: pytest.MonkeyPatch, args: list[str], **replaced: Any) -> int:
    """The exit code of a command within this process, with some streams replaced."""
    from dmcli.cli.main import main

    monkeypatch.setattr(sys, "argv", ["dmcli", *args])
    monkeypatch.chdir(ROOT)
    for name, stream in replaced.items():
        monkeypatch.setattr(sys, name, stream)
    with pytest.raises(SystemExit) as caught:
        main()
    gc.enable()
    return int(caught.value.code or 0)


# --- pipes and signals


@pytest.mark.parametrize("args", [["plan", EXAMPLE], ["--version"]], ids=" ".join)
def test_a_reader_that_goes_away_is_no_error_of_ours(args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, *args], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    "args", [["plan", EXAMPLE, "--format", "json"], ["facts"], ["case", "schema"], ["therapy"]], ids=" ".join
)
def test_no_command_makes_an_error_of_a_reader_that_goes_away(monkeypatch: pytest.MonkeyPatch, args: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stderr = io.StringIO()
    with os.fdopen(writing, "w", encoding="utf-8") as stdout:
        assert left(monkeypatch, args, stdout=stdout, stderr=stderr) == 141
    assert stderr.getvalue() == ""


def test_an_interrupt_exits_with_130_and_says_nothing(tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    os.mkfifo(case)
    process = subprocess.Popen(
        [*COMMAND, "plan", str(case)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        # A shell that runs the tests in the background ignores interrupts, and what it starts inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    # A pipe opens for its writer when its reader has come: from here on the program waits for its case.
    with case.open("w"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


def test_a_full_disk_is_said_without_a_traceback() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, "plan", EXAMPLE], stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert done.returncode != 0
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


# --- terminals


def received(ours: int) -> str:
    """What a terminal receives until the other side has closed."""
    found = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side has closed
            break
        if not chunk:
            break
        found += chunk
    os.close(ours)
    return found.decode()


OF_A_TERMINAL = ("NO_COLOR", "COLUMNS", "FORCE_COLOR")


def process_on_a_terminal(*args: str, **environment: str) -> str:
    """The same of a process of its own: a pager writes past this one."""
    ours, theirs = pty.openpty()
    env = {k: v for k, v in os.environ.items() if k not in OF_A_TERMINAL}
    env |= {"TERM": "xterm-256color", "PAGER": "cat", **environment}
    process = subprocess.Popen([*COMMAND, *args], stdin=subprocess.DEVNULL, stdout=theirs, env=env, cwd=ROOT)
    os.close(theirs)
    text = received(ours)
    assert process.wait() == 0
    return text


def on_a_terminal(*args: str, **environment: str) -> str:
    """What a terminal receives from a command within this process."""
    ours, theirs = pty.openpty()
    with ThreadPoolExecutor() as pool, pytest.MonkeyPatch.context() as patched, Path(os.devnull).open() as stdin:
        for name in OF_A_TERMINAL:
            patched.delenv(name, raising=False)
        for name, value in {"TERM": "xterm-256color", "PAGER": "cat", **environment}.items():
            patched.setenv(name, value)
        # It is read while it is written: a terminal takes no more than a few lines that nobody reads.
        text = pool.submit(received, ours)
        with os.fdopen(theirs, "w", encoding="utf-8") as stdout:
            assert left(patched, list(args), stdin=stdin, stdout=stdout) == 0
        return text.result()


def test_an_answer_that_does_not_fit_begins_with_its_title_in_the_pager() -> None:
    """`head` shows what a pager shows first; an answer that fits goes past the pager."""
    seen = {lines: process_on_a_terminal("plan", EXAMPLE, PAGER="head -n 3", LINES=lines, COLUMNS="80") for lines in ("24", "60")}
    assert [len(text.splitlines()) > 3 for text in seen.values()] == [False, True]
    for text in (
        *seen.values(),
        process_on_a_terminal("plan", EXAMPLE, PAGER="head -n 3", LINES="24", COLUMNS="80", TERM="dumb"),
    ):
        assert "as of" in text.splitlines()[0]
    few = {"PAGER": "head -n 3", "LINES": "24", "COLUMNS": "80"}
    for more in ({"TERM": "dumb"}, {"PAGER": "cat"}, {"PAGER": ""}, {"PAGER": "no-such-pager"}):
        assert len(process_on_a_terminal("plan", EXAMPLE, **{**few, **more}).splitlines()) > 24, more
    assert len(process_on_a_terminal("plan", EXAMPLE, "--no-pager", **few).splitlines()) > 24


COLOUR = re.compile(r"\x1b\[[0-9;]*(3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")
WEIGHT = re.compile(r"\x1b\[1[;0-9]*m")


def test_colour_is_for_terminals_that_want_it() -> None:
    assert WEIGHT.search(on_a_terminal("plan", EXAMPLE))
    assert WEIGHT.search(on_a_terminal("plan", EXAMPLE, NO_COLOR=""))
    assert COLOUR.search(on_a_terminal("plan", "examples/mmf-start.yaml", "--as-of", "2026-12-01"))
    for args, environment in [
        (["plan", EXAMPLE], {"NO_COLOR": "1"}),
        (["plan", EXAMPLE], {"TERM": "dumb"}),
        (["plan", EXAMPLE, "--no-color"], {}),
        (["--no-color", "facts"], {}),
        (["plan", EXAMPLE, "--format", "json"], {}),
        (["plan", EXAMPLE, "--format", "markdown"], {}),
    ]:
        assert "\x1b" not in on_a_terminal(*args, **environment), (args, environment)
    assert not COLOUR.search(on_a_terminal("--help", NO_COLOR="1"))
    assert "\x1b" not in on_a_terminal("--help", TERM="dumb")


def test_colour_is_had_wherever_it_is_asked_for_by_name(dmcli: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So a pipe to `less -R` keeps it; NO_COLOR gives way to it, and a file never has it."""
    for args, environment, wanted in [
        (["plan", EXAMPLE, "--color", "always"], {"NO_COLOR": ""}, True),
        (["plan", EXAMPLE, "--full", "--color", "always"], {"NO_COLOR": ""}, True),
        (["plan", EXAMPLE, "--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["--color", "always", "plan", EXAMPLE], {"NO_COLOR": "1"}, True),
        (["--no-color", "plan", EXAMPLE, "--color", "always"], {}, True),
        (["--color", "always", "plan", EXAMPLE, "--no-color"], {}, False),
        (["plan", EXAMPLE, "--color", "auto"], {"NO_COLOR": ""}, False),
        (["plan", EXAMPLE, "--color", "always", "--format", "json"], {}, False),
    ]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code, out, _ = dmcli(*args)
        assert (code, "\x1b" in out) == (0, wanted), args
    assert dmcli("plan", EXAMPLE, "--color", "always", "-o", str(tmp_path / "plan.txt"))[0] == 0
    assert "\x1b" not in (tmp_path / "plan.txt").read_text(encoding="utf-8")
    assert WEIGHT.search(on_a_terminal("plan", EXAMPLE, "--color", "auto"))
    assert "\x1b" not in on_a_terminal("plan", EXAMPLE, "--color", "never")


def test_a_colour_that_is_none_is_refused_by_name(dmcli: Call) -> None:
    code, out, err = dmcli("plan", EXAMPLE, "--color", "red")
    assert (code, out) == (2, "")
    assert "--color" in err
    assert "'red' is none of auto, always, never" in err
    code, _, err = dmcli("plan", EXAMPLE, "--color", "always", "--no-color")
    assert code == 2
    assert "beside --no-color" in err


def test_no_colour_changes_no_word() -> None:
    coloured = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal("plan", EXAMPLE))
    plain = on_a_terminal("plan", EXAMPLE, NO_COLOR="1")
    assert [line.rstrip() for line in coloured.splitlines()] == [line.rstrip() for line in plain.splitlines()]


def test_text_keeps_to_the_width_and_data_do_not_wrap(dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(form: str, columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        code, out, _ = dmcli("plan", EXAMPLE, "--format", form)
        assert code == 0
        return out

    for columns in (60, 80, 100):
        assert columns - 20 < max(len(line) for line in answer("text", columns).splitlines()) <= columns
    for form in ("json", "yaml", "markdown"):
        assert answer(form, 60) == answer(form, 120)


# --- hostile text

HOSTILE = (
    "[bold red]x[/] [link=http://x]y[/link] \x1b[31m\x1b]0;title\x07\x9b31m \u202eabc\u2066 \u200b\n"
    "# Heading\r\n- item |cell| <b>html</b> `code` =1+1"
)
HARMLESS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def hostile_case() -> str:
    """A valid case with hostile text wherever text may stand. JSON, because it can write any character."""
    case = {
        "id": HOSTILE,
        "as_of": "2026-12-01",
        "patient": {"age": 45, "sex": "female", "weight_kg": 70},
        "disease": {"skin_active": True},
        "treatments": [{"therapy": t, "dose": "999 mg daily", "weeks": 26, "outcome": "inadequate"} for t in ("hcq", "mtx")],
        "other_drugs": [{"name": HOSTILE, "dose": HOSTILE}],
    }
    return json.dumps(case)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_hostile_text_is_shown_literally_and_harmlessly(dmcli: Call, form: str) -> None:
    code, out, err = dmcli("plan", "-", "--format", form, stdin=hostile_case())
    assert code == 0
    assert not HARMLESS.search(out + err)
    assert not any(line.startswith(("# Heading", "- item |")) for line in out.splitlines())
    shown = "[bold red]x[/]" if form == "text" else "\\[bold red\\]x\\[/\\]"
    assert shown in " ".join(out.split())
    if form == "markdown":
        assert "<b>" not in out


def test_data_formats_carry_hostile_text_unchanged(dmcli: Call) -> None:
    _, out, _ = dmcli("plan", "-", "--format", "json", stdin=hostile_case())
    found = json.loads(out)
    assert found["case_id"] == HOSTILE
    assert not HARMLESS.search(out)
    _, out, _ = dmcli("plan", "-", "--format", "yaml", stdin=hostile_case())
    assert not HARMLESS.search(out)
    assert yamlfile.parse(out, "").data["case_id"] == HOSTILE


@pytest.mark.parametrize("form", FORMATS)
def test_errors_about_hostile_text_are_harmless(dmcli: Call, form: str) -> None:
    case = {
        HOSTILE: 1,
        "as_of": HOSTILE,
        "patient": {"age": HOSTILE, HOSTILE: 1},
        "disease": {"subtype": HOSTILE, "skin_active": HOSTILE},
        "treatments": [{"therapy": HOSTILE, "dose": HOSTILE, "start": HOSTILE, HOSTILE: HOSTILE}],
        "facts": {"egfr": {"value": 1, "unit": HOSTILE}},
    }
    code, out, err = dmcli("plan", "-", "--format", form, stdin=json.dumps(case))
    assert (code, out) == (3, "")
    assert not HARMLESS.search(err)
    assert "Traceback" not in err


def test_errors_about_a_hostile_command_line_are_harmless(dmcli: Call) -> None:
    plan = ["plan", EXAMPLE]
    for args in (
        [HOSTILE], ["plan", HOSTILE], ["therapy", HOSTILE], ["facts", HOSTILE], ["evidence", HOSTILE], ["check", HOSTILE],
        ["case", HOSTILE],
        ["case", "check", HOSTILE], ["--data", HOSTILE, "facts"], [*plan, f"--{HOSTILE}"], [*plan, "--horizon", HOSTILE],
        [*plan, "--fact", HOSTILE],
        [*plan, "--fact", f"{HOSTILE}=1"], [*plan, "--failed", HOSTILE], [*plan, "--failed", f"mtx:{HOSTILE}"],
        [*plan, "--age", HOSTILE],
        [*plan, "--format", HOSTILE], [*plan, "--as-of", HOSTILE], [*plan, "-o", f"/nowhere/{HOSTILE}"],
    ):  # fmt: skip
        code, out, err = dmcli(*args)
        assert code in (2, 3, 4), args
        assert out == ""
        assert not HARMLESS.search(err), args
        assert "internal error" not in err, args


def test_hostile_text_in_the_knowledge_is_harmless_too(dmcli: Call, tmp_path: Path) -> None:
    copytree(ROOT / "data", tmp_path, dirs_exist_ok=True)
    for file in tmp_path.rglob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for old in ("name: intravenous immunoglobulin", "question: How old is the patient?"):
            text = text.replace(old, f"{old.split(':')[0]}: {json.dumps(HOSTILE)}", 1)
        file.write_text(text, encoding="utf-8")
    changed = 0
    for args in (
        ["plan", EXAMPLE, "--full"],
        ["plan", "-", "--full"],
        ["therapy"],
        ["therapy", "ivig"],
        ["facts"],
        ["facts", "age"],
    ):
        for form in ("text", "markdown"):
            code, out, err = dmcli("--data", str(tmp_path), *args, "--format", form, stdin="as_of: 2026-12-01\n")
            assert (code, err) == (0, "")
            assert not HARMLESS.search(out), args
            assert not any(line.startswith(("# Heading", "- item |")) for line in out.splitlines())
            changed += "Heading" in out
    assert changed == 12


def test_bytes_that_are_no_text_on_the_command_line_are_harmless() -> None:
    done = subprocess.run(
        [*[c.encode() for c in COMMAND], b"plan", b"--failed", b"\xff\xfe", b"\xe4.yaml"],
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_cannot_show_a_character_gets_a_plan_all_the_same(encoding: str) -> None:
    case = 'id: "\u00e4 \u2192 \U0001f600"\nas_of: 2026-12-01\npatient: {age: 45}\ndisease: {skin_active: true}\n'
    for form in ("text", "json"):
        done = subprocess.run(
            [*COMMAND, "plan", "-", "--format", form],
            input=case.encode(),
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            cwd=ROOT,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")


# --- no traceback, no patient data


def test_an_internal_error_says_so_without_patient_data() -> None:
    fail = "def fail(*_, **__): raise ValueError('Anna Secret, 52, egfr 17')"
    commands = [["plan", EXAMPLE, *args] for args in ((), ("--format", "json"), ("--explain",))]
    done = all_of(commands, f"import dmcli.planner\n{fail}\ndmcli.planner.plan = fail")
    assert done.stdout.split("\n") == ["", *(line for args in commands for line in (f"ended: {args} 1", ""))]
    *told, _ = re.split(r"\nended: .*\n", done.stderr)
    assert len(told) == 3
    for said in told:
        assert "internal error" in said
        for secret in ("Secret", "17", "Traceback", "prednisone"):
            assert secret not in said
    assert [e["code"] for e in json.loads(told[1])] == ["internal"]


# --- what is imported, and no network


def test_the_command_line_is_imported_without_the_heavy_modules() -> None:
    done = python("import dmcli.cli.app\nprint('\\n'.join(sys.modules))")
    assert done.returncode == 0
    assert not {"rich.console", "yaml", "pydantic", "dmcli.planner", "dmcli.yamlfile"} & set(done.stdout.split())


def test_a_plan_from_the_cache_imports_neither_pydantic_nor_rich() -> None:
    # The run keeps the knowledge before its first test.
    done = python(RUN_AND_LIST, "plan", EXAMPLE, "--format", "json")
    assert done.returncode == 0
    assert not {"pydantic", "pydantic_core", "rich.console", "dataclasses_json", "hypothesis"} & set(done.stderr.split())


def test_the_version_is_told_without_importing_the_command_line() -> None:
    done = python(RUN_AND_LIST, "--version")
    assert done.stdout.startswith("dmcli ")
    assert not {"typer", "yaml", "rich", "dmcli.cli.app"} & set(done.stderr.split())


NETWORK = {
    "socket",
    "_socket",
    "ssl",
    "http.client",
    "urllib.request",
    "ftplib",
    "smtplib",
    "requests",
    "httpx",
    "aiohttp",
    "urllib3",
}
# Checking the knowledge anew loads pydantic, which asks importlib.metadata for plugins; that reads e-mail headers
# and so loads `socket`.
LOADED_BY_THE_STANDARD_LIBRARY = {"socket", "_socket"}
GUARD = """
def guard(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.posix_spawn"):
        raise RuntimeError(event)
sys.addaudithook(guard)
"""


@cache
def guarded(**environment: str) -> tuple[dict[str, str], set[str]]:
    """The plan in two formats by an interpreter that may open no socket and start no process, and what it imported."""
    forms = ("json", "text")
    done = all_of([["plan", EXAMPLE, "--format", form] for form in forms], GUARD, **environment)
    *texts, rest = re.split(r"\nended: .* 0\n", done.stdout)
    assert (len(texts), rest, done.returncode) == (2, "", 0), done.stderr
    return dict(zip(forms, texts, strict=True)), set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_network_module_is_imported_and_no_socket_is_opened(form: str) -> None:
    built, imported = guarded(DMCLI_CACHE="off")
    assert NETWORK & imported <= LOADED_BY_THE_STANDARD_LIBRARY
    kept, imported = guarded()
    assert NETWORK & imported == set()
    assert kept[form] == built[form]
    assert kept[form]


# --- the same bytes


PLANS = [["plan", EXAMPLE, "--format", form] for form in FORMATS]
CATALOGUE = [["--help"], ["therapy"], ["facts"], ["evidence", "--conflicts"], ["case", "new"], ["case", "schema"]]


@cache
def printed(seed: str) -> dict[str, str]:
    """What each command prints, by an interpreter with its own seed of hashes, and the odd seeds in another place."""
    elsewhere = {"TZ": "Pacific/Kiritimati", "LANG": "C", "LC_ALL": "C", "HOME": "/nowhere", "USER": "someone"}
    commands = [*PLANS, *CATALOGUE]
    done = all_of(commands, PYTHONHASHSEED=seed, **(elsewhere if int(seed) % 2 else {}))
    *texts, rest = re.split(r"\nended: .* 0\n", done.stdout)
    assert (len(texts), rest) == (len(commands), ""), done.stderr
    return dict(zip(map(" ".join, commands), texts, strict=True))


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_case_gives_the_same_bytes(form: str) -> None:
    command = f"plan {EXAMPLE} --format {form}"
    assert printed("0")[command] == printed("4241")[command]
    assert printed("0")[command]


def test_help_and_catalogue_are_the_same_bytes_too() -> None:
    for command in map(" ".join, CATALOGUE):
        assert printed("0")[command] == printed("4241")[command], command
        assert printed("0")[command]


def test_the_answer_has_no_clock_in_it(dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    class Later(datetime.date):
        @classmethod
        def today(cls) -> Any:
            return cls(2031, 3, 4)

    expected = dmcli("plan", EXAMPLE, "--format", "json")
    monkeypatch.setattr("dmcli.cli.patient_options.date", Later)
    assert dmcli("plan", EXAMPLE, "--format", "json") == expected
