"""Runs of a batch that are cut off: what was finished is safe, and going on gives the bytes of an uninterrupted run."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cohort import written
from conftest import ROOT, run

Call = Callable[..., tuple[int, str, str]]
COUNT = 48
# A run that keeps its state every 20 cases and is hit at a moment of its own, so that no clock decides what is tested.
HIT = """
import os, signal, sys
from dmcli.batch import run, writers
from dmcli.batch.state import State

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def half_a_line(file, text):
    lines.append(text)
    write(file, text if len(lines) < 10 else text[:40])
    if len(lines) == 10:
        file.stream.flush()
        killed()

def waiting(mine, outcomes, repeated, step):
    def stepped():
        step()
        if mine.kept.done:
            # Whoever sends the signal hears that a state is kept, and closes stdin behind it.
            os.write(1, b"kept")
            os.read(0, 1)
    whole(mine, outcomes, repeated, stepped)

run._EVERY, lines = 20, []
moment = sys.argv.pop(1)
save, settle, write, whole = State.save, run.settle, writers.LineFile._write, run.Run.write
if moment == "before the state is kept":
    State.save = killed
elif moment == "when the state is kept":
    State.save = lambda *args: (save(*args), killed())
elif moment == "within a line":
    writers.LineFile._write = half_a_line
elif moment == "before the files have their names":
    run.settle = killed
elif moment == "when one file has its name":
    run.settle = lambda paths: (settle(paths[:1]), killed())
elif moment == "when it is told to":
    run.Run.write = waiting
from dmcli.cli.main import main
main()
"""
KILLED = (
    "before the state is kept",
    "when the state is kept",
    "within a line",
    "before the files have their names",
    "when one file has its name",
)


def hit(moment: str, *args: str) -> list[str]:
    return [sys.executable, "-c", HIT, moment, "batch", *args]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("cohort") / "cohort.ndjson", COUNT, bad_every=9)


@pytest.fixture(scope="module")
def whole(cohort: Path) -> dict[str, bytes]:
    """What a run that nobody disturbs writes."""
    folder = cohort.parent / "whole"
    done = run("batch", *command(cohort, folder))
    assert done.returncode == 5, done.stderr
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def command(cohort: Path, folder: Path, *more: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [str(cohort), "-o", f"{folder}/out", "--errors", f"{folder}/errors", "--report", f"{folder}/report.json", "-q", *more]


def test_a_run_killed_again_and_again_goes_on_to_the_same_bytes(
    dmcli: Call, cohort: Path, whole: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    for count, moment in enumerate(KILLED):
        args = command(cohort, folder, "--resume", "--workers", "2" if count % 2 else "1")
        done = subprocess.run(hit(moment, *args), cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGKILL, "", ""), moment
        named = [name for name in whole if (folder / name).exists()]
        assert len(named) == (moment == KILLED[-1]), (moment, named)
    assert dmcli("batch", *command(cohort, folder, "--resume"))[0] == 5
    assert contents(folder) == whole


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_keeps_what_is_finished(
    dmcli: Call, cohort: Path, whole: dict[str, bytes], tmp_path: Path, number: int, code: int
) -> None:
    folder = tmp_path / "out"
    process = subprocess.Popen(
        hit("when it is told to", *command(cohort, folder, "--workers", "2")), cwd=ROOT, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background ignores interrupts, and what it starts inherits that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.read(4) == "kept"
    # As a terminal and a scheduler do: to the run and to its workers.
    os.killpg(process.pid, number)
    assert process.communicate() == ("", "")
    assert process.returncode == code
    part = (folder / "out.part").read_bytes()
    assert whole["out"].startswith(part)
    assert part.count(b"\n") >= 20
    assert not (folder / "out").exists()
    code, _, err = dmcli("batch", *command(cohort, folder))
    assert (code, "give --resume to go on" in err) == (2, True)
    assert dmcli("batch", *command(cohort, folder, "--resume"))[0] == 5
    assert contents(folder) == whole


@pytest.fixture
def unfinished(tmp_path: Path, dmcli: Call) -> Path:
    """A run of a few cases that was cut off before any of them."""
    written(tmp_path / "few.ndjson", 3)
    (tmp_path / "out.part").mkdir()
    assert dmcli("batch", str(tmp_path / "few.ndjson"), "-o", str(tmp_path / "out"))[0] == 2
    (tmp_path / "out.part").rmdir()
    (tmp_path / "out.part").touch()
    return tmp_path


def test_a_changed_input_option_or_knowledge_is_noticed(unfinished: Path, dmcli: Call) -> None:
    source, out = str(unfinished / "few.ndjson"), str(unfinished / "out")
    common = ["batch", "-o", out, "--resume"]
    data = unfinished / "data"
    shutil.copytree(ROOT / "data", data)
    (data / "algorithm.yaml").write_text((data / "algorithm.yaml").read_text() + "# edited\n")
    for change, args in (
        ("the options", [source, "--as-of", "2026-12-02"]),
        ("the options", [source, "--detail", "plan"]),
        ("the knowledge", [source, "--data", str(data)]),
        ("the input", [source, source]),
    ):
        code, _, err = dmcli(*common, *args)
        assert code == 2
        assert f"{change} changed since the run began" in err
    Path(source).write_text(Path(source).read_text().replace("c00002", "c00009"))
    assert "the input changed since the run began" in dmcli(*common, source)[2]
    Path(out + ".state").unlink()
    assert dmcli(*common, source)[0] == 0


def test_a_full_disk_is_told_and_nothing_is_lost(dmcli: Call, tmp_path: Path, cohort: Path, whole: dict[str, bytes]) -> None:
    """A limit on the size of files stands for a disk that is full."""
    folder = tmp_path / "out"
    limited = f"ulimit -f {len(whole['out']) // 2048}; trap '' XFSZ; exec \"$@\""
    # What measures coverage would want to write a file of its own as the program ends.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    args = ["bash", "-c", limited, "bash", *hit("never", *command(cohort, folder))]
    full = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=False, env=alone)
    assert (full.returncode, full.stdout) == (2, "")
    assert "what is finished is safe: make room, and give --resume" in full.stderr
    assert "Traceback" not in full.stderr
    assert dmcli("batch", *command(cohort, folder, "--resume"))[0] == 5
    assert contents(folder) == whole


def test_a_folder_that_has_its_name_already_is_gone_on_with(tmp_path: Path, dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the last two steps of a run: the folder has its name, the state is not yet gone."""
    command = ["batch", str(written(tmp_path / "few.ndjson", 3)), "--split", "-o", str(tmp_path / "out"), "--workers", "1"]
    with monkeypatch.context() as patched:
        patched.setattr("dmcli.batch.state.State.discard", lambda _: None)
        assert dmcli(*command)[0] == 0
    assert dmcli(*command)[0] == 2
    code, _, err = dmcli(*command, "--resume")
    assert (code, "3 cases in, 3 plans" in err) == (0, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["few.ndjson", "out"]
    assert (dmcli(*command)[0], dmcli(*command, "--resume")[0]) == (2, 2), "nothing takes the place of a folder"


def test_cases_from_a_pipe_with_a_name_are_read_once(tmp_path: Path) -> None:
    written(tmp_path / "few.ndjson", 3)
    command = f"{sys.executable} -m dmcli batch <(cat {tmp_path}/few.ndjson) --from ndjson -q -o {tmp_path}/out"
    assert subprocess.run(["bash", "-c", command], cwd=ROOT, check=False).returncode == 0
    assert (tmp_path / "out").read_text().count("\n") == 3
