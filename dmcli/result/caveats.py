"""What the plan does not know, what its sources disagree about, what it rests on."""

from typing import Any

from dmcli.knowledge.codes import Status, WarningCode
from dmcli.knowledge.statements import Level
from dmcli.record import Record
from dmcli.result.reasons import Reason


class Tool(Record):
    version: str


class UsedOverrides(Record):
    """A clinic's own file over the shipped knowledge: the version it was written against, how many entries it changes."""

    file: str
    sha256: str
    base: str
    changes: int


class KnowledgeId(Record):
    version: str
    sha256: str
    overrides: UsedOverrides | None = None


class OtherReading(Record):
    """What the other reading of the gate would give, where it differs."""

    reading: str
    status: Status
    next: str | None
    text: str


class Reading(Record):
    used: str
    text: str
    sources: tuple[str, ...]
    other_reading: OtherReading | None


class Unknown(Record):
    fact: str
    question: str
    needed_for: tuple[str, ...]


class Disagreement(Record):
    id: str
    text: str
    positions: tuple[Reason, ...]
    used: str


class Warned(Record):
    """A warning; `past` is the therapy it is about where that is not taken any more."""

    code: WarningCode
    text: str
    sources: tuple[str, ...]
    past: str | None = None


class Traced(Record):
    """A rule with its truth and the facts that it used. `facts` is read only: other plans may hold the same."""

    rule: str
    truth: bool | None
    facts: dict[str, Any]


class CitedSource(Record):
    citation: str
    level: Level
