"""What to do, in order of urgency, and the combination of therapies that results."""

from dmcli.assess.assess import Assessment
from dmcli.decide.decide import Decision
from dmcli.entries import ActionItem, Argument, Reason, RegimenPart, ScheduleItem
from dmcli.regimen import ChosenRegimen
from dmcli.review_actions import review_actions
from dmcli.running import clashes, dose_changes, overlaps, reason, retried_dose
from dmcli.safety_actions import action_item, safety_actions, sources_of


def because_next(a: Assessment, d: Decision) -> tuple[Reason, ...]:
    """Why the chosen therapy is next, and why each therapy before it in the order is not."""
    found = [reason(d.status)]
    line = next(line for line in a.knowledge.algorithm.lines if d.chosen in line.members)
    found.append(reason(line))
    for option in d.options:
        if option.therapy == d.chosen:
            codes = ("worked_before", "brought_forward", "grade", "proper_trial")
            found += [_of(arg) for arg in option.arguments if arg.code in codes]
    found += [r for name in _passed_over(a, d) for r in _why_not(d, name)]
    return tuple(dict.fromkeys(found))


def _of(argument: Argument, name: str | None = None) -> Reason:
    text = f"{name}: {argument.text}" if name else argument.text
    return Reason(text, argument.sources, argument.level, argument.rule)


def _passed_over(a: Assessment, d: Decision) -> list[str]:
    """Therapies that stand before the chosen one in the algorithm."""
    names: list[str] = []
    gate = a.knowledge.algorithm.gate.line
    conventional = any(d.chosen in r.members for r, _ in d.gate.requirements)
    for line in a.knowledge.algorithm.lines:
        if (line.name == gate) is conventional or (line.name == gate and d.gate.passed is True):
            for member in line.members:
                if member == d.chosen:
                    return names
                names.append(member)
    return names


def _why_not(d: Decision, therapy: str) -> list[Reason]:
    option = next(o for o in d.options if o.therapy == therapy)
    decisive = [arg for arg in option.arguments if arg.kind == "excludes"]
    decisive = decisive or [arg for arg in option.arguments if arg.code in ("severe_caution", "fact_blocks")]
    return [_of(arg, option.name) for arg in decisive[:1]]


def build_actions(
    a: Assessment,
    d: Decision,
    chosen: ChosenRegimen | None,
    next_because: tuple[Reason, ...],
    schedule: tuple[ScheduleItem, ...],
) -> tuple[ActionItem, ...]:
    """Safety first, then the decision, then what it means for therapies that run already."""
    k = a.knowledge
    statements = k.algorithm.statements
    items: list[ActionItem] = []
    items += safety_actions(a, d.overlapping)
    if d.status.status in ("refer", "out_of_scope"):
        items.append(action_item("now", "refer", None, d.status.text, None, (reason(d.status),)))
    if d.chosen and d.action:
        text = k.say(f"action_{d.action}", name=k.therapies[d.chosen].name)
        no_dose = k.therapies[d.chosen].no_dose
        dose = chosen.regimen.name if chosen else no_dose.text if no_dose else None
        goes_on = retried_dose(a, d.chosen) if d.action == "retry" else None
        dose = goes_on[1] if goes_on else dose
        own = tuple(r for r in next_because if not r.text.startswith(tuple(f"{o.name}: " for o in d.options)))
        items.append(action_item("now", d.action, d.chosen, text, dose, next_because).changed(sources=sources_of(own)))
    changes = dose_changes(a, d)
    for change in changes:
        named = d.reviews.items.get(change.therapy)
        why = (reason(named.rule),) if named is not None and named.rule.targets == (change.therapy,) else ()
        items.append(action_item("now", change.action, change.therapy, change.text, change.dose, (*change.because, *why)))
    # Neither of two that clash is simply continued: that is the prescribers' question.
    clashing = {t for _, left, right in clashes(a) for t in (left, right) if t not in d.leaving}
    urgent = (i for i in items if i.action == "stop" or (i.action == "hold" and i.therapy not in d.leaving))
    silent = clashing | {i.therapy for i in urgent if i.therapy is not None}
    closed = {t for t in a.continuing if d.standings.get(t) == "contraindicated" and t not in d.leaving}
    items += review_actions(a, d, schedule, silent | closed, {c.therapy for c in changes})
    acted = silent | {i.therapy for i in items}
    for therapy in a.running:
        if therapy in acted:
            continue
        if d.standings.get(therapy) == "contraindicated":
            text = statements["recorded_clash"].text.format(name=k.therapies[therapy].name)
            items.append(action_item("now", "refer", therapy, text, None, (reason(statements["recorded_clash"], text),)))
        else:
            said = statements["running_continues"]
            text = said.text.format(name=k.therapies[therapy].name)
            judged = a.history.running(therapy)
            verdict = (reason(judged.rule),) if judged is not None and judged.rule is not None else ()
            items.append(action_item("planned", "continue", therapy, text, None, (reason(said, text), *verdict)))
    for notice in k.algorithm.notices:
        if notice.refer and a.find(notice.when).value is True:
            when = "now" if notice.urgent else "next_visit"
            items.append(action_item(when, "refer", None, notice.text, None, (reason(notice),)))
    return tuple(items)


def build_regimen(
    a: Assessment, d: Decision, chosen: ChosenRegimen | None, schedule: tuple[ScheduleItem, ...]
) -> tuple[RegimenPart, ...]:
    """The combination after the actions: the new therapy and what runs already."""
    parts = []
    if d.chosen:
        parts.append(RegimenPart(d.chosen, "new", chosen.regimen.id if chosen else None, None))
    changed = {o.running for o, truth in overlaps(a, d.chosen, d.overlapping) if truth is not False}
    for therapy in a.running:
        if therapy != d.chosen:
            ends = therapy not in a.continuing or therapy in d.leaving
            held = any(f.rule.action == "hold" for f in a.limits.get(therapy, ()))
            role = (
                "stop" if ends else "hold" if held else "overlap" if therapy in changed or therapy in d.tapering else "continue"
            )
            parts.append(RegimenPart(therapy, role, None, _until(schedule, therapy)))  # type: ignore[arg-type]
    return tuple(parts)


def _until(schedule: tuple[ScheduleItem, ...], therapy: str) -> str | None:
    """The day a tapered therapy ends: that of its last event, which has no dose."""
    mine = [i for i in schedule if i.therapy == therapy and not i.hold_point]
    return mine[-1].date if mine and mine[-1].event == "end" else None


def warned_targets(a: Assessment, d: Decision) -> set[str]:
    """Therapies a notice may be about: the chosen one and those on board."""
    return {*a.running, *([d.chosen] if d.chosen else [])}
