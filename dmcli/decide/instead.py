"""What would come instead: the answer for the same patient if a fact that is not known turns out to close the next
therapy, if that therapy is declined, if what is on hold has to stop, or once the red flags of today are cleared."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from dmcli.assess.assess import Assessment, assess, beside, resafed
from dmcli.assess.checked import Checked
from dmcli.assess.facts import resolve, resolve_some
from dmcli.assess.limits import gravest
from dmcli.case.model import Case, Stated
from dmcli.decide.decide import Decision, decide
from dmcli.decide.overlaps import without_stopped
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import Scope, value_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.therapies import Caution
from dmcli.result.actions import Compared
from dmcli.review.review import review
from dmcli.values.dates import Days

Answered = bool | float | str
# The function of the language that asks what a patient does not want.
_DECLINED = "declined"


class Beyond(NamedTuple):
    """All values of a number that lead to one answer: how they compare with a limit."""

    limit: float
    compared: Compared


class Instead(NamedTuple):
    """The decision if `fact` has a `value`, of a number one `beyond` a limit; or, without a fact, if the next therapy is
    declined, `stopped` have to stop, or each of the red flags `cleared` is cleared."""

    fact: str | None
    value: Answered | None
    decision: Decision
    stopped: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    beyond: Beyond | None = None


def decided(case: Case, knowledge: Knowledge, reading: str) -> Decision:
    """The decision for a case, without the plan that is made of it."""
    patient = assess(case, knowledge)
    reviews = review(patient)
    patient = without_stopped(beside(patient, reviews.staying, reviews.ending), reviews.staying)
    return decide(patient, reviews, reading)


def alternatives(patient: Assessment, decision: Decision) -> tuple[Instead, ...]:
    """One answer for each unknown fact that takes the next therapy away, in the order of its rules, and one if it is
    declined; where nothing is next, one if what is on hold has to stop, or once the red flags are cleared."""
    if decision.chosen is None:
        return _if_not_back(patient, decision) or _if_cleared(patient, decision)
    case, knowledge = patient.case, patient.knowledge
    found = []
    for fact, (value, beyond) in dict(_closing(patient, decision.chosen)).items():
        then = decided(answered(case, fact, value), knowledge, decision.reading)
        found.append(Instead(fact, value, then, beyond=beyond))
    found = [instead for instead in found if instead.decision.chosen != decision.chosen]
    return (*found, Instead(None, None, _if_declined(patient, decision, decision.chosen)))


def _if_declined(patient: Assessment, decision: Decision, therapy: str) -> Decision:
    """The answer for a patient who does not want the next therapy. What was assessed and reviewed stands: none of it asks
    what is declined, unless a condition of the knowledge does."""
    case, knowledge = patient.case, patient.knowledge
    declined = case.changed(declined=(*case.declined, therapy))
    if knowledge.asks(_DECLINED):
        return decided(declined, knowledge, decision.reading)
    return decide(resafed(patient._replace(case=declined), patient.safety), decision.reviews, decision.reading)


def _if_not_back(patient: Assessment, decision: Decision) -> tuple[Instead, ...]:
    """The answer if the therapies that are on hold for the skin are not back in order: each of them stops."""
    held = _on_hold(patient)
    if decision.status.status != "safety_hold" or not held:
        return ()
    knowledge = patient.knowledge
    return (Instead(None, None, decided(stopped(patient.case, held), knowledge, decision.reading), held),)


def _on_hold(patient: Assessment) -> tuple[str, ...]:
    """The therapies that a result of today holds for the skin."""
    ours = {c.therapy for c in patient.case.courses if c.running and c.for_skin}
    return tuple(t for t in patient.continuing if t in ours and gravest(patient.limits.get(t, ())) == "hold")


def _if_cleared(patient: Assessment, decision: Decision) -> tuple[Instead, ...]:
    """The answer once all red flags that refer today are cleared, and where that is a hold, if what is on hold has to stop;
    none where something else that is stated refers still."""
    knowledge = patient.knowledge
    flags = red_flags(knowledge)
    if decision.status.status != "refer":
        return ()
    asked = [knowledge.named_in(rule.when) for rule in decision.referrals]
    raised = tuple(dict.fromkeys(name for named in asked for name in flags if name in named))
    if not raised:
        return ()
    case, held = cleared(patient.case, raised, knowledge), _on_hold(patient)
    found = decided(case, knowledge, decision.reading)
    if found.referrals:
        return ()
    then = (Instead(None, None, found, (), raised),)
    if found.status.status != "safety_hold" or found.chosen is not None or not held:
        return then
    return (*then, Instead(None, None, decided(stopped(case, held), knowledge, decision.reading), held, raised))


def red_flags(knowledge: Knowledge) -> tuple[str, ...]:
    """The facts that are red flags, in their order."""
    return knowledge.fact_groups.get(knowledge.algorithm.roles.red_flags, ())


def cleared(case: Case, flags: tuple[str, ...], knowledge: Knowledge) -> Case:
    """The same case with each of these red flags the other way round."""
    values = resolve(case, knowledge).values
    return case.changed(stated={**case.stated, **{flag: (Stated(values.get(flag) is False),) for flag in flags}})


def stopped(case: Case, therapies: tuple[str, ...]) -> Case:
    """The same case on the day its hold of these therapies became a stop."""
    today = Days(case.as_of, case.as_of)
    ended = {"outcome": "intolerance", "scope": "agent", "stop": today, "stop_reason": "intolerance", "running": False}
    held = {"held": None, "perhaps_running": False}
    return case.changed(
        courses=tuple(c.changed(**ended, **held) if c.running and c.therapy in therapies else c for c in case.courses)
    )


def answered(case: Case, fact: str, value: Answered) -> Case:
    """The same case with one fact stated."""
    return case.changed(stated={**case.stated, fact: (Stated(value),)})


def _closing(patient: Assessment, therapy: str) -> Iterator[tuple[str, tuple[Answered, Beyond | None]]]:
    """Unknown facts with the value that makes a contraindication hold, or a caution that moves the therapy to the end,
    as far as one of them alone can; of facts that stand for one another the first."""
    safety = patient.safety[therapy]
    moving = (c for c in safety.cautions if _moves(c))
    for checked in (*safety.contraindications, *moving):
        if not checked.open:
            continue
        numbers, missing = False, checked.missing
        for name, entry in patient.knowledge.facts.items():
            if name in missing and not (numbers and entry.type == "number"):
                tree, closes = patient.knowledge.tree(checked.rule.when), _closes(patient, checked, entry)
                value = next((value for value in _possible(entry, tree) if closes(value)), None)
                numbers = numbers or (value is not None and entry.type == "number")
                if value is not None:
                    yield name, (value, _beyond(value, tree, closes) if entry.type == "number" else None)


def _moves(checked: Checked) -> bool:
    rule = checked.rule
    return isinstance(rule, Caution) and rule.severity == "severe" and rule.unknown == "require" and not rule.settle


def _closes(patient: Assessment, checked: Checked, fact: Fact) -> Callable[[Answered], bool]:
    """Whether a rule holds once a fact has a value."""
    tree, prepared = patient.knowledge.tree(checked.rule.when), patient.knowledge.prepared
    if prepared is not None and checked.rule.when in prepared.plain:
        # Nothing that follows from the fact is asked.
        return lambda value: value_of(tree, Scope({**patient.facts.values, fact.id: value}, {})) is True
    needed = prepared.needed((checked.rule.when,), changes=False) if prepared is not None else None

    def holds(value: Answered) -> bool:
        case = answered(patient.case, fact.id, value)
        if needed is not None:
            facts = resolve_some(needed, case, patient.knowledge)
        else:
            facts = resolve(case, patient.knowledge, lacking=False)
        return value_of(tree, Scope(facts.values, patient.scope.functions)) is True

    return holds


def _beyond(value: Answered, tree: Node, closes: Callable[[Answered], bool]) -> Beyond:
    """On which side of which limit a number lies that makes a rule hold."""
    number = float(value)
    limit = min(_numbers(tree), key=lambda limit: abs(limit - number))
    if limit == number:
        return Beyond(limit, "at_least" if closes(number + _step(number)) else "at_most")
    return Beyond(limit, "below" if number < limit else "above")


def _possible(fact: Fact, tree: Node) -> tuple[Answered, ...]:
    """The values a fact may turn out to have; of a number those at the limits of a condition and just beyond."""
    if fact.type == "boolean":
        return (True, False)
    if fact.type == "code":
        return fact.codes
    limits = sorted(set(_numbers(tree)))
    beyond = (number + sign * _step(number) for number in limits for sign in (-1, 1))
    return tuple(n for n in (*limits, *beyond) if (fact.min or 0) <= n <= (fact.max or n))


# From here on the next whole number is just beyond a limit.
_WHOLE = 10


def _step(number: float) -> float:
    return 1 if number >= _WHOLE else number / _WHOLE


def _numbers(node: Node) -> Iterator[float]:
    if node.kind == "lit" and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        yield float(node.value)
    for arg in node.args:
        yield from _numbers(arg)
