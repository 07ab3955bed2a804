"""What the stations found, told as a plan: the order of its parts, and who tells each."""

from typing import NamedTuple

from dmcli import __version__
from dmcli.answer.actions import build_actions
from dmcli.answer.calcinosis import build_calcinosis, calcinosis_state
from dmcli.answer.cautions import build_cautions
from dmcli.answer.caveats import assumptions, conflicts, defaults_used, unknowns
from dmcli.answer.combination import build_regimen, build_supportive
from dmcli.answer.courses import build_history, build_responses
from dmcli.answer.evidence import cited, traced
from dmcli.answer.knowledge_id import knowledge_id
from dmcli.answer.next_therapy import build_instead, build_next, build_reading
from dmcli.answer.patient_echo import build_patient
from dmcli.answer.score_items import build_scores, measure
from dmcli.answer.summary import build_summary
from dmcli.answer.urgent import build_urgent
from dmcli.answer.warnings import warnings
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.decide.decide import Decision
from dmcli.decide.dose_changes import DoseChanges
from dmcli.decide.instead import Instead
from dmcli.dose.regimen import ChosenRegimen, other_regimens
from dmcli.monitor.due_tests import Monitoring, no_tests_needed
from dmcli.result.caveats import Tool
from dmcli.result.events import Checkpoint, ScheduleItem
from dmcli.result.monitoring import BeforeStarting
from dmcli.result.plan import SCHEMA, Plan
from dmcli.result.reasons import reason
from dmcli.review.review import Reviews
from dmcli.schedule.period import Period
from dmcli.schedule.running_therapy import given_items


class Found(NamedTuple):
    """What each station found, from left to right."""

    period: Period
    patient: Assessment
    reviews: Reviews
    decision: Decision
    instead: tuple[Instead, ...]
    chosen: ChosenRegimen | None
    changes: DoseChanges
    before: tuple[BeforeStarting, ...]
    schedule: tuple[ScheduleItem, ...]
    checkpoints: tuple[Checkpoint, ...]
    monitoring: Monitoring

    @property
    def checked(self) -> tuple[Checked, ...]:
        """Every rule that a station checked, in that order."""
        dosed = self.chosen.checked if self.chosen is not None else ()
        return (*self.reviews.checked, *self.decision.checked, *dosed, *self.changes.checked)


def build_plan(found: Found) -> Plan:
    """The plan as data. Its summary and its sources are made from the rest of it."""
    patient, decision, chosen, case = found.patient, found.decision, found.chosen, found.patient.case
    knowledge = patient.knowledge
    measured, calcified = measure(patient), calcinosis_state(patient)
    notices = patient.check(knowledge.algorithm.notices)
    checked = (*found.checked, *(c for m in measured for c in m.checked), *calcified.checked)
    told = build_next(patient, decision)
    actions = build_actions(patient, decision, chosen, found.changes, told, found.schedule, found.monitoring.missed, notices)
    regimen = build_regimen(patient, decision, chosen, found.changes, found.schedule)
    plan = Plan(
        schema=SCHEMA,
        tool=Tool(__version__),
        knowledge=knowledge_id(knowledge),
        case_id=case.id,
        patient=build_patient(patient),
        as_of=case.as_of.isoformat(),
        start=found.period.start.isoformat(),
        status=decision.status.status,
        status_because=(reason(decision.status),),
        summary=(),
        valid_until=found.period.valid_until.isoformat(),
        next=told,
        instead=build_instead(found.instead),
        actions=actions,
        urgent=build_urgent(patient, actions),
        regimen=regimen,
        cautions=build_cautions(patient, regimen),
        before_starting=found.before,
        schedule=found.schedule,
        given=tuple(given for reviewed in found.reviews.items.values() for given in given_items(reviewed)),
        date_rule=knowledge.algorithm.date_rule,
        other_regimens=other_regimens(patient, decision.chosen, chosen),
        monitoring=found.monitoring.days,
        no_tests_needed=no_tests_needed(patient, found.monitoring),
        checkpoints=found.checkpoints,
        options=decision.options,
        history=build_history(patient),
        scores=build_scores(patient, measured),
        responses=build_responses(patient),
        calcinosis=build_calcinosis(patient, calcified),
        supportive=build_supportive(patient, decision),
        reading=build_reading(patient, decision),
        unknowns=unknowns(patient, decision, checked, found.before),
        assumptions=assumptions(patient),
        defaults_used=defaults_used(patient, decision, checked, chosen, found.monitoring.missed),
        conflicts=conflicts(patient, decision),
        warnings=warnings(patient, decision, notices),
        trace=traced(patient, (*checked, *notices)),
        sources={},
    )
    plan = plan.changed(summary=build_summary(plan, knowledge))
    return plan.changed(sources=cited(plan, knowledge))
