"""A rule of the knowledge held against this patient."""

from typing import Any, NamedTuple

from dmcli.knowledge.evaluate import Finding, Scope, Value
from dmcli.knowledge.found import Found
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days

_NOTHING: frozenset[str] = frozenset()


class Change(NamedTuple):
    """A change of a fact `of` since a therapy began, computed from two of its values, the second the newest."""

    fact: str
    of: str
    value: float
    baseline: float
    first: Days
    newest: float
    last: Days


class Checked:
    """A rule with what came of it.

    Every station of the planner hands on what it checked; the trace and the open questions are made from that. What a
    value rests on is looked up when somebody asks for it, which for most rules nobody does. `said` is what a rule of safety
    says of a therapy, and `traced` how it is told that it was asked, both once somebody has told it.
    """

    __slots__ = ("_found", "_knowledge", "_scope", "rule", "said", "traced", "value")

    said: Any
    traced: Any

    def __init__(self, rule: Any, value: Value, scope: Scope, knowledge: Knowledge) -> None:
        self.rule, self.value = rule, value
        self._scope, self._knowledge = scope, knowledge
        self._found: Found | None = None

    @classmethod
    def resting_on(cls, found: Found, rule: Any) -> "Checked":
        """A rule with what its condition is known to come to, whoever the patient is."""
        checked = cls.__new__(cls)
        checked.rule, checked.value, checked._found = rule, found.finding.value, found
        return checked

    @property
    def found(self) -> Found:
        """What its condition came to."""
        found = self._found
        if found is None:
            found = self._found = self._knowledge.found(self.rule.when, self._scope)
        return found

    @property
    def finding(self) -> Finding:
        """The value with the facts it used and those it lacks."""
        return self.found.finding

    @property
    def missing(self) -> frozenset[str]:
        """The facts that keep it from being told."""
        return self.finding.missing if self.value is None else _NOTHING

    @property
    def holds(self) -> bool:
        return self.value is True

    @property
    def open(self) -> bool:
        """Whether a missing fact keeps it from being told."""
        return self.value is None


def checked(rule: Any, scope: Scope, knowledge: Knowledge) -> Checked:
    """A rule of the knowledge, with what comes of its condition."""
    return Checked(rule, knowledge.value(rule.when, scope), scope, knowledge)


def with_values(finding: Finding, changes: tuple[Change, ...]) -> Finding:
    """What was found, with the values that a computed change comes from, each with its day."""
    values: dict[str, Value] = {}
    for change in changes:
        values[change.fact] = round(change.value, 2)
        values |= {f"{change.of} {change.first}": change.baseline, f"{change.of} {change.last}": change.newest}
    return finding._replace(facts={**finding.facts, **values})
