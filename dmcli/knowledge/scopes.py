"""Names that conditions may use besides the facts of a patient.

A verdict rule sees one course, a review sees a running course and where it stands, a status rule sees what the
decision knows so far, the rules of a score see the score.
"""

from typing import get_args

from dmcli.knowledge.codes import OUTCOMES, RELAPSES, SCOPES, VERDICTS, Codes
from dmcli.knowledge.conditions import BOOLEAN, WEEKS, Type
from dmcli.knowledge.limits import TIERS
from dmcli.knowledge.regimens import Line

COURSE: dict[str, Type] = {
    "course_outcome": Type("code", None, OUTCOMES),
    "course_scope": Type("code", None, SCOPES),
    "relapse_after": Type("code", None, RELAPSES),
    "running": BOOLEAN,
    "advanced": BOOLEAN,
    "accepted": BOOLEAN,
    "duration_known": BOOLEAN,
    "dose_known": BOOLEAN,
    "courses_known": BOOLEAN,
    "dose_enough": BOOLEAN,
    "dose_waiting": BOOLEAN,
    "dose_below": BOOLEAN,
    "advanced_given": BOOLEAN,
    "lower_tolerated": BOOLEAN,
    "for_another_disease": BOOLEAN,
    "weeks": WEEKS,
    "trial_weeks": WEEKS,
    "window_weeks": WEEKS,
    "courses": Type("number"),
    "trial_courses": Type("number"),
    "window_courses": Type("number"),
    "window_extended": BOOLEAN,
}


def reasons(codes: Codes) -> dict[str, Type]:
    """What else is told of a course, in codes of the knowledge."""
    return {
        "course_reason": Type("code", None, tuple(codes.harms)),
        "stop_reason": Type("code", None, tuple(codes.stop_reasons)),
    }


REVIEW: dict[str, Type] = {
    **COURSE,
    "course_verdict": Type("code", None, VERDICTS),
    "infeasible": BOOLEAN,
    "given_for_good": BOOLEAN,
    "limit_reached": BOOLEAN,
    "limit_tier": Type("code", None, ("none", *TIERS)),
    "held": BOOLEAN,
    "hold_over": BOOLEAN,
    "lower_dose_enough": BOOLEAN,
    "step_due": BOOLEAN,
    "tests_in": BOOLEAN,
    "interval_weeks": WEEKS,
    "usual_interval_weeks": WEEKS,
    "interval_courses": Type("number"),
}

DECISION: dict[str, Type] = {
    "gate_passed": BOOLEAN,
    "conventional_open": BOOLEAN,
    "first_line": Type("code", None, get_args(Line)),
    "advanced_running": BOOLEAN,
    "advanced_without_start": BOOLEAN,
    "review_settles": BOOLEAN,
    "quiet_therapy_ends": BOOLEAN,
    "therapy_wanted": BOOLEAN,
    "options_open": Type("number"),
    "options_blocked": Type("number"),
    "held_today": BOOLEAN,
    "next_due": BOOLEAN,
    "next_obstructed": BOOLEAN,
}

# A band sees one value, a change rule that value and its baseline, a response rule the course between them too.
# `score_fall` is positive where the score went down; `score_weeks` passed from the start of the course to the score.
_POINTS = Type("number", "{score}")
BAND: dict[str, Type] = {"score_now": _POINTS}
CHANGE: dict[str, Type] = {**BAND, "score_start": _POINTS, "score_fall": _POINTS, "score_fall_percent": Type("number")}
RESPONSE: dict[str, Type] = {
    **CHANGE,
    "score_weeks": WEEKS,
    "weeks": WEEKS,
    "trial_weeks": WEEKS,
    "window_weeks": WEEKS,
    "quiet_cdasi": _POINTS,
    "score_lead_weeks": WEEKS,
}

# Lines whose therapies are shown and never chosen; every other one has its order in the algorithm.
NEVER_CHOSEN = ("supportive", "specialist", "avoid", "not_recommended", "calcinosis", "background")
