"""The maximum of a therapy that a stated dose is above."""

from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.knowledge.regimens import DoseLimit, OtherMax
from dmcli.knowledge.therapies import Therapy
from dmcli.record import made_once
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams


class Maximum(NamedTuple):
    """A maximum with what it comes to within its `per_days` days: `most` in mg, or in mg per kg or m2 as the dose is
    written."""

    limit: DoseLimit
    most: float


def passed_maximum(patient: Assessment, therapy: Therapy, dose: WrittenDose) -> Maximum | None:
    """The least maximum that a dose is above."""
    passed = []
    for limit in _maxima(therapy, dose):
        most = _in_milligrams(patient, limit, dose.per)
        if most is not None and dose.total(limit.per_days) > most:
            passed.append(Maximum(limit, most))
    return min(passed, key=lambda one: one.most / one.limit.per_days) if passed else None


def _maxima(therapy: Therapy, dose: WrittenDose) -> list[DoseLimit]:
    """What a dose may not pass: the maximum of its form where it is written with one, else the usual ones."""
    if not therapy.other_max:
        return [therapy.max_dose] if therapy.max_dose is not None else []
    written = dose.text.lower()
    of_form = [m for m in therapy.other_max if any(form in written for form in m.forms)]
    others = of_form or [m for m in therapy.other_max if not m.forms]
    usual = [therapy.max_dose] if therapy.max_dose is not None and not of_form else []
    return [*usual, *map(_limit, others)]


def _limit(other: OtherMax) -> DoseLimit:
    return made_once(other, "limit", lambda: DoseLimit(amount=other.max, unit=other.unit, per_days=other.per_days))


def _in_milligrams(patient: Assessment, limit: DoseLimit, per: str | None) -> float | None:
    """A maximum in the terms of a dose, in mg or in mg per kg or m2; None where the size of the body is not known."""
    most = limit.amount * milligrams(limit.unit)
    if per is not None or "/" not in limit.unit:
        return most if (per is not None) == ("/" in limit.unit) else None
    body = patient.facts.values.get(patient.knowledge.algorithm.body[limit.unit.partition("/")[2]])
    return most * body if isinstance(body, (int, float)) else None
