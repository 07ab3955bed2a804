"""The cautions that hold for this patient, of what is to start and of what goes on, and the boxed warning of the next."""

from dmcli.assess.assess import Assessment
from dmcli.decide.decide import Decision
from dmcli.result.actions import CautionItem, RegimenPart
from dmcli.result.reasons import Reason, reason

_BOXED = "boxed_warning"
_TAKEN = ("new", "continue", "overlap")


def build_cautions(patient: Assessment, regimen: tuple[RegimenPart, ...]) -> tuple[CautionItem, ...]:
    """Each caution that holds for a therapy that is taken from now on; the severe ones of each therapy first."""
    taken = (part.therapy for part in regimen if part.role in _TAKEN)
    return tuple(item for therapy in taken for item in cautions_of(patient, therapy))


def cautions_of(patient: Assessment, therapy: str) -> tuple[CautionItem, ...]:
    """The cautions of one therapy that hold for this patient, agreed to or not."""
    held = sorted((c.rule for c in patient.safety[therapy].cautions if c.holds), key=lambda rule: rule.severity != "severe")
    return tuple(CautionItem(therapy, rule.severity, rule.text, rule.sources, rule.level, rule.id) for rule in held)


def boxed_warnings(patient: Assessment, decision: Decision) -> tuple[Reason, ...]:
    """What the label of the next therapy puts in a box."""
    if decision.chosen is None:
        return ()
    advice = patient.knowledge.therapies[decision.chosen].advice
    return tuple(reason(a) for a in advice if a.about == _BOXED and (a.when is None or patient.value(a.when) is not False))
