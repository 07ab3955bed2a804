"""Doses as people write them: read exactly, or not read at all. A dose is never guessed."""

import re

import pytest

from conftest import as_case
from dmcli.case.model import Course
from dmcli.errors import InvalidCase
from dmcli.knowledge.model import Knowledge
from dmcli.values.dosetext import UNDERSTOOD, parse_dose


@pytest.mark.parametrize(
    ("text", "amount", "per", "times", "days"),
    [
        ("20 mg weekly", 20, None, 1, 7),
        ("20mg/wk", 20, None, 1, 7),
        ("20 mg/week", 20, None, 1, 7),
        ("20 mg a week", 20, None, 1, 7),
        ("20 mg once weekly", 20, None, 1, 7),
        ("20 mg per week", 20, None, 1, 7),
        ("20 mg w", 20, None, 1, 7),
        ("  20   MG   Weekly ", 20, None, 1, 7),
        ("20 mg weekly, subcutaneous", 20, None, 1, 7),
        ("7.5 mg weekly", 7.5, None, 1, 7),
        ("7,5 mg weekly", 7.5, None, 1, 7),
        ("400 mg daily", 400, None, 1, 1),
        ("400 mg a day", 400, None, 1, 1),
        ("400 mg/day", 400, None, 1, 1),
        ("400 mg/d", 400, None, 1, 1),
        ("400 mg od", 400, None, 1, 1),
        ("400 mg once a day", 400, None, 1, 1),
        ("11 mg XR daily", 11, None, 1, 1),
        ("1 g twice daily", 1000, None, 2, 1),
        ("1 g bid", 1000, None, 2, 1),
        ("1.5 g BD", 1500, None, 2, 1),
        ("1000 mg b.i.d.", 1000, None, 2, 1),
        ("100 mg three times daily", 100, None, 3, 1),
        ("100 mg tid", 100, None, 3, 1),
        ("100 mg tds", 100, None, 3, 1),
        ("100 mg four times a day", 100, None, 4, 1),
        ("50 mcg daily", 0.05, None, 1, 1),
        ("50 ug daily", 0.05, None, 1, 1),
        ("40 mg every 2 weeks", 40, None, 1, 14),
        ("40 mg every 14 days", 40, None, 1, 14),
        ("40 mg q2w", 40, None, 1, 14),
        ("40 mg each week", 40, None, 1, 7),
        ("10 mg every 2 days", 10, None, 1, 2),
        ("2 g/kg every 4 weeks", 2000, "kg", 1, 28),
        ("2 g/kg q4w", 2000, "kg", 1, 28),
        ("2 g/kg every month", 2000, "kg", 1, 28),
        ("2 g/kg over 2 days every 4 weeks", 2000, "kg", 1, 28),
        ("375 mg/m2 weekly", 375, "m2", 1, 7),
        ("375 mg/m² weekly", 375, "m2", 1, 7),
        ("15 mg/kg/day", 15, "kg", 1, 1),
        ("1 g twice a week", 1000, None, 2, 7),
    ],
)
def test_a_dose_that_is_understood(text: str, amount: float, per: str | None, times: int, days: int) -> None:
    found = parse_dose(text)
    assert found is not None
    assert found.amount == pytest.approx(amount)
    assert (found.per, found.times, found.per_days) == (per, times, days)
    assert found.text == text.strip()


def test_every_form_that_the_error_offers_is_understood() -> None:
    offered = re.findall(r"'([^']+)'", UNDERSTOOD)
    assert len(offered) >= 5
    assert [text for text in offered if parse_dose(text) is None] == []


@pytest.mark.parametrize(
    ("text", "period", "total"),
    [
        ("20 mg weekly", 7, 20),
        ("500 mg twice daily", 1, 1000),
        ("500 mg twice daily", 7, 7000),
        ("2.5 mg daily", 7, 17.5),
        ("40 mg every 2 weeks", 7, 20),
        ("2 g/kg every 4 weeks", 28, 2000),
        ("2 g/kg every 4 weeks", 7, 500),
    ],
)
def test_the_total_of_a_period(text: str, period: int, total: float) -> None:
    found = parse_dose(text)
    assert found is not None
    assert found.total(period) == pytest.approx(total)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "daily", "weekly", "20 weekly", "mg weekly", "20 mg", "20 mg twice", "70 g", "1 tablet daily",
        "two tablets weekly", "as needed",
        "per local protocol", "20 mg or so", "20 mg biweekly", "500 mg q12h",
        "500 mg every 12 hours",
        "20 mg every 0 days", "20 mg every 0 weeks", "20 mg alternate days", "20 mgs weekly",
        "20 m weekly", "20 kg weekly",
        "20 IU weekly", "20 mg weekly then 25 mg weekly", "20 mg weekly, folic acid 5 mg weekly",
        "5 mg twice daily (10 mg total)", "50 % weekly",
        "twenty mg weekly", "500 mg 1-0-1", "20 mg/ml weekly",
    ],
)  # fmt: skip
def test_what_is_no_dose(text: str) -> None:
    assert parse_dose(text) is None


# Amount, unit or rhythm unclear: refused, or read right; never another dose than the one that stands there.
@pytest.mark.parametrize(
    ("text", "per_28_days"),
    [
        ("1,000 mg twice daily", 56_000),
        ("1,500 mg daily", 42_000),
        ("1 000 mg daily", 28_000),
        (".5 g daily", 14_000),
        ("1e3 mg daily", 28_000),
        ("1/2 g daily", 14_000),
        ("-20 mg weekly", None),
        ("2.5.5 mg daily", None),
        ("15-20 mg weekly", None),
        ("15 - 20 mg weekly", None),
        ("15 to 20 mg weekly", None),
        ("2 x 500 mg daily", 28_000),
        ("2x500 mg daily", 28_000),
        ("2 times 500 mg daily", 28_000),
        ("500 mg 2x daily", 28_000),
        ("500 mg 2x/day", 28_000),
        ("500 mg 2 times daily", 28_000),
        ("500 mg 3 times a day", 42_000),
        ("500 mg x2 daily", 28_000),
        ("500 mg five times daily", 70_000),
        ("50 mg every other day", 700),
        ("50 mg every second day", 700),
        ("50 mg every third day", None),
        ("20 mg every other week", 40),
        ("20 mg every second week", 40),
        ("25 mg three days a week", 300),
        ("25 mg 3 days a week", 300),
        ("10 mg five days a week", 200),
        ("200 mg twice a day 5 days per week", 8000),
        ("1 g/kg on two consecutive days every 28 days", 2000),
        ("1 g/kg on 2 days every 4 weeks", 2000),
        ("1 g/kg daily for 2 days every 4 weeks", 2000),
        ("20 mg weekly or daily", None),
        ("20 mg daily except on Sundays", None),
        ("1 g day 1 and day 15", None),
    ],
)
def test_an_unclear_dose_is_never_read_as_another_dose(text: str, per_28_days: float | None) -> None:
    found = parse_dose(text)
    if found is not None:
        assert found.total(28) == pytest.approx(per_28_days), found


def _treated(value: object, knowledge: Knowledge) -> Course:
    return as_case({"treatments": [{"therapy": "mtx", "dose": value}]}, knowledge).courses[0]


@pytest.mark.parametrize("value", [20, 20.5, True, [], {}])
def test_what_a_case_may_not_state_as_a_dose(value: object, knowledge: Knowledge) -> None:
    with pytest.raises(InvalidCase) as caught:
        _treated(value, knowledge)
    assert [p.code for p in caught.value.problems] == ["dose"]
    assert "write amount, unit and rhythm" in caught.value.problems[0].text


@pytest.mark.parametrize("text", ["0 mg daily", "0.0 g weekly", "20 mg", "2 g", "varying", "600 mg/m2", "10-15 mg weekly"])
def test_a_dose_that_is_not_understood_is_kept_as_written_and_counts_as_not_known(text: str, knowledge: Knowledge) -> None:
    course = _treated(text, knowledge)
    assert (course.dose, course.unclear) == (None, (text,))


@pytest.mark.parametrize("text", ["20 mg weekly", "2 g/kg every four weeks", "2 g/kg monthly"])
def test_a_dose_that_is_understood_is_no_unclear_one(text: str, knowledge: Knowledge) -> None:
    course = _treated(text, knowledge)
    assert course.dose is not None
    assert course.unclear == ()


@pytest.mark.parametrize(
    "text", ["9" * 400 + " mg daily", "20 mg every " + "9" * 400 + " weeks", "20 mg every " + "9" * 5000 + " days"]
)
def test_a_dose_out_of_all_range_is_no_dose(text: str) -> None:
    assert parse_dose(text) is None


def test_a_hostile_text_is_refused_at_once() -> None:
    for text in ("1" * 100_000 + " mg", "20 mg " * 20_000, "every " * 20_000 + "20 mg", " " * 100_000):
        assert parse_dose(text) is None
