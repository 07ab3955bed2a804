"""What the record of a course implies: its courses from the weeks and the rhythm, and the weeks from the courses."""

from math import ceil
from typing import NamedTuple

from dmcli.assess.course_days import Counting, counted_courses, course_step, course_weeks, stated_rhythm, usual_step
from dmcli.case.model import Case, Course
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dates import Span

_WEEK = 7


class Implied(NamedTuple):
    """Weeks and courses of a course, as stated, counted, or implied by each other; `rhythm` are the weeks from course to
    course that this rests on, None where nothing was implied."""

    weeks: Span | None
    courses: Span | float | None
    rhythm: int | None = None


def implied(course: Course, therapy: Therapy, case: Case, how: Counting) -> Implied:
    """The weeks and courses that the record tells; courses are told where the trial of the therapy asks for them."""
    weeks = course_weeks(course, case)
    if therapy.trial is None or not therapy.trial.no_response.courses:
        return Implied(weeks, None)
    counted = counted_courses(course, therapy, how) if course.courses is None and course.given else course.courses
    courses = None if counted is None else float(counted)
    rhythm = _rhythm(course, therapy)
    if rhythm is None:
        return Implied(weeks, courses)
    if courses is None and weeks is not None:
        low, high = float(ceil(weeks.low / rhythm)), float(ceil(weeks.high / rhythm))
        return Implied(weeks, low if low == high else Span(low, high), rhythm)
    if weeks is None and course.courses is not None:
        length = course.courses * rhythm
        return Implied(Span(length, length), courses, rhythm)
    return Implied(weeks, courses)


def _rhythm(course: Course, therapy: Therapy) -> int | None:
    """Weeks that one whole course takes: the stated rhythm, else the usual one. A schedule that gives a part of the usual
    days each time takes as many times longer."""
    usual = usual_step(therapy)
    if usual is None or usual.every_days is None:
        return None
    stated = stated_rhythm(course)
    if stated is None:
        return usual.every_days // _WEEK
    steps = (course_step(regimen) for regimen in therapy.regimens)
    spread = next((s for s in steps if s is not None and s.every_days == stated * _WEEK), usual)
    parts = max(len(usual.on_days) // len(spread.on_days), 1)
    return stated * parts
