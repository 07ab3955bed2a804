"""How a therapy is followed: each source's schedule, the one the planner uses first, and the limits."""

from dmcli.assess.snapshots import stated_behind
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.limits import Limit, StartLimit
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.therapies import Monitor, Phase, Therapy
from dmcli.render.catalogue.parts import condition, noted
from dmcli.render.document import Item, Section, Table, alert, labelled, line
from dmcli.render.wording import capital, cite, word


def follow_up_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """The schedules that are used, then those of other sources; or why none is needed."""
    items: tuple[Item, ...] = ()
    if entry.no_monitoring is not None:
        none = entry.no_monitoring
        items = (Item(line(none.text, cite(knowledge, none.sources, none.level), noted(knowledge, none))),)
    parts = []
    for key, shown in (("head_monitoring_used", True), ("head_monitoring_other", False)):
        monitors = tuple(_monitor(knowledge, m) for m in entry.monitoring if m.shown is shown)
        if monitors:
            parts.append(Section(knowledge.texts[key], monitors))
    return Section(knowledge.texts["head_monitoring"], items, tuple(parts))


def _monitor(knowledge: Knowledge, monitor: Monitor) -> Item:
    tests = capital("; ".join(knowledge.name(t) for t in monitor.tests))
    due = [knowledge.texts["phase_baseline"]] if monitor.baseline else []
    due += [text for phase in monitor.phases for text in phase_texts(knowledge, phase)]
    said = line(
        monitor.text,
        cite(knowledge, monitor.sources, monitor.level),
        noted(knowledge, monitor),
        condition(knowledge, monitor.when),
    )
    shown = labelled(knowledge.texts["word_due"], "; ".join(dict.fromkeys(due)))
    return Item(labelled(tests, said), (Item(shown),) if due else ())


def phase_texts(knowledge: Knowledge, phase: Phase) -> list[str]:
    """When the tests of a phase are due."""
    found = []
    if phase.at_weeks:
        found.append(knowledge.say("phase_at", weeks=", ".join(str(w) for w in phase.at_weeks)))
    if phase.every_weeks is not None:
        first = phase.from_week or phase.every_weeks
        rhythm = "phase_weekly" if phase.every_weeks == 1 else "phase_every"
        key = rhythm if phase.until_week is None else f"{rhythm}_until"
        found.append(knowledge.say(key, weeks=phase.every_weeks, first=first, last=phase.until_week))
    if phase.before_each is not None:
        found.append(knowledge.texts["phase_before_each"])
    if phase.after_each is not None:
        found.append(knowledge.say("phase_after_each", days=phase.after_each.days))
    return found


def limits_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """Results that ask for action, and those with which the therapy does not start."""
    head = tuple(knowledge.texts[key] for key in ("col_test", "col_do", "col_limit"))
    rows = tuple(
        (
            line("; ".join(_tested(knowledge, limit))),
            line(alert(word(knowledge, "limit", limit.tier))),
            line(
                limit.text, cite(knowledge, limit.sources, limit.level), noted(knowledge, limit), condition(knowledge, limit.when)
            ),
        )
        for limit, _ in knowledge.limits.limits[entry.id]
    )
    legend = Item(line(knowledge.texts["limits_legend"]), bullet=False)
    before = Section(knowledge.texts["head_start_limits"], tuple(_start(knowledge, s) for s in knowledge.limits.start[entry.id]))
    return Section(
        knowledge.texts["head_limits"], (legend, Table(head, rows)) if rows else (), (before,) if before.blocks else ()
    )


def _start(knowledge: Knowledge, limit: StartLimit) -> Item:
    said = cite(knowledge, limit.sources, limit.level)
    return Item(line(limit.text, said, noted(knowledge, limit), condition(knowledge, limit.when)))


def _tested(knowledge: Knowledge, limit: Limit) -> list[str]:
    """The tests that give the result a limit is about: those of its own facts, and of a computed number those behind it."""
    tests = knowledge.catalogue.tests.values()
    measured = {fact for test in tests for fact in (*test.settles, *test.also)}
    named = facts_of(knowledge.tree(limit.when))
    # What a yes or no is concluded from is asked for its own sake, not for this limit.
    concluded = {fact.id for fact in knowledge.facts.values() if fact.type != "number"}
    concluded |= {rule.fact for rule in knowledge.algorithm.derived if rule.type == "boolean"}
    facts = named | stated_behind(named - measured - concluded, knowledge)
    return [test.name for test in tests if test.id in limit.tests or facts & {*test.settles, *test.also}]
