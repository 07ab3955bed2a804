"""When each therapy is judged, and before which day calling it a failure is premature."""

from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step, usual_step
from dmcli.assess.limits import BINDING, gravest
from dmcli.case.pauses import hold_end
from dmcli.decide.decide import Decision
from dmcli.knowledge.regimens import Trial, TrialLimit
from dmcli.result.events import Checkpoint
from dmcli.review.infusion_days import slots
from dmcli.review.review import Reviewed
from dmcli.schedule.full_dose import full_dose_of_new, full_dose_of_running, raised_of_new, raised_of_running
from dmcli.schedule.on_response import COMPLETE, ENOUGH_TIME, NONE, PARTIAL, on_response
from dmcli.schedule.period import Period
from dmcli.schedule.planned_end import endings, washed_out

# The courses of a trial are looked for as far ahead as a calendar goes: any other end would judge a slow rhythm too early.
# What a record or the knowledge may state from course to course is some years, so that this one is never met by a drug
# in use, and the day after it can still be counted.
_FAR = date(9950, 1, 1)


def judgement_days(patient: Assessment, therapy: str, day_zero: date, again: bool) -> tuple[date, ...]:
    """The day a missing response counts, then the day a partial one does, both after the full dose of the trial has been
    taken long enough by the regimen, `again` from the last dose; empty without a trial."""
    trial = patient.knowledge.therapies[therapy].trial
    if trial is None:
        return ()
    full = full_dose_of_new(patient, therapy, trial, day_zero, again).day
    days = [max(day_zero + timedelta(weeks=limit.weeks), _counted_from(full, trial, limit)) for limit in _limits(trial)]
    return tuple(dict.fromkeys([*days[:-1], max(days[-1], raised_of_new(patient, therapy, trial, day_zero))]))


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
    today, full = patient.case.as_of, full_dose_of_running(patient, reviewed).day
    limits = _limits(trial)
    after = [max(_courses(patient, reviewed, limit).after, _counted_from(full, trial, limit)) for limit in limits]
    days = [max(start + timedelta(weeks=limit.weeks), day) for limit, day in zip(limits, after, strict=True)]
    days = [max(days[: n + 1]) for n in range(len(days))]
    days[-1] = max(days[-1], raised_of_running(patient, reviewed, trial))
    if judged.verdict == "partial":
        days = days[-1:]
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
    full = _counted_from(full_dose_of_running(patient, reviewed).day, trial, limit)
    raised = raised_of_running(patient, reviewed, trial) if judged.verdict == "partial" else date.min
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
    end = hold_end(course)
    until = end.last if end is not None else patient.case.as_of
    return course.start.last + max(until - course.held.since.first, timedelta(0))


class Needed(NamedTuple):
    """The day after the last of the courses a limit asks for, and the day of the course after them; the start of time where
    that is past or not known."""

    given: date = date.min
    after: date = date.min


def _limits(trial: Trial) -> list[TrialLimit]:
    return [trial.no_response] + ([trial.some_response] if trial.some_response else [])


def _counted_from(full: date, trial: Trial, limit: TrialLimit) -> date:
    """The day of a judgement by the day on which the full dose has been taken long enough for a lack of response: the clock
    of a partial one starts with that dose as well."""
    return full + timedelta(weeks=max(limit.weeks - trial.no_response.weeks, 0))


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


def build_checkpoints(
    patient: Assessment, decision: Decision, started: dict[str, date], period: Period
) -> tuple[Checkpoint, ...]:
    """Checkpoints of the new therapy, of running ones that are still to be judged, and of washouts, in date order. What is
    tapered and then stops is judged no more."""
    washouts = (washed_out(patient, ending) for ending in endings(patient, decision, period))
    found = [checkpoint for checkpoint in washouts if checkpoint is not None]
    for therapy, day_zero in started.items():
        trial, reviewed = patient.knowledge.therapies[therapy].trial, decision.reviews.items.get(therapy)
        if trial is None:
            continue
        partial = False
        if therapy == decision.chosen:
            again = decision.action == "retry"
            days = judgement_days(patient, therapy, day_zero, again)
            early, dose = days[0], full_dose_of_new(patient, therapy, trial, day_zero, again).dose
        elif reviewed is not None and therapy not in (*decision.leaving, *decision.tapering):
            days, partial = running_days(patient, reviewed), reviewed.progress.judged.verdict == "partial"
            early = min(premature_before(patient, reviewed), *days) if days else date.min
            dose = full_dose_of_running(patient, reviewed).dose
        else:
            continue
        for n, day in enumerate(days):
            needs = _needed_dose(patient, trial, dose, partial or n > 0) if dose is not None else None
            point = _checkpoint(patient, therapy, trial, day, early, full=partial or n > 0, needs=needs)
            found.append(
                _with_what_follows(patient, decision, point, days[n + 1] if n + 1 < len(days) else None, partial or n > 0)
            )
    return tuple(sorted(found, key=lambda checkpoint: checkpoint.date))


def _needed_dose(patient: Assessment, trial: Trial, dose: str, partial: bool) -> str:
    """The dose of a trial with the weeks at it that a judgement counts."""
    limit = _limits(trial)[-1 if partial else 0]
    weeks = (trial.dose.weeks or 0 if trial.dose is not None else 0) + max(limit.weeks - trial.no_response.weeks, 0)
    return patient.knowledge.say("judge_needs", weeks=weeks, dose=dose)


def _with_what_follows(patient: Assessment, decision: Decision, point: Checkpoint, again: date | None, full: bool) -> Checkpoint:
    """A judgement with what each answer leads to: `again` is the day of the next one, `full` asks whether the response is
    complete, of a therapy that has helped or was judged before."""
    k, therapy = patient.knowledge, point.therapy
    out = k.algorithm.statements["judged_out"].text
    partial = on_response(patient, decision, therapy, PARTIAL if again else ENOUGH_TIME) or out
    return point.changed(
        if_none=None if full else on_response(patient, decision, therapy, NONE) or out,
        if_partial=k.say("judge_again", text=partial, date=again.isoformat()) if again else partial,
        if_complete=on_response(patient, decision, therapy, COMPLETE),
    )


def _checkpoint(
    patient: Assessment, therapy: str, trial: Trial, day: date, first: date, full: bool, needs: str | None
) -> Checkpoint:
    statements = patient.knowledge.algorithm.statements
    question = statements["judge_full" if full else "judge_response"].text.format(name=patient.knowledge.therapies[therapy].name)
    if needs is not None:
        question = statements["judge_raised"].text.format(question=question, needs=needs)
    return Checkpoint("judge", day.isoformat(), therapy, question, first.isoformat(), trial.sources, trial.level, needs=needs)
