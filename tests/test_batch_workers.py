"""Several workers of a batch, some of which die; the ids met so far; the sources and documents it is fed from."""

import io
import multiprocessing
import os
import pty
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort import written
from conftest import ROOT, examples
from dmcli.batch.documents import json_values, lines_of_json, told_by_content, yaml_documents
from dmcli.batch.entries import Entry
from dmcli.batch.idents import Idents
from dmcli.batch.outcomes import Question, outcome
from dmcli.batch.reading import Meter, entries
from dmcli.batch.shards import Shard, parse
from dmcli.batch.sources import Source
from dmcli.batch.workers import chunks, planned
from dmcli.cli.batch_progress import Line
from dmcli.errors import DmcliError
from dmcli.knowledge.model import Knowledge


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    path = written(tmp_path_factory.mktemp("cohort") / "cohort.ndjson", 40, bad_every=9)
    return list(entries([Source(str(path), "ndjson")]))


def test_a_worker_that_dies_loses_no_case(cohort: list[Entry], knowledge: Knowledge) -> None:
    found = planned(iter(cohort), Question(), knowledge, 2)
    results = list(islice(found, 3))
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    results += found
    assert results == [outcome(entry, Question(), knowledge) for entry in cohort]
    assert multiprocessing.active_children() == []


def test_workers_that_die_again_and_again_end_the_run(
    cohort: list[Entry], knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcli.batch.workers.pickle.dumps", lambda *_: b"nothing a worker can read")
    with pytest.raises(DmcliError, match="workers died over the same cases"):
        list(planned(iter(cohort), Question(), knowledge, 2))


def test_chunks_are_bounded_and_are_all_of_it(cohort: list[Entry]) -> None:
    found = list(chunks(cohort))
    assert [entry for chunk in found for entry in chunk] == cohort
    assert max(map(len, found)) == 16


@given(st.lists(st.one_of(st.integers(0, 3), st.integers(0, 2**64 - 1)), max_size=200))
def test_idents_are_a_set(hashes: list[int]) -> None:
    idents, seen = Idents(), set[int]()
    for ident in hashes:
        assert idents.add(ident) is (ident == 0 or ident not in seen)
        seen.add(ident)


def test_many_idents() -> None:
    idents = Idents(range(1, 3000))
    assert not any(idents.add(ident) for ident in range(1, 3000))
    assert all(idents.add(ident << 32) for ident in range(1, 3000))


@pytest.mark.parametrize("count", [0, 1, 7])
def test_shards_take_every_entry_once(count: int, cohort: list[Entry]) -> None:
    some = cohort[:count]
    shards = [Shard(part, 3) for part in (1, 2, 3)]
    numbered = [(shard.number(at), entry) for shard in shards for at, entry in enumerate(shard.entries(some))]
    assert sorted(numbered, key=lambda item: item[0]) == list(enumerate(some, 1))
    assert list(Shard(2, 3).entries(cohort, 1)) == cohort[4::3]
    assert parse("2/3") == Shard(2, 3)


def contents(found: object) -> list[tuple[object, int]]:
    return [(entry.content, entry.place.line) for entry in found]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\n", [("a: 1\n", 1)]),
        ("---\na: 1\n---\nb: 2\n", [("---\na: 1\n", 1), ("---\nb: 2\n", 3)]),
        ("# head\n\n---\na: 1\n...\n---\n", [("---\na: 1\n...\n", 3)]),
        ("a: |\n  x\n ---\n---\n---\nb: 1", [("a: |\n  x\n ---\n", 1), ("---\n", 4), ("---\nb: 1", 5)]),
        ("--- {a: 1}\n---x: 1\n", [("--- {a: 1}\n---x: 1\n", 1)]),
        ("", [("", 1)]),
        ("# only this\n", [("# only this\n", 1)]),
    ],
)
def test_documents_of_yaml(text: str, told: list[tuple[str, int]]) -> None:
    assert contents(yaml_documents(io.BytesIO(text.encode()), "x.yaml")) == told


@given(
    st.lists(
        st.dictionaries(st.text(max_size=3), st.one_of(st.text(max_size=5), st.integers(), st.lists(st.booleans())), max_size=3)
    ),
    st.integers(0, 2),
)
def test_the_values_of_an_array_are_taken_out_as_they_stand(values: list[object], indent: int) -> None:
    import json

    text = json.dumps(values, indent=indent or None, ensure_ascii=False)
    found = list(json_values(io.BytesIO(text.encode()), "x.json"))
    assert [json.loads(str(entry.content)) for entry in found] == values
    lines = text.split("\n")
    for entry in found:
        assert lines[entry.origin.above][entry.origin.left :].startswith(str(entry.content).partition("\n")[0])


@given(st.binary(max_size=120))
def test_no_bytes_end_a_run(raw: bytes) -> None:
    for reader in (yaml_documents, json_values, lines_of_json):
        for entry in reader(io.BytesIO(raw), "x"):
            assert entry.problems or isinstance(entry.content, str)
    assert told_by_content(raw) in ("yaml", "json", "ndjson")


@pytest.mark.parametrize("form", ["csv", "tsv", "yaml", "json", "ndjson"])
@given(raw=st.binary(max_size=120))
def test_no_file_ends_a_run(form: str, raw: bytes, knowledge: Knowledge) -> None:
    source = Source("-", form)
    for entry in islice(entries([source], io.BytesIO(raw)), examples(3)):
        found = outcome(entry, Question(), knowledge)
        assert "internal" not in {problem.code for problem in found.problems}


def test_the_line_tells_what_share_of_the_input_is_read_and_the_time_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((10.0, 10.0, 11.0, 12.0))
    monkeypatch.setattr("dmcli.cli.batch_progress.time.monotonic", lambda: next(clock))
    meter = Meter(())
    meter.whole = 1000
    line = Line(meter)
    for read in (0, 100, 400):
        meter.read = read
        line.step()
    told = capsys.readouterr().err
    assert "3 cases, 2/s" in told
    assert "40 %, " in told
    assert ", 3 s left" in told


def test_a_terminal_sees_how_far_it_is_and_then_tables(tmp_path: Path) -> None:
    path = written(tmp_path / "cohort.ndjson", 40, bad_every=9)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "dmcli", "batch", str(path), "-o", str(tmp_path / "out"), "--workers", "1"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "100"})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # the other side is closed
    os.close(ours)
    assert process.wait() == 5
    text = shown.decode()
    assert "cases, " in text
    assert "/s" in text
    assert "Cases by status" in text
    assert "40 cases in, 36 plans and 4 errors out." in text
