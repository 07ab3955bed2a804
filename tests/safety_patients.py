"""Patients who differ from a healthy adult in one thing, for the tests that nobody is harmed."""

import copy
from typing import Any

from dmcli.knowledge.model import Knowledge
from expectations import merged

SINCE, BEFORE, EARLIER, TODAY = "2026-08-01", "2026-07-25", "2026-11-20", "2026-11-28"

# A dose that a patient on the therapy may well take.
DOSES = {
    "methotrexate": "15 mg weekly",
    "mmf": "1 g twice daily",
    "tofacitinib": "5 mg twice daily",
    "ruxolitinib": "10 mg twice daily",
    "baricitinib": "4 mg daily",
    "apremilast": "30 mg twice daily",
    "dapsone": "100 mg daily",
    "azathioprine": "150 mg daily",
    "cyclosporine": "100 mg twice daily",
    "tacrolimus": "2 mg twice daily",
    "sirolimus": "2 mg daily",
    "leflunomide": "20 mg daily",
    "thalidomide": "100 mg daily",
    "hydroxychloroquine": "200 mg daily",
    "chloroquine": "250 mg daily",
    "cyclophosphamide": "100 mg daily",
    "chlorambucil": "4 mg daily",
}
UNITS = {"creatinine": "umol/L", "bilirubin": "umol/L"}
_GIVEN_IN_COURSES = {"ivig": 4, "rituximab": 1}


def running_course(therapy: str, **fields: Any) -> dict[str, Any]:
    """A course that runs since four months."""
    course: dict[str, Any] = {"therapy": therapy, "start": SINCE}
    if therapy in DOSES:
        course["dose"] = DOSES[therapy]
    if therapy in _GIVEN_IN_COURSES:
        course["courses"] = _GIVEN_IN_COURSES[therapy]
    return course | fields


def results(day: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """A panel of one day, with the units that must be written."""
    told = {fact: {"value": value, "unit": UNITS[fact]} if fact in UNITS else value for fact, value in values.items()}
    return [{"date": day, **told}] if told else []


def laid_over(base: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    """The base with the facts, results, other drugs and the patient of a line; a null makes a fact unknown.

    A result of the line is the only one of its fact, so that it is no fall from the base.
    """
    case = merged(base, {"patient": line.get("patient") or {}})
    case["facts"] = {**case["facts"], **(line.get("facts") or {})}
    case["facts"] = {fact: value for fact, value in case["facts"].items() if value is not None}
    labs = line.get("labs") or {}
    for panel in case["labs"]:
        for fact in labs:
            panel.pop(fact, None)
    newest = {fact: value for fact, value in labs.items() if value is not None}
    case["labs"] += [*results(BEFORE, line.get("then") or {}), *results(EARLIER, line.get("earlier") or {})]
    case["labs"] += results(TODAY, newest)
    case["other_drugs"] = list(line.get("drugs") or [])
    if case["patient"].get("sex") == "male":
        for fact in ("childbearing_potential", "pregnancy", "planning_pregnancy", "breastfeeding"):
            case["facts"].pop(fact, None)
    return case


def before_start(base: dict[str, Any], therapy: str, line: dict[str, Any], knowledge: Knowledge) -> dict[str, Any]:
    """Somebody for whom the therapy is next: every other one that could be is declined."""
    case = laid_over(base, line)
    if therapy in {agent.therapy for agent in knowledge.algorithm.calcinosis.agents}:
        case["calcinosis"] = {"present": True}
    beside = list(line.get("running") or [])
    case["treatments"] = [*(line.get("past") or []), *(running_course(other, outcome="partial") for other in beside)]
    case["access"]["declined"] = [other for other in knowledge.planned if other != therapy and other not in beside]
    return case


def on_treatment(base: dict[str, Any], therapy: str, line: dict[str, Any]) -> dict[str, Any]:
    """Somebody who takes the therapy since four months and has a result or an event of today."""
    case = copy.deepcopy(laid_over(base, line))
    case["treatments"] = [past for past in case["treatments"] if past["therapy"] != therapy]
    case["treatments"].append(running_course(therapy, **(line.get("course") or {})))
    return case
