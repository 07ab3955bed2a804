"""What was taken for granted of the courses of a record: start, number of courses, relapse, and that they are past."""

from collections.abc import Iterator

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import counting
from dmcli.assess.history import Judged
from dmcli.assess.implied import Implied, implied
from dmcli.result.reasons import Reason, reason


def course_assumptions(patient: Assessment) -> Iterator[Reason]:
    """Each assumption that a verdict rests on, course by course, and the therapies that are taken as past."""
    for judged in patient.history.judged:
        yield from _of_course(patient, judged)
    past = dict.fromkeys(patient.knowledge.name(c.therapy) for c in patient.case.courses if c.perhaps_running)
    if past:
        yield _said(patient, "taken_as_past", names=", ".join(past))


def _of_course(patient: Assessment, judged: Judged) -> Iterator[Reason]:
    course, name = judged.course, patient.knowledge.name(judged.course.therapy)
    if course.start_implied and judged.weeks is not None:
        yield _said(patient, "start_implied", name=name, weeks=f"{judged.weeks.low:g}")
    if judged.rule is not None and judged.rule.assumes is not None:
        yield reason(judged.rule, f"{name}: {judged.rule.text}")
    therapy = patient.knowledge.therapies[course.therapy]
    shown = implied(course, therapy, patient.case, counting(patient.knowledge))
    if shown.rhythm is not None:
        yield _said(patient, _implied_key(judged), name=name, rhythm=shown.rhythm, **_figures(shown))


def _implied_key(judged: Judged) -> str:
    return "weeks_implied" if judged.course.courses is not None else "courses_implied"


def _figures(shown: Implied) -> dict[str, str]:
    courses = f"{shown.courses:g}" if isinstance(shown.courses, float) else str(shown.courses)
    return {"weeks": str(shown.weeks), "courses": courses}


def _said(patient: Assessment, key: str, **values: object) -> Reason:
    statement = patient.knowledge.algorithm.statements[key]
    return reason(statement, statement.text.format(**values))
