"""The calcinosis pathway: what can be tried, what is advised, what is warned of. It never touches the main plan."""

from dmcli.assess.assess import Assessment
from dmcli.decide.arguments import arguments
from dmcli.decide.standing import FIXED
from dmcli.entries import Calcinosis, CalcinosisOption, OptionStatus
from dmcli.knowledge.algorithm import CalcinosisAgent
from dmcli.running import reason


def build_calcinosis(patient: Assessment) -> Calcinosis | None:
    """The block of a patient whose calcinosis is stated; None for any other."""
    pathway = patient.knowledge.algorithm.calcinosis
    if patient.facts.values.get(pathway.present) is not True:
        return None
    status = next(rule for rule in pathway.statuses if patient.holds(rule).value is True)
    return Calcinosis(
        status=status.status,
        because=(reason(status),),
        options=tuple(_option(patient, agent) for agent in pathway.agents),
        advice=tuple(reason(rule) for rule in pathway.advice if patient.holds(rule).value is True),
        warnings=tuple(reason(rule) for rule in pathway.warnings if patient.holds(rule).value is True),
    )


def _option(patient: Assessment, agent: CalcinosisAgent) -> CalcinosisOption:
    entry = patient.knowledge.therapies[agent.therapy]
    told = reason(agent.told or entry.summary)
    return CalcinosisOption(entry.id, entry.name, _status(patient, entry.id), told, arguments(patient, entry.id, "", []))


def _status(patient: Assessment, therapy: str) -> OptionStatus:
    """What excludes the agent for this patient, else what the knowledge says of it in general."""
    line = patient.knowledge.therapies[therapy].line
    verdict = patient.history.verdict(therapy)
    if patient.safety[therapy].excluded is True or verdict == "contraindicated":
        return "contraindicated"
    if therapy in patient.case.declined:
        return "declined"
    if patient.safety[therapy].infeasible:
        return "not_feasible"
    if therapy in patient.running:
        return "current"
    if verdict in patient.knowledge.algorithm.passed:
        return "exhausted"
    if therapy in patient.knowledge.algorithm.calcinosis.advised_against:
        return "not_recommended"
    if line == "avoid":
        return "avoid"
    return "specialist_only" if FIXED.get(line) == "specialist_only" else "alternative"
