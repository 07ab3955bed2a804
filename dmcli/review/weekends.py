"""Infusions keep clear of weekends: the whole course moves to later days."""

from datetime import date, timedelta

from dmcli.assess.assess import Assessment

_WEEK = 7
_SATURDAY = 5


def clear_of_weekends(patient: Assessment, day: date, on_days: tuple[int, ...]) -> date:
    """The first day from `day` on with which none of the days of a course falls on a weekend; `day` itself where weekends
    are allowed, or a course is so long that it cannot keep clear of them."""
    if patient.weekends:
        return day
    firsts = (day + timedelta(days=later) for later in range(_WEEK))
    clear = (first for first in firsts if all((first + timedelta(days=o)).weekday() < _SATURDAY for o in on_days))
    return next(clear, day)
