"""What is told of each therapy that the plan weighs, with its arguments."""

from dmcli.assess.assess import Assessment
from dmcli.decide.arguments import arguments, excluding
from dmcli.decide.decide import Decision, shown_status
from dmcli.result.options import Argument, Option


class Options:
    """The therapies that a plan weighs. Each is told when it is first asked for: what is decided needs few of them."""

    def __init__(self, patient: Assessment, decision: Decision) -> None:
        self._patient, self._decision = patient, decision
        self._told: dict[str, Option] = {}

    def of(self, therapy: str) -> Option:
        """One therapy of those that the plan weighs."""
        told = self._told.get(therapy)
        if told is None:
            prepared = self._patient.knowledge.prepared
            kept = prepared.options if prepared is not None and self._untold(therapy) else {}
            key = (therapy, self._decision.statuses[therapy])
            told = kept.get(key)
            if told is None:
                told = kept[key] = self._made(therapy)
            self._told[therapy] = told
        return told

    def _made(self, therapy: str) -> Option:
        final = self._decision.statuses[therapy]
        reason = "running" if final == "current" else final
        entry = self._patient.knowledge.therapies[therapy]
        why = arguments(self._patient, therapy, reason, self._decision.moves)
        return Option(therapy, entry.name, entry.line, shown_status(final), why)

    def _untold(self, therapy: str) -> bool:
        """Whether nothing of the patient but the status is told of a therapy of the catalogue."""
        patient = self._patient
        return (
            not self._decision.moves
            and patient.safety[therapy].silent
            and therapy not in patient.history.by_therapy
            and not patient.history.closing
            and therapy not in patient.case.declined
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
