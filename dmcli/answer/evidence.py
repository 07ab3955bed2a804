"""What a plan rests on: the rules that were checked, and the sources it names."""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.safety import Safety, looked_at
from dmcli.decide.rule_arguments import shown_facts
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.record import Record, carriers, made_once
from dmcli.result.caveats import CitedSource, Traced
from dmcli.result.monitoring import TestItem
from dmcli.result.options import Argument
from dmcli.result.plan import Plan
from dmcli.result.reasons import Reason

# What names its own sources and holds nothing that names more.
_SAYING = frozenset((Argument, Reason))
_sources: Callable[[Any], tuple[str, ...]] = attrgetter("sources")


def traced(patient: Assessment, checked: tuple[Checked, ...]) -> tuple[Traced, ...]:
    """Every rule that was decisive or open: as the stations checked them, then what the patient's facts and courses rest
    on. What two stations checked alike is told once."""
    found = _Trace()
    found.add_checked(checked)
    derived = patient.knowledge.derived
    for ident in patient.facts.derived.values():
        found.add(derived[ident], True, {})
    for rule, facts in _of_courses(patient):
        found.add(rule, True, facts)
    found.add_safety(patient.safety)
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
        self._found: dict[str, Traced] = {}

    def add(self, rule: Statement, truth: bool | None, facts: dict[str, Any]) -> None:
        key = (truth, *facts.items())
        self._found.setdefault(*made_once(rule, key, lambda: _told(rule.id, truth, facts)))

    def add_checked(self, checked: Iterable[Checked]) -> None:
        add = self._found.setdefault
        for c in checked:
            add(*_traced(c))

    def _add_rules(self, rules: Iterable[Checked]) -> None:
        """Rules of safety, which are the same ones for many patients."""
        add = self._found.setdefault
        # Therapies have some of them in common.
        for c in dict.fromkeys(rules):
            try:
                add(*c.traced)
            except AttributeError:
                c.traced = _traced(c)
                add(*c.traced)

    def add_safety(self, several: dict[str, Safety]) -> None:
        rules, by_therapy = list[Checked](), looked_at(several)
        for therapy, safety in several.items():
            rules += by_therapy.get(therapy, ())
            if safety.stops or safety.pairs:
                self._add_rules(rules)
                rules.clear()
                self._add_others(safety)
        self._add_rules(rules)

    def _add_others(self, safety: Safety) -> None:
        """What speaks against a therapy beside its rules."""
        for reached in safety.stops:
            self.add(reached.rule, reached.finding.value, reached.finding.facts)
        for pair, other in safety.pairs:
            self.add(pair, True, {f"current({other})": True})

    def told(self) -> tuple[Traced, ...]:
        return tuple(self._found.values())


def _traced(checked: Checked) -> tuple[str, Traced]:
    """What came of a rule, kept with what its condition came to."""
    found, ident = checked.found, checked.rule.id
    told: tuple[str, Traced] | None = found.told.get(ident)
    if told is None:
        told = found.told[ident] = _told(ident, found.finding.value, found.finding.facts)
    return told


def _told(rule: str, truth: bool | None, facts: dict[str, Any]) -> tuple[str, Traced]:
    """What came of a rule, with a text that tells it from anything else."""
    return repr((rule, truth, facts)), Traced(rule, truth, shown_facts(facts))


def cited(plan: Plan, knowledge: Knowledge) -> dict[str, CitedSource]:
    """Every source the plan names, with its citation, by id."""
    kept = knowledge.prepared.cited if knowledge.prepared is not None else {}
    table: dict[str, CitedSource] = {}
    for ident in sorted(_named(plan)):
        source = kept.get(ident)
        if source is None:
            source = kept[ident] = _cited(ident, knowledge)
        table[ident] = source
    return table


def _cited(ident: str, knowledge: Knowledge) -> CitedSource:
    topic = knowledge.sources.topic_facts.get(ident)
    if topic is not None:
        return CitedSource(topic.text, "topic")
    source = knowledge.sources.sources[ident]
    return CitedSource(source.citation, source.level)


def _named(told: Record) -> set[str]:
    """The sources of every record inside a plan, or inside a part of it."""
    named: set[str] = set()
    waiting: list[Record] = [told]
    while waiting:
        record = waiting.pop()
        if type(record) is TestItem and record is not told:
            named |= _of_part(record)
            continue
        held = record.__dict__
        for name in carriers(type(record)):
            inner = held[name]
            if type(inner) is tuple:
                if name == "sources":
                    named.update(inner)
                elif inner and type(inner[0]) in _SAYING:
                    named.update(*map(_sources, inner))
                else:
                    waiting += inner
            elif isinstance(inner, Record):
                waiting.append(inner)
    return named


def _of_part(part: Record) -> frozenset[str]:
    """The sources of a part that other plans may have in common."""
    return made_once(part, "named", lambda: frozenset(_named(part)))
