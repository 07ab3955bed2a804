"""What was true on an earlier day: the same facts, as far as they were known by then."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dmcli.assess.changes import changes_since
from dmcli.assess.checked import Change
from dmcli.assess.facts import Facts, derive, newest_of, resolve, resolve_some, too_old
from dmcli.case.model import Case
from dmcli.knowledge.evaluate import Value
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr
from dmcli.values.dates import Days


class View(NamedTuple):
    """The values that count for a therapy on a day, with the changes since it began."""

    values: dict[str, Value]
    days: dict[str, Days]
    changes: dict[str, Change]


def view(case: Case, facts: Facts, start: Days | None, knowledge: Knowledge) -> View:
    """The facts together with what has changed since `start`, and what follows from both."""
    changes = {} if start is None else changes_since(case, start, facts.values, knowledge)
    if not changes:
        return View(facts.values, facts.days, changes)
    with_changes = {**facts.values, **{name: change.value for name, change in changes.items()}}
    rules = knowledge.prepared.deriving_again(frozenset(changes)) if knowledge.prepared is not None else None
    again = derive(facts._replace(values=with_changes), case, knowledge, lacking=False, rules=rules)
    return View(again.values, facts.days, changes)


def as_of(case: Case, day: date, names: Iterable[str] | None = None) -> Case:
    """The case, or these facts of it, as it could have been stated on an earlier day; undated values hold on every day."""
    stated = case.stated if names is None else {name: case.stated[name] for name in names if name in case.stated}
    known = {name: tuple([v for v in values if v.day is None or v.day.last <= day]) for name, values in stated.items()}
    return case.changed(as_of=day, stated={name: values for name, values in known.items() if values})


def at(case: Case, day: date, start: Days | None, knowledge: Knowledge) -> View:
    """The view of an earlier day."""
    earlier = as_of(case, day)
    return view(earlier, resolve(earlier, knowledge, lacking=False), start, knowledge)


def at_for(conditions: tuple[Expr, ...], case: Case, day: date, start: Days | None, knowledge: Knowledge) -> View:
    """The view of an earlier day as far as these conditions look; what else stands in it may lack what it rests on."""
    if knowledge.prepared is None:
        return at(case, day, start, knowledge)
    needed = knowledge.prepared.needed(conditions, changes=start is not None)
    earlier = as_of(case, day, needed[0])
    return view(earlier, resolve_some(needed, earlier, knowledge), start, knowledge)


def aged_at(conditions: tuple[Expr, ...], case: Case, day: date, knowledge: Knowledge) -> Facts:
    """The facts of an earlier day, of any age, as far as these conditions look."""
    if knowledge.prepared is None:
        return resolve(as_of(case, day), knowledge, aged=True, lacking=False)
    needed = knowledge.prepared.needed(conditions, changes=False)
    return resolve_some(needed, as_of(case, day, needed[0]), knowledge, aged=True)


def age_matters(conditions: tuple[Expr, ...], facts: Facts, knowledge: Knowledge) -> bool:
    """Whether these conditions look at a value that is too old to count."""
    if knowledge.prepared is None:
        return bool(facts.stale)
    asked = knowledge.prepared.needed(conditions, changes=True)[0]
    return any(stale.fact in asked for stale in facts.stale)


def stated_at(case: Case, day: date, condition: Expr, knowledge: Knowledge) -> dict[str, Value] | None:
    """The values of an earlier day that a condition asks, where it asks nothing but what the case states itself: as `at`
    has them, without all others. None where it takes more to tell."""
    names = knowledge.prepared.plain.get(condition) if knowledge.prepared is not None else None
    if names is None:
        return None
    values: dict[str, Value] = {}
    for name in names:
        known = tuple([s for s in case.stated.get(name, ()) if s.day is None or s.day.last <= day])
        newest = newest_of(known) if known else None
        if newest is not None and (newest.day is None or not too_old(knowledge.facts[name], newest.day, day)):
            values[name] = newest.value
    return values


def day_of(fact: str, seen: View, knowledge: Knowledge) -> Days | None:
    """The day of a fact; of a derived one the latest day of what it rests on."""
    if fact in seen.days:
        return seen.days[fact]
    days = [seen.days[f] for f in stated_behind({fact}, knowledge) if f in seen.days and seen.values.get(f) is not False]
    return max(days, key=lambda day: day.last, default=None)


def result_days(case: Case, facts: Iterable[str], start: Days | None) -> list[date]:
    """The days after the start with a dated value of one of the facts, in order."""
    days = {s.day.last for fact in facts for s in case.stated.get(fact, ()) if s.day is not None}
    return sorted(d for d in days if start is None or d > start.last)


def stated_behind(names: Iterable[str], knowledge: Knowledge) -> set[str]:
    """The facts a case may state that the names of a condition rest on; those behind a derived one count as well."""
    return set().union(*(knowledge.behind.get(name, ()) for name in names))
