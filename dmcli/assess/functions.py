"""What the functions of the condition language answer for one patient: from the history, and from what is safe."""

from collections.abc import Callable, Iterable, Mapping

from dmcli.assess.doses import present_dose
from dmcli.assess.history import History, Judged
from dmcli.assess.safety import Safety, ruled_out
from dmcli.case.model import Case
from dmcli.knowledge.evaluate import Answer, ByName
from dmcli.knowledge.model import Knowledge
from dmcli.values.truth import Truth, any_of

_NOTHING: frozenset[str] = frozenset()
Functions = dict[str, Callable[..., Answer]]


def history_functions(case: Case, taken: frozenset[str], knowledge: Knowledge, history: History) -> Functions:
    """The functions that ask what was tried and how it went; `taken` names what is on board."""
    asked = _History(case, knowledge, history)
    algorithm = knowledge.algorithm
    for_skin = [judged for judged in history.judged if judged.course.for_skin]
    return {
        "tried": asked.by_name(history.by_therapy),
        # A mere record that it is contraindicated is no treatment.
        "tried_for_skin": asked.by_name(
            [j.course.therapy for j in for_skin if j.course.outcome != "contraindicated" or j.course.start]
        ),
        "failed_for_skin": asked.by_name([j.course.therapy for j in for_skin if j.verdict in algorithm.ineffective]),
        "current": asked.by_name(taken & knowledge.therapies.keys()),
        "declined": asked.by_name(knowledge.therapies.keys() & case.declined),
        "under_way": asked.by_name([therapy for therapy in history.on_board if history.under_way(therapy)]),
        "exhausted": asked.in_group(algorithm.exhausted),
        "failed": asked.in_group(algorithm.failed),
        # A therapy that was never tried has no verdict, which is known: no comparison with one holds.
        "verdict": lambda therapy: (history.verdict(therapy) or "", asked.unjudged(therapy)),
        "had": asked.had,
        "outcome": asked.outcome,
        "weeks_on": asked.weeks_on,
        "weekly_dose": asked.weekly_dose,
        "doses_a_week": asked.doses_a_week,
        "reacted": _reactions(case, knowledge),
    }


class _History:
    """The courses of one patient, asked by therapy, class or line."""

    def __init__(self, case: Case, knowledge: Knowledge, history: History) -> None:
        self.case, self.knowledge, self.history = case, knowledge, history

    def any_member(self, test: Callable[[str], bool]) -> Callable[[str], Answer]:
        return lambda target: (any(test(t) for t in self.knowledge.members(target)), _NOTHING)

    def by_name(self, therapies: Iterable[str]) -> ByName:
        """Whether a target names one of these therapies."""
        targets = self.knowledge.targets
        return ByName(_NOTHING.union(*[targets[therapy] for therapy in therapies]))

    def in_group(self, verdicts: tuple[str, ...]) -> Callable[[str], Answer]:
        def answer(target: str) -> Answer:
            members = self.knowledge.members(target)
            return any_of(self.history.verdict_in(t, verdicts) for t in members), self.unjudged(target)

        return answer

    def unjudged(self, target: str) -> frozenset[str]:
        """What is missing to judge the courses of a target."""
        if not self.history.unjudged:
            return _NOTHING
        members = self.knowledge.members(target)
        return _NOTHING.union(*(judged.missing for judged in self.history.unjudged if judged.course.therapy in members))

    def had(self, target: str, verdict: str) -> Answer:
        courses = (j for t in self.knowledge.members(target) for j in self.history.of(t))
        return any(j.verdict == verdict for j in courses), self.unjudged(target)

    def last(self, target: str) -> Judged | None:
        members = self.knowledge.members(target)
        return next((j for j in reversed(self.history.judged) if j.course.therapy in members), None)

    def outcome(self, target: str) -> Answer:
        judged = self.last(target)
        known = judged.outcome if judged and judged.outcome != "unknown" else None
        return known, frozenset((f"treatments.{target}.outcome",))

    def weeks_on(self, target: str) -> Answer:
        judged = self.last(target)
        return (judged.weeks if judged else None), frozenset((f"treatments.{target}.start",))

    def weekly_dose(self, target: str) -> Answer:
        judged = self.last(target)
        dose = present_dose(judged.course) if judged else None
        value = dose.total(7) if dose and dose.per is None else None
        return value, frozenset((f"treatments.{target}.dose",))

    def doses_a_week(self, target: str) -> Answer:
        judged = self.last(target)
        dose = present_dose(judged.course) if judged else None
        return (dose.times * 7 / dose.per_days if dose else None), frozenset((f"treatments.{target}.dose",))


def _reactions(case: Case, knowledge: Knowledge) -> ByName:
    """Whether a therapy that a name stands for was not tolerated, for a reason."""
    named = {(name, course.reason) for course in case.courses if course.harmed for name in knowledge.targets[course.therapy]}
    return ByName(named)


def safety_functions(case: Case, knowledge: Knowledge, history: History, safety: Mapping[str, Safety]) -> Functions:
    """The functions that ask what speaks against a therapy beside those that run."""
    asked = _History(case, knowledge, history)

    def passed_one(therapy: str) -> Truth:
        tried = history.verdict_in(therapy, knowledge.algorithm.passed)
        closed = therapy in case.declined or safety[therapy].infeasible or safety[therapy].ending
        return any_of((tried, closed, None if tried or closed else safety[therapy].excluded))

    def missing_of(therapy: str) -> frozenset[str]:
        unjudged = asked.unjudged(therapy)
        # The response that was not told settles it: nothing else is asked for its sake.
        if unjudged and history.verdict(therapy) == "unknown":
            return unjudged
        return unjudged.union(*[c.missing for c in safety[therapy].contraindications if c.value is None])

    def passed(target: str) -> Answer:
        members = knowledge.members(target)
        truth = any_of(passed_one(therapy) for therapy in members)
        return truth, _NOTHING if truth is not None else _NOTHING.union(*map(missing_of, members))

    return {
        "passed": passed,
        "excluded": lambda target: (any_of(safety[t].excluded for t in knowledge.members(target)), _NOTHING),
        "comes_back": asked.any_member(
            lambda therapy: history.worked(therapy) and ruled_out(therapy, safety[therapy], case, history, knowledge) is None
        ),
    }
