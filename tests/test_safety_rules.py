"""`safety_rules.yaml` and the table of limits, line by line: what must never be lost of each therapy."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from safety_table import patients, table, therapies

from conftest import as_case, plan_once, shipped_knowledge
from dmcli.assess.assess import assess, left_to_prescriber
from dmcli.knowledge.model import Knowledge
from dmcli.result.plan import Plan
from safety_patients import before_start, on_treatment
from test_cases import BASES

BASE = BASES["refractory"]
KNOWLEDGE = shipped_knowledge()
KEYS = {"facts", "labs", "then", "earlier", "drugs", "running", "past", "patient", "course", "tests", "waits", "asked", "talks"}
BEFORE = table("safety_before.yaml")
RULES = table("safety_rules.yaml")
# What a whole class shares is written once, and named by each of its members.
_CLASSES = ("jak_inhibitor",)


def _lines(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        yield from _lines(entry) if isinstance(entry, list) else entry.items()


# Lines of the table that another rule of the specification goes before: anastrozole is excluded before the menopause,
# thalidomide without contraception, and ruxolitinib weighs platelets below 140.
_BEFORE_THE_TABLE = {
    ("anastrozole", "hold", "contraception"): "stop",
    ("anastrozole", "obstacle", "contraception"): "excluded",
    ("thalidomide", "obstacle", "contraception"): "excluded",
    ("ruxolitinib", "silent", "platelets"): "weighs",
    # Signs of agranulocytosis are seen today, whatever is done about the drug.
    ("rituximab", "hold", "agranulocytosis_signs"): "spent",
}
_NEVER_NEXT = ("specialist", "avoid")


def _of_table() -> Iterator[tuple[str, str, Any]]:
    """Both sides of every figure of the table of limits, as lines."""
    for therapy in therapies():
        for tier, line in patients(therapy, BASE):
            kind = _kind(therapy, {"start": "obstacle", "free": "silent"}.get(tier, tier), line)
            if kind is not None:
                yield therapy, kind, line


def _kind(therapy: str, kind: str, line: Any) -> str | None:
    """What a line asks for, where the specification says more than the table; None: no patient can show it."""
    entry, about = KNOWLEDGE.therapies[therapy], {*line.get("labs", ()), *line.get("facts", ())}
    for (drug, instead_of, fact), rule in _BEFORE_THE_TABLE.items():
        if (drug, instead_of) == (therapy, kind) and fact in about:
            return rule
    # One antimalarial has failed in the base, so that another is never due; what is never chosen starts nowhere.
    if kind in _STARTS and (entry.line in _NEVER_NEXT or therapy in KNOWLEDGE.members("antimalarial")):
        return None
    # What is never chosen asks for its specialist's agreement while it runs, whatever the result.
    if kind == "calm" and entry.line in _NEVER_NEXT and not left_to_prescriber(therapy, KNOWLEDGE):
        return None
    if left_to_prescriber(therapy, KNOWLEDGE) and kind != "calm":
        return "told"
    # A course that ends in intolerance stops, whatever its event would ask for; what was given for good cannot.
    if "outcome" in line.get("course", ()) and kind == "hold":
        return "stop"
    return {"hold": "paused", "stop": "spent"}.get(kind, kind) if entry.lasting else kind


_UNCHANGED: dict[tuple[str, str], Plan] = {}


class Seen(NamedTuple):
    """The plan of the patient of a line, and of the same patient before a start without what the line states."""

    therapy: str
    line: Any
    plan: Plan
    unchanged: Plan | None

    @property
    def status(self) -> str:
        calcinosis = self.plan.calcinosis.options if self.plan.calcinosis is not None else ()
        return next(option.status for option in (*self.plan.options, *calcinosis) if option.therapy == self.therapy)

    @property
    def next(self) -> str | None:
        return self.plan.next.therapy if self.plan.next is not None else None

    @property
    def doses(self) -> list[Any]:
        return [event for event in self.plan.schedule if event.therapy == self.therapy and event.dose is not None]

    @property
    def part(self) -> Any:
        return next(part for part in self.plan.regimen if part.therapy == self.therapy)

    def acts(self, *actions: str) -> bool:
        return any(item.action in actions and item.therapy == self.therapy for item in self.plan.actions)

    def more_against(self) -> set[str]:
        """The codes of what speaks against the therapy because of the line alone."""
        assert self.unchanged is not None
        before = _against(self.unchanged, self.therapy)
        return {code for code, rule in _against(self.plan, self.therapy) if (code, rule) not in before}


def _against(plan: Plan, therapy: str) -> set[tuple[str, str | None]]:
    option = next(option for option in plan.options if option.therapy == therapy)
    return {(found.code, found.rule) for found in option.arguments if found.kind == "against"}


def _excluded(seen: Seen) -> None:
    assert seen.status == "contraindicated"
    assert seen.next != seen.therapy
    assert not seen.doses


def _obstacle(seen: Seen) -> None:
    assert seen.next == seen.therapy
    assert [(first.kind, first.blocks) for first in seen.plan.before_starting[:1]] == [("known", True)]
    assert not seen.doses


def _refers(seen: Seen) -> None:
    assert (seen.plan.status, seen.next) == ("refer", None)
    assert not seen.doses


def _weighs(seen: Seen) -> None:
    assert seen.status != "contraindicated"
    assert seen.more_against()


def _silent(seen: Seen) -> None:
    assert seen.status != "contraindicated"
    assert not seen.more_against()


def _severe(seen: Seen) -> None:
    agreed = [found for found in seen.plan.before_starting if found.blocks and found.kind in ("sign_off", "confirm")]
    assert "severe_caution" in seen.more_against()
    assert seen.next != seen.therapy or agreed


def _waits(seen: Seen) -> None:
    stated = {**(seen.line.get("facts") or {}), **(seen.line.get("labs") or {})}
    missing = {fact for fact, value in stated.items() if value is None}
    assert seen.next == seen.therapy
    assert missing & {found.fact for found in seen.plan.before_starting if found.blocks}
    assert not seen.doses or seen.doses[0].conditional_on


def _checked(seen: Seen) -> None:
    told = {test.test for day in seen.plan.monitoring for test in day.tests if seen.therapy in test.therapies}
    assert seen.next == seen.therapy
    assert set(seen.line["tests"]) <= told


def _repeat(seen: Seen) -> None:
    assert seen.part.limit == "repeat"
    assert seen.acts("test")
    assert not seen.acts("step_up")


def _calm(seen: Seen) -> None:
    assert seen.part.limit is None
    assert not any(item.therapy == seen.therapy for item in seen.plan.urgent)


def _reduce(seen: Seen) -> None:
    assert seen.part.limit == "reduce"
    assert not seen.acts("step_up")


def _ended(action: str) -> Callable[[Seen], None]:
    """Held or stopped: urgent, no dose booked, nothing that goes on."""

    def check(seen: Seen) -> None:
        assert seen.part.role == action
        assert any(item.action == action and item.therapy == seen.therapy for item in seen.plan.urgent)
        assert not seen.doses
        assert not seen.acts("continue", "step_up", "start", "extend_interval", "taper", "reduce")

    return check


def _told(seen: Seen) -> None:
    """Of what another prescriber gives, that prescriber is told today."""
    assert seen.part.role in ("hold", "stop")
    assert any(item.action == "refer" and item.therapy == seen.therapy for item in seen.plan.urgent)
    assert not seen.doses


_STARTS = {
    "excluded": _excluded,
    "obstacle": _obstacle,
    "refers": _refers,
    "weighs": _weighs,
    "severe": _severe,
    "silent": _silent,
    "waits": _waits,
    "checked": _checked,
}


def _before(therapy: str, line: Any, knowledge: Knowledge) -> None:
    """That what is settled before the first dose is what the specification asks for, no more and no less."""
    entries = knowledge.therapies[therapy].before
    tests = {
        kind: {test: " ".join((item.when or "").split()) for item in entries if item.blocks is blocks for test in item.tests}
        for kind, blocks in (("waits", True), ("asked", False))
    }
    talks = {item.id + "!" * item.blocks for item in entries if not item.tests}
    assert tests == {kind: line.get(kind, {}) for kind in tests}
    assert talks == set(line.get("talks", ()))


def _lasting(refers: bool) -> Callable[[Seen], None]:
    """What was given for good: no more of it, and in the gravest tier a referral."""

    def check(seen: Seen) -> None:
        _ended("hold")(seen)
        assert refers == any(item.action == "refer" and item.therapy == seen.therapy for item in seen.plan.urgent)

    return check


_RUNS = {
    "paused": _lasting(refers=False),
    "spent": _lasting(refers=True),
    "calm": _calm,
    "repeat": _repeat,
    "reduce": _reduce,
    "hold": _ended("hold"),
    "stop": _ended("stop"),
    "told": _told,
}
LINES = [
    *((therapy, *found) for therapy, entries in RULES.items() if therapy not in _CLASSES for found in _lines(entries)),
    *_of_table(),
    *((therapy, "before", line) for therapy, line in BEFORE.items()),
]


def _unchanged(therapy: str, knowledge: Knowledge) -> Plan:
    key = (knowledge.sha256, therapy)
    if key not in _UNCHANGED:
        _UNCHANGED[key] = plan_once(before_start(BASE, therapy, {}, knowledge), knowledge)
    return _UNCHANGED[key]


def _named(therapy: str, kind: str, line: Any) -> str:
    return f"{therapy} {kind}: {json.dumps(line)}"


def check(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> None:
    """Plan the patient of a line with the knowledge, and hold the plan against the line."""
    if kind == "before":
        _before(therapy, line, knowledge)
    elif kind in _STARTS:
        plan = plan_once(before_start(BASE, therapy, line, knowledge), knowledge)
        _STARTS[kind](Seen(therapy, line, plan, _unchanged(therapy, knowledge)))
    else:
        _RUNS[kind](Seen(therapy, line, plan_once(on_treatment(BASE, therapy, line), knowledge), None))


@pytest.mark.parametrize(("therapy", "kind", "line"), [pytest.param(*line, id=_named(*line)) for line in LINES])
def test_what_must_never_be_lost(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> None:
    check(therapy, kind, line, knowledge)


def test_what_is_settled_before_a_start_is_pinned_of_every_therapy() -> None:
    assert set(BEFORE) == {therapy for therapy, entry in KNOWLEDGE.therapies.items() if entry.before}


# Cautions of what runs, each held by a case; of calcinosis only what excludes is pinned.
_OF_WHAT_RUNS = {
    "methotrexate-caution-leflunomide-on-board",
    "jak-rituximab-recent",
    "azathioprine-live-vaccine-running",
}


def test_every_exclusion_and_caution_of_the_data_is_pinned() -> None:
    holding: dict[str, set[str]] = {}
    for therapy, kind, line in LINES:
        if kind in _STARTS:
            safety = assess(as_case(before_start(BASE, therapy, line, KNOWLEDGE), KNOWLEDGE), KNOWLEDGE).safety[therapy]
            found = (checked.rule.id for checked in (*safety.contraindications, *safety.cautions))
            holding.setdefault(therapy, set()).update(found)
    unpinned = {}
    for therapy, entry in KNOWLEDGE.therapies.items():
        about = KNOWLEDGE.about[therapy]
        cautions = (*entry.cautions, *about.cautions) if therapy in KNOWLEDGE.planned else ()
        rules = {rule.id for rule in (*entry.contraindications, *about.contraindications, *cautions)}
        unpinned[therapy] = rules - holding.get(therapy, set()) - _OF_WHAT_RUNS
    assert {therapy: rules for therapy, rules in unpinned.items() if rules} == {}


def test_every_line_says_what_its_head_allows() -> None:
    assert {kind for _, kind, _ in LINES} == {*_STARTS, *_RUNS, "before"}
    assert all(set(line) <= KEYS for _, _, line in LINES)
