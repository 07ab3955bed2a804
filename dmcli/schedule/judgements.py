"""When each therapy is judged, and before which day calling it a failure is premature."""

from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step, dose_steps, usual_step
from dmcli.assess.doses import full_dose_until, reaches
from dmcli.assess.limits import BINDING, gravest
from dmcli.decide.decide import Decision
from dmcli.dose.regimen import ChosenRegimen, choose_regimen
from dmcli.knowledge.regimens import Step, Trial, TrialLimit
from dmcli.result.events import Checkpoint
from dmcli.review.infusion_days import slots
from dmcli.review.progress import daily_milligrams
from dmcli.review.review import Reviewed
from dmcli.schedule.on_response import on_response
from dmcli.schedule.period import Period
from dmcli.schedule.planned_end import endings, washed_out
from dmcli.values.units import milligrams

# The courses of a trial are looked for as far ahead as a calendar goes: any other end would judge a slow rhythm too early.
# What a record or the knowledge may state from course to course is some years, so that this one is never met by a drug
# in use, and the day after it can still be counted.
_FAR = date(9950, 1, 1)


def judgement_days(patient: Assessment, therapy: str, day_zero: date) -> tuple[date, ...]:
    """The day a missing response counts, then the day a partial one does, both after the full dose of the trial has been
    taken long enough by the regimen; empty without a trial."""
    trial, chosen = patient.knowledge.therapies[therapy].trial, choose_regimen(patient, therapy)
    if trial is None:
        return ()
    full = _full_by(patient, trial, chosen, chosen.regimen.steps, day_zero) if chosen is not None else date.min
    return tuple(dict.fromkeys(max(day_zero + timedelta(weeks=limit.weeks), full) for limit in _limits(trial)))


def judged_next(patient: Assessment, reviewed: Reviewed) -> date | None:
    """The next day on which a running therapy is judged, None where it is not."""
    return next(iter(running_days(patient, reviewed)), None)


def running_days(patient: Assessment, reviewed: Reviewed) -> tuple[date, ...]:
    """The judgement days of a running therapy that are still ahead, today included.

    A therapy of infusions is judged before the course after those it needs. A dose that is raised for a
    partial response is given its own time. The time on hold is no time of the trial: while it lasts there is no day.
    """
    judged, trial = reviewed.progress.judged, patient.knowledge.therapies[reviewed.therapy].trial
    start = _trial_start(patient, reviewed)
    if trial is None or start is None or judged.verdict not in patient.knowledge.algorithm.to_judge or on_hold(patient, reviewed):
        return ()
    today, full = patient.case.as_of, _full_dose(patient, reviewed, trial)
    limits = _limits(trial)
    days = [max(start + timedelta(weeks=limit.weeks), _courses(patient, reviewed, limit).after, full) for limit in limits]
    days = [max(days[: n + 1]) for n in range(len(days))]
    if judged.verdict == "partial":
        days = [max(days[-1], _raised(patient, reviewed, trial))]
    if judged.verdict == "schedule_intolerance":
        return tuple(d for d in dict.fromkeys(days) if d >= today)
    # A date that has passed without a judgement is made up for today.
    return tuple(dict.fromkeys(max(d, today) for d in days))


def premature_before(patient: Assessment, reviewed: Reviewed) -> date:
    """The first day on which the trial of a running therapy can be over: its weeks, its courses and its dose."""
    judged, trial = reviewed.progress.judged, patient.knowledge.therapies[reviewed.therapy].trial
    start = _trial_start(patient, reviewed)
    if trial is None or start is None:
        return date.min
    limit = _limits(trial)[-1 if judged.verdict == "partial" else 0]
    full = _full_dose(patient, reviewed, trial)
    raised = _raised(patient, reviewed, trial) if judged.verdict == "partial" else date.min
    return max(start + timedelta(weeks=limit.weeks), _courses(patient, reviewed, limit).given, full, raised)


def on_hold(patient: Assessment, reviewed: Reviewed) -> bool:
    """Whether a running therapy is not given today because a result or an event holds it."""
    return reviewed.rule.action == "hold" or gravest(patient.limits.get(reviewed.therapy, ())) in BINDING


def _trial_start(patient: Assessment, reviewed: Reviewed) -> date | None:
    """The last day a trial may have begun on, later by as long as the therapy was on hold; None where it is not known."""
    course = reviewed.progress.judged.course
    if course.start is None:
        return None
    if course.held is None:
        return course.start.last
    until = course.held.until.last if course.held.until is not None else patient.case.as_of
    return course.start.last + max(until - course.held.since.first, timedelta(0))


class Needed(NamedTuple):
    """The day after the last of the courses a limit asks for, and the day of the course after them; the start of time where
    that is past or not known."""

    given: date = date.min
    after: date = date.min


def _full_dose(patient: Assessment, reviewed: Reviewed, trial: Trial) -> date:
    """When the full dose of a trial will have been taken long enough, by the steps taken or still planned; the start of
    time where that is not asked for or not known."""
    where, limit = reviewed.progress, trial.dose
    taken = full_dose_until(where.judged.course, patient.knowledge.therapies[reviewed.therapy])
    titration, chosen = where.titration, where.chosen
    if taken is not None or limit is None or limit.weeks is None or titration is None or chosen is None:
        return taken or date.min
    if titration.next_step is None or titration.due is None or reaches(titration.present, limit):
        return date.min
    later = chosen.regimen.steps[chosen.regimen.steps.index(titration.next_step) :]
    return _full_by(patient, trial, chosen, later, max(titration.due, patient.case.as_of))


def _full_by(patient: Assessment, trial: Trial, chosen: ChosenRegimen, steps: tuple[Step, ...], first: date) -> date:
    """When the full dose of a trial will have been taken long enough if the first of the steps is taken on the day `first`;
    the start of time where no step reaches it or none is asked for."""
    limit = trial.dose
    if limit is None or limit.weeks is None:
        return date.min
    for step in steps:
        daily = daily_milligrams(patient, step, chosen)
        if daily is not None and float(daily) * limit.per_days >= limit.amount * milligrams(limit.unit):
            return first + timedelta(days=step.day - steps[0].day, weeks=limit.weeks)
    return date.min


def _limits(trial: Trial) -> list[TrialLimit]:
    return [trial.no_response] + ([trial.some_response] if trial.some_response else [])


def _courses(patient: Assessment, reviewed: Reviewed, limit: TrialLimit) -> Needed:
    """When the courses of a limit are given, counted as verdicts count them."""
    where, therapy = reviewed.progress, patient.knowledge.therapies[reviewed.therapy]
    step, usual = course_step(where.chosen.regimen) if where.chosen else None, usual_step(therapy)
    if step is None or usual is None or not limit.courses or not where.courses:
        return Needed()
    whole = len(usual.on_days)
    days = float(sum(min(len(c), whole) for c in where.courses))
    share = min(len(step.on_days), whole) / len(step.on_days)
    last = date.min
    for slot in slots(patient, reviewed, step, _FAR):
        if days >= limit.courses * whole and slot.number == 0:
            return Needed(last, slot.day)
        if days < limit.courses * whole:
            days, last = days + share, slot.day + timedelta(days=1)
    return Needed(last if days >= limit.courses * whole else date.min)


def _raised(patient: Assessment, reviewed: Reviewed, trial: Trial) -> date:
    """When a dose that was, or is now to be, raised for a partial response is judged; the start of time else."""
    where, raised = reviewed.progress, trial.step_up
    if raised is None or raised.weeks is None:
        return date.min
    if where.titration is not None and where.titration.next_step is not None and where.titration.due is not None:
        return max(where.titration.due, patient.case.as_of) + timedelta(weeks=raised.weeks)
    taken = [g.day.last for g in dose_steps(where.judged.course) if reaches(g.dose, raised)]
    start = where.judged.course.start
    late = taken and start is not None and taken[0] >= start.last + timedelta(weeks=trial.no_response.weeks)
    return taken[0] + timedelta(weeks=raised.weeks) if late else date.min


def build_checkpoints(
    patient: Assessment, decision: Decision, started: dict[str, date], period: Period
) -> tuple[Checkpoint, ...]:
    """Checkpoints of the new therapy, of running ones that are still to be judged, and of washouts, in date order."""
    washouts = (washed_out(patient, ending) for ending in endings(patient, decision, period))
    found = [checkpoint for checkpoint in washouts if checkpoint is not None]
    for therapy, day_zero in started.items():
        trial, reviewed = patient.knowledge.therapies[therapy].trial, decision.reviews.items.get(therapy)
        if trial is None:
            continue
        partial = False
        if therapy == decision.chosen:
            days = judgement_days(patient, therapy, day_zero)
            early = days[0]
        elif reviewed is not None and therapy not in decision.leaving:
            days, partial = running_days(patient, reviewed), reviewed.progress.judged.verdict == "partial"
            early = min(premature_before(patient, reviewed), *days) if days else date.min
        else:
            continue
        complete = on_response(patient, decision, therapy)
        found += [
            _checkpoint(patient, therapy, trial, day, early, full=partial or n > 0).changed(if_complete=complete)
            for n, day in enumerate(days)
        ]
    return tuple(sorted(found, key=lambda checkpoint: checkpoint.date))


def _checkpoint(patient: Assessment, therapy: str, trial: Trial, day: date, first: date, full: bool) -> Checkpoint:
    said = patient.knowledge.algorithm.statements["judge_full" if full else "judge_response"]
    question = said.text.format(name=patient.knowledge.therapies[therapy].name)
    return Checkpoint("judge", day.isoformat(), therapy, question, first.isoformat(), trial.sources, trial.level)
