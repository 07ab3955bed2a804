"""The dose below one that is not tolerated: the last lower one that was taken, else the step of the regimen before it."""

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import dose_steps
from dmcli.dose.amounts import compute
from dmcli.knowledge.regimens import Step
from dmcli.review.progress import Progress
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams


def lower_dose(patient: Assessment, where: Progress) -> WrittenDose | None:
    """The last dose that was lower than the present one; None where neither the record nor the regimen tells one."""
    titration = where.titration
    present = titration.present if titration is not None else None
    if titration is None or present is None or present.per is not None:
        return None
    taken = [g.dose for g in dose_steps(where.judged.course)[:-1] if g.dose is not None and g.dose.per is None]
    lower = [dose for dose in taken if dose.total(1) < present.total(1)]
    if lower:
        return lower[-1]
    dosed = [(n, s) for n, s in enumerate(where.chosen.regimen.steps) if s.dose is not None] if where.chosen is not None else []
    # A regimen of one dose is raised per local protocol: the doses between are not known.
    dosed = dosed if len(dosed) > 1 else []
    below = [s for n, s in dosed if titration.number is not None and n < titration.number + (not titration.on_step)]
    return of_step(patient, where, below[-1]) if below else None


def of_step(patient: Assessment, where: Progress, step: Step) -> WrittenDose | None:
    """The dose of a step of the regimen in use; None where it has none or it cannot be computed."""
    if step.dose is None or where.chosen is None or step.dose.per_days is None:
        return None
    computed = compute(patient, step.dose, where.chosen.regimen, where.chosen.caps)
    if not computed.amounts:
        return None
    times = len(computed.amounts)
    amount = float(sum(computed.amounts) / times) * milligrams(computed.unit)
    return WrittenDose(amount, None, times, step.dose.per_days, computed.text)


def enough(patient: Assessment, where: Progress, dose: WrittenDose) -> bool:
    """Whether a dose is still one of a proper trial."""
    trial = patient.knowledge.therapies[where.judged.course.therapy].trial
    limit = trial.dose if trial is not None else None
    return limit is None or "/" in limit.unit or dose.total(limit.per_days) >= limit.amount * milligrams(limit.unit)
