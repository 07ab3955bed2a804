"""What the plan does not know, took for granted or chose by default; where sources disagree; what is cited."""

from typing import TYPE_CHECKING

from dmcli.render.document import Item, Line, Section, Table, labelled, line, strong
from dmcli.render.wording import capital, facts, reasoned, reasons, value, word

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.result import Disagreement, Plan, Unknown


def honesty_sections(plan: "Plan", knowledge: "Knowledge", explain: bool) -> list[Section]:
    """Not known, assumed, defaults, disagreements."""
    texts = knowledge.texts
    return [
        Section(texts["head_unknown"], tuple(_unknown(knowledge, u) for u in plan.unknowns)),
        Section(texts["head_assumed"], reasons(knowledge, plan.assumptions)),
        Section(texts["head_defaults"], _defaults(plan, knowledge, explain)),
        Section(texts["head_conflicts"], tuple(_conflict(knowledge, c, explain) for c in plan.conflicts)),
    ]


def _unknown(knowledge: "Knowledge", item: "Unknown") -> Item:
    needed = dict.fromkeys(knowledge.name(n) for n in item.needed_for)
    return Item(line(item.question, f" {knowledge.say('needed_for', names=', '.join(needed))}" if needed else ""))


def _defaults(plan: "Plan", knowledge: "Knowledge", explain: bool) -> tuple[Item, ...]:
    if explain:
        return tuple(Item(labelled(r.rule, reasoned(knowledge, r)) if r.rule else reasoned(knowledge, r)) for r in plan.defaults_used)
    return (Item(line(knowledge.say("defaults_count", count=len(plan.defaults_used)))),) if plan.defaults_used else ()


def _conflict(knowledge: "Knowledge", item: "Disagreement", explain: bool) -> Item:
    used = line(item.text, f" {knowledge.say('used', text=item.used)}")
    return Item(used, reasons(knowledge, item.positions) if explain else ())


def sources_section(plan: "Plan", knowledge: "Knowledge", shown: list[str]) -> Section:
    """The citation of each source that the page names."""
    found = [(ident, plan.sources[ident]) for ident in shown if ident in plan.sources]
    items = tuple(Item(line(strong(ident), ": ", s.citation, f" ({word(knowledge, 'level', s.level)})")) for ident, s in found)
    return Section(knowledge.texts["head_sources"], items)


def trace_section(plan: "Plan", knowledge: "Knowledge") -> Section:
    """Every rule that was looked at, how it came out, and the facts it saw."""
    if not plan.trace:
        return Section(knowledge.texts["head_trace"], ())
    head = tuple(knowledge.texts[key] for key in ("col_rule", "col_holds", "col_facts"))
    rows: tuple[tuple[Line, ...], ...] = tuple(
        (line(t.rule), line(value(knowledge, t.truth)), line(facts(knowledge, t.facts))) for t in plan.trace
    )
    return Section(knowledge.texts["head_trace"], (Table(head, rows),))
