"""What comes first: warnings, what to do now, why, and what the first dose waits for."""

from typing import TYPE_CHECKING

from dmcli.render.document import Item, Section, alert, labelled, line, strong
from dmcli.render.wording import capital, cite, reasons, word

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.result import ActionItem, BeforeStarting, Plan


def warnings_section(plan: "Plan", knowledge: "Knowledge") -> Section:
    """Every warning, in the plan's order."""
    items = tuple(Item(line(w.text, cite(knowledge, w.sources))) for w in plan.warnings)
    return Section(knowledge.texts["head_warnings"], items)


def now_section(plan: "Plan", knowledge: "Knowledge") -> Section:
    """The actions, and the combination of therapies that results from them."""
    merged: dict[tuple[str, str, str | None], list[ActionItem]] = {}
    for action in plan.actions:
        merged.setdefault((action.priority, action.text, action.dose), []).append(action)
    items = [_action(knowledge, found) for found in merged.values()]
    roles: dict[str, list[str]] = {}
    for part in plan.regimen:
        roles.setdefault(part.role, []).append(knowledge.name(part.therapy))
    if roles:
        shown = "; ".join(f"{word(knowledge, 'role', role)}: {', '.join(names)}" for role, names in roles.items())
        items.append(Item(labelled(knowledge.texts["word_combination"], shown)))
    return Section(knowledge.texts["head_now"], tuple(items))


def _action(knowledge: "Knowledge", same: list["ActionItem"]) -> Item:
    """One thing to do; `same` are the actions that one sentence tells."""
    first = same[0]
    codes = ", ".join(dict.fromkeys(word(knowledge, "do", a.action) for a in same))
    label = f"{word(knowledge, 'priority', first.priority)}, {codes}"
    dose = f" - {first.dose}" if first.dose and first.dose not in first.text else ""
    return Item(labelled(capital(label), first.text, dose, cite(knowledge, first.sources)))


def next_section(plan: "Plan", knowledge: "Knowledge") -> Section:
    """Why this comes next, or why nothing does; and how the gate was read."""
    if plan.next is None:
        title, found = knowledge.texts["head_why"], plan.status_because
    else:
        title, found = knowledge.say("head_next", name=plan.next.name), plan.next.because
    items = [*reasons(knowledge, found)]
    reading = labelled(knowledge.texts["word_reading"], plan.reading.text, cite(knowledge, plan.reading.sources))
    other = plan.reading.other_reading
    items.append(Item(reading, (Item(line(other.text)),) if other else ()))
    return Section(title, tuple(items))


def before_section(plan: "Plan", knowledge: "Knowledge") -> Section:
    """What is to be known or done before the first dose; what blocks it says so."""
    return Section(knowledge.texts["head_before"], tuple(_before(knowledge, b) for b in plan.before_starting))


def _before(knowledge: "Knowledge", item: "BeforeStarting") -> Item:
    mark = [alert(knowledge.texts["word_must"]), ": "] if item.blocks else []
    same = len(item.because) == 1 and item.because[0].text == item.what
    if same:
        return Item(line(*mark, item.what, cite(knowledge, item.sources, item.level)))
    return Item(line(*mark, strong(item.what)), reasons(knowledge, item.because))
