"""Dates and durations: days and whole weeks only, coarse dates as intervals, no date that the calendar lacks.

The sums are those of the CDC's CDSi (CALCDT, in weeks and days) and of CQL's date tests.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from conftest import find
from dmcli.knowledge.evaluate import compare
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days, Span, parse_date, weeks_between

AS_OF = date(2026, 12, 1)


def days(text: str, as_of: date | None = None) -> Days:
    found = parse_date(text, as_of)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-02-17", "2026-02-17", "2026-02-17"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        (" 2026-02-17 ", "2026-02-17", "2026-02-17"),
        ("1900", "1900-01-01", "1900-12-31"),
        ("2200-12", "2200-12-01", "2200-12-31"),
    ],
)
def test_a_coarse_date_is_the_interval_of_its_days(text: str, first: str, last: str) -> None:
    found = days(text)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert found.exact is (first == last)
    assert str(found) == (first if first == last else f"{first}..{last}")


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30", "2025-02-29", "2100-02-29", "2026-04-31", "2026-13-01", "2026-13", "2026-00", "2026-00-10", "2026-01-00",
        "2026-04-00",
        "2026-1-1", "26-01-01", "20260101", "01.02.2026", "1/2/2026", "2026-01-01T10:00", "2026-W05", "2026-", "1899", "2201",
        "0000",
        "", "today", "next week", "+13w", "13w", "-13", "-w", "-1.5w", "-13m", "-1y", "-13w2d", "--13w", "-999999w", "２０２６",
        "2026-02-17x",
    ],
)  # fmt: skip
def test_what_is_no_date_of_the_calendar(text: str) -> None:
    assert parse_date(text, AS_OF) is None


def test_a_relative_date_needs_the_day_it_counts_from() -> None:
    assert parse_date("-13w", None) is None
    assert parse_date("2026-02", None) == parse_date("2026-02", AS_OF)


def test_a_relative_date_ends_at_the_same_years_as_a_written_one() -> None:
    assert parse_date("1899-12-31", AS_OF) is None
    assert parse_date("-6613w", AS_OF) is not None  # 1900
    assert parse_date("-6700w", AS_OF) is None  # 1898
    assert parse_date("-99999w", AS_OF) is None


def test_every_day_of_four_years_reads_as_itself_and_lies_in_its_month_and_year() -> None:
    day = date(2023, 1, 1)
    while day < date(2027, 1, 1):
        assert days(day.isoformat()) == Days(day, day)
        for coarse in (f"{day:%Y-%m}", f"{day:%Y}"):
            assert days(coarse).first <= day <= days(coarse).last
        following = day + timedelta(days=1)
        assert (days(f"{day:%Y-%m}") == days(f"{following:%Y-%m}")) is (day.month == following.month)
        day = following


@pytest.mark.parametrize(
    ("start", "end", "low", "high"),
    [
        ("2026-09-08", "2026-12-01", 12, 12),  # 84 days
        ("2026-09-09", "2026-12-01", 11, 11),  # 83 days
        ("2026-09-02", "2026-12-01", 12, 12),  # 90 days
        ("2026-09-01", "2026-12-01", 13, 13),  # 91 days
        ("2026-12-01", "2026-12-01", 0, 0),
        ("2026-11-25", "2026-12-01", 0, 0),  # 6 days
        ("2026-11-24", "2026-12-01", 1, 1),  # 7 days
        ("2026-09", "2026-12-01", 8, 13),
        ("2026", "2026-12-01", 0, 47),
        ("2026-06", "2026-09", 9, 17),
        ("2026-12-02", "2026-12-01", 0, 0),  # never less than none
    ],
)
def test_weeks_are_completed_weeks_and_as_wide_as_the_dates_are_coarse(start: str, end: str, low: int, high: int) -> None:
    assert weeks_between(days(start), days(end)) == Span(low, high)


@pytest.mark.parametrize(
    ("size", "weeks"), [(0, 0), (6, 0), (7, 1), (83, 11), (84, 12), (90, 12), (91, 13), (181, 25), (182, 26)]
)
def test_the_date_rule(size: int, weeks: int) -> None:
    start = date(2026, 1, 1)
    end = start + timedelta(days=size)
    assert weeks_between(Days(start, start), Days(end, end)) == Span(weeks, weeks)


def test_the_date_rule_is_declared_in_the_knowledge(knowledge: Knowledge) -> None:
    # Month = 4 weeks for infusion courses, else 3 months = 13 weeks and 6 months = 26 weeks.
    rule = knowledge.algorithm.date_rule
    for part in ("days // 7", "day 0", "4 weeks", "13 weeks", "26 weeks"):
        assert part in rule


# A comparison of a coarse date is answered only where every day in it agrees.
@pytest.mark.parametrize(
    ("start", "answers"),
    [
        ("2026-06", {"ge": True, "gt": True, "lt": False, "le": False, "eq": False, "ne": True}),
        ("2026-09", {"ge": None, "gt": None, "lt": None, "le": None, "eq": None, "ne": None}),
        ("2026-11", {"ge": False, "gt": False, "lt": True, "le": True, "eq": False, "ne": True}),
        ("2026-09-08", {"ge": True, "gt": False, "lt": False, "le": True, "eq": True, "ne": False}),
    ],
)
def test_a_coarse_date_gives_a_verdict_only_where_its_days_agree(start: str, answers: dict[str, Any]) -> None:
    weeks = weeks_between(days(start), Days(AS_OF, AS_OF))
    mirrored = {"ge": "le", "gt": "lt", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}
    assert {kind: compare(kind, weeks, 12) for kind in answers} == answers
    assert {kind: compare(mirrored[kind], 12, weeks) for kind in answers} == answers


def test_a_coarse_date_in_a_condition() -> None:
    def since(text: str) -> dict[str, Any]:
        return {"weeks_on": lambda fact: (weeks_between(days(text), Days(AS_OF, AS_OF)), frozenset((fact,)))}

    assert find("weeks_on(mmf) <= 26", since("2026-06-15")).value is True
    assert find("weeks_on(mmf) <= 26", since("2026")).value is None
    assert find("weeks_on(mmf) <= 26", since("2025")).value is False
    assert find("weeks_on(mmf) > 52 or weeks_on(mmf) >= 4", since("2026-10")).value is True


def test_how_a_span_reads() -> None:
    assert str(Span(12, 12)) == "12"
    assert str(Span(8, 13)) == "8 to 13"
