"""`safety_rules.yaml` and the table of limits, line by line: what must never be lost of each therapy."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from safety_lines import BASE, BEFORE, KEYS, KNOWLEDGE, LINES, STARTS, held_by_lines, to_be_pinned

from conftest import plan_once
from dmcli.knowledge.model import Knowledge
from dmcli.result.plan import Plan
from safety_patients import before_start, on_treatment

_UNCHANGED: dict[tuple[str, str], Plan] = {}


class Seen(NamedTuple):
    """The plan of the patient of a line, and of the same patient before a start without what the line states."""

    therapy: str
    line: Any
    plan: Plan
    unchanged: Plan | None

    @property
    def status(self) -> str:
        return _option(self.plan, self.therapy).status

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

    def names_what_is_stated(self) -> bool:
        """Whether an argument is about a fact that the line states (or `says`), not only about what another rule makes of it."""
        facts = {fact for fact, value in (self.line.get("facts") or {}).items() if value is not None}
        stated = set(self.line.get("says") or facts)
        told = {fact for found in _option(self.plan, self.therapy).arguments for fact in found.facts}
        return not stated or bool(stated & told)

    def told_by_its_rules(self) -> bool:
        """Whether each rule that the line names speaks of the therapy, and does so because of the line alone."""
        told, before = (
            {found.rule for found in _option(plan, self.therapy).arguments if found.kind != "for"}
            | {found.id for found in plan.before_starting}
            for plan in (self.plan, self.unchanged)
            if plan is not None
        )
        return set(self.line.get("by", ())) <= told - before

    def more_against(self) -> set[str]:
        """The codes of what speaks against the therapy because of the line alone."""
        assert self.unchanged is not None
        before = _against(self.unchanged, self.therapy)
        return {code for code, rule in _against(self.plan, self.therapy) if (code, rule) not in before}


def _option(plan: Plan, therapy: str) -> Any:
    calcinosis = plan.calcinosis.options if plan.calcinosis is not None else ()
    return next(option for option in (*plan.options, *calcinosis) if option.therapy == therapy)


def _against(plan: Plan, therapy: str) -> set[tuple[str, str | None]]:
    return {(found.code, found.rule) for found in _option(plan, therapy).arguments if found.kind == "against"}


def _excluded(seen: Seen) -> None:
    assert seen.status == "contraindicated"
    assert seen.names_what_is_stated()
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
    assert seen.names_what_is_stated()


def _silent(seen: Seen) -> None:
    assert seen.status != "contraindicated"
    assert not seen.more_against()


def _severe(seen: Seen) -> None:
    agreed = [found for found in seen.plan.before_starting if found.blocks and found.kind in ("sign_off", "confirm")]
    assert "severe_caution" in seen.more_against()
    assert seen.names_what_is_stated()
    assert seen.next != seen.therapy or agreed


def _waits(seen: Seen) -> None:
    stated = {**(seen.line.get("facts") or {}), **(seen.line.get("labs") or {})}
    missing = {fact for fact, value in stated.items() if value is None}
    assert seen.next == seen.therapy
    assert missing & {found.fact for found in seen.plan.before_starting if found.blocks}
    assert not seen.doses or seen.doses[0].conditional_on


def _checked(seen: Seen) -> None:
    after = [day for day in seen.plan.monitoring if day.date > seen.plan.as_of]
    told = {test.test for day in after for test in day.tests if seen.therapy in test.therapies}
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
    talks = {item.id + "!" * item.blocks: " ".join((item.when or "").split()) for item in entries if not item.tests}
    assert tests == {kind: line.get(kind, {}) for kind in tests}
    assert talks == line.get("talks", {})


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


def _unchanged(therapy: str, knowledge: Knowledge) -> Plan:
    key = (knowledge.sha256, therapy)
    if key not in _UNCHANGED:
        _UNCHANGED[key] = plan_once(before_start(BASE, therapy, {}, knowledge), knowledge)
    return _UNCHANGED[key]


def _named(therapy: str, kind: str, line: Any) -> str:
    return f"{therapy} {kind}: {json.dumps(line)}"


def planned(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> Plan:
    """The plan of the patient of a line."""
    starts = kind in STARTS
    return plan_once(before_start(BASE, therapy, line, knowledge) if starts else on_treatment(BASE, therapy, line), knowledge)


def check(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> None:
    """Plan the patient of a line with the knowledge, and hold the plan against the line."""
    if kind == "before":
        _before(therapy, line, knowledge)
        return
    plan = planned(therapy, kind, line, knowledge)
    if kind in _STARTS:
        seen = Seen(therapy, line, plan, _unchanged(therapy, knowledge))
        _STARTS[kind](seen)
        assert seen.told_by_its_rules()
    else:
        _RUNS[kind](Seen(therapy, line, plan, None))
        assert set(line.get("by", ())) <= {traced.rule for traced in plan.trace if traced.truth is True}


@pytest.mark.parametrize(("therapy", "kind", "line"), [pytest.param(*line, id=_named(*line)) for line in LINES])
def test_what_must_never_be_lost(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> None:
    check(therapy, kind, line, knowledge)


def test_what_is_settled_before_a_start_is_pinned_of_every_therapy() -> None:
    assert set(BEFORE) == {therapy for therapy, entry in KNOWLEDGE.therapies.items() if entry.before}


@pytest.mark.parametrize("therapy", list(KNOWLEDGE.therapies))
def test_every_exclusion_and_caution_of_the_data_is_pinned(therapy: str) -> None:
    assert to_be_pinned(therapy, KNOWLEDGE) - held_by_lines(therapy, KNOWLEDGE) == set()


def test_every_line_says_what_its_head_allows() -> None:
    assert set(_STARTS) == STARTS
    assert {kind for _, kind, _ in LINES} == {*_STARTS, *_RUNS, "before"}
    assert all(set(line) <= KEYS for _, _, line in LINES)
