"""What a plan rests on: the rules that were checked, and the sources it names."""

from collections.abc import Iterator
from typing import Any

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.safety import Safety
from dmcli.decide.arguments import shown_facts
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.sources import Source, TopicFact
from dmcli.knowledge.statements import Level, Statement
from dmcli.record import Record, carriers, made_once
from dmcli.result.caveats import CitedSource, Traced
from dmcli.result.plan import Plan


def traced(patient: Assessment, checked: tuple[Checked, ...]) -> tuple[Traced, ...]:
    """Every rule that was decisive or open: as the stations checked them, then what the patient's facts and courses rest
    on. What two stations checked alike is told once."""
    found = _Trace()
    for c in checked:
        found.add_checked(c)
    derived = {rule.id: rule for rule in patient.knowledge.algorithm.derived}
    for ident in patient.facts.derived.values():
        found.add(derived[ident], True, {})
    for rule, facts in _of_courses(patient):
        found.add(rule, True, facts)
    for safety in patient.safety.values():
        found.add_safety(safety)
    for reached in (r for limits in patient.limits.values() for r in limits):
        found.add(reached.rule, True, reached.finding.facts)
    return found.told()


def _of_courses(patient: Assessment) -> Iterator[tuple[Statement, dict[str, Any]]]:
    """The verdicts of the courses, then what scores tell of them."""
    yield from ((j.rule, j.facts) for j in patient.history.judged if j.rule is not None)
    yield from ((j.scored.rule, j.scored.finding.facts) for j in patient.history.judged if j.scored is not None)


class _Trace:
    """What came of the rules, each once; what came of a rule before is told as it was then."""

    def __init__(self) -> None:
        self._found: dict[tuple[Any, ...], Traced] = {}

    def add(self, rule: Statement, truth: bool | None, facts: dict[str, Any]) -> None:
        key = (rule.id, truth, *facts.items())
        if key in self._found:
            return
        self._found[key] = made_once(rule, key, lambda: Traced(rule.id, truth, shown_facts(facts)))

    def add_checked(self, checked: Checked) -> None:
        rule, found = checked.rule, checked.found
        told = found.told.get(rule.id)
        if told is None:
            value, facts, _ = found.finding
            told = ((rule.id, value, *facts.items()), Traced(rule.id, value, shown_facts(facts)))
            found.told[rule.id] = told
        self._found.setdefault(*told)

    def add_safety(self, safety: Safety) -> None:
        for c in (*safety.contraindications, *safety.cautions, *safety.feasibility):
            self.add_checked(c)
        for reached in safety.stops:
            self.add(reached.rule, reached.finding.value, reached.finding.facts)
        for pair, other in safety.pairs:
            self.add(pair, True, {f"current({other})": True})

    def told(self) -> tuple[Traced, ...]:
        return tuple(self._found.values())


def cited(plan: Plan, knowledge: Knowledge) -> dict[str, CitedSource]:
    """Every source the plan names, with its citation, by id."""
    table: dict[str, CitedSource] = {}
    for ident in sorted(_named(plan)):
        if ident in knowledge.sources.topic_facts:
            topic = knowledge.sources.topic_facts[ident]
            table[ident] = _cited(topic, topic.text, "topic")
        else:
            source = knowledge.sources.sources[ident]
            table[ident] = _cited(source, source.citation, source.level)
    return table


def _cited(source: Source | TopicFact, citation: str, level: Level) -> CitedSource:
    return made_once(source, "cited", lambda: CitedSource(citation, level))


def _named(plan: Plan) -> set[str]:
    """The sources of every record inside the plan."""
    named: set[str] = set()
    waiting: list[Record] = [plan]
    while waiting:
        record = waiting.pop()
        held = record.__dict__
        for name in carriers(type(record)):
            inner = held[name]
            if type(inner) is tuple:
                if name == "sources":
                    named.update(inner)
                else:
                    waiting += inner
            elif isinstance(inner, Record):
                waiting.append(inner)
    return named
