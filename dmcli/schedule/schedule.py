"""The whole schedule: the new therapy, the rest of those that run, and the doses that change, in calendar order."""

from datetime import date, timedelta

from dmcli.assess.assess import Assessment
from dmcli.assess.limits import BINDING, gravest
from dmcli.decide.decide import Decision
from dmcli.decide.dose_changes import DoseChanges
from dmcli.dose.regimen import ChosenRegimen
from dmcli.knowledge.statements import Statement
from dmcli.result.events import ScheduleItem
from dmcli.result.monitoring import BeforeStarting
from dmcli.review.review import Reviewed
from dmcli.schedule.event import changed_doses, stated_dose
from dmcli.schedule.judgements import judgement_days
from dmcli.schedule.new_therapy import Origin, continued_dose, regimen_events
from dmcli.schedule.period import Period, Reach
from dmcli.schedule.planned_end import end_day, ended, endings, planned
from dmcli.schedule.running_therapy import rest_of, titration_origin


def build_schedule(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    changes: DoseChanges,
    before: tuple[BeforeStarting, ...],
    period: Period,
    first: bool,
) -> tuple[ScheduleItem, ...]:
    """Every event of the period, or with `first` what is asked of the first dose of each therapy; of one day those of the
    chosen therapy first."""
    reach = Reach(period.end, first)
    items = list(changed_doses(patient, changes.items, decision.chosen, period.start))
    for reviewed in _going_on(patient, decision, changes):
        items += rest_of(patient, reviewed, reach, decision.overlapping)
    items += _ending(patient, decision, period, reach)
    # Where an obstacle stands in its way, no dose of the chosen therapy is booked.
    if decision.chosen is not None and chosen is not None and not decision.obstacles:
        items += _new(patient, decision, decision.chosen, chosen, before, period.start, reach)
    items = [i for i in items if _may_be_given(patient, decision, i.therapy)]
    order = list(dict.fromkeys([decision.chosen, *(i.therapy for i in items)]))
    return tuple(sorted(items, key=lambda item: (item.date, order.index(item.therapy))))


def _ending(patient: Assessment, decision: Decision, period: Period, reach: Reach) -> list[ScheduleItem]:
    """What ends by plan goes on until the day before its end."""
    last = end_day(patient, decision, period)
    items: list[ScheduleItem] = []
    for ending in endings(patient, decision, period):
        if planned(decision, ending.therapy):
            reviewed = decision.reviews.items[ending.therapy]
            until = reach._replace(end=last - timedelta(days=1)) if last is not None else reach
            rest = rest_of(patient, reviewed, until, decision.overlapping) if until.end >= patient.case.as_of else ()
            end = ended(patient, ending)
            items += [i for i in rest if i.date <= until.end.isoformat()]
            items += [end] if end is not None else []
    if last is not None:
        items += [_end(patient, therapy, rule, last) for therapy, rule in decision.stopping.items()]
    return items


def _end(patient: Assessment, therapy: str, rule: Statement, day: date) -> ScheduleItem:
    """The end of a therapy on a day, as an event without a dose."""
    text = patient.knowledge.say("taper_end", name=patient.knowledge.name(therapy))
    return stated_dose(therapy, rule, text, day).changed(event="end")


def _may_be_given(patient: Assessment, decision: Decision, therapy: str) -> bool:
    """No dose is booked of what is held, stopped or contraindicated, whatever else asks for one; nor of what is to start
    while a known obstacle stands in the way."""
    if therapy == decision.chosen:
        return not decision.obstacles
    barred = decision.standings.get(therapy) == "contraindicated"
    return not barred and gravest(patient.limits.get(therapy, ())) not in BINDING


def _going_on(patient: Assessment, decision: Decision, changes: DoseChanges) -> list[Reviewed]:
    """The reviewed therapies whose rest the tool schedules."""
    if not decision.reviews.items:
        return []
    # Of two that clash neither dose goes up, or on, before their prescribers have answered.
    clashing = {therapy for _, left, right in patient.clashes for therapy in (left, right)}
    changed = {c.therapy for c in changes.items}
    contraindicated = {t for t, status in decision.standings.items() if status == "contraindicated"}
    left_out = {*clashing, *changed, *contraindicated, *decision.leaving}
    return [r for t, r in decision.reviews.items.items() if t not in left_out and _scheduled(patient, r)]


def _scheduled(patient: Assessment, reviewed: Reviewed) -> bool:
    """Whether the tool schedules the therapy while it runs: it stands behind the gate, or has a rule of its own."""
    line = patient.knowledge.therapies[reviewed.therapy].line
    return reviewed.rule.targets == (reviewed.therapy,) or line in patient.knowledge.algorithm.advanced


def _new(
    patient: Assessment,
    decision: Decision,
    therapy: str,
    chosen: ChosenRegimen,
    before: tuple[BeforeStarting, ...],
    start: date,
    reach: Reach,
) -> tuple[ScheduleItem, ...]:
    """The doses of the chosen therapy; one that is to have a proper trial goes on from its last dose."""
    waits = tuple(b.what for b in before if b.blocks)
    if decision.action == "retry":
        going_on = continued_dose(patient, therapy, start, () if therapy in patient.continuing else waits)
        if going_on:
            return going_on
    days = () if reach.first else judgement_days(patient, therapy, start, again=False)
    origin = Origin(start, start, 0, waits, days[0] if days else None)
    return regimen_events(patient, therapy, chosen, origin, reach)


def day_zeros(patient: Assessment, decision: Decision, period: Period) -> dict[str, date]:
    """Day 0 of every therapy that is monitored: the new one, and running ones, from today where the start is not stated."""
    started = {decision.chosen: period.start} if decision.chosen else {}
    for therapy in patient.continuing:
        if therapy not in started and therapy not in decision.leaving:
            started[therapy] = _day_zero(patient, decision, therapy)
    return started


def _day_zero(patient: Assessment, decision: Decision, therapy: str) -> date:
    judged, reviewed = patient.history.running(therapy), decision.reviews.items.get(therapy)
    began = judged.course.start.last if judged and judged.course.start else patient.case.as_of
    origin = titration_origin(patient, reviewed) if reviewed is not None else None
    return max(began, origin) if origin is not None else began
