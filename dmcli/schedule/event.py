"""One event of a schedule: a day, the dose of that day with its arithmetic, and what it waits for."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.doses import present_dose
from dmcli.assess.maximum import passed_maximum
from dmcli.decide.dose_changes import DoseChange
from dmcli.decide.overlaps import begins
from dmcli.dose.amounts import Computed, compute, course_days
from dmcli.dose.infusion import infusion_details, infusion_of
from dmcli.dose.wording import doses_text, figure
from dmcli.knowledge.algorithm import Overlap
from dmcli.knowledge.regimens import Dose, Regimen, Step
from dmcli.knowledge.statements import Statement
from dmcli.result.events import EventKind, InfusionItem, Quantity, ScheduleItem
from dmcli.values.dosetext import WrittenDose


class Place(NamedTuple):
    """Where an event of a step falls: its day, the number of the course and of the day in it (from 0), what it
    waits for, its last day, and the day it was planned for where it was moved."""

    day: date
    course: int
    number: int
    waits: tuple[str, ...] = ()
    until: date | None = None
    moved_from: date | None = None


class Told(NamedTuple):
    """The dose of a day of a course with what is told of it in every course."""

    computed: Computed | None
    infusion: InfusionItem | None
    details: tuple[str, ...]


def per_day(
    patient: Assessment, regimen: Regimen, step: Step, computed: Computed | None, every_days: int | None, alone: bool
) -> tuple[Told, ...]:
    """The dose of each day of a course, `alone` or with what else is told of it; `every_days` are the days from course to
    course."""
    told: list[Told] = []
    for dose in _doses(patient, regimen, step, computed):
        # Most days of a course have the same dose.
        same = bool(told) and dose is told[-1].computed
        if same:
            told.append(told[-1])
        else:
            told.append(Told(dose, None, ()) if alone else _told_of(patient, regimen, step, dose, every_days))
    return tuple(told)


def _told_of(patient: Assessment, regimen: Regimen, step: Step, computed: Computed | None, every_days: int | None) -> Told:
    infusion = None
    if computed is not None and computed.amounts and regimen.infusion is not None:
        infusion = infusion_of(patient, regimen.infusion, computed.amounts[0])
    return Told(computed, infusion, _details(patient, step, regimen, computed, infusion, every_days))


def _doses(patient: Assessment, regimen: Regimen, step: Step, computed: Computed | None) -> tuple[Computed | None, ...]:
    days = len(step.on_days)
    if computed is None or step.dose is None or len(computed.amounts) != 1 or days == 1:
        return (computed,) * days
    doses = course_days(patient, regimen, step.dose, computed.amounts[0], days)
    return tuple(computed if d == computed.amounts[0] else _adjusted(patient, step.dose, computed, d) for d in doses)


def _adjusted(patient: Assessment, dose: Dose, computed: Computed, amount: Decimal) -> Computed:
    """The dose of a day that gives way so that the course keeps to its total."""
    note = patient.knowledge.say("course_adjusted", dose=figure(amount), unit=computed.unit)
    arithmetic = f"{computed.arithmetic}; {note}" if computed.arithmetic else note
    return computed._replace(
        amounts=(amount,), text=doses_text(patient.knowledge, dose, (amount,), computed.unit), arithmetic=arithmetic
    )


def event(patient: Assessment, therapy: str, step: Step, regimen: Regimen, told: Told, place: Place) -> ScheduleItem:
    """One event of a regimen as the plan shows it."""
    computed = told.computed
    repeated = step.every_days is not None
    return ScheduleItem(
        date=place.day.isoformat(),
        until=place.until.isoformat() if place.until else None,
        therapy=therapy,
        event=_kind(step),
        step=step.id,
        course=place.course if repeated else None,
        day_of_course=place.number + 1 if repeated else None,
        dose=computed.quantity if computed else None,
        dose_text=computed.text if computed and computed.amounts else None,
        arithmetic=computed.arithmetic if computed else None,
        text=_told(patient, step, computed, place),
        details=told.details,
        conditional_on=place.waits,
        moved_from=place.moved_from.isoformat() if place.moved_from else None,
        hold_point=step.hold_point,
        sources=step.sources or regimen.sources,
        level=step.level or regimen.level,  # type: ignore[arg-type]
        infusion=told.infusion,
    )


def _kind(step: Step) -> EventKind:
    if step.hold_point:
        return "hold_point"
    if step.every_days is not None:
        return "course"
    return "step" if step.until_day is not None else "dose"


def _told(patient: Assessment, step: Step, computed: Computed | None, place: Place) -> str:
    """The sentence of the step, with the number of the course and the dose before it."""
    text = step.text
    if step.every_days is not None:
        text = patient.knowledge.say("course_text", number=place.course, text=text)
    dosed = computed is not None and (computed.amounts or computed.missing)
    return f"{computed.text}: {text}" if computed is not None and dosed else text


def _details(
    patient: Assessment,
    step: Step,
    regimen: Regimen,
    computed: Computed | None,
    infusion: InfusionItem | None,
    every_days: int | None,
) -> tuple[str, ...]:
    """The rhythm of the courses, then what is known of the infusion or what the dose lacks."""
    say = patient.knowledge.say
    weeks = figure(every_days / 7) if every_days is not None else None
    details = (say("course_rhythm", weeks=weeks),) if weeks is not None else ()
    if computed is not None and computed.missing:
        return (*details, say("dose_missing", facts=", ".join(map(patient.knowledge.fact_name, computed.missing))))
    if computed is not None and computed.amounts and regimen.infusion is not None:
        told = infusion_details(patient, regimen.infusion, infusion) if infusion is not None else ()
        return (*details, *told, *_by_adjusted_weight(patient, step, regimen))
    return details


def _by_adjusted_weight(patient: Assessment, step: Step, regimen: Regimen) -> tuple[str, ...]:
    """In obesity, the dose by adjusted weight beside the one by actual weight; pharmacy decides."""
    adjusted = patient.facts.values.get(patient.knowledge.algorithm.roles.adjusted_weight)
    asked = patient.facts.values.get(patient.knowledge.algorithm.roles.adjust_when)
    if asked is not True or step.dose is None or not isinstance(adjusted, float):
        return ()
    weight = patient.knowledge.algorithm.body["kg"]
    facts = patient.facts._replace(values={**patient.facts.values, weight: adjusted})
    other = compute(patient._replace(facts=facts), step.dose, regimen, ())
    return (patient.knowledge.say("adjusted_dose", dose=other.text, arithmetic=other.arithmetic),)


def stated_dose(
    therapy: str,
    said: Statement,
    text: str,
    day: date,
    *,
    step: str | None = None,
    until: date | None = None,
    dose: Quantity | None = None,
    dose_text: str | None = None,
) -> ScheduleItem:
    """A dose that no regimen of the knowledge gives: one that is taken, changed or tapered."""
    return ScheduleItem(
        date=day.isoformat(),
        until=until.isoformat() if until else None,
        therapy=therapy,
        event="step",
        step=step or said.id,
        course=None,
        day_of_course=None,
        dose=dose,
        dose_text=dose_text,
        arithmetic=None,
        text=text,
        details=(),
        conditional_on=(),
        moved_from=None,
        hold_point=False,
        sources=said.sources,
        level=said.level,
    )  # fmt: skip


def written_quantity(written: WrittenDose) -> Quantity:
    """One administration of a dose as it is written."""
    return Quantity(written.amount, "mg" if written.per is None else f"mg/{written.per}")


def changed_doses(
    patient: Assessment, changes: tuple[DoseChange, ...], chosen: str | None, start: date
) -> tuple[ScheduleItem, ...]:
    """The dose of each running therapy that an overlap changes or keeps: at once, or from the day the new one starts."""
    found = []
    for change in changes:
        quantity = Quantity(change.amount, change.unit) if change.amount is not None else None
        written = present_dose(judged.course) if (judged := patient.history.running(change.therapy)) is not None else None
        above = written is not None and passed_maximum(patient, patient.knowledge.therapies[change.therapy], written)
        # What is above its maximum is looked at first; it is not booked as it is.
        if quantity is None and written is not None and not above:
            quantity, change = written_quantity(written), change._replace(dose=written.text)
        if quantity is not None:
            key = "goes_on" if change.amount is None else "dose_now"
            text = patient.knowledge.say(key, dose=change.dose)
            with_new = isinstance(change.said, Overlap) and begins(patient, change.said, chosen)
            day = start if with_new else patient.case.as_of
            found.append(stated_dose(change.therapy, change.said, text, day, dose=quantity, dose_text=change.dose))
    return tuple(found)
