"""The combination of therapies that results from a plan, and the adjuncts that go along with it."""

from dmcli.assess.assess import Assessment
from dmcli.assess.limits import BINDING, gravest
from dmcli.decide.decide import Decision, open_clashes
from dmcli.decide.dose_changes import DoseChanges
from dmcli.dose.regimen import ChosenRegimen
from dmcli.result.actions import RegimenPart, Role
from dmcli.result.events import ScheduleItem
from dmcli.result.options import Supportive
from dmcli.schedule.planned_end import planned


def build_regimen(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    changes: DoseChanges,
    schedule: tuple[ScheduleItem, ...],
) -> tuple[RegimenPart, ...]:
    """The new therapy and what becomes of each that runs."""
    parts = []
    if decision.chosen:
        parts.append(RegimenPart(decision.chosen, "new", chosen.regimen.id if chosen else None, None, None))
    for therapy in patient.running:
        if therapy != decision.chosen:
            parts.append(_part(patient, decision, changes, schedule, therapy))
    return tuple(parts)


def _part(
    patient: Assessment, decision: Decision, changes: DoseChanges, schedule: tuple[ScheduleItem, ...], therapy: str
) -> RegimenPart:
    role, limit = _role(patient, decision, changes, therapy), gravest(patient.limits.get(therapy, ()))
    if planned(decision, therapy) and any(i.therapy == therapy and i.event != "end" for i in schedule):
        # It goes on until the next one starts.
        role = "overlap"
    return RegimenPart(therapy, role, None, limit, _until(schedule, therapy))


def _role(patient: Assessment, decision: Decision, changes: DoseChanges, therapy: str) -> Role:
    reviewed = decision.reviews.items.get(therapy)
    if therapy not in patient.continuing or therapy in decision.leaving:
        return "stop"
    if gravest(patient.limits.get(therapy, ())) in BINDING or (reviewed is not None and reviewed.rule.action == "hold"):
        return "hold"
    clashing = any(therapy in (left, right) for _, left, right in open_clashes(patient, decision.leaving))
    if clashing or decision.standings.get(therapy) == "contraindicated":
        return "undecided"
    return "overlap" if therapy in changes.overlapping or therapy in decision.tapering else "continue"


def _until(schedule: tuple[ScheduleItem, ...], therapy: str) -> str | None:
    """The day a tapered therapy ends: that of its last event, which has no dose."""
    mine = [i for i in schedule if i.therapy == therapy and not i.hold_point]
    return mine[-1].date if mine and mine[-1].event == "end" else None


def build_supportive(patient: Assessment, decision: Decision) -> tuple[Supportive, ...]:
    """Adjuncts that fit: shown with every in-scope plan, save what is contraindicated or declined."""
    if decision.status.status == "out_of_scope":
        return ()
    found = []
    for entry in patient.knowledge.therapies.values():
        if entry.line != "supportive" or decision.standings[entry.id] in ("contraindicated", "declined"):
            continue
        if entry.shown_when is None or patient.value(entry.shown_when) is True:
            found.append(Supportive(entry.id, entry.name, entry.summary.text, entry.summary.sources))
    return tuple(found)
