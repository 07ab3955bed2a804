"""What was really given: infusions grouped into courses, and the dose steps that were taken."""

from datetime import date, timedelta

from dmcli.case.model import Course, Given
from dmcli.knowledge.regimens import Regimen, Step, Therapy

# Days so close together are of one course, however many the plan asks for.
_TOGETHER = 3


def course_step(regimen: Regimen) -> Step | None:
    """The step of a regimen that is given on single days, such as infusions; None where a dose is taken all along."""
    return next((s for s in regimen.steps if s.dose is not None and s.dose.per_days is None), None)


def usual_step(therapy: Therapy) -> Step | None:
    """The step given on single days of the therapy's standard regimen."""
    standard = next((r for r in therapy.regimens if r.use == "standard"), None)
    return course_step(standard) if standard else None


def dose_steps(course: Course) -> tuple[Given, ...]:
    """The doses a course went through, with the day each began, in the order of time."""
    return tuple(sorted((g for g in (*course.steps, *course.given) if g.dose is not None), key=lambda g: g.day.last))


def given_courses(course: Course, step: Step) -> list[list[date]]:
    """The days on which something was given, course by course. A coarse date counts as its last day, so that
    nothing is ever planned too close to it.

    A day belongs to the course before it while that is not complete and its whole interval has not passed.
    """
    courses: list[list[date]] = []
    for day in sorted({g.day.last for g in course.given}):
        last = courses[-1] if courses else None
        near = last is not None and (day - last[-1]).days <= _TOGETHER
        late = (
            last is not None
            and len(last) < len(step.on_days)
            and (step.every_days is None or day < last[0] + timedelta(days=step.every_days))
        )
        if last is not None and (near or late):
            last.append(day)
        else:
            courses.append([day])
    return courses


def counted_courses(course: Course, therapy: Therapy) -> int:
    """Whole courses among what was given: a course with half of its usual days is half a course."""
    step = usual_step(therapy)
    if step is None:
        return 0
    days = len(step.on_days)
    return sum(min(len(c), days) for c in given_courses(course, step)) // days
