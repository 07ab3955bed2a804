"""The most of a running therapy that may be given, where its stated dose is above that."""

from decimal import Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.doses import present_dose
from dmcli.assess.maximum import Maximum, passed_maximum
from dmcli.dose.lowered import rounded_down
from dmcli.dose.wording import dose_text, limit_text
from dmcli.knowledge.agreed import over_maximum
from dmcli.knowledge.statements import Statement
from dmcli.result.reasons import Reason, reason
from dmcli.values.dosetext import WrittenDose


class MostAllowed(NamedTuple):
    """One administration at the maximum: `amount` in `unit`, as it is written in `dose`; `because` tells which maximum."""

    amount: float
    unit: str
    dose: str
    said: Statement
    because: Reason


def most_allowed(patient: Assessment, therapy: str, changed: float | None) -> MostAllowed | None:
    """The most that a running therapy may be given; None where its dose, or the one it is `changed` to (mg, each time),
    is not above that, and where the prescriber has confirmed the dose."""
    judged = patient.history.running(therapy)
    written = present_dose(judged.course) if judged is not None else None
    if written is None or over_maximum(therapy) in patient.case.confirmed:
        return None
    passed = passed_maximum(patient, patient.knowledge.therapies[therapy], written)
    if passed is None:
        return None
    times, per_days = _rhythm(written, passed)
    amount = rounded_down(patient, therapy, Decimal(str(passed.most)) * per_days / (passed.limit.per_days * times))
    if changed is not None and changed <= amount:
        return None
    unit = "mg" if written.per is None else f"mg/{written.per}"
    dose = dose_text(patient.knowledge, amount, unit, per_days, times)
    said = patient.knowledge.algorithm.statements["over_maximum"]
    shown = limit_text(patient.knowledge, passed.limit)
    text = said.text.format(name=patient.knowledge.name(therapy), dose=written.text, max=shown)
    return MostAllowed(float(amount), unit, dose, said, reason(said, text))


def _rhythm(written: WrittenDose, passed: Maximum) -> tuple[int, int]:
    """How often in how many days: as it is taken now, but never more often than the maximum is told for."""
    if written.per_days < passed.limit.per_days:
        return 1, passed.limit.per_days
    return written.times, written.per_days
