"""The entries of a plan: actions, events, tests, options and the like, each a record with its closed codes."""

from typing import Any, Literal

from dmcli.knowledge.algorithm import CalcinosisStatus, Status, Verdict, WarningCode
from dmcli.knowledge.regimens import Line
from dmcli.knowledge.scores import Response
from dmcli.knowledge.statements import Level, Statement
from dmcli.record import Record

Action = Literal[
    "start", "restart", "continue", "step_up", "add", "switch", "stop", "taper", "reduce", "hold", "resume", "retry",
    "change_schedule", "extend_interval", "shorten_interval", "refer", "test",
]  # fmt: skip
OptionStatus = Literal[
    "contraindicated", "declined", "not_feasible", "current", "recommended", "needs_fact", "inadequate_trial", "exhausted",
    "alternative", "reserved", "adjunct", "specialist_only", "avoid", "not_recommended",
]  # fmt: skip
Outcome = Literal["inadequate", "partial", "near_complete", "complete", "relapse", "intolerance", "contraindicated"]
Priority = Literal["now", "next_visit", "planned"]
Role = Literal["new", "continue", "overlap", "hold", "stop"]
Kind = Literal["for", "against", "excludes", "needs"]
Code = Literal[
    "line", "grade", "evidence_for", "worked_before", "brought_forward", "adjunct",
    "caution", "severe_caution", "evidence_against",
    "contraindicated", "recorded_contraindicated", "interaction", "declined", "no_iv_access", "cost", "failed", "not_tolerated",
    "class_closed", "limit_reached", "specialist_only", "avoid", "not_recommended",
    "fact_needed", "fact_blocks", "sign_off", "proper_trial", "gate_closed", "line_not_reached",
    "not_now", "running", "another_first",
]  # fmt: skip


class Reason(Record):
    """A sentence with where it is written."""

    text: str
    sources: tuple[str, ...]
    level: Level
    rule: str | None = None


def reason(statement: Statement, text: str | None = None) -> Reason:
    """A statement of the knowledge as a reason; `text` where its blanks are filled."""
    return Reason(text or statement.text, statement.sources, statement.level, statement.id)


def sources_of(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """The sources of some reasons, each once."""
    return tuple(dict.fromkeys(source for found in reasons for source in found.sources))


class Quantity(Record):
    value: float
    unit: str


class Tool(Record):
    version: str


class KnowledgeId(Record):
    version: str
    sha256: str


class Next(Record):
    therapy: str
    name: str
    action: Action
    line: Line
    grade: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


class ActionItem(Record):
    """Something to do. `dose` is the dose after the action, as a clinician writes it."""

    priority: Priority
    action: Action
    therapy: str | None
    text: str
    dose: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


def action_item(
    priority: Priority, action: Action, therapy: str | None, text: str, dose: str | None, because: tuple[Reason, ...]
) -> ActionItem:
    """An action with the sources of its reasons."""
    return ActionItem(priority, action, therapy, text, dose, because, sources_of(because))


class RegimenPart(Record):
    """A therapy of the combination that results. `regimen` names the dosing variant in use."""

    therapy: str
    role: Role
    regimen: str | None
    until: str | None


class Argument(Record):
    kind: Kind
    code: Code
    text: str
    facts: dict[str, Any]
    sources: tuple[str, ...]
    level: Level
    rule: str | None


class Option(Record):
    therapy: str
    name: str
    line: Line
    status: OptionStatus
    arguments: tuple[Argument, ...]


class HistoryItem(Record):
    therapy: str
    course: int
    verdict: Verdict
    weeks: str | None
    because: tuple[Reason, ...]


class ScorePoint(Record):
    """A value of a score and its day; a coarse date is written FIRST..LAST."""

    date: str
    value: float


class ScoreItem(Record):
    """One score over time. `baseline` is the value at the start of the running therapy `since`, else the earliest one;
    null where there is but one. `change` and `percent` are negative where the score fell; `percent` is null from a
    baseline of 0. `band` is that of the latest value; `because` tells the band, then what the change is worth.
    `fresh`: the latest value is not too old to count."""

    fact: str
    name: str
    since: str | None
    baseline: ScorePoint | None
    latest: ScorePoint
    change: float | None
    percent: float | None
    band: str | None
    fresh: bool
    text: str
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


class ResponseItem(Record):
    """The response to a course by its scores. `stated` is the outcome of the case, or what the reason of the stop tells;
    it counts before `derived`. `agrees` is false where both are degrees of response and differ."""

    therapy: str
    course: int
    stated: Outcome | None
    derived: Response
    used: Outcome
    agrees: bool
    fact: str
    baseline: ScorePoint
    latest: ScorePoint
    text: str
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


class BeforeStarting(Record):
    """What is to be done or known before the first dose. `blocks`: the first dose waits for it."""

    kind: Literal["fact", "test", "sign_off", "act"]
    what: str
    fact: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]
    level: Level
    blocks: bool


class ScheduleItem(Record):
    """One event. `step` is the id of the regimen's step in the knowledge; `course` and `day_of_course` count
    from 1 where it repeats. `moved_from` is the day it was planned for before something came late.
    `dose` is one administration, or the day's total where administrations differ."""

    date: str
    until: str | None
    therapy: str
    event: Literal["dose", "course", "step", "hold_point", "end"]
    step: str
    course: int | None
    day_of_course: int | None
    dose: Quantity | None
    dose_text: str | None
    arithmetic: str | None
    text: str
    details: tuple[str, ...]
    conditional_on: tuple[str, ...]
    moved_from: str | None
    hold_point: bool
    sources: tuple[str, ...]
    level: Level


class GivenItem(Record):
    """What was really given of a running therapy: an infusion of a course, or the first day of a dose."""

    date: str
    therapy: str
    event: Literal["course", "step"]
    course: int | None
    day_of_course: int | None
    dose_text: str | None


class OtherRegimen(Record):
    """Another way to dose the chosen therapy, computed for this patient; the tool does not schedule it."""

    regimen: str
    name: str
    dose_text: str | None
    arithmetic: str | None
    text: str
    sources: tuple[str, ...]
    level: Level


class LimitItem(Record):
    level: Literal["call", "hold", "stop"]
    text: str
    condition: str
    sources: tuple[str, ...]
    rule: str


class TestItem(Record):
    """A test that is due; `overdue_since` is the day on which it was due without a result till now."""

    test: str
    name: str
    therapies: tuple[str, ...]
    because: tuple[Reason, ...]
    limits: tuple[LimitItem, ...]
    sources: tuple[str, ...]
    overdue_since: str | None


class MonitoringDay(Record):
    date: str
    tests: tuple[TestItem, ...]


class Checkpoint(Record):
    """When a therapy is judged; calling it a failure before `premature_before` is too early."""

    date: str
    therapy: str
    question: str
    premature_before: str
    sources: tuple[str, ...]
    level: Level


class CalcinosisOption(Record):
    """An agent with reported responses; `told` is what is known of it."""

    therapy: str
    name: str
    status: OptionStatus
    told: Reason
    arguments: tuple[Argument, ...]


class Calcinosis(Record):
    """What is said of calcinosis, beside the main plan and never in it."""

    status: CalcinosisStatus
    because: tuple[Reason, ...]
    options: tuple[CalcinosisOption, ...]
    advice: tuple[Reason, ...]
    warnings: tuple[Reason, ...]


class Supportive(Record):
    therapy: str
    name: str
    text: str
    sources: tuple[str, ...]


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
    code: WarningCode
    text: str
    sources: tuple[str, ...]


class Traced(Record):
    rule: str
    truth: bool | None
    facts: dict[str, Any]


class CitedSource(Record):
    citation: str
    level: Level
