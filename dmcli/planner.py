"""The planner's front door: one case and the knowledge to one whole plan. Pure: no files, no clock, no printing."""

from datetime import date

from dmcli.answer.assembly import Found, build_plan
from dmcli.assess.assess import assess, beside
from dmcli.case.model import Case
from dmcli.decide.decide import decide
from dmcli.decide.dose_changes import dose_changes
from dmcli.dose.regimen import choose_regimen
from dmcli.knowledge.model import Knowledge
from dmcli.monitor.before_first_dose import before_starting
from dmcli.monitor.due_tests import build_monitoring
from dmcli.result.plan import Plan
from dmcli.review.review import review
from dmcli.schedule.judgements import build_checkpoints
from dmcli.schedule.period import planned_period
from dmcli.schedule.planned_end import first_dose
from dmcli.schedule.schedule import build_schedule, day_zeros


def plan(
    case: Case, knowledge: Knowledge, *, start: date | None = None, horizon_weeks: int | None = None, reading: str | None = None
) -> Plan:
    """The plan for one case at its as-of date.

    `start` is day 0 of the chosen therapy (default: the as-of date; never before it), `horizon_weeks` how far the
    schedule and the monitoring reach, `reading` one of the gate's readings.
    """
    period = planned_period(case, knowledge, start, horizon_weeks)
    patient = assess(case, knowledge)
    reviews = review(patient)
    patient = beside(patient, reviews.staying, reviews.ending)
    decision = decide(patient, reviews, reading or knowledge.algorithm.gate.default)
    period = period.begun(first_dose(patient, decision, period.start))
    chosen = choose_regimen(patient, decision.chosen)
    changes = dose_changes(patient, decision)
    before = before_starting(patient, decision.chosen, chosen)
    schedule = build_schedule(patient, decision, chosen, changes, before, period)
    started = day_zeros(patient, decision, period)
    checkpoints = build_checkpoints(patient, decision, started, period)
    monitoring = build_monitoring(patient, decision.chosen, started, schedule, period)
    return build_plan(Found(period, patient, reviews, decision, chosen, changes, before, schedule, checkpoints, monitoring))
