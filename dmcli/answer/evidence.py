"""What a plan rests on: the rules that were checked, and the sources it names."""

from typing import Any, get_args

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.limits import Reached
from dmcli.assess.safety import Safety
from dmcli.decide.arguments import shown_facts
from dmcli.knowledge.model import Knowledge
from dmcli.record import Record, fields_of, is_record
from dmcli.result.caveats import CitedSource, Traced
from dmcli.result.plan import Plan


def traced(patient: Assessment, checked: tuple[Checked, ...]) -> tuple[Traced, ...]:
    """Every rule that was decisive or open: as the stations checked them, then what the patient's facts and courses rest
    on. What two stations checked alike is told once."""
    found = [_of(c) for c in checked]
    found += [Traced(rule, True, {}) for rule in patient.facts.derived.values()]
    found += [Traced(j.rule.id, True, shown_facts(j.facts)) for j in patient.history.judged if j.rule]
    found += [Traced(j.scored.rule.id, True, shown_facts(j.scored.finding.facts)) for j in patient.history.judged if j.scored]
    for safety in patient.safety.values():
        found += _of_safety(safety)
    found += [Traced(c.rule.id, True, shown_facts(c.finding.facts)) for checks in patient.limits.values() for c in checks]
    return tuple({(t.rule, t.truth, tuple(t.facts.items())): t for t in found}.values())


def _of(checked: Checked | Reached) -> Traced:
    return Traced(checked.rule.id, checked.finding.value, shown_facts(checked.finding.facts))


def _of_safety(safety: Safety) -> list[Traced]:
    checks = [*safety.contraindications, *safety.cautions, *safety.feasibility]
    return [
        *map(_of, checks),
        *map(_of, safety.stops),
        *(Traced(pair.id, True, {f"current({other})": True}) for pair, other in safety.pairs),
    ]


def cited(plan: Plan, knowledge: Knowledge) -> dict[str, CitedSource]:
    """Every source the plan names, with its citation, by id."""
    table: dict[str, CitedSource] = {}
    for ident in sorted(_named(plan)):
        if ident in knowledge.sources.topic_facts:
            table[ident] = CitedSource(knowledge.sources.topic_facts[ident].text, "topic")
        else:
            source = knowledge.sources.sources[ident]
            table[ident] = CitedSource(source.citation, source.level)
    return table


def _named(plan: Plan) -> set[str]:
    """The sources of every record inside the plan."""
    named: set[str] = set()
    carrying: dict[type, tuple[str, ...]] = {}
    waiting: list[Record] = [plan]
    while waiting:
        record = waiting.pop()
        kind, held = type(record), record.__dict__
        if kind not in carrying:
            carrying[kind] = tuple(name for name, hint in fields_of(kind).items() if name == "sources" or _holds_records(hint))
        for name in carrying[kind]:
            inner = held[name]
            if type(inner) is tuple:
                if name == "sources":
                    named.update(inner)
                else:
                    waiting += inner
            elif isinstance(inner, Record):
                waiting.append(inner)
    return named


def _holds_records(hint: Any) -> bool:
    """Whether a field may hold records, by its annotation."""
    return is_record(hint) or any(_holds_records(inner) for inner in get_args(hint))
