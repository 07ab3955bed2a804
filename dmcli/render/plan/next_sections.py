"""What comes first: warnings, what to do now, why, and what the first dose waits for."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Section, alert, labelled, line, strong
from dmcli.render.instead import instead_sentences
from dmcli.render.wording import capital, cite, day, reasons, with_weekdays, word
from dmcli.result.actions import ActionItem
from dmcli.result.monitoring import BeforeStarting
from dmcli.result.plan import Plan
from dmcli.result.reasons import Reason


def warnings_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Every warning, in the plan's order."""
    items = tuple(Item(line(capital(w.text), cite(knowledge, w.sources))) for w in plan.warnings)
    return Section(knowledge.texts["head_warnings"], items)


def instead_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What comes first if an answer or the patient closes the next therapy."""
    return Section(knowledge.texts["head_instead"], tuple(Item(line(told)) for told in instead_sentences(plan, knowledge)))


def now_section(plan: Plan, knowledge: Knowledge) -> Section:
    """The actions, and the combination of therapies that results from them."""
    merged: dict[tuple[str, str, str | None], list[ActionItem]] = {}
    for action in plan.actions:
        merged.setdefault((action.priority, action.text, action.dose), []).append(action)
    # Why a therapy is next has its own section; what was given as a reason once is not given again.
    told = set(plan.next.because) if plan.next else set()
    items = [_action(knowledge, found, told) for found in merged.values()]
    roles: dict[str, list[str]] = {}
    for part in plan.regimen:
        until = f" ({knowledge.say('until', date=day(knowledge, part.until))})" if part.until else ""
        roles.setdefault(part.role, []).append(f"{knowledge.name(part.therapy)}{until}")
    if roles:
        shown = "; ".join(f"{word(knowledge, 'role', role)}: {', '.join(names)}" for role, names in roles.items())
        items.append(Item(labelled(knowledge.texts["word_combination"], shown)))
    return Section(knowledge.texts["head_now"], tuple(items))


def _action(knowledge: Knowledge, same: list[ActionItem], told: set[Reason]) -> Item:
    """One thing to do, with the reasons not told before; `same` are the actions that one sentence tells."""
    first = same[0]
    codes = dict.fromkeys(word(knowledge, "do", a.action) for a in same)
    # "Start X" needs no "start" before it; a sentence about a danger needs its "refer".
    unsaid = [] if "action" in first.says else codes
    label = ", ".join([word(knowledge, "priority", first.priority), *unsaid])
    dose = f" - {first.dose}" if first.dose and "dose" not in first.says else ""
    text = with_weekdays(knowledge, capital(first.text))
    whys = (a.because[1:] if "reason" in a.says else a.because for a in same)
    why = [r for r in dict.fromkeys(r for because in whys for r in because) if r not in told]
    told |= set(why)
    if not why:
        return Item(labelled(capital(label), text, dose, cite(knowledge, first.sources)))
    return Item(labelled(capital(label), text, dose), reasons(knowledge, why))


def next_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Why this comes next, or why nothing does; and how the gate was read."""
    if plan.next is None:
        title, found = knowledge.texts["head_why"], plan.status_because
    else:
        title, found = knowledge.say("head_next", name=plan.next.name), plan.next.because
    items = [*reasons(knowledge, _merged(knowledge, found))]
    level = knowledge.algorithm.gate.level
    reading = labelled(knowledge.texts["word_reading"], plan.reading.text, cite(knowledge, plan.reading.sources, level))
    other = plan.reading.other_reading
    items.append(Item(reading, (Item(line(other.text)),) if other else ()))
    return Section(title, tuple(items))


def _merged(knowledge: Knowledge, found: tuple[Reason, ...]) -> list[Reason]:
    """Therapies that are passed over for one and the same reason are told together."""
    told: dict[Reason, dict[str, None]] = {}
    for reason in found:
        who = told.setdefault(reason if reason.about is None else reason.changed(about=None, rule=None), {})
        if reason.about is not None:
            who[knowledge.name(reason.about)] = None
    return [r.changed(text=f"{capital(', '.join(who))}: {r.text}") if who else r for r, who in told.items()]


def cautions_section(plan: Plan, knowledge: Knowledge) -> Section:
    """The boxed warning of the next therapy, and the cautions that hold for this patient."""
    boxed = plan.next.boxed_warning if plan.next is not None else ()
    items = [Item(labelled(knowledge.texts["about_boxed_warning"], r.text, cite(knowledge, r.sources))) for r in boxed]
    items += [
        Item(labelled(capital(knowledge.name(c.therapy)), c.text, cite(knowledge, c.sources, c.level))) for c in plan.cautions
    ]
    return Section(knowledge.texts["head_cautions"], tuple(items))


def before_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What is to be known or done before the first dose; what blocks it says so."""
    merged: dict[tuple[bool, tuple[Reason, ...]], list[BeforeStarting]] = {}
    for item in plan.before_starting:
        merged.setdefault((item.blocks, item.because), []).append(item)
    items = tuple(_before(knowledge, found) for found in merged.values())
    return Section(knowledge.texts["head_before"], items)


def _before(knowledge: Knowledge, same: list[BeforeStarting]) -> Item:
    """What has one and the same reason stands together."""
    first = same[0]
    mark = line(alert(knowledge.texts["word_must"]), ": ") if first.blocks else ()
    if len(same) == 1 and len(first.because) == 1 and "reason" in first.says:
        return Item(line(mark, first.what, cite(knowledge, first.because[0].sources, first.because[0].level)))
    return Item(line(mark, strong("; ".join(item.what for item in same))), reasons(knowledge, first.because))
