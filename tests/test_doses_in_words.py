"""A step's sentence and its numbers cannot disagree: the dose, rhythm and days a sentence states are read and compared."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from conftest import shipped_knowledge
from dmcli.knowledge.regimens import Dose, Dosing, Step
from dmcli.knowledge.statements import Statement
from dmcli.record import walk

KNOWLEDGE = shipped_knowledge()
# Steps with a dose that their sentence cannot state in the same way, and why.
NOT_COMPARED = {
    "sodium-thiosulfate-injection": "the dose is one application; the sentence gives the strength of the solution",
}
# Highest doses that no sentence of the therapy states, and why.
NOT_STATED: dict[str, str] = {}
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "twelve": 12}
NUMBER = rf"(\d+|{'|'.join(NUMBERS)})"
AMOUNT = r"(?P<amount>\d+(?:\.\d+)?) (?P<unit>m?g)(?P<per>/kg|/m2)?(?![a-z/0-9])"
# What may stand between an amount and its rhythm: words, a highest amount, the time of an infusion.
BETWEEN = r"(?:, at most \d+ mg,| over \d+ minutes,|[^.;:0-9])*?"


class Said(NamedTuple):
    """Milligrams (per kg or m2) of each administration within `per_days` days; None where days of a course are said."""

    amounts: tuple[float, ...]
    per: str
    per_days: int | None = None
    on_days: tuple[int, ...] | None = None
    every_days: int | None = None


def count(word: str) -> int:
    return NUMBERS.get(word) or int(word)


def times(number: int, per_days: int) -> Callable[..., dict[str, Any]]:
    return lambda amount, *_: {"amounts": (amount,) * number, "per_days": per_days}


def on(amount: float, days: Iterator[int] | range) -> dict[str, Any]:
    return {"amounts": (amount,), "on_days": tuple(days)}


# How a rhythm is said, the more exact before the less; each is given the amount and what its pattern found.
RHYTHMS: tuple[tuple[str, Callable[..., dict[str, Any]]], ...] = (
    (r"in the morning and (\d+) mg in the evening", lambda amount, second: {"amounts": (amount, float(second)), "per_days": 1}),
    (r"daily,? in two doses", lambda amount: {"amounts": (amount / 2,) * 2, "per_days": 1}),
    (rf"on each of {NUMBER} consecutive days", lambda amount, days: on(amount, range(count(days)))),
    (rf"a day for {NUMBER} days", lambda amount, days: on(amount, range(count(days)))),
    (r"on one day", lambda amount: on(amount, range(1))),
    (rf"once weekly, {NUMBER} times", lambda amount, weeks: on(amount, range(0, 7 * count(weeks), 7))),
    (r"on days (\d+) and (\d+)", lambda amount, first, second: on(amount, iter((int(first), int(second))))),
    (r"at weeks (\d+), (\d+) and (\d+)", lambda amount, *weeks: on(amount, iter(7 * int(week) for week in weeks))),
    (r"every (\d+) weeks", lambda amount, weeks: {"amounts": (amount,), "every_days": 7 * int(weeks)}),
    (r"given once", lambda amount: on(amount, range(1))),
    (r"twice daily", times(2, 1)),
    (r"three times a week", times(3, 7)),
    (r"(?:at bedtime )?every second day", times(1, 2)),
    (r"(?:once (?:a week|weekly)|a week)", times(1, 7)),
    (r"(?:once daily|daily|a day|each day|at bedtime|in the morning)", times(1, 1)),
)


def said(text: str) -> list[Said]:
    """Every dose that a sentence states with a rhythm, in its order."""
    plain = " ".join(text.lower().split())
    found = []
    for start in re.finditer(rf"(?<![\d.]){AMOUNT}", plain):
        amount = float(start["amount"]) * (1000 if start["unit"] == "g" else 1)
        for rhythm, reading in RHYTHMS:
            match = re.compile(rf"{BETWEEN}\b{rhythm}\b").match(plain, start.end())
            if match:
                found.append(Said(per=start["per"] or "", **reading(amount, *match.groups())))
                break
    return found


def milligrams(amounts: tuple[float, ...], unit: str) -> tuple[float, ...]:
    return tuple(amount * (1000 if unit.partition("/")[0] == "g" else 1) for amount in amounts)


def per(unit: str) -> str:
    return "".join(unit.partition("/")[1:])


def total(reading: Said, per_days: int) -> float | None:
    return None if reading.per_days is None else sum(reading.amounts) * per_days / reading.per_days


def states(readings: list[Said], amount: float, unit: str, per_days: int) -> bool:
    """Whether one of the doses is this much within so many days."""
    wanted = milligrams((amount,), unit)[0]
    return any(r.per == per(unit) and total(r, per_days) == pytest.approx(wanted) for r in readings if r.per_days == per_days)


DOSED = [
    (step, step.dose)
    for dosing in KNOWLEDGE.therapies.values()
    for regimen in dosing.regimens
    for step in regimen.steps
    if step.dose is not None and step.id not in NOT_COMPARED
]


@pytest.mark.parametrize(("step", "dose"), DOSED, ids=lambda item: getattr(item, "id", ""))
def test_the_dose_of_a_step_is_the_one_its_sentence_states(step: Step, dose: Dose) -> None:
    reading = said(step.text)[0]
    assert reading.amounts == pytest.approx(milligrams(dose.amounts, dose.unit))
    assert (reading.per, reading.per_days) == (per(dose.unit), dose.per_days)
    if reading.on_days is not None:
        assert reading.on_days == step.on_days
    if reading.every_days is not None:
        assert reading.every_days == step.every_days


@pytest.mark.parametrize(("step", "dose"), DOSED, ids=lambda item: getattr(item, "id", ""))
def test_what_a_sentence_adds_to_a_dose_is_in_its_numbers(step: Step, dose: Dose) -> None:
    text = step.text.lower()
    if most := re.search(r"at most (\d+) mg", text):
        assert dose.max == float(most[1])
    if whole := re.search(r"\(([\d.]+) g/kg in all\)", text):
        assert dose.amounts[0] * len(step.on_days) == pytest.approx(float(whole[1]))
    if grain := re.search(r"rounding to ([\d.]+) mg", text):
        assert dose.round_to == float(grain[1])
    if span := re.search(r"([\d]+) to ([\d]+) mg", text):
        assert dose.max == float(span[2])


STEPS = [step for dosing in KNOWLEDGE.therapies.values() for regimen in dosing.regimens for step in regimen.steps]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_the_days_of_a_step_are_those_its_sentence_states(step: Step) -> None:
    text = step.text.lower()
    lasting = None if step.until_day is None else step.until_day - step.day + 1
    if found := re.search(rf"for (?:the first )?{NUMBER} weeks\b", text):
        assert lasting == 7 * count(found[1])
    if found := re.match(r"day (\d+):", text):
        assert (step.day, step.until_day) == (int(found[1]) - 1,) * 2
    if found := re.search(r"(?:^| on )days (\d+) (?:to|and) (\d+)(?::|\.$)", text):
        assert (step.day, step.until_day) == (int(found[1]) - 1, int(found[2]) - 1)
    if found := re.search(r"from day (\d+)\b", text):
        assert (step.day, step.until_day) == (int(found[1]) - 1, None)
    if found := re.search(r"from week (\d+)\b", text):
        assert step.day == 7 * int(found[1])
    if found := re.search(rf"once a month, {NUMBER} times", text):
        assert (step.every_days, step.courses) == (28, count(found[1]))


CAPS = [cap for dosing in KNOWLEDGE.therapies.values() for regimen in dosing.regimens for cap in regimen.caps]


@pytest.mark.parametrize("cap", CAPS, ids=lambda cap: cap.id)
def test_a_cap_is_the_dose_its_sentence_states(cap: Any) -> None:
    assert states(said(cap.text), cap.max, cap.unit, cap.per_days)


@pytest.mark.parametrize("overlap", [o for o in KNOWLEDGE.algorithm.overlaps if o.amount], ids=lambda overlap: overlap.id)
def test_an_overlap_goes_to_the_dose_its_sentence_states(overlap: Any) -> None:
    assert states(said(overlap.text), overlap.amount, overlap.unit, overlap.per_days)


def sentences(name: str) -> list[Said]:
    """Every dose that the sentences about a therapy state."""
    texts = [item.text for _, item in walk(KNOWLEDGE.therapies[name]) if isinstance(item, (Statement, Step))]
    return [reading for text in texts for reading in said(text)]


@pytest.mark.parametrize("name", [n for n, t in KNOWLEDGE.therapies.items() if t.max_dose and n not in NOT_STATED])
def test_the_highest_dose_of_a_therapy_is_stated_in_a_sentence(name: str) -> None:
    most = KNOWLEDGE.therapies[name].max_dose
    assert most is not None
    assert states(sentences(name), most.amount, most.unit, most.per_days)


@pytest.mark.parametrize("therapy", [t for t in KNOWLEDGE.therapies.values() if t.trial], ids=lambda therapy: therapy.id)
def test_the_doses_and_weeks_of_a_trial_are_those_its_sentence_states(therapy: Dosing) -> None:
    assert therapy.trial is not None
    for limit in filter(None, (therapy.trial.dose, therapy.trial.step_up)):
        assert states(said(therapy.trial.text), limit.amount, limit.unit, limit.per_days)
        assert limit.weeks is None or re.search(rf"\b{limit.weeks} weeks\b", therapy.trial.text)


def test_the_largest_course_is_the_one_its_sentence_states() -> None:
    for therapy in KNOWLEDGE.therapies.values():
        for regimen in therapy.regimens:
            if regimen.course_max is not None:
                amount = f"{regimen.course_max.amount:g} {regimen.course_max.unit}"
                assert re.search(rf"\b{amount}(?! \w+ day)", regimen.text), regimen.id


def test_no_exception_is_left_that_is_none() -> None:
    assert NOT_COMPARED.keys() <= {step.id for step in STEPS}
    assert all(not said(step.text) for step in STEPS if step.id in NOT_COMPARED)
    for name in NOT_STATED:
        most = KNOWLEDGE.therapies[name].max_dose
        assert most is not None
        assert not states(sentences(name), most.amount, most.unit, most.per_days)
