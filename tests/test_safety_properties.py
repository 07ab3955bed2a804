"""Nobody is harmed, exhaustively: every limit of every therapy, every start limit and every contraindication by itself.

Each patient is a healthy adult with one finding, made from the condition of the rule itself: just beyond it, as its
own comparison says. What more than one finding does together, Hypothesis draws elsewhere.
"""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from conftest import as_case, plan_once, shipped_knowledge
from dmcli.assess.assess import assess, left_to_prescriber
from dmcli.knowledge.conditions import Node
from dmcli.result.plan import Plan
from safety_patients import TODAY, before_start, on_treatment, results, running_course
from test_cases import BASES

BASE = BASES["refractory"]
KNOWLEDGE = shipped_knowledge()
BINDING = ("hold", "stop")
GOING_ON = ("continue", "step_up", "start", "restart", "add", "extend_interval", "taper", "reduce", "resume")
# Values of a healthy adult before the drug, for what is a change since then.
BEFORE = {"creatinine": 70, "hemoglobin": 14.0, "alt": 20, "ck": 100, "wbc": 6.0, "neutrophils": 3.0, "platelets": 250}
# Values that stand for another, and how many of them are one of it.
MEASURED: dict[str, tuple[str, float, dict[str, float]]] = {
    "transaminase_times_uln": ("alt", 40, {}),
    "bilirubin_times_uln": ("bilirubin", 20, {"bilirubin_uln": 20}),
    "clearance": ("egfr", 1, {}),
}
Line = dict[str, Any]


def lines_inside(node: Node) -> Iterator[Line]:
    """Lines of patients for whom a condition holds, each through another of its alternatives."""
    if node.kind == "or":
        for part in node.args:
            yield from lines_inside(part)
    elif node.kind == "and":
        yield from _all_of(node.args)
    elif node.kind == "fact":
        yield {} if node.value == "liver_counts" else {"facts": _with_kin(node.value, True)}
    elif node.kind == "not" and node.args[0].kind == "fact":
        yield {"facts": {node.args[0].value: False}}
    elif node.kind == "not" and node.args[0].value == "known":
        yield {"facts": {node.args[0].args[0].value: None}}
    elif node.kind == "not":
        yield {}
    elif node.kind == "call":
        yield from _called(node)
    elif node.kind in ("lt", "le", "gt", "ge"):
        yield _compared(node)


def _all_of(parts: tuple[Node, ...]) -> Iterator[Line]:
    if not parts:
        yield {}
        return
    for first in lines_inside(parts[0]):
        for rest in _all_of(parts[1:]):
            yield {key: {**rest.get(key, {}), **first.get(key, {})} for key in {*first, *rest}}


def _with_kin(fact: str, value: Any) -> dict[str, Any]:
    """A fact with what it implies, so that the patient does not contradict himself."""
    kin = {"thrombosis_recent": "thrombosis_history", "cardiovascular_event_recent": "cardiovascular_history"}
    if fact.startswith("pregnancy_possible"):
        # It follows from others and cannot be stated itself.
        return {"childbearing_potential": value}
    female = ("pregnancy", "planning_pregnancy", "breastfeeding", "premenopausal")
    more = {kin[fact]: True} if fact in kin else {"childbearing_potential": True} if fact in female else {}
    return {fact: value, **more}


def _called(node: Node) -> Iterator[Line]:
    name, args = node.value, [arg if isinstance(arg, str) else arg.value for arg in node.args]
    if name == "on_treatment":
        yield {"facts": _with_kin(args[0], {"value": True, "date": TODAY})}
    elif name == "taking":
        drugs = (drug.id for drug in KNOWLEDGE.catalogue.substances.values() if args[0] in (drug.id, *drug.groups))
        yield {"drugs": {next(drugs, args[0]): True}}
    elif name == "reacted":
        yield {"course": {"outcome": "intolerance", "reason": args[1]}}


def _compared(node: Node) -> Line:
    fact, limit = node.args[0].value, float(node.args[1].value)
    if node.args[0].kind == "call":
        # How a drug is taken that is meant once a week.
        return {"course": {"dose": "2.5 mg daily" if fact == "doses_a_week" else f"{limit + 1:g} mg weekly"}}
    entry = KNOWLEDGE.facts.get(fact)
    above = node.kind in ("gt", "ge")
    if entry is not None and entry.change_of is not None:
        was = BEFORE[entry.change_of]
        by = limit if node.kind == "ge" else limit + 0.1
        change = by if entry.change == "fall" else was * by / 100
        return {
            "labs": {entry.change_of: _short(was + change if entry.change == "percent_rise" else was - change)},
            "then": {entry.change_of: was},
        }
    measured, times, more = MEASURED.get(fact, (fact, 1, {}))
    inside = limit * times if node.kind in ("le", "ge") else limit * times + (0.1 if above else -0.1)
    key = "patient" if fact == "age" else "facts" if fact.endswith("_pressure") else "labs"
    return {key: {measured: _short(inside), **more}}


def _short(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 2)


def _patient(therapy: str, line: Line, confirmed: bool) -> dict[str, Any]:
    case = on_treatment(BASE, therapy, line)
    if confirmed:
        case["labs"] += results("2026-11-20", line.get("labs") or {})
    return case


def _limits(tiers: tuple[str, ...]) -> list[Any]:
    return [
        pytest.param(therapy, applied.limit, id=f"{therapy} {applied.limit.id}")
        for therapy in KNOWLEDGE.planned
        for applied in KNOWLEDGE.limits.limits[therapy]
        if applied.limit.tier in tiers
    ]


def _doses(plan: Plan, therapy: str) -> list[Any]:
    return [event for event in plan.schedule if event.therapy == therapy and event.dose is not None]


def _role(plan: Plan, therapy: str) -> str:
    return next(part.role for part in plan.regimen if part.therapy == therapy)


def _goes_on(plan: Plan, therapy: str) -> list[str]:
    return [item.action for item in plan.actions if item.therapy == therapy and item.action in GOING_ON]


@pytest.mark.parametrize(("therapy", "limit"), _limits(BINDING))
def test_beyond_a_hold_or_a_stop_no_dose_is_booked_and_nothing_goes_on(therapy: str, limit: Any) -> None:
    reached = 0
    for line in lines_inside(KNOWLEDGE.tree(limit.when)):
        case = _patient(therapy, line, limit.confirmed)
        if not _fires(therapy, limit, case):
            continue
        reached += 1
        plan = plan_once(case, KNOWLEDGE)
        assert not _doses(plan, therapy), line
        assert not _goes_on(plan, therapy), line
        assert _role(plan, therapy) in BINDING, line
        # Of what another prescriber gives, that prescriber decides today.
        told = ("refer",) if left_to_prescriber(therapy, KNOWLEDGE) else BINDING
        assert any(item.therapy == therapy and item.action in told for item in plan.urgent), line
    assert reached, "no patient was found for whom it holds"


def _fires(therapy: str, limit: Any, case: dict[str, Any]) -> bool:
    """Whether the limit counts for the therapy, or a graver one of the same result in its place."""
    found = [r for r in assess(as_case(case, KNOWLEDGE), KNOWLEDGE).limits[therapy] if r.of == therapy]
    graver = {getattr(r.rule, "analyte", None) for r in found if r.tier == "stop"}
    return limit.id in {r.rule.id for r in found} or limit.analyte in graver


@pytest.mark.parametrize("therapy", list(KNOWLEDGE.planned))
def test_nothing_starts_beyond_its_start_limits(therapy: str) -> None:
    binding = [a.limit for a in KNOWLEDGE.limits.limits[therapy] if a.limit.tier in BINDING and not a.limit.event]
    for rule in (*KNOWLEDGE.limits.start[therapy], *binding):
        for line in lines_inside(KNOWLEDGE.tree(rule.when)):
            case = before_start(BASE, therapy, line, KNOWLEDGE)
            if assess(as_case(case, KNOWLEDGE), KNOWLEDGE).obstacles(therapy):
                assert not _doses(plan_once(case, KNOWLEDGE), therapy), (rule.id, line)


@pytest.mark.parametrize("therapy", list(KNOWLEDGE.planned))
def test_what_is_contraindicated_has_no_dose_and_does_not_go_on(therapy: str) -> None:
    rules = (*KNOWLEDGE.therapies[therapy].contraindications, *KNOWLEDGE.about[therapy].contraindications)
    for rule in rules:
        for line in lines_inside(KNOWLEDGE.tree(rule.when)):
            if "course" in line:
                continue
            new = plan_once(before_start(BASE, therapy, line, KNOWLEDGE), KNOWLEDGE)
            assert not _excluded(new, therapy) or not _doses(new, therapy), (rule.id, line)
            taken = plan_once(on_treatment(BASE, therapy, line), KNOWLEDGE)
            if _excluded(taken, therapy):
                assert not _doses(taken, therapy), (rule.id, line)
                assert _role(taken, therapy) in ("stop", "hold", "undecided"), (rule.id, line)
                assert not _goes_on(taken, therapy), (rule.id, line)


def _excluded(plan: Plan, therapy: str) -> bool:
    return next(option.status for option in plan.options if option.therapy == therapy) == "contraindicated"


def _recorded(therapy: str, line: Line, confirmed: bool = False) -> dict[str, Any]:
    """Somebody who takes what the record says is contraindicated."""
    case = copy.deepcopy(_patient(therapy, line, confirmed))
    case["treatments"].insert(0, {"therapy": therapy, "start": "2025-01-01", "stop": "2025-02-01", "outcome": "contraindicated"})
    return case


@cache
def _taken_all_the_same(therapy: str) -> Plan:
    return plan_once(_recorded(therapy, {}), KNOWLEDGE)


@cache
def _recorded_counts(therapy: str) -> bool:
    return assess(as_case(_recorded(therapy, {}), KNOWLEDGE), KNOWLEDGE).history.verdict(therapy) == "contraindicated"


@pytest.mark.parametrize(("therapy", "limit"), _limits(("repeat", "reduce", *BINDING)))
def test_a_result_never_hides_that_a_therapy_is_contraindicated(therapy: str, limit: Any) -> None:
    line = next(lines_inside(KNOWLEDGE.tree(limit.when)))
    if "course" in line:
        return
    assert _recorded_counts(therapy)
    alone, beyond = _taken_all_the_same(therapy), plan_once(_recorded(therapy, line, limit.confirmed), KNOWLEDGE)
    before = {(item.action, item.therapy) for item in alone.urgent if item.therapy == therapy}
    after = {(item.action, item.therapy) for item in beyond.urgent if item.therapy == therapy}
    assert before <= after or ("stop", therapy) in after
    assert _role(beyond, therapy) in ("stop", "hold", "undecided")
    assert not _doses(beyond, therapy)
    assert not _goes_on(beyond, therapy)


def test_a_class_that_is_not_tolerated_is_not_given_at_a_lower_dose() -> None:
    case = on_treatment(BASE, "methotrexate", {})
    case["treatments"].insert(
        0, {"therapy": "methotrexate", "start": "2025-01-01", "stop": "2025-02-01", "outcome": "intolerance", "scope": "class"}
    )
    plan = plan_once(case, KNOWLEDGE)
    assert not _doses(plan, "methotrexate")
    assert _role(plan, "methotrexate") in ("stop", "hold", "undecided")
    assert not _goes_on(plan, "methotrexate")


def _pairs() -> list[tuple[str, str]]:
    excluded = [pair for pair in KNOWLEDGE.algorithm.pairs if pair.effect == "excludes"]
    found = {
        tuple(sorted((left, right)))
        for pair in excluded
        for left in KNOWLEDGE.members(pair.left)
        for right in KNOWLEDGE.members(pair.right)
        if left != right
    }
    return sorted(found)  # type: ignore[arg-type]


@pytest.mark.parametrize(("left", "right"), _pairs())
def test_of_two_that_clash_neither_dose_is_raised_before_it_is_settled(left: str, right: str) -> None:
    case = on_treatment(BASE, left, {})
    case["treatments"] = [t for t in case["treatments"] if t["therapy"] != right]
    case["treatments"].append(running_course(right))
    plan = plan_once(case, KNOWLEDGE)
    for therapy in (left, right):
        assert "step_up" not in _goes_on(plan, therapy)
        assert _role(plan, therapy) != "continue"
        if _excluded(plan, therapy):
            assert not _doses(plan, therapy)
