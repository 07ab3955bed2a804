"""Scores over time: which value stood when, and the response that a change since the start of a course tells."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple, cast

from dmcli.assess.checked import Checked
from dmcli.assess.facts import Facts
from dmcli.case.model import Case, Course
from dmcli.knowledge.evaluate import Finding, Scope, Value
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.scores import ResponseRule, Score
from dmcli.record import made_once
from dmcli.values.dates import Days, weeks_between

_DIGITS = 6


class Point(NamedTuple):
    """A value of a score and the days it may be of."""

    day: Days
    value: float


class ScoredResponse(NamedTuple):
    """The response that a score tells of a course, the rule that gave it, and the two values it rests on."""

    fact: str
    because: Checked
    baseline: Point
    latest: Point

    @property
    def rule(self) -> ResponseRule:
        return cast(ResponseRule, self.because.rule)

    @property
    def finding(self) -> Finding:
        return self.because.finding


def points(fact: str, case: Case) -> tuple[Point, ...]:
    """Every value of a score; one without a date is taken as of the as-of date, and as the last of that day."""
    return made_once(case, ("points", fact), lambda: _points(fact, case)) if fact in case.stated else ()


def _points(fact: str, case: Case) -> tuple[Point, ...]:
    today = Days(case.as_of, case.as_of)
    stated = sorted(case.stated[fact], key=lambda value: value.day is None)
    return tuple(Point(s.day or today, float(s.value)) for s in stated if isinstance(s.value, float))


def newest(found: Iterable[Point], until: Days, after: Days | None = None) -> Point | None:
    """The last value up to `until` and, if given, later than `after`; None where it depends on the days of coarse dates.

    Of two values of one day the one that stands later counts.
    """
    series = list(enumerate(found))
    possible = [(p.day.last, i) for i, p in series if p.day.first <= until.last and (after is None or p.day.last > after.first)]
    certain = [(p.day.first, i) for i, p in series if p.day.last <= until.first and (after is None or p.day.first > after.last)]
    if not certain:
        return None
    last = max(certain)
    # Any other one that may be of these days must be known to be the earlier.
    return series[last[1]][1] if all(other < last for other in possible if other[1] != last[1]) else None


def baseline_at(fact: str, start: Days, case: Case, knowledge: Knowledge) -> Point | None:
    """The value with which a course began, unless it was too old by then."""
    return _fresh(newest(points(fact, case), start), fact, start, knowledge)


def is_stale(point: Point, fact: str, at: Days, knowledge: Knowledge) -> bool:
    """Whether a value may be beyond its shelf life on a day."""
    shelf = knowledge.facts[fact].shelf_weeks
    weeks = shelf if shelf is not None else int(knowledge.algorithm.settings["baseline_weeks"].value)
    return point.day.first + timedelta(weeks=weeks) < at.last


def change_names(baseline: Point, latest: Point) -> dict[str, Value]:
    """The names of a change rule: both values and the fall between them, also in percent where that can be told."""
    fall = round(baseline.value - latest.value, _DIGITS)
    names: dict[str, Value] = {"score_start": baseline.value, "score_now": latest.value, "score_fall": fall}
    return names | ({"score_fall_percent": round(100 * fall / baseline.value, _DIGITS)} if baseline.value else {})


def measurable(course: Course, knowledge: Knowledge) -> bool:
    """Whether a score of the skin can tell the response: a course for the skin, dated, of a therapy that is judged."""
    judged = knowledge.therapies[course.therapy].trial is not None
    return judged and course.start is not None and course.for_skin


def derived_outcome(course: Course, case: Case, facts: Facts, knowledge: Knowledge) -> ScoredResponse | None:
    """The response to a course by its scores; None, which is not 'no change', where a value is missing or too old."""
    if not measurable(course, knowledge):
        return None
    for score in knowledge.algorithm.scores:
        # One value tells no change.
        if score.responses and len(case.stated.get(score.fact, ())) > 1:
            found = _response(score, course, case, facts, knowledge)
            if found is not None:
                return found
    return None


def _response(score: Score, course: Course, case: Case, facts: Facts, knowledge: Knowledge) -> ScoredResponse | None:
    shown, trial = points(score.fact, case), knowledge.therapies[course.therapy].trial
    start, end = course.start, _end(course, case)
    if start is None or end is None or trial is None:
        return None
    baseline = _fresh(newest(shown, start), score.fact, start, knowledge)
    latest = _fresh(newest(shown, end, start), score.fact, end, knowledge) if baseline is not None else None
    if baseline is None or latest is None:
        return None
    names = change_names(baseline, latest) | {
        "score_weeks": weeks_between(start, latest.day),
        "weeks": weeks_between(start, end),
        "trial_weeks": float(trial.no_response.weeks),
        "window_weeks": float((trial.some_response or trial.no_response).weeks),
        **{name: knowledge.algorithm.settings[name].value for name in ("quiet_cdasi", "score_lead_weeks")},
    }
    scope = Scope({**facts.values, **names}, {}, facts.behind)
    for rule in score.responses:
        value = knowledge.value(rule.when, scope)
        if value is False:
            continue
        if value is None or not (rule.counts_when is None or knowledge.value(rule.counts_when, scope) is True):
            return None
        return ScoredResponse(score.fact, Checked(rule, True, scope, knowledge), baseline, latest)
    return None


def _fresh(point: Point | None, fact: str, at: Days, knowledge: Knowledge) -> Point | None:
    return None if point is None or is_stale(point, fact, at, knowledge) else point


def _end(course: Course, case: Case) -> Days | None:
    """The last day of a course, today for one that runs; None where it is not known."""
    if course.running:
        return Days(case.as_of, case.as_of)
    if course.stop is not None or course.weeks is None or course.start is None:
        return course.stop
    first, last = (day + timedelta(weeks=course.weeks) for day in course.start)
    return Days(min(first, case.as_of), min(last + timedelta(days=6), case.as_of))
