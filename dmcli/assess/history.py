"""What was tried: each course gets one verdict by the rules of the knowledge, each therapy the verdict of its courses."""

from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.facts import Facts
from dmcli.assess.given import counted_courses, dose_steps, usual_step
from dmcli.assess.scores import ScoredResponse, derived_outcome
from dmcli.case.model import Case, Course
from dmcli.dates import Days, Span, weeks_between
from dmcli.dosetext import WrittenDose
from dmcli.evaluate import Scope, Value, evaluate
from dmcli.knowledge.algorithm import VerdictRule
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Therapy

# A later course in which the agent worked, or is being tried again, outweighs an earlier failure or harm.
_GOOD = ("responding", "partial", "too_early", "stopped_other", "relapse_off_therapy", "relapse_after_lengthening")
_STOPS = {"failure": "inadequate", "intolerance": "intolerance", "remission": "complete"}


class Judged(NamedTuple):
    """A course with its verdict, the rule that gave it (None: nothing fitted) and what is missing to judge.

    `outcome` is the one that was used: as stated, else as `scored`, else unknown.
    """

    course: Course
    outcome: str
    scored: ScoredResponse | None
    verdict: str
    rule: VerdictRule | None
    weeks: Span | None
    missing: frozenset[str]
    facts: dict[str, Value]
    indication_assumed: bool


class History(NamedTuple):
    """`passed` are the verdicts that close a therapy."""

    judged: tuple[Judged, ...]
    passed: tuple[str, ...]

    def of(self, therapy: str, skin_only: bool = False) -> tuple[Judged, ...]:
        found = (j for j in self.judged if j.course.therapy == therapy)
        return tuple(j for j in found if not skin_only or (j.course.indication or "skin") == "skin")

    def verdict(self, therapy: str) -> str | None:
        """The verdict that counts for a therapy: the last course's, unless an earlier failure or harm still stands."""
        mine = self.of(therapy)
        if not mine:
            return None
        last = mine[-1].verdict
        closing = [j.verdict for j in mine if j.verdict in self.passed]
        return closing[-1] if closing and last not in _GOOD else last

    def last(self, therapy: str) -> Judged | None:
        mine = self.of(therapy)
        return mine[-1] if mine else None

    def running(self, therapy: str) -> Judged | None:
        return next((j for j in reversed(self.of(therapy)) if j.course.running), None)


def class_closer(history: History, therapy: str, knowledge: Knowledge) -> Judged | None:
    """The course whose harm closed the whole class of a therapy, if there is one."""
    classes = set(knowledge.therapies[therapy].classes)
    for judged in history.judged:
        shared = classes & set(knowledge.therapies[judged.course.therapy].classes)
        if shared and judged.course.scope == "class" and judged.verdict in ("intolerance", "contraindicated"):
            return judged
    return None


def judge(case: Case, facts: Facts, knowledge: Knowledge) -> History:
    """Every course with its verdict, the courses of one therapy in the order of time."""
    return History(tuple(_judge(c, case, facts, knowledge) for c in _in_time(case.courses)), knowledge.algorithm.passed)


def _in_time(courses: tuple[Course, ...]) -> list[Course]:
    """Courses as they followed each other; the case's own order where a therapy has an undated one."""
    undated = {c.therapy for c in courses if c.start is None and c.stop is None}
    ordered = list(courses)
    for therapy in {c.therapy for c in courses} - undated:
        places = [i for i, c in enumerate(courses) if c.therapy == therapy]
        mine = sorted((courses[i] for i in places), key=lambda c: (c.running, min(d.first for d in (c.start, c.stop) if d)))
        for place, course in zip(places, mine, strict=True):
            ordered[place] = course
    return ordered


def _judge(course: Course, case: Case, facts: Facts, knowledge: Knowledge) -> Judged:
    therapy = knowledge.therapies[course.therapy]
    names, weeks = attributes(course, therapy, case, facts, knowledge)
    scored = derived_outcome(course, case, facts, knowledge)
    outcome = stated_outcome(course) or (scored.rule.outcome if scored else "unknown")
    names["course_outcome"] = outcome
    scope = Scope({**facts.values, **names}, {}, facts.behind)
    open_rules: list[VerdictRule] = []
    missing: frozenset[str] = frozenset()
    for rule in knowledge.algorithm.verdicts:
        found = evaluate(knowledge.tree(rule.when), scope)
        if found.value is None:
            open_rules.append(rule)
            missing |= found.missing
        elif found.value is True:
            # A verdict is given only where every open possibility agrees with it.
            agreed = all(r.verdict == rule.verdict for r in open_rules)
            verdict, chosen = (rule.verdict, rule) if agreed else ("unknown", None)
            lacking = frozenset() if agreed else _lacking(missing, names, weeks, course)
            return Judged(course, outcome, scored, verdict, chosen, weeks, lacking, found.facts, course.indication is None)
    lacking = _lacking(missing, names, weeks, course)
    return Judged(course, outcome, scored, "unknown", None, weeks, lacking, {}, course.indication is None)


def stated_outcome(course: Course) -> str | None:
    """The outcome as the case states it, or as the reason of the stop tells it; None where neither does."""
    stated = course.outcome if course.outcome != "unknown" else None
    return stated or _STOPS.get(course.stop_reason or "")


_PLAIN = {"course_outcome": "outcome", "course_scope": "scope", "course_reason": "reason", "relapse_after": "relapse.after"}


def _lacking(missing: frozenset[str], names: dict[str, Value], weeks: Span | None, course: Course) -> frozenset[str]:
    """What is missing to judge a course, as the case file calls it: `treatments.<therapy>.outcome`."""
    lacking = {_PLAIN.get(m, m) for m in missing}
    if weeks is None or weeks.low != weeks.high:
        lacking.add("start")
    if names.get("dose_known") is not True:
        lacking.add("dose")
    if names.get("courses_known") is not True:
        lacking.add("courses")
    if names["course_outcome"] == "unknown" or not lacking:
        lacking.add("outcome")
    return frozenset(f"treatments.{course.therapy}.{m}" for m in lacking)


def attributes(
    course: Course, therapy: Therapy, case: Case, facts: Facts, knowledge: Knowledge
) -> tuple[dict[str, Value], Span | None]:
    """The names a verdict rule may use, for one course; what is not stated is absent."""
    weeks = course_weeks(course, case)
    trial = therapy.trial
    names: dict[str, Value] = {
        "running": course.running,
        "advanced": therapy.line in knowledge.algorithm.advanced,
        "accepted": course.trial_accepted,
        "duration_known": weeks is not None,
        "courses": 0.0,
        "courses_known": True,
        "trial_courses": 0.0,
        "window_courses": 0.0,
        "window_extended": False,
        "dose_waiting": False,
        "course_outcome": stated_outcome(course) or "unknown",
        "course_scope": course.scope or "agent",
    }
    optional: dict[str, Value] = {
        "course_reason": course.reason,
        "stop_reason": course.stop_reason,
        "relapse_after": _relapse_after(course, therapy),
    }
    names |= {name: value for name, value in optional.items() if value is not None}
    if weeks is not None:
        names["weeks"] = weeks
    if trial is None:
        return names | {"dose_known": True, "dose_enough": True, "trial_weeks": 0.0, "window_weeks": 0.0}, weeks
    window = trial.some_response or trial.no_response
    names |= {"trial_weeks": float(trial.no_response.weeks), "window_weeks": float(window.weeks)}
    given = course.courses if course.courses is not None else counted_courses(course, therapy) if course.given else None
    names["courses_known"] = given is not None or not trial.no_response.courses
    if given is not None and trial.no_response.courses:
        names |= {
            "courses": float(given),
            "trial_courses": float(trial.no_response.courses),
            "window_courses": float(window.courses or 0),
        }
    if weeks is not None:
        extended = _extended(course, therapy, case, facts, knowledge)
        if extended is None:
            del names["window_extended"]
        else:
            names["window_extended"] = extended
    enough = dose_enough(course, therapy, case)
    names["dose_waiting"] = course.running and enough is not True and full_dose_until(course, therapy) is not None
    names["dose_known"] = trial.dose is None or enough is not None
    names["dose_enough"] = True if trial.dose is None else enough
    return names, weeks


def _extended(course: Course, therapy: Therapy, case: Case, facts: Facts, knowledge: Knowledge) -> bool | None:
    """Whether the window of a partial response is still open because the dose can go up, or went up late.

    A step that was taken when a lack of response already counted is given its own time.
    """
    trial = therapy.trial
    if trial is None or trial.step_up is None or not course.running:
        return False
    top, per_days = trial.step_up.amount * _scale(trial.step_up.unit), trial.step_up.per_days
    taken = [g for g in dose_steps(course) if g.dose is not None and g.dose.total(per_days) >= top]
    if taken and course.start is not None:
        first = taken[0].day
        late = weeks_between(course.start, first)
        since = weeks_between(first, Days(case.as_of, case.as_of))
        if late.high < trial.no_response.weeks or since.low >= (trial.step_up.weeks or 0):
            return False
        return True if late.low >= trial.no_response.weeks and since.high < (trial.step_up.weeks or 0) else None
    present = present_dose(course)
    if present is None:
        return None
    return present.total(per_days) < top and not dose_bound(course, therapy, top, per_days, facts, knowledge)


def present_dose(course: Course) -> WrittenDose | None:
    """The dose that is taken now, or was taken last."""
    steps = dose_steps(course)
    return steps[-1].dose if steps else course.dose


def dose_bound(course: Course, therapy: Therapy, top: float, per_days: int, facts: Facts, knowledge: Knowledge) -> bool:
    """Whether tolerance, a label or a cap in force keeps the dose (mg within `per_days` days) below `top`."""
    if course.dose_limit is not None:
        return True
    scope = Scope(facts.values, {}, facts.behind)
    caps = {c.id: c for r in therapy.regimens for c in r.caps}.values()
    held = [c for c in caps if evaluate(knowledge.tree(c.when), scope).value is True]
    return any(c.max * _scale(c.unit) * per_days / c.per_days < top for c in held)


def _scale(unit: str) -> int:
    return 1000 if unit.startswith("g") else 1


def course_weeks(course: Course, case: Case) -> Span | None:
    if course.weeks is not None:
        return Span(course.weeks, course.weeks)
    if course.start is None:
        return None
    if course.stop is None:
        return weeks_between(course.start, Days(case.as_of, case.as_of)) if course.running else None
    return weeks_between(course.start, course.stop)


def _relapse_after(course: Course, therapy: Therapy) -> str | None:
    if course.relapse_after or course.outcome != "relapse":
        return course.relapse_after
    if course.running:
        return "lengthening" if _longer(course, therapy) else "on_therapy"
    if course.stop_reason in ("failure", "remission"):
        return "on_therapy" if course.stop_reason == "failure" else "stopping"
    if course.relapse_day is not None and course.stop is not None:
        if course.relapse_day.first > course.stop.last:
            return "stopping"
        if course.relapse_day.last <= course.stop.first:
            return "on_therapy"
    return None


def full_dose_until(course: Course, therapy: Therapy) -> date | None:
    """The day on which the full dose of a trial, taken now, has been taken long enough; None where it is not taken now
    or the day it began is not stated."""
    limit = therapy.trial.dose if therapy.trial else None
    if limit is None or limit.weeks is None:
        return None
    full = None
    for taken in dose_steps(course):
        reached = taken.dose is not None and taken.dose.total(limit.per_days) >= limit.amount * _scale(limit.unit)
        full = (full or taken.day.last) if reached else None
    return full + timedelta(weeks=limit.weeks) if full is not None else None


def _longer(course: Course, therapy: Therapy) -> bool:
    """Whether the record says that the interval between courses was lengthened beyond the usual one."""
    usual = usual_step(therapy)
    if course.last_held_interval_weeks is not None:
        return True
    days = (course.interval_weeks or 0) * 7
    return usual is not None and usual.every_days is not None and days > usual.every_days


def dose_enough(course: Course, therapy: Therapy, case: Case) -> bool | None:
    """Whether the dose reached the trial's minimum; a dose limited by tolerance, kidney or label counts as full."""
    limit = therapy.trial.dose if therapy.trial else None
    if limit is None or course.dose_limit is not None:
        return True
    wanted = limit.amount * _scale(limit.unit)
    dosed = [(s.day, s.dose) for s in dose_steps(course) if s.dose is not None]
    if dosed and limit.weeks is not None:
        ends = [*(d for d, _ in dosed[1:]), course.stop or Days(case.as_of, case.as_of)]
        spans = [
            weeks_between(start, end) for (start, d), end in zip(dosed, ends, strict=True) if d.total(limit.per_days) >= wanted
        ]
        low, high = sum(s.low for s in spans), sum(s.high for s in spans)
        return True if low >= limit.weeks else False if high < limit.weeks else None
    written = course.dose or (dosed[-1][1] if dosed else None)
    if written is None or (written.per is not None) != ("/" in limit.unit):
        return None
    if written.total(limit.per_days) < wanted:
        return False
    weeks = course_weeks(course, case)
    return limit.weeks is None or weeks is None or weeks.high >= limit.weeks
