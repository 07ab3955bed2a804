"""`safety_facts.yaml`, line by line: what follows from what a case states, and what stays unknown."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from safety_table import table

from conftest import AS_OF, as_case, shipped_knowledge
from dmcli.assess.facts import resolve
from dmcli.knowledge.model import Knowledge

_TABLE: dict[str, Any] = table("safety_facts.yaml")
LINES = [line for part in _TABLE.values() for line in part]
_PATIENT = ("sex", "age", "weight_kg", "height_cm")
_UNITS = {"bilirubin": "umol/L", "bilirubin_uln": "umol/L"}


def _case(given: dict[str, Any]) -> dict[str, Any]:
    case: dict[str, Any] = {"as_of": str(AS_OF), "patient": {}, "disease": {}, "facts": {}}
    for name, value in given.items():
        if name == "drugs":
            case["other_drugs"] = [{"name": drug} for drug in value]
        elif name in _PATIENT:
            case["patient"][name] = value
        elif name == "muscle":
            case["disease"][name] = value
        else:
            case["facts"][name] = _stated(name, value)
    return case


def _stated(name: str, value: Any) -> Any:
    if isinstance(value, str) and "@" in value:
        return {"value": True, "date": value.partition("@")[2].strip()}
    return {"value": value, "unit": _UNITS[name]} if name in _UNITS else value


def breaches(line: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """The facts of a line that come out otherwise, with what they are."""
    values = resolve(as_case(_case(line["given"]), knowledge), knowledge).values
    found = {}
    for fact, wanted in line["follows"].items():
        value = values.get(fact)
        close = isinstance(wanted, float) and isinstance(value, float) and abs(value - wanted) < 0.001
        if not close and (value != wanted or (value is None) != (wanted is None)):
            found[fact] = value
    return found


@pytest.mark.parametrize("line", [pytest.param(line, id=json.dumps(line["given"])) for line in LINES])
def test_what_is_stated_tells_this_and_no_more(line: dict[str, Any], knowledge: Knowledge) -> None:
    assert breaches(line, knowledge) == {}


def _pinned() -> Iterator[str]:
    for line in LINES:
        yield from line["follows"]


def test_every_fact_that_follows_from_others_is_pinned() -> None:
    # What a plan says of red flags and of the course under review is held by the cases.
    assert {rule.fact for rule in shipped_knowledge().algorithm.derived} <= set(_pinned())
