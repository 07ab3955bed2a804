"""A batch at several sizes: cases a second, processor time a case, the largest memory, and what two workers bring.

    python benchmarks/batch.py [COUNT...]        default 1,000 and 10,000 cases

The cohort is made of the shipped examples with ages and ids of their own; a run reads NDJSON and writes NDJSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dmcli import yamlfile  # noqa: E402


def cohort(path: Path, count: int) -> None:
    bases: list[dict[str, Any]] = [
        yamlfile.parse(file.read_text(encoding="utf-8"), file.name).data for file in sorted((ROOT / "examples").glob("*.yaml"))
    ]
    with path.open("w", encoding="utf-8") as stream:
        for number in range(count):
            base = bases[number % len(bases)]
            case = {**base, "id": f"c{number:07d}", "patient": {**base["patient"], "age": 30 + number % 50}}
            stream.write(json.dumps(case) + "\n")


def measured(*args: object) -> tuple[float, float, float]:
    """Seconds, processor seconds of the run and its workers, and the largest memory of one of them in MB."""
    command = [sys.executable, "-m", "dmcli", "batch", *map(str, args), "-q"]
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=dict(os.environ))
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.returncode
    return time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [1_000, 10_000]
    print(f"{'cases':>9} {'detail':8} {'workers':>7} {'cases/s':>8} {'CPU ms a case':>14} {'MB':>5}")
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            source = Path(folder) / f"{count}.ndjson"
            cohort(source, count)
            seconds: dict[tuple[str, int], float] = {}
            for detail, workers in (("summary", 1), ("summary", 2), ("plan", 1)):
                wall, cpu, memory = measured(source, "--detail", detail, "--workers", workers, "-o", Path(folder) / "out")
                seconds[detail, workers] = wall
                rate, each = count / wall, 1000 * cpu / count
                print(f"{count:9} {detail:8} {workers:7} {rate:8.0f} {each:14.2f} {memory:5.0f}", flush=True)
            print(f"{count:9} two workers are {seconds['summary', 1] / seconds['summary', 2]:.2f} times one", flush=True)


if __name__ == "__main__":
    main()
