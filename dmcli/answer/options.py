"""What is told of each therapy that the plan weighs, with its arguments."""

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.safety import looked_at
from dmcli.decide.arguments import arguments, excluding
from dmcli.decide.decide import Decision, shown_status
from dmcli.decide.order import targets
from dmcli.decide.rule_arguments import Said, said_by
from dmcli.result.options import Argument, Option


class Options:
    """The therapies that a plan weighs. Each is told when it is first asked for: what is decided needs few of them."""

    def __init__(self, patient: Assessment, decision: Decision) -> None:
        self._patient, self._decision = patient, decision
        self._forward = [move for move in decision.moves if move.to == "front"]
        self._rules: dict[str, list[Checked]] | None = None
        self._told: dict[str, Option] = {}

    def of(self, therapy: str) -> Option:
        """One therapy of those that the plan weighs."""
        told = self._told.get(therapy)
        if told is None:
            told = self._told[therapy] = self._looked_up(therapy)
        return told

    def _looked_up(self, therapy: str) -> Option:
        """The same one as of another patient, where all that is told of the therapy is its status and what its rules say."""
        patient = self._patient
        if self._rules is None:
            self._rules = looked_at(patient.safety)
        said = said_by(self._rules.get(therapy, ()), patient)
        prepared = patient.knowledge.prepared
        if prepared is None or not self._ruled_alone(therapy):
            return self._made(therapy, said)
        key = (therapy, self._decision.statuses[therapy], *said)
        kept: Option | None = prepared.options.get(key)
        return kept if kept is not None else prepared.options.keep(key, self._made(therapy, said))

    def _made(self, therapy: str, said: list[Said]) -> Option:
        final = self._decision.statuses[therapy]
        reason = "running" if final == "current" else final
        entry = self._patient.knowledge.therapies[therapy]
        why = arguments(self._patient, therapy, reason, self._decision.moves, said)
        return Option(therapy, entry.name, entry.line, shown_status(final), why)

    def _ruled_alone(self, therapy: str) -> bool:
        """Whether nothing of the patient but the status and what its rules say is told of a therapy of the catalogue."""
        patient = self._patient
        safety = patient.safety[therapy]
        return (
            not (safety.pairs or safety.stops or safety.confirmed)
            and therapy not in patient.history.by_therapy
            and not patient.history.closing
            and therapy not in patient.case.declined
            and not any(targets(patient, move, therapy) for move in self._forward)
        )

    def excluding(self, therapy: str) -> Argument | None:
        """The first argument that excludes a therapy, for which not all of them have to be told."""
        told = self._told.get(therapy)
        if told is None:
            return excluding(self._patient, therapy)
        return next((argument for argument in told.arguments if argument.kind == "excludes"), None)

    def every(self) -> tuple[Option, ...]:
        """All of them, in the order of the catalogue."""
        return tuple(self.of(therapy) for therapy in self._decision.statuses)
