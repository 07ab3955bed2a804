"""What dmcli[parquet] adds: Parquet in and out, and record batches to record batches. Run by .ci/thorough by its path."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from cohort import BAD, EXAMPLES, cases, data_of, lines, results, written
from conftest import ROOT, run
from dmcli.batch.arrow import DDL, summaries
from dmcli.batch.parquet import PART_ROWS
from dmcli.batch.writers import COLUMNS
from dmcli.knowledge.model import Knowledge

Call = Callable[..., tuple[int, str, str]]
TABLE = ROOT / "examples" / "registry" / "redcap.csv"
MAP = ROOT / "examples" / "registry" / "redcap.map.yaml"


def test_a_parquet_file_gives_what_the_same_table_as_csv_gives(dmcli: Call, tmp_path: Path) -> None:
    rows = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))
    columns: dict[str, Any] = {name: [row[name] or None for row in rows] for name in rows[0]}
    # Types as an export has them: days, whole numbers, truth.
    columns["asked_on"] = [text and date.fromisoformat(text) for text in columns["asked_on"]]
    columns["age"] = [text and int(text) for text in columns["age"]]
    columns["weight"] = [text and float(text) for text in columns["weight"]]
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "cohort.parquet")
    found = [dmcli("batch", str(path), "--map", str(MAP), "--workers", "1") for path in (TABLE, tmp_path / "cohort.parquet")]
    told = [[{k: v for k, v in r.items() if k not in ("source", "line")} for r in results(out)] for _, out, _ in found]
    assert [code for code, _, _ in found] == [0, 0]
    assert told[0] == told[1]


def test_a_folder_of_parts_is_read_in_their_order_and_what_is_no_parquet_is_an_error(dmcli: Call, tmp_path: Path) -> None:
    for number in range(3):
        table = pyarrow.table({"id": [f"0{number}"], "as_of": ["2026-12-01"]})
        pyarrow.parquet.write_table(table, tmp_path / f"part-{number}.parquet")
    (tmp_path / "part-9.parquet").write_bytes(b"PAR1 and no more")
    code, out, _ = dmcli("batch", str(tmp_path), "--workers", "1")
    assert code == 5
    assert [result.get("case_id") for result in results(out)] == ["00", "01", "02", None]


def test_summaries_as_parquet_are_those_of_the_csv(dmcli: Call, tmp_path: Path) -> None:
    path = tmp_path / "few.ndjson"
    path.write_text("\n".join([*lines(3), BAD]))
    assert dmcli("batch", str(path), "--to", "parquet", "-o", str(tmp_path / "out"), "--workers", "1")[0] == 5
    rows = list(csv.DictReader(dmcli("batch", str(path), "--to", "csv", "--workers", "1")[1].splitlines()))
    assert pyarrow.parquet.read_table(tmp_path / "out").to_pylist() == rows


def test_a_run_that_was_cut_off_goes_on_behind_its_last_part(tmp_path: Path) -> None:
    count = 2 * PART_ROWS + 7
    source = tmp_path / "cohort.ndjson"
    source.write_text("\n".join(json.dumps({"id": str(number), "as_of": "2026-12-01"}) for number in range(count)))
    command = ["batch", str(source), "--to", "parquet", "-q", "-o"]
    assert run(*command, str(tmp_path / "whole")).returncode == 0
    process = subprocess.Popen([sys.executable, "-m", "dmcli", *command, str(tmp_path / "out")], cwd=ROOT)
    while not (tmp_path / "out.ids").exists():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert run(*command, str(tmp_path / "out"), "--resume").returncode == 0
    names = [path.name for path in sorted((tmp_path / "whole").iterdir())]
    assert len(names) == 3
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_record_batches_become_record_batches_row_by_row(dmcli: Call, knowledge: Knowledge, tmp_path: Path) -> None:
    texts = [*map(json.dumps, cases(4)), BAD, None, EXAMPLES[0].read_text(encoding="utf-8")]
    batches = pyarrow.table({"case": texts, "other": list(range(7))}).to_batches(max_chunksize=3)
    found = pyarrow.Table.from_batches(summaries(batches, knowledge)).to_pylist()
    source = written(tmp_path / "same.ndjson", 4)
    rows = list(csv.DictReader(dmcli("batch", str(source), "--to", "csv", "--workers", "1")[1].splitlines()))
    ignored = ("source", "line")
    assert [{k: v for k, v in row.items() if k not in ignored} for row in found[:4]] == [
        {k: v for k, v in row.items() if k not in ignored} for row in rows
    ]
    assert [row["status"] for row in found[4:6]] == ["error", "error"]
    assert "row 5:1" in found[4]["errors"]
    assert found[6]["case_id"] == data_of(EXAMPLES[0])["id"]
    assert [part.split("`")[1] for part in DDL.split(", ")] == list(COLUMNS)


@pytest.mark.parametrize("as_of", [date(2026, 12, 2)])
def test_the_day_may_be_given_for_all_rows(knowledge: Knowledge, as_of: date) -> None:
    batch = pyarrow.record_batch({"text": [json.dumps(next(cases(1)))]})
    assert next(summaries([batch], knowledge, column="text", as_of=as_of)).to_pylist()[0]["as_of"] == "2026-12-02"
