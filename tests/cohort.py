"""Cohorts for the tests of a batch: cases as lines of JSON, good and bad, and what `dmcli plan` says of each."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conftest import ROOT
from dmcli import yamlfile

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
BAD = '{"id": "bad", "as_of": "2026-12-01", "patient": {"age": 400}}'


def data_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yamlfile.parse(path.read_text(encoding="utf-8"), path.name).data
    return found


def cases(count: int) -> Iterator[dict[str, Any]]:
    """Cases that differ, each with an id of its own."""
    bases = [data_of(path) for path in EXAMPLES]
    for number in range(count):
        base = bases[number % len(bases)]
        yield {**base, "id": f"c{number:05d}", "patient": {**base["patient"], "age": 30 + number % 50}}


def lines(count: int, bad_every: int = 0) -> list[str]:
    """The same as lines of JSON; every so manieth is refused."""
    texts = [json.dumps(case) for case in cases(count)]
    return [BAD if bad_every and number % bad_every == bad_every - 1 else text for number, text in enumerate(texts)]


def written(path: Path, count: int, bad_every: int = 0) -> Path:
    path.write_text("\n".join(lines(count, bad_every)) + "\n", encoding="utf-8")
    return path


def results(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]
