"""How a therapy is dosed, and when it may be judged."""

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Cap, DoseLimit, Infusion, Regimen, Step
from dmcli.knowledge.therapies import Therapy
from dmcli.render.catalogue.parts import condition, noted
from dmcli.render.document import Item, Section, labelled, line, strong
from dmcli.render.wording import capital, cite, value, word


def dosing_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """Every regimen with its use, steps, caps and infusion; or why the tool gives no dose."""
    items = []
    if entry.no_dose is not None:
        no_dose = entry.no_dose
        said = line(no_dose.text, cite(knowledge, no_dose.sources, no_dose.level), noted(knowledge, no_dose))
        items.append(Item(said))
    if entry.max_dose is not None:
        items.append(Item(labelled(knowledge.texts["word_max_dose"], _amount(knowledge, entry.max_dose))))
    if entry.step_needs is not None:
        needs = entry.step_needs
        items.append(Item(line(needs.text, cite(knowledge, needs.sources, needs.level), noted(knowledge, needs))))
    parts = tuple(Section(f"{capital(r.name)} ({word(knowledge, 'use', r.use)})", _regimen(knowledge, r)) for r in entry.regimens)
    return Section(knowledge.texts["head_dosing"], tuple(items), parts)


def _amount(knowledge: Knowledge, limit: DoseLimit | Cap) -> str:
    amount = limit.max if hasattr(limit, "max") else limit.amount
    return f"{value(knowledge, amount)} {limit.unit} {_per(knowledge, limit.per_days)}"


def _per(knowledge: Knowledge, days: int) -> str:
    return knowledge.texts.get(f"per_{days}") or knowledge.say("per_other", days=days)


def _regimen(knowledge: Knowledge, regimen: Regimen) -> tuple[Item, ...]:
    items = [
        Item(
            line(
                regimen.text,
                cite(knowledge, regimen.sources, regimen.level),
                noted(knowledge, regimen),
                condition(knowledge, regimen.when),
            )
        )
    ]
    items += [_step(knowledge, step) for step in regimen.steps]
    for cap in regimen.caps:
        label = f"{knowledge.texts['word_cap']} {_amount(knowledge, cap)}"
        items.append(
            Item(
                labelled(
                    label,
                    cap.text,
                    cite(knowledge, cap.sources, cap.level),
                    noted(knowledge, cap),
                    condition(knowledge, cap.when),
                )
            )
        )
    if regimen.course_max is not None:
        most = regimen.course_max
        extra = f"{value(knowledge, most.above)} {most.unit.partition('/')[0]}"
        items.append(Item(line(knowledge.say("course_limit", most=f"{value(knowledge, most.amount)} {most.unit}", extra=extra))))
    if regimen.infusion is not None:
        items.append(_infusion(knowledge, regimen.infusion))
    return tuple(items)


def _step(knowledge: Knowledge, step: Step) -> Item:
    first = step.day + min(step.on_days)
    last = step.until_day if step.until_day is not None else step.day + max(step.on_days)
    label = knowledge.say("step_day", day=first) if first == last else knowledge.say("step_days", first=first, last=last)
    hold = f", {knowledge.texts['word_hold']}" if step.hold_point else ""
    more = []
    if step.every_days is not None:
        more.append(knowledge.say("step_every", days=step.every_days))
    if step.courses is not None:
        more.append(knowledge.say("step_courses", count=step.courses))
    if step.dose is not None and step.dose.round_to is not None:
        unit = step.dose.unit.partition("/")[0]
        more.append(knowledge.say("step_rounded", step=value(knowledge, step.dose.round_to), unit=unit))
    if step.tests:
        more.append(", ".join(knowledge.name(t) for t in step.tests))
    shown = f" ({'; '.join(more)})" if more else ""
    return Item(labelled(f"{label}{hold}", step.text, shown, cite(knowledge, step.sources, step.level)))


def _infusion(knowledge: Knowledge, infusion: Infusion) -> Item:
    said = line(infusion.text, cite(knowledge, infusion.sources, infusion.level))
    reduced = line(infusion.reduced_text, condition(knowledge, infusion.reduced_when))
    return Item(line(strong(knowledge.texts["word_infusion"]), ": ", said), (Item(reduced),))


def response_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """When improvement is to be expected, and when a lack of it counts."""
    found = ((knowledge.texts["word_response"], entry.response), (knowledge.texts["word_trial"], entry.trial))
    items = tuple(
        Item(
            labelled(label, told.text, cite(knowledge, told.sources, told.level), noted(knowledge, told))
            if told
            else labelled(label, knowledge.texts["no_source"])
        )
        for label, told in found
    )
    return Section(knowledge.texts["head_response"], items)
