"""A case in a line: what a registry wants to know of its plan, or what is wrong with it."""

from typing import Literal

from dmcli.answer.caveats import needed_facts
from dmcli.answer.core import Core
from dmcli.answer.urgent import build_urgent
from dmcli.answer.warnings import warnings
from dmcli.batch.entries import Place
from dmcli.errors import Problem
from dmcli.knowledge.codes import Status, WarningCode
from dmcli.knowledge.regimens import Line
from dmcli.record import Record
from dmcli.result.actions import Action, Priority, Role
from dmcli.result.events import ScheduleItem
from dmcli.result.monitoring import BeforeKind, BeforeStarting
from dmcli.result.plan import Plan

SCHEMA = "dmcli.summary/1"
# The roles of a therapy that is not given.
WITHHELD = ("hold", "stop")
_NO_NUMBER = 0


class Chosen(Record):
    therapy: str
    action: Action
    line: Line
    grade: str | None


class Now(Record):
    action: Literal["stop", "hold", "refer"]
    therapy: str | None


class Step(Record):
    priority: Priority
    action: Action
    therapy: str | None
    dose: str | None


class Awaited(Record):
    """What comes before the first dose, by the id of its rule, test or fact; `blocks`: the dose waits for it."""

    kind: BeforeKind
    id: str
    fact: str | None
    blocks: bool


class FirstDose(Record):
    therapy: str
    date: str
    dose: str | None


class Withheld(Record):
    therapy: str
    role: Role
    until: str | None


class Summary(Record):
    """A case that has a plan. `case` counts from 1 over the whole input; `line` is 0 where the source has no lines."""

    schema: str
    case: int
    source: str
    line: int
    case_id: str | None
    as_of: str
    status: Status
    next: Chosen | None
    urgent: tuple[Now, ...]
    actions: tuple[Step, ...]
    before_starting: tuple[Awaited, ...]
    first_doses: tuple[FirstDose, ...]
    holds_and_stops: tuple[Withheld, ...]
    contraindicated: tuple[str, ...]
    warnings: tuple[WarningCode, ...]
    unknowns: tuple[str, ...]
    knowledge: str


class Fault(Record):
    """One problem of a case, as errors have it everywhere."""

    path: str
    line: int
    col: int
    field: str
    code: str
    text: str


class Refused(Record):
    """A case without a plan."""

    schema: str
    case: int
    source: str
    line: int
    status: Literal["error"]
    errors: tuple[Fault, ...]


def summary(core: Core, place: Place, made: Plan | None = None) -> Summary:
    """What the plan of a case says, in about 1 kB; the case has no number yet. `made` is the whole plan, where there is one."""
    chosen, patient, decision = core.next, core.patient, core.decision
    urgent = made.urgent if made is not None else build_urgent(patient, core.actions)
    told = made.warnings if made is not None else warnings(patient, decision, core.notices)
    open_facts = _open_facts(core) if made is None else tuple(unknown.fact for unknown in made.unknowns)
    return Summary(
        schema=SCHEMA,
        case=_NO_NUMBER,
        source=place.path,
        line=place.line,
        case_id=patient.case.id,
        as_of=patient.case.as_of.isoformat(),
        status=decision.status.status,
        next=Chosen(chosen.therapy, chosen.action, chosen.line, chosen.grade) if chosen else None,
        urgent=tuple(Now(item.action, item.therapy) for item in urgent),
        actions=tuple(Step(a.priority, a.action, a.therapy, a.dose) for a in core.actions),
        before_starting=tuple(_awaited(item) for item in core.before),
        first_doses=_first_doses(core.schedule),
        holds_and_stops=tuple(Withheld(part.therapy, part.role, part.until) for part in core.regimen if part.role in WITHHELD),
        contraindicated=tuple(t for t, status in decision.statuses.items() if status == "contraindicated"),
        warnings=tuple(dict.fromkeys(warning.code for warning in told)),
        unknowns=open_facts,
        knowledge=patient.knowledge.version,
    )


def refused(problems: tuple[Problem, ...], place: Place) -> Refused:
    """A case with what is wrong with it; it has no number yet."""
    return Refused(SCHEMA, _NO_NUMBER, place.path, place.line, "error", tuple(Fault(*problem) for problem in problems))


def _open_facts(core: Core) -> tuple[str, ...]:
    return tuple(needed_facts(core.patient, core.decision, core.checked, core.before))


def _awaited(item: BeforeStarting) -> Awaited:
    return Awaited(item.kind, item.id, item.fact, item.blocks)


def _first_doses(schedule: tuple[ScheduleItem, ...]) -> tuple[FirstDose, ...]:
    """The first dated dose of each therapy."""
    first: dict[str, FirstDose] = {}
    for item in schedule:
        if item.dose is not None:
            first.setdefault(item.therapy, FirstDose(item.therapy, item.date, item.dose_text))
    return tuple(first.values())
