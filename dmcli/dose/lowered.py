"""A dose lowered by as much as a result asks."""

from decimal import ROUND_DOWN, Decimal

from dmcli.assess.assess import Assessment
from dmcli.dose.wording import dose_text
from dmcli.values.dosetext import WrittenDose, is_share, lowered
from dmcli.values.units import milligrams

_FINEST = Decimal("0.1")


def lowered_dose(patient: Assessment, therapy: str, written: WrittenDose, by: str) -> WrittenDose | None:
    """The dose lowered by '5 mg weekly' or '25 %', in the rhythm in which it is taken; one by the body's size in
    milligrams where it is lowered by an amount. None where nothing would be left, or the size is not known."""
    if is_share(by) or written.per is None:
        amount = lowered(written, by)
        return like(patient, written, amount) if amount is not None else None
    size = patient.facts.values.get(patient.knowledge.algorithm.body[written.per])
    if not isinstance(size, (int, float)):
        return None
    whole = written._replace(amount=written.amount * size, per=None)
    amount = lowered(whole, by)
    if amount is None:
        return None
    return like(patient, whole, float(rounded_down(patient, therapy, Decimal(str(amount)))))


def like(patient: Assessment, written: WrittenDose, amount: float) -> WrittenDose:
    """A dose in the unit and rhythm of another."""
    text = dose_text(patient.knowledge, amount, unit_of(written), written.per_days, written.times)
    return written._replace(amount=amount, text=text)


def unit_of(written: WrittenDose) -> str:
    """The unit of a dose, by the body's size where the dose is."""
    return "mg" if written.per is None else f"mg/{written.per}"


def rounded_down(patient: Assessment, therapy: str, amount: Decimal) -> Decimal:
    """Milligrams down to the steps in which the regimens of the therapy are rounded, where one step or more is left."""
    steps = [
        Decimal(str(step.dose.round_to)) * milligrams(step.dose.unit)
        for regimen in patient.knowledge.therapies[therapy].regimens
        for step in regimen.steps
        if step.dose is not None and step.dose.round_to is not None
    ]
    step = min((s for s in steps if s <= amount), default=_FINEST)
    return (amount / step).quantize(Decimal(1), rounding=ROUND_DOWN) * step
