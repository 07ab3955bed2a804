"""Calendar dates as written in a case: exact, coarse (a month, a year) or relative to the as-of date.

A coarse date is the interval of its days. Durations are counted in days and whole weeks only, so no
month arithmetic exists here.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

_RELATIVE = re.compile(r"-\s*([0-9]{1,5})\s*([wd])")
_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


_EARLIEST, _LATEST = 1900, 2200


class Days(NamedTuple):
    """The first and the last day a date may be."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        return self.first == self.last

    def __str__(self) -> str:
        return self.first.isoformat() if self.exact else f"{self.first.isoformat()}..{self.last.isoformat()}"


class Span(NamedTuple):
    """A number known only between two bounds, such as weeks since a coarse date."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"


def parse_date(text: str, as_of: date | None) -> Days | None:
    """The days a written date may be, or None if it is no date.

    YYYY-MM-DD, YYYY-MM, YYYY; `-13w` and `-90d` count back from `as_of` and need it.
    """
    if match := _RELATIVE.fullmatch(text.strip()):
        if as_of is None:
            return None
        try:
            day = as_of - timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
        except OverflowError:
            return None
        return Days(day, day) if day.year >= _EARLIEST else None
    if not (match := _ISO.fullmatch(text.strip())):
        return None
    year, month, day_of = (int(g) if g else None for g in match.groups())
    if year is None or not _EARLIEST <= year <= _LATEST:
        return None
    try:
        if month is None:
            return Days(date(year, 1, 1), date(year, 12, 31))
        first = date(year, month, 1 if day_of is None else day_of)
        if day_of is not None:
            return Days(first, first)
        following = date(year + month // 12, month % 12 + 1, 1)
        return Days(first, following - timedelta(days=1))
    except ValueError:
        return None


def weeks_between(start: Days, end: Days) -> Span:
    """Completed weeks from start to end, as wide as the two dates are coarse."""
    return Span(max((end.first - start.last).days, 0) // 7, max((end.last - start.first).days, 0) // 7)
