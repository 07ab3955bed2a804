"""What the plan does not know, took for granted or chose by default; where sources disagree; what is cited."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.catalogue.lookup import conflicts
from dmcli.render.catalogue.parts import noted
from dmcli.render.document import Item, Section, Table, Words, labelled, line, strong
from dmcli.render.wording import cite, facts, reasoned, reasons, value, word
from dmcli.result.caveats import Disagreement
from dmcli.result.plan import Plan


def honesty_sections(plan: Plan, knowledge: Knowledge, explain: bool) -> list[Section]:
    """What was assumed; with `explain` also the defaults that took effect and where sources disagree."""
    texts = knowledge.texts
    assumed = Section(texts["head_assumed"], reasons(knowledge, plan.assumptions))
    if not explain:
        return [assumed]
    return [
        assumed,
        Section(texts["head_defaults"], _defaults(plan, knowledge)),
        Section(texts["head_conflicts"], tuple(_conflict(knowledge, c) for c in plan.conflicts)),
    ]


def unknown_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What is not known, under what it is needed for."""
    return Section(knowledge.texts["head_unknown"], _unknown(plan, knowledge))


def _unknown(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    """The questions, under what they are needed for."""
    names = _needers(knowledge)
    grouped: dict[tuple[str, ...], list[Item]] = {}
    for item in plan.unknowns:
        needed = tuple(dict.fromkeys(names.get(n) or knowledge.name(n) for n in item.needed_for))
        grouped.setdefault(needed, []).append(Item(line(item.question)))
    return tuple(Item(line(strong(knowledge.say("needed_for", names="; ".join(n)))), tuple(qs)) for n, qs in grouped.items())


def _needers(knowledge: Knowledge) -> dict[str, str]:
    """What the ids of rules that wait for facts are called."""
    algorithm = knowledge.algorithm
    names = {
        rule.id: knowledge.say("needed_by_status", status=word(knowledge, "status", rule.status)) for rule in algorithm.statuses
    }
    names[algorithm.gate.id] = word(knowledge, "line", algorithm.gate.line)
    pathway = algorithm.calcinosis
    names |= dict.fromkeys(
        (rule.id for rule in (*pathway.statuses, *pathway.advice, *pathway.warnings)), word(knowledge, "line", "calcinosis")
    )
    names |= {move.id: knowledge.texts["needed_by_order"] for move in algorithm.moves}
    names |= {rule.id: rule.text.rstrip(".") for rule in (*algorithm.overlaps, *algorithm.notices)}
    for therapy in knowledge.therapies.values():
        dose = knowledge.say("needed_by_dose", name=therapy.name)
        names |= {cap.id: dose for regimen in therapy.regimens for cap in regimen.caps}
        names |= {regimen.id: regimen.name for regimen in therapy.regimens}
    return names


def _defaults(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    return tuple(Item(labelled(r.rule, reasoned(knowledge, r)) if r.rule else reasoned(knowledge, r)) for r in plan.defaults_used)


def _conflict(knowledge: Knowledge, item: Disagreement) -> Item:
    used = line(item.text, f" {knowledge.say('used', text=item.used)}")
    return Item(line(Words(item.id, "strong", rule=item.id), ": ", used), _positions(knowledge, item))


def _positions(knowledge: Knowledge, item: Disagreement) -> tuple[Item, ...]:
    """What each side says, and what a reviewer should know of it."""
    written = next(c for c in conflicts(knowledge) if c.id == item.id)
    return tuple(Item(line(p.text, cite(knowledge, p.sources, p.level), noted(knowledge, p))) for p in written.positions)


def sources_section(plan: Plan, knowledge: Knowledge, shown: list[str]) -> Section:
    """The citations of the sources `shown`."""
    found = [(ident, plan.sources[ident]) for ident in shown if ident in plan.sources]
    items = (Item(labelled(ident, s.citation, f" ({word(knowledge, 'level', s.level)})")) for ident, s in found)
    return Section(knowledge.texts["head_sources"], tuple(items))


def trace_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Every rule that was looked at, how it came out, and the facts it saw."""
    if not plan.trace:
        return Section(knowledge.texts["head_trace"], ())
    head = tuple(knowledge.texts[key] for key in ("col_rule", "col_holds", "col_facts"))
    rows = tuple((line(t.rule), line(value(knowledge, t.truth)), line(facts(knowledge, t.facts))) for t in plan.trace)
    return Section(knowledge.texts["head_trace"], (Table(head, rows),))
