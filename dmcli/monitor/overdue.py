"""What is overdue, told: one action for all missed tests, each with what is on file of it."""

from dmcli.assess.assess import Assessment
from dmcli.assess.missed import Missed, newest
from dmcli.result.actions import ActionItem
from dmcli.result.reasons import reason


def overdue_actions(patient: Assessment, missed: tuple[Missed, ...]) -> tuple[ActionItem, ...]:
    """One action for all overdue tests, with the age of the values that are on file; none where nothing is overdue."""
    if not missed:
        return ()
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    tests: dict[str, list[Missed]] = {}
    for item in missed:
        tests.setdefault(item.test, []).append(item)
    told = "; ".join(
        k.say("overdue_test", test=_on_file(patient, test, mine), date=min(m.since for m in mine)) for test, mine in tests.items()
    )
    lacking = {fact for item in missed for fact in item.lacking}
    said = statements["stale_value"]
    stale = (
        reason(said, said.text.format(name=k.fact_name(s.fact), weeks=s.weeks, limit=s.shelf_weeks))
        for s in patient.facts.stale
        if s.fact in lacking
    )
    text = statements["overdue"].text.format(tests=told)
    return (ActionItem("now", "test", None, text, None, tuple(stale), ()),)


def _on_file(patient: Assessment, test: str, missed: list[Missed]) -> str:
    """The name of a test, with what is known of the facts it settles."""
    k = patient.knowledge
    name, settles = k.name(test), k.catalogue.tests[test].settles
    lacking = [fact for fact in settles if any(fact in m.lacking for m in missed)]
    too_old: dict[int, list[str]] = {}
    for stale in patient.facts.stale:
        if stale.fact in lacking:
            too_old.setdefault(stale.weeks, []).append(k.fact_name(stale.fact))
    if too_old:
        ages = (k.say("overdue_age", facts=", ".join(facts), weeks=weeks) for weeks, facts in too_old.items())
        return k.say("overdue_stale", test=name, values=", ".join(ages))
    days = [day for fact in lacking if (day := newest(patient, fact)) is not None]
    if len(days) == len(settles):
        return k.say("overdue_old", test=name, weeks=(patient.case.as_of - max(days)).days // 7)
    open_facts = [k.fact_name(fact) for fact in lacking if newest(patient, fact) is None]
    part = open_facts and len(open_facts) < len(settles)
    return k.say("overdue_part", test=name, facts=", ".join(open_facts)) if part else name
