"""The dose with which a therapy that never had a proper trial is taken further, or taken up again."""

from datetime import timedelta

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step
from dmcli.assess.doses import present_dose, reaches, trial_dose
from dmcli.assess.history import Judged
from dmcli.dose.wording import dose_text, limit_text
from dmcli.values.dosetext import WrittenDose
from dmcli.values.units import milligrams


def retried_dose(patient: Assessment, therapy: str) -> tuple[WrittenDose, str] | None:
    """The last dose of a therapy that is to have a proper trial, and the sentence that goes on from it.

    None where the trial begins with the start dose: no dose is known, it was off for long or for an unknown time, or it
    is given on single days.
    """
    judged = patient.history.running(therapy) or _ended_lately(patient, therapy)
    trial = patient.knowledge.therapies[therapy].trial
    present = present_dose(judged.course) if judged is not None else None
    if judged is None or present is None or trial is None or _on_single_days(patient, therapy):
        return None
    if judged.course.running and trial.dose is None:
        return None
    dose = present if judged.course.running else _within_caps(patient, therapy, present)
    # A dose that a cap lowered is not raised again.
    lower = trial.dose is not None and not reaches(dose, trial.dose) and dose is present
    key = "retry_running" if judged.course.running else "retry_again" if lower else "retry_same"
    wanted = trial_dose(patient.knowledge.therapies[therapy], patient.facts, patient.knowledge)
    least = limit_text(patient.knowledge, wanted) if wanted is not None else ""
    return dose, patient.knowledge.algorithm.statements[key].text.format(dose=dose.text, least=least)


def _ended_lately(patient: Assessment, therapy: str) -> Judged | None:
    """The last course, where it surely ended so lately that its dose is taken up again."""
    judged = patient.history.last(therapy)
    weeks = int(patient.knowledge.algorithm.settings["retry_weeks"].value)
    if judged is None or judged.course.stop is None:
        return None
    return judged if patient.case.as_of - judged.course.stop.first <= timedelta(weeks=weeks) else None


def _on_single_days(patient: Assessment, therapy: str) -> bool:
    return any(course_step(regimen) is not None for regimen in patient.knowledge.therapies[therapy].regimens)


def _within_caps(patient: Assessment, therapy: str, dose: WrittenDose) -> WrittenDose:
    """The dose, lowered to a cap that holds now."""
    if dose.per is not None:
        return dose
    caps = patient.check({c.id: c for r in patient.knowledge.therapies[therapy].regimens for c in r.caps}.values())
    for cap in (c.rule for c in caps if c.holds):
        most = cap.max * milligrams(cap.unit)
        if dose.total(cap.per_days) > most:
            each = most * dose.per_days / (cap.per_days * dose.times)
            text = dose_text(patient.knowledge, each, "mg", dose.per_days, dose.times)
            dose = dose._replace(amount=each, text=text)
    return dose
