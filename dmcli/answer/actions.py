"""What to do, in order of urgency: what wards off harm, the decision, then what it means for therapies that run."""

from dmcli.answer.hold_end import with_hold_ends
from dmcli.answer.review_actions import review_actions
from dmcli.answer.safety_actions import for_skin_alone, safety_actions, with_results
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.missed import Missed
from dmcli.decide.decide import Decision, freed
from dmcli.decide.dose_changes import DoseChanges
from dmcli.decide.retry import retried_dose
from dmcli.dose.regimen import ChosenRegimen, regimen_text
from dmcli.knowledge.algorithm import StatusRule
from dmcli.monitor.overdue import overdue_actions
from dmcli.result.actions import ActionItem, Next, Priority, Said, action_item
from dmcli.result.events import ScheduleItem
from dmcli.result.reasons import reason, sources_of

# What wards off harm stands before everything else.
_FIRST = ("stop", "refer", "hold", "test")


def build_actions(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    changes: DoseChanges,
    told: Next | None,
    schedule: tuple[ScheduleItem, ...],
    missed: tuple[Missed, ...],
    notices: tuple[Checked, ...],
) -> tuple[ActionItem, ...]:
    """Every action, each part by a rule of its own; a later part is silent about what an earlier one settled."""
    items = [
        *with_hold_ends(patient, decision, safety_actions(patient, decision.overlapping, decision.leaving)),
        *_referral(patient, decision),
        *_next(patient, chosen, told),
        *_stopping(patient, decision),
        *_changed_doses(decision, changes),
    ]
    silent = _settled(patient, decision, items)
    closed = {t for t in patient.continuing if decision.standings.get(t) == "contraindicated" and t not in decision.leaving}
    items += review_actions(patient, decision, schedule, silent | closed, {c.therapy for c in changes.items})
    # A hold or a test says nothing of a therapy that must not be taken at all.
    acted = (silent - closed - freed(patient, decision.leaving)) | {
        i.therapy for i in items if i.action in ("stop", "refer") or i.therapy not in closed
    }
    items += [_otherwise(patient, decision, therapy) for therapy in patient.running if therapy not in acted]
    items += _of_notices(notices)
    return _after_safety(items, overdue_actions(patient, missed))


def _referral(patient: Assessment, decision: Decision) -> list[ActionItem]:
    """Each rule that refers today sends to whom has the answer, with the results behind it, and so does a status that is no
    answer of this tool."""
    status = decision.status
    today = [*(() if status.status != "refer" else (status,)), *(rule for rule in decision.referrals if rule != status)]
    sent: list[tuple[Priority, StatusRule]] = [("now", rule) for rule in today]
    sent += [("next_visit", status)] if status.status == "out_of_scope" else []
    return [
        action_item(priority, "refer", None, with_results(rule.text, rule.when, patient), None, (reason(rule),), ("reason",))
        for priority, rule in sent
    ]


def _next(patient: Assessment, chosen: ChosenRegimen | None, told: Next | None) -> list[ActionItem]:
    """The next therapy, with its regimen, or the dose it goes on from where it is to have a proper trial."""
    if told is None:
        return []
    no_dose = patient.knowledge.therapies[told.therapy].no_dose
    dose = regimen_text(patient.knowledge, chosen) if chosen else no_dose.text if no_dose else None
    goes_on = retried_dose(patient, told.therapy) if told.action == "retry" else None
    text = patient.knowledge.say(f"action_{told.action}", name=told.name)
    says: tuple[Said, ...] = () if told.action == "retry" else ("action",)
    item = action_item("now", told.action, told.therapy, text, goes_on[1] if goes_on else dose, told.because, says)
    # What is said of the therapies it was preferred to is no source of this action.
    own = tuple(r for r in told.because if r.about is None)
    return [item.changed(sources=sources_of(own))]


def _stopping(patient: Assessment, decision: Decision) -> list[ActionItem]:
    """Running therapies that end on the day the next one starts, because the two are not to run together."""
    k = patient.knowledge
    chosen = k.name(decision.chosen) if decision.chosen is not None else ""
    return [
        action_item("now", "switch", therapy, k.say("review_switch", name=k.name(therapy), next=chosen), None, (reason(rule),))
        for therapy, rule in decision.stopping.items()
    ]


def _changed_doses(decision: Decision, changes: DoseChanges) -> list[ActionItem]:
    """A running dose that changes, also because of what the review says of the therapy by name."""
    items = []
    for change in changes.items:
        named = decision.reviews.items.get(change.therapy)
        why = (reason(named.rule),) if named is not None and named.rule.targets == (change.therapy,) else ()
        because = (*change.because, *why)
        items.append(action_item("now", change.action, change.therapy, change.text, change.dose, because, change.says))
    return items


def _settled(patient: Assessment, decision: Decision, items: list[ActionItem]) -> set[str]:
    """Therapies of which something more is said than by their review: stops, holds, two that clash, and what is taken up
    again at a dose that changes too."""
    clashing = {t for _, left, right in patient.clashes for t in (left, right) if t not in decision.leaving}
    about = [(i.action, i.therapy) for i in items if i.therapy is not None]
    stopped = {therapy for action, therapy in about if action == "stop"}
    held = {therapy for action, therapy in about if action == "hold" and therapy not in decision.leaving}
    return clashing | stopped | held | {therapy for action, therapy in about if action == "resume"}


def _otherwise(patient: Assessment, decision: Decision, therapy: str) -> ActionItem:
    """A running therapy of which nothing else is said: it goes on, unless a record says that it must not, or it cannot."""
    statements, name = patient.knowledge.algorithm.statements, patient.knowledge.name(therapy)
    if decision.standings.get(therapy) == "contraindicated":
        said = statements["recorded_clash_own" if for_skin_alone(patient, therapy) else "recorded_clash"]
        text = said.text.format(name=name)
        return action_item("now", "refer", therapy, text, None, (reason(said, text),), ("reason",))
    if patient.safety[therapy].infeasible and not patient.knowledge.therapies[therapy].lasting:
        said = statements["running_infeasible"]
        text = said.text.format(name=name)
        return action_item("next_visit", "refer", therapy, text, None, (reason(said, text),), ("reason",))
    text = statements["running_continues"].text.format(name=name)
    judged = patient.history.running(therapy)
    verdict = (reason(judged.rule),) if judged is not None and judged.rule is not None else ()
    because = (reason(statements["running_continues"], text), *verdict)
    return action_item("planned", "continue", therapy, text, None, because, ("reason",))


def _of_notices(notices: tuple[Checked, ...]) -> list[ActionItem]:
    """Warnings that ask for a referral."""
    referring = (c.rule for c in notices if c.holds and c.rule.refer)
    return [
        action_item("now" if n.urgent else "next_visit", "refer", None, n.text, None, (reason(n),), ("reason",))
        for n in referring
    ]


def _after_safety(actions: list[ActionItem], more: tuple[ActionItem, ...]) -> tuple[ActionItem, ...]:
    """The actions with more of them put in after those that ward off harm, which stand first."""
    first = next((place for place, item in enumerate(actions) if item.action not in _FIRST), len(actions))
    return (*actions[:first], *more, *actions[first:])
