"""The treatment algorithm: facts, verdicts, statuses, gates, orders, pairs, as `data/algorithm.yaml` states them."""

from typing import Literal

from dmcli.knowledge.codes import CalcinosisStatus, Status, Verdict
from dmcli.knowledge.ranges import Amount, Days, Factor, Measured, SettingValue, Weeks
from dmcli.knowledge.statements import Expr, Rule, Statement
from dmcli.knowledge.therapies import Caution, Contraindication
from dmcli.record import Model


class Conversion(Model):
    """Another unit a value of one substance may be given in; `factor` times it gives the fact's own unit."""

    unit: str
    factor: Factor


class Fact(Model):
    """A fact a case may state. `unit` is UCUM, `min` and `max` are in it; `settle` says how to find out;
    `asked`: by asking, although a test can tell it too.

    `label` is how the fact is called where its id does not read well, `short` where room is scarce; `words` are other words
    for its codes, or for yes and no, as the result of a test is written. A fact that is the change of another one since a
    therapy began is computed where it is not stated. Of a fact with `several` codes more than one may hold at once. `first`:
    a new case asks for it before all others. `settled_by` is the fact that stands for it, so that where both are missing
    only that one is asked for.
    """

    id: str
    first: bool = False
    label: str | None = None
    short: str | None = None
    type: Literal["boolean", "number", "code"]
    question: str
    group: str
    settle: str | None = None
    settled_by: str | None = None
    asked: bool = False
    unit: str | None = None
    min: Measured | None = None
    max: Measured | None = None
    codes: tuple[str, ...] = ()
    words: dict[str, str] = {}
    several: bool = False
    shelf_weeks: Weeks | None = None
    synonyms: tuple[str, ...] = ()
    converts: tuple[Conversion, ...] = ()
    change_of: str | None = None
    change: Literal["percent_rise", "percent_fall", "fall"] | None = None
    sources: tuple[str, ...] = ()
    level: str = "default"

    @property
    def name(self) -> str:
        return self.label or self.id.replace("_", " ")


class Derived(Statement):
    """A value that follows from others. It fills what the case leaves open, and turns a stated no into a yes.

    `type` is that of a name the vocabulary does not have; `assumed` says it to the reader when it was used.
    """

    fact: str
    assumed: bool = False
    type: Literal["boolean", "number"] = "number"
    value: Expr
    when: Expr | None = None


class Contradiction(Rule):
    """Two statements of one case that cannot both hold; `field` is where the error is shown."""

    field: str


class CourseContradiction(Rule):
    """Two statements of one course that cannot both hold; `field` of the course is where the error is shown."""

    field: Literal["outcome", "stop_reason", "trial_accepted", "relapse"]


class VerdictRule(Rule):
    """What a course amounts to. No targets: any course. `stands`: although an earlier rule is open, since nothing known
    speaks for that one. `assumes` is the field of a course that it takes for granted, says so, and asks for."""

    verdict: Verdict
    targets: tuple[str, ...] = ()
    stands: bool = False
    assumes: str | None = None


class StatusRule(Rule):
    """`told`: its sentence says what else may be done, and is told also where a therapy is next."""

    status: Status
    told: bool = False


class LineRule(Statement):
    """One line of the algorithm. `members` in their declared order; `leave`: whether every member must be
    passed, one failure for inefficacy is enough, or the line is the last. Its open members are alternatives
    before it is reached while `alternative_when` holds. Members that stand `apart` come behind every other, whatever
    speaks against those. `short` says it where room is scarce, `short_last` where no other member is open."""

    name: str
    short: str | None = None
    short_last: str | None = None
    members: tuple[str, ...]
    leave: Literal["all_passed", "one_failed", "never"]
    alternative_when: Expr | None = None
    apart: tuple[str, ...] = ()


class Requirement(Statement):
    """A part of a gate: passed when `passed` holds, else one of `members` is next, in order."""

    passed: Expr
    members: tuple[str, ...]


class Gate(Statement):
    """What must be passed before the lines behind it open; a reading asks for all or any requirement, and while one of
    its `bypasses` holds it counts as passed."""

    line: str
    requirements: tuple[Requirement, ...]
    readings: dict[str, Literal["all", "any"]]
    default: str
    bypasses: tuple[Rule, ...]


class Move(Rule):
    """Changes the declared order for this patient."""

    targets: tuple[str, ...]
    to: Literal["front", "end"]


class CalcinosisRule(Rule):
    status: CalcinosisStatus


class CalcinosisAgent(Model):
    """An agent with reported responses. `told` is what is said of it here; without it, its own summary."""

    therapy: str
    told: Statement | None = None


class CalcinosisPathway(Model):
    """What is said of calcinosis beside the main plan while the fact `present` holds: the first status that
    applies, agents in their declared order, and what is advised and warned of."""

    present: str
    agents: tuple[CalcinosisAgent, ...]
    advised_against: tuple[str, ...]
    statuses: tuple[CalcinosisRule, ...]
    advice: tuple[Rule, ...]
    warnings: tuple[Rule, ...]


class Feasibility(Rule):
    """Why a therapy cannot be given to this patient although it is safe: access or cost."""

    targets: tuple[str, ...]
    code: Literal["no_iv_access", "cost"]


class ClassContraindication(Contraindication):
    targets: tuple[str, ...]


class ClassCaution(Caution):
    targets: tuple[str, ...]


class Pair(Statement):
    """Two therapies that are not to run together (`excludes`) or only with sign-off."""

    left: str
    right: str
    effect: Literal["excludes", "sign_off"]


class Taper(Model):
    """The dose goes down by `amount` (in `unit` within `per_days` days) every `every_days` days, until none is left."""

    amount: Amount
    unit: str
    per_days: Days
    every_days: Days


class Review(Rule):
    """What becomes of a running therapy: of the rules about it, the first that holds. No targets: about every therapy.

    `leads`: it goes on and no new line is opened (`holds`), it goes on whatever comes (`beside`), it goes on and
    the next option is added (`add`), or it ends and the next option takes its place (`replace`).
    `lengthen_weeks` is what the present interval grows by. `regardless`: it ends whatever comes, today if nothing does;
    `harmless`: because it harms nobody, without alarm.
    `planned`: it ends by plan, whatever comes: on the day the next one starts, and until then it goes on. `on_response` says
    in a few words, with the judgement of a therapy, what the response that the rule is about leads to; `on_response_of` is the
    therapy whose response it is, where that is another one. `steady`: no further step of its titration is booked.
    `raises`: the prescriber is told to raise the dose, so that its tests are counted from today as well.
    """

    targets: tuple[str, ...] = ()
    action: Literal[
        "continue", "step_up", "test", "switch", "add", "stop", "hold", "taper", "retry", "restart", "resume",
        "change_schedule", "extend_interval", "shorten_interval", "reduce",
    ]  # fmt: skip
    leads: Literal["holds", "beside", "add", "replace"]
    taper: Taper | None = None
    lengthen_weeks: Weeks | None = None
    planned: bool = False
    regardless: bool = False
    harmless: bool = False
    on_response: str | None = None
    on_response_of: str | None = None
    steady: bool = False
    raises: bool = False


class Overlap(Rule):
    """What happens to a running therapy while another one starts or runs. `amount` is the new dose, if it changes.

    `stop`: it ends on the day the other one starts, unless the prescriber has confirmed the rule or the pair; that says
    nothing of two that run.
    """

    starting: tuple[str, ...]
    running: str
    action: Literal["continue", "reduce", "stop"]
    amount: Amount | None = None
    unit: str | None = None
    per_days: Days | None = None


class Notice(Rule):
    """A warning shown on top of the plan. `targets`: only when one of these is chosen or running; `refer`
    makes it an action too, of today if `urgent`. `code` is one of the warnings in `data/codes.yaml`; a rule that a
    clinic adds may take the code `local`."""

    code: str
    targets: tuple[str, ...] = ()
    refer: bool = False
    urgent: bool = False


class Setting(Statement):
    value: SettingValue
    unit: str | None = None


class Roles(Model):
    """The facts that the program itself looks at: the `age` and `sex` a patient is told by, whether the skin is `active`,
    the score that contradicts it, when a dose is also told by `adjusted_weight`; and the group of the red flags."""

    age: str
    sex: str
    active: str
    activity_score: str
    adjust_when: str
    adjusted_weight: str
    red_flags: str
