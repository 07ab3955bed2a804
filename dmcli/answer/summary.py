"""The short answer: at most twelve lines a clinician can act on first. Sentences come from the knowledge."""

from collections.abc import Iterable

from dmcli.knowledge.agreed import acts
from dmcli.knowledge.model import Knowledge
from dmcli.result.actions import ActionItem, Next, SummaryLine
from dmcli.result.events import ScheduleItem
from dmcli.result.plan import Plan

MAX_LINES = 12
_SHOWN = 4
# What cannot wait stands before the status, and what else is to be done where nothing new is started is cut to so many.
_URGENT = ("stop", "hold", "refer")
_OTHERS = 3
_BESIDE = 2


def build_summary(plan: Plan, knowledge: Knowledge) -> tuple[SummaryLine, ...]:
    """What is next and why, dose and dates, what blocks the first dose, the first checks, when to judge."""
    return _Summary(plan, knowledge).lines()


class _Summary:
    """The lines of one plan, each part by a rule of its own."""

    def __init__(self, plan: Plan, knowledge: Knowledge) -> None:
        self.plan, self.knowledge = plan, knowledge
        self.urgent = [i for i in plan.actions if i.priority == "now" and i.action in _URGENT and not self._says_the_status(i)]
        self.overdue = [i for i in plan.actions if i.action == "test" and i.therapy is None]

    def lines(self) -> tuple[SummaryLine, ...]:
        # What must stop or be asked today stands before everything else.
        first = [*self._urgent(), self._status(), *(SummaryLine(None, i.text, True) for i in self.overdue)]
        answer = [*self._next(self.plan.next), *self._beside(self.plan.next)] if self.plan.next else self._to_do()
        later = [
            *self._coming(), *self._before(), *self._checks(), *self._judge(), *self._unknown(), *self._note(), *self._warnings()
        ]  # fmt: skip
        said = {line.text for line in (*first, *answer) if line.label is None}
        return tuple([*first, *answer, *(line for line in later if line.text not in said)][:MAX_LINES])

    def _line(self, key: str, text: str, **values: object) -> SummaryLine:
        return SummaryLine(self.knowledge.say(f"label_{key}", **values), text)

    def _says_the_status(self, item: ActionItem) -> bool:
        return "reason" in item.says and item.because[0] == self.plan.status_because[0]

    def _status(self) -> SummaryLine:
        return SummaryLine(self.knowledge.texts[f"status_{self.plan.status}"], self.plan.status_because[0].text)

    def _urgent(self) -> list[SummaryLine]:
        """What must be done today; the first line about a therapy says why."""
        found: dict[str, None] = {}
        told: set[str] = set()
        for item in self.urgent[:_SHOWN]:
            unsaid = item.because[1:] if "reason" in item.says else item.because
            why = unsaid[0].text if unsaid else None
            if why is None or why in told:
                found[item.text] = None
            else:
                told.add(why)
                found[self.knowledge.say("sum_urgent_why", text=item.text.removesuffix("."), why=why)] = None
        return [SummaryLine(None, text, True) for text in found]

    def _to_do(self) -> list[SummaryLine]:
        """Where nothing new is started: what to do, and why where the sentence does not say it itself."""
        said = (*self.urgent, *self.overdue)
        items = [i for i in self.plan.actions if i not in said and not self._says_the_status(i)]
        return [self._line("do", self._with_reason(i)) for i in items[:_OTHERS]]

    def _with_reason(self, item: ActionItem) -> str:
        if "reason" in item.says or not item.because:
            return item.text
        return self.knowledge.say("sum_do_why", text=item.text.removesuffix("."), why=item.because[0].text)

    def _next(self, found: Next) -> list[SummaryLine]:
        action = next(i for i in self.plan.actions if i.therapy == found.therapy and i.action == found.action)
        lines = [self._line("next", action.text), self._line("because", self._why(found))]
        mine = [i for i in self.plan.schedule if i.therapy == found.therapy and not i.hold_point]
        if not mine:
            return [*lines, self._line("dose", action.dose or "")]
        return [*lines, self._line("dose", self._dose(action, mine[0])), self._line("dates", self._dates(mine))]

    def _dose(self, action: ActionItem, first: ScheduleItem) -> str:
        """The regimen, with the arithmetic of its first dose; of a course without arithmetic what it is."""
        shown = first.arithmetic or (first.text if first.event == "course" else None)
        if shown is None:
            return action.dose or first.text
        return self.knowledge.say("sum_dose", dose=action.dose, arithmetic=shown)

    def _dates(self, mine: list[ScheduleItem]) -> str:
        """The first days; of a dose that is taken all along with the dose of each."""
        days = list(dict.fromkeys(i.date for i in mine))
        if mine[0].event == "course":
            shown = ", ".join(days[:_SHOWN])
        else:
            steps = (self.knowledge.say("sum_step", date=i.date, dose=i.dose_text or i.text) for i in mine[:_SHOWN])
            shown = "; ".join(steps)
        more = len(days) - _SHOWN
        return self.knowledge.say("sum_more", dates=shown, count=more) if more > 0 else shown

    def _why(self, found: Next) -> str:
        """Why not what stands before it in its line; for the first of a line, why the line."""
        line = [o for o in self.plan.options if o.line == found.line]
        before = line[: [o.therapy for o in line].index(found.therapy)]
        told = [self._about(o.name, r.text) for o in before for r in found.because if r.about == o.therapy]
        return " ".join(told) if told else found.because[1].text

    @staticmethod
    def _about(name: str, text: str) -> str:
        return f"{name[:1].upper()}{name[1:]}: {text}"

    def _beside(self, found: Next) -> list[SummaryLine]:
        """What becomes of other therapies, where it is more than that they go on."""
        overlapping = {part.therapy for part in self.plan.regimen if part.role == "overlap"}
        others = (i for i in self.plan.actions if i not in self.urgent and i.therapy not in (None, found.therapy))
        beside = [i.text for i in others if i.therapy in overlapping or i.action != "continue"]
        return [self._line("overlap", text) for text in beside[:_BESIDE]]

    def _coming(self) -> list[SummaryLine]:
        """The days of the next course of each running therapy."""
        chosen = self.plan.next.therapy if self.plan.next else None
        courses: dict[str, dict[int, list[str]]] = {}
        for item in self.plan.schedule:
            if item.course is not None and item.therapy != chosen:
                courses.setdefault(item.therapy, {}).setdefault(item.course, []).append(item.date)
        first = {therapy: next(iter(found.values())) for therapy, found in courses.items()}
        return [self._line("course", ", ".join(days), name=self.knowledge.name(t)) for t, days in first.items()]

    def _before(self) -> list[SummaryLine]:
        blocking = [b for b in self.plan.before_starting if b.blocks]
        seen_to = self.knowledge.once("acts", lambda: acts(self.knowledge))
        signed = {b.id for b in blocking if b.kind == "confirm" and b.id not in seen_to}
        items = [self.knowledge.say("sum_sign_off", count=len(signed))] if signed else []
        items += [b.what for b in blocking if b.id not in signed]
        return [self._line("before", self._listed(items), count=len(blocking))] if blocking else []

    def _checks(self) -> list[SummaryLine]:
        if not self.plan.monitoring:
            return []
        first = self.plan.monitoring[0]
        names = [self.knowledge.say("sum_overdue", test=t.name) if t.overdue_since else t.name for t in first.tests]
        return [self._line("checks", self._listed(names), date=first.date)]

    def _judge(self) -> list[SummaryLine]:
        return [
            self._line("judge", self.knowledge.say("sum_judge", date=first.date, name=self.knowledge.name(first.therapy)))
            for first in [point for point in self.plan.checkpoints if point.kind == "judge"][:1]
        ]

    def _unknown(self) -> list[SummaryLine]:
        if self.plan.next or not self.plan.unknowns:
            return []
        return [self._line("unknown", " ".join(u.question for u in self.plan.unknowns[:_SHOWN]))]

    def _note(self) -> list[SummaryLine]:
        other = self.plan.reading.other_reading
        return [self._line("note", other.text)] if other else []

    def _warnings(self) -> Iterable[SummaryLine]:
        return (self._line("warning", warning.text) for warning in self.plan.warnings)

    def _listed(self, names: list[str]) -> str:
        shown = "; ".join(name.rstrip(".") for name in names[:_SHOWN])
        rest = len(names) - _SHOWN
        return self.knowledge.say("sum_and_more", items=shown, count=rest) if rest > 0 else shown
