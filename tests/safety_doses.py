"""`safety_doses.yaml`, the table of doses written from the specification, and the data in its words."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Dose, DoseLimit, Infusion, Regimen, Rise, Step, Trial, TrialLimit
from dmcli.knowledge.therapies import Therapy
from dmcli.yamlfile import parse

FILE = Path(__file__).parent / "safety_doses.yaml"
# Read as strictly as the data, which lets no line stand twice.
DOCUMENT = parse(FILE.read_text(encoding="utf-8"), FILE.name)
_AMOUNT = re.compile(r"(?<![\d.])\d[\d.]*(?: to \d[\d.]*)? m?g(?:/kg|/m2|/mL)?(?![a-z/0-9])")
_TIMES = {1: "", 2: "twice "}

Line = tuple[str, str, str]


def pinned() -> list[Line]:
    """The lines of the table, in its order: a therapy, the place within it, and what stands there."""
    return [
        (therapy, place, " ".join(str(says).split()))
        for therapy, entry in DOCUMENT.data.items()
        for place, says in _rows(entry, "")
    ]


def stated(knowledge: Knowledge) -> list[Line]:
    """The same of the data."""
    of_therapies = [(name, place, says) for name, entry in knowledge.therapies.items() for place, says in _of_therapy(entry)]
    return [*of_therapies, *_lowered(knowledge), *_changed(knowledge)]


def _lowered(knowledge: Knowledge) -> Iterator[Line]:
    """By how much, or to what, each limit lowers the dose of the therapy that it is about."""
    for therapy in knowledge.planned:
        for limit in (applied.limit for applied in knowledge.limits.limits[therapy]):
            how = f"by {limit.lower_by}" if limit.lower_by else f"to at most {limit.lower_to}" if limit.lower_to else None
            if how is not None:
                again = f", again in {limit.recheck_days} days" if limit.recheck_days else ""
                yield therapy, f"lowered {limit.id}", f"{how}{again}"


def _changed(knowledge: Knowledge) -> Iterator[Line]:
    """To what a running therapy is lowered beside another one, how it is tapered, and what its interval grows by."""
    for overlap in knowledge.algorithm.overlaps:
        if overlap.amount is not None and overlap.per_days is not None:
            to = f"to {overlap.amount:g} {overlap.unit} {_per(overlap.per_days)} beside {', '.join(overlap.starting)}"
            yield overlap.running, f"lowered {overlap.id}", to
    for review in knowledge.algorithm.reviews:
        for target in review.targets:
            if (taper := review.taper) is not None:
                down = f"by {taper.amount:g} {taper.unit} {_per(taper.per_days)} every {taper.every_days / 7:g} weeks"
                yield target, f"lowered {review.id}", down
            if review.lengthen_weeks is not None:
                yield target, f"lengthened {review.id}", f"by {review.lengthen_weeks} week"


def differences(knowledge: Knowledge) -> tuple[list[str], list[str]]:
    """The lines of the data that the table lacks, and the lines of the table that the data lack."""
    data, written = stated(knowledge), pinned()
    return _told(data, set(written)), _told(written, set(data))


def _told(lines: list[Line], others: set[Line]) -> list[str]:
    return [f"{therapy} {place}: {says}" for therapy, place, says in lines if (therapy, place, says) not in others]


def _rows(entry: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """The leaves of an entry; where a line comes from is no part of it, and `regimens` is no place of its own."""
    for key, value in entry.items():
        if isinstance(value, dict):
            yield from _rows(value, above if key == "regimens" else f"{above}{key} ")
        elif key != "from":
            yield f"{above}{key}", value


def _of_therapy(entry: Therapy) -> Iterator[tuple[str, str]]:
    yield "is", f"{entry.line}, {entry.route}" if entry.regimens else entry.line
    if entry.month_weeks is not None:
        yield "month", f"{entry.month_weeks} weeks"
    if entry.max_dose is not None:
        yield "most", " or ".join([_limit(entry.max_dose), *(_other(more) for more in entry.other_max)])
    if entry.no_dose is not None:
        yield "no_dose", _amounts(entry.no_dose.text)
    if entry.response is not None:
        yield "expected", _expected(entry)
    if entry.trial is not None:
        yield "judged", _judged(entry.trial)
    for regimen in entry.regimens:
        for place, says in _of_regimen(regimen):
            yield f"{regimen.id} {place}", says


def _of_regimen(regimen: Regimen) -> Iterator[tuple[str, str]]:
    course = regimen.course_max
    shown = {
        "use": regimen.use,
        "when": _written(regimen.when or ""),
        "unknown": "" if regimen.unknown == "require" else regimen.unknown,
        "before": ", ".join(regimen.before),
        "offered": "yes" if regimen.offered else "",
        "name": _amounts(regimen.name),
        "says": _amounts(regimen.text),
        "raised": _raised(regimen.rise) if regimen.rise else "",
        "course": f"{course.amount:g} {course.unit} and {course.above:g} g" if course else "",
        "infusion": _infusion(regimen.infusion) if regimen.infusion else "",
    }
    yield from ((place, says) for place, says in shown.items() if says)
    for step in regimen.steps:
        yield f"steps {step.id}", _step(step)
    for cap in regimen.caps:
        yield f"caps {cap.id}", f"at most {cap.max:g} {cap.unit} {_per(cap.per_days)} when {_written(cap.when)}"


def _raised(rise: Rise) -> str:
    return f"by at most {rise.max:g} {rise.unit} {_per(rise.per_days)} every {rise.every_days / 7:g} weeks"


def _step(step: Step) -> str:
    days = f"day {step.day}" if step.until_day is None else f"days {step.day} to {step.until_day}"
    if step.hold_point:
        return f"{days}: hold for {', '.join(step.tests)}"
    if step.dose is None:
        return f"{days}: in words {_amounts(step.text)}"
    return f"{days}: {', '.join(_given(step, step.dose))}"


def _given(step: Step, dose: Dose) -> Iterator[str]:
    if dose.per_days is None:
        yield f"{_each(dose)} on days {', '.join(str(day) for day in step.on_days)}"
    else:
        yield f"{_each(dose)} {_rhythm(dose)}"
    if step.every_days is not None:
        yield f"every {step.every_days / 7:g} weeks"
    if step.courses is not None:
        yield f"{step.courses} courses"
    if dose.round_to is not None:
        yield f"rounded {'down ' if dose.rounding == 'down' else ''}to {dose.round_to:g} {dose.unit.partition('/')[0]}"
    if dose.max is not None:
        yield f"at most {dose.max:g} {dose.unit.partition('/')[0]}"
    if dose.form is not None:
        yield dose.form


def _each(dose: Dose) -> str:
    """One administration, or all of them where they differ; what is counted stands in braces in UCUM."""
    different = dose.amounts if len(set(dose.amounts)) > 1 else dose.amounts[:1]
    return " + ".join(f"{amount:g} {dose.unit.strip('{}')}" for amount in different)


def _rhythm(dose: Dose) -> str:
    assert dose.per_days is not None
    count = len(dose.amounts) if len(set(dose.amounts)) == 1 else 1
    return f"{_TIMES.get(count, f'{count} times ')}{_per(dose.per_days)}"


def _per(days: int) -> str:
    return {1: "daily", 7: "weekly"}.get(days, f"every {days} days")


def _limit(limit: DoseLimit) -> str:
    return f"{limit.amount:g} {limit.unit} {_per(limit.per_days)}"


def _other(limit: Any) -> str:
    forms = f" as {', '.join(limit.forms)}" if limit.forms else ""
    return f"{limit.max:g} {limit.unit} {_per(limit.per_days)}{forms}"


def _expected(entry: Therapy) -> str:
    response = entry.response
    assert response is not None
    first = "no weeks" if response.first_weeks is None else "weeks {} to {}".format(*response.first_weeks)
    return first if response.full_weeks is None else f"{first}, in full by week {response.full_weeks}"


def _judged(trial: Trial) -> str:
    parts = [f"none {_weeks(trial.no_response)}"]
    if trial.some_response is not None:
        parts.append(f"some {_weeks(trial.some_response)}")
    for words, limit in (("at", trial.dose), ("raised to", trial.step_up)):
        if limit is not None:
            parts.append(f"{words} {_limit(limit)} for {limit.weeks} weeks")
    return "; ".join(parts)


def _weeks(limit: TrialLimit) -> str:
    return f"{limit.weeks} weeks" if limit.courses is None else f"{limit.weeks} weeks and {limit.courses} courses"


def _infusion(infusion: Infusion) -> str:
    rates = f"{_numbers(infusion.rates)} mL/kg/min, each for {infusion.step_minutes} minutes"
    reduced = f"{_numbers(infusion.reduced_rates)} when {_written(infusion.reduced_when)}"
    return f"{infusion.grams_per_ml:g} g/mL; {rates}; {reduced}"


def _numbers(rates: tuple[float, ...]) -> str:
    return ", ".join(f"{rate:g}" for rate in rates)


def _written(condition: str) -> str:
    return " ".join(condition.split())


def _amounts(text: str) -> str:
    """The amounts that a sentence states, in its order."""
    return ", ".join(_AMOUNT.findall(text))
