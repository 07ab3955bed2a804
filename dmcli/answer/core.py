"""What is decided for a patient: all that a summary, a registry or the road ahead needs, and nothing that is only told."""

from typing import NamedTuple

from dmcli.answer.actions import build_actions
from dmcli.answer.calcinosis import CalcinosisState, calcinosis_state
from dmcli.answer.combination import build_regimen
from dmcli.answer.next_therapy import build_next
from dmcli.answer.options import Options
from dmcli.answer.score_items import Measured, measure
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.missed import Missed
from dmcli.decide.decide import Decision
from dmcli.decide.dose_changes import DoseChanges
from dmcli.dose.regimen import ChosenRegimen
from dmcli.result.actions import ActionItem, Next, RegimenPart
from dmcli.result.events import ScheduleItem
from dmcli.result.monitoring import BeforeStarting
from dmcli.review.review import Reviews
from dmcli.schedule.period import Period


class Stations(NamedTuple):
    """What each station found, from left to right."""

    period: Period
    patient: Assessment
    reviews: Reviews
    decision: Decision
    chosen: ChosenRegimen | None
    changes: DoseChanges
    before: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    missed: tuple[Missed, ...]


class Core(NamedTuple):
    """The decision for a patient with its actions. `checked` is every rule that a station checked, in that order;
    `notices` are looked at apart; `reasons`: it holds what is told of scores
    and of why the next therapy is next as well, and more of the schedule than first doses, without which there is no
    plan."""

    period: Period
    patient: Assessment
    reviews: Reviews
    decision: Decision
    chosen: ChosenRegimen | None
    before: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    missed: tuple[Missed, ...]
    measured: tuple[Measured, ...]
    calcified: CalcinosisState
    checked: tuple[Checked, ...]
    notices: tuple[Checked, ...]
    options: Options
    next: Next | None
    actions: tuple[ActionItem, ...]
    regimen: tuple[RegimenPart, ...]
    reasons: bool


def build_core(found: Stations, reasons: bool) -> Core:
    """What the stations found, as actions and as the regimen that results."""
    patient, decision, chosen = found.patient, found.decision, found.chosen
    measured, calcified = measure(patient) if reasons else (), calcinosis_state(patient)
    notices = patient.check_each("notices", patient.knowledge.algorithm.notices)
    dosed = chosen.checked if chosen is not None else ()
    beside = (*(c for m in measured for c in m.checked), *calcified.checked)
    options = Options(patient, decision)
    told = build_next(patient, decision, options, reasons)
    return Core(
        period=found.period,
        patient=patient,
        reviews=found.reviews,
        decision=decision,
        chosen=chosen,
        before=found.before,
        schedule=found.schedule,
        missed=found.missed,
        measured=measured,
        calcified=calcified,
        checked=(*found.reviews.checked, *decision.checked, *dosed, *found.changes.checked, *beside),
        notices=notices,
        options=options,
        next=told,
        actions=build_actions(patient, decision, chosen, found.changes, told, found.schedule, found.missed, notices),
        regimen=build_regimen(patient, decision, chosen, found.changes, found.schedule),
        reasons=reasons,
    )
