"""dmcli as a Python library: its few names, cases from every source, errors with their place, no clock, no writing."""

import ast
import datetime
import inspect
import json
import pickle
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import dmcli
import python_page
from conftest import ROOT
from dmcli import yamlfile
from dmcli.interface import load_knowledge, read_case
from test_manners import python

EXAMPLE = ROOT / "examples" / "ivig-start.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
DATA: dict[str, Any] = yamlfile.parse(TEXT, "").data
BARE = {"patient": {"age": 52}}


# --- the names


def test_the_public_names_are_these_and_each_is_there() -> None:
    assert set(dmcli.__all__) == {
        "__version__", "load_knowledge", "read_case", "plan", "as_data", "Plan", "Planner", "Case", "Knowledge",
        "Problem", "DmcliError", "InvalidCase", "InvalidKnowledge",
    }  # fmt: skip
    assert sorted(dmcli.__all__) == dmcli.__all__
    assert set(dmcli.__all__) <= set(dir(dmcli))
    for name in set(dmcli.__all__) - {"__version__", "plan"}:
        found = getattr(dmcli, name)
        assert inspect.getdoc(found), name
    with pytest.raises(AttributeError, match="no attribute 'plans'"):
        dmcli.plans  # noqa: B018


def test_the_types_that_editors_see_are_the_names_that_are_there() -> None:
    from dmcli import _HOMES

    tree = ast.parse((ROOT / "dmcli" / "__init__.py").read_text(encoding="utf-8"))
    told = {
        n.module: tuple(a.name for a in n.names)
        for n in ast.walk(tree)
        if isinstance(n, ast.ImportFrom) and n.module != "importlib"
    }
    assert told == _HOMES
    assert {name for names in _HOMES.values() for name in names} == set(dmcli.__all__) - {"__version__"}
    assert (ROOT / "dmcli" / "py.typed").exists()


def test_importing_the_package_loads_nothing_else() -> None:
    done = python("before = set(sys.modules)\nimport dmcli\nprint(*sorted(set(sys.modules) - before))")
    assert done.stdout.split() == ["dmcli"]


def test_plan_is_the_function() -> None:
    code = "import dmcli\nfrom dmcli import plan\nassert callable(dmcli.plan)\nassert dmcli.plan is plan\nprint(plan.__doc__)"
    done = python(code)
    assert done.stderr == ""
    assert all(word in done.stdout for word in ("horizon_weeks", "YYYY-MM-DD", "Raises ValueError", "unit"))


# --- where a case comes from


@pytest.mark.parametrize(
    "source",
    [str(EXAMPLE), EXAMPLE, TEXT, json.dumps(DATA), DATA, MappingProxyType(DATA)],
    ids=["name", "path", "yaml", "json", "dict", "mapping"],
)
def test_a_file_a_text_and_a_mapping_are_one_case(source: Any, knowledge: dmcli.Knowledge) -> None:
    assert read_case(source, knowledge) == read_case(EXAMPLE, knowledge)


def test_values_of_python_mean_what_they_mean(knowledge: dmcli.Knowledge) -> None:
    from fractions import Fraction

    plain = {"as_of": "2026-12-01", "patient": {"age": 52, "weight_kg": 70.5}, "labs": [{"date": "2026-11-25", "egfr": 88}]}
    rich = {
        "as_of": datetime.datetime(2026, 12, 1, 23, 59),
        "patient": {"age": Fraction(52), "weight_kg": Fraction(141, 2)},
        "labs": ({"date": date(2026, 11, 25), "egfr": 88},),
    }
    assert read_case(rich, knowledge) == read_case(plain, knowledge)


def test_the_argument_wins_over_the_day_of_the_case(knowledge: dmcli.Knowledge) -> None:
    for day in ("2026-12-24", date(2026, 12, 24), datetime.datetime(2026, 12, 24, 8)):
        found = read_case(EXAMPLE, knowledge, as_of=day)
        assert (found.as_of, found.as_of_stated) == (date(2026, 12, 24), True)
        assert type(found.as_of) is date


def test_no_clock_is_read(knowledge: dmcli.Knowledge) -> None:
    with pytest.raises(dmcli.InvalidCase) as caught:
        read_case(BARE, knowledge)
    assert [(p.field, p.code) for p in caught.value.problems] == [("as_of", "missing")]


# --- errors


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"as_of": "2026-12-01", "patient": {"age": float("nan"), "weight_kg": 7}}, [("case", 0, 0, "patient.age", "not_finite"), ("case", 0, 0, "patient.weight_kg", "range")]),
        ({"as_of": "2026-12-01", 3: 4}, [("case", 0, 0, "", "key")]),
        ({"as_of": "2026-12-01", "patient": {"age": object()}}, [("case", 0, 0, "patient.age", "type")]),
        ({"as_of": "2026-12-01", "patient": {"age": {1, 2}}}, [("case", 0, 0, "patient.age", "type")]),
        ("as_of: 2026-12-01\npatient: {age: 7 m}\n", [("case", 2, 11, "patient.age", None)]),
        ("/nowhere/case.yaml", [("/nowhere/case.yaml", 0, 0, "", "unreadable")]),
        ("a\0b", [("a\0b", 0, 0, "", "unreadable")]),
        (ROOT, [(str(ROOT), 0, 0, "", "unreadable")]),
    ],
)  # fmt: skip
def test_every_problem_has_its_place(
    source: Any, told: list[tuple[str, int, int, str, str | None]], knowledge: dmcli.Knowledge
) -> None:
    with pytest.raises(dmcli.InvalidCase) as caught:
        read_case(source, knowledge)
    found = sorted(caught.value.problems)
    assert all(p.text for p in found)
    assert [p[:4] for p in found] == [t[:4] for t in told]
    assert all(t[4] in (None, p.code) for p, t in zip(found, told, strict=True)), found


def test_a_mapping_that_holds_itself_is_refused(knowledge: dmcli.Knowledge) -> None:
    data: dict[str, Any] = {"as_of": "2026-12-01"}
    data["patient"] = data
    with pytest.raises(dmcli.InvalidCase) as caught:
        read_case(data, knowledge)
    assert "too_deep" in {p.code for p in caught.value.problems}


@pytest.mark.parametrize("day", ["2026-02-30", "2026", "-3w", "soon", ""])
def test_a_day_that_is_none_is_refused(day: str, knowledge: dmcli.Knowledge) -> None:
    with pytest.raises(dmcli.InvalidCase) as caught:
        read_case(BARE, knowledge, as_of=day)
    assert [(p.field, p.code) for p in caught.value.problems] == [("as_of", "date")]


def test_a_plan_refuses_what_it_cannot_be_asked(knowledge: dmcli.Knowledge) -> None:
    from conftest import plan_of

    for options, told in (
        ({"horizon_weeks": 0}, "a horizon of 0 weeks"),
        ({"reading": "some"}, "'some' is none of both, either"),
    ):
        with pytest.raises(ValueError, match=told):
            plan_of(DATA, knowledge, **options)


def test_a_planner_gives_the_plans_of_the_function(knowledge: dmcli.Knowledge) -> None:
    plain = knowledge.changed(prepared=None)
    planner = dmcli.Planner(plain)
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        case = read_case(path, plain)
        assert read_case(path, planner.knowledge) == case
        for options in ({}, {"horizon_weeks": 4, "reading": "either", "weekends": True, "start": date(2027, 1, 9)}):
            assert planner.plan(case, **options) == dmcli.plan(case, plain, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a horizon of 0 weeks"):
        planner.plan(case, horizon_weeks=0)
    assert plain.prepared is None
    # Each has what it keeps to itself, also one that is made of the knowledge of another.
    assert dmcli.Planner(planner.knowledge).knowledge.prepared is not planner.knowledge.prepared


def test_a_treatment_under_the_name_of_a_class_takes_the_place_of_no_class(knowledge: dmcli.Knowledge) -> None:
    own = {"therapy": "other", "name": "jak_inhibitor", "weeks": 20, "outcome": "inadequate"}
    facts = {**DATA.get("facts", {}), "thrombosis_recent": True}
    made = dmcli.plan(read_case({**DATA, "facts": facts, "treatments": [*DATA["treatments"], own]}, knowledge), knowledge)
    status = {option.therapy: option.status for option in made.options}
    assert {status[name] for name in ("tofacitinib", "ruxolitinib", "baricitinib")} == {"contraindicated"}


@pytest.mark.parametrize("name", ["pool", "conventional", "jak_inhibitor", "marrow", "cbc"])
def test_what_one_patient_calls_a_treatment_changes_no_other_plan(name: str, knowledge: dmcli.Knowledge) -> None:
    plain = knowledge.changed(prepared=None)
    assert name in (plain.groups.keys() | plain.catalogue.tests.keys())
    failed = {"therapy": "leflunomide", "dose": "20 mg daily", "start": "2026-01-01", "outcome": "inadequate"}
    own = {"therapy": "other", "name": name, "weeks": 20, "outcome": "inadequate"}
    planner = dmcli.Planner(plain)
    planner.plan(read_case({**DATA, "treatments": [*DATA["treatments"], failed, own]}, planner.knowledge))
    after = read_case({**DATA, "treatments": [*DATA["treatments"], failed]}, planner.knowledge)
    assert planner.plan(after) == dmcli.plan(after, plain)


# --- the knowledge


def test_the_knowledge_is_read_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    whole = load_knowledge()
    assert load_knowledge(ROOT / "data").sha256 == whole.sha256
    assert list(tmp_path.iterdir()) == []
    assert load_knowledge(cache=tmp_path / "kept") == whole
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert load_knowledge(cache=str(tmp_path / "kept")) == whole


def test_a_folder_without_knowledge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(dmcli.InvalidKnowledge) as caught:
        load_knowledge(tmp_path)
    assert {Path(p.path).parent for p in caught.value.problems} == {tmp_path}


def test_processes_may_share_what_was_read(knowledge: dmcli.Knowledge) -> None:
    from conftest import plan_of

    for found in (read_case(EXAMPLE, knowledge), plan_of(DATA, knowledge)):
        assert pickle.loads(pickle.dumps(found)) == found
    # Its functions are made anew where it arrives.
    assert pickle.loads(pickle.dumps(knowledge)) == knowledge.changed(prepared=None)


# --- the page


def test_the_page_shows_what_its_examples_print() -> None:
    text = python_page.PAGE.read_text(encoding="utf-8")
    assert len(python_page.blocks(text)) == text.count("```python")
    assert python_page.page(text) == text, "run: python tests/regenerate.py"
