"""The dated tests, what their results ask for, and when each therapy is judged."""

from collections.abc import Iterable

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Section, Table, alert, labelled, line
from dmcli.render.wording import capital, cite, day, days, reasons, word
from dmcli.result.monitoring import LimitItem, TestItem
from dmcli.result.plan import Plan

_GRAVEST_FIRST = ("stop", "hold", "reduce", "repeat")


def monitoring_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What is overdue, then days with their tests; days in a row that ask for the same are one line. Then why these."""
    runs: list[tuple[list[str], str]] = []
    for item in plan.monitoring:
        names = "; ".join(t.name for t in item.tests if t.overdue_since is None)
        if not names:
            continue
        if runs and runs[-1][1] == names:
            runs[-1][0].append(item.date)
        else:
            runs.append(([item.date], names))
    items = [Item(labelled(days(knowledge, dates), names)) for dates, names in runs]
    late = [(t.name, t.overdue_since) for t in _tests(plan) if t.overdue_since is not None]
    if late:
        told = "; ".join(knowledge.say("overdue_test", test=name, date=day(knowledge, since)) for name, since in late)
        items.insert(0, Item(labelled(knowledge.texts["word_overdue"], told)))
    items += reasons(knowledge, plan.no_tests_needed)
    why = reasons(knowledge, (r for test in _tests(plan) for r in test.because))
    parts = (Section(knowledge.texts["head_monitoring_why"], why),)
    return Section(knowledge.texts["head_monitoring"], tuple(items), parts)


def limits_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Each limit once, though several therapies ask for it, with the tests it belongs to; the gravest first."""
    tests: dict[LimitItem, dict[str, None]] = {}
    for test in _tests(plan):
        for limit in test.limits:
            tests.setdefault(limit.changed(condition="", rule=""), {})[test.name] = None
    by_tests: dict[str, list[LimitItem]] = {}
    for limit, names in tests.items():
        by_tests.setdefault("; ".join(names), []).append(limit)
    rows = tuple(
        (
            line("" if number else names_),
            line(alert(word(knowledge, "limit", limit.level))),
            line(limit.text, cite(knowledge, limit.sources)),
        )
        for names_, limits in by_tests.items()
        for number, limit in enumerate(sorted(limits, key=lambda found: _GRAVEST_FIRST.index(found.level)))
    )
    if not rows:
        return Section(knowledge.texts["head_limits"], ())
    head = tuple(knowledge.texts[key] for key in ("col_test", "col_do", "col_limit"))
    legend = Item(line(knowledge.texts["limits_legend"]), bullet=False)
    return Section(knowledge.texts["head_limits"], (legend, Table(head, rows)))


def checkpoints_section(plan: Plan, knowledge: Knowledge) -> Section:
    """When each therapy is judged, and before which day that is too early."""
    items = []
    for point in plan.checkpoints:
        judged = point.kind == "judge"
        premature = knowledge.say("premature", date=day(knowledge, point.premature_before)) if judged else ""
        name = knowledge.name(point.therapy)
        about = "" if name in point.question else f"{capital(name)}: "
        said = line(about, f"{point.question} {premature}".strip(), cite(knowledge, point.sources, point.level))
        items.append(Item(labelled(day(knowledge, point.date), said)))
    return Section(knowledge.texts["head_checkpoints"], tuple(items))


def _tests(plan: Plan) -> Iterable[TestItem]:
    return (test for day_ in plan.monitoring for test in day_.tests)
