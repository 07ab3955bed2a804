"""The rest of a running therapy's schedule: what was given stays, what is late moves, nothing is doubled or in the past."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step, dose_steps, infusions
from dmcli.assess.doses import present_dose
from dmcli.assess.limits import BINDING, gravest
from dmcli.case.model import Given
from dmcli.decide.agreement import signed
from dmcli.dose.amounts import compute
from dmcli.dose.wording import dose_text
from dmcli.knowledge.algorithm import Taper
from dmcli.knowledge.regimens import Step
from dmcli.result.events import GivenItem, Quantity, ScheduleItem
from dmcli.review.infusion_days import Slot, courses_done, interval_days, slots
from dmcli.review.progress import Titration
from dmcli.review.recovery import dose_spared
from dmcli.review.resumed_dose import Resumed, resumed_dose
from dmcli.review.review import Reviewed, hold_open
from dmcli.schedule.event import Place, event, per_day, stated_dose, written_quantity
from dmcli.schedule.judgements import judged_next
from dmcli.schedule.new_therapy import Origin, regimen_events
from dmcli.schedule.period import Reach
from dmcli.values.dosetext import WrittenDose


def rest_of(patient: Assessment, reviewed: Reviewed, reach: Reach, staying: tuple[str, ...]) -> tuple[ScheduleItem, ...]:
    """What is still to be given of a therapy that goes on, from the as-of date as far as is asked; `staying` are those it
    goes on with.

    Empty while a result holds it, while its dose is not tolerated, and where the record does not tell where the course
    stands. A result beyond a limit, and the agreement of a specialist, come before whatever is not taken already.
    """
    items = _planned(patient, reviewed, reach)
    if reach.first:
        return items
    therapy, k = reviewed.therapy, patient.knowledge
    agreed = tuple(k.say("sign_off", text=rule.text) for rule in signed(patient, therapy, staying))
    waits = (*(k.say("waits_limit", text=f.rule.text) for f in patient.limits.get(therapy, ())), *agreed)
    if not waits or reviewed.rule.taper is not None:
        return items
    # What is taken today already waits for nothing.
    titration = reviewed.progress.titration
    present = titration.present.text if titration is not None and titration.present is not None else None
    taken = 1 if items and items[0].dose_text == present else 0
    if reviewed.rule.action == "resume" and items and not taken:
        # No result that only asks to be repeated keeps the drug from being taken again, as the action says.
        items, taken = (items[0].changed(conditional_on=(*items[0].conditional_on, *agreed)), *items[1:]), 1
    later = (i if i.hold_point else i.changed(conditional_on=(*i.conditional_on, *waits)) for i in items[taken:])
    return (*items[:taken], *later)


def _planned(patient: Assessment, reviewed: Reviewed, reach: Reach) -> tuple[ScheduleItem, ...]:
    rule, where = reviewed.rule, reviewed.progress
    # A dose to be lowered to one that is not known is not booked on: it is the one that is not tolerated.
    if rule.action in ("hold", "reduce") or gravest(patient.limits.get(reviewed.therapy, ())) in BINDING:
        return ()
    if rule.taper is not None:
        return tuple(_tapered(patient, reviewed, rule.taper))
    if where.titration is not None:
        return _doses(patient, reviewed, reach)
    step = course_step(where.chosen.regimen) if where.chosen is not None else None
    return _infusions(patient, reviewed, step, reach) if step is not None else ()


def _infusions(patient: Assessment, reviewed: Reviewed, step: Step, reach: Reach) -> tuple[ScheduleItem, ...]:
    chosen = reviewed.progress.chosen
    if chosen is None or step.dose is None:
        return ()
    judged_on = _judged_on(patient, reviewed, reach)
    interval = reviewed.progress.interval
    every = interval_days(patient, reviewed, interval) if interval is not None else None
    computed = compute(patient, step.dose, chosen.regimen, chosen.caps)
    doses = per_day(patient, chosen.regimen, step, computed, every, reach.first)
    found = []
    for slot in reach.some(slots(patient, reviewed, step, reach.end)):
        waits: tuple[str, ...] = ()
        if judged_on is not None and slot.day >= judged_on:
            waits = (patient.knowledge.say("waits_judgement", date=judged_on.isoformat()),)
        moved = slot.planned if slot.planned != slot.day else None
        place = Place(slot.day, slot.course, slot.number, waits, None, moved)
        item = event(patient, reviewed.therapy, step, chosen.regimen, doses[slot.number], place)
        if slot.begun:
            item = item.changed(text=_left(patient, slot, step, item, reviewed.progress.courses[-1]))
        found.append(item)
    return tuple(found)


def _judged_on(patient: Assessment, reviewed: Reviewed, reach: Reach) -> date | None:
    """The day from which doses wait for the judgement."""
    return None if reach.first else judged_next(patient, reviewed)


def _left(patient: Assessment, slot: Slot, step: Step, item: ScheduleItem, given: list[date]) -> str:
    """What is still to be given of a course that has begun."""
    return patient.knowledge.say(
        "course_left",
        dose=item.dose_text or "",
        number=slot.course,
        day=slot.number + 1,
        days=len(step.on_days),
        given=", ".join(d.isoformat() for d in given),
    )


class _Rise(NamedTuple):
    """The step that is due next: on `due` as planned, `upon` a day that is not past; `waiting`: its hold point is open."""

    step: Step
    due: date
    upon: date
    waiting: bool


def _doses(patient: Assessment, reviewed: Reviewed, reach: Reach) -> tuple[ScheduleItem, ...]:
    """The present dose until the next step, then the steps that are left."""
    titration, today = reviewed.progress.titration, patient.case.as_of
    if titration is None or titration.present is None:
        return ()
    if reviewed.rule.action == "resume":
        again = resumed_dose(patient, reviewed.progress, spared=dose_spared(patient, reviewed.progress.judged))
        if again.way != "same":
            return _lowered(patient, reviewed, again, reach)
    rise = _rise(patient, reviewed, titration)
    items: list[ScheduleItem] = []
    if rise is None or rise.upon > today or rise.waiting:
        until = rise.upon - timedelta(days=1) if rise is not None and rise.upon > today else None
        held = rise is not None and rise.waiting and rise.upon == today
        items.append(_present(patient, reviewed, _step_taken(reviewed, titration), titration.present, until, held))
    if rise is None or (reach.first and items):
        return tuple(items)
    return (*items, *_later_steps(patient, reviewed, titration, rise, reach))


def _lowered(patient: Assessment, reviewed: Reviewed, again: Resumed, reach: Reach) -> tuple[ScheduleItem, ...]:
    """The dose after a hold: the titration from its step on, or the dose alone where it is none; nothing where it is not
    known."""
    if again.dose is None:
        return ()
    if again.number is not None:
        return _steps_from(patient, reviewed, again.number, patient.case.as_of, reach)
    text = patient.knowledge.say("dose_now", dose=again.dose.text)
    quantity, day = written_quantity(again.dose), patient.case.as_of
    return (stated_dose(reviewed.therapy, reviewed.rule, text, day, dose=quantity, dose_text=again.dose.text),)


def _steps_from(patient: Assessment, reviewed: Reviewed, number: int, day: date, reach: Reach) -> tuple[ScheduleItem, ...]:
    """The titration from one of its steps on, taken up on a day."""
    chosen = reviewed.progress.chosen
    if chosen is None:
        return ()
    begin = day - timedelta(days=chosen.regimen.steps[number].day)
    origin = Origin(begin, begin, number, (), _judged_on(patient, reviewed, reach))
    return regimen_events(patient, reviewed.therapy, chosen, origin, reach)


def _rise(patient: Assessment, reviewed: Reviewed, titration: Titration) -> _Rise | None:
    """The next step; none at the end of the regimen, where its day is not known, of what works and of what stays as it is."""
    where, today = reviewed.progress, patient.case.as_of
    due = _due(patient, reviewed, titration)
    if reviewed.rule.steady or titration.next_step is None or due is None or where.judged.verdict == "responding":
        return None
    upon = max(due, today)
    # A hold point that is passed is not waited for again.
    passed = upon == today and not hold_open(patient, reviewed.therapy, titration) and reviewed.rule.action == "step_up"
    return _Rise(titration.next_step, due, upon, titration.hold is not None and not passed)


def _due(patient: Assessment, reviewed: Reviewed, titration: Titration) -> date | None:
    """The day of the next step. What is taken again does not go up that day but after its usual interval, as if its step
    began today; below the first step, whose interval nothing tells, not before another plan."""
    chosen = reviewed.progress.chosen
    if reviewed.rule.action != "resume" or titration.next_step is None or chosen is None:
        return titration.due
    if titration.number is None:
        return None
    return patient.case.as_of + timedelta(days=titration.next_step.day - chosen.regimen.steps[titration.number].day)


def _step_taken(reviewed: Reviewed, titration: Titration) -> Step | None:
    """The step of the regimen that the present dose is taken for."""
    chosen = reviewed.progress.chosen
    if chosen is None or titration.number is None or not titration.on_step:
        return None
    return chosen.regimen.steps[titration.number]


def _later_steps(
    patient: Assessment, reviewed: Reviewed, titration: Titration, rise: _Rise, reach: Reach
) -> tuple[ScheduleItem, ...]:
    """The steps from the next one on, from its hold point where that is open."""
    chosen = reviewed.progress.chosen
    if chosen is None:
        return ()
    steps, zero = chosen.regimen.steps, timedelta(days=rise.step.day)
    first, judged_on = steps.index(rise.step), _judged_on(patient, reviewed, reach)
    checks: tuple[ScheduleItem, ...] = ()
    if rise.waiting and titration.hold is not None:
        if titration.number is None:
            # No hold point of the regimen stands before its first step.
            checks = (_check(patient, reviewed, rise.upon),)
        else:
            first = steps.index(titration.hold)
    waits = tuple(patient.knowledge.say("waits_hold", text=check.text) for check in checks)
    origin = Origin(rise.upon - zero, rise.due - zero, first, waits, judged_on)
    return (*checks, *regimen_events(patient, reviewed.therapy, chosen, origin, reach))


def _check(patient: Assessment, reviewed: Reviewed, day: date) -> ScheduleItem:
    """The hold point of a dose that is below the first step of its regimen."""
    text = patient.knowledge.say("waits_first_step", name=patient.knowledge.name(reviewed.therapy))
    return stated_dose(reviewed.therapy, reviewed.rule, text, day).changed(event="hold_point", hold_point=True)


def titration_origin(patient: Assessment, reviewed: Reviewed) -> date | None:
    """Day 0 of a titration as its steps were really taken or are still to be taken: a late step moves what follows it,
    tests included."""
    where = reviewed.progress
    titration, chosen = where.titration, where.chosen
    if titration is None or chosen is None or titration.number is None or titration.began is None:
        return None
    origin = titration.began - timedelta(days=chosen.regimen.steps[titration.number].day)
    due = _due(patient, reviewed, titration)
    if titration.next_step is None or due is None or reviewed.rule.steady or where.judged.verdict == "responding":
        # Nothing is raised: the dose that is taken is the one that its tests are counted for.
        return origin
    return max(origin, max(due, patient.case.as_of) - timedelta(days=titration.next_step.day))


def _present(
    patient: Assessment, reviewed: Reviewed, step: Step | None, present: WrittenDose, until: date | None, waiting: bool
) -> ScheduleItem:
    """The dose that is taken now goes on; `step` is the step of the regimen it is taken for."""
    text = patient.knowledge.say("goes_on_waiting" if waiting else "goes_on", dose=present.text)
    quantity = written_quantity(present)
    return stated_dose(
        reviewed.therapy,
        reviewed.rule,
        text,
        patient.case.as_of,
        step=step.id if step is not None else None,
        until=until,
        dose=quantity,
        dose_text=present.text,
    )


def _tapered(patient: Assessment, reviewed: Reviewed, taper: Taper) -> Iterator[ScheduleItem]:
    """Each lower dose with its days, then the end, however far that is; nothing where the present dose is not stated, or
    is so high that it cannot be meant. A cap in force is gone below at once."""
    written, chosen = present_dose(reviewed.progress.judged.course), reviewed.progress.chosen
    limit = patient.knowledge.therapies[reviewed.therapy].max_dose
    most = patient.knowledge.algorithm.settings["implausible_doses"].value
    if written is None or written.per is not None:
        return
    left, day = written.total(taper.per_days), patient.case.as_of
    if limit is not None and left > most * limit.amount * taper.per_days / limit.per_days:
        return
    caps = [c.max * taper.per_days / c.per_days for c in (chosen.caps if chosen is not None else ()) if c.unit == taper.unit]
    while (left := min([left - taper.amount, *caps])) > 0:
        until = day + timedelta(days=taper.every_days - 1)
        text = dose_text(patient.knowledge, left, taper.unit, taper.per_days)
        yield stated_dose(
            reviewed.therapy, reviewed.rule, patient.knowledge.say("taper_step", dose=text), day, until=until,
            dose=Quantity(left, taper.unit), dose_text=text,
        )  # fmt: skip
        day += timedelta(days=taper.every_days)
    ends = patient.knowledge.say("taper_end", name=patient.knowledge.name(reviewed.therapy))
    yield stated_dose(reviewed.therapy, reviewed.rule, ends, day).changed(event="end")


def given_items(reviewed: Reviewed) -> tuple[GivenItem, ...]:
    """What was given of a running therapy, in the order of time."""
    where, therapy, course = reviewed.progress, reviewed.therapy, reviewed.progress.judged.course
    if where.titration is not None or not where.courses:
        taken = dose_steps(course)
        return tuple(GivenItem(str(g.day), therapy, "step", None, None, g.dose.text if g.dose else None) for g in taken)
    given = infusions(course)
    first = courses_done(reviewed) - len(where.courses) + 1
    return tuple(
        GivenItem(str(given[day][0].day), therapy, "course", number, place, _doses_of(given[day]))
        for number, days in enumerate(where.courses, first)
        for place, day in enumerate(days, 1)
    )


def _doses_of(given: list[Given]) -> str | None:
    """What was given on one day, as it was written."""
    return " + ".join(g.dose.text for g in given if g.dose is not None) or None
