"""What the stations found, told as a plan: the order of its parts, and who tells each."""

from typing import NamedTuple

from dmcli import __version__
from dmcli.answer.calcinosis import build_calcinosis
from dmcli.answer.cautions import build_cautions
from dmcli.answer.caveats import assumptions, conflicts, defaults_used, unknowns
from dmcli.answer.combination import build_supportive
from dmcli.answer.core import Core
from dmcli.answer.courses import build_history, build_responses
from dmcli.answer.evidence import cited, traced
from dmcli.answer.knowledge_id import knowledge_id
from dmcli.answer.next_therapy import build_instead, build_reading
from dmcli.answer.patient_echo import build_patient
from dmcli.answer.score_items import build_scores
from dmcli.answer.summary import build_summary
from dmcli.answer.urgent import build_urgent
from dmcli.answer.warnings import warnings
from dmcli.decide.instead import Instead
from dmcli.dose.regimen import other_regimens
from dmcli.monitor.due_tests import Monitoring, no_tests_needed
from dmcli.result.caveats import Tool
from dmcli.result.events import Checkpoint
from dmcli.result.plan import SCHEMA, Plan
from dmcli.result.reasons import reason
from dmcli.schedule.running_therapy import given_items


class Explained(NamedTuple):
    """What is found for the sake of the telling: nothing that is decided depends on it."""

    instead: tuple[Instead, ...]
    checkpoints: tuple[Checkpoint, ...]
    monitoring: Monitoring


def build_plan(core: Core, explained: Explained) -> Plan:
    """The plan as data. Its summary and its sources are made from the rest of it."""
    patient, decision, chosen, case = core.patient, core.decision, core.chosen, core.patient.case
    knowledge = patient.knowledge
    plan = Plan(
        schema=SCHEMA,
        tool=Tool(__version__),
        knowledge=knowledge_id(knowledge),
        case_id=case.id,
        patient=build_patient(patient),
        as_of=case.as_of.isoformat(),
        start=core.period.start.isoformat(),
        status=decision.status.status,
        status_because=tuple(dict.fromkeys(reason(rule) for rule in (decision.status, *decision.referrals))),
        summary=(),
        valid_until=core.period.valid_until.isoformat(),
        next=core.next,
        instead=build_instead(explained.instead),
        actions=core.actions,
        urgent=build_urgent(patient, core.actions),
        regimen=core.regimen,
        cautions=build_cautions(patient, core.regimen),
        before_starting=core.before,
        schedule=core.schedule,
        given=tuple(given for reviewed in core.reviews.items.values() for given in given_items(reviewed)),
        date_rule=knowledge.algorithm.date_rule,
        other_regimens=other_regimens(patient, decision.chosen, chosen),
        monitoring=explained.monitoring.days,
        no_tests_needed=no_tests_needed(patient, explained.monitoring),
        checkpoints=explained.checkpoints,
        options=core.options.every(),
        history=build_history(patient),
        scores=build_scores(patient, core.measured),
        responses=build_responses(patient),
        calcinosis=build_calcinosis(patient, core.calcified),
        supportive=build_supportive(patient, decision),
        reading=build_reading(patient, decision),
        unknowns=unknowns(patient, decision, core.checked, core.before),
        assumptions=assumptions(patient),
        defaults_used=defaults_used(patient, decision, core.checked, chosen, core.missed),
        conflicts=conflicts(patient, decision),
        warnings=warnings(patient, decision, core.notices),
        trace=traced(patient, (*core.checked, *core.notices)),
        sources={},
    )
    plan = plan.changed(summary=build_summary(plan, knowledge))
    return plan.changed(sources=cited(plan, knowledge))
