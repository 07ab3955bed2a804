"""The dated tests, what their results ask for, and when each therapy is judged."""

from collections.abc import Iterable
from typing import get_args

from dmcli.knowledge.limits import Tier
from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Section, Table, alert, labelled, line, strong
from dmcli.render.wording import capital, cite, day, days, reasons, word
from dmcli.result.events import Checkpoint
from dmcli.result.monitoring import LimitItem, TestItem
from dmcli.result.plan import Plan

_GRAVEST_FIRST = get_args(Tier)[::-1]


def test_items(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    """One line for all tests that fall on the same days, in the order of the first; what is overdue stands at the top of
    the page."""
    dates: dict[str, list[str]] = {}
    for monitored in plan.monitoring:
        for test in monitored.tests:
            if test.overdue_since is None:
                dates.setdefault(test.name, []).append(monitored.date)
    together: dict[tuple[str, ...], list[str]] = {}
    for name, isos in dates.items():
        together.setdefault(tuple(isos), []).append(name)
    return tuple(Item(labelled(capital("; ".join(names)), days(knowledge, isos))) for isos, names in sorted(together.items()))


def reasons_for_tests(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    """Why these tests, or why none."""
    return reasons(knowledge, (*plan.no_tests_needed, *(r for test in _tests(plan) for r in test.because)))


def limits_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Each limit once, though several therapies ask for it, with the tests it belongs to; the gravest first."""
    tests: dict[LimitItem, dict[str, None]] = {}
    rules: dict[LimitItem, str] = {}
    for test in _tests(plan):
        for limit in test.limits:
            shared = limit.changed(condition="", rule="")
            tests.setdefault(shared, {})[test.name] = None
            rules.setdefault(shared, limit.rule)
    by_tests: dict[str, list[LimitItem]] = {}
    for limit, names in tests.items():
        by_tests.setdefault("; ".join(names), []).append(limit)
    rows = tuple(
        (
            line("" if number else strong(names_)),
            line(alert(word(knowledge, "limit", limit.level))),
            line(limit.text, cite(knowledge, limit.sources, rule=rules[limit])),
        )
        for names_, limits in by_tests.items()
        for number, limit in enumerate(sorted(limits, key=lambda found: _GRAVEST_FIRST.index(found.level)))
    )
    if not rows:
        return Section(knowledge.texts["head_limits"], ())
    head = tuple(knowledge.texts[key] for key in ("col_test", "col_do", "col_limit"))
    legend = Item(line(knowledge.texts["limits_legend"]), bullet=False)
    return Section(knowledge.texts["head_limits"], (legend, Table(head, rows)))


def judgement_items(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    """When each therapy is judged, and before which day that is too early."""
    dated = {item.therapy for item in plan.schedule}
    undated = plan.next.therapy if plan.next is not None and plan.next.therapy not in dated and waits(plan) else None
    points = [point for point in plan.checkpoints if point.therapy != undated]
    first = {(point.therapy, point.premature_before): point for point in reversed(points)}
    return tuple(_judgement(knowledge, p, first[p.therapy, p.premature_before] is p) for p in points)


def waits(plan: Plan) -> bool:
    """Whether the first dose of the next therapy has no day yet, for what is known to stand in its way."""
    return any(item.kind == "known" for item in plan.before_starting)


def _judgement(knowledge: Knowledge, point: Checkpoint, first: bool) -> Item:
    premature = ""
    if point.kind == "judge" and first and point.premature_before != point.date:
        premature = knowledge.say("premature", date=day(knowledge, point.premature_before))
    name = knowledge.name(point.therapy)
    about = "" if name in point.question else f"{capital(name)}: "
    said = line(about, f"{point.question} {premature}".strip(), cite(knowledge, point.sources, point.level))
    return Item(labelled(day(knowledge, point.date), said))


def _tests(plan: Plan) -> Iterable[TestItem]:
    return (test for day_ in plan.monitoring for test in day_.tests)
