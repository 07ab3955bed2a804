"""A case: what is stated about one patient at one date, frozen."""

from datetime import date

from dmcli.knowledge.codes import HARMS
from dmcli.record import Record
from dmcli.values.dates import Days
from dmcli.values.dosetext import WrittenDose
from dmcli.values.truth import Codes


class Stated(Record):
    """A stated value (in the fact's own unit; of several codes all of them) and the day it is of; undated means it holds at
    the as-of date."""

    value: bool | float | str | Codes
    day: Days | None = None


class Given(Record):
    """A dose that was given, or a step that was taken, on a day."""

    day: Days
    dose: WrittenDose | None


class Pause(Record):
    """A time in which a therapy was not given because a result or an event held it; without `until` it still is."""

    since: Days
    until: Days | None = None


class Course(Record):
    """One course of one therapy. `None` is not stated.

    `perhaps_running`: it has no dates and a closing outcome, so that it is taken as past and may still run;
    `start_implied`: the start was worked out from the weeks; `unclear` are doses as written that were not understood;
    `name` is how the treatment was called where it is none of the catalogue; `dose_reduced`: only a higher dose was not
    tolerated, and what is told of the course is the lower one.
    """

    therapy: str
    number: int
    name: str | None = None
    indication: str | None = None
    dose: WrittenDose | None = None
    start: Days | None = None
    stop: Days | None = None
    running: bool = False
    perhaps_running: bool = False
    start_implied: bool = False
    weeks: int | None = None
    outcome: str | None = None
    scope: str | None = None
    reason: str | None = None
    stop_reason: str | None = None
    dose_limit: str | None = None
    trial_accepted: bool = False
    relapse_day: Days | None = None
    relapse_after: str | None = None
    relapse_below: WrittenDose | None = None
    steps: tuple[Given, ...] = ()
    given: tuple[Given, ...] = ()
    courses: int | None = None
    interval_weeks: int | None = None
    interval_courses: int | None = None
    last_held_interval_weeks: int | None = None
    held: Pause | None = None
    unclear: tuple[str, ...] = ()
    dose_reduced: bool = False

    @property
    def for_skin(self) -> bool:
        """A course whose indication is not stated counts as given for the skin."""
        return self.indication in (None, "skin")

    @property
    def harmed(self) -> bool:
        """A course that was not tolerated, or whose record says that the therapy is contraindicated."""
        return self.outcome in HARMS or self.stop_reason == "intolerance"


class OtherDrug(Record):
    """A drug on board that is not a therapy of the catalogue; `known` is its id if the knowledge has one."""

    name: str
    known: str | None
    dose: str | None = None


class Case(Record):
    """`stated` holds, per fact, every value with its date. `other_drugs` None means not stated. `confirmed` are the ids of
    what the prescriber has agreed to."""

    id: str | None
    as_of: date
    as_of_stated: bool
    stated: dict[str, tuple[Stated, ...]]
    courses: tuple[Course, ...] = ()
    treatments_stated: bool = True
    other_drugs: tuple[OtherDrug, ...] | None = None
    declined: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
