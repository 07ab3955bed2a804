"""Every therapy as an option, with its arguments; calcinosis and adjuncts."""

from typing import Any, Literal

from dmcli.knowledge.codes import CalcinosisStatus
from dmcli.knowledge.regimens import Line
from dmcli.knowledge.statements import Level
from dmcli.record import Record
from dmcli.result.reasons import Reason

# In the order in which they are read: what is open, what was tried, what is closed, what is not for now.
OptionStatus = Literal[
    "recommended", "needs_fact", "alternative", "adjunct", "inadequate_trial", "exhausted", "contraindicated", "not_feasible",
    "declined", "current", "reserved", "specialist_only", "avoid", "not_recommended",
]  # fmt: skip

Kind = Literal["for", "against", "excludes", "needs"]

Code = Literal[
    "line", "grade", "evidence_for", "worked_before", "brought_forward", "adjunct",
    "caution", "severe_caution", "evidence_against",
    "contraindicated", "recorded_contraindicated", "interaction", "declined", "no_iv_access", "cost", "failed", "not_tolerated",
    "class_closed", "limit_reached", "specialist_only", "avoid", "not_recommended",
    "fact_needed", "fact_blocks", "sign_off", "proper_trial", "gate_closed", "line_not_reached",
    "not_now", "running", "another_first",
]  # fmt: skip


class Argument(Record):
    """What speaks for or against a therapy. `facts` is read only: other plans may hold the same."""

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
