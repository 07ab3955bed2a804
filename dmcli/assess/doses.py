"""The dose of a course, now and held against that of a proper trial."""

from datetime import date, timedelta
from math import inf

from dmcli.assess.course_days import course_weeks, dose_steps
from dmcli.assess.facts import Facts
from dmcli.case.model import Case, Course
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.limits import Limit, TwoLines
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Cap, DoseLimit, Trial
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dates import Days, Span
from dmcli.values.dosetext import WrittenDose, lowered
from dmcli.values.units import milligrams

_WEEK = 7


def present_dose(course: Course) -> WrittenDose | None:
    """The dose that is taken now, or was taken last."""
    steps = dose_steps(course)
    return steps[-1].dose if steps else course.dose


def nothing_left(course: Course | None, rule: Limit | TwoLines) -> bool:
    """Whether the dose that is taken now cannot be lowered by as much as a limit asks."""
    written = present_dose(course) if course is not None else None
    by = rule.lower_by if isinstance(rule, Limit) else None
    return written is not None and by is not None and written.per is None and lowered(written, by) is None


def trial_dose(therapy: Therapy, facts: Facts, knowledge: Knowledge) -> DoseLimit | None:
    """The dose of a proper trial; a cap in force is as much as is asked for."""
    limit = therapy.trial.dose if therapy.trial else None
    if limit is None or "/" in limit.unit:
        return limit
    caps = [c.max * milligrams(c.unit) / c.per_days for c in _caps_in_force(therapy, facts, knowledge)]
    most = min(caps, default=inf) * limit.per_days / milligrams(limit.unit)
    return limit.changed(amount=most) if most < limit.amount else limit


def dose_below(course: Course, limit: DoseLimit) -> bool:
    """Whether the dose that is taken now is known to be below that of a trial, and nothing that is stated keeps it there."""
    present = present_dose(course)
    if present is None or course.dose_limit is not None or (present.per is not None) != ("/" in limit.unit):
        return False
    return not reaches(present, limit)


def dose_enough(course: Course, limit: DoseLimit, case: Case) -> bool | None:
    """Whether the dose reached the trial's minimum; a dose limited by tolerance, kidney or label counts as full."""
    if course.dose_limit is not None:
        return True
    wanted = limit.amount * milligrams(limit.unit)
    if any(s.dose is not None and (s.dose.per is not None) != ("/" in limit.unit) for s in dose_steps(course)):
        return None
    if limit.weeks is not None and dose_steps(course):
        return long_enough(course, limit, limit.weeks, case)
    written = present_dose(course)
    if written is None or (written.per is not None) != ("/" in limit.unit):
        return None
    if written.total(limit.per_days) < wanted:
        return False
    weeks = course_weeks(course, case) if limit.weeks is not None else None
    return limit.weeks is None or weeks is None or weeks.high >= limit.weeks


def long_enough(course: Course, limit: DoseLimit, weeks: int, case: Case) -> bool | None:
    """Whether a dose, by the days on which the doses of a course began, was taken for so many weeks."""
    end = course.stop or Days(case.as_of, case.as_of)
    days = [_days_between(first, lower or end) for first, lower in _at_full_dose(course, limit)]
    # Days are counted together before they are weeks: a full dose that goes up is taken on without a break.
    low, high = sum(d.low for d in days) // _WEEK, sum(d.high for d in days) // _WEEK
    return True if low >= weeks else False if high < weeks else None


def at_tolerated_dose(course: Course, therapy: Therapy) -> Course:
    """The course as one at its last tolerated dose, where only a higher dose was not tolerated and the lower one is still
    that of a trial; else the course as it is."""
    harmed = course.outcome == "intolerance" or (course.outcome is None and course.stop_reason == "intolerance")
    taken = dose_steps(course) if course.scope == "dose" and harmed else ()
    if len(taken) < 2:
        return course
    before, last = taken[-2].dose, taken[-1].dose
    if before is None or last is None or before.per is not None or last.per is not None:
        return course
    lowered = last.total(1) < before.total(1)
    tolerated, kept = (last, taken) if lowered else (before, taken[:-1])
    limit = therapy.trial.dose if therapy.trial else None
    if limit is not None and not reaches(tolerated, limit):
        return course
    return course.changed(
        outcome=None, scope=None, reason=None, stop_reason=None, dose=tolerated, steps=kept, given=(), dose_limit="tolerance",
        dose_reduced=True,
    )  # fmt: skip


def full_dose_until(course: Course, limit: DoseLimit | None) -> date | None:
    """The day on which the full dose of a trial, taken now, has been taken long enough; None where it is not taken now
    or the day it began is not stated."""
    if limit is None or limit.weeks is None:
        return None
    taken = _at_full_dose(course, limit)
    if not taken or taken[-1][1] is not None:
        return None
    before = sum(_days_between(first, lower).low for first, lower in taken if lower is not None)
    return taken[-1][0].last + timedelta(weeks=limit.weeks, days=-before)


def has_own_time(trial: Trial, start: date, until: date) -> bool:
    """Whether a dose raised for a partial response, taken long enough on the day `until`, has a judgement of its own: not
    where it will have had the weeks of the trial's dose when the weeks of the trial are over."""
    least = timedelta(weeks=trial.dose.weeks or 0 if trial.dose is not None else 0)
    own = timedelta(weeks=trial.step_up.weeks or 0 if trial.step_up is not None else 0)
    return until - own + least > start + timedelta(weeks=trial.no_response.weeks)


def _at_full_dose(course: Course, limit: DoseLimit) -> list[tuple[Days, Days | None]]:
    """The times at which the dose of a trial was taken: the day each began, and the day of the lower dose after it, None
    where it is taken still."""
    found: list[tuple[Days, Days | None]] = []
    for taken in dose_steps(course):
        going = bool(found) and found[-1][1] is None
        if reaches(taken.dose, limit) and not going:
            found.append((taken.day, None))
        elif going and not reaches(taken.dose, limit):
            found[-1] = (found[-1][0], taken.day)
    return found


def _days_between(start: Days, end: Days) -> Span:
    """Days from start to end, as wide as the two dates are coarse."""
    return Span(max((end.first - start.last).days, 0), max((end.last - start.first).days, 0))


def reaches(dose: WrittenDose | None, limit: DoseLimit) -> bool:
    """Whether a dose is known to be at least the one of a limit, by the body's size where the limit is."""
    if dose is None or (dose.per is not None) != ("/" in limit.unit):
        return False
    return dose.total(limit.per_days) >= limit.amount * milligrams(limit.unit)


def dose_bound(course: Course, therapy: Therapy, top: float, per_days: int, facts: Facts, knowledge: Knowledge) -> bool:
    """Whether tolerance, a label or a cap in force keeps the dose (mg within `per_days` days) below `top`."""
    if course.dose_limit is not None:
        return True
    held = _caps_in_force(therapy, facts, knowledge)
    return any(c.max * milligrams(c.unit) * per_days / c.per_days < top for c in held)


def _caps_in_force(therapy: Therapy, facts: Facts, knowledge: Knowledge) -> list[Cap]:
    scope = Scope(facts.values, {}, facts.behind)
    caps = {c.id: c for r in therapy.regimens for c in r.caps}.values()
    return [c for c in caps if knowledge.value(c.when, scope) is True]
