"""When a therapy that was on hold was taken again, as far as the record of its course tells."""

from datetime import date

from dmcli.case.model import Course, Pause
from dmcli.values.dates import Days


def hold_end(course: Course) -> Days | None:
    """The end of a hold on record: as stated, else the day of the first dose after it began; None while it lasts."""
    if course.held is None or course.held.until is not None:
        return course.held.until if course.held is not None else None
    later = [taken.day for taken in (*course.steps, *course.given) if taken.day.first > course.held.since.last]
    return min(later, key=lambda day: day.last, default=None)


def open_hold(course: Course) -> Pause | None:
    """The hold that the record says still lasts."""
    return course.held if hold_end(course) is None else None


def last_taken(course: Course) -> date | None:
    """The last day on which the record says that the therapy was taken, or taken again; None where it names no day."""
    end = hold_end(course)
    days = [taken.day.first for taken in (*course.steps, *course.given)]
    return max([*days, *([end.first] if end is not None else [])], default=None)
