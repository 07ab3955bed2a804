"""`dmcli batch`: one result a case, in the order of the input, whatever the case, the source and the number of workers."""

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

import regenerate
from cohort import BAD, EXAMPLES, cases, data_of, lines, results, written
from conftest import ROOT, run
from dmcli.knowledge.model import Knowledge

sys.path.append(str(ROOT / "benchmarks"))
from cohorts import Cohort

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def batch(dmcli: Call) -> Call:
    """A batch within this process, silent unless it is asked."""

    def call(*args: object, stdin: str | bytes = "") -> tuple[int, str, str]:
        return dmcli("batch", "--workers", "1", *map(str, args), stdin=stdin)

    return call


def ids(text: str) -> list[str | None]:
    return [result.get("case_id") for result in results(text)]


def test_every_line_of_a_batch_is_the_plan_of_the_same_case(
    batch: Call, dmcli: Call, knowledge: Knowledge, tmp_path: Path
) -> None:
    made = Cohort(knowledge=knowledge)
    # More than one chunk, so that conditions are asked as functions.
    for number in range(18):
        (tmp_path / f"{number:02d}.json").write_text(json.dumps({"id": f"made-{number}", **made.case(number)}))
    code, out, _ = batch("examples/*.yaml", tmp_path, "--detail", "plan")
    assert code == 0
    paths = [*EXAMPLES, *sorted(tmp_path.iterdir())]
    alone = [json.loads(dmcli("plan", str(path), "--format", "json")[1]) for path in paths]
    assert results(out) == alone


def test_made_cohorts_are_cases_that_differ_and_are_the_same_for_a_seed(batch: Call, knowledge: Knowledge) -> None:
    made = list(Cohort(knowledge=knowledge).lines(60))
    assert made == list(Cohort(knowledge=knowledge).lines(60))
    assert set(made).isdisjoint(Cohort(1, knowledge).lines(60))
    assert len({json.dumps({**json.loads(line), "id": ""}) for line in made}) == 60
    code, out, _ = batch("-", stdin="".join(made))
    assert code == 0
    assert {"recommendation", "continue_current", "no_active_disease", "refer"} <= {line["status"] for line in results(out)}


def test_a_summary_says_what_the_plan_says(batch: Call, dmcli: Call) -> None:
    for path, line in zip(EXAMPLES, results(batch("examples/*.yaml")[1]), strict=True):
        plan = json.loads(dmcli("plan", str(path), "--format", "json")[1])
        assert {key: line[key] for key in ("case_id", "as_of", "status")} == {k: plan[k] for k in ("case_id", "as_of", "status")}
        assert (line["next"] or {}).get("therapy") == (plan["next"] or {}).get("therapy")
        assert [action["therapy"] for action in line["actions"]] == [action["therapy"] for action in plan["actions"]]
        assert line["unknowns"] == [unknown["fact"] for unknown in plan["unknowns"]]
        Draft202012Validator(json.loads(regenerate.SUMMARY_SCHEMA.read_text())).validate(line)
        assert len(json.dumps(line)) < 3000


def test_all_ways_to_write_a_cohort_give_the_same_results(batch: Call, tmp_path: Path) -> None:
    found = list(cases(3))
    texts = [json.dumps(case, indent=1) for case in found]
    (tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, found)))
    (tmp_path / "b.json").write_text("[\n" + ",\n".join(texts) + "\n]\n")
    (tmp_path / "c.yaml").write_text("# three\n---\n" + "\n---\n".join(texts) + "\n---\n")
    (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress("\r\n\r\n".join(map(json.dumps, found)).encode("utf-8-sig")))
    (tmp_path / "e").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "e" / f"{number}.json").write_text(text)
    answers = [batch(tmp_path / name)[1] for name in ("a.ndjson", "b.json", "c.yaml", "d.jsonl.gz", "e")]
    answers += [batch("-", stdin=(tmp_path / name).read_bytes())[1] for name in ("a.ndjson", "b.json", "c.yaml")]
    answers.append(batch(tmp_path / "e" / "*.json")[1])
    same = [[{k: v for k, v in r.items() if k not in ("source", "line")} for r in results(answer)] for answer in answers]
    assert all(len(one) == 3 for one in same)
    assert all(one == same[0] for one in same)


def test_a_folder_is_read_in_the_order_of_its_sorted_paths_and_arguments_as_they_stand(batch: Call, tmp_path: Path) -> None:
    for name in ("b/2.json", "b/1.ndjson", "a.yml", "notes.txt", ".hidden.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps({**data_of(EXAMPLES[0]), "id": name}))
    code, out, err = batch(tmp_path, tmp_path / "a.yml")
    assert (code, ids(out)) == (0, ["a.yml", "b/1.ndjson", "b/2.json", "a.yml"])
    assert "1 files of the folders are left out" in err


def test_a_bad_case_is_a_line_with_its_error_and_its_neighbours_are_planned(batch: Call, tmp_path: Path) -> None:
    texts = lines(8)
    broken = [BAD, "{", "[1]", "nonsense", '{"id": "x"}', "\udcff", '{"a": 1, "a": 2}']
    mixed = [line for pair in zip(texts, broken, strict=False) for line in pair] + texts[-1:]
    source = tmp_path / "mixed.ndjson"
    source.write_bytes("\n".join(mixed).encode("utf-8", "surrogateescape"))
    code, out, err = batch(source, "--errors", tmp_path / "errors.ndjson")
    found = results(out)
    assert code == 5
    assert [r["case"] for r in found] == list(range(1, 16))
    assert [r.get("case_id") for r in found[::2]] == [f"c{n:05d}" for n in range(8)]
    assert {r["status"] for r in found[1::2]} == {"error"}
    assert [r["line"] for r in found] == list(range(1, 16))
    for result in found[1::2]:
        assert all(error["line"] == result["line"] and error["path"] == str(source) for error in result["errors"])
        assert all(error["text"] for error in result["errors"])
        Draft202012Validator(json.loads(regenerate.REFUSED_SCHEMA.read_text())).validate(result)
    assert found[1]["errors"][0]["field"] == "patient.age"
    assert results((tmp_path / "errors.ndjson").read_text()) == found[1::2]
    assert "15 cases in, 8 plans and 7 errors out." in err
    assert "as_of" in found[9]["errors"][0]["field"], "no hidden clock"


def test_the_day_may_be_asked_for_all_cases(batch: Call) -> None:
    case = {k: v for k, v in next(cases(1)).items() if k != "as_of"}
    assert batch("-", stdin=json.dumps(case))[0] == 5
    code, out, _ = batch("-", "--as-of", "2026-12-02", stdin=json.dumps(case))
    assert (code, results(out)[0]["as_of"]) == (0, "2026-12-02")


def test_places_of_later_documents_are_places_in_their_file(batch: Call, tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text("as_of: 2026-12-01\n---\nas_of: 2026-12-01\npatient:\n  age: 400\n  age: 3\n")
    errors = results(batch(path)[1])[1]["errors"]
    assert [(e["line"], e["col"], e["field"]) for e in errors] == [(5, 3, "patient.age"), (6, 3, "patient.age")]
    assert "first on line 5" in errors[1]["text"]
    path = tmp_path / "two.json"
    path.write_text('[{"as_of": "2026-12-01"}, {"as_of": "2026-12-01",\n "patient": {"age": 400}}, {"patien": 1}]')
    errors = [e for r in results(batch(path)[1]) for e in r.get("errors", ())]
    assert [(e["line"], e["col"]) for e in errors if e["code"] in ("range", "unknown_key")] == [(2, 14), (2, 29)]


def test_large_arrays_and_cases_are_refused_with_what_to_do(batch: Call, tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_text("[" + ",".join(lines(1) * 6000) + "]")
    found = results(batch(large)[1])
    assert len(found) == 1
    assert "use NDJSON" in found[0]["errors"][0]["text"]
    long = tmp_path / "long.ndjson"
    long.write_text("x" * 5_000_000 + "\n" + lines(1)[0] + "\n" + "y" * 9_000_001)
    assert [r["status"] == "error" for r in results(batch(long)[1])] == [True, False, True]


def test_a_file_that_is_cut_or_gone_is_an_error_and_the_next_is_read(batch: Call, tmp_path: Path) -> None:
    good = written(tmp_path / "z.ndjson", 2)
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(good.read_bytes())[:-20])
    (tmp_path / "b.json").write_text('[{"as_of": "2026-12-01"}, {"as_of": ')
    (tmp_path / "c.yaml").write_text("# nothing\n")
    found = results(batch(tmp_path)[1])
    assert [r["source"].rpartition("/")[2] for r in found if r["status"] == "error"] == ["a.ndjson.gz", "b.json", "c.yaml"]
    assert [r["case_id"] for r in found[-2:]] == ["c00000", "c00001"]


def test_sources_without_a_case_are_counted(batch: Call, tmp_path: Path) -> None:
    for name, text in (("a.ndjson", "\n\n"), ("b.csv", "id,as_of\n"), ("c.json", "[]"), ("d.ndjson", lines(1)[0]), ("e.csv", "")):
        (tmp_path / name).write_text(text)
    code, out, err = batch(tmp_path)
    assert (code, len(results(out))) == (0, 1)
    assert "4 of 5 sources hold no case" in err


def test_repeated_ids_are_warned_about_without_being_told(batch: Call, tmp_path: Path) -> None:
    path = tmp_path / "twice.ndjson"
    path.write_text("\n".join(lines(3) + lines(1)))
    code, _, err = batch(path)
    assert code == 0
    assert f"{path}:4: case 4: an earlier case has the same id" in err
    assert "1 ids stand more than once" in err
    assert "c0000" not in err


def test_the_report_tells_the_urgent_first_and_ranks_what_is_unknown(batch: Call, tmp_path: Path) -> None:
    urgent = {
        **data_of(EXAMPLES[0]),
        "id": "now",
        "treatments": [{"therapy": "mmf", "start": "2026-01-01", "dose": "1 g twice daily"}],
    }
    urgent["labs"] = [{"date": "2026-11-30", "neutrophils": 0.4}]
    path = tmp_path / "cohort.ndjson"
    path.write_text("\n".join([*lines(7), json.dumps(urgent), BAD]))
    for name in ("r.json", "r.md"):
        assert batch(path, "--report", tmp_path / name)[0] == 5
    report = json.loads((tmp_path / "r.json").read_text())
    schema = json.loads(regenerate.COHORT_SCHEMA.read_text())
    Draft202012Validator(schema).validate(report)
    assert list(report) == list(schema["properties"]) == schema["required"]
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate({**report, "status": {"nothing": 1}})
    assert (report["cases"], report["failed"], sum(report["status"].values())) == (9, 1, 8)
    assert report["urgent"]["cases"] == 1
    assert report["urgent"]["listed"][0]["case"] == 8
    settles = [unknown["settles"] for unknown in report["unknowns"]]
    assert settles == sorted(settles, reverse=True)
    assert settles[0] > 0
    page = (tmp_path / "r.md").read_text()
    assert page.index("Hold, stop or refer today: 1 of 9 cases") < page.index("Cases by status")
    told = batch(path)[2].splitlines()
    assert "Hold, stop or refer today: 1 of 9 cases (case, place, what):" in told
    assert "Unknown facts, by how many patients each would settle (fact, settles, waited for, unknown):" in told
    assert "now" not in " ".join(told).split(), "an id is told nowhere but in the results"


def test_workers_change_neither_results_nor_their_order(tmp_path: Path) -> None:
    path = written(tmp_path / "many.ndjson", 35, bad_every=7)
    alone, several = (run("batch", str(path), "--workers", n, "-q") for n in ("1", "3"))
    assert (alone.returncode, alone.stderr) == (5, "")
    assert (several.returncode, several.stdout, several.stderr) == (5, alone.stdout, "")


def test_shards_are_the_whole_each_case_once(batch: Call, tmp_path: Path) -> None:
    path = written(tmp_path / "many.ndjson", 7)
    whole = results(batch(path)[1])
    parts = [results(batch(path, "--shard", f"{i}/3")[1]) for i in (1, 2, 3)]
    assert sorted((r for part in parts for r in part), key=lambda r: r["case"]) == whole
    assert [len(part) for part in parts] == [3, 2, 2]
    for wrong in ("0/3", "4/3", "1", "a/b"):
        assert batch(path, "--shard", wrong)[0] == 2


def test_a_table_of_summaries_holds_no_formula(batch: Call, tmp_path: Path) -> None:
    path = tmp_path / "formula.ndjson"
    path.write_text(json.dumps({**data_of(EXAMPLES[0]), "id": '=HYPERLINK("x")'}) + "\n" + BAD)
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(batch(path, "--to", "csv")[1])))
    assert rows[0]["case_id"] == '\'=HYPERLINK("x")'
    assert rows[0]["next"]
    assert rows[1]["status"] == "error"
    assert "patient.age" in rows[1]["errors"]


def test_a_folder_of_results_names_no_patient(batch: Call, tmp_path: Path) -> None:
    path = written(tmp_path / "few.ndjson", 2)
    out = tmp_path / "out"
    assert batch(path, "--split", "-o", out, "--detail", "plan")[0] == 0
    assert sorted(p.name for p in out.iterdir()) == ["0000001.json", "0000002.json", "index.csv"]
    assert json.loads((out / "0000002.json").read_text())["case_id"] == "c00001"
    assert "c0000" not in (out / "index.csv").read_text()
    assert batch(path, "--split", "-o", out)[0] == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ([], "no cases"),
        (["nowhere.ndjson"], "there is no such file or folder"),
        (["README.md"], "its name tells no format"),
        (["docs"], "no case is found there"),
        (["examples", "--split"], "name the folder with -o"),
        (["examples", "--to", "csv", "--detail", "plan"], "a whole plan is no row"),
        (["examples", "--report", "r.txt"], ".json or .md"),
        (["examples", "--resume"], "name the cases as files"),
        (["examples", "-o", "examples/ivig-start.yaml"], "must not replace"),
        (["examples", "-o", "x.ndjson", "--errors", "x.ndjson"], "two results"),
        (["examples", "--as-of", "soon"], "not a day"),
    ],
)
def test_what_does_not_go_together_is_refused(batch: Call, args: list[str], told: str) -> None:
    code, out, err = batch(*args)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize(
    ("module", "args"),
    [
        ("pyarrow", ["examples/ivig-start.yaml", "--to", "parquet", "-o", "unwritten"]),
        ("distributed", ["examples/ivig-start.yaml", "--dask", "local"]),
    ],
)
def test_an_extra_that_is_not_installed_is_named(
    batch: Call, monkeypatch: pytest.MonkeyPatch, module: str, args: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    code, out, err = batch(*args)
    assert (code, out) == (2, "")
    assert "install dmcli[" in err


def test_two_runs_never_write_one_file(batch: Call, tmp_path: Path) -> None:
    import fcntl

    path = written(tmp_path / "few.ndjson", 2)
    with (tmp_path / "out.part").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        code, _, err = batch(path, "-o", tmp_path / "out")
    assert (code, "another run writes it" in err) == (2, True)
