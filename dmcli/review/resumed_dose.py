"""The dose at which a therapy that is on hold is taken again: for the sentence of the hold and for the plan that ends it."""

from decimal import Decimal
from typing import Literal, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.maximum import passed_maximum
from dmcli.dose.amounts import compute
from dmcli.dose.lowered import like, lowered_dose, rounded_down
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Step
from dmcli.result.reasons import Reason, reason
from dmcli.review.lower_dose import of_step
from dmcli.review.progress import Progress, daily_milligrams, in_milligrams
from dmcli.review.recovery import dose_spared
from dmcli.values.dosetext import WrittenDose, is_share
from dmcli.values.units import milligrams


class Resumed(NamedTuple):
    """`lower`: one step below the dose before, in `dose`; `same`: as before; `open`: it is not known, and not told.

    `number` is the step of the regimen that the lower dose is, from which the titration goes on.
    """

    way: Literal["lower", "same", "open"]
    dose: WrittenDose | None = None
    number: int | None = None


_SAME, _OPEN = Resumed("same"), Resumed("open")


def resumed_dose(patient: Assessment, where: Progress, *, spared: bool) -> Resumed:
    """The dose after a hold: one step lower, of a lowest or fixed dose the same; the same too where the dose is `spared`,
    as it had no part in what the hold was for."""
    titration, therapy = where.titration, where.judged.course.therapy
    if titration is None:
        return _SAME
    present = titration.present
    if present is None or passed_maximum(patient, patient.knowledge.therapies[therapy], present) is not None:
        return _OPEN
    if not _in_rhythm(patient.knowledge, therapy, present):
        return _OPEN
    if spared:
        return _SAME
    sizes = _sizes(patient.knowledge, therapy)
    found = _by_size(patient, where, present, sizes) if sizes else _by_steps(patient, where, present)
    return _OPEN if _bound(patient, where, present, found) else found


def resumed_as(patient: Assessment, where: Progress) -> Reason:
    """How the dose after a hold compares with that before it, and why."""
    spared = dose_spared(patient, where.judged)
    how: str = resumed_dose(patient, where, spared=spared).way
    if how == "same":
        # A fixed dose is the same whatever the hold was for.
        how = "fixed" if where.titration is None else "spared" if spared else "lowest"
    return reason(patient.knowledge.algorithm.statements[f"resumed_{how}"])


def _in_rhythm(knowledge: Knowledge, therapy: str, present: WrittenDose) -> bool:
    """Whether a dose is taken as often as a regimen has it: one of another rhythm may be an error, and is not taken again
    as it is written. How often within one day is no matter."""
    doses = [step.dose for regimen in knowledge.therapies[therapy].regimens for step in regimen.steps if step.dose is not None]
    rhythms = {(dose.per_days, 1 if dose.per_days == 1 else len(dose.amounts)) for dose in doses}
    return not rhythms or (present.per_days, 1 if present.per_days == 1 else present.times) in rhythms


def _sizes(knowledge: Knowledge, therapy: str) -> set[str]:
    """By how much the results that lower a therapy lower it: what they hold is lowered by no less."""
    limits = (applied.limit for applied in knowledge.limits.limits[therapy])
    return {limit.lower_by for limit in limits if limit.lower_by is not None}


def _by_size(patient: Assessment, where: Progress, present: WrittenDose, sizes: set[str]) -> Resumed:
    size, therapy, now = min(sizes), where.judged.course.therapy, in_milligrams(patient, present)
    if len(sizes) > 1 or (now is None and not is_share(size)):
        return _OPEN
    least = None if is_share(size) else _lowest(patient, therapy)
    dose = lowered_dose(patient, therapy, present, size)
    if dose is None or (least is not None and now is not None and round(float(now), 6) <= round(least, 6)):
        return _SAME
    if least is not None and dose.total(1) < least:
        # A step that would pass the lowest dose ends there: below it nothing says that the drug works.
        dose = like(patient, dose, least * dose.per_days / dose.times)
    return Resumed("lower", dose, _step_of(patient, where, dose))


def _lowest(patient: Assessment, therapy: str) -> float | None:
    """The lowest dose of any regimen of a therapy, in mg a day."""
    regimens = patient.knowledge.therapies[therapy].regimens
    computed = [
        (compute(patient, step.dose, regimen, ()), step.dose.per_days)
        for regimen in regimens
        if regimen.use != "report"
        for step in regimen.steps
        if step.dose is not None
    ]
    return min((float(sum(c.amounts)) * milligrams(c.unit) / days for c, days in computed if c.amounts and days), default=None)


def _by_steps(patient: Assessment, where: Progress, present: WrittenDose) -> Resumed:
    """The step of the regimen below; of a dose above the last step, as much lower as that is above the one before it."""
    now, dosed = in_milligrams(patient, present), _dosed(patient, where)
    if now is None or not dosed:
        return _OPEN
    totals = sorted({total for _, _, total in dosed})
    if now <= totals[0]:
        return _SAME
    if len(totals) == 1:
        # A regimen of one dose is raised per local protocol: the doses between are not known.
        return _OPEN
    if now > totals[-1]:
        wanted = max(now - (totals[-1] - totals[-2]), totals[-1])
        if wanted > totals[-1]:
            amount = rounded_down(patient, where.judged.course.therapy, wanted * present.per_days / present.times)
            return Resumed("lower", like(patient, present, float(amount))) if present.per is None else _OPEN
    below = max(total for total in totals if total < now)
    number, step, _ = next(found for found in dosed if found[2] == below)
    dose = of_step(patient, where, step)
    return Resumed("lower", dose, number) if dose is not None else _OPEN


def _dosed(patient: Assessment, where: Progress) -> list[tuple[int, Step, Decimal]]:
    """The steps of the regimen that have a dose, with their number and mg a day; none where one cannot be computed."""
    chosen = where.chosen
    if chosen is None:
        return []
    found = [(n, s, daily_milligrams(patient, s, chosen)) for n, s in enumerate(chosen.regimen.steps) if s.dose is not None]
    known = [(n, s, total) for n, s, total in found if total is not None]
    return known if len(known) == len(found) else []


def _step_of(patient: Assessment, where: Progress, dose: WrittenDose) -> int | None:
    """The step that a dose is, where it is one in amount and rhythm."""
    for number, step, _ in _dosed(patient, where):
        other = of_step(patient, where, step)
        if other is not None and other[:4] == dose[:4]:
            return number
    return None


def _bound(patient: Assessment, where: Progress, present: WrittenDose, found: Resumed) -> bool:
    """Whether kidney, liver or another drug bounds the dose below what is found."""
    chosen, dose = where.chosen, found.dose or present
    if chosen is None:
        return False
    daily = in_milligrams(patient, dose)
    if chosen.caps and any(daily is None or float(daily) > c.max * milligrams(c.unit) / c.per_days for c in chosen.caps):
        return True
    totals = [total for _, _, total in _dosed(patient, where)]
    return chosen.regimen.use == "variant" and (daily is None or not totals or daily > max(totals))
