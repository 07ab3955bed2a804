"""The dated doses of the chosen therapy, in calendar order, in days and weeks. No clinical branches here."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.decide.retry import retried_dose
from dmcli.dose.amounts import Computed, compute
from dmcli.dose.regimen import ChosenRegimen
from dmcli.knowledge.regimens import Step
from dmcli.result.events import ScheduleItem
from dmcli.schedule.event import Place, event, per_day, stated_dose, written_quantity
from dmcli.schedule.period import Reach


class Origin(NamedTuple):
    """Day 0 of a regimen: as it is, and as it was planned where it has moved since.

    `first` is the number of the step to begin with, `waits` is what the dose of day 0 waits for, `judged_on` the day
    from which every dose waits for the judgement.
    """

    day: date
    planned: date
    first: int = 0
    waits: tuple[str, ...] = ()
    judged_on: date | None = None


def regimen_events(
    patient: Assessment, therapy: str, chosen: ChosenRegimen, origin: Origin, reach: Reach
) -> tuple[ScheduleItem, ...]:
    """Every event from the first step of `origin` as far as is asked. Later doses wait for the hold points before them and for
    the judgement date."""
    items: list[ScheduleItem] = []
    regimen = chosen.regimen
    moved = origin.planned != origin.day
    hold: tuple[str, ...] = ()
    previous: Computed | None = None
    for step in regimen.steps[origin.first :]:
        computed = compute(patient, step.dose, regimen, chosen.caps) if step.dose else None
        until = origin.day + timedelta(days=step.until_day) if step.until_day is not None else None
        if computed is not None and previous is not None and _repeats(computed, previous, step):
            # A cap or the rounding took the step away: the dose before it goes on instead, and is held for nothing.
            while items and items[-1].hold_point:
                items.pop()
            _prolong(items, until, tuple(patient.knowledge.say("capped", text=cap.text) for cap in chosen.caps))
            continue
        previous = computed or previous
        doses = per_day(patient, regimen, step, computed, step.every_days, reach.first)
        for offset, course, number in reach.some(_days(step, (reach.end - origin.day).days)):
            when = origin.day + timedelta(days=offset)
            waits = _waits(patient, origin, step, when, hold)
            planned = origin.planned + timedelta(days=offset) if moved else None
            place = Place(when, course, number, waits, until, planned)
            items.append(event(patient, therapy, step, regimen, doses[number], place))
        if step.hold_point:
            hold = (patient.knowledge.say("waits_hold", text=step.text),)
        if reach.first and items and items[-1].dose is not None:
            break
    if items:
        items[0] = items[0].changed(details=(*_introduction(patient, chosen, origin), *items[0].details))
    return tuple(sorted(items, key=lambda item: (item.date, not item.hold_point)))


def _introduction(patient: Assessment, chosen: ChosenRegimen, origin: Origin) -> Iterator[str]:
    """What the first event tells of the regimen: why it was chosen, and at its very start what it is."""
    if chosen.because:
        yield patient.knowledge.say("variant_because", facts=", ".join(chosen.because))
    if origin.first == 0:
        yield chosen.regimen.text


def _waits(patient: Assessment, origin: Origin, step: Step, day: date, hold: tuple[str, ...]) -> tuple[str, ...]:
    """What a dose of a day waits for: on the first day whatever the start does, later the hold point before it."""
    waits = () if step.hold_point else hold
    if day == origin.day:
        waits = origin.waits
    if origin.judged_on is not None and day >= origin.judged_on:
        return (*waits, patient.knowledge.say("waits_judgement", date=origin.judged_on.isoformat()))
    return waits


def _repeats(computed: Computed, previous: Computed, step: Step) -> bool:
    return step.every_days is None and computed.amounts == previous.amounts and computed.per_days == previous.per_days


def _days(step: Step, horizon: int) -> Iterator[tuple[int, int, int]]:
    """Day offsets of one step within the horizon, with the number of the course and of the day in it."""
    course, first = 1, step.day
    while first <= horizon and (step.courses is None or course <= step.courses):
        for number, offset in enumerate(step.on_days):
            # A course that begins within the horizon is shown to its end.
            yield first + offset, course, number
        if step.every_days is None:
            return
        course, first = course + 1, first + step.every_days


def _prolong(items: list[ScheduleItem], until: date | None, why: tuple[str, ...]) -> None:
    """The last dose goes on until the end of the step that was taken away, and says why."""
    for number in reversed(range(len(items))):
        if items[number].dose is not None:
            items[number] = items[number].changed(
                until=until.isoformat() if until else None,
                details=tuple(dict.fromkeys((*items[number].details, *why))),
            )
            return


def continued_dose(patient: Assessment, therapy: str, start: date, waits: tuple[str, ...]) -> tuple[ScheduleItem, ...]:
    """A therapy that is to have a proper trial goes on from its last dose, never from a lower one; `waits` is what one that
    is taken up again waits for."""
    goes_on = retried_dose(patient, therapy)
    trial = patient.knowledge.therapies[therapy].trial
    if goes_on is None or trial is None:
        return ()
    written, text = goes_on
    item = stated_dose(therapy, trial, text, start, dose=written_quantity(written), dose_text=written.text)
    return (item.changed(conditional_on=waits),)
