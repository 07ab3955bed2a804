"""Many cases from NDJSON to NDJSON: rates, multiples of the floor, what two workers bring, and growth with the number.

    python benchmarks/batch.py [--cases N]          rates of N cases (2,000), growth to 10,000
    python benchmarks/batch.py --growth 10000 100000 1000000     growth alone, to a million cases (an hour or two)

A rate is that of one core: cases by the processor seconds of the whole program, less those of its start (a run of 40 cases).
The floor is what pydantic takes to parse, validate and dump the same lines (floor.py). `unseen` are cases of which no two
are alike, `repeated` the same 200 over and over (cohorts.py). Other programs on the machine slow everything by up to twice,
the floor as well: quote the multiples, and rates of an idle machine alone.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

from floor import seconds_a_case

from cohorts import ROOT, written
from dmcli import load_knowledge

_START = 40
_STARTER = """
import resource, subprocess, sys, time
begin = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
wall, used = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""
# Enough that the start of the workers does not tell.
_BOTH = 10_000
DETAILS = {"summary": 1500, "plan": 300}


class Used(NamedTuple):
    """Wall and processor seconds of a run and its workers, and the largest memory of one of them in MB."""

    wall: float
    cpu: float
    memory: float


def measured(*args: object, stdin: IO[bytes] | None = None) -> Used:
    """A run that has to end well; a case that is refused is none of a cohort."""
    command = [sys.executable, "-m", "dmcli", "batch", *map(str, args), "-q"]
    # A process counts as its own the memory of whoever started it: something small starts it, and tells.
    told = subprocess.run(
        [sys.executable, "-S", "-c", _STARTER, *command], cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE, check=True
    )
    return Used(*map(float, told.stdout.split()))


def rates(count: int, folder: Path) -> None:
    """One worker, on cases that are all different and on cases that come again."""
    knowledge = load_knowledge()
    heads = ("cohort", "detail", "cases/s a core", "wanted", "CPU ms a case", "x floor", "start s", "MB")
    print("{:9} {:8} {:>14} {:>7} {:>14} {:>8} {:>8} {:>5}".format(*heads))
    for name in ("unseen", "repeated"):
        source = written(folder / f"{name}.ndjson", count, name == "repeated")
        few = written(folder / "few.ndjson", _START, name == "repeated")
        floor = seconds_a_case(source.read_text(encoding="utf-8").splitlines(), knowledge)
        for detail, wanted in DETAILS.items():
            begun = measured(few, "--detail", detail, "--workers", 1, "-o", folder / "out")
            used = measured(source, "--detail", detail, "--workers", 1, "-o", folder / "out")
            each = (used.cpu - begun.cpu) / (count - _START)
            row = f"{name:9} {detail:8} {1 / each:14.0f} {wanted:7} {1000 * each:14.2f} {each / floor:8.0f}"
            print(f"{row} {begun.cpu:8.2f} {used.memory:5.0f}", flush=True)
        print(f"{name:9} floor    {1 / floor:14.0f} {'':7} {1000 * floor:14.3f} {1:8}", flush=True)


def workers(folder: Path) -> None:
    """Two workers beside one, on the clock."""
    count, source = _BOTH, written(folder / "both.ndjson", _BOTH)
    one, two = (measured(source, "--workers", number, "-o", folder / "out") for number in (1, 2))
    times = f"two workers: {one.wall / two.wall:.2f} times one"
    print(f"{times} ({count / one.wall:.0f} and {count / two.wall:.0f} summaries/s on the clock)")


def growth(counts: list[int]) -> None:
    """Cases from a pipe, so that no file of them has to fit the disk."""
    print(f"{'cases':>9} {'CPU ms a case':>14} {'MB':>5} {'cases/s':>8}")
    for count in counts:
        command = [sys.executable, str(Path(__file__).with_name("cohorts.py")), str(count)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as made:
            used = measured("-", "--from", "ndjson", "--workers", 1, stdin=made.stdout)
        assert made.returncode == 0, made.returncode
        print(f"{count:9} {1000 * used.cpu / count:14.2f} {used.memory:5.0f} {count / used.wall:8.0f}", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description="Rates of dmcli batch.")
    asked.add_argument("--cases", type=int, default=2000, help="of the rates")
    asked.add_argument("--growth", type=int, nargs="+", metavar="COUNT", help="growth to these numbers, and nothing else")
    options = asked.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        # What is compiled and kept on a first run is no part of the figures.
        measured(written(Path(folder) / "few.ndjson", _START), "-o", Path(folder) / "out")
        if not options.growth:
            rates(options.cases, Path(folder))
            workers(Path(folder))
    growth(options.growth or [1_000, 10_000])


if __name__ == "__main__":
    main()
