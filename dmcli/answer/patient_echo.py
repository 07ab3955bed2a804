"""The patient, echoed: so that a reader sees at once whose plan this is, and what of the case was understood."""

from dmcli.assess.assess import Assessment
from dmcli.assess.doses import present_dose
from dmcli.case.model import Course
from dmcli.result.patient import PatientEcho, Taken


def build_patient(patient: Assessment) -> PatientEcho:
    """What is stated and counts today."""
    case, facts = patient.case, patient.facts
    stated = {name: facts.values[name] for name in patient.knowledge.facts if name in facts.values and name not in facts.derived}
    drugs = None if case.other_drugs is None else tuple(drug.name for drug in case.other_drugs)
    return PatientEcho(stated, tuple(_taken(c) for c in case.courses if c.running), drugs, case.declined)


def _taken(course: Course) -> Taken:
    dose = present_dose(course)
    since = str(course.start) if course.start is not None else None
    return Taken(course.therapy, course.number, dose.text if dose is not None else None, since)
