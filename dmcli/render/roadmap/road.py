"""A roadmap as it is drawn: branches with one answer as one, and what comes twice told once.

The data hold every branch in full. On paper two branches of one judgement that lead to the same are merged, and a
continuation that was drawn before, apart from its dates, is pointed at.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from dmcli.knowledge.codes import GOES_ON
from dmcli.knowledge.model import Knowledge
from dmcli.render.document import KEEP
from dmcli.render.wording import capital, day, with_weekdays
from dmcli.roadmap.roadmap import Branch, RoadAction, Roadmap, RoadNode

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_REPLACES = ("start", "switch")
_ALARMS = ("test", "hold", "stop", "refer")


class Twig(NamedTuple):
    """A node with the responses that lead to it. `number` where another twig points at it, `like` the twig it goes
    on like, `later` by how many days."""

    node: RoadNode
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


def grown(roadmap: Roadmap, knowledge: Knowledge) -> Twig:
    """The roadmap as twigs."""
    grower = _Grower(knowledge)
    return grower.numbered(grower.twig(roadmap.root, [], ()))


def responses(roadmap: Roadmap, knowledge: Knowledge) -> tuple[Twig, tuple[Twig, ...]]:
    """What is done today, and each response to it with what comes then, alone."""
    today = _told(knowledge, roadmap.root, None, ())
    rows = (Twig(b.node, (b.response,), _told(knowledge, b.node, b, today), ()) for b in roadmap.root.branches)
    return Twig(roadmap.root, (), today, ()), tuple(rows)


class _Grower:
    """Remembers the continuations drawn so far, each under a key of its own with the day it was drawn for."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.drawn: dict[object, tuple[int, date]] = {}
        self.pointed: dict[int, int] = {}
        self.shapes: dict[int, object] = {}

    def twig(self, node: RoadNode, same: list[Branch], before: tuple[str, ...]) -> Twig:
        """`same` are the branches that lead here; `before` are the sentences told on the way, which are not repeated."""
        told = _told(self.knowledge, node, same[0] if same else None, before)
        responses = tuple(b.response for b in same)
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
        under = tuple(self.twig(found[0].node, found, known) for found in self._merged(node))
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

    def _merged(self, node: RoadNode) -> list[list[Branch]]:
        """The branches of a node, those that lead to the same together."""
        same: dict[object, list[Branch]] = {}
        for branch in node.branches:
            same.setdefault(self._shape(branch), []).append(branch)
        return list(same.values())

    def _shape(self, branch: Branch) -> object:
        """Where a branch leads with all that follows, the days counted from its own."""
        node = branch.node
        told = tuple(_undated(t, node.as_of) for t in _told(self.knowledge, node, branch, ()))
        return told, node.cut, self._onward(node)

    def _onward(self, node: RoadNode) -> object:
        found = self.shapes.get(id(node))
        if found is None:
            start = date.fromisoformat(node.as_of)
            found = self.shapes[id(node)] = tuple(
                (b.response, b.therapy, (date.fromisoformat(b.judged_on) - start).days, self._shape(b)) for b in node.branches
            )
        return found


def _undated(text: str, as_of: str) -> str:
    """A sentence with its dates as days from the day it is said on."""
    start = date.fromisoformat(as_of)
    return _ISO.sub(lambda found: f"{(date.fromisoformat(found[0]) - start).days}d", text.replace(KEEP, " "))


def _told(knowledge: Knowledge, node: RoadNode, branch: Branch | None, before: tuple[str, ...]) -> tuple[str, ...]:
    """What a node says: the new therapy or the status, then the other things to do that were not told `before`.

    What is done; why it is done stands in the plan of that day.
    """
    own = _own(node, branch)
    rest = [a for a in node.actions if a not in own]
    told = tuple(t for t in _others(node, rest, bool(own)) if t not in before)
    kept = [knowledge.name(a.therapy) for a in rest if a.therapy and _kept(knowledge, a, node.next is not None)]
    beside = (knowledge.say("road_beside", names=", ".join(kept)),) if kept and (node.next or own) else ()
    if node.next is not None:
        signed = (knowledge.texts["road_sign_off"],) if node.sign_off else ()
        return (_headline(knowledge, node, branch), *beside, *signed, *told)
    going_on = tuple(_dosed(knowledge, a.text, a.says, node.dose if a.action != "continue" else None) for a in own)
    if node.status in GOES_ON and own:
        return (*going_on, *beside, *told)
    if node.status == "continue_current":
        return (knowledge.texts["status_continue_current"], *told)
    status = knowledge.say("road_status", status=knowledge.texts[f"status_{node.status}"], reason=node.status_text)
    return (status, *going_on, *beside, *told)


def _own(node: RoadNode, branch: Branch | None) -> list[RoadAction]:
    """The action of the therapy the node is about: the new one, else the one that is judged next, unless it is alarming."""
    ahead = node.branches[0] if node.branches else branch
    if node.next is not None:
        wanted = (node.next.therapy, node.next.action)
        return [a for a in node.actions if (a.therapy, a.action) == wanted][:1]
    about = ahead.therapy if ahead else None
    return [a for a in node.actions if a.therapy == about and a.action not in _ALARMS][:1]


def _others(node: RoadNode, rest: list[RoadAction], own: bool) -> list[str]:
    """What else is to be done. What a new therapy replaces ends, and the others go on: that goes without saying. Tests are
    for the plan to tell."""
    going = ("continue", "test") if own else ("test",)
    unsaid = (*going, "switch") if node.next else going
    texts = (a.text for a in rest if a.action not in unsaid and a.text != node.status_text)
    return list(dict.fromkeys(texts))


def _kept(knowledge: Knowledge, action: RoadAction, beside_new: bool) -> bool:
    """Whether a therapy goes on beside something else; beside a new one what stands behind the gate is told only."""
    line = knowledge.therapies[action.therapy].line if action.therapy else None
    return action.action == "continue" and (not beside_new or line in knowledge.algorithm.advanced)


def _headline(knowledge: Knowledge, node: RoadNode, branch: Branch | None) -> str:
    """The new therapy with its dose."""
    found = node.next
    if found is None:
        return ""
    text, says = next((a.text, a.says) for a in node.actions if (a.action, a.therapy) == (found.action, found.therapy))
    # What replaces another therapy is told alike, whether that one ends today or has ended.
    if branch is not None and (found.action in _REPLACES or (found.action == "add" and branch.response != "partial")):
        text = found.name
    return _dosed(knowledge, text, says, node.dose)


def _dosed(knowledge: Knowledge, text: str, says: tuple[str, ...], dose: str | None) -> str:
    """What is done, with the dose if it is not told in it."""
    done = text.removesuffix(".")
    return f"{done}{knowledge.say('road_dose', dose=dose)}" if dose and "dose" not in says else done


def label(knowledge: Knowledge, responses: tuple[str, ...]) -> str:
    """The responses that lead to a twig: 'No response or not tolerated'."""
    text = knowledge.texts[f"response_{responses[0]}"]
    for response in responses[1:]:
        text = knowledge.say("road_or", first=text, second=knowledge.texts[f"response_{response}"])
    return capital(text)


def said(knowledge: Knowledge, twig: Twig) -> str:
    """What a twig tells, as sentences."""
    shown = (capital(with_weekdays(knowledge, t)) for t in twig.told)
    return " ".join(t if t.endswith((".", "!", "?")) else f"{t}." for t in shown)


def judged(knowledge: Knowledge, twig: Twig) -> str:
    """When the therapy of a twig is judged, and what it goes on like; empty where the road ends."""
    if twig.node.cut:
        return knowledge.texts["road_cut"]
    if not twig.node.branches:
        return ""
    branch = twig.node.branches[0]
    when = day(knowledge, branch.judged_on)
    if any(branch.judged_on in t for t in twig.told):
        text = ""
    elif twig.node.next is not None and twig.node.next.therapy == branch.therapy:
        text = knowledge.say("road_judged", date=when)
    else:
        text = capital(knowledge.say("road_judged_of", name=knowledge.name(branch.therapy), date=when))
    return " ".join(t for t in (text, same(knowledge, twig) if twig.like else "") if t)


def same(knowledge: Knowledge, twig: Twig) -> str:
    """Where a continuation that was drawn before stands, and how much later it comes here."""
    if twig.later == 0:
        return knowledge.say("road_same", number=twig.like)
    key = "road_same_later" if twig.later > 0 else "road_same_earlier"
    weeks, days = divmod(abs(twig.later), 7)
    span = knowledge.say("road_days", count=abs(twig.later)) if days else knowledge.say("for_weeks", weeks=weeks)
    return knowledge.say(key, number=twig.like, span=span)
