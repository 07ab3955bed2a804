"""Where a running course stands in its regimen: the dose now, the next step, the interval between its courses."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import Counting, counting, course_step, dose_steps, gaps, given_courses, stated_rhythm, usual_step
from dmcli.assess.doses import dose_bound, present_dose
from dmcli.assess.history import Judged
from dmcli.dose.amounts import compute, course_days
from dmcli.dose.regimen import ChosenRegimen, choose_regimen
from dmcli.knowledge.regimens import Regimen, Step
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams

_WEEK = 7


class Interval(NamedTuple):
    """Weeks between courses now and usually, and the courses that were given at the present one (None: not known)."""

    weeks: int
    usual: int
    held: int | None


class Titration(NamedTuple):
    """The dose of a therapy that is taken all along. `began` is the day of the present dose, `due` that of the next step.

    `number` is the step whose dose is taken now (`on_step`), or the nearest below it, None below the first; `next_step`
    is None at the end of the regimen, and where the present dose is not known or cannot go up. `hold` is the hold point
    before the next step; below the first step, the first of the regimen.
    """

    present: WrittenDose | None
    began: date | None
    number: int | None
    next_step: Step | None
    hold: Step | None
    due: date | None
    on_step: bool = False


class Progress(NamedTuple):
    """`chosen` is the regimen in use; `courses` are the days given, course by course."""

    judged: Judged
    chosen: ChosenRegimen | None
    interval: Interval | None
    courses: list[list[date]]
    titration: Titration | None


def progress(patient: Assessment, judged: Judged) -> Progress:
    """Where a running course stands; what is not stated stays open."""
    chosen = choose_regimen(patient, judged.course.therapy)
    if chosen is None:
        taken, present = dose_steps(judged.course), present_dose(judged.course)
        return Progress(judged, None, None, [], Titration(present, taken[-1].day.last if taken else None, None, None, None, None))
    step = course_step(chosen.regimen)
    if step is None:
        return Progress(judged, chosen, None, [], _titration(patient, judged, chosen))
    chosen, step = _in_use(patient, judged, chosen, step)
    how = counting(patient.knowledge)
    courses = given_courses(judged.course, step, how.together, whole_course(patient, chosen, step))
    return Progress(judged, chosen, _interval(patient, judged, step, gaps(courses, how.nearest)), courses, None)


def whole_course(patient: Assessment, chosen: ChosenRegimen | None, step: Step) -> float | None:
    """The milligrams of a whole course, less one step of rounding; None where they cannot be computed."""
    if chosen is None or step.dose is None:
        return None
    computed = compute(patient, step.dose, chosen.regimen, chosen.caps)
    if not computed.amounts:
        return None
    days = course_days(patient, chosen.regimen, step.dose, computed.amounts[0], len(step.on_days))
    return float(sum(days) - Decimal(str(step.dose.round_to or 0))) * milligrams(computed.unit)


def _in_use(patient: Assessment, judged: Judged, chosen: ChosenRegimen, step: Step) -> tuple[ChosenRegimen, Step]:
    """The regimen whose rhythm is the one stated, where that is not the rhythm of the chosen one.

    A schedule that was not tolerated gives way to the chosen one whatever the rhythm was.
    """
    weeks = stated_rhythm(judged.course)
    if weeks is None or step.every_days in (None, weeks * _WEEK) or judged.verdict == "schedule_intolerance":
        return chosen, step
    stepped = _by_rhythm(patient, patient.knowledge.therapies[judged.course.therapy])
    fits = next(((r, s) for r, s in stepped if s.every_days == weeks * _WEEK), None)
    if fits is None and (step.every_days or 0) < weeks * _WEEK:
        # Longer than any: it is the usual course, at a longer interval.
        fits = max(stepped, key=lambda found: found[1].every_days or 0)
    if fits is None:
        return chosen, step
    regimen, course = fits
    caps = patient.check(regimen.caps)
    because = chosen.because if regimen == chosen.regimen else ()
    return ChosenRegimen(regimen, (), caps, (*chosen.checked, *caps), because), course


def _by_rhythm(patient: Assessment, therapy: Therapy) -> list[tuple[Regimen, Step]]:
    """The regimens of a therapy that are given in courses, each with its course, of one rhythm the one to take first."""
    variants = [r for r in therapy.regimens if r.use == "variant"]
    asked = [r for r in variants if r.when is not None and patient.value(r.when) is True]
    usual = [r for r in therapy.regimens if r.use == "standard"]
    # The rhythm decides, also against a variant that its own rhythm was not tolerated for; of one rhythm a variant first.
    regimens = [*asked, *usual, *variants]
    return [(r, s) for r in regimens if (s := course_step(r)) is not None and s.every_days is not None]


def _interval(patient: Assessment, judged: Judged, step: Step, shown: list[int]) -> Interval | None:
    """`shown` are the weeks between the courses that were given."""
    if step.every_days is None:
        return None
    course = judged.course
    standard = usual_step(patient.knowledge.therapies[course.therapy])
    usual = (standard.every_days if standard and standard.every_days else step.every_days) // _WEEK
    regular = step.every_days // _WEEK
    if judged.verdict == "schedule_intolerance":
        return Interval(regular, usual, None)
    weeks = stated_rhythm(course) or _lengthened(judged, shown, usual, counting(patient.knowledge)) or regular
    if course.interval_courses is not None:
        return Interval(weeks, usual, course.interval_courses)
    # At the usual interval, which never changed as far as is known, every course but the last was followed at it.
    steady = weeks == usual and _trailing(shown, weeks) == len(shown) and course.courses is not None
    counted = max((course.courses or 0) - 1, 0) if steady else None
    seen = _trailing(shown, weeks) if shown else None
    return Interval(weeks, usual, max((n for n in (seen, counted) if n is not None), default=None))


def _lengthened(judged: Judged, shown: list[int], usual: int, how: Counting) -> int | None:
    """The interval that the days given show: one that was kept twice, or, in a course that goes well, a longer one
    that is not so long that a course was missed."""
    if not shown:
        return None
    grown = judged.verdict in ("responding", "relapse_after_lengthening") and usual < shown[-1] < how.missed * usual
    return shown[-1] if grown or shown[-1:] == shown[-2:-1] else None


def _trailing(shown: list[int], weeks: int) -> int:
    held = 0
    for gap in reversed(shown):
        if gap != weeks:
            break
        held += 1
    return held


def held_before(patient: Assessment, progress: Progress) -> int:
    """The last interval that held, in weeks: as stated, else as the days given show it, else the usual one; never as
    long as the present one, unless that is the usual one itself."""
    course, interval = progress.judged.course, progress.interval
    if interval is None:
        return 0
    shown = [g for g in gaps(progress.courses, counting(patient.knowledge).nearest) if interval.usual <= g < interval.weeks]
    held = course.last_held_interval_weeks or (shown[-1] if shown else interval.usual)
    return min(held, max(interval.weeks - 1, interval.usual))


def _titration(patient: Assessment, judged: Judged, chosen: ChosenRegimen) -> Titration:
    """The present dose among the steps of the regimen, as far as caps let them differ."""
    course = judged.course
    taken = dose_steps(course)
    present = present_dose(course)
    began = taken[-1].day.last if taken else None
    now = in_milligrams(patient, present)
    if now is None:
        return Titration(present, began, None, None, None, None)
    doses = [(number, step, daily_milligrams(patient, step, chosen)) for number, step in enumerate(chosen.regimen.steps)]
    totals = [(number, step, total) for number, step, total in doses if total is not None]
    # Of steps that a cap makes equal the first counts.
    below = max((total for _, _, total in totals if total <= now), default=None)
    number = next((n for n, _, total in totals if total == below), None)
    later = [(n, step, total) for n, step, total in totals if total > now and (number is None or n > number)]
    exact = below == now
    # A regimen of one dose is no titration: what is taken below it is a dose of its own.
    if not later or (number is None and len(totals) == 1):
        return Titration(present, began, number, None, None, None, exact)
    most = later[0][2]
    if dose_bound(course, patient.knowledge.therapies[course.therapy], float(most), 1, patient.facts, patient.knowledge):
        return Titration(present, began, number, None, None, None, exact)
    next_number, following, _ = later[0]
    if number is None:
        # Below the first step of the regimen: that step is due, once the tests of its first hold point are in.
        hold = next((s for s in chosen.regimen.steps if s.hold_point), None)
        began = began or (course.start.last if course.start is not None else None)
        return Titration(present, began, None, following, hold, patient.case.as_of)
    hold = next((s for s in chosen.regimen.steps[number:next_number] if s.hold_point), None)
    due = None
    if began is not None:
        due = began + timedelta(days=following.day - chosen.regimen.steps[number].day)
    elif course.start is not None and course.start.exact:
        # Without the day of the step it is taken to have been taken as planned.
        began = course.start.first + timedelta(days=chosen.regimen.steps[number].day)
        due = course.start.first + timedelta(days=following.day)
    return Titration(present, began, number, following, hold, due, exact)


def in_milligrams(patient: Assessment, dose: WrittenDose | None) -> Decimal | None:
    """A dose in mg a day; one per kilogram or per square metre by the body's size, None where that is not known."""
    if dose is None:
        return None
    size = patient.facts.values.get(patient.knowledge.algorithm.body[dose.per]) if dose.per is not None else 1.0
    return Decimal(str(dose.total(1))) * Decimal(str(size)) if isinstance(size, (int, float)) else None


def daily_milligrams(patient: Assessment, step: Step, chosen: ChosenRegimen) -> Decimal | None:
    """What a step amounts to in mg a day, or None where it has no dose or its dose cannot be computed."""
    if step.dose is None or step.dose.per_days is None:
        return None
    computed = compute(patient, step.dose, chosen.regimen, chosen.caps)
    if not computed.amounts:
        return None
    scale = milligrams(computed.unit)
    return sum(computed.amounts, Decimal(0)) * scale / step.dose.per_days
