"""What comes first: what to give, what else to do today, why, what the first dose waits for, and what to be wary of."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Line, Section, alert, labelled, line, strong
from dmcli.render.instead import after_clearance, instead_sentences
from dmcli.render.plan.dates_section import first_of_next
from dmcli.render.plan.monitoring_section import waits
from dmcli.render.plan.schedule_section import details
from dmcli.render.wording import among_cautions, capital, cite, day, reasoned, reasons, with_weekdays, word
from dmcli.result.actions import ActionItem
from dmcli.result.events import OtherRegimen
from dmcli.result.monitoring import BeforeStarting
from dmcli.result.plan import Plan
from dmcli.result.reasons import Reason


def instead_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What comes first if an answer or the patient closes the next therapy, or once red flags are cleared."""
    title = knowledge.texts["head_once_cleared" if after_clearance(plan) else "head_instead"]
    return Section(title, tuple(Item(line(told)) for told in instead_sentences(plan, knowledge)))


def give_section(plan: Plan, knowledge: Knowledge) -> Section:
    """The next therapy: its dose with the arithmetic, how it is given, the other ways to dose it."""
    title = knowledge.texts["head_give"]
    if plan.next is None:
        return Section(title, ())
    chosen = (plan.next.action, plan.next.therapy)
    told = set(plan.next.because)
    items = [_action(knowledge, [a], told) for a in plan.actions if (a.action, a.therapy) == chosen]
    first = first_of_next(plan)
    if first is not None:
        items += details(knowledge, first)
    elif waits(plan):
        items.append(Item(line(knowledge.texts["undated"])))
    return Section(title, (*items, *(_other(knowledge, regimen) for regimen in plan.other_regimens)))


def _other(knowledge: Knowledge, regimen: OtherRegimen) -> Item:
    """A regimen that is not scheduled, with what one dose of it would be."""
    computed = regimen.arithmetic or regimen.dose_text
    dose = f" {capital(knowledge.texts['word_dose'])}: {computed}." if computed else ""
    name = knowledge.say("screen_or", text=regimen.name)
    return Item(labelled(name, f"{regimen.text}{dose}", cite(knowledge, regimen.sources, regimen.level)))


def today_section(plan: Plan, knowledge: Knowledge, explain: bool) -> Section:
    """What else is to be done, and the combination of therapies that results. Urgent actions stand at the top of the page,
    and here only where their sources are asked for."""
    chosen = (plan.next.action, plan.next.therapy) if plan.next is not None else None
    merged: dict[tuple[str, str, str | None], list[ActionItem]] = {}
    for action in plan.actions:
        if (action.action, action.therapy) != chosen and (explain or not _at_the_top(plan, action)):
            merged.setdefault((action.priority, action.text, action.dose), []).append(action)
    told = set(plan.next.because) if plan.next else set()
    items = [_action(knowledge, found, told) for found in merged.values()]
    roles: dict[str, list[str]] = {}
    for part in plan.regimen:
        until = f" ({knowledge.say('until', date=day(knowledge, part.until))})" if part.until else ""
        roles.setdefault(part.role, []).append(f"{knowledge.name(part.therapy)}{until}")
    if len(plan.regimen) > 1:
        shown = "; ".join(f"{word(knowledge, 'role', role)}: {', '.join(names)}" for role, names in roles.items())
        items.append(Item(labelled(knowledge.texts["word_combination"], shown)))
    return Section(knowledge.texts["head_today"], tuple(items))


def _at_the_top(plan: Plan, action: ActionItem) -> bool:
    """Whether an action is urgent, or asks for tests that are overdue."""
    whole = {(u.action, u.text) for u in plan.urgent if u.therapy is None}
    # What is urgent of a therapy tells every reason for it.
    single = {(u.action, u.therapy) for u in plan.urgent if u.therapy is not None}
    urgent = (action.action, action.text) in whole or (action.action, action.therapy) in single
    return (urgent and action.priority == "now") or (action.action, action.therapy) == ("test", None)


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


def why_section(plan: Plan, knowledge: Knowledge, explain: bool) -> Section:
    """Why this comes next, or why nothing does; how the gate was read where that matters or all is asked for."""
    found = plan.status_because if plan.next is None else plan.next.because
    items = [*_merged(knowledge, found)]
    level, other = knowledge.algorithm.gate.level, plan.reading.other_reading
    if other is not None or explain:
        reading = labelled(knowledge.texts["word_reading"], plan.reading.text, cite(knowledge, plan.reading.sources, level))
        items.append(Item(reading, (Item(line(other.text)),) if other else ()))
    return Section(knowledge.texts["head_why"], tuple(items))


def _merged(knowledge: Knowledge, found: tuple[Reason, ...]) -> tuple[Item, ...]:
    """Reasons, each once; therapies that are passed over for one and the same are named before it."""
    told: dict[Reason, dict[str, None]] = {}
    for reason in found:
        who = told.setdefault(reason if reason.about is None else reason.changed(about=None, rule=None), {})
        if reason.about is not None:
            who[knowledge.name(reason.about)] = None
    return tuple(Item(line(f"{capital(', '.join(who))}: " if who else "", reasoned(knowledge, r))) for r, who in told.items())


def cautions_section(plan: Plan, knowledge: Knowledge, explain: bool) -> Section:
    """The boxed warning of the next therapy, the cautions that hold for this patient, and every warning."""
    boxed = plan.next.boxed_warning if plan.next is not None else ()
    items = [
        # Its sentence names itself.
        Item(line(r.text, cite(knowledge, r.sources, rule=r.rule)))
        for r in boxed
    ]
    items += _cautions(plan, knowledge, explain)
    items += [
        Item(line(capital(w.text), cite(knowledge, w.sources)))
        for w in plan.warnings
        if explain or among_cautions(knowledge, w.code)
    ]
    return Section(knowledge.texts["head_cautions"], tuple(items))


def _cautions(plan: Plan, knowledge: Knowledge, explain: bool) -> list[Item]:
    """Each caution once for all therapies that it is about; a sentence that begins with its drug names it itself. What the
    top of the page tells stands here only where its sources are asked for."""
    at_the_top = {(item.therapy, reason.text) for item in plan.urgent for reason in item.because}
    about: dict[str, dict[str, Line]] = {}
    for caution in plan.cautions:
        if (caution.therapy, caution.text) in at_the_top and not explain:
            continue
        cited = cite(knowledge, caution.sources, caution.level, caution.rule)
        about.setdefault(caution.text, {})[knowledge.name(caution.therapy)] = cited
    found = []
    for text, names in about.items():
        where = [words for cited in dict.fromkeys(names.values()) for words in cited]
        named = text.startswith(capital(next(iter(names))))
        found.append(Item(line(text, where) if named else labelled(capital(", ".join(names)), text, where)))
    return found


def before_section(plan: Plan, knowledge: Knowledge, explain: bool) -> Section:
    """What is to be known or done before the first dose; what blocks it says so. What is known to stand in the way is at
    the top of the page, and here only where its sources are asked for."""
    merged: dict[tuple[bool, tuple[Reason, ...]], list[BeforeStarting]] = {}
    for item in plan.before_starting:
        if item.kind == "known" and not explain:
            continue
        merged.setdefault((item.blocks, item.because), []).append(item)
    items = tuple(_before(knowledge, found) for found in merged.values())
    return Section(knowledge.texts["head_before"], items)


def _before(knowledge: Knowledge, same: list[BeforeStarting]) -> Item:
    """What has one and the same reason stands together."""
    first = same[0]
    mark = line(alert(knowledge.texts["word_must"]), ": ") if first.blocks else ()
    if len(same) == 1 and len(first.because) == 1 and "reason" in first.says:
        why = first.because[0]
        return Item(line(mark, first.what, cite(knowledge, why.sources, why.level, why.rule)))
    return Item(line(mark, strong("; ".join(item.what for item in same))), reasons(knowledge, first.because))
