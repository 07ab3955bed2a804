"""The closed lists of codes: what a case, the knowledge and a plan may say in one word. Each stands once.

Lists that the program itself decides by stand here, those that are medicine in `data/codes.yaml`.
"""

from typing import Annotated, Literal, get_args

from dmcli.record import Model

Verdict = Literal[
    "contraindicated", "intolerance", "schedule_intolerance", "relapse_on_therapy", "relapse_after_lengthening",
    "relapse_off_therapy", "inadequate_trial", "adequate_failure", "unverified_failure", "too_early", "partial",
    "insufficient", "responding", "stopped_other", "unknown",
]  # fmt: skip
Status = Literal[
    "out_of_scope", "refer", "safety_hold", "needs_fact", "continue_current", "no_active_disease", "conventional_therapy",
    "recommendation",
]  # fmt: skip
CalcinosisStatus = Literal["excision", "treatment", "observation", "needs_fact"]
# What the program finds out itself about what a case states, and the code of a warning that a clinic adds.
OwnWarning = Literal[
    "dose_above_maximum", "unknown_drug", "therapy_among_other_drugs", "stale_value", "red_flags_not_stated",
    "response_disagrees", "dose_not_understood", "local",
]  # fmt: skip
# Where a status without a new therapy leaves something that goes on and is judged.
GOES_ON: tuple[Status, ...] = ("continue_current", "conventional_therapy")
# How good a response is, the best first.
Degree = Literal["complete", "near_complete", "partial", "inadequate"]
Outcome = Literal["inadequate", "partial", "near_complete", "complete", "relapse", "intolerance", "contraindicated"]
Scope = Literal["schedule", "dose", "agent", "class"]
Relapse = Literal["on_therapy", "lengthening", "stopping"]


class Listed(str):
    """The list in `data/codes.yaml` that the codes of a field are taken from."""


# One of the program's own warnings or of the knowledge's.
WarningCode = Annotated[str, Listed("warnings")]
Indication = Annotated[str, Listed("indications")]


class Code(Model):
    """One code: `text` says what it means; `synonyms` are other words a case may use for it."""

    id: str
    text: str
    synonyms: tuple[str, ...] = ()


class WarningKind(Code):
    """What a notice warns of. With `aside` a plan has it in its data, and its pages only with everything explained; with
    `today` its pages have it among what is urgent."""

    aside: bool = False
    today: bool = False


class Codes(Model):
    """The lists that are medicine: how a course went, why it ended, the harm it did, what it was for, why its dose was not
    higher; what a notice and what an advice is about."""

    outcomes: dict[str, Code]
    stop_reasons: dict[str, Code]
    harms: dict[str, Code]
    indications: dict[str, Code]
    dose_limits: dict[str, Code]
    warnings: dict[str, WarningKind]
    subjects: dict[str, Code]


VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STATUSES: tuple[Status, ...] = get_args(Status)
DEGREES: tuple[Degree, ...] = get_args(Degree)
# With these a response is as good as can be, and with those a therapy did harm.
GOOD: tuple[Degree, ...] = ("complete", "near_complete")
HARMS: tuple[Outcome, ...] = ("intolerance", "contraindicated")
# Whoever states one of these looks back on a course.
CLOSING: tuple[Outcome, ...] = ("inadequate", "relapse", *HARMS)
# A case may also say that the outcome is not known.
OUTCOMES: tuple[str, ...] = (*get_args(Outcome), "unknown")
SCOPES: tuple[Scope, ...] = get_args(Scope)
OWN_WARNINGS: tuple[OwnWarning, ...] = get_args(OwnWarning)
RELAPSES: tuple[Relapse, ...] = get_args(Relapse)
# Codes that the program itself looks at, list by list: the knowledge has them, whatever else it adds.
NEEDED: dict[str, tuple[str, ...]] = {
    "outcomes": OUTCOMES,
    "stop_reasons": ("failure", "intolerance", "remission", "other"),
    "indications": ("skin",),
    "dose_limits": ("tolerance",),
    "subjects": ("boxed_warning", "ending", "washout"),
}
