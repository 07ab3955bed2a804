"""The road ahead: at each judgement of a therapy, what the planner itself answers for the hypothetical patient.

Nothing here is decided by hand: every node of the tree is the plan of a whole case, cut to its first lines.
"""

from collections.abc import Callable
from datetime import date
from typing import get_args

from dmcli import __version__
from dmcli.answer.knowledge_id import knowledge_id
from dmcli.case.model import Case
from dmcli.knowledge.agreed import acts
from dmcli.knowledge.codes import GOES_ON, Status
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Line
from dmcli.planner import decide_case
from dmcli.record import Record
from dmcli.result.actions import Action, ActionItem, Said
from dmcli.result.caveats import KnowledgeId, Tool
from dmcli.result.events import Checkpoint
from dmcli.result.reasons import Reason, reason
from dmcli.roadmap.followed import Decided, decided
from dmcli.roadmap.hypothetical_patient import Judgement, hypothetical

SCHEMA = "dmcli.roadmap/1"
DEPTH, DEEPEST = 1, 5
RESPONSES: tuple[Judgement, ...] = get_args(Judgement)
# How often therapies are judged again before anything new comes; each time is later than the one before.
_JUDGED_AGAIN = 6
_MANY = 3
_ASSUMED = ("road_followed", "road_unchanged", "road_complete", "road_not_tolerated")


class RoadNext(Record):
    therapy: str
    name: str
    action: Action
    line: Line


class RoadAction(Record):
    """What is to be done. Of a result `text` says what it asks for, without its value, which is as old as the case; `says`
    is what the sentence tells itself."""

    action: Action
    therapy: str | None
    text: str
    says: tuple[Said, ...]


class Branch(Record):
    """How `therapy` went when it was judged, and what comes then."""

    response: Judgement
    therapy: str
    judged_on: str
    node: "RoadNode"


class RoadNode(Record):
    """The plan of one day in short. `dose` is that of the next therapy, or of the one that goes on; None where it has
    none here. `sign_off`: the first dose waits for somebody's agreement. `cut`: the depth asked for hides what follows."""

    as_of: str
    start: str
    status: Status
    status_text: str
    next: RoadNext | None
    dose: str | None
    sign_off: bool
    actions: tuple[RoadAction, ...]
    branches: tuple[Branch, ...]
    cut: bool


class Roadmap(Record):
    schema: str
    tool: Tool
    knowledge: KnowledgeId
    case_id: str | None
    as_of: str
    depth: int
    root: RoadNode
    assumptions: tuple[Reason, ...]


def roadmap(
    case: Case,
    knowledge: Knowledge,
    *,
    depth: int = DEPTH,
    start: date | None = None,
    horizon_weeks: int | None = None,
    reading: str | None = None,
    weekends: bool | None = None,
    made: Callable[[], None] | None = None,
) -> Roadmap:
    """The tree for one case; its root is the plan of the case itself. `made` is called for each plan on the way.

    `depth` is the number of lines of therapy that are judged one after the other, 1 to 5; the first is the one the
    plan recommends, or where it recommends none, the running one. The rest is as for `plan`; `start` is for the
    first plan only, every later one starts on its own day.
    """
    if not 1 <= depth <= DEEPEST:
        raise ValueError(f"a depth of {depth} is not within 1 to {DEEPEST}")
    # What is prepared for many plans pays where many are made.
    walk = _Walk(knowledge.for_many() if depth >= _MANY else knowledge, horizon_weeks, reading, weekends, made=made)
    first = walk.plan(case, start)
    statements = knowledge.algorithm.statements
    return Roadmap(
        schema=SCHEMA,
        tool=Tool(__version__),
        knowledge=knowledge_id(knowledge),
        case_id=case.id,
        as_of=case.as_of.isoformat(),
        depth=depth,
        root=walk.node(case, first, depth, None, 0),
        assumptions=tuple(reason(statements[key]) for key in _ASSUMED),
    )


class _Walk:
    """One walk through the tree. `share` lets two branches of one day have the same continuation where their plans
    agree in all that lies ahead, which gives the same tree in less time."""

    def __init__(
        self,
        knowledge: Knowledge,
        horizon_weeks: int | None,
        reading: str | None,
        weekends: bool | None = None,
        share: bool = True,
        made: Callable[[], None] | None = None,
    ) -> None:
        self.knowledge, self.reading, self.weekends, self.share, self.made = knowledge, reading, weekends, share, made
        self.acts = acts(knowledge)
        self.limits = {a.limit.id: a.limit.text for applied in knowledge.limits.limits.values() for a in applied}
        both = (harm.two_lines for harm in knowledge.toxicities.values())
        self.limits |= {lines.id: lines.text for lines in both if lines is not None}
        self.horizon = horizon_weeks or int(knowledge.algorithm.settings["horizon_weeks"].value)

    def plan(self, case: Case, start: date | None = None, weeks: int | None = None) -> Decided:
        if self.made is not None:
            self.made()
        horizon, reading = weeks or self.horizon, self.reading
        core = decide_case(case, self.knowledge, start=start, horizon_weeks=horizon, reading=reading, weekends=self.weekends)
        return decided(core)

    def node(self, case: Case, made: Decided, lines: int, response: Judgement | None, again: int) -> RoadNode:
        """A node with what follows it. `lines` that are still to be judged, this one included; `response` that led
        here; `again` counts the judgements since the last new therapy."""
        judged = awaited(made, response)
        more = judged is not None and again < _JUDGED_AGAIN
        cut = more and made.next is not None and lines < 1
        left = lines - 1 if made.next is not None or response is None else lines
        branches: tuple[Branch, ...] = ()
        if judged is not None and more and not cut:
            branches = self._branches(case, made, judged, left, 0 if made.next else again + 1)
        return self._short(made, judged, branches, cut)

    def _branches(self, case: Case, made: Decided, judged: Checkpoint, left: int, again: int) -> tuple[Branch, ...]:
        day = date.fromisoformat(judged.date)
        made = self._reaching(case, made, day)
        known: list[tuple[tuple[object, ...], RoadNode]] = []
        found = []
        for response in RESPONSES:
            then = hypothetical(case, made, judged.therapy, day, response, self.knowledge)
            answer = self.plan(then)
            ahead = _ahead(answer, judged.therapy)
            same = next((n for a, n in known if self.share and a == ahead), None)
            if same is not None:
                node = self._short(answer, awaited(answer, response), same.branches, same.cut)
            else:
                node = self.node(then, answer, left, response, again)
                known += [(ahead, node)] if answer.next else []
            found.append(Branch(response, judged.therapy, judged.date, node))
        return tuple(found)

    def _reaching(self, case: Case, made: Decided, day: date) -> Decided:
        """The plan with a schedule that reaches the day."""
        start = date.fromisoformat(made.start)
        weeks = (day - start).days // 7 + 1
        return made if weeks <= self.horizon else self.plan(case, start, weeks)

    def _short(self, made: Decided, judged: Checkpoint | None, branches: tuple[Branch, ...], cut: bool) -> RoadNode:
        found = made.next
        about = found.therapy if found else judged.therapy if judged else None
        undosed = about is None or self.knowledge.therapies[about].no_dose is not None
        return RoadNode(
            as_of=made.as_of,
            start=made.start,
            status=made.status,
            status_text=made.status_text,
            next=RoadNext(found.therapy, found.name, found.action, found.line) if found else None,
            dose=None if undosed else next((a.dose for a in made.actions if a.therapy == about and a.dose), None),
            sign_off=any(b.kind == "confirm" and b.blocks and b.id not in self.acts for b in made.before_starting),
            actions=tuple(RoadAction(a.action, a.therapy, self._asked(a), a.says) for a in made.actions),
            branches=branches,
            cut=cut,
        )

    def _asked(self, item: ActionItem) -> str:
        """The sentence of an action; of a result what it asks for, without its value."""
        asked = self.limits.get(item.because[0].rule or "") if item.because else None
        return asked if asked is not None and asked in item.text else item.text


def awaited(made: Decided, response: Judgement | None) -> Checkpoint | None:
    """The judgement that comes next: of the new therapy, else of what runs and goes on. After a complete response
    nothing that runs is left to judge. `response` is the one that led to the plan; None at the root."""
    judged = [c for c in made.checkpoints if c.kind == "judge"]
    if made.next is not None:
        mine = [c for c in judged if c.therapy == made.next.therapy]
    elif response == "complete" or made.status not in GOES_ON:
        return None
    else:
        mine = judged
    # What is due today is judged today only where the case does not say yet how it went.
    open_ = {h.therapy for h in made.history if h.verdict == "unknown"} if response is None else set()
    return next((c for c in mine if c.date > made.as_of or c.therapy in open_), None)


def _ahead(made: Decided, judged: str) -> tuple[object, ...]:
    """All of a plan that what comes later depends on, once `judged` has failed or was not tolerated. Both close it;
    whether it ends with this plan or has ended before makes no difference any more."""
    return (
        made.status,
        made.next.therapy if made.next else None,
        tuple(option for option in made.options if option[0] != judged),
        tuple(p for p in made.regimen if p.role != "stop"),
        made.schedule,
        made.checkpoints,
    )
