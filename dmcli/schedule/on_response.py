"""What a response to a therapy leads to, or the lack of one, by the rules of the review as they would then hold."""

from collections.abc import Callable
from typing import Any

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step, usual_step
from dmcli.decide.decide import Decision
from dmcli.dose.regimen import choose_regimen
from dmcli.knowledge.evaluate import Answer, Scope

_WEEK = 7
# The verdicts that the answers at a judgement lead to: no improvement, some, some at the end of the time for it, a complete one.
NONE, PARTIAL, ENOUGH_TIME, COMPLETE = "adequate_failure", "partial", "insufficient", "responding"


def on_response(patient: Assessment, decision: Decision, therapy: str, verdict: str) -> str | None:
    """What becomes of a therapy with this verdict, then of those beside it, in a few words; None where no rule says it."""
    scope, k = _scope(patient, decision, therapy, verdict), patient.knowledge
    told: dict[str, str] = {}
    for rule in k.algorithm.reviews:
        if rule.on_response is None:
            continue
        about = (therapy,) if rule.on_response_of is None else decision.overlapping if rule.on_response_of == therapy else ()
        # What a rule is about is known at once; whether it holds is not.
        targets = [target for target in about if target not in told and k.concerns(rule.targets, target)]
        if targets and k.value(rule.when, scope) is True:
            told.update(dict.fromkeys(targets, rule.on_response))
    return ", ".join(dict.fromkeys(told.values())) or None


def _scope(patient: Assessment, decision: Decision, therapy: str, reached: str) -> Scope:
    """The patient as one in whom the therapy has reached a verdict."""
    known = patient.scope.functions

    def verdict(of: str) -> Answer:
        return (reached, frozenset()) if of == therapy else known["verdict"](of)

    def current(of: str) -> Answer:
        return (True, frozenset()) if of == therapy else known["current"](of)

    names: dict[str, Any] = {"course_verdict": reached, **_interval(patient, decision, therapy)}
    hypothetical: dict[str, Callable[..., Answer]] = {"verdict": verdict, "current": current}
    return Scope({**patient.scope.facts, **names}, {**known, **hypothetical}, patient.scope.behind)


def _interval(patient: Assessment, decision: Decision, therapy: str) -> dict[str, float]:
    """The present and the usual weeks from course to course; nothing of what is no course."""
    reviewed = decision.reviews.items.get(therapy)
    if reviewed is not None and reviewed.progress.interval is not None:
        interval = reviewed.progress.interval
        return {"interval_weeks": float(interval.weeks), "usual_interval_weeks": float(interval.usual)}
    chosen, usual = choose_regimen(patient, therapy), usual_step(patient.knowledge.therapies[therapy])
    step = course_step(chosen.regimen) if chosen is not None else None
    if step is None or usual is None or step.every_days is None or usual.every_days is None:
        return {}
    return {"interval_weeks": step.every_days / _WEEK, "usual_interval_weeks": usual.every_days / _WEEK}
