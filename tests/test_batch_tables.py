"""Tables as input of a batch: what a column map makes of them, read as text, each patient once."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cohort import results
from conftest import ROOT
from dmcli.batch.columns import read_map
from dmcli.batch.entries import Entry
from dmcli.batch.reading import entries
from dmcli.batch.sources import Source
from dmcli.yamlfile import Document

Call = Callable[..., tuple[int, str, str]]
TABLE = ROOT / "examples" / "registry" / "redcap.csv"
MAP = ROOT / "examples" / "registry" / "redcap.map.yaml"


def read(path: Path, columns: str | None = None) -> list[Entry]:
    given = None if columns is None else read_map(columns, "map.yaml")
    return list(entries([Source(str(path), path.suffix[1:])], columns=given))


def data(entry: Entry) -> Any:
    assert isinstance(entry.content, Document), entry.problems
    return entry.content.data


def problems(entry: Entry) -> list[str]:
    found = entry.content.problems if isinstance(entry.content, Document) else entry.problems
    return [str(problem) for problem in found]


def test_the_example_is_a_registry_with_its_map() -> None:
    first, second, third = map(data, read(TABLE, MAP.read_text()))
    assert (first["id"], first["patient"]["sex"], second["patient"]["age"]) == ("0017", "female", 61)
    assert [course["therapy"] for course in first["treatments"]] == ["hydroxychloroquine", "methotrexate"]
    assert first["treatments"][1]["dose"] == "20 mg weekly"
    assert [score["date"] for score in first["scores"]] == ["2026-09-02", "2026-11-20"]
    assert first["labs"] == [{"date": "2026-11-20", "egfr": 88}], "a visit without a result is no laboratory day"
    assert "facts" not in first, "a box that is not ticked is unknown"
    assert second["facts"] == {"diabetes": "yes"}
    assert third["access"]["declined"] == ["ivig"]


def test_the_example_is_planned_as_the_same_cases_in_files(dmcli: Call, tmp_path: Path) -> None:
    code, out, _ = dmcli("batch", str(TABLE), "--map", str(MAP), "--detail", "plan", "--workers", "1")
    assert code == 0
    for entry, line in zip(read(TABLE, MAP.read_text()), results(out), strict=True):
        (tmp_path / "case.json").write_text(json.dumps(data(entry)))
        assert json.loads(dmcli("plan", str(tmp_path / "case.json"), "--format", "json")[1]) == line


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_everything_is_text_first(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / ("t.tsv" if delimiter == "\t" else "t.csv")
    rows = [["id", "patient.age", "disease.muscle"], ["007", "52", "none"], ["1e5", "", ""], ["NaN", "61", ""]]
    path.write_bytes("\ufeff".encode() + b"\r\n".join(delimiter.join(row).encode() for row in rows))
    assert [data(entry) for entry in read(path)] == [
        {"id": "007", "patient": {"age": 52}, "disease": {"muscle": "none"}},
        {"id": "1e5"},
        {"id": "NaN", "patient": {"age": 61}},
    ]


def test_rows_that_stand_apart_are_errors_of_that_patient_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,treatments.therapy\n1,mmf\n2,ivig\n1,ivig\n,mmf\n")
    first, second, again, nobody = read(path)
    assert "do not stand together" in problems(first)[0]
    assert "do not stand together" in problems(again)[0]
    assert data(second)["treatments"] == [{"therapy": "ivig"}]
    assert "nothing says whose row this is" in problems(nobody)[0]


def test_what_is_wrong_is_told_at_its_line_and_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"id,age,sex\n1,52,3\n2,52\n3,52,1\n3,53,1\n4,\xff,1\n5,40,1\n")
    columns = "schema: dmcli.map/1\npatient: id\ncolumns:\n  id: id\n  age: patient.age\n  sex: {field: patient.sex, values: {1: female}}\n"
    code, width, twice, encoding, good = read(path, columns)
    assert problems(code) == [f"{path}:2:3: patient.sex: '3' has no term in the map, which knows 1; add it, ~ for unknown"]
    assert problems(width) == [f"{path}:3:1: the row has 2 cells and the header 3; mend it"]
    assert problems(twice) == [f"{path}:5:2: patient.age: '53' contradicts '52' of line 4; one of them is wrong"]
    assert "is not UTF-8" in problems(encoding)[0]
    assert data(good)["patient"] == {"age": 40, "sex": "female"}


def test_several_courses_in_one_row(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,a_dose,b_dose\n1,20 mg weekly,\n2,,1 g twice daily\n3,15 mg weekly,2 g daily\n")
    columns = """schema: dmcli.map/1
patient: id
columns:
  id: id
  a_dose: {field: 'treatments[a].dose', with: {therapy: methotrexate}}
  b_dose: {field: 'treatments[b].dose', with: {therapy: mycophenolate}}
"""
    assert [[course["therapy"] for course in data(entry)["treatments"]] for entry in read(path, columns)] == [
        ["methotrexate"], ["mycophenolate"], ["methotrexate", "mycophenolate"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,id\n1,1\n", "the header names 'id' twice"),
        ("id,bmi\n1,1\n", "nothing says what 'bmi' states"),
        ("facts.diabetes,facts.diabetes.value\nyes,no\n", "is stated by a column as a whole and by another in part"),
        ('id,as_of\n1,"2026\n', "from here on the table cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_error(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    (entry,) = read(tmp_path / "t.csv")
    assert told in problems(entry)[0]


def test_every_fault_of_a_map_is_told_with_its_place(dmcli: Call, tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(
        "patients: x\ncolumns:\n  a: nonsense.age\n  b: {field: patient.age, value: 1}\n  c: {field: patient.age, with: {a: 1}}\n"
    )
    code, out, err = dmcli("batch", str(TABLE), "--map", str(path))
    assert (code, out) == (3, "")
    for told in (
        "1:1: patients: unknown key",
        "schema: the map does not say",
        "'nonsense.age' is no field",
        "b.value: unknown key",
        "c.with: only",
    ):
        assert told in err


def test_a_template_is_a_table_that_can_be_read(dmcli: Call, tmp_path: Path) -> None:
    out = tmp_path / "cohort.csv"
    assert dmcli("batch", "--template", "csv", "-o", str(out))[0] == 0
    header = next(csv.reader(io.StringIO(out.read_text())))
    row = {"id": "01", "as_of": "2026-12-01", "patient.age": "52", "patient.sex": "female", "treatments.therapy": "mmf"}
    with out.open("a") as stream:
        csv.writer(stream).writerow([row.get(name, "") for name in header])
    plain = dmcli("batch", str(out), "--workers", "1")
    mapped = dmcli("batch", str(out), "--map", str(tmp_path / "cohort.map.yaml"), "--workers", "1")
    assert plain == mapped
    assert (plain[0], results(plain[1])[0]["case_id"]) == (0, "01")
    assert dmcli("batch", "--template", "csv")[1].startswith("# id,as_of,")
