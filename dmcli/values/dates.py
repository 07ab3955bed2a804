"""Calendar dates as written in a case: exact, coarse (a month, a year) or relative to the as-of date.

A coarse date is the interval of its days. Durations are counted in days and whole weeks only, so no
month arithmetic exists here.
"""

import re
from datetime import date, timedelta
from typing import NamedTuple

# Compiled at the first date that is written so; most are days of the calendar, which need none of them.
_RELATIVE = r"-\s*([0-9]{1,5})\s*([wd])"
_ISO = r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>[a-z]{3,9})\.?"
_NAMED = (
    rf"{_MONTH},?\s+(?P<year>[0-9]{{4}})",
    rf"(?P<day>[0-9]{{1,2}})\.?\s+{_MONTH},?\s+(?P<year>[0-9]{{4}})",
    rf"{_MONTH}\s+(?P<day>[0-9]{{1,2}}),?\s+(?P<year>[0-9]{{4}})",
)
_FULL = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_NUMERIC = r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})"
_EARLIEST, _LATEST = 1900, 2200
_WHOLE = len("2026-12-01")


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

    YYYY-MM-DD, YYYY-MM, YYYY, the month by its name; `-13w` and `-90d` count back from `as_of` and need it.
    """
    if (day := whole_day(text)) is not None:
        return Days(day, day)
    if match := re.fullmatch(_RELATIVE, text.strip()):
        if as_of is None:
            return None
        try:
            day = as_of - timedelta(days=int(match[1]) * (7 if match[2] == "w" else 1))
        except OverflowError:
            return None
        return Days(day, day) if day.year >= _EARLIEST else None
    if not (match := re.fullmatch(_ISO, _with_month_in_numbers(text.strip()))):
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


def whole_day(text: str) -> date | None:
    """The day of YYYY-MM-DD, as nearly all dates are written; None for any other text."""
    if len(text) != _WHOLE or not text[4] == text[7] == "-":
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day.year <= _LATEST else None


def _with_month_in_numbers(text: str) -> str:
    """'Jan 2026' as '2026-01', '12 Jan 2026' as '2026-01-12'; anything else as it is."""
    plain = " ".join(text.lower().split())
    for form in _NAMED:
        found = re.fullmatch(form, plain)
        month = found["month"] if found else ""
        if found and (month in _FULL or month in (*_MONTHS, "sept")):
            number = f"{found['year']}-{_MONTHS.index(month[:3]) + 1:02d}"
            day = found.groupdict().get("day")
            return f"{number}-{int(day):02d}" if day else number
    return text


def readings(text: str) -> tuple[date, ...]:
    """The days that a date in numbers, as 12/01/2026, can be read as: the day first, then the month first."""
    found = re.fullmatch(_NUMERIC, text.strip())
    if found is None:
        return ()
    one, two, year = (int(group) for group in found.groups())
    meant = []
    for day, month in ((one, two), (two, one)):
        try:
            meant.append(date(year, month, day))
        except ValueError:
            continue
    return tuple(dict.fromkeys(meant))


def weeks_between(start: Days, end: Days) -> Span:
    """Completed weeks from start to end, as wide as the two dates are coarse."""
    least, most = (end.first - start.last).days, (end.last - start.first).days
    return Span(least // 7 if least > 0 else 0, most // 7 if most > 0 else 0)
