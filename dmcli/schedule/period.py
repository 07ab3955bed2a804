"""The days a plan is about."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

from dmcli.case.model import Case
from dmcli.knowledge.model import Knowledge

Found = TypeVar("Found")


class Reach(NamedTuple):
    """How far a therapy is scheduled: to the last day, or with `first` no further than its first dose. Of that its day and
    the dose itself are asked, and not what it waits for."""

    end: date
    first: bool = False

    def some(self, days: Iterable[Found]) -> Iterable[Found]:
        """The days of one dose that are scheduled."""
        return islice(days, 1) if self.first else days


class Period(NamedTuple):
    """`start` is day 0 of the chosen therapy, `end` the last day that is scheduled, `valid_until` the day by which the
    plan is to be made anew."""

    start: date
    end: date
    valid_until: date

    def begun(self, start: date) -> "Period":
        """The same period with another day 0; as long as it was."""
        return self._replace(start=start, end=self.end + (start - self.start))


def planned_period(case: Case, knowledge: Knowledge, start: date | None, horizon_weeks: int | None) -> Period:
    """From the day that is asked for, never before the as-of date, as far as is asked for or as the settings say."""
    settings = knowledge.algorithm.settings
    first = max(start or case.as_of, case.as_of)
    weeks = horizon_weeks or int(settings["horizon_weeks"].value)
    return Period(first, first + timedelta(weeks=weeks), case.as_of + timedelta(weeks=int(settings["valid_weeks"].value)))
