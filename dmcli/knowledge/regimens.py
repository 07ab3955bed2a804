"""How each therapy is dosed: its line, route, regimens and trial, as `data/regimens.yaml` states them."""

from typing import Literal

from dmcli.knowledge.ranges import (
    Amount,
    Count,
    Day,
    Days,
    GramsPerMl,
    Minutes,
    MonthWeeks,
    Rate,
    RoundingStep,
    Week,
    Weeks,
)  # fmt: skip
from dmcli.knowledge.statements import Expr, Rule, Statement
from dmcli.record import Model

Line = Literal[
    "supportive", "conventional", "primary", "second", "pool", "specialist", "avoid", "not_recommended", "calcinosis",
    "background",
]  # fmt: skip


class Dose(Model):
    """What is given each time. `unit` is UCUM: mg, g, mg/kg, g/kg, mg/m2.

    `amounts` are the single administrations within `per_days` days: [500, 500] per 1 is 500 mg twice
    daily, [15] per 7 is 15 mg once weekly; without `per_days` the dose is given once.
    """

    amounts: tuple[Amount, ...]
    unit: str
    per_days: Days | None = None
    form: str | None = None
    round_to: RoundingStep | None = None
    rounding: Literal["nearest", "down"] = "nearest"
    max: Amount | None = None


class Step(Model):
    """One event of a regimen, in days from the start. `until_day` is its last day.

    `on_days` are offsets within a course, `every_days` repeats it, `courses` bounds the repeats. A hold
    point stops the regimen until its `tests` are back and in order.
    """

    id: str
    text: str
    day: Day = 0
    until_day: Day | None = None
    on_days: tuple[Day, ...] = (0,)
    every_days: Days | None = None
    courses: Count | None = None
    dose: Dose | None = None
    hold_point: bool = False
    tests: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    level: str | None = None


class Cap(Rule):
    """The most that may be given while the condition holds; `per_days` 1 is a day's total, 7 a week's."""

    max: Amount
    unit: str
    per_days: Days


class Infusion(Model):
    """Rate steps in mL/kg/min, each held for `step_minutes`; `reduced_rates` while `reduced_when` holds."""

    grams_per_ml: GramsPerMl
    rates: tuple[Rate, ...]
    step_minutes: Minutes
    reduced_rates: tuple[Rate, ...]
    reduced_when: Expr
    text: str
    reduced_text: str
    sources: tuple[str, ...]
    level: str


class CourseLimit(Model):
    """The most of a whole course: `amount` in its unit, and what rounding may add `above` it."""

    amount: Amount
    unit: str
    above: Amount


class Rise(Model):
    """By how much the last dose of a regimen may go up at once, and how often, where no step tells it."""

    max: Amount
    unit: str
    per_days: Days
    every_days: Days


class Regimen(Statement):
    """A way of dosing. `use`: standard is the usual one, a variant replaces it while `when` holds, an
    alternative or a report is shown and never scheduled by the tool.

    Of variants that hold together the first counts; it names the others in `before`. A variant that is `offered` is shown
    as an alternative where nothing asks for it.
    """

    name: str
    use: Literal["standard", "variant", "alternative", "report"]
    when: Expr | None = None
    unknown: Literal["require", "note"] = "require"
    steps: tuple[Step, ...]
    caps: tuple[Cap, ...] = ()
    infusion: Infusion | None = None
    course_max: CourseLimit | None = None
    rise: Rise | None = None
    before: tuple[str, ...] = ()
    offered: bool = False


class DoseLimit(Model):
    """A dose of `amount` per `per_days` days, for `weeks` completed weeks where that is asked."""

    amount: Amount
    unit: str
    per_days: Days
    weeks: Weeks | None = None


class OtherMax(Model):
    """A further maximum: by weight beside the usual one, or in place of it where a dose is written with one of `forms`."""

    max: Amount
    unit: str
    per_days: Days
    forms: tuple[str, ...] = ()


class TrialLimit(Model):
    weeks: Weeks
    courses: Count | None = None


class Trial(Statement):
    """When a lack of response counts: completed weeks (days // 7), courses and dose.

    `step_up` is the dose a partial response is raised to while there is room; its `weeks` run from that step.
    """

    no_response: TrialLimit
    some_response: TrialLimit | None = None
    dose: DoseLimit | None = None
    step_up: DoseLimit | None = None

    @property
    def weeks_again(self) -> Weeks:
        """The weeks from the judgement of a lack of response to the one of a partial response."""
        return max((self.some_response or self.no_response).weeks - self.no_response.weeks, 0)


class Response(Statement):
    """When improvement is to be expected, in weeks from the start."""

    first_weeks: tuple[Week, Week] | None = None
    full_weeks: Weeks | None = None


class StepNeeds(Statement):
    """The results without which no dose goes up, because the label of the drug names them: `facts`. Any other one that is
    missing from a panel is named, and delays nothing."""

    facts: tuple[str, ...]


class Dosing(Model):
    """Where a therapy stands in the algorithm, and how it is given and judged."""

    line: Line
    route: str
    month_weeks: MonthWeeks | None = None
    regimens: tuple[Regimen, ...] = ()
    no_dose: Statement | None = None
    max_dose: DoseLimit | None = None
    other_max: tuple[OtherMax, ...] = ()
    response: Response | None = None
    trial: Trial | None = None
    step_needs: StepNeeds | None = None
