"""The days on which a running therapy of single infusions is still to be given."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.given import course_step, usual_step
from dmcli.knowledge.regimens import Step
from dmcli.review.progress import Interval, held_before, stated_rhythm
from dmcli.review.review import Reviewed

_WEEK = 7


class Slot(NamedTuple):
    """A day on which something is to be given: its course, its day in it (from 0), and the day planned before."""

    day: date
    course: int
    number: int
    planned: date


def interval_days(reviewed: Reviewed, interval: Interval) -> int:
    """Days from the last course to the next as the review decides."""
    rule, chosen = reviewed.rule, reviewed.progress.chosen
    step = course_step(chosen.regimen) if chosen is not None else None
    if rule.action == "change_schedule" and step is not None and step.every_days is not None:
        return step.every_days
    if rule.lengthen_weeks is not None:
        return (interval.weeks + rule.lengthen_weeks) * _WEEK
    if rule.action == "shorten_interval":
        return held_before(reviewed.progress) * _WEEK
    return interval.weeks * _WEEK


def slots(a: Assessment, reviewed: Reviewed, step: Step, end: date) -> Iterator[Slot]:
    """The days still to come, each at its planned distance from the one before it and never before the as-of date."""
    where = reviewed.progress
    span, today = step.on_days, a.case.as_of
    days = interval_days(reviewed, where.interval) if where.interval is not None else 0
    done = max(len(where.courses), where.judged.course.courses or 0)
    last = where.courses[-1] if where.courses else None
    first = _first_unknown(a, reviewed, days, done) if last is None else None
    if last is not None:
        left = 0 if len(last) >= len(span) or (days and today >= last[0] + timedelta(days=days)) else len(last)
        previous = last[-1]
        for number in range(left, len(span)) if left else ():
            day = max(previous + timedelta(days=span[number] - span[number - 1]), today)
            yield Slot(day, done, number, last[0] + timedelta(days=span[number]))
            previous = day
        if not days:
            return
        planned = last[0] + timedelta(days=_until_next(a, reviewed, last, days))
        close = previous + timedelta(days=days - span[-1] + span[0])
        first = (max(planned, close) if left or len(last) == len(span) else planned, planned)
    if first is None:
        return
    day, planned = max(first[0], today), first[1]
    while day <= end:
        done += 1
        yield from (Slot(day + timedelta(days=o), done, n, planned + timedelta(days=o)) for n, o in enumerate(span))
        if not days or reviewed.rule.lengthen_weeks is not None:
            # Of a lengthened interval only the next course is booked: how it holds decides on the one after.
            return
        day, planned = day + timedelta(days=days), planned + timedelta(days=days)


def _until_next(a: Assessment, reviewed: Reviewed, last: list[date], days: int) -> int:
    """Days from the start of the last course to the next; before a change of schedule the share that was given counts."""
    usual = usual_step(a.knowledge.therapies[reviewed.therapy])
    if reviewed.rule.action != "change_schedule" or usual is None or usual.every_days is None:
        return days
    return usual.every_days * min(len(last), len(usual.on_days)) // len(usual.on_days)


def _first_unknown(a: Assessment, reviewed: Reviewed, days: int, done: int) -> tuple[date, date] | None:
    """The next course by the usual rhythm from the start, where no day of infusion is stated and nothing says that the
    rhythm ever changed."""
    course = reviewed.progress.judged.course
    usual = usual_step(a.knowledge.therapies[reviewed.therapy])
    rhythm = stated_rhythm(course)
    if course.start is None or not course.start.exact or usual is None or usual.every_days is None:
        return None
    if rhythm is not None and rhythm * _WEEK != usual.every_days:
        return None
    if not course.courses:
        done = -(-(a.case.as_of - course.start.first).days // usual.every_days)
    gap = usual.every_days if reviewed.rule.action == "change_schedule" else days
    day = course.start.first + timedelta(days=(done - 1) * usual.every_days + gap) if done else course.start.first
    return day, day
