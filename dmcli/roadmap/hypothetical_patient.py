"""The hypothetical patient: who followed a plan until one of its therapies is judged, and how that therapy then went.

Everything a plan asks for is taken as done; nothing else about the patient changes.
"""

from datetime import date, timedelta
from typing import Literal

from dmcli.case.model import Case, Course, Given, Stated
from dmcli.knowledge.model import Knowledge
from dmcli.result.events import ScheduleItem
from dmcli.roadmap.followed import Followed
from dmcli.values.dates import Days
from dmcli.values.dosetext import WrittenDose, parse_dose
from dmcli.values.units import milligrams

# How a therapy went when it was judged.
Judgement = Literal["none", "partial", "complete", "not_tolerated"]

_OUTCOMES: dict[Judgement, str] = {
    "none": "inadequate",
    "partial": "partial",
    "complete": "complete",
    "not_tolerated": "intolerance",
}


def hypothetical(case: Case, plan: Followed, therapy: str, judged_on: date, response: Judgement, knowledge: Knowledge) -> Case:
    """The case on the day `therapy` is judged, after `plan` was followed up to the day before.

    `plan` is the plan of `case` and reaches `judged_on`. What it stops is stopped on its day 0; what it schedules
    was given; `therapy`, running or next in the plan, has responded as `response` says.
    """
    courses = list(case.courses)
    leaving = _leaving(plan, judged_on)
    if not any(c.running and c.therapy == therapy for c in courses):
        number = 1 + sum(c.therapy == therapy for c in courses)
        start = Days(date.fromisoformat(plan.start), date.fromisoformat(plan.start))
        courses.append(Course(therapy=therapy, number=number, indication="skin", start=start, running=True))
    given = _given(plan, judged_on)
    courses = [_treated(c, given.get(c.therapy, ())) if c.running else c for c in courses]
    courses = [
        _stopped(c, leaving[c.therapy], plan, knowledge.algorithm.ineffective) if c.running and c.therapy in leaving else c
        for c in courses
    ]
    place = max(i for i, c in enumerate(courses) if c.running and c.therapy == therapy)
    courses[place] = _responded(_tried(courses[place], knowledge), judged_on, response)
    return case.changed(as_of=judged_on, stated=_stated(case, judged_on, response, knowledge), courses=tuple(courses))


def _given(plan: Followed, judged_on: date) -> dict[str, list[ScheduleItem]]:
    """What the plan schedules before a day, by therapy."""
    given: dict[str, list[ScheduleItem]] = {}
    for item in plan.schedule:
        # A course counts even where its dose could not be computed.
        told = item.dose is not None or item.event == "course"
        if told and not item.hold_point and date.fromisoformat(item.date) < judged_on:
            given.setdefault(item.therapy, []).append(item)
    return given


def _leaving(plan: Followed, judged_on: date) -> dict[str, date]:
    """Running therapies that the plan ends, today or after a taper, each with its last day."""
    day_zero = date.fromisoformat(plan.start)
    new = plan.next.therapy if plan.next else None
    ended = {a.therapy for a in plan.actions if a.action in ("stop", "switch")}
    found = {therapy: day_zero for therapy in ended if therapy is not None and therapy != new}
    for part in plan.regimen:
        last = date.fromisoformat(part.until) if part.until else day_zero
        if part.role == "stop" or (part.until and last < judged_on):
            found[part.therapy] = last
    return found


def _stopped(course: Course, day: date, plan: Followed, ineffective: tuple[str, ...]) -> Course:
    verdicts = {h.verdict for h in plan.history if (h.therapy, h.course) == (course.therapy, course.number)}
    reason = "failure" if verdicts & set(ineffective) else "intolerance" if "intolerance" in verdicts else "other"
    return course.changed(stop=Days(day, day), stop_reason=reason, running=False)


def _treated(course: Course, items: "list[ScheduleItem] | tuple[ScheduleItem, ...]") -> Course:
    """The course with what the schedule holds for it: a lasting dose as a step, everything else as given that day."""
    for item in items:
        day = Days(date.fromisoformat(item.date), date.fromisoformat(item.date))
        lasting = parse_dose(item.dose_text or "")
        if lasting is not None:
            course = _stepped(course, day, lasting)
        elif item.event == "step":
            course = _stepped(course, day, _of_the_day(item))
        else:
            whole = course.courses is not None and item.event == "course" and item.day_of_course == 1
            course = course.changed(
                given=(*course.given, Given(day, _of_the_day(item))),
                courses=course.courses + 1 if whole and course.courses is not None else course.courses,
            )
    return course


def _of_the_day(item: ScheduleItem) -> WrittenDose | None:
    return parse_dose(f"{item.dose.value:g} {item.dose.unit} daily") if item.dose else None


def _stepped(course: Course, day: Days, dose: WrittenDose | None) -> Course:
    """The course at a new dose; the same dose again is no step."""
    dosed = [g.dose for g in course.steps if g.dose is not None]
    present = dosed[-1] if dosed else course.dose
    if dose is None or (present is not None and present[:-1] == dose[:-1]):
        return course
    before = (Given(course.start, course.dose),) if course.start and course.dose and not dosed else ()
    return course.changed(dose=dose, steps=(*course.steps, *before, Given(day, dose)))


def _tried(course: Course, knowledge: Knowledge) -> Course:
    """A trial in full: where the schedule leaves the rise of the dose to local protocol, it was taken as far as it goes."""
    trial = knowledge.therapies[course.therapy].trial
    dosed = [g.dose for g in course.steps if g.dose is not None] or ([course.dose] if course.dose else [])
    if trial is None or trial.dose is None or not dosed or course.dose_limit is not None:
        return course
    wanted = trial.dose.amount * milligrams(trial.dose.unit)
    enough = any(d.total(trial.dose.per_days) >= wanted for d in dosed)
    return course if enough else course.changed(dose_limit="tolerance")


def _responded(course: Course, day: date, response: Judgement) -> Course:
    if response != "not_tolerated":
        return course.changed(outcome=_OUTCOMES[response])
    return course.changed(
        outcome=_OUTCOMES[response], scope="agent", stop=Days(day, day), stop_reason="intolerance", running=False
    )


def _stated(case: Case, day: date, response: Judgement, knowledge: Knowledge) -> dict[str, tuple[Stated, ...]]:
    """The facts, as old on that day as they are now. Scores are left out: the response takes their place."""
    later = day - case.as_of
    found = {
        name: tuple(_moved(s, later) for s in values)
        for name, values in case.stated.items()
        if knowledge.facts[name].group != "scores"
    }
    active = knowledge.algorithm.roles.active
    quiet = bool(found.get(active)) and found[active][-1].value is False
    if response == "complete":
        found[active] = (Stated(False),)
    elif quiet and response in ("none", "partial"):
        found[active] = (Stated(True),)
    return found


def _moved(stated: Stated, later: timedelta) -> Stated:
    if stated.day is None:
        return stated
    return stated.changed(day=Days(stated.day.first + later, stated.day.last + later))
