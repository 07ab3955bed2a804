"""Limits on results and events: what a value beyond one asks for, on treatment and before a start."""

from typing import Any, Literal, NamedTuple

from dmcli.knowledge.conditions import FUNCTIONS, Node, calls_of
from dmcli.knowledge.ranges import Days
from dmcli.knowledge.statements import Expr, Rule, Statement
from dmcli.record import Model

Tier = Literal["repeat", "reduce", "hold", "stop"]
TIERS: tuple[Tier, ...] = ("repeat", "reduce", "hold", "stop")
Line = Literal["white", "platelet", "red"]


class Limit(Rule):
    """A result or an event that asks for action on a running therapy.

    `analyte` is what it is about: a drug's own limit replaces the shared one of the same analyte and tier. `toxicity`
    names the harm it shares with other drugs, which it then holds too. `line` is the cell line a `repeat` row speaks
    for. `confirmed`: it counts once the values of two days meet it. `refer`: an urgent referral goes with it. `event`:
    it is an adverse event, not a laboratory value. `until_over`: a hold that lasts as long as what it names, so that it
    is no stop for having lasted, and in which the dose has no part. `lower_by`, `lower_to`: by how much, or to at most
    which dose, the dose is lowered. `tests` are due today while it counts, beside those that give its own result;
    `recheck_days` is when they are due again, counted from today. `resume`: its sentence says until when a hold lasts
    (`told`), or how and by whom the drug is taken again as well (`elsewhere`); else it lasts until its value is back.
    `resume_when`: what must be true before the drug is taken again, where that is more than that the limit holds no longer.
    """

    tier: Tier
    analyte: str
    toxicity: str | None = None
    line: Line | None = None
    confirmed: bool = False
    lower_by: str | None = None
    lower_to: str | None = None
    refer: bool = False
    event: bool = False
    until_over: bool = False
    resume: Literal["told", "elsewhere"] | None = None
    resume_when: Expr | None = None
    tests: tuple[str, ...] = ()
    recheck_days: Days | None = None

    @property
    def result(self) -> str:
        """What is seen: a limit is written `RESULT: what to do`."""
        return self.text.partition(": ")[0].rstrip(".")


class StartLimit(Rule):
    """A result with which a therapy does not start; it stays next, undated, until the result is in order. What cannot
    recover is a contraindication instead."""

    analyte: str


class TwoLines(Statement):
    """What it asks for that two cell lines are newly beyond their `repeat` rows at once."""

    tier: Tier
    recheck_days: Days | None = None

    @property
    def result(self) -> str:
        """What is seen, written as in a limit."""
        return self.text.partition(": ")[0].rstrip(".")


class Toxicity(Model):
    """A harm that several drugs share: its `members` (therapies, classes), and the limits that hold for each of them
    that states no figure of its own. `alone`: each member by itself, so that what holds one holds no other. `always` is told
    with a hold or stop for its values, whatever figure a drug has of its own."""

    id: str
    name: str
    members: tuple[str, ...]
    alone: bool = False
    limits: tuple[Limit, ...] = ()
    two_lines: TwoLines | None = None
    always: tuple[Rule, ...] = ()
    start: tuple[StartLimit, ...] = ()


class Applied(NamedTuple):
    """A limit as it holds for one therapy, with the toxicity that it is a part of (None: of this drug alone)."""

    limit: Limit
    toxicity: str | None


class LimitTables(NamedTuple):
    """For every therapy its limits, those of its start, and the toxicities it shares."""

    limits: dict[str, tuple[Applied, ...]]
    start: dict[str, tuple[StartLimit, ...]]
    toxicities: dict[str, tuple[str, ...]]


def limit_tables(therapies: dict[str, Any], toxicities: dict[str, Toxicity], groups: dict[str, tuple[str, ...]]) -> LimitTables:
    """The limits of every therapy: its own, and of the shared ones those whose analyte and tier it has no figure for."""
    shares = {therapy: tuple(name for name in toxicities if therapy in groups[name]) for therapy in therapies}
    limits, start = {}, {}
    for therapy, entry in therapies.items():
        own = {(limit.analyte, limit.tier) for limit in entry.limits}
        shared = tuple(
            Applied(limit, None if toxicities[name].alone else name)
            for name in shares[therapy]
            for limit in toxicities[name].limits
            if (limit.analyte, limit.tier) not in own
        )
        limits[therapy] = (*(Applied(limit, limit.toxicity) for limit in entry.limits), *shared)
        own_start = {limit.analyte for limit in entry.start_limits}
        shared_start = tuple(s for name in shares[therapy] for s in toxicities[name].start if s.analyte not in own_start)
        start[therapy] = (*entry.start_limits, *shared_start)
    return LimitTables(limits, start, shares)


def of_course(tree: Node) -> bool:
    """Whether a condition asks about a course, which nobody can who asks before the start."""
    return any(FUNCTIONS[name].needs == "course" for name in calls_of(tree))
