"""Runs of a batch that are cut off: what was finished is safe, and going on gives the bytes of an uninterrupted run."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cohort import written
from conftest import ROOT, run

Call = Callable[..., tuple[int, str, str]]
COUNT = 160


def begun(*args: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "dmcli", "batch", *map(str, args)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("cohort") / "cohort.ndjson", COUNT, bad_every=9)


@pytest.fixture(scope="module")
def whole(cohort: Path) -> dict[str, bytes]:
    """What a run that nobody disturbs writes."""
    folder = cohort.parent / "whole"
    folder.mkdir()
    done = run(
        "batch", str(cohort), "-o", f"{folder}/out", "--errors", f"{folder}/errors", "--report", f"{folder}/report.json", "-q"
    )
    assert done.returncode == 5, done.stderr
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def command(cohort: Path, folder: Path, *more: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    return [str(cohort), "-o", f"{folder}/out", "--errors", f"{folder}/errors", "--report", f"{folder}/report.json", "-q", *more]


def cut_off(cohort: Path, folder: Path, number: int, after: float) -> int:
    """A run, or its continuation, that gets a signal; its exit code."""
    process = begun(*command(cohort, folder, "--resume", "--workers", "2"))
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        assert "Traceback" not in process.communicate()[1]
    return process.returncode


def test_a_run_killed_at_random_moments_goes_on_to_the_same_bytes(cohort: Path, whole: dict[str, bytes], tmp_path: Path) -> None:
    moments = random.Random(12)
    kills = [cut_off(cohort, tmp_path / "out", signal.SIGKILL, moments.uniform(0.5, 3)) for _ in range(2)]
    assert -signal.SIGKILL in kills
    assert not (tmp_path / "out" / "out").exists() or kills[-1] == 5
    assert run("batch", *command(cohort, tmp_path / "out", "--resume")).returncode == 5
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_keeps_what_is_finished(
    cohort: Path, whole: dict[str, bytes], tmp_path: Path, number: int, code: int
) -> None:
    folder = tmp_path / "out"
    process = begun(*command(cohort, folder, "--workers", "2"))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (folder / "out.ids").exists():
        time.sleep(0.05)
    # As a terminal and a scheduler do: to the run and to its workers.
    os.killpg(process.pid, number)
    assert process.communicate(timeout=30)[1] == ""
    assert process.returncode == code
    part = (folder / "out.part").read_bytes()
    assert whole["out"].startswith(part)
    assert part.count(b"\n") >= 100
    assert not (folder / "out").exists()
    again = run("batch", *command(cohort, folder))
    assert (again.returncode, "give --resume to go on" in again.stderr) == (2, True)
    assert run("batch", *command(cohort, folder, "--resume")).returncode == 5
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


def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path, cohort: Path, whole: dict[str, bytes]) -> None:
    """A limit on the size of files stands for a disk that is full."""
    folder = tmp_path / "out"
    limited = f"ulimit -f 120; trap '' XFSZ; exec {sys.executable} -m dmcli batch {' '.join(command(cohort, folder))}"
    # What measures coverage would want to write a file of its own as the program ends.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    full = subprocess.run(["bash", "-c", limited], cwd=ROOT, capture_output=True, text=True, check=False, env=alone)
    assert (full.returncode, full.stdout) == (2, "")
    assert "what is finished is safe: make room, and give --resume" in full.stderr
    assert "Traceback" not in full.stderr
    assert run("batch", *command(cohort, folder, "--resume")).returncode == 5
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
