"""The cases reach the whole knowledge: every rule, status, argument code, therapy and step, minus a list with reasons."""

from typing import get_args

import pytest

from dmcli.knowledge.codes import OWN_WARNINGS, Status, Verdict
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.limits import Limit, StartLimit
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Regimen, Step
from dmcli.knowledge.statements import Rule
from dmcli.knowledge.therapies import Monitor, Therapy
from dmcli.record import walk
from dmcli.result.actions import Action, Role
from dmcli.result.options import Code, OptionStatus
from dmcli.result.plan import Plan
from test_cases import CASES, planned

# Therapies the tool never chooses itself: none of their steps or tests is ever scheduled.
NEVER_CHOSEN = ("supportive", "specialist", "avoid", "not_recommended", "calcinosis", "background")


@pytest.fixture(scope="module")
def plans(knowledge: Knowledge) -> list[Plan]:
    return [planned(index, knowledge) for index in range(len(CASES))]


def chosen_by_the_tool(knowledge: Knowledge) -> list[Therapy]:
    return [t for t in knowledge.therapies.values() if t.line not in NEVER_CHOSEN]


def test_every_rule_holds_in_some_case(plans: list[Plan], knowledge: Knowledge) -> None:
    rules = {
        item.id
        for root in (knowledge.catalogue, knowledge.algorithm)
        for _, item in walk(root)
        if isinstance(item, Rule) and not isinstance(item, (Limit, StartLimit))
    }
    rules |= {d.id for d in knowledge.algorithm.derived} | {p.id for p in knowledge.algorithm.pairs}
    rules |= {r.id for t in chosen_by_the_tool(knowledge) for r in t.regimens if r.use == "variant"}
    # Held in test_bad_files: such a case gets no plan.
    clashes = (*knowledge.algorithm.contradictions, *knowledge.algorithm.course_contradictions)
    contradictions = {c.id for c in clashes}
    reached = {traced.rule for plan in plans for traced in plan.trace if traced.truth is True}
    # What is told beside a limit stands with what is urgent.
    reached |= {reason.rule for plan in plans for item in plan.urgent for reason in item.because}
    caps_of_therapies_never_chosen = {
        c.id for t in knowledge.therapies.values() if t.line in NEVER_CHOSEN for r in t.regimens for c in r.caps
    }
    assert ", ".join(sorted(rules - reached - contradictions - caps_of_therapies_never_chosen)) == ""


def test_every_limit_of_a_shown_monitor_is_printed_in_some_case(plans: list[Plan], knowledge: Knowledge) -> None:
    tests = knowledge.catalogue.tests
    limits = set()
    for therapy in chosen_by_the_tool(knowledge):
        measured = {f for m in therapy.monitoring if m.shown for t in m.tests for f in (*tests[t].settles, *tests[t].also)}
        mine = [applied.limit for applied in knowledge.limits.limits[therapy.id]]
        limits |= {limit.id for limit in mine if facts_of(knowledge.tree(limit.when)) & measured}
    shown = {x.rule for plan in plans for day in plan.monitoring for test in day.tests for x in test.limits}
    assert ", ".join(sorted(limits - shown)) == ""


def test_every_limit_is_reached_on_treatment(plans: list[Plan], knowledge: Knowledge) -> None:
    limits = {applied.limit.id for t in chosen_by_the_tool(knowledge) for applied in knowledge.limits.limits[t.id]}
    reached = {traced.rule for plan in plans for traced in plan.trace if traced.truth is True}
    assert ", ".join(sorted(limits - reached)) == ""


def test_every_start_limit_puts_a_start_off(plans: list[Plan], knowledge: Knowledge) -> None:
    limits = {limit.id for t in chosen_by_the_tool(knowledge) for limit in knowledge.limits.start[t.id]}
    reached = {item.id for plan in plans for item in plan.before_starting if item.kind == "known"}
    assert ", ".join(sorted(limits - reached)) == ""


def test_every_tier_and_every_way_a_limit_reaches_a_therapy_is_told(plans: list[Plan]) -> None:
    assert {"repeat", "reduce", "hold", "stop", None} == {part.limit for plan in plans for part in plan.regimen}
    said = {reason.text for plan in plans for action in plan.actions for reason in action.because}
    told = {action.text for plan in plans for action in plan.actions}
    for words in ("it shares the risk", "Not back in order after 4 weeks on hold", "Second hold of this kind"):
        assert any(words in text for text in said), words
    assert any(text.startswith("Refer today for the result or event on") for text in told)


def test_every_step_of_a_scheduled_regimen_is_reached(plans: list[Plan], knowledge: Knowledge) -> None:
    regimens: list[Regimen] = [r for t in chosen_by_the_tool(knowledge) for r in t.regimens if r.use in ("standard", "variant")]
    steps: set[str] = {s.id for r in regimens for s in r.steps}
    reached = {item.step for plan in plans for item in plan.schedule}
    assert ", ".join(sorted(steps - reached)) == ""


def test_every_therapy_is_an_option_and_each_the_tool_may_choose_is_chosen(plans: list[Plan], knowledge: Knowledge) -> None:
    assert all([o.therapy for o in plan.options] == list(knowledge.planned) for plan in plans)
    chosen = {plan.next.therapy for plan in plans if plan.next}
    assert ", ".join(sorted({t.id for t in chosen_by_the_tool(knowledge)} - chosen)) == ""
    assert chosen <= {t.id for t in chosen_by_the_tool(knowledge)}


def test_every_option_status_is_reached(plans: list[Plan]) -> None:
    assert set(get_args(OptionStatus)) == {o.status for plan in plans for o in plan.options}


def test_every_action_role_verdict_status_and_event_is_reached(plans: list[Plan], knowledge: Knowledge) -> None:
    assert set(get_args(Action)) == {i.action for plan in plans for i in plan.actions}
    assert set(get_args(Role)) == {p.role for plan in plans for p in plan.regimen}
    assert set(get_args(Verdict)) == {h.verdict for plan in plans for h in plan.history}
    assert set(get_args(Status)) == {plan.status for plan in plans}
    assert {"dose", "course", "step", "hold_point", "end"} == {i.event for plan in plans for i in plan.schedule}
    assert {*knowledge.codes.warnings, *OWN_WARNINGS} - {"local"} == {w.code for plan in plans for w in plan.warnings}


def test_every_argument_code_is_reached(plans: list[Plan]) -> None:
    assert set(get_args(Code)) == {arg.code for plan in plans for o in plan.options for arg in o.arguments}


def test_every_shown_monitor_of_a_chosen_therapy_is_scheduled(plans: list[Plan], knowledge: Knowledge) -> None:
    monitors: list[Monitor] = [m for t in chosen_by_the_tool(knowledge) for m in t.monitoring if m.shown]
    scheduled = {r.rule for plan in plans for day in plan.monitoring for test in day.tests for r in test.because}
    assert ", ".join(sorted({m.id for m in monitors} - scheduled)) == ""


def test_steps_have_unique_ids(knowledge: Knowledge) -> None:
    steps = [item.id for _, item in walk(knowledge.catalogue) if isinstance(item, Step)]
    assert len(steps) == len(set(steps))
