"""The plan as data: what `--format json` prints, field by field. Every list is in its final order."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from dmcli.knowledge.algorithm import Status, Verdict
from dmcli.knowledge.regimens import Line
from dmcli.knowledge.statements import Level

SCHEMA = "dmcli.plan/1"

Action = Literal[
    "start", "restart", "continue", "step_up", "add", "switch", "stop", "taper", "reduce", "hold", "resume", "retry",
    "change_schedule", "extend_interval", "shorten_interval", "refer", "test",
]  # fmt: skip
OptionStatus = Literal[
    "contraindicated", "declined", "not_feasible", "current", "recommended", "needs_fact", "inadequate_trial", "exhausted",
    "alternative", "reserved", "adjunct", "specialist_only", "avoid", "not_recommended",
]  # fmt: skip
Kind = Literal["for", "against", "excludes", "needs"]
Code = Literal[
    "line", "grade", "evidence_for", "worked_before", "brought_forward", "adjunct",
    "caution", "severe_caution", "evidence_against", "poor_candidate",
    "contraindicated", "recorded_contraindicated", "interaction", "declined", "no_iv_access", "cost", "failed", "not_tolerated",
    "class_closed", "specialist_only", "avoid", "not_recommended",
    "fact_needed", "fact_blocks", "sign_off", "proper_trial", "gate_closed", "line_not_reached", "not_now", "running",
]  # fmt: skip
WarningCode = str


@dataclass(frozen=True)
class Reason:
    """A sentence with where it is written."""

    text: str
    sources: tuple[str, ...]
    level: Level
    rule: str | None = None


@dataclass(frozen=True)
class Quantity:
    value: float
    unit: str


@dataclass(frozen=True)
class Tool:
    version: str


@dataclass(frozen=True)
class KnowledgeId:
    version: str
    sha256: str


@dataclass(frozen=True)
class Next:
    therapy: str
    name: str
    action: Action
    line: Line
    grade: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class ActionItem:
    """Something to do. `dose` is the dose after the action, as a clinician writes it."""

    priority: Literal["now", "next_visit", "planned"]
    action: Action
    therapy: str | None
    text: str
    dose: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class RegimenPart:
    """A therapy of the combination that results. `regimen` names the dosing variant in use."""

    therapy: str
    role: Literal["new", "continue", "overlap", "stop"]
    regimen: str | None
    until: str | None


@dataclass(frozen=True)
class Argument:
    kind: Kind
    code: Code
    text: str
    facts: dict[str, Any]
    sources: tuple[str, ...]
    level: Level
    rule: str | None


@dataclass(frozen=True)
class Option:
    therapy: str
    name: str
    line: Line
    status: OptionStatus
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class HistoryItem:
    therapy: str
    course: int
    verdict: Verdict
    weeks: str | None
    because: tuple[Reason, ...]


@dataclass(frozen=True)
class BeforeStarting:
    """What is to be done or known before the first dose. `blocks`: the first dose waits for it."""

    what: str
    fact: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]
    level: Level
    blocks: bool


@dataclass(frozen=True)
class ScheduleItem:
    """One event. `step` is the id of the regimen's step in the knowledge."""

    date: str
    until: str | None
    therapy: str
    event: Literal["dose", "course", "step", "hold_point"]
    step: str
    dose: Quantity | None
    arithmetic: str | None
    text: str
    details: tuple[str, ...]
    conditional_on: tuple[str, ...]
    hold_point: bool
    sources: tuple[str, ...]
    level: Level


@dataclass(frozen=True)
class LimitItem:
    level: Literal["call", "hold", "stop"]
    text: str
    condition: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class TestItem:
    test: str
    name: str
    therapies: tuple[str, ...]
    because: tuple[Reason, ...]
    limits: tuple[LimitItem, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class MonitoringDay:
    date: str
    tests: tuple[TestItem, ...]


@dataclass(frozen=True)
class Checkpoint:
    """When a therapy is judged; calling it a failure before `premature_before` is too early."""

    date: str
    therapy: str
    question: str
    premature_before: str
    sources: tuple[str, ...]
    level: Level


@dataclass(frozen=True)
class Supportive:
    therapy: str
    name: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class OtherReading:
    """What the other reading of the gate would give, where it differs."""

    reading: str
    status: Status
    next: str | None
    text: str


@dataclass(frozen=True)
class Reading:
    used: str
    text: str
    sources: tuple[str, ...]
    other_reading: OtherReading | None


@dataclass(frozen=True)
class Unknown:
    fact: str
    question: str
    needed_for: tuple[str, ...]


@dataclass(frozen=True)
class Disagreement:
    id: str
    text: str
    positions: tuple[Reason, ...]
    used: str


@dataclass(frozen=True)
class Warned:
    code: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Traced:
    rule: str
    truth: bool | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class CitedSource:
    citation: str
    level: Level


@dataclass(frozen=True)
class Plan:
    """The whole answer for one patient at one date."""

    schema: str
    tool: Tool
    knowledge: KnowledgeId
    case_id: str | None
    as_of: str
    start: str
    status: Status
    status_because: tuple[Reason, ...]
    summary: tuple[str, ...]
    valid_until: str
    next: Next | None
    actions: tuple[ActionItem, ...]
    regimen: tuple[RegimenPart, ...]
    before_starting: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    monitoring: tuple[MonitoringDay, ...]
    checkpoints: tuple[Checkpoint, ...]
    options: tuple[Option, ...]
    history: tuple[HistoryItem, ...]
    calcinosis: None
    supportive: tuple[Supportive, ...]
    reading: Reading
    unknowns: tuple[Unknown, ...]
    assumptions: tuple[Reason, ...]
    defaults_used: tuple[Reason, ...]
    conflicts: tuple[Disagreement, ...]
    warnings: tuple[Warned, ...]
    trace: tuple[Traced, ...]
    sources: dict[str, CitedSource]


def as_data(value: Any) -> Any:
    """A result as plain data, in field order."""
    if is_dataclass(value):
        return {f.name: as_data(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return [as_data(v) for v in value]
    if isinstance(value, dict):
        return {k: as_data(v) for k, v in value.items()}
    if hasattr(value, "_fields"):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
