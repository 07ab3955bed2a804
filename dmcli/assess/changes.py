"""How results have changed since a therapy began, computed from two dated values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dmcli.assess.checked import Change
from dmcli.assess.facts import newest_of
from dmcli.case.model import Case, Stated
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import Value
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days


def changes_since(case: Case, start: Days, known: dict[str, Value], knowledge: Knowledge) -> dict[str, Change]:
    """The changes since a course began that the case does not state and two of its dated values give.

    `known` are the values that count; the newest must be one of them and of after the start. The baseline is the last
    value at or before the start, else the first one after it.
    """
    found: dict[str, Change] = {}
    compared: dict[str, _Compared | None] = {}
    stated = case.stated
    for fact in knowledge.changing:
        of = fact.change_of
        if of is None or fact.change is None or of not in known or fact.id in known:
            continue
        # One value changes nothing.
        if len(stated.get(of, ())) < 2:
            continue
        if of not in compared:
            compared[of] = _compared(stated[of], start, case.as_of)
        two = compared[of]
        value = _CHANGES[fact.change](two.exact_baseline, two.exact_newest) if two is not None else None
        if two is not None and value is not None:
            found[fact.id] = Change(fact.id, of, value, two.baseline, two.first, two.newest, two.last)
    return found


class _Compared(NamedTuple):
    """The two values that a change is computed from, each with its days, and as they are written."""

    baseline: float
    first: Days
    newest: float
    last: Days
    exact_baseline: tuple[int, int]
    exact_newest: tuple[int, int]


def _compared(series: tuple[Stated, ...], start: Days, as_of: date) -> _Compared | None:
    newest = newest_of(series)
    last = newest.day or Days(as_of, as_of)
    baseline = _baseline(series, start, last) if last.last > start.first else None
    if baseline is None or baseline.day is None:
        return None
    before, now = float(str(baseline.value)), float(str(newest.value))
    return _Compared(before, baseline.day, now, last, _exact(before), _exact(now))


def _exact(value: float) -> tuple[int, int]:
    """A number as it is written, as a fraction: what is computed of two is rounded once, at its end."""
    return Decimal(str(value)).as_integer_ratio()


def _fall(before: tuple[int, int], after: tuple[int, int]) -> float | None:
    (was, under_was), (now, under_now) = before, after
    return (was * under_now - now * under_was) / (under_was * under_now)


def _percent_rise(before: tuple[int, int], after: tuple[int, int]) -> float | None:
    (was, under_was), (now, under_now) = before, after
    return (now * under_was - was * under_now) * 100 / (was * under_now) if was else None


def _percent_fall(before: tuple[int, int], after: tuple[int, int]) -> float | None:
    (was, under_was), (now, under_now) = before, after
    return (was * under_now - now * under_was) * 100 / (was * under_now) if was else None


_CHANGES = {"fall": _fall, "percent_rise": _percent_rise, "percent_fall": _percent_fall}


def _baseline(stated: tuple[Stated, ...], start: Days, last: Days) -> Stated | None:
    """The last value at or before the start, else the first one after it; of two of one day the one that stands later."""
    before: tuple[date, Stated] | None = None
    after: tuple[date, Stated] | None = None
    for one in stated:
        day = one.day
        if day is None or day.last >= last.first:
            continue
        if day.last <= start.first:
            before = (day.last, one) if before is None or day.last >= before[0] else before
        elif day.first > start.first:
            after = (day.first, one) if after is None or day.first <= after[0] else after
    found = before or after
    return found[1] if found is not None else None


def moved_by(part: Node, now: Mapping[str, Value], before: Mapping[str, Value], margin: float) -> bool:
    """Whether the result of a plain comparison differs from before by more than the margin (percent of the earlier
    value)."""
    if part.kind not in ("lt", "le", "gt", "ge") or part.args[0].kind != "fact":
        return False
    name = str(part.args[0].value)
    earlier, later = before.get(name), now.get(name)
    if not isinstance(earlier, (int, float)) or not isinstance(later, (int, float)):
        return False
    return abs(later - earlier) > abs(earlier) * margin / 100
