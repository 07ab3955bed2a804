"""When a therapy that ends by plan is given for the last time, and from which day on the body is free of it."""

from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.decide.decide import Decision
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Interval, Washout
from dmcli.result.events import Checkpoint, ScheduleItem
from dmcli.schedule.event import stated_dose
from dmcli.schedule.period import Period


class Ending(NamedTuple):
    """A therapy that ends, by plan or because it must, or has ended, with its washout. `on` is the day of its end, `free`
    the day its washout is over; both None while the day is not known on which the next one starts."""

    therapy: str
    rule: Statement
    washout: Washout
    on: date | None

    @property
    def free(self) -> date | None:
        return self.on + timedelta(weeks=self.washout.weeks) if self.on is not None else None


def planned(decision: Decision, therapy: str) -> bool:
    """Whether a running therapy ends by plan."""
    return therapy in decision.leaving and decision.reviews.items[therapy].rule.planned


def end_day(patient: Assessment, decision: Decision, period: Period) -> date | None:
    """The day on which what ends by plan ends: that of the next therapy's first dose, today where there is none."""
    if decision.chosen is None:
        return patient.case.as_of
    return None if decision.obstacles else period.start


def endings(patient: Assessment, decision: Decision, period: Period) -> tuple[Ending, ...]:
    """Every therapy whose washout is told: one that leaves, and one that was stopped so lately that it is not over."""
    found = {}
    for judged in patient.history.judged:
        course, therapy = judged.course, judged.course.therapy
        washout = patient.knowledge.therapies[therapy].washout
        if washout is None or patient.value(washout.when) is not True:
            continue
        reviewed = decision.reviews.items.get(therapy)
        rule: Statement = reviewed.rule if reviewed is not None else washout
        if not course.running:
            on = course.stop.last if course.stop is not None else None
        elif planned(decision, therapy):
            on = end_day(patient, decision, period)
        else:
            on = patient.case.as_of if therapy not in patient.continuing or therapy in decision.leaving else None
        ending = Ending(therapy, rule, washout, on)
        if planned(decision, therapy) or (ending.free is not None and ending.free > patient.case.as_of):
            found[therapy] = ending
    return tuple(found.values())


def ended(patient: Assessment, ending: Ending) -> ScheduleItem | None:
    """The end of a therapy as an event without a dose; None while its day is not known."""
    if ending.on is None:
        return None
    text = patient.knowledge.say("taper_end", name=patient.knowledge.name(ending.therapy))
    return stated_dose(ending.therapy, ending.rule, text, ending.on).changed(event="end")


def washed_out(patient: Assessment, ending: Ending) -> Checkpoint | None:
    """The first day after the washout; None while it is not known."""
    if ending.free is None or ending.on is None:
        return None
    said, washout = patient.knowledge.algorithm.statements["washed_out"], ending.washout
    text = said.text.format(
        name=patient.knowledge.name(ending.therapy), date=ending.on, weeks=washout.weeks, free=ending.free, washout=washout.text
    )
    day = ending.free.isoformat()
    return Checkpoint("conceive", day, ending.therapy, text, day, washout.sources, washout.level)


def first_dose(patient: Assessment, decision: Decision, asked: date) -> date:
    """The first day on which the chosen therapy may be given: not before the interval it asks for is over."""
    interval = patient.knowledge.therapies[decision.chosen].interval if decision.chosen is not None else None
    if interval is None or patient.value(interval.when) is not True or interval.settled_by in patient.case.confirmed:
        return asked
    return max(asked, _since(patient, interval) + timedelta(weeks=interval.weeks))


def _since(patient: Assessment, interval: Interval) -> date:
    day = patient.facts.days.get(interval.fact)
    return day.last if day is not None else patient.case.as_of
