"""One course held against a proper trial: the names that the rules of verdicts and reviews may use of it."""

from dmcli.assess.course_days import Counting, counting, dose_steps, lengthened
from dmcli.assess.doses import (
    dose_below,
    dose_bound,
    dose_enough,
    full_dose_until,
    has_own_time,
    long_enough,
    present_dose,
    trial_dose,
)
from dmcli.assess.facts import Facts
from dmcli.assess.implied import implied
from dmcli.case.model import Case, Course
from dmcli.knowledge.evaluate import Value
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dates import Span
from dmcli.values.units import milligrams

_STOPS = {"failure": "inadequate", "intolerance": "intolerance", "remission": "complete"}


def stated_outcome(course: Course) -> str | None:
    """The outcome as the case states it, or as the reason of the stop tells it; None where neither does."""
    stated = course.outcome if course.outcome != "unknown" else None
    return stated or _STOPS.get(course.stop_reason or "")


def attributes(
    course: Course, therapy: Therapy, case: Case, facts: Facts, knowledge: Knowledge
) -> tuple[dict[str, Value], Span | None]:
    """The names a verdict rule may use, for one course; what is not stated is absent."""
    how, trial = counting(knowledge), therapy.trial
    shown = implied(course, therapy, case, how)
    weeks = shown.weeks
    names: dict[str, Value] = {
        "running": course.running,
        "advanced": therapy.line in knowledge.algorithm.advanced,
        "accepted": course.trial_accepted,
        "for_another_disease": not course.for_skin,
        "duration_known": weeks is not None,
        "courses": 0.0,
        "courses_known": True,
        "trial_courses": 0.0,
        "window_courses": 0.0,
        "window_extended": False,
        "dose_known": True,
        "dose_enough": True,
        "dose_waiting": False,
        "dose_below": False,
        "advanced_given": _advanced_given(case, knowledge),
        "trial_weeks": 0.0,
        "window_weeks": 0.0,
        "lower_tolerated": course.dose_reduced,
        "course_outcome": stated_outcome(course) or "unknown",
        "course_scope": course.scope or "agent",
    }
    optional = (
        ("course_reason", course.reason),
        ("stop_reason", course.stop_reason),
        ("relapse_after", _relapse_after(course, therapy, how)),
        ("weeks", weeks),
    )
    for name, value in optional:
        if value is not None:
            names[name] = value
    if trial is None:
        return names, weeks
    window = trial.some_response or trial.no_response
    names["trial_weeks"], names["window_weeks"] = float(trial.no_response.weeks), float(window.weeks)
    if trial.no_response.courses:
        names["courses_known"] = shown.courses is not None
        if shown.courses is not None:
            names["courses"], names["trial_courses"] = shown.courses, float(trial.no_response.courses)
            names["window_courses"] = float(window.courses or 0)
    if course.running and weeks is not None:
        extended = _extended(course, therapy, case, facts, knowledge)
        if extended is None:
            del names["window_extended"]
        else:
            names["window_extended"] = extended
    limit = trial_dose(therapy, facts, knowledge)
    if limit is not None:
        enough = dose_enough(course, limit, case)
        names["dose_known"], names["dose_enough"] = enough is not None, enough
        names["dose_waiting"] = course.running and enough is not True and full_dose_until(course, limit) is not None
        names["dose_below"] = dose_below(course, limit)
    return names, weeks


def _advanced_given(case: Case, knowledge: Knowledge) -> bool:
    """Whether a therapy of an advanced line was or is given for the skin; a mere record that it is contraindicated is none."""
    advanced = knowledge.algorithm.advanced
    return any(
        knowledge.therapies[c.therapy].line in advanced and c.for_skin and (c.outcome != "contraindicated" or c.start)
        for c in case.courses
    )


def _extended(course: Course, therapy: Therapy, case: Case, facts: Facts, knowledge: Knowledge) -> bool | None:
    """Whether the window of a partial response to what runs is still open because its weeks count from the day of the full
    dose, or because the dose can go up, or went up too late to be judged with the trial and has not had its own time yet."""
    trial = therapy.trial
    if trial is None:
        return False
    limit = trial_dose(therapy, facts, knowledge)
    if trial.weeks_again and limit is not None and limit.weeks and course.dose_limit is None and dose_steps(course):
        if full_dose_until(course, limit) is None and long_enough(course, limit, limit.weeks, case):
            # It had its trial and is taken lower now: what more time it has ends with the weeks of the course.
            return False
        enough = long_enough(course, limit, limit.weeks + trial.weeks_again, case)
        return None if enough is None else not enough
    if trial.step_up is None:
        return False
    enough = long_enough(course, trial.step_up, trial.step_up.weeks or 0, case)
    if enough:
        return False
    top, per_days = trial.step_up.amount * milligrams(trial.step_up.unit), trial.step_up.per_days
    present = present_dose(course)
    until = full_dose_until(course, trial.step_up)
    if until is not None and course.start is not None:
        if not has_own_time(trial, course.start.first, until):
            return False
        return None if enough is None else True
    if present is None or present.per is not None:
        return None
    return present.total(per_days) < top and not dose_bound(course, therapy, top, per_days, facts, knowledge)


def _relapse_after(course: Course, therapy: Therapy, how: Counting) -> str | None:
    if course.relapse_after or course.outcome != "relapse":
        return course.relapse_after
    if course.relapse_below is not None:
        return "on_therapy"
    if course.running:
        return "lengthening" if lengthened(course, therapy, how) else "on_therapy"
    if course.stop_reason in ("failure", "remission"):
        return "on_therapy" if course.stop_reason == "failure" else "stopping"
    if course.relapse_day is not None and course.stop is not None:
        if course.relapse_day.first > course.stop.last:
            return "stopping"
        if course.relapse_day.last <= course.stop.first:
            return "on_therapy"
    return None
