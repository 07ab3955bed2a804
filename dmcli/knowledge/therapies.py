"""One therapy of the catalogue: what it is, its safety, monitoring and evidence, as `data/therapies/` states them."""

from typing import Literal

from dmcli.knowledge.limits import Limit, StartLimit
from dmcli.knowledge.ranges import Days, People, Week, Weeks
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.statements import Conflict, Expr, Rule, Statement
from dmcli.record import Model


class Contraindication(Rule):
    """Excludes the therapy while it holds. `unknown`: `require` makes the missing fact a precondition of the first dose,
    `note` asks for it and waits for nothing. `start_only`: it concerns a start, and says nothing of a therapy that runs."""

    unknown: Literal["require", "note"]
    start_only: bool = False


class Caution(Rule):
    """Speaks against the therapy while it holds. `severe` moves it to the end of its order; `sign_off` asks the
    prescriber to agree; what is to `settle` is dealt with before the first dose, which has no date until then. `ask` is
    what is asked where its fact is not known and something narrower than that fact is enough."""

    severity: Literal["caution", "severe"] = "caution"
    sign_off: bool = False
    settle: bool = False
    unknown: Literal["require", "note"] = "note"
    ask: str | None = None


class Before(Statement):
    """Something to do before the first dose: a test, a talk, a treatment of what was found."""

    tests: tuple[str, ...] = ()
    when: Expr | None = None
    blocks: bool = False


class AfterEach(Model):
    """So many days after the last day of each course of a step."""

    step: str
    days: Days


class Phase(Model):
    """When a test is due: at listed weeks, or every n weeks within a span, or before or after each course of a step."""

    at_weeks: tuple[Week, ...] = ()
    every_weeks: Weeks | None = None
    from_week: Week = 0
    until_week: Week | None = None
    before_each: str | None = None
    after_each: AfterEach | None = None

    @property
    def tied(self) -> bool:
        """Whether the test belongs to a course, so that its day goes with it."""
        return self.before_each is not None or self.after_each is not None


class Monitor(Statement):
    """Tests of one source's schedule. Of several schedules for the same tests one is `shown`."""

    tests: tuple[str, ...]
    when: Expr | None = None
    baseline: bool = True
    shown: bool = True
    phases: tuple[Phase, ...]

    @property
    def after_course(self) -> bool:
        """Whether its tests are due after courses, on days that neither come forward nor wait."""
        return any(phase.after_each is not None for phase in self.phases)


class Washout(Statement):
    """How many weeks after the last dose the body is free of the therapy; it is told where its condition holds."""

    when: Expr
    weeks: Week


class Interval(Statement):
    """How many weeks a fact has to have been true before the first dose, where the condition holds. Without a day it is
    counted from the day of the plan. `settled_by` is an item of what comes before, or a caution in whose place the wait
    stands: once it is confirmed nothing waits."""

    when: Expr
    fact: str
    weeks: Weeks
    settled_by: str


class Advice(Statement):
    """What to know of the therapy; `about` is one of the subjects in `data/codes.yaml`."""

    about: str
    when: Expr | None = None


class Evidence(Statement):
    """A study or report with its own figures. `patients` is the number treated, where known."""

    design: str
    patients: People | None = None
    favours: Literal["for", "against", "neither"]


class OnBoard(Statement):
    """How long a therapy acts after its last dose, in completed weeks; `unless` is the fact that ends it earlier."""

    weeks: Weeks
    unless: str | None = None


class Grade(Statement):
    """How strongly a therapy is recommended: the `grade` as its source writes it, what it says in a sentence, and `short` in a
    few words."""

    grade: str
    short: str | None = None


class Profile(Model):
    """What a therapy is and what is known of it, apart from its dosing. What is `lasting` works on when no
    more of it is given; what is `recorded` is known from the record of a patient alone. `short` is what it is called where
    room is scarce; `conflicts` are disagreements about it."""

    id: str
    name: str
    short: str | None = None
    synonyms: tuple[str, ...] = ()
    classes: tuple[str, ...]
    summary: Statement
    label_status: Statement
    grade: Grade | None = None
    shown_when: Expr | None = None
    on_board: OnBoard | None = None
    contraindications: tuple[Contraindication, ...] = ()
    cautions: tuple[Caution, ...] = ()
    before: tuple[Before, ...] = ()
    monitoring: tuple[Monitor, ...] = ()
    no_monitoring: Statement | None = None
    lasting: bool = False
    recorded: bool = False
    limits: tuple[Limit, ...] = ()
    start_limits: tuple[StartLimit, ...] = ()
    washout: Washout | None = None
    interval: Interval | None = None
    advice: tuple[Advice, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Therapy(Profile, Dosing):
    """A whole therapy, put together from its two files."""
