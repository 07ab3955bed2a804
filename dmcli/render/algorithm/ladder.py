"""The ladder of the algorithm: what is checked first, the gate, the lines in their order, and what leads to the next rung."""

from collections.abc import Iterator
from typing import Literal, get_args

from dmcli.knowledge.algorithm import LineRule
from dmcli.knowledge.codes import Status
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Line as LineName
from dmcli.record import Record
from dmcli.render.registry import View
from dmcli.render.short_names import ShortNames
from dmcli.render.wording import capital, word
from dmcli.result.caveats import KnowledgeId
from dmcli.result.options import OptionStatus
from dmcli.result.plan import Plan, as_data

SCHEMA = "dmcli.algorithm/1"
_FIRST, _GATE, _NEVER = "first", "gate", "never_chosen"
# The lines whose members no rule ever chooses.
_UNCHOSEN: tuple[LineName, ...] = ("specialist", "avoid", "not_recommended")

State = Literal["passed", "here", "ahead"]


class Said(Record):
    """A rule as it is told; `of` is what it is about: a status, or the direction in which a therapy is moved."""

    rule: str
    of: str
    text: str


class Member(Record):
    """A therapy of a line; `status` is that of the option for the patient who is asked about."""

    therapy: str
    name: str
    status: OptionStatus | None


class Rung(Record):
    """One rung. `leads` says what leads to the next one, None at the end; `state` where this patient stands."""

    id: str
    title: str
    text: str
    members: tuple[Member, ...]
    rules: tuple[Said, ...]
    leads: str | None
    state: State | None


class Ladder(Record):
    """The whole algorithm; `case_id`, `as_of` and the states only with a patient."""

    schema: str
    knowledge: KnowledgeId
    case_id: str | None
    as_of: str | None
    rungs: tuple[Rung, ...]


def data(plan: Plan | None, knowledge: Knowledge, _view: View) -> object:
    """The ladder as plain data."""
    return as_data(ladder(plan, knowledge))


def ladder(plan: Plan | None, knowledge: Knowledge) -> Ladder:
    """The ladder, with the way of a patient where there is a plan."""
    rungs = tuple(_rungs(plan, knowledge))
    if plan is not None:
        here = next(number for number, rung in enumerate(rungs) if rung.id == _here(plan, knowledge))
        states = (("passed", "here", "ahead")[(number > here) + (number >= here)] for number in range(len(rungs)))
        rungs = tuple(rung.changed(state=state) for rung, state in zip(rungs, states, strict=True))
    made = plan or None
    version = KnowledgeId(knowledge.version, knowledge.sha256)
    return Ladder(SCHEMA, version, made.case_id if made else None, made.as_of if made else None, rungs)


def _rungs(plan: Plan | None, knowledge: Knowledge) -> Iterator[Rung]:
    algorithm, texts = knowledge.algorithm, knowledge.texts
    statuses = [rule for status in get_args(Status) for rule in algorithm.statuses if rule.status == status]
    said = tuple(Said(rule.id, word(knowledge, "status", rule.status), rule.text) for rule in statuses)
    yield Rung(_FIRST, texts["ladder_first"], texts["ladder_first_text"], (), said, texts["ladder_from_first"], None)
    for place, line in enumerate(algorithm.lines):
        yield _line(plan, knowledge, line)
        if place == 0:
            yield _gate(knowledge)
    unchosen = [t for name in _UNCHOSEN for t in knowledge.therapies.values() if t.line == name]
    members = tuple(_member(plan, knowledge, therapy.id) for therapy in unchosen)
    yield Rung(_NEVER, texts["ladder_unchosen"], texts["ladder_unchosen_text"], members, (), None, None)


def _line(plan: Plan | None, knowledge: Knowledge, line: LineRule) -> Rung:
    moves = [move for move in knowledge.algorithm.moves if set(move.targets) & set(line.members)]
    said = tuple(Said(move.id, knowledge.texts[f"ladder_to_{move.to}"], move.text) for move in moves)
    members = tuple(_member(plan, knowledge, therapy) for therapy in line.members)
    title = capital(word(knowledge, "line", line.name))
    # What the first line leads to is the gate, which says itself what it asks for.
    leads = knowledge.texts["ladder_tried" if line.name == knowledge.algorithm.gate.line else f"ladder_{line.leave}"]
    return Rung(line.id, title, line.text, members, said, leads, None)


def _gate(knowledge: Knowledge) -> Rung:
    gate = knowledge.algorithm.gate
    said = [Said(need.id, knowledge.texts["ladder_needs"], need.text) for need in gate.requirements]
    said.append(Said(gate.id, knowledge.texts["ladder_bypass"], gate.bypass_text))
    return Rung(_GATE, knowledge.texts["ladder_gate"], gate.text, (), tuple(said), knowledge.texts["ladder_from_gate"], None)


def _member(plan: Plan | None, knowledge: Knowledge, therapy: str) -> Member:
    status = next((o.status for o in plan.options if o.therapy == therapy), None) if plan is not None else None
    return Member(therapy, ShortNames(knowledge).name(therapy), status)


def _here(plan: Plan, knowledge: Knowledge) -> str:
    """The rung on which the patient stands: that of the next therapy, else of the furthest that runs, else what decided."""
    lines = {therapy: line.id for line in knowledge.algorithm.lines for therapy in line.members}
    if plan.next is not None:
        return lines.get(plan.next.therapy, _NEVER)
    if plan.status == "conventional_therapy":
        return _GATE
    order = [line.id for line in knowledge.algorithm.lines]
    running = sorted((lines[taken.therapy] for taken in plan.patient.running if taken.therapy in lines), key=order.index)
    return running[-1] if plan.status == "continue_current" and running else _FIRST
