"""What would come instead: the answer for the same patient if a fact that is not known turns out to close the next
therapy, or if that therapy is declined."""

from collections.abc import Iterator
from typing import NamedTuple

from dmcli.assess.assess import Assessment, assess, beside
from dmcli.assess.checked import Checked
from dmcli.case.model import Case, Stated
from dmcli.decide.decide import Decision, decide
from dmcli.knowledge.evaluate import Scope, Value, value_of
from dmcli.knowledge.model import Knowledge
from dmcli.review.review import review


class Instead(NamedTuple):
    """The decision if `fact` has a `value`, or, without a fact, if the next therapy is declined."""

    fact: str | None
    value: bool | str | None
    decision: Decision


def decided(case: Case, knowledge: Knowledge, reading: str) -> Decision:
    """The decision for a case, without the plan that is made of it."""
    patient = assess(case, knowledge)
    reviews = review(patient)
    return decide(beside(patient, reviews.staying, reviews.ending), reviews, reading)


def alternatives(patient: Assessment, decision: Decision) -> tuple[Instead, ...]:
    """One answer for each unknown fact that can close the next therapy, in the order of its rules, and one if it is
    declined; none where nothing is next."""
    if decision.chosen is None:
        return ()
    case, knowledge = patient.case, patient.knowledge
    found = []
    for fact, value in dict(_closing(patient, decision.chosen)).items():
        other = case.changed(stated={**case.stated, fact: (Stated(value),)})
        found.append(Instead(fact, value, decided(other, knowledge, decision.reading)))
    declined = case.changed(declined=(*case.declined, decision.chosen))
    return (*found, Instead(None, None, decided(declined, knowledge, decision.reading)))


def _closing(patient: Assessment, therapy: str) -> Iterator[tuple[str, bool | str]]:
    """Unknown facts with the value that makes a contraindication hold, as far as one of them alone can."""
    for checked in patient.safety[therapy].contraindications:
        if checked.open:
            for fact in sorted(checked.finding.missing):
                value = _value_that_closes(patient, checked, fact)
                if value is not None:
                    yield fact, value


def _value_that_closes(patient: Assessment, checked: Checked, fact: str) -> bool | str | None:
    entry = patient.knowledge.facts.get(fact)
    if entry is None or entry.type == "number":
        return None
    tree = patient.knowledge.tree(checked.rule.when)
    for value in (True, False) if entry.type == "boolean" else entry.codes:
        values: dict[str, Value] = {**patient.scope.facts, fact: value}
        if value_of(tree, Scope(values, patient.scope.functions, patient.scope.behind)) is True:
            return value
    return None
