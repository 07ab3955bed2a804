"""Patients of any kind: a pool of whole cases, half of them any case, half of them likely to have a next therapy."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import examples, pooled
from dmcli.knowledge.tables import plain
from pool import KNOWLEDGE, Data, planned, valid
from strategies import Document, Words, documents, forget, put, running, treatable

WORDS = Words(KNOWLEDGE)
LADDER = WORDS.ladder
FAST = settings(
    max_examples=examples(30),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
MANY = settings(FAST, max_examples=examples(25))
FEW = settings(FAST, max_examples=examples(18))  # for what plans anew and decides nothing
POOL = settings(FAST, max_examples=pooled(75), suppress_health_check=list(HealthCheck))
# Doing one of these with a therapy is no offer of it.
NO_OFFER = ("stop", "refer", "hold", "test", "switch")
STARTING = ("recommendation", "conventional_therapy")
BOOLEANS = tuple(name for name, fact in KNOWLEDGE.facts.items() if fact.type == "boolean")
CODES = tuple(name for name, fact in KNOWLEDGE.facts.items() if fact.type == "code")

# The smallest cases that once broke a property, so that no other draw of the pool lets them slip again, and what is rare.
ONCE_BROKEN: tuple[Document, ...] = tuple(
    {"as_of": "2026-12-01", **case}
    for case in (
        {"treatments": [{"therapy": "topical_corticosteroid", "outcome": "contraindicated"}]},
        {"treatments": [{"therapy": "tofacitinib"}, {"therapy": "tofacitinib", "outcome": "contraindicated"}]},
        {"other_drugs": ["tofacitinib", "azathioprine"]},
        {"other_drugs": ["tofacitinib", "azathioprine"], "facts": {"cardiovascular_event_recent": True}},
        {"other_drugs": ["quinacrine"], "treatments": [{"therapy": "methotrexate", "start": "2026"}], "facts": {"age": 45}},
        {
            "facts": {
                "mood_worsened": {"value": False, "date": "2026-01-01"},
                "egfr": {"value": 90, "unit": "mL/min/{1.73_m2}", "date": "2026-01-01"},
            }
        },
        {"facts": {"age": 45, "pregnancy": True}, "treatments": [{"therapy": "quinacrine"}]},
        {
            "facts": {"age": 45, "pregnancy": False},
            "treatments": [{"therapy": "quinacrine", "weeks": 12, "outcome": "near_complete"}],
        },
        {"facts": {"age": 45, "pregnancy": False, "planning_pregnancy": False, "breastfeeding": False}},
        {"facts": {"age": 45, "skin_active": True}, "access": {"iv_infusion": False}},
    )
)


@cache
def anyone() -> tuple[Document, ...]:
    """Valid cases, as Hypothesis draws them: half of them any case, half of them likely to have a next therapy."""
    found: list[Document] = [copy.deepcopy(d) for d in ONCE_BROKEN]
    for strategy in (documents(WORDS), treatable(WORDS)):

        @POOL
        @given(strategy)
        def collect(document: Document) -> None:
            found.append(document)

        collect()
    return tuple({json.dumps(d): d for d in found if valid(d)}.values())


def anything(_: Document) -> bool:
    return True


@cache
def _chosen(of: Callable[[Document], bool]) -> tuple[Document, ...]:
    return tuple(d for d in anyone() if of(d))


def some_case(of: Callable[[Document], bool] = anything) -> st.SearchStrategy[Document]:
    """One patient of the pool."""
    return st.deferred(lambda: st.sampled_from(_chosen(of)))


def has_next(document: Document) -> bool:
    return planned(document)["next"] is not None


def statuses(p: Data) -> dict[str, str]:
    return {o["therapy"]: o["status"] for o in p["options"]}


def calcinosis_options(p: Data) -> list[Data]:
    return p["calcinosis"]["options"] if p["calcinosis"] else []


def arguments(p: Data, therapy: str) -> list[Data]:
    """The arguments of a therapy; none for one of calcinosis alone in a patient without it."""
    return next((o["arguments"] for o in (*p["options"], *calcinosis_options(p)) if o["therapy"] == therapy), [])


def taken_now(document: Document) -> set[str]:
    """The therapies of the catalogue that a case says are taken, as a course or among the other drugs."""
    names = KNOWLEDGE.therapy_names
    drugs = (names.get(plain(d if isinstance(d, str) else d["name"])) for d in document.get("other_drugs") or ())
    return {c["therapy"] for c in document.get("treatments") or () if running(c)} | {d for d in drugs if d}


def everywhere(whole: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside a plan, with the field it stands in."""
    left = [("", whole)]
    while left:
        field, value = left.pop()
        yield field, value
        if isinstance(value, dict):
            left += value.items()
        elif isinstance(value, list):
            left += [(field, inner) for inner in value]


def without(document: Document, fact: str) -> Document:
    rest = copy.deepcopy(document)
    forget(rest, fact, WORDS)
    return rest


def with_(document: Document, fact: str, value: Any) -> Document:
    more = copy.deepcopy(document)
    put(more, fact, value, WORDS)
    return more
