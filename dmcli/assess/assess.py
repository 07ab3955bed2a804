"""One patient against the knowledge: facts, history, safety of every therapy, and the meaning of the condition functions."""

from collections.abc import Callable
from typing import NamedTuple

from dmcli.assess.doses import present_dose
from dmcli.assess.facts import Facts, resolve, stated_functions, taking_drug
from dmcli.assess.history import History, Judged, class_closer, judge
from dmcli.assess.limits import reached
from dmcli.assess.safety import Fired, Safety, examine, on_board, other_drugs
from dmcli.case.model import Case
from dmcli.evaluate import Answer, Finding, Scope, evaluate
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr, Rule
from dmcli.truth import Truth, any_of

_NOTHING: frozenset[str] = frozenset()
_WORKED_OUTCOMES = ("complete", "near_complete")
UNDER_WAY = ("too_early", "partial", "responding", "unknown")


class Assessment(NamedTuple):
    """`running` are the therapies of the catalogue on board, whatever they are given for; `continuing` those of
    them that are not contraindicated now; `limits` are those their results are beyond."""

    case: Case
    knowledge: Knowledge
    facts: Facts
    history: History
    scope: Scope
    safety: dict[str, Safety]
    running: tuple[str, ...]
    continuing: tuple[str, ...]
    limits: dict[str, tuple[Fired, ...]]
    trace: list[tuple[str, Finding]]

    def holds(self, rule: Rule) -> Finding:
        """Evaluate a rule of the algorithm and keep it in the trace."""
        finding = self.find(rule.when)
        self.trace.append((rule.id, finding))
        return finding

    def find(self, condition: Expr) -> Finding:
        return evaluate(self.knowledge.tree(condition), self.scope)


def assess(case: Case, knowledge: Knowledge) -> Assessment:
    """Everything that is true of the patient, before anything is chosen."""
    facts = resolve(case, knowledge)
    history = judge(case, facts, knowledge)
    safety: dict[str, Safety] = {}
    scope = Scope(facts.values, _functions(case, knowledge, facts, history, safety), facts.behind)
    running = on_board(case, knowledge)
    limits = {t: reached(t, case, history.running(t), scope, knowledge) for t in running}
    for therapy in running:
        safety[therapy] = examine(therapy, (), scope, knowledge)._replace(stops=_stops(limits[therapy]))
    continuing = tuple(
        t for t in running if left_to_prescriber(t, knowledge) or (safety[t].excluded is not True and not recorded(t, history))
    )
    partners = (*continuing, *other_drugs(case, knowledge))
    for therapy in knowledge.therapies:
        # What stops today excludes nothing: the combination that would result counts.
        found = examine(therapy, partners, scope, knowledge)
        safety[therapy] = found._replace(stops=_stops(limits.get(therapy, ())))
    return Assessment(case, knowledge, facts, history, scope, safety, running, continuing, limits, [])


def _stops(limits: tuple[Fired, ...]) -> tuple[Fired, ...]:
    return tuple(f for f in limits if f.rule.action == "stop")


def recorded(therapy: str, history: History) -> bool:
    """Whether the record of the running course says that it is contraindicated."""
    judged = history.running(therapy)
    return judged is not None and judged.verdict == "contraindicated"


def left_to_prescriber(therapy: str, knowledge: Knowledge) -> bool:
    """Whether stopping a therapy is its own prescriber's decision."""
    return any(therapy in knowledge.members(target) for target in knowledge.algorithm.prescriber_decides)


def verdict_group(history: History, therapy: str, group: tuple[str, ...]) -> Truth:
    """Whether the verdict of a therapy is in a group; unknown while a finished course cannot be judged."""
    verdict = history.verdict(therapy)
    if verdict == "unknown":
        return None
    return verdict in group


def worked(history: History, therapy: str, verdicts: tuple[str, ...]) -> bool:
    """Whether the therapy had worked and was stopped, so that it comes back first."""
    judged = history.last(therapy)
    if judged is None or judged.course.running:
        return False
    verdict = history.verdict(therapy)
    return verdict in verdicts or (verdict == "stopped_other" and judged.outcome in _WORKED_OUTCOMES)


def _functions(
    case: Case, knowledge: Knowledge, facts: Facts, history: History, safety: dict[str, Safety]
) -> dict[str, Callable[..., Answer]]:
    algorithm = knowledge.algorithm

    def members(target: str) -> tuple[str, ...]:
        return knowledge.members(target)

    def about(target: str) -> frozenset[str]:
        missing = [m for t in members(target) for j in history.of(t) if j.verdict == "unknown" for m in j.missing]
        return frozenset(missing)

    def passed_one(therapy: str) -> tuple[Truth, frozenset[str]]:
        tried = verdict_group(history, therapy, algorithm.passed)
        out = safety[therapy].excluded
        closed = therapy in case.declined or bool(safety[therapy].infeasible)
        missing = frozenset(m for f in safety[therapy].contraindications for m in f.finding.missing)
        return any_of((tried, out, closed)), about(therapy) | missing

    def failed(target: str) -> Answer:
        return any_of(verdict_group(history, t, algorithm.failed) for t in members(target)), about(target)

    def exhausted(target: str) -> Answer:
        return any_of(verdict_group(history, t, algorithm.exhausted) for t in members(target)), about(target)

    def passed(target: str) -> Answer:
        answers = [passed_one(t) for t in members(target)]
        return any_of(truth for truth, _ in answers), _NOTHING.union(*(missing for _, missing in answers))

    def last(target: str) -> Judged | None:
        return next((j for j in reversed(history.judged) if j.course.therapy in members(target)), None)

    def weeks_on(target: str) -> Answer:
        judged = last(target)
        return (judged.weeks if judged else None), frozenset((f"treatments.{target}.start",))

    def weekly_dose(target: str) -> Answer:
        judged = last(target)
        dose = present_dose(judged.course) if judged else None
        value = dose.total(7) if dose and dose.per is None else None
        return value, frozenset((f"treatments.{target}.dose",))

    def outcome(target: str) -> Answer:
        judged = last(target)
        known = judged.outcome if judged and judged.outcome != "unknown" else None
        return known, frozenset((f"treatments.{target}.outcome",))

    def reacted(target: str, reason: str) -> Answer:
        harmed = ("intolerance", "contraindicated")
        mine = [
            c for c in case.courses if c.therapy in members(target) and (c.outcome in harmed or c.stop_reason == "intolerance")
        ]
        return any(c.reason == reason for c in mine), _NOTHING

    def comes_back(therapy: str) -> bool:
        out = safety[therapy].excluded is True or therapy in case.declined or bool(safety[therapy].infeasible)
        closed = out or class_closer(history, therapy, knowledge) is not None
        return worked(history, therapy, algorithm.worked) and not closed

    def yes(test: Callable[[str], bool]) -> Callable[[str], Answer]:
        return lambda target: (any(test(t) for t in members(target)), _NOTHING)

    return {
        "tried": yes(lambda t: bool(history.of(t))),
        # A mere record that it is contraindicated is no treatment.
        "tried_for_skin": yes(
            lambda t: any(j.course.outcome != "contraindicated" or j.course.start for j in history.of(t, skin_only=True))
        ),
        "current": yes(lambda t: taking_drug(case, knowledge, t) is True),
        "declined": yes(lambda t: t in case.declined),
        "under_way": yes(lambda t: (j := history.running(t)) is not None and j.verdict in UNDER_WAY),
        "comes_back": yes(comes_back),
        "exhausted": exhausted,
        "failed": failed,
        "passed": passed,
        "excluded": lambda t: (any_of(safety[m].excluded for m in members(t)), _NOTHING),
        # A therapy that was never tried has no verdict, which is known: no comparison with one holds.
        "verdict": lambda t: (history.verdict(t) or "", about(t)),
        "had": lambda t, v: (any(j.verdict == v for m in members(t) for j in history.of(m)), about(t)),
        "outcome": outcome,
        "weeks_on": weeks_on,
        "weekly_dose": weekly_dose,
        "reacted": reacted,
        **stated_functions(case, knowledge, facts.days),
    }
