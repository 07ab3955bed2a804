"""The dated doses of the chosen therapy, in calendar order, in days and weeks. No clinical branches here."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from dmcli.assess.assess import Assessment
from dmcli.dosing import Computed, compute, course_days, figure, rhythm_text
from dmcli.infusion import infusion_details
from dmcli.knowledge.regimens import Dose, Regimen, Step
from dmcli.regimen import ChosenRegimen
from dmcli.result import Quantity, ScheduleItem
from dmcli.running import DoseChange, retried_dose


def build_schedule(
    a: Assessment,
    therapy: str,
    chosen: ChosenRegimen,
    start: date,
    horizon_weeks: int,
    first_waits_for: tuple[str, ...],
    judged_on: date | None,
) -> tuple[ScheduleItem, ...]:
    """Every event from `start` for the horizon. The first dose waits for what blocks it, later ones for hold
    points before them and for the judgement date."""
    items: list[ScheduleItem] = []
    regimen = chosen.regimen
    horizon = horizon_weeks * 7
    previous: Computed | None = None
    hold: str | None = None
    for step in regimen.steps:
        computed = compute(a, step.dose, regimen, chosen.caps) if step.dose else None
        if computed is not None and previous is not None and _repeats(computed, previous, step):
            # A cap or the rounding took the step away: the dose before it goes on instead.
            until = start + timedelta(days=step.until_day) if step.until_day is not None else None
            _prolong(items, until, tuple(a.knowledge.say("capped", text=cap.text) for cap in chosen.caps))
            continue
        previous = computed or previous
        per_day = _per_day(a, regimen, step, computed)
        for day, course, number in _days(step, horizon):
            when = start + timedelta(days=day)
            waits = first_waits_for if day == 0 else ((hold,) if hold else ())
            if judged_on is not None and when >= judged_on:
                waits = (*waits, a.knowledge.say("waits_judgement", date=judged_on.isoformat()))
            until = start + timedelta(days=step.until_day) if step.until_day is not None else None
            items.append(_item(a, therapy, step, regimen, per_day[number], when, until, waits, (course, number + 1)))
        if step.hold_point:
            hold = a.knowledge.say("waits_hold", text=step.text)
    if chosen.because and items:
        why = a.knowledge.say("variant_because", facts=", ".join(chosen.because))
        items[0] = items[0].changed(details=(why, *items[0].details))
    return tuple(sorted(items, key=lambda i: (i.date, not i.hold_point)))


def _per_day(a: Assessment, regimen: Regimen, step: Step, computed: Computed | None) -> tuple[Computed | None, ...]:
    """The dose of each day of a course."""
    days = len(step.on_days)
    if computed is None or step.dose is None or len(computed.amounts) != 1 or days == 1:
        return (computed,) * days
    doses = course_days(a, regimen, step.dose, computed.amounts[0], days)
    return tuple(computed if d == computed.amounts[0] else _adjusted(a, step.dose, computed, d) for d in doses)


def _adjusted(a: Assessment, dose: Dose, computed: Computed, amount: Decimal) -> Computed:
    """The dose of a day that gives way so that the course keeps to its total."""
    note = a.knowledge.say("course_adjusted", dose=figure(amount), unit=computed.unit)
    arithmetic = f"{computed.arithmetic}; {note}" if computed.arithmetic else note
    return computed._replace(amounts=(amount,), text=rhythm_text(a, dose, (amount,), computed.unit), arithmetic=arithmetic)


def _repeats(computed: Computed, previous: Computed, step: Step) -> bool:
    return step.every_days is None and computed.amounts == previous.amounts and computed.per_days == previous.per_days


def _days(step: Step, horizon: int) -> Iterator[tuple[int, int, int]]:
    """Day offsets of one step within the horizon, with the number of the course and of the day in it."""
    course, first = 1, step.day
    while first <= horizon and (step.courses is None or course <= step.courses):
        for number, offset in enumerate(step.on_days):
            if first + offset <= horizon:
                yield first + offset, course, number
        if step.every_days is None:
            return
        course, first = course + 1, first + step.every_days


def _item(
    a: Assessment,
    therapy: str,
    step: Step,
    regimen: Regimen,
    computed: Computed | None,
    when: date,
    until: date | None,
    waits: tuple[str, ...],
    place: tuple[int, int],
) -> ScheduleItem:
    k = a.knowledge
    details: tuple[str, ...] = ()
    if computed is not None and computed.amounts and regimen.infusion is not None:
        details = infusion_details(a, regimen.infusion, computed.amounts[0]) + _obesity(a, step, regimen)
    if computed is not None and computed.missing:
        details = (k.say("dose_missing", facts=", ".join(k.fact_name(f) for f in computed.missing)),)
    repeated = step.every_days is not None
    text = step.text
    if repeated:
        text = k.say("course_text", number=place[0], text=step.text)
    if computed is not None:
        text = f"{computed.text}: {text}" if computed.amounts or computed.missing else text
    return ScheduleItem(
        date=when.isoformat(),
        until=until.isoformat() if until else None,
        therapy=therapy,
        event="hold_point" if step.hold_point else "course" if repeated else "step" if step.until_day is not None else "dose",
        step=step.id,
        course=place[0] if repeated else None,
        day_of_course=place[1] if repeated else None,
        dose=computed.quantity if computed else None,
        dose_text=computed.text if computed and computed.amounts else None,
        arithmetic=computed.arithmetic if computed else None,
        text=text,
        details=details,
        conditional_on=waits,
        hold_point=step.hold_point,
        sources=step.sources or regimen.sources,
        level=step.level or regimen.level,  # type: ignore[arg-type]
    )


def _obesity(a: Assessment, step: Step, regimen: Regimen) -> tuple[str, ...]:
    """In obesity, the dose by adjusted weight beside the one by actual weight; pharmacy decides."""
    adjusted = a.facts.values.get("adjusted_weight")
    if a.facts.values.get("obesity") is not True or step.dose is None or not isinstance(adjusted, float):
        return ()
    weight = a.knowledge.algorithm.body["kg"]
    facts = a.facts._replace(values={**a.facts.values, weight: adjusted})
    other = compute(a._replace(facts=facts), step.dose, regimen, ())
    return (a.knowledge.say("adjusted_dose", dose=other.text, arithmetic=other.arithmetic),)


def _prolong(items: list[ScheduleItem], until: date | None, why: tuple[str, ...]) -> None:
    """The last dose goes on until the end of the step that was taken away, and says why."""
    for number in reversed(range(len(items))):
        if items[number].dose is not None:
            items[number] = items[number].changed(
                until=until.isoformat() if until else None,
                details=tuple(dict.fromkeys((*items[number].details, *why))),
            )
            return


def changed_doses(changes: list[DoseChange], start: date) -> tuple[ScheduleItem, ...]:
    """The new dose of each running therapy that changes, from the day the new one starts."""
    found = []
    for change in changes:
        if change.amount is not None:
            because = change.because[0]
            found.append(
                ScheduleItem(
                    date=start.isoformat(),
                    until=None,
                    therapy=change.therapy,
                    event="step",
                    step=change.rule,
                    course=None,
                    day_of_course=None,
                    dose=Quantity(change.amount, change.unit),
                    dose_text=change.dose,
                    arithmetic=None,
                    text=change.text,
                    details=(),
                    conditional_on=(),
                    hold_point=False,
                    sources=because.sources,
                    level=because.level,
                )
            )
    return tuple(found)


def continued_dose(a: Assessment, therapy: str, start: date) -> tuple[ScheduleItem, ...]:
    """A running therapy that is to have a proper trial goes on from the dose now taken, never from a lower one."""
    goes_on = retried_dose(a, therapy)
    trial = a.knowledge.therapies[therapy].trial
    if goes_on is None or trial is None:
        return ()
    written, text = goes_on
    return (
        ScheduleItem(
            date=start.isoformat(),
            until=None,
            therapy=therapy,
            event="step",
            step=trial.id,
            course=None,
            day_of_course=None,
            dose=Quantity(written.amount, "mg" if written.per is None else f"mg/{written.per}"),
            dose_text=written.text,
            arithmetic=None,
            text=text,
            details=(),
            conditional_on=(),
            hold_point=False,
            sources=trial.sources,
            level=trial.level,
        ),
    )
