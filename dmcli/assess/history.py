"""What was tried: each course gets one verdict by the rules of the knowledge, each therapy the verdict of its courses."""

from collections.abc import Mapping
from typing import NamedTuple

from dmcli.assess.checked import Checked
from dmcli.assess.doses import at_tolerated_dose
from dmcli.assess.facts import Facts
from dmcli.assess.score_response import ScoredResponse, derived_outcome
from dmcli.assess.trial import attributes, stated_outcome
from dmcli.case.model import Case, Course
from dmcli.knowledge.algorithm import VerdictRule
from dmcli.knowledge.codes import GOOD
from dmcli.knowledge.evaluate import Scope, Value
from dmcli.knowledge.files import AlgorithmFile
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Span
from dmcli.values.truth import Truth


class Judged(NamedTuple):
    """A course with its verdict, what gave it (None: nothing fitted) and what is missing to judge.

    `outcome` is the one that was used: as stated, else as `scored`, else unknown; `names` are those that rules may use of
    the course.
    """

    course: Course
    outcome: str
    scored: ScoredResponse | None
    verdict: str
    because: Checked | None
    weeks: Span | None
    missing: frozenset[str]
    names: dict[str, Value]

    @property
    def rule(self) -> VerdictRule | None:
        """The rule that gave the verdict."""
        return self.because.rule if self.because is not None else None

    @property
    def facts(self) -> dict[str, Value]:
        """What the rule found."""
        return self.because.finding.facts if self.because is not None else {}


class History(NamedTuple):
    """Every course with its verdict, also by therapy, and the algorithm, which says what groups of verdicts mean; `counting`
    are those of each therapy that say something of the skin, `verdicts` says which verdict counts for it, `on_board` the
    last course that runs; `closing` are those whose harm closed the class of their therapy, `unjudged` those whose verdict
    is unknown."""

    judged: tuple[Judged, ...]
    algorithm: AlgorithmFile
    by_therapy: dict[str, tuple[Judged, ...]]
    counting: Mapping[str, tuple[Judged, ...]]
    verdicts: Mapping[str, str | None]
    on_board: Mapping[str, Judged]
    closing: tuple[Judged, ...]
    unjudged: tuple[Judged, ...]

    def of(self, therapy: str, skin_only: bool = False) -> tuple[Judged, ...]:
        found = self.by_therapy.get(therapy, ())
        return tuple(j for j in found if j.course.for_skin) if skin_only else found

    def verdict(self, therapy: str) -> str | None:
        """The verdict that counts for a therapy; None where no course of it says anything of the skin."""
        return self.verdicts.get(therapy)

    def verdict_in(self, therapy: str, verdicts: tuple[str, ...]) -> Truth:
        """Whether the verdict of a therapy is among some; unknown while a finished course cannot be judged."""
        verdict = self.verdict(therapy)
        return None if verdict == "unknown" else verdict in verdicts

    def worked(self, therapy: str) -> bool:
        """Whether the therapy had worked and was stopped, so that it comes back first."""
        judged = self.last(therapy)
        if judged is None or judged.course.running:
            return False
        verdict = self.verdict(therapy)
        return verdict in self.algorithm.worked or (verdict == "stopped_other" and judged.outcome in GOOD)

    def under_way(self, therapy: str) -> bool:
        """Whether it runs and is not to be judged yet, helps, or cannot be judged."""
        judged = self.running(therapy)
        return judged is not None and judged.verdict in self.algorithm.under_way

    def last(self, therapy: str) -> Judged | None:
        mine = self.counting.get(therapy)
        return mine[-1] if mine else None

    @property
    def therapies_running(self) -> tuple[str, ...]:
        return tuple(j.course.therapy for j in self.judged if j.course.running)

    def running(self, therapy: str) -> Judged | None:
        return self.on_board.get(therapy)


def class_closer(history: History, therapy: str, knowledge: Knowledge) -> Judged | None:
    """The course whose harm closed the whole class of a therapy, if there is one."""
    for judged in history.closing:
        closed = knowledge.therapies[judged.course.therapy].classes
        if any(name in closed for name in knowledge.therapies[therapy].classes):
            return judged
    return None


def judge(case: Case, facts: Facts, knowledge: Knowledge) -> History:
    """Every course with its verdict, the courses of one therapy in the order of time."""
    algorithm = knowledge.algorithm
    judged = tuple([_judge(c, case, facts, knowledge) for c in _in_time(case.courses)])
    by_therapy: dict[str, tuple[Judged, ...]] = {}
    for one in judged:
        by_therapy[one.course.therapy] = (*by_therapy.get(one.course.therapy, ()), one)
    counting = {therapy: _counting(mine, algorithm) for therapy, mine in by_therapy.items()}
    return History(
        judged,
        algorithm,
        by_therapy,
        counting,
        verdicts={therapy: _counted(mine, algorithm) for therapy, mine in counting.items()},
        on_board={j.course.therapy: j for j in judged if j.course.running},
        closing=tuple([j for j in judged if j.course.scope == "class" and j.verdict in algorithm.harmful]),
        unjudged=tuple([j for j in judged if j.verdict == "unknown"]),
    )


def _counting(mine: tuple[Judged, ...], algorithm: AlgorithmFile) -> tuple[Judged, ...]:
    """The courses that say something of the skin: those given for it, what runs beside it, and harm whatever it was for."""
    harm = (*algorithm.harmful, *algorithm.not_tolerated)
    return tuple([j for j in mine if j.course.for_skin or j.course.running or j.verdict in harm])


def _counted(mine: tuple[Judged, ...], algorithm: AlgorithmFile) -> str | None:
    """The verdict of the courses of a therapy: the last course's, unless an earlier failure or harm still stands."""
    if not mine:
        return None
    last = mine[-1].verdict
    closing = [j.verdict for j in mine if j.verdict in algorithm.passed]
    standing = [verdict for verdict in closing if verdict in algorithm.not_outweighed]
    if standing and mine[-1].course.running:
        return standing[-1]
    return closing[-1] if closing and last not in algorithm.outweighing else last


def _in_time(courses: tuple[Course, ...]) -> list[Course]:
    """Courses as they followed each other; the case's own order where a therapy has an undated one."""
    therapies = {c.therapy for c in courses}
    ordered = list(courses)
    if len(therapies) == len(courses):
        return ordered
    undated = {c.therapy for c in courses if c.start is None and c.stop is None}
    for therapy in therapies - undated:
        places = [i for i, c in enumerate(courses) if c.therapy == therapy]
        mine = sorted(
            (courses[i] for i in places),
            key=lambda course: (course.running, min(d.first for d in (course.start, course.stop) if d)),
        )
        for place, course in zip(places, mine, strict=True):
            ordered[place] = course
    return ordered


def _judge(stated: Course, case: Case, facts: Facts, knowledge: Knowledge) -> Judged:
    therapy = knowledge.therapies[stated.therapy]
    course = at_tolerated_dose(stated, therapy)
    names, weeks = attributes(course, therapy, case, facts, knowledge)
    scored = derived_outcome(course, case, facts, knowledge)
    outcome = stated_outcome(course) or (scored.rule.outcome if scored else "unknown")
    names["course_outcome"] = outcome
    scope = Scope({**facts.values, **names}, {}, facts.behind)
    rules, values = knowledge.in_turn("verdicts", course.therapy, scope)
    open_rules = [rule for rule, value in zip(rules, values, strict=False) if value is None]
    rule: VerdictRule | None = rules[len(values) - 1] if values and values[-1] is True else None
    # A verdict is given only where every open possibility agrees with it, or where it stands beside them.
    agreed = rule is not None and (rule.stands or all(r.verdict == rule.verdict for r in open_rules))
    verdict, because = (rule.verdict, Checked(rule, True, scope, knowledge)) if rule is not None and agreed else ("unknown", None)
    lacking = _NOTHING
    if verdict == "unknown":
        missing = _NOTHING.union(*[knowledge.finding(left.when, scope).missing for left in open_rules])
        lacking = _lacking(missing, names, weeks, course)
    return Judged(course, outcome, scored, verdict, because, weeks, lacking, names)


_NOTHING: frozenset[str] = frozenset()
_PLAIN = {"course_outcome": "outcome", "course_scope": "scope", "course_reason": "reason", "relapse_after": "relapse.after"}


def _lacking(missing: frozenset[str], names: dict[str, Value], weeks: Span | None, course: Course) -> frozenset[str]:
    """What is missing to judge a course, as the case file calls it: `treatments.<therapy>.outcome`."""
    if not course.running and names["course_outcome"] == "unknown":
        # A past course whose outcome is told gets a verdict, whatever else is not.
        return frozenset((f"treatments.{course.therapy}.outcome",))
    lacking = {_PLAIN.get(m, m) for m in missing}
    if weeks is None or weeks.low != weeks.high:
        lacking.add("start")
    if names.get("dose_known") is not True:
        lacking.add("dose")
    if names.get("courses_known") is not True:
        lacking.add("courses")
    if names["course_outcome"] == "unknown" or not lacking:
        lacking.add("outcome")
    return frozenset(f"treatments.{course.therapy}.{m}" for m in lacking)
