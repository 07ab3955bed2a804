"""Faults at scale: runs killed at random moments and gone on with, a disk that is full, and broken files among good ones.

    python benchmarks/faults.py [KILLS] [FILES]      default 20 kills, 1,000 broken files

A run is killed when it has written so many bytes, drawn by a seed, and again on each continuation; the last of them must end
in the bytes of a run that nobody disturbed, each case there once. A full disk is a small file system, where one may be
mounted, and else a limit on the size of files. Every good neighbour of a broken file must be planned, every broken file be
told of, and nothing end as an internal error.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cohorts import ROOT, Cohort

FORMS = ("yaml", "json", "ndjson", "csv", "yaml.gz")
CASES, EACH = 300, 5
BAD = '{"id": "bad", "as_of": "2026-12-01", "patient": {"age": 400}}\n'
# What is written, and whether as a folder.
KINDS: tuple[tuple[str, ...], ...] = ((), ("--detail", "plan"), ("--to", "csv"), ("--split",))
_ROOMS, _PAGE = (0.02, 0.35, 0.9), 4096


def command(*args: object) -> list[str]:
    return [sys.executable, "-m", "dmcli", "batch", *map(str, args)]


def run(*args: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(*args), cwd=ROOT, capture_output=True, text=True, check=False)


def cohort(path: Path, count: int) -> Path:
    """Cases of which every ninth is refused."""
    lines = Cohort().lines(count)
    path.write_text("".join(BAD if number % 9 == 8 else line for number, line in enumerate(lines)), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def asked(source: Path, folder: Path, kind: tuple[str, ...]) -> list[object]:
    folder.mkdir(exist_ok=True)
    return [
        source,
        "-o",
        folder / "out",
        "--errors",
        folder / "errors",
        "--report",
        folder / "report.json",
        "--workers",
        2,
        *kind,
    ]


def grown(folder: Path) -> int:
    """The bytes written so far, under the name of what is not finished."""
    part = folder / "out.part"
    try:
        return (part / "index.csv" if part.is_dir() else part).stat().st_size
    except FileNotFoundError:
        return 0


def killed(args: list[object], folder: Path, after: int) -> int | None:
    """A run that is killed with so many bytes written; its exit code, None where it was killed."""
    process = subprocess.Popen(command(*args, "--resume", "-q"), cwd=ROOT)
    while process.poll() is None and grown(folder) < after:
        time.sleep(0.001)
    if process.poll() is not None:
        return process.returncode
    process.send_signal(signal.SIGKILL)
    process.wait()
    return None


def once(folder: Path, kind: tuple[str, ...]) -> None:
    """Each case stands in the results once, in its order."""
    out = folder / "out"
    if kind == ():
        found = [json.loads(line)["case"] for line in out.read_text(encoding="utf-8").splitlines()]
    elif kind == ("--split",):
        found = [int(path.stem) for path in sorted(out.glob("*.json"))]
    else:
        return  # their bytes are compared with those of a run that nobody disturbed, as those of the others are
    assert found == list(range(1, CASES + 1)), "a case is lost or doubled"


def kills(count: int, folder: Path) -> None:
    source, dice = cohort(folder / "cohort.ndjson", CASES), random.Random(20)
    done, finished, chains = 0, 0, 0
    while done < count:
        kind = KINDS[chains % len(KINDS)]
        chains += 1
        whole, out = folder / f"whole{chains}", folder / f"out{chains}"
        assert run(*asked(source, whole, kind), "-q").returncode == 5
        index = whole / "out" / "index.csv" if kind == ("--split",) else whole / "out"
        moments = sorted(dice.randrange(index.stat().st_size) for _ in range(min(EACH, count - done)))
        for moment in moments:
            code = killed(asked(source, out, kind), out, moment)
            assert code in (None, 5), code
            done += code is None
            finished += code == 5
            if code is not None:
                break
        if not (out / "out").exists() or (out / "out.state").exists():
            last = run(*asked(source, out, kind), "--resume")
            assert last.returncode == 5, last.stderr
        assert contents(out) == contents(whole), f"{kind}: other bytes, or something is left behind"
        once(out, kind)
    print(f"{done} kills in {chains} runs of {CASES} cases, {finished} of which ended first")
    print("  each went on to the same bytes, each case once, nothing left behind")


@contextmanager
def small(folder: Path, room: int) -> Iterator[bool]:
    """A file system of so many bytes; whether there is one, which only the owner of the machine may have."""
    folder.mkdir()
    mounted = os.geteuid() == 0 and _mount("-t", "tmpfs", "-o", f"size={room}", "tmpfs", folder)
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _mount(*args: object) -> bool:
    return subprocess.run(["mount", *map(str, args)], capture_output=True, check=False).returncode == 0


def pages(folder: Path) -> int:
    """The room that a folder takes, in whole pages."""
    return sum(-(-len(raw) // _PAGE) * _PAGE for raw in contents(folder).values())


def full_disk(folder: Path) -> None:
    source, ways, count = cohort(folder / "cohort.ndjson", CASES), set(), 0
    for kind in KINDS:
        whole = folder / f"whole{'-'.join(kind)}"
        assert run(*asked(source, whole, kind), "-q").returncode == 5
        for share in _ROOMS:
            place = folder / f"full{count}"
            room = max(int(pages(whole) * share), 2 * _PAGE)
            with small(place, room) as mounted:
                if not mounted and kind == ("--split",):
                    continue  # none of its files is large
                args = asked(source, place, kind)
                limit = f"ulimit -f {room // 1024}; trap '' XFSZ; exec \"$@\""
                begin = command(*args) if mounted else ["bash", "-c", limit, "bash", *command(*args)]
                full = subprocess.run(begin, cwd=ROOT, capture_output=True, text=True, check=False)
                assert full.returncode == 2, (kind, share, full.returncode, full.stderr)
                assert "Traceback" not in full.stderr, full.stderr
                assert "make room" in full.stderr, full.stderr
                assert not mounted or _mount("-o", "remount,size=256m", place)
                last = run(*args, "--resume")
                assert last.returncode == 5, (kind, share, last.stderr)
                assert contents(place) == contents(whole), f"{kind}, {share}: other bytes"
                ways.add("a small file system" if mounted else "a limit on files")
            count += 1
    print(f"{count} disks full at {', '.join(f'{share:.0%}' for share in _ROOMS)} of what is needed ({', '.join(ways)})")
    print("  each was told, and went on to the same bytes with room")
    if Path("/dev/full").exists():
        with Path("/dev/full").open("wb") as stream:
            done = subprocess.run(command(source, "-q"), cwd=ROOT, stdout=stream, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done
        print("stdout that takes nothing: exit 2, no traceback")


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
    files = folder / "files"
    files.mkdir()
    dice, made = random.Random(1000), Cohort()
    yaml = [path.read_bytes() for path in sorted((ROOT / "examples").glob("*.yaml"))]
    for number in range(count):
        form = dice.choice(FORMS)
        case = made.case(number)
        raw = dice.choice(yaml) if form.startswith("yaml") else json.dumps(case).encode()
        (files / f"{number:05d}-a.{form}").write_bytes(broken(raw if form != "csv" else b"id,as_of\n1,2026-12-01\n", dice))
        (files / f"{number:05d}-b.json").write_text(json.dumps({"id": f"good-{number}", **case}), encoding="utf-8")
    done = run(files, "-o", folder / "out", "--workers", 2)
    found = [json.loads(line) for line in (folder / "out").read_text(encoding="utf-8").splitlines()]
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert [case["case"] for case in found] == list(range(1, len(found) + 1))
    planned = [case["case_id"] for case in found if str(case.get("case_id")).startswith("good-")]
    assert planned == [f"good-{number}" for number in range(count)], "a neighbour is lost"
    assert not [e for case in found for e in case.get("errors", ()) if e["code"] == "internal"]
    failed = sum(case["status"] == "error" for case in found)
    assert f"{len(found)} cases in, {len(found) - failed} plans and {failed} errors out." in done.stderr
    sources = {case["source"] for case in found}
    silent = [path.name for path in sorted(files.iterdir()) if str(path) not in sources]
    told = re.search(r"(\d+) of \d+ sources hold no case", done.stderr)
    assert int(told[1] if told else 0) == len(silent), "a file without a case is not told of"
    print(f"{count} broken files among {count} good ones: no traceback, every neighbour planned, {len(found)} results")
    print(
        f"  {failed} errors told, {len(silent)} files told to hold no case any more, {len(found) - failed - count} still a case"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    files = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    for work in (lambda at: kills(count, at), full_disk, lambda at: fuzzed(files, at)):
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            work(Path(folder))
            print(f"  ({time.perf_counter() - begin:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
