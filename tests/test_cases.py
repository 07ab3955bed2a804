"""The clinical specification in `cases/`, one file a therapy or subject: each case planned and held against what it expects."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import as_case, as_case_of_a_file, built_knowledge, each
from dmcli import yamlfile
from dmcli.case.model import Case
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.result.plan import Plan
from expectations import merged, mismatches

FOLDER = Path(__file__).parent / "cases"
KEYS = {"name", "base", "case", "options", "expect"}
# A file is named for its therapy; these hold what is about several therapies or none.
SUBJECTS = {
    "audit",
    "infection",
    "interactions",
    "harmed",
    "holds",
    "limits_antimetabolites",
    "limits_events",
    "limits_jak_ivig",
    "limits_methotrexate",
    "limits_others",
    "limits_pool",
    "limits_shared",
    "limits_start",
    "reproduction",
    "reviews",
    "age",
    "antibodies",
    "antimalarials",
    "background",
    "bases",
    "calcinosis",
    "courses",
    "courses_dose",
    "courses_failed",
    "courses_implied",
    "courses_recorded",
    "courses_relapse",
    "courses_running",
    "derived",
    "gate",
    "jak_inhibitors",
    "labs",
    "on_board",
    "order",
    "quiet",
    "scores",
    "several",
    "status",
    "supportive",
    "weekends",
    "windows",
}


def load(path: Path) -> Any:
    document = yamlfile.parse(path.read_text(encoding="utf-8"), path.name)
    assert not document.problems, document.problems
    return document.data


BASES: dict[str, Any] = load(FOLDER / "bases.yaml")
CASES = [(path.stem, entry) for path in sorted(FOLDER.glob("*.yaml")) if path.name != "bases.yaml" for entry in load(path)]


_PLANS: dict[int, Plan] = {}


def planned(index: int, knowledge: Knowledge) -> Plan:
    """The plan of one case, made once for all tests of a run."""
    if index not in _PLANS:
        _PLANS[index] = made(CASES[index][1], knowledge, as_case)
    return _PLANS[index]


def made(entry: dict[str, Any], knowledge: Knowledge, read: Callable[[dict[str, Any], Knowledge], Case]) -> Plan:
    case = read(merged(BASES[entry.get("base", "refractory")], entry.get("case") or {}), knowledge)
    options = dict(entry.get("options") or {})
    if "start" in options:
        options["start"] = date.fromisoformat(options["start"])
    return plan(case, knowledge, **options)


@pytest.mark.parametrize("index", [pytest.param(i, id=f"{stem}: {e['name']}") for i, (stem, e) in enumerate(CASES)])
def test_case(index: int, knowledge: Knowledge) -> None:
    _, entry = CASES[index]
    assert set(entry) <= KEYS, f"unknown keys {set(entry) - KEYS}"
    assert entry["expect"], "a case expects something"
    wrong = mismatches(planned(index, knowledge), entry["expect"])
    assert not wrong, "\n".join(["", entry["name"], *wrong])


def test_a_case_gets_the_same_plan_from_a_file_and_by_the_interpreter(knowledge: Knowledge) -> None:
    """As `dmcli plan` goes about it. Which cases are looked at changes with the knowledge; `.ci/thorough` looks at all, and
    at the digests of all, which are made by the interpreter."""
    step, alone = each(40), built_knowledge()
    for index in range(int(alone.sha256, 16) % step, len(CASES), step):
        _, entry = CASES[index]
        assert made(entry, alone, as_case_of_a_file) == planned(index, knowledge), entry["name"]


def test_there_are_enough_cases_and_no_two_have_one_name() -> None:
    names = [entry["name"] for _, entry in CASES]
    assert len(names) == len(set(names))
    assert len(names) >= 150


def test_each_file_is_about_one_therapy_or_a_subject(knowledge: Knowledge) -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} <= {*knowledge.therapies, *SUBJECTS}
