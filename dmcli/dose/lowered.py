"""A dose lowered by as much as a result asks."""

from decimal import ROUND_DOWN, Decimal
from math import gcd

from dmcli.assess.assess import Assessment
from dmcli.dose.wording import dose_text
from dmcli.knowledge.therapies import Therapy
from dmcli.values.dosetext import WrittenDose, is_share, lowered
from dmcli.values.units import milligrams

_FINEST = Decimal("0.1")
# The units of doses that are what is taken, whatever the body's size.
_FIXED = ("mg", "g")


def lowered_dose(patient: Assessment, therapy: str, written: WrittenDose, by: str) -> WrittenDose | None:
    """The dose lowered by '5 mg weekly' or '25 %', in the rhythm in which it is taken; one by the body's size in
    milligrams where it is lowered by an amount. None where nothing would be left, or the size is not known."""
    if written.per is None:
        return _given(patient, therapy, written, lowered(written, by))
    if is_share(by):
        amount = lowered(written, by)
        return like(patient, written, amount) if amount is not None else None
    size = patient.facts.values.get(patient.knowledge.algorithm.body[written.per])
    if not isinstance(size, (int, float)):
        return None
    whole = written._replace(amount=written.amount * size, per=None)
    return _given(patient, therapy, whole, lowered(whole, by))


def _given(patient: Assessment, therapy: str, written: WrittenDose, amount: float | None) -> WrittenDose | None:
    """A dose of so much as can be given; None where that is nothing."""
    given = float(rounded_down(patient, therapy, Decimal(str(amount)))) if amount is not None else 0
    return like(patient, written, given) if given > 0 else None


def like(patient: Assessment, written: WrittenDose, amount: float) -> WrittenDose:
    """A dose in the unit and rhythm of another."""
    text = dose_text(patient.knowledge, amount, unit_of(written), written.per_days, written.times)
    return written._replace(amount=amount, text=text)


def unit_of(written: WrittenDose) -> str:
    """The unit of a dose, by the body's size where the dose is."""
    return "mg" if written.per is None else f"mg/{written.per}"


def rounded_down(patient: Assessment, therapy: str, amount: Decimal) -> Decimal:
    """Milligrams down to what can be given: the steps in which the regimens of the therapy are rounded, else what all their
    doses are multiples of; where less than one step is left, to a tenth of a milligram."""
    steps = _given_in(patient.knowledge.therapies[therapy])
    step = min((s for s in steps if s <= amount), default=_FINEST)
    return (amount / step).quantize(Decimal(1), rounding=ROUND_DOWN) * step


def _given_in(therapy: Therapy) -> list[Decimal]:
    doses = [step.dose for regimen in therapy.regimens for step in regimen.steps if step.dose is not None]
    rounded = [Decimal(str(d.round_to)) * milligrams(d.unit) for d in doses if d.round_to is not None]
    if rounded:
        return rounded
    usual = [s.dose for r in therapy.regimens if r.use != "report" for s in r.steps if s.dose is not None]
    fixed = [Decimal(str(a)) * milligrams(d.unit) for d in usual if d.unit in _FIXED for a in d.amounts]
    return [common_step(fixed)] if fixed else []


def common_step(amounts: list[Decimal]) -> Decimal:
    """The largest amount that all of these are multiples of."""
    places = max(0, *[-int(amount.as_tuple().exponent) for amount in amounts])
    return Decimal(gcd(*[int(amount.scaleb(places)) for amount in amounts])).scaleb(-places)
