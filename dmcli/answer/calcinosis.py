"""The calcinosis pathway: what can be tried, what is advised, what is warned of. It never touches the main plan."""

from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.safety import looked_at, ruled_out
from dmcli.decide.arguments import arguments
from dmcli.decide.order import FIXED
from dmcli.decide.rule_arguments import said_by
from dmcli.knowledge.algorithm import CalcinosisAgent
from dmcli.result.options import Calcinosis, CalcinosisOption, OptionStatus
from dmcli.result.reasons import reason


class CalcinosisState(NamedTuple):
    """The rules of the pathway that were looked at: those of its status up to the first that holds, its advice, its
    warnings. All are empty for a patient whose calcinosis is not stated."""

    statuses: tuple[Checked, ...] = ()
    advice: tuple[Checked, ...] = ()
    warnings: tuple[Checked, ...] = ()

    @property
    def checked(self) -> tuple[Checked, ...]:
        return (*self.statuses, *self.advice, *self.warnings)


def calcinosis_state(patient: Assessment) -> CalcinosisState:
    """Where a patient whose calcinosis is stated stands in the pathway."""
    pathway = patient.knowledge.algorithm.calcinosis
    if patient.facts.values.get(pathway.present) is not True:
        return CalcinosisState()
    statuses = patient.check(pathway.statuses)
    until = next(number for number, c in enumerate(statuses, 1) if c.holds)
    return CalcinosisState(statuses[:until], patient.check(pathway.advice), patient.check(pathway.warnings))


def build_calcinosis(patient: Assessment, state: CalcinosisState) -> Calcinosis | None:
    """The block of a patient whose calcinosis is stated; None for any other."""
    if not state.statuses:
        return None
    status = state.statuses[-1].rule
    return Calcinosis(
        status=status.status,
        because=(reason(status),),
        options=tuple(_option(patient, agent) for agent in patient.knowledge.algorithm.calcinosis.agents),
        advice=tuple(reason(c.rule) for c in state.advice if c.holds),
        warnings=tuple(reason(c.rule) for c in state.warnings if c.holds),
    )


def _option(patient: Assessment, agent: CalcinosisAgent) -> CalcinosisOption:
    entry = patient.knowledge.therapies[agent.therapy]
    told = reason(agent.told or entry.summary)
    said = said_by(looked_at(patient.safety).get(entry.id, ()), patient)
    return CalcinosisOption(entry.id, entry.name, _status(patient, entry.id), told, arguments(patient, entry.id, "", [], said))


def _status(patient: Assessment, therapy: str) -> OptionStatus:
    """What excludes the agent for this patient, else what the knowledge says of it in general."""
    line = patient.knowledge.therapies[therapy].line
    out = ruled_out(therapy, patient.safety[therapy], patient.case, patient.history, patient.knowledge)
    if out is not None:
        return out
    if therapy in patient.running:
        return "current"
    if patient.history.verdict(therapy) in patient.knowledge.algorithm.passed:
        return "exhausted"
    if therapy in patient.knowledge.algorithm.calcinosis.advised_against:
        return "not_recommended"
    if line == "avoid":
        return "avoid"
    return "specialist_only" if FIXED.get(line) == "specialist_only" else "alternative"
