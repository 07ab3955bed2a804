"""Dated doses, what was given, and the days of judgement."""

from typing import Literal

from dmcli.knowledge.statements import Level
from dmcli.record import Record

EventKind = Literal["dose", "course", "step", "hold_point", "end"]


class Quantity(Record):
    value: float
    unit: str


class InfusionItem(Record):
    """How one infusion is given: its volume, the strength of the solution, each rate with the minutes until the next one
    (the last goes on to the end), and the shortest time for all of it."""

    volume_ml: float
    strength_percent: float
    rates_ml_h: tuple[float, ...]
    step_minutes: int
    shortest_minutes: int


class ScheduleItem(Record):
    """One event. `step` is the id of the regimen's step in the knowledge; `course` and `day_of_course` count
    from 1 where it repeats. `moved_from` is the day it was planned for before something came late.
    `dose` is one administration, or the day's total where administrations differ; `infusion` is how it is given, where it
    is an infusion with known rates."""

    date: str
    until: str | None
    therapy: str
    event: EventKind
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
    infusion: InfusionItem | None = None


class GivenItem(Record):
    """What was really given of a running therapy: an infusion of a course, or the first day of a dose. A coarse date is
    written FIRST..LAST."""

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


class Checkpoint(Record):
    """When a therapy is judged (`judge`; calling it a failure before `premature_before` is too early), or the first day to
    conceive after one that ended (`conceive`).

    `if_none`, `if_partial` and `if_complete` are what no improvement, some, or a complete response leads to, None where that
    cannot be. `needs` is the dose of the trial and its weeks, where the dose has yet to be raised to it on days that nothing
    tells: `date` is then the first day on which they can be over."""

    kind: Literal["judge", "conceive"]
    date: str
    therapy: str
    question: str
    premature_before: str
    sources: tuple[str, ...]
    level: Level
    if_none: str | None = None
    if_partial: str | None = None
    if_complete: str | None = None
    needs: str | None = None
