"""The closed lists of codes: what a case, the knowledge and a plan may say in one word. Each stands here once."""

from typing import Literal, get_args

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
WarningCode = Literal[
    "tnf_on_board", "serious_infection", "pregnant_on_excluded_drug", "paternal_exposure",
    "contraception_not_stated", "planning_on_excluded_drug", "pregnancy_over_55",
    "muscle_refractory", "juvenile_onset", "drug_induced", "no_myositis", "live_vaccines", "local",
    "dose_above_maximum", "unknown_drug", "therapy_among_other_drugs", "stale_value",
    "red_flags_not_stated", "response_disagrees", "dose_not_understood", "myositis_antibody", "skin_ulcers",
]  # fmt: skip
# Where a status without a new therapy leaves something that goes on and is judged.
GOES_ON: tuple[Status, ...] = ("continue_current", "conventional_therapy")
# How good a response is, the best first.
Degree = Literal["complete", "near_complete", "partial", "inadequate"]
Outcome = Literal["inadequate", "partial", "near_complete", "complete", "relapse", "intolerance", "contraindicated"]
Scope = Literal["schedule", "dose", "agent", "class"]
StopReason = Literal["failure", "intolerance", "remission", "pregnancy", "cost", "access", "choice", "other"]
Indication = Literal["skin", "muscle", "lung", "other"]
Relapse = Literal["on_therapy", "lengthening", "stopping"]
HarmReason = Literal[
    "headache", "gi", "cytopenia", "renal", "hepatic", "eruption", "infection", "thrombosis", "cardiovascular",
    "malignancy", "hypersensitivity", "excipient", "haemolysis", "meningitis", "stomatitis", "pneumonitis", "perforation",
    "zoster", "pancreatitis", "psychiatric", "neuropathy", "eye", "methaemoglobinaemia", "other",
]  # fmt: skip

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
STATUSES: tuple[Status, ...] = get_args(Status)
INDICATIONS: tuple[Indication, ...] = get_args(Indication)
DEGREES: tuple[Degree, ...] = get_args(Degree)
# With these a response is as good as can be, and with those a therapy did harm.
GOOD: tuple[Degree, ...] = ("complete", "near_complete")
HARMS: tuple[Outcome, ...] = ("intolerance", "contraindicated")
# Whoever states one of these looks back on a course.
CLOSING: tuple[Outcome, ...] = ("inadequate", "relapse", *HARMS)
# A case may also say that the outcome is not known.
OUTCOMES: tuple[str, ...] = (*get_args(Outcome), "unknown")
SCOPES: tuple[Scope, ...] = get_args(Scope)
STOP_REASONS: tuple[StopReason, ...] = get_args(StopReason)
RELAPSES: tuple[Relapse, ...] = get_args(Relapse)
REASONS: tuple[HarmReason, ...] = get_args(HarmReason)
