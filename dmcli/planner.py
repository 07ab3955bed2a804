"""The planner's front door: one case and the knowledge to one whole plan. Pure: no files, no clock, no printing."""

from datetime import date

from dmcli.answer.assembly import Explained, build_plan
from dmcli.answer.core import Core, Stations, build_core
from dmcli.assess.assess import assess, beside
from dmcli.assess.missed import missed_tests
from dmcli.case.model import Case
from dmcli.case.outside import with_recorded
from dmcli.decide.decide import decide
from dmcli.decide.dose_changes import dose_changes
from dmcli.decide.instead import alternatives
from dmcli.decide.overlaps import without_stopped
from dmcli.dose.regimen import choose_regimen
from dmcli.knowledge.model import Knowledge
from dmcli.monitor.before_first_dose import before_starting
from dmcli.monitor.due_tests import build_monitoring
from dmcli.result.events import Checkpoint
from dmcli.result.plan import Plan
from dmcli.review.review import review
from dmcli.schedule.judgements import build_checkpoints
from dmcli.schedule.period import planned_period
from dmcli.schedule.planned_end import first_dose
from dmcli.schedule.schedule import build_schedule, day_zeros


def plan(
    case: Case,
    knowledge: Knowledge,
    *,
    start: date | None = None,
    horizon_weeks: int | None = None,
    reading: str | None = None,
    weekends: bool | None = None,
) -> Plan:
    """The plan for one case at its as-of date; the same arguments give the same plan.

    `start` is day 0 of the chosen therapy (default: the as-of date; never before it), `horizon_weeks` how many weeks
    the schedule and the monitoring reach, at least 1 (default: the knowledge's own), `reading` one of the gate's
    readings, `both` or `either`, `weekends` whether infusions may be given on weekends (default: as the knowledge sets it).

    In the plan `status` says what comes of the question and `next` which therapy, or None. `actions`, `schedule`,
    `monitoring` and `checkpoints` are tuples in their final order, days are text as YYYY-MM-DD, a dose has a value
    and its unit (`dose`) and the words for it (`dose_text`), and everything that is said names its `sources`, which
    `Plan.sources` spells out. `dmcli.as_data` makes plain dicts and lists of it, as `--format json` prints them. A plan is
    read only: what is alike in two plans, the `facts` of an argument as well, may be one and the same.

    Raises ValueError for a horizon below one week and for a reading that the knowledge has not.
    """
    return explain(decide_case(case, knowledge, start=start, horizon_weeks=horizon_weeks, reading=reading, weekends=weekends))


class Planner:
    """One knowledge made ready for many plans, each of which then takes half the time; it pays from some twenty on.

    It gives the plans that `plan` gives. What it keeps, it keeps in bounds; each thread makes one of its own.

    `knowledge` is the knowledge to read the cases with, which is faster as well.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge.changed(prepared=None).for_many()

    def plan(
        self,
        case: Case,
        *,
        start: date | None = None,
        horizon_weeks: int | None = None,
        reading: str | None = None,
        weekends: bool | None = None,
    ) -> Plan:
        """The plan for one case, as `plan` makes it, with the same arguments and errors."""
        return plan(case, self.knowledge, start=start, horizon_weeks=horizon_weeks, reading=reading, weekends=weekends)


def decide_case(
    case: Case,
    knowledge: Knowledge,
    *,
    start: date | None = None,
    horizon_weeks: int | None = None,
    reading: str | None = None,
    weekends: bool | None = None,
    reasons: bool = True,
) -> Core:
    """What is decided for one case, without what is only told of it; asked as `plan` is, and with the same errors. Without
    `reasons` it is not told why the next therapy is next, nothing is booked behind the first dose of a therapy, and no plan
    can be made of it."""
    if horizon_weeks is not None and horizon_weeks < 1:
        raise ValueError(f"a horizon of {horizon_weeks} weeks is shorter than one week")
    if reading is not None and reading not in knowledge.algorithm.gate.readings:
        raise ValueError(f"the reading '{reading}' is none of {', '.join(knowledge.algorithm.gate.readings)}")
    knowledge = with_recorded(case, knowledge)
    period = planned_period(case, knowledge, start, horizon_weeks)
    patient = assess(case, knowledge, weekends)
    reviews = review(patient)
    patient = without_stopped(beside(patient, reviews.staying, reviews.ending), reviews.staying)
    decision = decide(patient, reviews, reading or knowledge.algorithm.gate.default)
    chosen = choose_regimen(patient, decision.chosen)
    period = period.begun(first_dose(patient, decision, chosen, period.start))
    changes = dose_changes(patient, decision)
    before = before_starting(patient, decision.chosen, chosen, decision.stopping)
    schedule = build_schedule(patient, decision, chosen, changes, before, period, first=not reasons)
    missed = missed_tests(patient, day_zeros(patient, decision, period))
    return build_core(Stations(period, patient, reviews, decision, chosen, changes, before, schedule, missed), reasons)


def explain(core: Core) -> Plan:
    """The whole plan of what is decided: with what would come instead, tests and judgements, options, rules and sources."""
    if not core.reasons:
        raise ValueError("this was decided without the reasons that a plan tells")
    patient, decision, period = core.patient, core.decision, core.period
    started = day_zeros(patient, decision, period)
    instead = alternatives(patient, decision)
    checkpoints = judgements(core)
    undated = bool(decision.obstacles)
    monitoring = build_monitoring(
        patient, decision.chosen, started, core.missed, core.schedule, period, undated, decision.reviews.raising
    )
    return build_plan(core, Explained(instead, checkpoints, monitoring))


def judgements(core: Core) -> tuple[Checkpoint, ...]:
    """When each therapy of what is decided is judged."""
    started = day_zeros(core.patient, core.decision, core.period)
    return build_checkpoints(core.patient, core.decision, started, core.period)
