"""The days on which a running therapy of single infusions is still to be given."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import complete, stated_rhythm, usual_step
from dmcli.knowledge.regimens import Step
from dmcli.review.progress import Interval, held_before, whole_course
from dmcli.review.review import Reviewed
from dmcli.review.weekends import clear_of_weekends

_WEEK = 7


class Slot(NamedTuple):
    """A day on which something is to be given: its course, its day in it (from 0), the day planned before, and whether
    the course has begun."""

    day: date
    course: int
    number: int
    planned: date
    begun: bool = False


class Start(NamedTuple):
    """The first day of the next course, the day it was planned for, and the courses before it."""

    day: date
    planned: date
    done: int


def interval_days(patient: Assessment, reviewed: Reviewed, interval: Interval) -> int:
    """Days from the last course to the next as the review decides."""
    rule = reviewed.rule
    if rule.lengthen_weeks is not None:
        return (interval.weeks + rule.lengthen_weeks) * _WEEK
    if rule.action == "shorten_interval":
        return held_before(patient, reviewed.progress) * _WEEK
    return interval.weeks * _WEEK


def slots(patient: Assessment, reviewed: Reviewed, step: Step, end: date) -> Iterator[Slot]:
    """The days still to come, each at its planned distance from the one before it and never before the as-of date.

    None where the stated rhythm is shorter than that of any regimen: a whole course at it would be too much. None where no
    infusion is feasible.
    """
    where = reviewed.progress
    days = interval_days(patient, reviewed, where.interval) if where.interval is not None else 0
    if (step.every_days is not None and days < step.every_days) or patient.safety[reviewed.therapy].infeasible:
        return
    rest = tuple(_rest(patient, reviewed, step, days)) if where.courses else ()
    yield from rest
    start = _next_start(patient, reviewed, step, days, rest) if where.courses else _by_rhythm(patient, reviewed, days)
    if start is None:
        return
    day, planned, done = max(start.day, patient.case.as_of), start.planned, start.done
    while day <= end:
        day, done = clear_of_weekends(patient, day, step.on_days), done + 1
        yield from (Slot(day + timedelta(days=o), done, n, planned + timedelta(days=o)) for n, o in enumerate(step.on_days))
        if not days or reviewed.rule.lengthen_weeks is not None or _to_be_replaced(reviewed):
            # Of a lengthened interval only the next course is booked: how it holds decides on the one after. What has failed
            # goes on only until somebody has decided.
            return
        day, planned = day + timedelta(days=days), planned + timedelta(days=days)


def _to_be_replaced(reviewed: Reviewed) -> bool:
    """Whether the therapy ends as soon as another can take its place, and not by plan."""
    return reviewed.rule.action == "switch" and not reviewed.rule.planned


def courses_done(reviewed: Reviewed) -> int:
    """Courses given so far, as counted from their days or as stated; the last may still be under way."""
    return max(len(reviewed.progress.courses), reviewed.progress.judged.course.courses or 0)


def _rest(patient: Assessment, reviewed: Reviewed, step: Step, days: int) -> Iterator[Slot]:
    """The days that are left of the last course, unless it was whole, or so long ago that it is over."""
    where, span, today = reviewed.progress, step.on_days, patient.case.as_of
    last, therapy = where.courses[-1], patient.knowledge.therapies[reviewed.therapy]
    usual = usual_step(therapy)
    # Without doses, as many days as the usual course has are a whole one, whatever the regimen of today asks for.
    wanted = min(len(span), len(usual.on_days)) if usual is not None else len(span)
    over = timedelta(days=days) if days else timedelta(weeks=therapy.trial.no_response.weeks if therapy.trial else 0)
    whole = whole_course(patient, reviewed.progress.chosen, step)
    if complete(where.judged.course, last, wanted, whole) or len(last) >= len(span) or (over and today >= last[0] + over):
        return
    previous = last[-1]
    for number in range(len(last), len(span)):
        day = clear_of_weekends(patient, max(previous + timedelta(days=span[number] - span[number - 1]), today), (0,))
        yield Slot(day, courses_done(reviewed), number, last[0] + timedelta(days=span[number]), begun=True)
        previous = day


def _next_start(patient: Assessment, reviewed: Reviewed, step: Step, days: int, rest: tuple[Slot, ...]) -> Start | None:
    """The course after the last one that was given, or that is still to be finished."""
    last, span = reviewed.progress.courses[-1], step.on_days
    if not days:
        return None
    planned = last[0] + timedelta(days=_until_next(patient, reviewed, last, days))
    previous = rest[-1].day if rest else last[-1]
    close = previous + timedelta(days=days - span[-1] + span[0])
    # A course given day after day was not late, however many days it had.
    in_a_row = not rest and len(last) >= len(span) and (last[-1] - last[0]).days == len(last) - 1
    return Start(planned if in_a_row else max(planned, close), planned, courses_done(reviewed))


def _until_next(patient: Assessment, reviewed: Reviewed, last: list[date], days: int) -> int:
    """Days from the start of the last course to the next; before a change of schedule the share that was given counts."""
    usual = usual_step(patient.knowledge.therapies[reviewed.therapy])
    if reviewed.rule.action != "change_schedule" or usual is None or usual.every_days is None:
        return days
    return usual.every_days * min(len(last), len(usual.on_days)) // len(usual.on_days)


def _by_rhythm(patient: Assessment, reviewed: Reviewed, days: int) -> Start | None:
    """The next course by the usual rhythm from the start, where no day of infusion is stated and nothing says that the
    rhythm ever changed."""
    course = reviewed.progress.judged.course
    usual = usual_step(patient.knowledge.therapies[reviewed.therapy])
    rhythm = stated_rhythm(course)
    if course.start is None or not course.start.exact or usual is None or usual.every_days is None:
        return None
    if rhythm is not None and rhythm * _WEEK != usual.every_days:
        return None
    passed = -(-(patient.case.as_of - course.start.first).days // usual.every_days)
    done = course.courses if course.courses is not None else passed
    gap = usual.every_days if reviewed.rule.action == "change_schedule" else days
    day = course.start.first + timedelta(days=(done - 1) * usual.every_days + gap) if done else course.start.first
    return Start(day, day, done)
