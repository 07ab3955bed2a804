"""What to do, and the therapy that comes next."""

from typing import Literal

from dmcli.knowledge.codes import Status
from dmcli.knowledge.limits import Tier
from dmcli.knowledge.regimens import Line
from dmcli.knowledge.statements import Level
from dmcli.record import Record
from dmcli.result.reasons import Reason, sources_of

Action = Literal[
    "start", "restart", "continue", "step_up", "add", "switch", "stop", "taper", "reduce", "hold", "resume", "retry",
    "change_schedule", "extend_interval", "shorten_interval", "refer", "test",
]  # fmt: skip

# What a sentence tells itself, so that nobody tells it again beside it.
Said = Literal["action", "dose", "reason"]

Priority = Literal["now", "next_visit", "planned"]

Role = Literal["new", "continue", "overlap", "hold", "stop", "undecided"]


class SummaryLine(Record):
    """A line of the short answer: what it is about, in a word or two, and what is said. `urgent`: it is for today, before
    everything else."""

    label: str | None
    text: str
    urgent: bool = False


class Next(Record):
    """The therapy that comes next. `grade` is its grade as the guideline writes it, `grade_text` what that says."""

    therapy: str
    name: str
    action: Action
    line: Line
    grade: str | None
    grade_text: str | None
    boxed_warning: tuple[Reason, ...]
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


Compared = Literal["below", "at_most", "at_least", "above"]


class InsteadItem(Record):
    """The answer if `fact` turns out to have this `value`, of a number in the fact's own unit one of those that lie so
    `compared` with a `limit`; without a fact, if the next therapy is declined, or, where some are named, if the therapies on
    hold have to stop: `stopped`, or once all red flags that refer today are cleared, and not before: `cleared`.
    `obstructed`: a result keeps that therapy from starting until it has recovered."""

    fact: str | None
    value: bool | float | str | None
    status: Status
    therapy: str | None
    action: Action | None
    stopped: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    limit: float | None = None
    compared: Compared | None = None
    obstructed: bool = False


class ActionItem(Record):
    """Something to do. `dose` is the dose after the action, as a clinician writes it; `says` is what the sentence tells
    itself: what is done, the dose, or its first reason. `goes_on` is how a hold ends, in a sentence each: when and at which
    dose the therapy is taken again, and when it stops instead."""

    priority: Priority
    action: Action
    therapy: str | None
    text: str
    dose: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]
    says: tuple[Said, ...] = ()
    goes_on: tuple[str, ...] = ()


def action_item(
    priority: Priority,
    action: Action,
    therapy: str | None,
    text: str,
    dose: str | None,
    because: tuple[Reason, ...],
    says: tuple[Said, ...] = (),
) -> ActionItem:
    """An action with the sources of its reasons."""
    return ActionItem(priority, action, therapy, text, dose, because, sources_of(because), says)


class CautionItem(Record):
    """Something that speaks against a therapy for this patient, without excluding it."""

    therapy: str
    severity: Literal["caution", "severe"]
    text: str
    sources: tuple[str, ...]
    level: Level
    rule: str


class Urgent(Record):
    """What must happen today. `since` is the day of the result or event behind it, where that is known; `goes_on` is how a
    hold ends."""

    action: Literal["stop", "hold", "refer"]
    therapy: str | None
    text: str
    because: tuple[Reason, ...]
    since: str | None
    goes_on: tuple[str, ...] = ()


class RegimenPart(Record):
    """A therapy of the combination that results. `regimen` names the dosing variant in use, `limit` the gravest tier that
    a result or an event of today puts it in."""

    therapy: str
    role: Role
    regimen: str | None
    limit: Tier | None
    until: str | None
