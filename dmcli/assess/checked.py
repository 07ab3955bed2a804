"""A rule of the knowledge held against this patient."""

from typing import Any, NamedTuple

from dmcli.knowledge.evaluate import Finding, Value
from dmcli.values.dates import Days


class Change(NamedTuple):
    """A change of a fact `of` since a therapy began, computed from two of its values, the second the newest."""

    fact: str
    of: str
    value: float
    baseline: float
    first: Days
    newest: float
    last: Days


class Checked(NamedTuple):
    """A rule with what came of it, and the changes it rests on that were not stated but computed.

    Every station of the planner hands on what it checked; the trace and the open questions are made from that.
    """

    rule: Any
    finding: Finding
    changes: tuple[Change, ...] = ()

    @property
    def holds(self) -> bool:
        return self.finding.value is True

    @property
    def open(self) -> bool:
        """Whether a missing fact keeps it from being told."""
        return self.finding.value is None


def with_values(finding: Finding, changes: tuple[Change, ...]) -> Finding:
    """What was found, with the values that a computed change comes from, each with its day."""
    values: dict[str, Value] = {}
    for change in changes:
        values[change.fact] = round(change.value, 2)
        values |= {f"{change.of} {change.first}": change.baseline, f"{change.of} {change.last}": change.newest}
    return finding._replace(facts={**finding.facts, **values})
