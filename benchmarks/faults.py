"""Faults at scale: runs killed at random moments and gone on with, and broken files among good ones.

    python benchmarks/faults.py [KILLS] [FILES]      default 20 kills, 1,000 broken files

Every continuation must end in the bytes of a run that nobody disturbed, every good neighbour of a broken file must be
planned, and nothing may be told as an internal error.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from batch import ROOT, cohort

FORMS = ("yaml", "json", "ndjson", "csv", "yaml.gz")


def run(*args: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "dmcli", "batch", *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def kills(count: int, folder: Path) -> None:
    source, whole = folder / "cohort.ndjson", folder / "whole"
    cohort(source, 300)
    assert run(source, "-o", whole, "-q").returncode == 0
    moments = random.Random(20)
    killed = 0
    for number in range(count):
        out = folder / f"out{number}"
        process = subprocess.Popen(
            [sys.executable, "-m", "dmcli", "batch", str(source), "-o", str(out), "-q", "--workers", "2"], cwd=ROOT
        )
        try:
            process.wait(timeout=moments.uniform(0.2, 6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        if not out.exists():
            done = run(source, "-o", out, "-q", "--resume")
            assert done.returncode == 0, done.stderr
        assert out.read_bytes() == whole.read_bytes(), f"kill {number}: other bytes"
        assert not list(folder.glob(f"out{number}.*")), f"kill {number}: something is left behind"
    print(f"{count} runs, {killed} of them killed: the same bytes each time, nothing left behind")


def broken(raw: bytes, dice: random.Random) -> bytes:
    """Bytes changed, cut, doubled or replaced at a few places."""
    found = bytearray(raw)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(max(len(found), 1))
        what = dice.randrange(4)
        if what == 0:
            found[at : at + 1] = bytes([dice.randrange(256)])
        elif what == 1:
            del found[at : at + dice.randint(1, 40)]
        elif what == 2:
            found[at:at] = found[at : at + dice.randint(1, 40)]
        else:
            found[at:at] = dice.choice([b"\0", b"{" * 30, b"---\n", b'"', b"\xff\xfe", b"&a *a", b"\n\t", b"1e999", b"=1+1"])
    return bytes(found)


def fuzzed(count: int, folder: Path) -> None:
    folder.mkdir()
    dice = random.Random(1000)
    cohort(folder / "one.ndjson", 7)
    lines = (folder / "one.ndjson").read_bytes().splitlines()
    (folder / "one.ndjson").unlink()
    yaml = [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.yaml"))]
    for number in range(count):
        form = dice.choice(FORMS)
        raw = dice.choice(yaml if form.startswith("yaml") else lines) if form != "csv" else b"id,as_of\n1,2026-12-01\n"
        (folder / f"{number:05d}-a.{form}").write_bytes(broken(raw, dice))
        good = json.dumps({**json.loads(dice.choice(lines)), "id": f"good-{number}"})
        (folder / f"{number:05d}-b.json").write_text(good, encoding="utf-8")
    done = run(folder)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert [case["case"] for case in found] == list(range(1, len(found) + 1))
    planned = [case["case_id"] for case in found if str(case.get("case_id")).startswith("good-")]
    assert planned == [f"good-{number}" for number in range(count)], "a neighbour is lost"
    assert not [e for case in found for e in case.get("errors", ()) if e["code"] == "internal"]
    sources = {case["source"] for case in found}
    silent = [path.name for path in sorted(folder.iterdir()) if str(path) not in sources]
    failed = sum(case["status"] == "error" for case in found)
    print(f"{count} broken files among {count} good ones: no traceback, every neighbour planned, {failed} errors told")
    print(f"files without any result (tables and lines that hold no case any more): {len(silent)} {silent[:5]}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as folder:
        kills(count, Path(folder))
        fuzzed(files, Path(folder) / "fuzzed")


if __name__ == "__main__":
    main()
