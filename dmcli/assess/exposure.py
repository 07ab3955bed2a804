"""What still acts of a therapy that has ended."""

from datetime import timedelta

from dmcli.assess.course_days import usual_step
from dmcli.case.model import Case, Course
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dates import Days, weeks_between
from dmcli.values.truth import Truth, any_of


def lingers(case: Case, knowledge: Knowledge, target: str) -> tuple[Truth, frozenset[str]]:
    """Whether an ended course of a therapy, class or line acts on at the as-of date; unknown where its end is."""
    truths: list[Truth] = []
    missing: set[str] = set()
    for course in case.courses:
        therapy = knowledge.therapies[course.therapy]
        if course.therapy not in knowledge.members(target) or course.running or therapy.on_board is None:
            continue
        truth = _acts_on(course, therapy, case)
        truths.append(truth)
        if truth is None:
            missing.add(f"treatments.{course.therapy}.stop")
    truth = any_of(truths)
    return truth, frozenset(missing) if truth is None else frozenset()


def acts_on_when_ended(case: Case, knowledge: Knowledge, therapy: str) -> bool:
    """Whether a running therapy, ended today, would act on."""
    today = Days(case.as_of, case.as_of)
    ended = (c.changed(stop=today) if c.stop is None else c for c in case.courses if c.running and c.therapy == therapy)
    return any(_acts_on(course, knowledge.therapies[therapy], case) is not False for course in ended)


def _acts_on(course: Course, therapy: Therapy, case: Case) -> Truth:
    rule = therapy.on_board
    never_given = course.outcome == "contraindicated" and course.start is None
    if rule is None or never_given or _ended_early(case, rule.unless):
        return False
    last = _last_dose(course, therapy)
    if last is None:
        return None
    weeks = weeks_between(last, Days(case.as_of, case.as_of))
    return True if weeks.high < rule.weeks else False if weeks.low >= rule.weeks else None


def _ended_early(case: Case, fact: str | None) -> bool:
    stated = case.stated.get(fact, ()) if fact is not None else ()
    return bool(stated) and stated[-1].value is True


def _last_dose(course: Course, therapy: Therapy) -> Days | None:
    """The day of the last dose: the last one given, else the end, else the last day of a regimen that ends by itself."""
    given = [g.day for g in (*course.given, *course.steps)]
    step = usual_step(therapy)
    if step is not None and given:
        return max(given, key=lambda day: day.last)
    if course.stop is not None:
        return course.stop
    if step is None or step.every_days is not None or course.start is None:
        return None
    offset = timedelta(days=step.day + max(step.on_days))
    return Days(course.start.first + offset, course.start.last + offset)
