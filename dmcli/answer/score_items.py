"""Scores over time as the plan tells them, and the responses they tell beside the stated ones."""

from collections.abc import Sequence
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked, checked
from dmcli.assess.score_response import Point, baseline_at, change_names, is_stale, measurable, points
from dmcli.knowledge.evaluate import Scope, Value
from dmcli.knowledge.scores import Band, ChangeRule, Score
from dmcli.result.courses import ScoreItem, ScorePoint
from dmcli.result.reasons import reason, sources_of
from dmcli.values.dates import Days

_DEGREES = ("inadequate", "partial", "near_complete", "complete")
_QUIET = ("near_complete", "complete")


class Measured(NamedTuple):
    """A stated score: its latest value, and the baseline at the start of the running therapy `since`, else the earliest
    value. `band` and `worth` are the rules that hold for the value and for its change."""

    score: Score
    since: str | None
    baseline: Point | None
    latest: Point
    band: Checked | None
    worth: Checked | None

    @property
    def checked(self) -> tuple[Checked, ...]:
        return tuple(c for c in (self.band, self.worth) if c is not None)


def measure(patient: Assessment) -> tuple[Measured, ...]:
    """Each stated score, held against its bands and changes."""
    return tuple(_measured(patient, score) for score in patient.knowledge.algorithm.scores if points(score.fact, patient.case))


def _measured(patient: Assessment, score: Score) -> Measured:
    series = points(score.fact, patient.case)
    latest = _by_day(series)[-1]
    since, baseline = _baseline(patient, score.fact, series, latest)
    names: dict[str, Value] = {"score_now": latest.value, **(change_names(baseline, latest) if baseline is not None else {})}
    worth = _first(patient, score.changes, names) if baseline is not None else None
    return Measured(score, since, baseline, latest, _first(patient, score.bands, names), worth)


def build_scores(patient: Assessment, measured: tuple[Measured, ...]) -> tuple[ScoreItem, ...]:
    """Each stated score as the plan tells it."""
    return tuple(_item(patient, found) for found in measured)


def _item(patient: Assessment, found: Measured) -> ScoreItem:
    k, today = patient.knowledge, Days(patient.case.as_of, patient.case.as_of)
    score, since, baseline, latest = found.score, found.since, found.baseline, found.latest
    names = change_names(baseline, latest) if baseline is not None else {}
    change, percent = _negated(names.get("score_fall")), _negated(names.get("score_fall_percent"))
    because = tuple(reason(c.rule) for c in found.checked)
    item = ScoreItem(
        fact=score.fact,
        name=k.fact_name(score.fact),
        since=since,
        baseline=shown_point(baseline) if baseline else None,
        latest=shown_point(latest),
        change=change,
        percent=percent,
        band=found.band.rule.name if found.band is not None else None,
        fresh=not is_stale(latest, score.fact, today, k),
        text="",
        because=because,
        sources=sources_of(because),
    )
    return item.changed(text=_text(patient, item))


def _baseline(patient: Assessment, fact: str, series: Sequence[Point], latest: Point) -> tuple[str | None, Point | None]:
    """The value at the start of the running therapy that began last, with that therapy; else the earliest value."""
    running = [j.course for j in patient.history.judged if j.course.running and measurable(j.course, patient.knowledge)]
    for course in sorted(running, key=lambda course: course.start or Days(patient.case.as_of, patient.case.as_of), reverse=True):
        found = baseline_at(fact, course.start, patient.case, patient.knowledge) if course.start else None
        if found is not None and found != latest:
            return course.therapy, found
    earliest = _by_day(series)[0]
    return None, earliest if earliest != latest else None


def _by_day(series: Sequence[Point]) -> list[Point]:
    return sorted(series, key=lambda point: point.day.last)


def _first(patient: Assessment, rules: Sequence[Band | ChangeRule], names: dict[str, Value]) -> Checked | None:
    """The first rule that holds."""
    scope = Scope({**patient.facts.values, **names}, {}, patient.facts.behind)
    for rule in rules:
        found = checked(rule, scope, patient.knowledge)
        if found.holds:
            return found
    return None


def _text(patient: Assessment, item: ScoreItem) -> str:
    k = patient.knowledge
    text = point_text(patient, item.latest)
    if item.baseline is not None and item.change is not None:
        change = f"{item.change:+g}" if item.change else k.texts["score_same"]
        if item.change and item.percent is not None:
            change = k.say("score_percent", change=change, percent=f"{item.percent:+g}")
        if item.since is not None:
            change = k.say("score_since", change=change, name=k.name(item.since))
        text = k.say("score_by", before=point_text(patient, item.baseline), now=text, change=change)
    text += k.say("score_band", band=item.band) if item.band else ""
    return text + ("" if item.fresh else k.texts["score_stale"])


def point_text(patient: Assessment, point: ScorePoint) -> str:
    return patient.knowledge.say("score_now", value=f"{point.value:g}", date=point.date)


def shown_point(point: Point) -> ScorePoint:
    return ScorePoint(str(point.day), point.value)


def _negated(value: Value) -> float | None:
    """A fall as a change, to one digit; 0 has no sign."""
    return round(-value, 1) + 0.0 if isinstance(value, (int, float)) else None
