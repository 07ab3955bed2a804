"""Statements of one case that cannot both hold."""

from datetime import date, timedelta

from dmcli.case.model import Case, Course
from dmcli.case.reader import Reader
from dmcli.knowledge.algorithm import CourseContradiction
from dmcli.knowledge.codes import GOOD
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.found import names_of
from dmcli.knowledge.model import Knowledge
from dmcli.yamlfile import Path


def check(case: Case, reader: Reader) -> None:
    """Report contradictions as problems."""
    knowledge, algorithm = reader.knowledge, reader.knowledge.algorithm
    active = algorithm.roles.active
    names = knowledge.once("contradicting", lambda: _asked(knowledge))
    latest = {name: case.stated[name][-1].value for name in names if name in case.stated}
    scope = Scope(latest, {})
    holding = knowledge.holding(("contradictions",), algorithm.contradictions, scope)
    for rule in algorithm.contradictions if holding else ():
        if rule.when in holding:
            section, name = rule.field.split(".")
            reader.wrong(reader.place_of(name) or (section, name), "contradiction", rule.text)
    for course_at, course in zip(reader.course_at, case.courses, strict=True):
        if course.running and course.therapy in case.declined:
            reader.wrong((*course_at, "therapy"), "contradiction", algorithm.statements["declined_but_current"].text)
        _within(course_at, course, reader)
        if course.running and course.outcome == GOOD[0] and latest.get(active) is True and course.for_skin:
            reader.wrong((*course_at, "outcome"), "contradiction", algorithm.statements["complete_but_active"].text)
    _overlaps(case, reader)
    _quiet_but_scored(case, latest.get(active), reader)


def _asked(knowledge: Knowledge) -> frozenset[str]:
    """The facts that may contradict another one, or a course."""
    algorithm = knowledge.algorithm
    return frozenset((algorithm.roles.active,)).union(*[names_of(knowledge.tree(rule.when)) for rule in algorithm.contradictions])


def _within(where: Path, course: Course, reader: Reader) -> None:
    """Statements of one course that clash."""
    stated = (course.outcome, course.stop_reason, course.relapse_after, course.trial_accepted)
    for rule in reader.knowledge.once(("clashing", *stated), lambda: _clashing(reader.knowledge, *stated)):
        reader.wrong((*where, rule.field), "contradiction", rule.text)


def _clashing(
    knowledge: Knowledge, outcome: str | None, stop_reason: str | None, relapse_after: str | None, accepted: bool
) -> tuple[CourseContradiction, ...]:
    """The rules that what is told of a course breaks."""
    stated = {"course_outcome": outcome, "stop_reason": stop_reason, "relapse_after": relapse_after, "accepted": accepted}
    scope = Scope({name: value for name, value in stated.items() if value is not None}, {})
    rules = knowledge.algorithm.course_contradictions
    return tuple([rule for rule in rules if knowledge.value(rule.when, scope) is True])


def _quiet_but_scored(case: Case, active: object, reader: Reader) -> None:
    if active is not False:
        return
    algorithm = reader.knowledge.algorithm
    settings, roles = algorithm.settings, algorithm.roles
    quiet, days = settings["quiet_cdasi"].value, int(settings["quiet_days"].value)
    since = case.as_of - timedelta(days=days)
    for stated in case.stated.get(roles.activity_score, ()):
        recent = stated.day is None or stated.day.last >= since
        if recent and isinstance(stated.value, float) and stated.value > quiet:
            score = reader.knowledge.fact_name(roles.activity_score)
            text = algorithm.statements["quiet_but_scored"].text.format(score=score, value=f"{stated.value:g}", days=days)
            reader.wrong(reader.place_of(roles.active) or (), "contradiction", text)


def _overlaps(case: Case, reader: Reader) -> None:
    """Each course that overlaps with an earlier one of its therapy, with the first such one."""
    if len({course.therapy for course in case.courses}) == len(case.courses):
        return
    earlier: dict[str, list[tuple[int, date, date]]] = {}
    for where, course in zip(reader.course_at, case.courses, strict=True):
        end = _end(course, case)
        if course.start is None or course.start_implied or end is None:
            continue
        others = earlier.setdefault(course.therapy, [])
        number = next((n for n, begun, ended in others if course.start.last < ended and begun < end), None)
        if number is not None:
            text = f"it overlaps with course {number} of the same therapy; give each course its own dates, or make them one"
            reader.wrong((*where, "start"), "overlapping_courses", text)
        others.append((course.number, course.start.last, end))


def _end(course: Course, case: Case) -> date | None:
    """The first day a course may have ended on; None where a past course does not say."""
    if course.stop is not None:
        return course.stop.first
    if course.running:
        return case.as_of
    return course.start.first + timedelta(weeks=course.weeks) if course.start is not None and course.weeks is not None else None
