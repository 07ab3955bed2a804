"""A dose for this patient: arithmetic, unit, rounding and cap, shown as it was computed."""

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.dose.wording import doses_text, figure
from dmcli.knowledge.model import Knowledge
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
    k, (unit, _, per) = patient.knowledge, dose.unit.partition("/")
    if not per:
        # It is the same for every patient.
        return k.once((dose, caps), lambda: _capped(k, dose, caps, _rates(dose), None))
    fact = k.algorithm.body[per]
    body = patient.facts.values.get(fact)
    if not isinstance(body, (int, float)):
        missing = tuple(sorted(patient.facts.behind.get(fact, frozenset((fact,)))))
        return Computed((), unit, dose.per_days, None, doses_text(k, dose, _rates(dose), dose.unit), missing)
    return k.once((dose, regimen, caps, body), lambda: _computed(k, dose, regimen, caps, body))


def _rates(dose: Dose) -> tuple[Decimal, ...]:
    return tuple(Decimal(str(amount)) for amount in dose.amounts)


def _computed(knowledge: Knowledge, dose: Dose, regimen: Regimen, caps: tuple[Cap, ...], body: float) -> Computed:
    """A dose by the size of the body."""
    size = Decimal(str(round(body, 2)))
    exact = tuple(rate * size for rate in _rates(dose))
    amounts = tuple(_rounded(amount, dose) for amount in exact)
    return _capped(knowledge, dose, caps, amounts, _arithmetic(knowledge, dose, regimen, size, exact[0], amounts[0]))


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


def _arithmetic(knowledge: Knowledge, dose: Dose, regimen: Regimen, size: Decimal, exact: Decimal, final: Decimal) -> str:
    unit, _, per = dose.unit.partition("/")
    rate, body = figure(_rates(dose)[0]), per if per == "kg" else "m2"
    say = knowledge.say
    text = say("arithmetic", rate=rate, unit=dose.unit, size=figure(size), body=body, exact=figure(exact), result=unit)
    if dose.round_to and final != exact:
        text += say("rounded", result=figure(final), unit=unit, step=figure(dose.round_to))
    elif dose.max and exact > Decimal(str(dose.max)):
        text += say("limited", result=figure(final), unit=unit)
    ceiling = regimen.course_max
    if ceiling is not None:
        most = Decimal(str(ceiling.amount)) * size + Decimal(str(ceiling.above))
        text += say("course_max", most=figure(most), unit=unit)
    return text


def _capped(
    knowledge: Knowledge, dose: Dose, caps: tuple[Cap, ...], amounts: tuple[Decimal, ...], arithmetic: str | None
) -> Computed:
    """A dose as it is told, lowered to the least of the caps where it is above one."""
    unit = dose.unit.partition("/")[0]
    amounts, capped = _within(amounts, unit, dose, caps)
    if capped is not None:
        note = knowledge.say("capped", text=capped.text)
        arithmetic = f"{arithmetic}; {note}" if arithmetic else note
    return Computed(amounts, unit, dose.per_days, arithmetic, doses_text(knowledge, dose, amounts, unit), ())


def _within(amounts: tuple[Decimal, ...], unit: str, dose: Dose, caps: tuple[Cap, ...]) -> tuple[tuple[Decimal, ...], Cap | None]:
    for cap in sorted(caps, key=lambda cap: cap.max / cap.per_days):
        if dose.per_days is None or cap.unit != unit or not amounts:
            continue
        most = Decimal(str(cap.max)) * dose.per_days / cap.per_days
        if sum(amounts) > most:
            return tuple((most / len(amounts)).quantize(Decimal("0.1"), rounding=ROUND_DOWN) for _ in amounts), cap
    return amounts, None
