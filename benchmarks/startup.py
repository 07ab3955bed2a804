"""Cold start of the program as a ratio to importing what it is built with, measured in one run.

    python benchmarks/startup.py [ROUNDS] [--installed]

Prints ratios, never bare times: the machine may be slow or busy. Beside the ratio of the times that passed stands that of the
processor's, which what else runs disturbs less. The first plan of a machine compiles the knowledge, unless it came compiled
with the program; it is shown apart, with and without any bytecode. `--installed` runs the program as it is installed for
this Python, from elsewhere.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CASE = str(ROOT / "examples" / "ivig-start.yaml")
REFERENCE = [sys.executable, "-c", "import typer, rich.console, rich.table, pydantic, yaml; from pydantic import BaseModel"]
PROGRAM = [sys.executable, "-m", "dmcli"]


class Seconds(NamedTuple):
    """What passed, and what the processor worked."""

    passed: float = float("inf")
    worked: float = float("inf")

    def least(self, other: "Seconds") -> "Seconds":
        return Seconds(min(self.passed, other.passed), min(self.worked, other.worked))

    def beside(self, other: "Seconds") -> str:
        return f"{self.passed / other.passed:5.2f} of the reference, {self.worked / other.worked:5.2f} of its processor time"


def worked_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def seconds(command: list[str], environment: dict[str, str], folder: str) -> Seconds:
    begin, before = time.perf_counter(), worked_by_children()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, env=environment)
    return Seconds(time.perf_counter() - begin, worked_by_children() - before)


def bare_seconds(command: list[str], environment: dict[str, str], folder: str) -> Seconds:
    """The first run of all on a machine: nothing is kept yet."""
    with tempfile.TemporaryDirectory() as fresh:
        return seconds(command, {**environment, "XDG_CACHE_HOME": fresh, "PYTHONPYCACHEPREFIX": fresh}, folder)


def main() -> None:
    given = [word for word in sys.argv[1:] if word != "--installed"]
    rounds = int(given[0]) if given else 15
    with tempfile.TemporaryDirectory() as cache:
        # As installed programs run: bytecode is kept, whatever this shell says.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"XDG_CACHE_HOME": cache, "PYTHONPYCACHEPREFIX": cache}
        commands = {
            "reference": REFERENCE,
            "plan --format json": [*PROGRAM, "plan", CASE, "--format", "json"],
            "plan (text)": [*PROGRAM, "plan", CASE],
            "--version": [*PROGRAM, "--version"],
            "--help": [*PROGRAM, "--help"],
        }
        folder = cache if "--installed" in sys.argv else str(ROOT)
        bare = [bare_seconds(commands[name], environment, folder) for name in ("plan --format json", "reference")]
        for name in ("--version", "--help", "reference"):
            seconds(commands[name], environment, folder)
        seconds(commands["plan --format json"], {**environment, "XDG_CACHE_HOME": f"{cache}/other"}, folder)
        # Its bytecode is there by now, its knowledge is not kept.
        first = seconds(commands["plan --format json"], environment, folder)
        best = dict.fromkeys(commands, Seconds())
        # Interleaved, so that a busy moment of the machine hits all of them.
        for _ in range(rounds):
            for name, command in commands.items():
                best[name] = best[name].least(seconds(command, environment, folder))
        reference = best["reference"]
        for name, value in best.items():
            print(f"{name:20} {value.beside(reference)}")
        print(f"{'first plan, no cache':20} {first.beside(reference)}")
        print(f"{'  nor any bytecode':20} {bare[0].beside(bare[1])}, without any either")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest memory of any of them: {peak:.0f} MB")


if __name__ == "__main__":
    main()
