"""What the files of properties share: plans made once, and a property held against a whole pool of cases.

Hypothesis draws a pool of cases once a run (`patients_of_any_kind`, `patients_on_treatment`). A property of one plan is
held against every plan of the pool; a property that compares plans changes a case of it. A case that breaks a property
is made smaller, entry by entry, before it is shown.
"""

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import pytest
import yaml

from conftest import as_case, as_case_of_a_file, built_knowledge, plan_of, pooled, shipped_knowledge
from dmcli.batch.entries import Entry, Place
from dmcli.batch.outcomes import Question, outcome
from dmcli.errors import InvalidCase
from dmcli.planner import plan
from dmcli.result.plan import Plan, as_data
from strategies import Document

Data = dict[str, Any]
Breaches = Callable[[Document, Data], Iterable[str]]
KNOWLEDGE = shipped_knowledge()
THERAPIES = KNOWLEDGE.therapies
CLOSED = ("contraindicated", "exhausted", "declined", "not_feasible")


def valid(document: Document) -> bool:
    """Whether a document is a case; only a contradiction between its statements may keep it from being one."""
    try:
        as_case(document, KNOWLEDGE)
    except InvalidCase as error:
        assert {p.code for p in error.problems} <= {"contradiction", "overlapping_courses"}, error
        return False
    return True


@lru_cache(maxsize=max(800, pooled(250)))
def _both_forms(written: str) -> tuple[Plan, Data]:
    plan = plan_of(json.loads(written), KNOWLEDGE)
    return plan, as_data(plan)


def made(document: Document) -> Plan:
    """The plan of a document, made once."""
    return _both_forms(json.dumps(document))[0]


def planned(document: Document) -> Data:
    """The plan of a document as plain data, made once; it is not to be changed."""
    return _both_forms(json.dumps(document))[1]


def batched(document: Document) -> Data:
    """The plan of a document as one of many: read from a line of JSON, its conditions asked as functions."""
    found = outcome(Entry(Place("lines", 1), json.dumps(document)), Question(detail="plan"), KNOWLEDGE)
    assert found.plan is not None, found.problems
    plan: Data = json.loads(found.plan)
    return plan


def otherwise_alone(document: Document, p: Data) -> Iterator[str]:
    """The parts of a plan that the same case has otherwise in a batch, or alone: from a file, by the interpreter."""
    alone = as_data(plan(as_case_of_a_file(document, built_knowledge()), built_knowledge()))
    for how, other in (("in a batch", batched(document)), ("alone", alone)):
        yield from (f"{key} is another {how}" for key in {**p, **other} if p.get(key) != other.get(key))


def planned_on_any_day(document: Document) -> Data:
    """The same where infusions are given on weekends too, for what is about days and not about weekdays."""
    return as_data(plan_of(document, KNOWLEDGE, weekends=True))


def planned_if_valid(document: Document) -> Data | None:
    """The plan of a changed document, unless the change contradicts the rest of it."""
    try:
        return planned(document)
    except InvalidCase as error:
        assert {p.code for p in error.problems} <= {"contradiction", "overlapping_courses"}, error
        return None


def hold(breaches: Breaches, among: Iterable[Document]) -> None:
    """Fail with the smallest cases that break a property, one for each way of breaking it, at most three."""
    told: dict[str, Document] = {}
    count = 0
    for document in among:
        for wrong in breaches(document, planned(document)):
            count += 1
            told.setdefault(re.sub(r"[0-9]+", "0", wrong), document)
    shown = []
    for kind, document in list(told.items())[:3]:
        small = smallest(document, lambda d, kind=kind: any(re.sub(r"[0-9]+", "0", w) == kind for w in breaches(d, planned(d))))  # type: ignore[misc]
        wrong = next(w for w in breaches(small, planned(small)) if re.sub(r"[0-9]+", "0", w) == kind)
        shown.append(f"{wrong}\nin the case\n{yaml.safe_dump(small, sort_keys=False, allow_unicode=True)}")
    if shown:
        pytest.fail("\n".join([f"{count} in all, {len(told)} kinds", *shown]), pytrace=False)


def smallest(document: Document, breaks: Callable[[Document], bool]) -> Document:
    """A case without every entry that does not matter to what it breaks."""
    smaller = True
    while smaller:
        smaller = False
        for path in list(_paths(document)):
            rest = _without(document, path)
            if rest is not None and path != ("as_of",) and _still(rest, breaks):
                document, smaller = rest, True
    return document


def _still(document: Document, breaks: Callable[[Document], bool]) -> bool:
    try:
        return breaks(document)
    except (InvalidCase, KeyError, StopIteration):
        return False


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every entry of a document, the largest first."""
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))[::-1] if isinstance(value, list) else []
    yield from ((*at, key) for key, _ in entries)
    for key, inner in entries:
        yield from _paths(inner, (*at, key))


def _without(document: Document, path: tuple[Any, ...]) -> Document | None:
    rest = copy.deepcopy(document)
    at: Any = rest
    try:
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return rest


def next_of(p: Data) -> str | None:
    return p["next"]["therapy"] if p["next"] else None
