"""The pairs of the data against `safety_pairs.yaml`, the table written from the specification, and what a plan makes of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from safety_table import table

from conftest import plan_of, shipped_knowledge
from dmcli.knowledge.model import Knowledge
from safety_patients import before_start
from test_cases import BASES

KNOWLEDGE = shipped_knowledge()
BASE = BASES["refractory"]
_TABLE: dict[str, Any] = table("safety_pairs.yaml")
_EFFECTS = {"excluded": "excludes", "agreed": "sign_off"}
_NEVER_NEXT = ("specialist", "avoid", "conventional")
# Methotrexate that failed ends when the next drug starts, so that the two never run together.
_ENDS_AT_THE_START = ("methotrexate",)


def _drugs(name: str) -> list[str]:
    return _TABLE["groups"].get(name, [name])


def _rows() -> Iterator[tuple[str, list[str], list[str]]]:
    """Each pair of a row, the drugs of either side."""
    for effect in _EFFECTS:
        for row in _TABLE[effect]:
            for other in row["other"]:
                yield effect, _drugs(row["one"]), _drugs(other)


def pinned(therapies: Any) -> set[tuple[str, str, str]]:
    """Both directions of every pair of the table: a therapy, what it does not go with, and the effect."""
    found = {
        (*pair, _EFFECTS[effect])
        for effect, ones, others in _rows()
        for one in ones
        for other in others
        if one != other
        for pair in ((one, other), (other, one))
    }
    return {pair for pair in found if pair[0] in therapies and (*pair[:2], "excludes") not in found - {pair}}


def stated(knowledge: Knowledge) -> set[tuple[str, str, str]]:
    """The same of the data; of two effects the exclusion."""
    found = {
        (therapy, other, pair.effect)
        for therapy in knowledge.therapies
        for pair, others in knowledge.about[therapy].pairs
        for other in others
    }
    return {pair for pair in found if (*pair[:2], "excludes") not in found - {pair}}


def test_the_data_and_the_table_have_the_same_pairs() -> None:
    data, table = stated(KNOWLEDGE), pinned(KNOWLEDGE.therapies)
    assert not data - table, "pairs of the data that the specification does not pin"
    assert not table - data, "pairs of the specification that the data lost"


def _starts() -> Iterator[tuple[str, str, str]]:
    """The first drug of either side that may be next, while the first of the other runs."""
    for effect, *sides in _rows():
        for mine, theirs in (sides, sides[::-1]):
            starting = next((drug for drug in mine if _may_be_next(drug)), None)
            running = next((drug for drug in theirs if drug not in (starting, *_ENDS_AT_THE_START)), None)
            if starting is not None and running is not None:
                yield effect, starting, running


def _may_be_next(drug: str) -> bool:
    return drug in KNOWLEDGE.therapies and KNOWLEDGE.therapies[drug].line not in _NEVER_NEXT


@pytest.mark.parametrize(("effect", "starting", "running"), list(dict.fromkeys(_starts())))
def test_a_plan_heeds_the_pair(effect: str, starting: str, running: str) -> None:
    line = {"running": [running]} if running in KNOWLEDGE.therapies else {"drugs": [running]}
    plan = plan_of(before_start(BASE, starting, line, KNOWLEDGE), KNOWLEDGE)
    option = next(option for option in plan.options if option.therapy == starting)
    if effect == "excluded":
        assert option.status == "contraindicated"
    else:
        assert {argument.code for argument in option.arguments} & {"interaction", "sign_off"}, option
    if effect == "excluded" or plan.next is None:
        assert not any(event.therapy == starting for event in plan.schedule)
    else:
        assert any(found.kind in ("sign_off", "confirm") and found.blocks for found in plan.before_starting)
