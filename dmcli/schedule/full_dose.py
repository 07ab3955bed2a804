"""When the full dose of a trial will have been taken long enough, by the steps of the regimen or by the rises it allows."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.doses import full_dose_until, has_own_time, reaches, trial_dose
from dmcli.decide.dose_changes import lowered_by_limit
from dmcli.decide.retry import retried_dose
from dmcli.dose.regimen import ChosenRegimen, choose_regimen
from dmcli.dose.wording import dose_text
from dmcli.knowledge.regimens import DoseLimit, Step, Trial
from dmcli.review.progress import daily_milligrams
from dmcli.review.recovery import dose_spared
from dmcli.review.resumed_dose import resumed_dose
from dmcli.review.review import Reviewed
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams


class FullDose(NamedTuple):
    """The day on which the full dose can have been taken long enough, the start of time where none is asked for or it is not
    known; `dose` is that dose where it is reached by rises that have no days of their own."""

    day: date = date.min
    dose: str | None = None


def full_dose_of_new(patient: Assessment, therapy: str, trial: Trial, day_zero: date, again: bool) -> FullDose:
    """Of a therapy that begins on `day_zero`, with the first step of its regimen or `again` with the last dose."""
    chosen = choose_regimen(patient, therapy)
    if chosen is None or trial.dose is None:
        return FullDose()
    stepped = _by_steps(patient, trial.dose, chosen, chosen.regimen.steps, day_zero)
    if stepped is not None:
        return FullDose(stepped)
    last = retried_dose(patient, therapy) if again else None
    if last is not None:
        # What is taken already may go up on the first day.
        taken = patient.history.running(therapy) is not None
        dose = None if last[0].per is not None else last[0].total(1)
        return _by_rises(patient, trial.dose, chosen, dose, day_zero, 0 if taken else 1)
    dosed = [(step.day, daily_milligrams(patient, step, chosen)) for step in chosen.regimen.steps if step.dose is not None]
    if not dosed or dosed[-1][1] is None:
        return FullDose()
    day, daily = dosed[-1]
    return _by_rises(patient, trial.dose, chosen, float(daily or 0), day_zero + timedelta(days=day), 1)


def raised_of_new(patient: Assessment, therapy: str, trial: Trial, day_zero: date) -> date:
    """The judgement of a dose that is raised for a partial response, in a therapy whose regimen begins on `day_zero`; the
    start of time where it has none of its own."""
    chosen = choose_regimen(patient, therapy)
    if chosen is None or trial.step_up is None:
        return date.min
    return _own_time(trial, day_zero, _by_steps(patient, trial.step_up, chosen, chosen.regimen.steps, day_zero))


def raised_of_running(patient: Assessment, reviewed: Reviewed, trial: Trial) -> date:
    """The same of a therapy that runs: by the day on which that dose was taken, or by the steps that lead to it."""
    where, raised = reviewed.progress, trial.step_up
    course, titration, chosen = where.judged.course, where.titration, where.chosen
    if titration is None or raised is None or chosen is None or course.start is None:
        return date.min
    until = full_dose_until(course, raised)
    if titration.next_step is not None and titration.due is not None:
        later = chosen.regimen.steps[chosen.regimen.steps.index(titration.next_step) :]
        until = _by_steps(patient, raised, chosen, later, max(titration.due, patient.case.as_of))
    return _own_time(trial, course.start.first, until)


def _own_time(trial: Trial, start: date, until: date | None) -> date:
    return until if until is not None and has_own_time(trial, start, until) else date.min


def full_dose_of_running(patient: Assessment, reviewed: Reviewed) -> FullDose:
    """Of a therapy that runs, by the steps taken or still planned."""
    where, therapy = reviewed.progress, patient.knowledge.therapies[reviewed.therapy]
    limit = trial_dose(therapy, patient.facts, patient.knowledge)
    course, titration, chosen = where.judged.course, where.titration, where.chosen
    taken = full_dose_until(course, limit)
    if taken is not None or limit is None or limit.weeks is None or titration is None or chosen is None:
        return FullDose(taken or date.min)
    if titration.present is None or reaches(titration.present, limit):
        return FullDose()
    today = patient.case.as_of
    if titration.next_step is not None and titration.due is not None:
        later = chosen.regimen.steps[chosen.regimen.steps.index(titration.next_step) :]
        return FullDose(_by_steps(patient, limit, chosen, later, max(titration.due, today)) or date.min)
    if course.dose_limit is not None or chosen.regimen.rise is None or titration.present.per is not None:
        return FullDose()
    lower = _lowered_today(patient, reviewed, titration.present)
    if lower is not None:
        return _by_rises(patient, limit, chosen, lower.total(1), today, 1)
    rise = timedelta(days=chosen.regimen.rise.every_days)
    first = max(titration.began + rise, today) if titration.began is not None else today
    return _by_rises(patient, limit, chosen, titration.present.total(1), first, 0)


def _lowered_today(patient: Assessment, reviewed: Reviewed, present: WrittenDose) -> WrittenDose | None:
    """The dose from which a therapy goes up again, where a result lowers it today or it is taken up lower after a hold."""
    if reviewed.rule.action == "resume":
        spared = dose_spared(patient, reviewed.progress.judged)
        return resumed_dose(patient, reviewed.progress, spared=spared).dose or present
    return lowered_by_limit(patient, reviewed.therapy, present)


def _by_steps(patient: Assessment, limit: DoseLimit, chosen: ChosenRegimen, steps: Sequence[Step], first: date) -> date | None:
    """When the dose will have been taken long enough if the first of the steps is taken on the day `first`; the start of time
    where no weeks are asked for, None where no step reaches it."""
    if limit.weeks is None:
        return date.min
    for step in steps:
        daily = daily_milligrams(patient, step, chosen)
        if daily is not None and float(daily) * limit.per_days >= limit.amount * milligrams(limit.unit):
            return first + timedelta(days=step.day - steps[0].day, weeks=limit.weeks)
    return None


def _by_rises(
    patient: Assessment, limit: DoseLimit, chosen: ChosenRegimen, dose: float | None, first: date, before: int
) -> FullDose:
    """The same where a dose in mg a day, taken from the day `first`, goes up by what the regimen allows; `before`: as many
    times pass until it goes up at first. A cap in force is as much as is asked for."""
    rise = chosen.regimen.rise
    if rise is None or dose is None or limit.weeks is None:
        return FullDose()
    caps = [cap.max * milligrams(cap.unit) / cap.per_days for cap in chosen.caps]
    wanted = min([limit.amount * milligrams(limit.unit) / limit.per_days, *caps])
    times = ceil(round((wanted - dose) * rise.per_days / (rise.max * milligrams(rise.unit)), 6))
    if times <= 0:
        return FullDose()
    days = (times - 1 + before) * rise.every_days
    told = dose_text(patient.knowledge, wanted * limit.per_days / milligrams(limit.unit), limit.unit, limit.per_days)
    return FullDose(first + timedelta(days=days, weeks=limit.weeks), told)
