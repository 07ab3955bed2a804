"""The plan as data: what `--format json` prints, field by field. Every list is in its final order."""

from typing import Any

from dmcli.knowledge.codes import Status
from dmcli.record import Record, fields_of
from dmcli.result.actions import ActionItem, CautionItem, InsteadItem, Next, RegimenPart, SummaryLine, Urgent
from dmcli.result.caveats import CitedSource, Disagreement, KnowledgeId, Reading, Tool, Traced, Unknown, Warned
from dmcli.result.courses import HistoryItem, ResponseItem, ScoreItem
from dmcli.result.events import Checkpoint, GivenItem, OtherRegimen, ScheduleItem
from dmcli.result.monitoring import BeforeStarting, MonitoringDay
from dmcli.result.options import Calcinosis, Option, Supportive
from dmcli.result.patient import PatientEcho
from dmcli.result.reasons import Reason
from dmcli.values.truth import Codes

SCHEMA = "dmcli.plan/2"


class Plan(Record):
    """The whole answer for one patient at one date."""

    schema: str
    tool: Tool
    knowledge: KnowledgeId
    case_id: str | None
    patient: PatientEcho
    as_of: str
    start: str
    status: Status
    status_because: tuple[Reason, ...]
    summary: tuple[SummaryLine, ...]
    valid_until: str
    next: Next | None
    instead: tuple[InsteadItem, ...]
    actions: tuple[ActionItem, ...]
    urgent: tuple[Urgent, ...]
    regimen: tuple[RegimenPart, ...]
    cautions: tuple[CautionItem, ...]
    before_starting: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    given: tuple[GivenItem, ...]
    date_rule: str
    other_regimens: tuple[OtherRegimen, ...]
    monitoring: tuple[MonitoringDay, ...]
    no_tests_needed: tuple[Reason, ...]
    checkpoints: tuple[Checkpoint, ...]
    options: tuple[Option, ...]
    history: tuple[HistoryItem, ...]
    scores: tuple[ScoreItem, ...]
    responses: tuple[ResponseItem, ...]
    calcinosis: Calcinosis | None
    supportive: tuple[Supportive, ...]
    reading: Reading
    unknowns: tuple[Unknown, ...]
    assumptions: tuple[Reason, ...]
    defaults_used: tuple[Reason, ...]
    conflicts: tuple[Disagreement, ...]
    warnings: tuple[Warned, ...]
    trace: tuple[Traced, ...]
    sources: dict[str, CitedSource]


_PLAIN = frozenset((str, bool, int, type(None)))


def as_data(value: Any) -> Any:
    """A result as plain data, in field order."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    # Most values are plain: those are not worth a call of their own.
    if kind is tuple or kind is list or kind is Codes:
        return [v if type(v) in _PLAIN else as_data(v) for v in value]
    if kind is dict:
        return {k: v if type(v) in _PLAIN else as_data(v) for k, v in value.items()}
    if kind is float:
        return int(value) if value.is_integer() else value
    held = value.__dict__
    return {name: v if type(v := held[name]) in _PLAIN else as_data(v) for name in fields_of(value)}
