"""Where a running course stands in its regimen: the dose now, the next step, the interval between its courses."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.doses import dose_bound, present_dose
from dmcli.assess.given import course_step, dose_steps, given_courses, usual_step
from dmcli.assess.history import Judged
from dmcli.case.model import Course
from dmcli.dosetext import WrittenDose
from dmcli.dosing import compute
from dmcli.knowledge.regimens import Step
from dmcli.regimen import ChosenRegimen, choose_regimen
from dmcli.units import milligrams

_WEEK = 7
# A course a few days early or late is still one of its week.
_NEAREST = 3


class Interval(NamedTuple):
    """Weeks between courses now and usually, and the courses that were given at the present one (None: not known)."""

    weeks: int
    usual: int
    held: int | None


class Titration(NamedTuple):
    """The dose of a therapy that is taken all along. `began` is the day of the present dose, `due` that of the next step.

    `number` is the step whose dose is taken now, or the nearest below it; `next_step` is None at the end of the regimen.
    """

    present: WrittenDose | None
    began: date | None
    number: int | None
    next_step: Step | None
    hold: Step | None
    due: date | None


class Progress(NamedTuple):
    """`chosen` is the regimen in use; `courses` are the days given, course by course."""

    judged: Judged
    chosen: ChosenRegimen | None
    interval: Interval | None
    courses: list[list[date]]
    titration: Titration | None


def progress(a: Assessment, judged: Judged) -> Progress:
    """Where a running course stands; what is not stated stays open."""
    chosen = choose_regimen(a, judged.course.therapy)
    if chosen is None:
        taken, present = dose_steps(judged.course), present_dose(judged.course)
        return Progress(judged, None, None, [], Titration(present, taken[-1].day.last if taken else None, None, None, None, None))
    step = course_step(chosen.regimen)
    if step is None:
        return Progress(judged, chosen, None, [], _titration(a, judged, chosen))
    chosen, step = _in_use(a, judged, chosen, step)
    courses = given_courses(judged.course, step)
    return Progress(judged, chosen, _interval(a, judged, step, courses), courses, None)


def _in_use(a: Assessment, judged: Judged, chosen: ChosenRegimen, step: Step) -> tuple[ChosenRegimen, Step]:
    """The regimen whose rhythm is the one stated, where that is not the rhythm of the chosen one.

    A schedule that was not tolerated gives way to the chosen one whatever the rhythm was.
    """
    weeks = stated_rhythm(judged.course)
    if weeks is None or step.every_days is None or judged.verdict == "schedule_intolerance":
        return chosen, step
    days = weeks * _WEEK
    if days == step.every_days:
        return chosen, step
    regimens = [r for r in a.knowledge.therapies[judged.course.therapy].regimens if r.use in ("standard", "variant")]
    by_days = {s.every_days: (ChosenRegimen(r, (), (), ()), s) for r in regimens if (s := course_step(r)) is not None}
    usual = usual_step(a.knowledge.therapies[judged.course.therapy])
    if days in by_days:
        return by_days[days]
    # Longer than a regimen of single days allows: it is the usual course, at a longer interval.
    longer = usual is not None and usual.every_days is not None and step.every_days < usual.every_days < days
    return by_days[usual.every_days] if usual is not None and longer else (chosen, step)


def stated_rhythm(course: Course) -> int | None:
    """Weeks between courses as the record states them, or as the dose says them ("2 g/kg every 4 weeks")."""
    if course.interval_weeks is not None:
        return course.interval_weeks
    return course.dose.per_days // _WEEK if course.dose is not None and course.dose.per_days > _WEEK else None


def _interval(a: Assessment, judged: Judged, step: Step, courses: list[list[date]]) -> Interval | None:
    if step.every_days is None:
        return None
    course = judged.course
    standard = usual_step(a.knowledge.therapies[course.therapy])
    usual = (standard.every_days if standard and standard.every_days else step.every_days) // _WEEK
    regular = step.every_days // _WEEK
    gaps = [((later[0] - first[0]).days + _NEAREST) // _WEEK for first, later in pairwise(courses)]
    weeks = stated_rhythm(course) or _lengthened(judged, gaps, usual) or regular
    if course.interval_courses is not None:
        return Interval(weeks, usual, course.interval_courses)
    # At the usual interval, which never changed as far as is known, every course but the last was followed at it.
    steady = weeks == usual and (not gaps or _trailing(gaps, weeks) == len(gaps)) and course.courses is not None
    counted = max((course.courses or 0) - 1, 0) if steady else None
    shown = _trailing(gaps, weeks) if gaps else None
    return Interval(weeks, usual, max((n for n in (shown, counted) if n is not None), default=None))


def _lengthened(judged: Judged, gaps: list[int], usual: int) -> int | None:
    """The interval that the days given show: one that was kept twice, or, in a course that goes well, a longer one
    that is not so long that a course was missed."""
    if not gaps:
        return None
    grown = judged.verdict in ("responding", "relapse_after_lengthening") and usual < gaps[-1] < 2 * usual
    return gaps[-1] if grown or gaps[-1:] == gaps[-2:-1] else None


def _trailing(gaps: list[int], weeks: int) -> int:
    held = 0
    for gap in reversed(gaps):
        if gap != weeks:
            break
        held += 1
    return held


def held_before(progress: Progress) -> int:
    """The last interval that held, in weeks: as stated, else as the days given show it, else the usual one."""
    course, interval = progress.judged.course, progress.interval
    usual = interval.usual if interval else 0
    if course.last_held_interval_weeks is not None:
        return course.last_held_interval_weeks
    starts = [c[0] for c in progress.courses]
    gaps = [((later - first).days + _NEAREST) // _WEEK for first, later in pairwise(starts)]
    shorter = [g for g in gaps if interval is not None and usual <= g < interval.weeks]
    return shorter[-1] if shorter else usual


def _titration(a: Assessment, judged: Judged, chosen: ChosenRegimen) -> Titration:
    """The present dose among the steps of the regimen, as far as caps let them differ."""
    course = judged.course
    taken = dose_steps(course)
    present = present_dose(course)
    began = taken[-1].day.last if taken else None
    if present is None or present.per is not None:
        return Titration(present, began, None, None, None, None)
    doses = [(number, step, _daily(a, step, chosen)) for number, step in enumerate(chosen.regimen.steps)]
    totals = [(number, step, total) for number, step, total in doses if total is not None]
    now = Decimal(str(present.total(1)))
    # Of steps that a cap makes equal the first counts.
    below = max((total for _, _, total in totals if total <= now), default=None)
    number = next((n for n, _, total in totals if total == below), None)
    later = [(n, step, total) for n, step, total in totals if total > now and (number is None or n > number)]
    if not later or number is None:
        return Titration(present, began, number, None, None, None)
    most = later[0][2]
    if dose_bound(course, a.knowledge.therapies[course.therapy], float(most), 1, a.facts, a.knowledge):
        return Titration(present, began, number, None, None, None)
    next_number, following, _ = later[0]
    hold = next((s for s in chosen.regimen.steps[number:next_number] if s.hold_point), None)
    due = None
    if began is not None:
        due = began + timedelta(days=following.day - chosen.regimen.steps[number].day)
    elif course.start is not None and course.start.exact:
        # Without the day of the step it is taken to have been taken as planned.
        began = course.start.first + timedelta(days=chosen.regimen.steps[number].day)
        due = course.start.first + timedelta(days=following.day)
    return Titration(present, began, number, following, hold, due)


def _daily(a: Assessment, step: Step, chosen: ChosenRegimen) -> Decimal | None:
    """What a step amounts to in mg a day, or None where it has no dose or its dose cannot be computed."""
    if step.dose is None or step.dose.per_days is None:
        return None
    computed = compute(a, step.dose, chosen.regimen, chosen.caps)
    if not computed.amounts:
        return None
    scale = milligrams(computed.unit)
    return sum(computed.amounts, Decimal(0)) * scale / step.dose.per_days
