"""A running therapy as its limits see it: what they may ask of its course, today and on an earlier day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from dmcli.assess.history import Judged
from dmcli.assess.snapshots import View, at_for, day_of, stated_at
from dmcli.case.model import Case
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import Answer, Scope
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr
from dmcli.values.dates import Days

Functions = Mapping[str, Callable[..., Answer]]


class Running(NamedTuple):
    """A running therapy with what is known of it now, and with values of any age."""

    therapy: str
    judged: Judged | None
    start: Days | None
    now: View
    aged: View


class World(NamedTuple):
    case: Case
    knowledge: Knowledge
    functions: Functions


def scope_in(world: World, running: Running, seen: View) -> Scope:
    def on_treatment(fact: str) -> Answer:
        value = seen.values.get(fact)
        if value is None or value is False:
            return value, frozenset((fact,))
        day = day_of(fact, seen, world.knowledge)
        if day is None or running.start is None:
            return True, frozenset()
        return day.last >= running.start.first, frozenset()

    def reacted(_: str, code: str) -> Answer:
        course = running.judged.course if running.judged is not None else None
        return course is not None and course.harmed and course.reason == code, frozenset()

    # A limit asks of this course, not of the patient's whole record.
    own: dict[str, Callable[..., Answer]] = {"on_treatment": on_treatment, "reacted": reacted}
    return Scope(seen.values, {**world.functions, **own})


def beyond_on(world: World, running: Running, limits: Sequence[Limit], day: date) -> bool:
    """Whether the results of an earlier day were beyond one of some limits."""
    return true_on(world, running, tuple([limit.when for limit in limits]), day)


def true_on(world: World, running: Running, asked: tuple[Expr, ...], day: date) -> bool:
    """Whether one of some conditions was true with the results of an earlier day."""
    knowledge = world.knowledge
    values = stated_at(world.case, day, asked[0], knowledge) if len(asked) == 1 else None
    if values is not None:
        return knowledge.value(asked[0], Scope(values, {})) is True
    scope = scope_in(world, running, at_for(asked, world.case, day, running.start, knowledge))
    return any(knowledge.value(when, scope) is True for when in asked)


def alternatives(tree: Node) -> tuple[Node, ...]:
    """The parts of a condition each of which makes it hold alone."""
    return tree.args if tree.kind == "or" else (tree,)


def bound_on(day: date, case: Case, judged: Judged, functions: Functions, knowledge: Knowledge, limits: Sequence[Limit]) -> bool:
    """Whether the results of a day were beyond one of some limits of the drug of a course."""
    nothing = View({}, {}, {})
    running = Running(judged.course.therapy, judged, judged.course.start, nothing, nothing)
    return beyond_on(World(case, knowledge, functions), running, limits, day)
