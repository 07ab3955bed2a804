"""The facts at the as-of date: what is stated and still fresh, and what follows from it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.exposure import lingers
from dmcli.case.model import Case, Stated
from dmcli.knowledge.algorithm import Derived
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.evaluate import Answer, Scope, Value, evaluate
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days, Span
from dmcli.values.truth import any_of


class Stale(NamedTuple):
    """A value that is too old to count, with the weeks it was old."""

    fact: str
    weeks: int
    shelf_weeks: int


class Facts(NamedTuple):
    """`values` holds known facts only; `behind` says, for a derived one, which stated facts it lacks."""

    values: dict[str, Value]
    days: dict[str, Days]
    behind: dict[str, frozenset[str]]
    derived: dict[str, str]
    stale: tuple[Stale, ...]


def resolve(case: Case, knowledge: Knowledge, aged: bool = False) -> Facts:
    """The newest fresh value of each fact (of any age if `aged`), then what the knowledge derives from them."""
    return derive(_stated(case, knowledge, aged), case, knowledge)


def derive(facts: Facts, case: Case, knowledge: Knowledge) -> Facts:
    """Facts that are known, with what the knowledge derives from them."""
    facts = facts._replace(values=dict(facts.values), behind={}, derived={})
    scope = Scope(facts.values, stated_functions(case, knowledge, facts.days), facts.behind)
    for rule in knowledge.algorithm.derived:
        # A stated "no" yields to a "yes" that follows from another statement: the safer of the two counts.
        stated = rule.fact in facts.values
        if stated and facts.values[rule.fact] is not False:
            continue
        value, lacking = _derived(rule, scope, knowledge)
        if value is not None and (not stated or value is True):
            facts.values[rule.fact] = value
            facts.derived[rule.fact] = rule.id
            facts.behind.pop(rule.fact, None)
        elif not stated and rule.fact not in knowledge.facts:
            lacking = lacking or _open_names(rule, facts, knowledge)
            facts.behind[rule.fact] = facts.behind.get(rule.fact, frozenset()) | lacking
    return facts


def _open_names(rule: Derived, facts: Facts, knowledge: Knowledge) -> frozenset[str]:
    """The stated facts that the value of a rule would need; where it does not apply they are what is missing."""
    names = facts_of(knowledge.tree(rule.value)) - facts.values.keys()
    return frozenset().union(*(facts.behind.get(name, frozenset((name,))) for name in names))


def _derived(rule: Derived, scope: Scope, knowledge: Knowledge) -> tuple[Value, frozenset[str]]:
    """What follows by a rule, or what it lacks; neither where it does not apply."""
    if rule.when is not None:
        applies = knowledge.value(rule.when, scope)
        if applies is not True:
            return None, evaluate(knowledge.tree(rule.when), scope).missing if applies is None else frozenset()
    value = knowledge.value(rule.value, scope)
    return value, evaluate(knowledge.tree(rule.value), scope).missing if value is None else frozenset()


def _stated(case: Case, knowledge: Knowledge, aged: bool) -> Facts:
    """The newest value of each fact that is stated; one beyond its shelf life is stale."""
    values: dict[str, Value] = {}
    days: dict[str, Days] = {}
    stale: list[Stale] = []
    for name, fact in [(name, knowledge.facts[name]) for name in knowledge.facts if case.stated.get(name)]:
        newest, shelf = newest_of(case.stated[name], case.as_of), fact.shelf_weeks
        if newest.day is None:
            values[name] = newest.value
        elif not aged and shelf is not None and newest.day.last + timedelta(weeks=shelf) < case.as_of:
            stale.append(Stale(name, (case.as_of - newest.day.last).days // 7, shelf))
        else:
            values[name], days[name] = newest.value, newest.day
    return Facts(values, days, {}, {}, tuple(stale))


def newest_of(stated: tuple[Stated, ...], as_of: date) -> Stated:
    """An undated value is taken as stated today; of dated ones the latest counts, the last written on a tie."""
    undated = [s for s in stated if s.day is None]
    return undated[-1] if undated else max(reversed(stated), key=lambda value: value.day.last if value.day else as_of)


def stated_functions(case: Case, knowledge: Knowledge, days: dict[str, Days]) -> dict[str, Callable[..., Answer]]:
    """The functions of the language that need only what the case states."""

    def days_since(fact: str) -> Answer:
        if fact not in days:
            return None, frozenset((fact,))
        return Span((case.as_of - days[fact].last).days, (case.as_of - days[fact].first).days), frozenset()

    taken = taken_names(case, knowledge)
    untold = frozenset(("other_drugs",))

    def taking(drug: str) -> Answer:
        return _among(taken, drug, case), untold

    def on_board(target: str) -> Answer:
        ended, missing = lingers(case, knowledge, target)
        truth = any_of((_among(taken, target, case), ended))
        return truth, missing if ended is None else untold

    return {"days_since": days_since, "taking": taking, "on_board": on_board}


def taken_names(case: Case, knowledge: Knowledge) -> frozenset[str]:
    """What names a drug on board: its id, the groups and classes it belongs to, and of a therapy its line."""
    drugs = {c.therapy for c in case.courses if c.running}
    others = {d.known for d in case.other_drugs or () if d.known is not None}
    found = set(others)
    for name in drugs | others:
        found |= knowledge.targets.get(name, frozenset())
        substance = knowledge.catalogue.substances.get(name)
        if substance is not None:
            found.update(substance.groups, substance.classes)
    return frozenset(found)


def _among(taken: frozenset[str], drug: str, case: Case) -> bool | None:
    """Whether a drug, drug group, therapy or class is on board. Unknown while `other_drugs` is not stated."""
    return True if drug in taken else None if case.other_drugs is None else False
