"""One therapy of the catalogue: dosing, safety, monitoring and evidence, as `data/regimens.yaml` states them."""

from typing import Literal

from dmcli.knowledge.ranges import (
    Amount,
    Count,
    Day,
    Days,
    GramsPerMl,
    Minutes,
    MonthWeeks,
    People,
    Rate,
    RoundingStep,
    Week,
    Weeks,
)  # fmt: skip
from dmcli.knowledge.statements import Expr, Rule, Statement
from dmcli.record import Model

Line = Literal["supportive", "conventional", "primary", "second", "pool", "specialist", "avoid", "not_recommended", "calcinosis"]
About = Literal[
    "contraception", "paternal", "pregnancy", "breastfeeding", "washout", "fertility", "vaccines", "infection",
    "handling", "premedication", "hydration", "administration", "adverse_effects", "boxed_warning", "hepatic",
    "renal", "interactions", "mechanism", "supply", "taper",
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


class Regimen(Statement):
    """A way of dosing. `use`: standard is the usual one, a variant replaces it while `when` holds, an
    alternative or a report is shown and never scheduled by the tool.

    Of variants that hold together the first counts; it names the others in `before`. `wait_days` pass from the decision
    to the first dose.
    """

    name: str
    use: Literal["standard", "variant", "alternative", "report"]
    when: Expr | None = None
    unknown: Literal["require", "note"] = "require"
    steps: tuple[Step, ...]
    caps: tuple[Cap, ...] = ()
    infusion: Infusion | None = None
    course_max: Dose | None = None
    before: tuple[str, ...] = ()
    wait_days: int = 0


class DoseLimit(Model):
    """A dose of `amount` per `per_days` days, for `weeks` completed weeks where that is asked."""

    amount: Amount
    unit: str
    per_days: Days
    weeks: Weeks | None = None


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


class Response(Statement):
    """When improvement is to be expected, in weeks from the start."""

    first_weeks: tuple[Week, Week] | None = None
    full_weeks: Weeks | None = None


class Contraindication(Rule):
    """Excludes the therapy while it holds. `unknown`: `require` makes the missing fact a precondition of
    the first dose, `block` passes the therapy over until the fact is known, `note` asks for it and waits for nothing."""

    unknown: Literal["require", "block", "note"]


class Caution(Rule):
    """Speaks against the therapy while it holds. `severe` moves it to the end of its order;
    `sign_off` asks for a named specialist's agreement."""

    severity: Literal["caution", "severe"] = "caution"
    sign_off: bool = False
    unknown: Literal["require", "note"] = "note"


class Before(Statement):
    """Something to do before the first dose: a test, a talk, a treatment of what was found."""

    tests: tuple[str, ...] = ()
    when: Expr | None = None
    blocks: bool = False


class Phase(Model):
    """When a test is due: at listed weeks, or every n weeks within a span, or before each course of a step."""

    at_weeks: tuple[Week, ...] = ()
    every_weeks: Weeks | None = None
    from_week: Week = 0
    until_week: Week | None = None
    before_each: str | None = None


class Limit(Rule):
    """A result that asks for action: `call` (contact, repeat, no step up), `hold` or `stop`."""

    action: Literal["call", "hold", "stop"]


class Monitor(Statement):
    """Tests of one source's schedule. Of several schedules for the same tests one is `shown`."""

    tests: tuple[str, ...]
    when: Expr | None = None
    baseline: bool = True
    shown: bool = True
    phases: tuple[Phase, ...]
    limits: tuple[Limit, ...] = ()


class Advice(Statement):
    about: About
    when: Expr | None = None


class Evidence(Statement):
    """A study or report with its own figures. `patients` is the number treated, where known."""

    design: str
    patients: People | None = None
    favours: Literal["for", "against", "neither"]


class OnBoard(Statement):
    """How long a therapy acts after its last dose, in completed weeks; `unless` is the fact that ends it earlier."""

    weeks: int
    unless: str | None = None


class Therapy(Model):
    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    classes: tuple[str, ...]
    line: Line
    route: str
    summary: Statement
    label_status: Statement
    grade: Statement | None = None
    month_weeks: MonthWeeks | None = None
    shown_when: Expr | None = None
    regimens: tuple[Regimen, ...] = ()
    no_dose: Statement | None = None
    max_dose: DoseLimit | None = None
    response: Response | None = None
    trial: Trial | None = None
    on_board: OnBoard | None = None
    contraindications: tuple[Contraindication, ...] = ()
    cautions: tuple[Caution, ...] = ()
    before: tuple[Before, ...] = ()
    monitoring: tuple[Monitor, ...] = ()
    no_monitoring: Statement | None = None
    advice: tuple[Advice, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Test(Model):
    """Something that is measured or asked. It is on file when all facts it `settles` are known; `also` are
    facts that the same result may give."""

    id: str
    name: str
    kind: Literal["blood", "urine", "imaging", "exam", "question"]
    settles: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Group(Model):
    """A class of therapies, a line of the algorithm, or a group of other drugs. `sources` say who belongs to it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    level: str | None = None


class Substance(Model):
    """A drug that is not in the catalogue but matters to it. `groups` are ids of substance groups; `classes` are classes
    of the catalogue it belongs to, whose pairs and rules count for it."""

    id: str
    name: str
    synonyms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    level: str | None = None
