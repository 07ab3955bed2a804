"""Warnings: about what is taken now first, then what would change the answer, then the rest."""

from dmcli.answer.courses import disagreements
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.doses import present_dose
from dmcli.decide.decide import Decision
from dmcli.dose.wording import limit_text
from dmcli.knowledge.regimens import DoseLimit
from dmcli.knowledge.therapies import Therapy
from dmcli.result.caveats import Warned
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams


def warnings(patient: Assessment, decision: Decision, notices: tuple[Checked, ...]) -> tuple[Warned, ...]:
    """Every warning; notices that send somewhere stand first, what is only good to know last."""
    urgent, later = _of_notices(patient, decision, notices)
    return (
        *urgent,
        *_over_maximum(patient),
        *_other_drugs(patient),
        *_stale(patient),
        *disagreements(patient),
        *later,
        *_red_flags(patient),
    )


def _of_notices(patient: Assessment, decision: Decision, notices: tuple[Checked, ...]) -> tuple[list[Warned], list[Warned]]:
    """The notices that hold, for therapies that run or are next: those that refer, then the others."""
    about = {*(c.therapy for c in patient.case.courses if c.running), *([decision.chosen] if decision.chosen else [])}
    urgent: list[Warned] = []
    later: list[Warned] = []
    for notice in (c.rule for c in notices if c.holds):
        members = {m for target in notice.targets for m in patient.knowledge.members(target)}
        if not notice.targets or members & about:
            (urgent if notice.refer else later).append(Warned(notice.code, notice.text, notice.sources))
    return urgent, later


def _other_drugs(patient: Assessment) -> list[Warned]:
    """Drugs that are not known, and therapies that stand among the other drugs."""
    k, found = patient.knowledge, []
    for drug in patient.case.other_drugs or ():
        if drug.known in k.therapies and k.therapies[drug.known].line in k.algorithm.advanced:
            text = k.algorithm.statements["therapy_among_other_drugs"].text.format(name=k.therapies[drug.known].name)
            found.append(Warned("therapy_among_other_drugs", text, ()))
        if drug.known is None:
            found.append(Warned("unknown_drug", k.algorithm.statements["unknown_drug"].text.format(name=drug.name), ()))
    return found


def _stale(patient: Assessment) -> list[Warned]:
    """Values that are too old to count, those of one age together."""
    ages: dict[tuple[int, int], list[str]] = {}
    for stale in patient.facts.stale:
        ages.setdefault((stale.weeks, stale.shelf_weeks), []).append(patient.knowledge.fact_name(stale.fact))
    said = patient.knowledge.algorithm.statements["stale_value"].text
    return [
        Warned("stale_value", said.format(name=", ".join(names), weeks=weeks, limit=limit), ())
        for (weeks, limit), names in ages.items()
    ]


def _red_flags(patient: Assessment) -> list[Warned]:
    """The red flags that the case does not state."""
    known, group = patient.facts.values, patient.knowledge.algorithm.roles.red_flags
    names = [f.name for f in patient.knowledge.facts.values() if f.group == group and f.id not in known]
    said = patient.knowledge.algorithm.statements["red_flags_open"]
    return [Warned("red_flags_not_stated", said.text.format(names=", ".join(names)), said.sources)] if names else []


def _over_maximum(patient: Assessment) -> list[Warned]:
    """Stated doses above a maximum of their therapy."""
    said = patient.knowledge.algorithm.statements["over_maximum"]
    found = []
    for course in patient.case.courses:
        therapy, dose = patient.knowledge.therapies[course.therapy], present_dose(course)
        passed = _passed(patient, therapy, dose) if dose is not None else None
        if dose is not None and passed is not None:
            shown = limit_text(patient.knowledge, passed)
            text, past = (
                said.text.format(name=therapy.name, dose=dose.text, max=shown),
                None if course.running else course.therapy,
            )
            found.append(Warned("dose_above_maximum", text, (), past))
    return found


def _passed(patient: Assessment, therapy: Therapy, dose: WrittenDose) -> DoseLimit | None:
    """The first maximum that a dose is above."""
    for limit in _maxima(therapy, dose):
        most = _in_milligrams(patient, limit, dose.per)
        if most is not None and dose.total(limit.per_days) > most:
            return limit
    return None


def _maxima(therapy: Therapy, dose: WrittenDose) -> list[DoseLimit]:
    """What a dose may not pass: the maximum of its form where it is written with one, else the usual ones."""
    written = dose.text.lower()
    of_form = [m for m in therapy.other_max if any(form in written for form in m.forms)]
    others = of_form or [m for m in therapy.other_max if not m.forms]
    usual = [therapy.max_dose] if therapy.max_dose is not None and not of_form else []
    return [*usual, *(DoseLimit(amount=m.max, unit=m.unit, per_days=m.per_days) for m in others)]


def _in_milligrams(patient: Assessment, limit: DoseLimit, per: str | None) -> float | None:
    """A maximum in the terms of a dose, in mg or in mg per kg or m2; None where the size of the body is not known."""
    most = limit.amount * milligrams(limit.unit)
    if per is not None or "/" not in limit.unit:
        return most if (per is not None) == ("/" in limit.unit) else None
    body = patient.facts.values.get(patient.knowledge.algorithm.body[limit.unit.partition("/")[2]])
    return most * body if isinstance(body, (int, float)) else None
