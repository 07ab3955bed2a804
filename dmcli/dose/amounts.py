"""A dose for this patient: arithmetic, unit, rounding and cap, shown as it was computed."""

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.dose.wording import doses_text, figure
from dmcli.knowledge.regimens import Cap, Dose, Regimen
from dmcli.result.events import Quantity


class Computed(NamedTuple):
    """`amounts` are the single administrations in `unit`; empty where a fact is missing."""

    amounts: tuple[Decimal, ...]
    unit: str
    per_days: int | None
    arithmetic: str | None
    text: str
    missing: tuple[str, ...]

    @property
    def quantity(self) -> Quantity | None:
        """One administration, or the total where the administrations of a day differ."""
        if not self.amounts:
            return None
        value = self.amounts[0] if len(set(self.amounts)) == 1 else sum(self.amounts, Decimal(0))
        return Quantity(float(value), self.unit)


def compute(patient: Assessment, dose: Dose, regimen: Regimen, caps: tuple[Cap, ...]) -> Computed:
    """The dose in its own unit, or what is missing to compute it. Never computed from a missing weight."""
    if "/" not in dose.unit:
        # It is the same for every patient.
        return patient.knowledge.once((dose, caps), lambda: _computed(patient, dose, regimen, caps))
    return _computed(patient, dose, regimen, caps)


def _computed(patient: Assessment, dose: Dose, regimen: Regimen, caps: tuple[Cap, ...]) -> Computed:
    unit, _, per = dose.unit.partition("/")
    rates = tuple(Decimal(str(v)) for v in dose.amounts)
    if not per:
        amounts, arithmetic = rates, None
    else:
        fact = patient.knowledge.algorithm.body[per]
        body = patient.facts.values.get(fact)
        if not isinstance(body, (int, float)):
            missing = tuple(sorted(patient.facts.behind.get(fact, frozenset((fact,)))))
            return Computed((), unit, dose.per_days, None, doses_text(patient.knowledge, dose, rates, dose.unit), missing)
        size = Decimal(str(round(body, 2)))
        exact = tuple(r * size for r in rates)
        amounts = tuple(_rounded(x, dose) for x in exact)
        arithmetic = _arithmetic(patient, dose, regimen, rates[0], per, size, exact[0], amounts[0], unit)
    amounts, capped = _capped(amounts, unit, dose, caps)
    if capped is not None:
        note = patient.knowledge.say("capped", text=capped.text)
        arithmetic = f"{arithmetic}; {note}" if arithmetic else note
    return Computed(amounts, unit, dose.per_days, arithmetic, doses_text(patient.knowledge, dose, amounts, unit), ())


def _rounded(value: Decimal, dose: Dose) -> Decimal:
    if dose.round_to:
        step = Decimal(str(dose.round_to))
        how = ROUND_DOWN if dose.rounding == "down" else ROUND_HALF_DOWN
        value = (value / step).quantize(Decimal(1), rounding=how) * step
    else:
        value = value.quantize(Decimal("0.1"))
    return min(value, Decimal(str(dose.max))) if dose.max else value


def course_days(patient: Assessment, regimen: Regimen, dose: Dose, amount: Decimal, days: int) -> tuple[Decimal, ...]:
    """The doses of the days of one course, each in rounding steps.

    The last days give way, up or down, until the course is within one step of its exact total; it never
    passes the course's maximum.
    """
    doses = [amount] * days
    body = patient.facts.values.get(patient.knowledge.algorithm.body[dose.unit.partition("/")[2]]) if "/" in dose.unit else None
    if not dose.round_to or not isinstance(body, (int, float)):
        return tuple(doses)
    size, step = Decimal(str(round(body, 2))), Decimal(str(dose.round_to))
    exact = Decimal(str(dose.amounts[0])) * size * days
    ceiling = regimen.course_max
    most = Decimal(str(ceiling.amount)) * size + Decimal(str(ceiling.above)) if ceiling else None
    for day in reversed(range(days)):
        total = sum(doses)
        if total - exact > step or (most is not None and total > most):
            doses[day] -= step
        elif exact - total > step:
            doses[day] += step
    return tuple(doses)


def _arithmetic(
    patient: Assessment,
    dose: Dose,
    regimen: Regimen,
    rate: Decimal,
    per: str,
    size: Decimal,
    exact: Decimal,
    final: Decimal,
    unit: str,
) -> str:
    body_unit = per if per == "kg" else "m2"
    text = patient.knowledge.say(
        "arithmetic", rate=figure(rate), unit=dose.unit, size=figure(size), body=body_unit, exact=figure(exact), result=unit
    )
    if dose.round_to and final != exact:
        text += patient.knowledge.say("rounded", result=figure(final), unit=unit, step=figure(dose.round_to))
    elif dose.max and exact > Decimal(str(dose.max)):
        text += patient.knowledge.say("limited", result=figure(final), unit=unit)
    ceiling = regimen.course_max
    if ceiling is not None:
        most = Decimal(str(ceiling.amount)) * size + Decimal(str(ceiling.above))
        text += patient.knowledge.say("course_max", most=figure(most), unit=unit)
    return text


def _capped(amounts: tuple[Decimal, ...], unit: str, dose: Dose, caps: tuple[Cap, ...]) -> tuple[tuple[Decimal, ...], Cap | None]:
    for cap in sorted(caps, key=lambda cap: cap.max / cap.per_days):
        if dose.per_days is None or cap.unit != unit or not amounts:
            continue
        most = Decimal(str(cap.max)) * dose.per_days / cap.per_days
        if sum(amounts) > most:
            return tuple((most / len(amounts)).quantize(Decimal("0.1"), rounding=ROUND_DOWN) for _ in amounts), cap
    return amounts, None
