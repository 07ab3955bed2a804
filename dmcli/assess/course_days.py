"""What a course really was: its weeks, the infusions grouped into courses, and the dose steps that were taken."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from dmcli.case.model import Case, Course, Given
from dmcli.case.pauses import hold_end
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Regimen, Step
from dmcli.knowledge.therapies import Therapy
from dmcli.record import made_once
from dmcli.values.dates import Days, Span, weeks_between

_WEEK = 7


class Counting(NamedTuple):
    """How days of infusions are read, as the settings of the knowledge say it: days at most `together` apart are of one
    course, gaps are read to the nearest week with `nearest` days' tolerance, and a gap of `missed` usual intervals or
    more is a missed course."""

    together: int
    nearest: int
    missed: int


def counting(knowledge: Knowledge) -> Counting:
    return made_once(knowledge.algorithm, Counting, lambda: _counting(knowledge))


def _counting(knowledge: Knowledge) -> Counting:
    settings = knowledge.algorithm.settings
    return Counting(*(int(settings[name].value) for name in ("together_days", "nearest_days", "missed_intervals")))


def course_step(regimen: Regimen) -> Step | None:
    """The step of a regimen that is given on single days, such as infusions; None where a dose is taken all along."""
    return next((s for s in regimen.steps if s.dose is not None and s.dose.per_days is None), None)


def usual_step(therapy: Therapy) -> Step | None:
    """The step given on single days of the therapy's standard regimen."""
    return made_once(therapy, "usual step", lambda: (_usual_step(therapy),))[0]


def _usual_step(therapy: Therapy) -> Step | None:
    standard = next((r for r in therapy.regimens if r.use == "standard"), None)
    return course_step(standard) if standard else None


def dose_steps(course: Course) -> tuple[Given, ...]:
    """The doses a course went through, with the day each began, in the order of time."""
    return made_once(course, "dose steps", lambda: _dose_steps(course)) if course.steps or course.given else ()


def _dose_steps(course: Course) -> tuple[Given, ...]:
    found: list[Given] = []
    for taken in sorted((*course.steps, *course.given), key=lambda dose: dose.day.last):
        # A dose without a rhythm is a single one; the same dose written down again is no new step.
        if taken.dose is None or not taken.dose.per_days:
            continue
        if not found or found[-1].dose is None or taken.dose[:-1] != found[-1].dose[:-1]:
            found.append(taken)
    return tuple(found)


def infusions(course: Course) -> Mapping[date, list[Given]]:
    """What was given on each day. A coarse date counts as its last day, so that nothing is planned too close to it."""
    return made_once(course, "infusions", lambda: _infusions(course))


def _infusions(course: Course) -> dict[date, list[Given]]:
    days: dict[date, list[Given]] = {}
    for given in sorted((*course.given, *course.steps), key=lambda dose: dose.day.last):
        days.setdefault(given.day.last, []).append(given)
    return days


def given_courses(course: Course, step: Step, together: int, whole: float | None = None) -> list[list[date]]:
    """The days on which something was given, course by course; `whole` are the milligrams that make a course complete.

    A day belongs to the course before it while that is not complete and its whole interval has not passed.
    """
    days = infusions(course)
    courses: list[list[date]] = []
    for day in days:
        last = courses[-1] if courses else None
        near = last is not None and (day - last[-1]).days <= together
        late = (
            last is not None
            and not _complete(days, last, len(step.on_days), whole)
            and (step.every_days is None or day < last[0] + timedelta(days=step.every_days))
        )
        if last is not None and (near or late):
            last.append(day)
        else:
            courses.append([day])
    return courses


def complete(course: Course, days: list[date], wanted: int, whole: float | None) -> bool:
    """Whether a course was given whole: by its doses where all are stated, else by the number of its days."""
    return _complete(infusions(course), days, wanted, whole)


def _complete(given_on: Mapping[date, list[Given]], days: list[date], wanted: int, whole: float | None) -> bool:
    if whole is None:
        return len(days) >= wanted
    given = [g for day in days for g in given_on[day]]
    if given and all(g.dose is not None and g.dose.per is None for g in given):
        return sum(g.dose.amount for g in given if g.dose is not None) >= whole
    return len(days) >= wanted


def stated_rhythm(course: Course) -> int | None:
    """Weeks between courses as the record states them, or as the dose says them ("2 g/kg every 4 weeks")."""
    if course.interval_weeks is not None:
        return course.interval_weeks
    whole = course.dose is not None and course.dose.per_days > _WEEK and course.dose.per_days % _WEEK == 0
    return course.dose.per_days // _WEEK if course.dose is not None and whole else None


def gaps(courses: list[list[date]], nearest: int) -> list[int]:
    """Weeks from course to course, to the nearest week."""
    return [((later[0] - first[0]).days + nearest) // _WEEK for first, later in pairwise(courses)]


def lengthened(course: Course, therapy: Therapy, how: Counting) -> bool:
    """Whether the record says that the interval between courses was lengthened beyond the usual one."""
    usual = usual_step(therapy)
    if course.last_held_interval_weeks is not None:
        return True
    if usual is None or usual.every_days is None:
        return False
    weeks = usual.every_days // _WEEK
    shown = gaps(given_courses(course, usual, how.together), how.nearest)
    rhythm = stated_rhythm(course) or (shown[-1] if shown and shown[-1] < how.missed * weeks else None)
    return rhythm is not None and rhythm > weeks


def course_weeks(course: Course, case: Case) -> Span | None:
    """Completed weeks of a course until now or its end, without the time it was held; None where that is not known."""
    if course.weeks is not None:
        return Span(course.weeks, course.weeks)
    if course.start is None or (course.stop is None and not course.running):
        return None
    end = course.stop or Days(case.as_of, case.as_of)
    return weeks_between(course.start, _less(end, course))


def _less(end: Days, course: Course) -> Days:
    """The end of a course brought forward by the days it was held; a coarse hold makes it coarse."""
    held = course.held
    if held is None:
        return end
    until = hold_end(course) or end
    longest = max((until.last - held.since.first).days, 0)
    shortest = max((until.first - held.since.last).days, 0)
    return Days(end.first - timedelta(days=longest), end.last - timedelta(days=shortest))


def counted_courses(course: Course, therapy: Therapy, how: Counting) -> int:
    """Whole courses among what was given: a course with half of its usual days is half a course."""
    step = usual_step(therapy)
    if step is None:
        return 0
    days = len(step.on_days)
    return sum(min(len(c), days) for c in given_courses(course, step, how.together)) // days
