"""The last days of courses of infusions, from which the tests after a course count: given, planned, and missed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import counting, given_courses, usual_step
from dmcli.knowledge.therapies import Monitor
from dmcli.result.events import ScheduleItem


class Ended(NamedTuple):
    """The last day of a course that was given; a result from `results_from` on may tell what the course did."""

    day: date
    results_from: date


def last_given(patient: Assessment, therapy: str) -> Ended | None:
    """The end of the course of a running therapy that was given last. Where no day of it is stated the first course, as it
    is usually given, stands for it: any result since belongs to it."""
    judged, step = patient.history.running(therapy), usual_step(patient.knowledge.therapies[therapy])
    if judged is None or step is None:
        return None
    given = given_courses(judged.course, step, counting(patient.knowledge).together)
    if given:
        return Ended(given[-1][-1], given[-1][-1] + timedelta(days=1))
    start, span = judged.course.start, timedelta(days=step.on_days[-1])
    return Ended(start.last + span, start.first + timedelta(days=1)) if start is not None else None


def due_after(monitor: Monitor, schedule: tuple[ScheduleItem, ...], given: Ended | None) -> Iterator[date]:
    """The days after the course that was `given` last, unless it is still to be finished, and after each that is planned."""
    after = {phase.after_each.step: phase.after_each.days for phase in monitor.phases if phase.after_each is not None}
    planned = [item for item in schedule if item.step in after]
    unfinished = any(item.day_of_course not in (None, 1) for item in planned[:1])
    if after and given is not None and not unfinished:
        yield given.day + timedelta(days=min(after.values()))
    # Of each course the last day, as the days of a course come in their order.
    ends = {(item.step, item.course or item.date): item for item in planned}
    yield from (date.fromisoformat(item.date) + timedelta(days=after[item.step]) for item in ends.values())


def missed_after(monitor: Monitor, given: Ended | None, as_of: date) -> Ended | None:
    """The day after the course given last on which a test was due, where that has passed: with the next course it is over."""
    days = [phase.after_each.days for phase in monitor.phases if phase.after_each is not None]
    if given is None or not days:
        return None
    due = given.day + timedelta(days=min(days))
    return Ended(due, given.results_from) if due < as_of else None


def days_after_given(patient: Assessment, therapy: str, tests: tuple[str, ...]) -> Iterator[date]:
    """The days after the course of a therapy given last on which one of some tests is due."""
    for monitor in patient.knowledge.therapies[therapy].monitoring:
        if monitor.after_course and not set(tests).isdisjoint(monitor.tests):
            yield from due_after(monitor, (), last_given(patient, therapy))
