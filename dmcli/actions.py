"""What to do, in order of urgency, and the combination of therapies that results."""

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.decide.decide import Decision
from dmcli.entries import ActionItem, Argument, Reason, RegimenPart, ScheduleItem
from dmcli.regimen import ChosenRegimen
from dmcli.review_actions import review_actions
from dmcli.running import DoseChanges, clashes, reason, retried_dose
from dmcli.safety_actions import action_item, safety_actions, sources_of


def because_next(patient: Assessment, decision: Decision) -> tuple[Reason, ...]:
    """Why the chosen therapy is next, and why each therapy before it in the order is not."""
    found = [reason(decision.status)]
    line = next(line for line in patient.knowledge.algorithm.lines if decision.chosen in line.members)
    found.append(reason(line))
    for option in decision.options:
        if option.therapy == decision.chosen:
            codes = ("worked_before", "brought_forward", "grade", "proper_trial")
            found += [_of(arg) for arg in option.arguments if arg.code in codes]
    found += [r for name in _passed_over(patient, decision) for r in _why_not(decision, name)]
    return tuple(dict.fromkeys(found))


def _of(argument: Argument, name: str | None = None) -> Reason:
    text = f"{name}: {argument.text}" if name else argument.text
    return Reason(text, argument.sources, argument.level, argument.rule)


def _passed_over(patient: Assessment, decision: Decision) -> list[str]:
    """Therapies that stand before the chosen one in the algorithm."""
    names: list[str] = []
    gate = patient.knowledge.algorithm.gate.line
    conventional = any(decision.chosen in r.members for r, _ in decision.gate.requirements)
    for line in patient.knowledge.algorithm.lines:
        if (line.name == gate) is conventional or (line.name == gate and decision.gate.passed is True):
            for member in line.members:
                if member == decision.chosen:
                    return names
                names.append(member)
    return names


def _why_not(decision: Decision, therapy: str) -> list[Reason]:
    option = next(o for o in decision.options if o.therapy == therapy)
    decisive = [arg for arg in option.arguments if arg.kind == "excludes"]
    decisive = decisive or [arg for arg in option.arguments if arg.code in ("severe_caution", "fact_blocks")]
    return [_of(arg, option.name) for arg in decisive[:1]]


def build_actions(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    next_because: tuple[Reason, ...],
    schedule: tuple[ScheduleItem, ...],
    changes: DoseChanges,
    notices: tuple[Checked, ...],
) -> tuple[ActionItem, ...]:
    """Safety first, then the decision, then what it means for therapies that run already."""
    k = patient.knowledge
    statements = k.algorithm.statements
    items: list[ActionItem] = []
    items += safety_actions(patient, decision.overlapping)
    if decision.status.status in ("refer", "out_of_scope"):
        items.append(action_item("now", "refer", None, decision.status.text, None, (reason(decision.status),)))
    if decision.chosen and decision.action:
        text = k.say(f"action_{decision.action}", name=k.therapies[decision.chosen].name)
        no_dose = k.therapies[decision.chosen].no_dose
        dose = chosen.regimen.name if chosen else no_dose.text if no_dose else None
        goes_on = retried_dose(patient, decision.chosen) if decision.action == "retry" else None
        dose = goes_on[1] if goes_on else dose
        own = tuple(r for r in next_because if not r.text.startswith(tuple(f"{o.name}: " for o in decision.options)))
        items.append(
            action_item("now", decision.action, decision.chosen, text, dose, next_because).changed(sources=sources_of(own))
        )
    for change in changes.items:
        named = decision.reviews.items.get(change.therapy)
        why = (reason(named.rule),) if named is not None and named.rule.targets == (change.therapy,) else ()
        items.append(action_item("now", change.action, change.therapy, change.text, change.dose, (*change.because, *why)))
    # Neither of two that clash is simply continued: that is the prescribers' question.
    clashing = {t for _, left, right in clashes(patient) for t in (left, right) if t not in decision.leaving}
    urgent = (i for i in items if i.action == "stop" or (i.action == "hold" and i.therapy not in decision.leaving))
    silent = clashing | {i.therapy for i in urgent if i.therapy is not None}
    closed = {t for t in patient.continuing if decision.standings.get(t) == "contraindicated" and t not in decision.leaving}
    items += review_actions(patient, decision, schedule, silent | closed, {c.therapy for c in changes.items})
    acted = silent | {i.therapy for i in items}
    for therapy in patient.running:
        if therapy in acted:
            continue
        if decision.standings.get(therapy) == "contraindicated":
            text = statements["recorded_clash"].text.format(name=k.therapies[therapy].name)
            items.append(action_item("now", "refer", therapy, text, None, (reason(statements["recorded_clash"], text),)))
        else:
            said = statements["running_continues"]
            text = said.text.format(name=k.therapies[therapy].name)
            judged = patient.history.running(therapy)
            verdict = (reason(judged.rule),) if judged is not None and judged.rule is not None else ()
            items.append(action_item("planned", "continue", therapy, text, None, (reason(said, text), *verdict)))
    for notice in (c.rule for c in notices if c.holds):
        if notice.refer:
            when = "now" if notice.urgent else "next_visit"
            items.append(action_item(when, "refer", None, notice.text, None, (reason(notice),)))
    return tuple(items)


def build_regimen(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    schedule: tuple[ScheduleItem, ...],
    changes: DoseChanges,
) -> tuple[RegimenPart, ...]:
    """The combination after the actions: the new therapy and what runs already."""
    parts = []
    if decision.chosen:
        parts.append(RegimenPart(decision.chosen, "new", chosen.regimen.id if chosen else None, None))
    for therapy in patient.running:
        if therapy != decision.chosen:
            ends = therapy not in patient.continuing or therapy in decision.leaving
            held = any(f.rule.action == "hold" for f in patient.limits.get(therapy, ()))
            role = (
                "stop"
                if ends
                else "hold"
                if held
                else "overlap"
                if therapy in changes.overlapping or therapy in decision.tapering
                else "continue"
            )
            parts.append(RegimenPart(therapy, role, None, _until(schedule, therapy)))  # type: ignore[arg-type]
    return tuple(parts)


def _until(schedule: tuple[ScheduleItem, ...], therapy: str) -> str | None:
    """The day a tapered therapy ends: that of its last event, which has no dose."""
    mine = [i for i in schedule if i.therapy == therapy and not i.hold_point]
    return mine[-1].date if mine and mine[-1].event == "end" else None


def warned_targets(patient: Assessment, decision: Decision) -> set[str]:
    """Therapies a notice may be about: the chosen one and those on board."""
    return {*patient.running, *([decision.chosen] if decision.chosen else [])}
