"""What the road asks of the plan of one day: what is decided and when it is judged, without what is only told of it."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from dmcli.answer.core import Core
from dmcli.decide.decide import shown_status
from dmcli.knowledge.codes import Status
from dmcli.planner import judgements
from dmcli.result.actions import ActionItem, Next, RegimenPart
from dmcli.result.events import Checkpoint, ScheduleItem
from dmcli.result.monitoring import BeforeStarting


class Went(NamedTuple):
    """A course by its number, and its verdict."""

    therapy: str
    course: int
    verdict: str


class Verdict(Protocol):
    """A course and its verdict, as a plan tells them as well."""

    @property
    def therapy(self) -> str: ...
    @property
    def course(self) -> int: ...
    @property
    def verdict(self) -> str: ...


class Followed(Protocol):
    """A plan that a patient can follow: one that is told, or one that is only decided."""

    @property
    def start(self) -> str: ...
    @property
    def next(self) -> Next | None: ...
    @property
    def actions(self) -> tuple[ActionItem, ...]: ...
    @property
    def regimen(self) -> tuple[RegimenPart, ...]: ...
    @property
    def schedule(self) -> tuple[ScheduleItem, ...]: ...
    @property
    def history(self) -> Sequence[Verdict]: ...


class Decided(NamedTuple):
    """The plan of one day as far as the road goes on from it; `options` are the therapies with their status."""

    as_of: str
    start: str
    status: Status
    status_text: str
    next: Next | None
    actions: tuple[ActionItem, ...]
    regimen: tuple[RegimenPart, ...]
    before_starting: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    checkpoints: tuple[Checkpoint, ...]
    options: tuple[tuple[str, str], ...]
    history: tuple[Went, ...]


def decided(core: Core) -> Decided:
    """What is decided on one day."""
    decision = core.decision
    return Decided(
        as_of=core.patient.case.as_of.isoformat(),
        start=core.period.start.isoformat(),
        status=decision.status.status,
        status_text=decision.status.text,
        next=core.next,
        actions=core.actions,
        regimen=core.regimen,
        before_starting=core.before,
        schedule=core.schedule,
        checkpoints=judgements(core),
        options=tuple((therapy, shown_status(final)) for therapy, final in decision.statuses.items()),
        history=tuple(Went(j.course.therapy, j.course.number, j.verdict) for j in core.patient.history.judged),
    )
