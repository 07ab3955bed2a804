"""What was tried: the verdict of each course, and the response that its scores tell beside the stated one."""

from dmcli.answer.score_items import point_text, shown_point
from dmcli.assess.assess import Assessment
from dmcli.assess.history import Judged
from dmcli.assess.score_response import ScoredResponse
from dmcli.assess.trial import stated_outcome
from dmcli.knowledge.codes import DEGREES, GOOD
from dmcli.result.caveats import Warned
from dmcli.result.courses import HistoryItem, ResponseItem, ScorePoint
from dmcli.result.reasons import Reason, reason, sources_of


def build_history(patient: Assessment) -> tuple[HistoryItem, ...]:
    """Every course with its verdict, the weeks it took and the rule that judged it."""
    return tuple(_item(patient, judged) for judged in patient.history.judged)


def _item(patient: Assessment, judged: Judged) -> HistoryItem:
    because = reason(judged.rule or patient.knowledge.algorithm.statements["unjudged"])
    weeks = str(judged.weeks) if judged.weeks else None
    reasons = (because, *_below(patient, judged))
    below = judged.course.relapse_below
    written = below.text if below is not None else None
    course = judged.course
    return HistoryItem(
        course.therapy,
        course.number,
        judged.verdict,  # type: ignore[arg-type]
        weeks,
        written,
        reasons,
        course.indication,
    )


def _below(patient: Assessment, judged: Judged) -> tuple[Reason, ...]:
    """The dose below which the disease came back."""
    below = judged.course.relapse_below
    if below is None:
        return ()
    said = patient.knowledge.algorithm.statements["relapse_below"]
    return (reason(said, said.text.format(name=patient.knowledge.name(judged.course.therapy), dose=below.text)),)


def build_responses(patient: Assessment) -> tuple[ResponseItem, ...]:
    """Every course whose response can be told by its scores, with what the case states."""
    return tuple(_response(patient, judged, judged.scored) for judged in patient.history.judged if judged.scored)


def disagreements(patient: Assessment) -> list[Warned]:
    """A warning for each course whose stated response is another than its scores tell."""
    said = patient.knowledge.algorithm.statements["response_disagrees"]
    found = []
    for item in (_response(patient, j, j.scored) for j in patient.history.judged if j.scored and not _agrees(j, j.scored)):
        name = patient.knowledge.say("course_of", name=patient.knowledge.name(item.therapy), number=item.course)
        stated, derived = (patient.knowledge.texts[f"outcome_{code}"] for code in (item.stated, item.derived))
        change = _told(patient, item.baseline, item.latest)
        text = said.text.format(name=name, stated=stated, derived=derived, change=change)
        found.append(Warned("response_disagrees", text, item.sources))
    return found


def _agrees(judged: Judged, scored: ScoredResponse) -> bool:
    """Whether what is stated of the response of a course is what its scores tell."""
    course, derived = judged.course, scored.rule.outcome
    stated = stated_outcome(course)
    # A stop in remission tells that the response was good, not how good.
    remission = course.stop_reason == "remission" and stated != course.outcome and derived in GOOD
    return stated not in DEGREES or stated == derived or remission


def _response(patient: Assessment, judged: Judged, scored: ScoredResponse) -> ResponseItem:
    k, course = patient.knowledge, judged.course
    stated, derived = stated_outcome(course), scored.rule.outcome
    key = "response_used" if stated is None else "response_agrees" if stated == derived else "response_beside"
    baseline, latest = shown_point(scored.baseline), shown_point(scored.latest)
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
        agrees=_agrees(judged, scored),
        fact=scored.fact,
        baseline=baseline,
        latest=latest,
        text=text,
        because=because,
        sources=sources_of(because),
    )


def _told(patient: Assessment, baseline: ScorePoint, latest: ScorePoint) -> str:
    return patient.knowledge.say("score_change", before=point_text(patient, baseline), now=point_text(patient, latest))
