"""The ladder as boxes: for a chart with arrows, and for a drawing from top to bottom."""

from typing import NamedTuple

from dmcli.knowledge.model import Knowledge
from dmcli.render.algorithm.document import marked, named, title
from dmcli.render.algorithm.ladder import Rung, ladder
from dmcli.render.chart import Arrow, Box, Chart
from dmcli.render.registry import View
from dmcli.result.plan import Plan

_MANY = 4


class Step(NamedTuple):
    """One box of the drawing: its title, its lines, what leads to the next, and whether the patient stands on it."""

    title: str
    texts: tuple[str, ...]
    leads: str | None
    here: bool


class Drawing(NamedTuple):
    """Boxes from top to bottom under a title."""

    title: str
    steps: tuple[Step, ...]


def algorithm_chart(plan: Plan | None, knowledge: Knowledge, _view: View) -> Chart:
    """A box for each rung, an arrow from each to the next."""
    rungs = ladder(plan, knowledge).rungs
    boxes = tuple(Box(f"n{number}", (marked(knowledge, rung), *_texts(knowledge, rung))) for number, rung in enumerate(rungs))
    arrows = tuple(Arrow(f"n{number}", rung.leads, f"n{number + 1}") for number, rung in enumerate(rungs) if rung.leads)
    return Chart(boxes, arrows)


def algorithm_drawing(plan: Plan | None, knowledge: Knowledge, _view: View) -> Drawing:
    """The same as a drawing."""
    found = ladder(plan, knowledge)
    steps = (Step(marked(knowledge, rung), _texts(knowledge, rung), rung.leads, rung.state == "here") for rung in found.rungs)
    return Drawing(title(knowledge, found), tuple(steps))


def _texts(knowledge: Knowledge, rung: Rung) -> tuple[str, ...]:
    """The members of a line in their order; of a rung without any what is asked on it, of many rules what they are about."""
    if rung.members:
        return (", ".join(named(knowledge, member) for member in rung.members),)
    if len(rung.rules) > _MANY:
        return ("; ".join(dict.fromkeys(rule.of for rule in rung.rules)),)
    return tuple(f"{rule.of}: {rule.text}" for rule in rung.rules)
