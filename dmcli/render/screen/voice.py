"""How the first screen words things: short names, days, and nothing a second time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby, pairwise

from dmcli.knowledge.limits import Limit, TwoLines
from dmcli.knowledge.model import Knowledge
from dmcli.render.document import KEEP
from dmcli.render.short_names import ShortNames
from dmcli.render.wording import capital
from dmcli.result.plan import Plan

_WEEK = 7
_FEW, _RUNS = 3, 2
# The depths at which room is short, each leaving out what those before it did: lists without their boxes, of each test its
# first day alone, nothing that is to be agreed and holds no dose back, no volume and rates, nothing of what would come
# instead, nothing that holds no dose back and of limits that there are some.
RUN_IN, FIRST_TESTS, LEAST, NO_RATES, NO_INSTEAD, SHORTEST = -1, -2, -3, -4, -5, -6


class Voice:
    """The words for one plan at one depth, and what was said already.

    From 2 with all reasons over 0 with what decides to those at which room is short.
    """

    def __init__(self, plan: Plan, knowledge: Knowledge, depth: int) -> None:
        self.plan, self.knowledge, self.depth = plan, knowledge, depth
        self._names = ShortNames(knowledge)
        self._told: set[str] = set()
        days = [*(i.date for i in plan.schedule), *(d.date for d in plan.monitoring)]
        self._end = max(days, default=plan.as_of)

    @cached_property
    def limits(self) -> dict[str, Limit]:
        """Every limit on treatment by its id, each once; many drugs share one."""
        return {a.limit.id: a.limit for applied in self.knowledge.limits.limits.values() for a in applied}

    @cached_property
    def results(self) -> dict[str, Limit | TwoLines]:
        """What a result of today may be told by: the limits, and two cell lines at once."""
        pairs = (harm.two_lines for harm in self.knowledge.toxicities.values())
        return {**self.limits, **{both.id: both for both in pairs if both is not None}}

    def say(self, key: str, **values: object) -> str:
        return self.knowledge.say(f"screen_{key}", **values)

    def name(self, target: str) -> str:
        """The short name of a therapy or test where it has one."""
        return self._names.name(target)

    def names(self, targets: Iterable[str]) -> str:
        return ", ".join(dict.fromkeys(self.name(t) for t in targets))

    def short(self, text: str) -> str:
        """A sentence with the short names for the long ones."""
        return self._names.said(text)

    def once(self, text: str) -> str:
        """The sentence with short names and a capital, or nothing where it was said before."""
        told = capital(self.short(text)).strip()
        key = told.rstrip(".").lower()
        if key in self._told:
            return ""
        self._told.add(key)
        return told

    def inside(self, text: str) -> str:
        """What begins a sentence, as it stands within one."""
        return self._names.inside(text)

    def sentences(self, texts: Iterable[str]) -> str:
        """What was not said yet of some sentences, each with its full stop."""
        return " ".join(stopped(told) for told in (self.once(text) for text in texts) if told)

    def given(self, doses: Sequence[str]) -> str:
        """The doses of the days of a course: `70 g a day for 2 days`, and where days differ each dose with its days."""
        if len(doses) == 1:
            return doses[0]
        runs = [(dose, len(list(same))) for dose, same in groupby(doses)]
        told = (self.say("dose_day" if days == 1 else "dose_days", dose=dose, days=days) for dose, days in runs if dose)
        return self.say("dose_then").join(told)

    def day(self, iso: str) -> str:
        """A day with its weekday."""
        if ".." in iso:
            return iso
        return f"{self.knowledge.texts['weekdays'].split()[date.fromisoformat(iso).weekday()]}{KEEP}{iso}"

    def days(self, isos: list[str]) -> str:
        """Days in order: few are listed, many are told by their rhythm."""
        if len(isos) <= _FEW:
            return ", ".join([self.day(isos[0]), *isos[1:]])
        runs = list(_rhythms([date.fromisoformat(iso) for iso in isos]))
        if len(runs) == 1 or (len(runs) == _RUNS and all(len(run) >= _FEW for run in runs)):
            first, *then = (self._rhythm(_gaps(run), run[-1]) for run in runs)
            return ", ".join([self.day(isos[0]), first, *(self.say("rhythm_then", rhythm=rhythm) for rhythm in then)])
        if len(runs[0]) > _FEW:
            told, at = f"{self.day(isos[0])}, {self._rhythm(_gaps(runs[0]), runs[0][-1])}", len(runs[0]) - 1
        else:
            told, at = ", ".join([self.day(isos[0]), *isos[1:_FEW]]), _FEW - 1
        rest = [date.fromisoformat(iso) for iso in isos[at:]]
        return f"{told}, {self.say('rhythm_then', rhythm=self._rhythm(_gaps(rest), rest[-1]))}"

    def _rhythm(self, gaps: tuple[int, int], last: date) -> str:
        """Every so many weeks to a last day; of uneven gaps the longest."""
        low, high = gaps
        key = "weekly" if low == high == _WEEK else "days" if high % _WEEK else "weeks"
        key = f"least_{key}" if low != high else key
        text = self.say(f"rhythm_{key}", **({} if key == "weekly" else {"gap": high if high % _WEEK else high // _WEEK}))
        goes_on = last + timedelta(days=high) > date.fromisoformat(self._end)
        return text if goes_on else self.say("rhythm_to", rhythm=text, last=last.isoformat())


def _gaps(run: list[date]) -> tuple[int, int]:
    gaps = [(after - before).days for before, after in pairwise(run)]
    return min(gaps), max(gaps)


def _rhythms(days: list[date]) -> Iterator[list[date]]:
    """The days in runs of one gap each; a run begins with the last day of the one before."""
    run = days[:2]
    for day in days[2:]:
        if day - run[-1] == run[-1] - run[-2]:
            run.append(day)
        else:
            yield run
            run = [run[-1], day]
    yield run


def stopped(text: str) -> str:
    """A sentence with its full stop."""
    return text if text.endswith((".", "?", ":")) else f"{text}."


def awaits_results(plan: Plan) -> bool:
    """Whether the first dose waits for a test that is ordered today."""
    return any(item.blocks and item.kind == "order" for item in plan.before_starting)
