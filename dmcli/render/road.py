"""A roadmap as it is drawn: branches with one answer as one, and what comes twice told once.

The data hold every branch in full. On paper two branches of one judgement that lead to the same are merged, and a
continuation that was drawn before, apart from its dates, is pointed at.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from dmcli.render.document import KEEP
from dmcli.render.wording import capital, day, with_weekdays

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.roadmap import Branch, Roadmap, RoadNode

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


class Twig(NamedTuple):
    """A node with the responses that lead to it. `number` where another twig points at it, `like` the twig it goes
    on like, `later` by how many days."""

    node: "RoadNode"
    responses: tuple[str, ...]
    told: tuple[str, ...]
    under: tuple["Twig", ...]
    number: int | None = None
    like: int | None = None
    later: int = 0

    def all(self) -> Iterator["Twig"]:
        """This twig and everything under it, in the order in which it is drawn."""
        yield self
        for twig in self.under:
            yield from twig.all()


def grown(roadmap: "Roadmap", knowledge: "Knowledge") -> Twig:
    """The roadmap as twigs."""
    grower = _Grower(knowledge)
    return grower.numbered(grower.twig(roadmap.root, (), ()))


class _Grower:
    """Remembers the continuations drawn so far, each under a key of its own with the day it was drawn for."""

    def __init__(self, knowledge: "Knowledge") -> None:
        self.knowledge = knowledge
        self.drawn: dict[object, tuple[int, date]] = {}
        self.pointed: dict[int, int] = {}
        self.shapes: dict[int, object] = {}

    def twig(self, node: "RoadNode", responses: tuple[str, ...], before: tuple[str, ...]) -> Twig:
        """`before` are the sentences that the twigs on the way here have told; they are not told again."""
        told = _told(self.knowledge, node, before)
        if not node.branches:
            return Twig(node, responses, told, ())
        shape, today = self._onward(node), date.fromisoformat(node.as_of)
        if shape in self.drawn:
            like, since = self.drawn[shape]
            self.pointed.setdefault(like, 0)
            return Twig(node, responses, told, (), None, like, (today - since).days)
        mine = len(self.drawn) + 1
        self.drawn[shape] = (mine, today)
        known = (*before, *told)
        under = tuple(self.twig(same[0].node, tuple(b.response for b in same), known) for same in self._merged(node))
        return Twig(node, responses, told, under, mine)

    def numbered(self, root: Twig) -> Twig:
        """Numbers only where something points at them, counted in the order of the page."""
        order = [t.number for t in root.all() if t.number in self.pointed]
        self.pointed = {number: place for place, number in enumerate(order, start=1) if number is not None}
        return self._renumbered(root)

    def _renumbered(self, twig: Twig) -> Twig:
        under = tuple(self._renumbered(t) for t in twig.under)
        number, like = self.pointed.get(twig.number or 0), self.pointed.get(twig.like or 0)
        return twig._replace(under=under, number=number, like=like)

    def _merged(self, node: "RoadNode") -> "list[list[Branch]]":
        """The branches of a node, those that lead to the same together."""
        same: dict[object, list[Branch]] = {}
        for branch in node.branches:
            same.setdefault((_told(self.knowledge, branch.node, ()), self._shape(branch.node)), []).append(branch)
        return list(same.values())

    def _shape(self, node: "RoadNode") -> object:
        """A node with all that follows it, its days counted from its own."""
        found = self.shapes.get(id(node))
        if found is None:
            told = tuple(_undated(t, node.as_of) for t in _told(self.knowledge, node, ()))
            found = self.shapes[id(node)] = (told, node.cut, self._onward(node))
        return found

    def _onward(self, node: "RoadNode") -> object:
        start = date.fromisoformat(node.as_of)
        return tuple(
            (b.response, b.therapy, (date.fromisoformat(b.judged_on) - start).days, self._shape(b.node)) for b in node.branches
        )


def _undated(text: str, as_of: str) -> str:
    """A sentence with its dates as days from the day it is said on."""
    start = date.fromisoformat(as_of)
    return _ISO.sub(lambda found: f"{(date.fromisoformat(found[0]) - start).days}d", text.replace(KEEP, " "))


def _told(knowledge: "Knowledge", node: "RoadNode", before: tuple[str, ...]) -> tuple[str, ...]:
    """What a node says: the new therapy or the status first, then the other things to do that were not told yet."""
    found = node.next
    rest = [a for a in node.actions if found is None or (a.action, a.therapy) != (found.action, found.therapy)]
    # Beside a new therapy it goes without saying that the others go on.
    texts = dict.fromkeys(a.text for a in rest if found is None or a.action != "continue")
    return (_headline(knowledge, node), *(t for t in texts if t != node.status_text and t not in before))


def _headline(knowledge: "Knowledge", node: "RoadNode") -> str:
    """The new therapy with its dose, or the status with its reason."""
    if node.next is None:
        return knowledge.say("sum_status", status=knowledge.texts[f"status_{node.status}"], reason=node.status_text)
    found = node.next
    text = next(a.text for a in node.actions if (a.action, a.therapy) == (found.action, found.therapy))
    # Why no dose is scheduled is told in the plan.
    dose = node.dose.partition(": ")[0] if node.dose else ""
    return f"{text}{knowledge.say('road_dose', dose=dose)}" if dose else text


def label(knowledge: "Knowledge", responses: tuple[str, ...]) -> str:
    """The responses that lead to a twig: 'No response or not tolerated'."""
    text = knowledge.texts[f"response_{responses[0]}"]
    for response in responses[1:]:
        text = knowledge.say("road_or", first=text, second=knowledge.texts[f"response_{response}"])
    return capital(text)


def said(knowledge: "Knowledge", twig: Twig) -> str:
    """What a twig tells, as sentences."""
    shown = (capital(with_weekdays(knowledge, t)) for t in twig.told)
    return " ".join(t if t.endswith((".", "!", "?")) else f"{t}." for t in shown)


def judged(knowledge: "Knowledge", twig: Twig) -> str:
    """When the therapy of a twig is judged, and what it goes on like; empty where the road ends."""
    if twig.node.cut:
        return knowledge.texts["road_cut"]
    if not twig.node.branches:
        return ""
    branch = twig.node.branches[0]
    when = day(knowledge, branch.judged_on)
    if twig.node.next is not None and twig.node.next.therapy == branch.therapy:
        text = knowledge.say("road_judged", date=when)
    else:
        text = capital(knowledge.say("road_judged_of", name=knowledge.name(branch.therapy), date=when))
    return f"{text} {same(knowledge, twig)}" if twig.like else text


def same(knowledge: "Knowledge", twig: Twig) -> str:
    """Where a continuation that was drawn before stands, and how much later it comes here."""
    if twig.later == 0:
        return knowledge.say("road_same", number=twig.like)
    weeks, days = divmod(twig.later, 7)
    key, count = ("road_same_days", twig.later) if days else ("road_same_weeks", weeks)
    return knowledge.say(key, number=twig.like, count=count)
