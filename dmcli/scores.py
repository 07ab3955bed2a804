"""Scores over time as the plan tells them, and the responses they tell beside the stated ones."""

from collections.abc import Sequence
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.history import Judged
from dmcli.assess.scores import Point, ScoredResponse, baseline_at, change_names, is_stale, measurable, points
from dmcli.assess.trial import stated_outcome
from dmcli.dates import Days
from dmcli.entries import Reason, ResponseItem, ScoreItem, ScorePoint, Warned
from dmcli.evaluate import Scope, Value, evaluate
from dmcli.knowledge.scores import Band, ChangeRule, Score
from dmcli.running import reason

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


def build_responses(patient: Assessment) -> tuple[ResponseItem, ...]:
    """Every course whose response can be told by its scores, with what the case states."""
    return tuple(_response(patient, judged, judged.scored) for judged in patient.history.judged if judged.scored)


def disagreements(patient: Assessment) -> list[Warned]:
    """A warning for each course whose stated response is another than its scores tell."""
    said = patient.knowledge.algorithm.statements["response_disagrees"]
    found = []
    for item in (r for r in build_responses(patient) if not r.agrees):
        name = patient.knowledge.say("course_of", name=patient.knowledge.name(item.therapy), number=item.course)
        stated, derived = (patient.knowledge.texts[f"outcome_{code}"] for code in (item.stated, item.derived))
        change = _told(patient, item.baseline, item.latest)
        text = said.text.format(name=name, stated=stated, derived=derived, change=change)
        found.append(Warned("response_disagrees", text, item.sources))
    return found


def _item(patient: Assessment, found: Measured) -> ScoreItem:
    k, today = patient.knowledge, Days(patient.case.as_of, patient.case.as_of)
    score, since, baseline, latest = found.score, found.since, found.baseline, found.latest
    names = change_names(baseline, latest) if baseline is not None else {}
    change, percent = _negated(names.get("score_fall")), _negated(names.get("score_fall_percent"))
    because = tuple(reason(c.rule) for c in (found.band, found.worth) if c is not None)
    item = ScoreItem(
        fact=score.fact,
        name=k.fact_name(score.fact),
        since=since,
        baseline=_shown(baseline) if baseline else None,
        latest=_shown(latest),
        change=change,
        percent=percent,
        band=found.band.rule.name if found.band is not None else None,
        fresh=not is_stale(latest, score.fact, today, k),
        text="",
        because=because,
        sources=_sources(because),
    )
    return item.changed(text=_text(patient, item))


def _baseline(patient: Assessment, fact: str, series: Sequence[Point], latest: Point) -> tuple[str | None, Point | None]:
    """The value at the start of the running therapy that began last, with that therapy; else the earliest value."""
    running = [j.course for j in patient.history.judged if j.course.running and measurable(j.course, patient.knowledge)]
    for course in sorted(running, key=lambda c: c.start or Days(patient.case.as_of, patient.case.as_of), reverse=True):
        found = baseline_at(fact, course.start, patient.case, patient.knowledge) if course.start else None
        if found is not None and found != latest:
            return course.therapy, found
    earliest = _by_day(series)[0]
    return None, earliest if earliest != latest else None


def _by_day(series: Sequence[Point]) -> list[Point]:
    return sorted(series, key=lambda p: p.day.last)


def _first(patient: Assessment, rules: Sequence[Band | ChangeRule], names: dict[str, Value]) -> Checked | None:
    """The first rule that holds."""
    scope = Scope({**patient.facts.values, **names}, {}, patient.facts.behind)
    for rule in rules:
        found = evaluate(patient.knowledge.tree(rule.when), scope)
        if found.value is True:
            return Checked(rule, found)
    return None


def _text(patient: Assessment, item: ScoreItem) -> str:
    k = patient.knowledge
    text = _point(patient, item.latest)
    if item.baseline is not None and item.change is not None:
        change = f"{item.change:+g}" if item.change else k.texts["score_same"]
        if item.change and item.percent is not None:
            change = k.say("score_percent", change=change, percent=f"{item.percent:+g}")
        if item.since is not None:
            change = k.say("score_since", change=change, name=k.name(item.since))
        text = k.say("score_by", before=_point(patient, item.baseline), now=text, change=change)
    text += k.say("score_band", band=item.band) if item.band else ""
    return text + ("" if item.fresh else k.texts["score_stale"])


def _response(patient: Assessment, judged: Judged, scored: ScoredResponse) -> ResponseItem:
    k, course = patient.knowledge, judged.course
    stated, derived = stated_outcome(course), scored.rule.outcome
    agrees = stated not in _DEGREES or stated == derived
    # A stop in remission tells that the response was good, not how good.
    agrees = agrees or (course.stop_reason == "remission" and stated != course.outcome and derived in _QUIET)
    key = "response_used" if stated is None else "response_agrees" if stated == derived else "response_beside"
    baseline, latest = _shown(scored.baseline), _shown(scored.latest)
    because = (reason(scored.rule),)
    text = k.say(
        key,
        derived=k.texts[f"outcome_{derived}"],
        score=k.fact_name(scored.fact),
        change=_told(patient, baseline, latest),
        **({"stated": k.texts[f"outcome_{stated}"]} if key == "response_beside" else {}),
    )
    return ResponseItem(
        therapy=course.therapy,
        course=course.number,
        stated=stated,  # type: ignore[arg-type]
        derived=derived,
        used=judged.outcome,  # type: ignore[arg-type]
        agrees=agrees,
        fact=scored.fact,
        baseline=baseline,
        latest=latest,
        text=text,
        because=because,
        sources=_sources(because),
    )


def _told(patient: Assessment, baseline: ScorePoint, latest: ScorePoint) -> str:
    return patient.knowledge.say("score_change", before=_point(patient, baseline), now=_point(patient, latest))


def _point(patient: Assessment, point: ScorePoint) -> str:
    return patient.knowledge.say("score_now", value=f"{point.value:g}", date=point.date)


def _shown(point: Point) -> ScorePoint:
    return ScorePoint(str(point.day), point.value)


def _negated(value: Value) -> float | None:
    """A fall as a change, to one digit; 0 has no sign."""
    return round(-value, 1) + 0.0 if isinstance(value, (int, float)) else None


def _sources(because: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for r in because for s in r.sources))
