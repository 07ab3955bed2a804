"""Case files with one defect each: the place, the field, the code and the words of the error, and nothing else.

The first lines of each file of `bad/` say what is expected: `# expect LINE:COL FIELD CODE words` (`-` for no field).
A file with several lines has several defects, and all of them are told at once.
"""

import copy
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples, shipped_knowledge
from dmcli import yamlfile
from dmcli.case.model import Case
from dmcli.case.read import read_case
from dmcli.errors import InvalidCase, Problem

Call = Callable[..., tuple[int, str, str]]
FOLDER = Path(__file__).parent / "bad"
FILES = sorted(FOLDER.glob("*.yaml"))
AS_OF = date(2026, 12, 1)
_EXPECT = re.compile(r"# expect (\d+):(\d+) (\S+) (\S+) (.+)")


class Expected(NamedTuple):
    line: int
    col: int
    field: str
    code: str
    words: str


def expected(text: str) -> list[Expected]:
    found = [_EXPECT.fullmatch(line) for line in text.splitlines() if line.startswith("# expect")]
    assert found
    assert all(found), text
    return [Expected(int(m[1]), int(m[2]), "" if m[3] == "-" else m[3], m[4], m[5]) for m in found if m]


def read(text: str, path: str = "case.yaml", today: date | None = AS_OF, as_of: date | None = None) -> Case:
    return read_case(yamlfile.parse(text, path), shipped_knowledge(), as_of, today)


def problems(text: str, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(InvalidCase) as caught:
        read(text, **options)
    return caught.value.problems


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_the_error_has_its_place_field_code_and_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wanted = expected(text)
    found = problems(text, path=path.name)
    assert [(p.line, p.col, p.field, p.code) for p in found] == [(e.line, e.col, e.field, e.code) for e in wanted], [
        str(p) for p in found
    ]
    for problem, e in zip(found, wanted, strict=True):
        assert e.words in problem.text
        shown = f"{path.name}:{e.line}:{e.col}: " + (f"{e.field}: " if e.field else "")
        assert str(problem) == shown + problem.text
        assert len(str(problem)) < 1000
        assert "\n" not in str(problem)


def test_there_are_enough_bad_files_of_every_code() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    assert sum(len(expected(text)) == 1 for text in texts) >= 45
    codes = {e.code for text in texts for e in expected(text)}
    assert codes == {
        "unknown_key", "duplicate_key", "anchor", "merge_key", "tag", "key", "too_deep", "syntax", "empty", "type", "code",
        "range", "not_finite",
        "unit", "unknown_therapy", "missing", "dose", "date", "future", "stop_before_start", "before_start", "after_stop", "overlapping_courses", "contradiction",
    }  # fmt: skip


CASE = """
as_of: 2026-12-01
patient: {age: 45, sex: female, weight_kg: 70}
disease: {subtype: classic, skin_active: true, muscle: none}
"""


@pytest.mark.parametrize(
    "text",
    [
        "patient: {weight_kg: 30}", "patient: {weight_kg: 300}", "patient: {age: 0}", "patient: {age: 120}",
        "scores: [{cdasi_activity: 100}]",
        "patient: {weight: 154 lb}", "facts: {egfr: {value: 88, unit: mL/min/1.73m2}}", "facts: {itch: {value: 7}}",
        "labs: [{egfr: '88'}]",
        "facts: {pregnancy: NO}", "facts: {pregnancy: 'yes'}", "facts: {pregnancy: unknown}", "facts: {pregnancy: OFF}",
        "facts: {pregnancy: }",
        "facts: {smoker: Former}", "disease: {subtype: drug-induced}", "id: 17", "id: ~", "patient: {}", "patient:",
        "treatments: []", "treatments:",
        "treatments: [{therapy: MTX}]", "treatments: [{therapy: CellCept}]", "treatments: [{therapy: ciclosporin}]",
        "treatments: [{therapy: Hcq, weeks: 0}]",
        "treatments: [{therapy: mtx, start: 2026-12-01}]", "treatments: [{therapy: mtx, start: 2026-12}]",
        "treatments: [{therapy: mtx, start: 2026}]",
        "treatments: [{therapy: mtx, start: -13w, stop: -0d}]",
        "treatments: [{therapy: mtx, start: 2026-06-01, stop: 2026-06-01}]",
        "treatments: [{therapy: mtx, start: 2026-06-15, stop: 2026-06}]",
        "treatments: [{therapy: ivig, start: 2026-06-15, given: [{date: 2026-06, dose: 70 g}]}]",
        "other_drugs: [prednisone]", "other_drugs: []", "other_drugs: [{name: something new}]",
        "calcinosis: {present: yes, size: large}",
        "patient: {sex: female}\nfacts: {pregnancy: true, planning_pregnancy: true}",
        "patient: {sex: male}\nfacts: {pregnancy: false, partner_planning: true}",
        "facts: {pregnancy: true}", "patient: {sex: unknown}\nfacts: {pregnancy: true}",
        "treatments: [{therapy: ivig, stop: 2026-11-01}]\naccess: {declined: [ivig]}",
        "treatments: [{therapy: ivig}]\naccess: {declined: [mmf]}",
        "disease: {skin_active: true}\ntreatments: [{therapy: mtx, outcome: near_complete}]",
        "disease: {skin_active: false}\ntreatments: [{therapy: mtx, outcome: complete}]",
        "disease: {skin_active: true}\ntreatments: [{therapy: mtx, outcome: complete, stop: 2026-06}]",
        "disease: {skin_active: true}\ntreatments: [{therapy: mtx, outcome: complete, indication: muscle}]",
        "disease: {subtype: amyopathic, muscle: none}", "disease: {subtype: amyopathic, muscle: controlled}",
        "disease: {subtype: classic, muscle: refractory}",
        "disease: {subtype: amyopathic}", "disease: {muscle: active}",
        "disease: {skin_active: false}\nscores: [{date: 2026-11-03, cdasi_activity: 4}]",
        "disease: {skin_active: false}\nscores: [{date: 2026-11-02, cdasi_activity: 30}]",
        "disease: {skin_active: true}\nscores: [{date: 2026-11-03, cdasi_activity: 30}]",
    ],
)  # fmt: skip
def test_the_other_side_of_each_limit_is_no_error(text: str) -> None:
    assert isinstance(read(f"as_of: 2026-12-01\n{text}\n"), Case)


@pytest.mark.parametrize(
    ("given_on", "wrong"),
    [("2026-11-02", False), ("2026-11-03", True), ("2026-11", True), ("-28d", True), ("-29d", False), ("-4w", True)],
)
def test_a_quiet_skin_and_a_score_contradict_within_28_days(given_on: str, wrong: bool) -> None:
    text = f"as_of: 2026-12-01\ndisease: {{skin_active: no}}\nscores: [{{date: {given_on}, cdasi_activity: 4.1}}]\n"
    found = [p.code for p in problems(text)] if wrong else read(text).stated
    assert found == ["contradiction"] if wrong else "cdasi_activity" in found


def test_a_bad_as_of_date_makes_no_other_date_wrong() -> None:
    text = "as_of: 2026-02-30\ntreatments: [{therapy: mtx, start: 2026-01-01, stop: 2026-02-01}]\n"
    assert [(p.field, p.code) for p in problems(text, today=date(2020, 1, 1))] == [("as_of", "date")]


def test_the_as_of_date_that_is_asked_for_wins_over_the_file() -> None:
    text = "as_of: 2026-12-01\ntreatments: [{therapy: mtx, start: 2026-11-01}]\n"
    assert read(text, as_of=date(2026, 11, 1)).as_of == date(2026, 11, 1)
    assert [p.code for p in problems(text, as_of=date(2026, 10, 31))] == ["future"]


def test_without_any_as_of_date_there_is_an_error_and_with_today_it_is_known_as_assumed() -> None:
    assert [(p.field, p.code) for p in problems("patient: {age: 45}\n", today=None)] == [("as_of", "missing")]
    case = read("patient: {age: 45}\n", today=date(2026, 5, 1))
    assert (case.as_of, case.as_of_stated) == (date(2026, 5, 1), False)


def test_courses_of_one_therapy_do_not_overlap() -> None:
    text = "as_of: 2026-12-01\ntreatments:\n  - {therapy: mtx, start: 2026-01-01, stop: 2026-06-01}\n"
    text += "  - {therapy: methotrexate, start: 2026-05-01}\n"
    (problem,) = problems(text)
    assert (problem.line, problem.field, problem.code) == (4, "treatments[1].start", "overlapping_courses")
    assert read(text.replace("start: 2026-05-01", "start: 2026-06-01")).courses[1].running
    # A coarse date overlaps only where every day in it does.
    assert read(text.replace("start: 2026-05-01", "start: 2026-06")).courses[1].running
    assert [p.code for p in problems(text.replace("start: 2026-05-01", "start: 2026-05"))] == ["overlapping_courses"]
    assert read(text.replace("therapy: methotrexate", "therapy: mmf")).courses[1].running


def test_what_was_given_lies_within_its_course() -> None:
    text = "as_of: 2026-12-01\ntreatments:\n  - {therapy: ivig, start: 2026-03-01, stop: 2026-09-01, given: [{date: DAY, dose: 70 g}]}\n"
    assert [p.code for p in problems(text.replace("DAY", "2026-02-28"))] == ["before_start"]
    assert [p.code for p in problems(text.replace("DAY", "2026-09-02"))] == ["after_stop"]
    for day in ("2026-03-01", "2026-09-01", "2026-03"):
        assert len(read(text.replace("DAY", day)).courses[0].given) == 1


def test_hostile_text_is_quoted_short_and_harmless() -> None:
    hostile = "[bold red]\\e[31m\\u202e\\n\\a" + "x" * 5000
    text = f'as_of: 2026-12-01\npatient: {{age: "{hostile}"}}\n'
    text += f'treatments: [{{therapy: "{hostile}", dose: "{hostile}", start: "{hostile}", outcome: "{hostile}"}}]\n'
    found = problems(text)
    # A dose that is not understood is no error.
    assert len(found) == 4
    for problem in found:
        assert "[bold red]" in problem.text
        assert "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" not in problem.text
        assert problem.text.isprintable()


def test_an_error_never_echoes_the_rest_of_the_case() -> None:
    secret = "id: secret-patient-name\nas_of: 2026-12-01\nfacts: {pregnacy: no}\nother_drugs: [{name: secret-drug}]\n"
    (problem,) = problems(secret)
    assert "secret" not in str(problem)


# Whatever plain data stands in a file, the answer is a case or a list of problems with places, never another failure.
_KEYS = st.sampled_from([
    "id", "as_of", "patient", "disease", "scores", "treatments", "other_drugs", "labs", "facts", "access", "calcinosis", "age",
    "sex",
    "weight_kg", "weight", "skin_active", "cdasi_activity", "egfr", "date", "value", "unit", "therapy", "dose", "start", "stop",
    "weeks",
    "outcome", "relapse", "after", "given", "steps", "courses", "declined", "name", "pregnancy", "smoker", "present", "size",
    "reason",
    "scope", "trial_accepted", "x",
])  # fmt: skip
_WORDS = st.sampled_from([
    "methotrexate", "ivig", "yes", "unknown", "2026-12-01", "2026-11", "2027", "-13w", "complete", "relapse", "intolerance",
    "male",
    "amyopathic", "active", "kg", "20 mg weekly", "1:30", "[bold]", "70kg", "agent", "failure",
])  # fmt: skip
_LEAVES = st.none() | st.booleans() | st.integers(-5, 10**17) | st.floats() | st.text(max_size=8) | _WORDS
_DATA = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=25
)
_BASE: dict[str, Any] = {
    "as_of": "2026-12-01",
    "patient": {"age": 45, "sex": "female", "weight_kg": 70},
    "disease": {"skin_active": True},
    "scores": [{"date": "2026-11-20", "cdasi_activity": 20}],
    "treatments": [
        {"therapy": "methotrexate", "start": "2026-01", "outcome": "inadequate"},
        {"therapy": "ivig", "given": [{"date": "2026-11-01", "dose": "70 g"}]},
    ],
    "other_drugs": [{"name": "prednisone"}],
    "facts": {"egfr": {"value": 88, "unit": "mL/min", "date": "2026-11-01"}},
    "access": {"declined": ["mmf"]},
    "calcinosis": {"present": True},
}


def _paths(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [where, *(path for key, child in inner for path in _paths(child, (*where, key)))]


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_data_in_any_place_is_a_case_or_problems(data: st.DataObject) -> None:
    case: dict[str, Any] = copy.deepcopy(_BASE)
    where = data.draw(st.sampled_from(_paths(_BASE)[1:]))
    target: Any = case
    for part in where[:-1]:
        target = target[part]
    target[where[-1]] = data.draw(_DATA)
    text = yaml.dump(case, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), allow_unicode=True)
    try:
        found: Case | tuple[Problem, ...] = read(text)
    except InvalidCase as error:
        found = error.problems
    assert isinstance(found, Case) or (found and all(p.line >= 1 and p.col >= 1 and p.code and p.text for p in found))


# --- many mistakes, long echoes


def test_a_file_with_very_many_mistakes_tells_the_first_and_how_many_more(dmcli: Call) -> None:
    course = "  - {therapy: hydroxychloroquine, start: 2026-01-10, stop: 2026-06-01, outcome: inadequate}\n"
    code, out, err = dmcli("plan", "-", stdin=f"as_of: 2026-12-01\ntreatments:\n{course * 200}")
    assert (code, out) == (3, "")
    assert len(err.splitlines()) == 51
    assert err.splitlines()[-1] == "stdin: and 149 more problems; mend these first"
    keys = "".join(f"key{number}: 1\n" for number in range(60))
    code, _, err = dmcli("plan", "-", "-f", "json", stdin=f"as_of: 2026-12-01\n{keys}")
    told = json.loads(err)
    assert (code, len(told), told[-1]["code"]) == (3, 51, "more")


def test_what_nobody_knows_is_quoted_short_and_its_names_are_counted(dmcli: Call) -> None:
    letter = "Dear colleague, Mrs Alpha Beta was seen by us in the clinic on Monday"
    text = f"as_of: 2026-12-01\n{letter}: 1\nfacts: {{'{letter}': true, smoker: '{letter}'}}\n"
    code, _, err = dmcli("plan", "-", stdin=text)
    assert code == 3
    assert "clinic" not in err
    assert all(letter[:37] in line for line in err.splitlines())
    assert re.search(r" and [0-9]+ more \(dmcli facts lists them\)", err)
