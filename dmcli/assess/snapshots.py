"""What was true on an earlier day: the same facts, as far as they were known by then."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dmcli.assess.changes import changes_since
from dmcli.assess.checked import Change
from dmcli.assess.facts import Facts, derive, resolve
from dmcli.case.model import Case
from dmcli.knowledge.evaluate import Value
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days


class View(NamedTuple):
    """The values that count for a therapy on a day, with the changes since it began."""

    values: dict[str, Value]
    days: dict[str, Days]
    behind: dict[str, frozenset[str]]
    changes: dict[str, Change]


def view(case: Case, facts: Facts, start: Days | None, knowledge: Knowledge) -> View:
    """The facts together with what has changed since `start`, and what follows from both."""
    changes = {} if start is None else changes_since(case, start, facts.values, knowledge)
    if not changes:
        return View(facts.values, facts.days, facts.behind, changes)
    with_changes = {**facts.values, **{name: change.value for name, change in changes.items()}}
    again = derive(facts._replace(values=with_changes), case, knowledge)
    return View(again.values, facts.days, again.behind, changes)


def as_of(case: Case, day: date) -> Case:
    """The case as it could have been stated on an earlier day; undated values hold on every day."""
    stated = {
        name: kept
        for name, values in case.stated.items()
        if (kept := tuple(v for v in values if v.day is None or v.day.last <= day))
    }
    return case.changed(as_of=day, stated=stated)


def at(case: Case, day: date, start: Days | None, knowledge: Knowledge) -> View:
    """The view of an earlier day."""
    earlier = as_of(case, day)
    return view(earlier, resolve(earlier, knowledge), start, knowledge)


def result_days(case: Case, facts: Iterable[str], start: Days | None) -> list[date]:
    """The days after the start with a dated value of one of the facts, in order."""
    days = {s.day.last for fact in facts for s in case.stated.get(fact, ()) if s.day is not None}
    return sorted(d for d in days if start is None or d > start.last)


def stated_behind(names: Iterable[str], knowledge: Knowledge) -> set[str]:
    """The facts a case may state that the names of a condition rest on; those behind a derived one count as well."""
    return set().union(*(knowledge.behind.get(name, ()) for name in names))
