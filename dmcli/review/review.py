"""The review of running therapies: for each, the first rule of the knowledge that holds."""

from datetime import date
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.course_days import course_step
from dmcli.assess.history import Judged
from dmcli.assess.limits import gravest
from dmcli.assess.missed import never_done, overdue_among
from dmcli.knowledge.algorithm import Review
from dmcli.knowledge.catalogue import Test
from dmcli.knowledge.evaluate import Scope, Value
from dmcli.review.lower_dose import enough, lower_dose
from dmcli.review.progress import Progress, Titration, progress
from dmcli.review.recovery import hold_of


class Reviewed(NamedTuple):
    """A running therapy, the rule that says what becomes of it, and where its course stands.

    `asks` are the facts that kept a rule before it open.
    """

    therapy: str
    rule: Review
    progress: Progress
    asks: frozenset[str]


class Reviews(NamedTuple):
    """The therapies that run for the skin and are not contraindicated, each with its review; `checked` is every rule
    that was looked at, `staying` are the running therapies that do not end whatever comes."""

    items: dict[str, Reviewed]
    checked: tuple[Checked, ...]
    staying: tuple[str, ...]

    @property
    def ending(self) -> tuple[str, ...]:
        """Therapies that end by plan."""
        return tuple(t for t, r in self.items.items() if r.rule.planned)

    @property
    def raising(self) -> frozenset[str]:
        """Therapies whose dose is to go up on days that no regimen tells."""
        return frozenset([t for t, r in self.items.items() if r.rule.raises])

    def leading(self, *ways: str) -> tuple[str, ...]:
        """Therapies whose rule leads this way."""
        return tuple(t for t, r in self.items.items() if r.rule.leads in ways)


def review(patient: Assessment) -> Reviews:
    """Review each therapy that runs for the skin by the rules of the knowledge."""
    found: dict[str, Reviewed] = {}
    every: list[Checked] = []
    for therapy in patient.continuing:
        judged = patient.history.running(therapy)
        line = patient.knowledge.therapies[therapy].line
        if judged is None or not judged.course.for_skin or line not in patient.knowledge.algorithm.reviewed:
            continue
        where = progress(patient, judged)
        reviewed, looked_at = _reviewed(patient, judged, where)
        every += (*(where.chosen.checked if where.chosen is not None else ()), *looked_at)
        if reviewed is not None:
            found[therapy] = reviewed
    leaving = {t for t, r in found.items() if r.rule.leads == "replace"}
    return Reviews(found, tuple(every), tuple(t for t in patient.continuing if t not in leaving))


def _reviewed(patient: Assessment, judged: Judged, where: Progress) -> tuple[Reviewed | None, list[Checked]]:
    """The review of one course, if a rule holds for it, and the rules up to that one."""
    therapy = judged.course.therapy
    scope = Scope({**patient.scope.facts, **_names(patient, judged, where)}, patient.scope.functions, patient.scope.behind)
    undated = where.interval is not None and not where.courses
    step = course_step(where.chosen.regimen) if where.chosen is not None else None
    short = where.interval is not None and step is not None and where.interval.weeks * 7 < (step.every_days or 0)
    asks = frozenset(f"treatments.{therapy}.{f}" for f, open_ in (("given", undated), ("interval_weeks", short)) if open_)
    looked_at: list[Checked] = []
    rules, values = patient.knowledge.in_turn("reviews", therapy, scope)
    for rule, value in zip(rules, values, strict=False):
        looked_at.append(Checked(rule, value, scope, patient.knowledge))
        if value is True:
            return Reviewed(therapy, rule, where, asks), looked_at
        if looked_at[-1].open:
            asks |= {_asked(where, missing, patient) for missing in looked_at[-1].missing}
    return None, looked_at


def _asked(where: Progress, name: str, patient: Assessment) -> str:
    """A missing name as the case file calls it: a fact, or a field of the course."""
    if name in patient.knowledge.facts or "." in name or name == "other_drugs":
        return name
    undosed = where.titration is None or where.titration.present is None
    field = {
        "lower_dose_enough": "dose",
        "step_due": "dose" if undosed else "start",
        "tests_in": "dose" if undosed else "start",
        "window_extended": "dose",
        "weeks": "start",
    }.get(name, name)
    return f"treatments.{where.judged.course.therapy}.{field}"


def _names(patient: Assessment, judged: Judged, where: Progress) -> dict[str, Value]:
    """The names a review rule may use; what is not known is absent."""
    course = judged.course
    hold = hold_of(patient, judged)
    names = {
        **judged.names,
        "course_verdict": judged.verdict,
        "infeasible": patient.safety[course.therapy].infeasible,
        "given_for_good": patient.knowledge.therapies[course.therapy].lasting,
        "limit_reached": bool(patient.limits.get(course.therapy)),
        "limit_tier": gravest(patient.limits.get(course.therapy, ())) or "none",
        "held": hold.held,
        "hold_over": hold.over,
    }
    lower = lower_dose(patient, where)
    if lower is not None:
        names["lower_dose_enough"] = enough(patient, where, lower)
    if where.interval is not None:
        names |= {"interval_weeks": float(where.interval.weeks), "usual_interval_weeks": float(where.interval.usual)}
        if where.interval.held is not None:
            names["interval_courses"] = float(where.interval.held)
    titration = where.titration
    if titration is not None and titration.present is not None and (titration.next_step is None or titration.due is not None):
        due = titration.due
        names["step_due"] = due is not None and due <= patient.case.as_of
        names["tests_in"] = tests_in(patient, course.therapy, titration)
    elif where.chosen is None and patient.knowledge.therapies[course.therapy].recorded:
        # No regimen is known of it, so that no step of one is ever due.
        names["step_due"] = False
    return names


def tests_in(patient: Assessment, therapy: str, titration: Titration) -> bool:
    """Whether each test a hold point asks for was taken on the present dose, has every result that the label of the drug
    names, and is not overdue again; another one that a panel leaves out delays nothing. What the first dose should have
    waited for is wanted too."""
    if any(_delaying(patient, therapy, titration, test) for test in _asked_tests(patient, titration)):
        return False
    asked = titration.hold.tests if titration.hold is not None else ()
    return not any(never_done(patient, therapy)) and not overdue_among(patient, therapy, asked)


def _asked_tests(patient: Assessment, titration: Titration) -> list[Test]:
    """The tests of a hold point that have a result which a case may state."""
    tests = patient.knowledge.catalogue.tests
    return [tests[test] for test in titration.hold.tests if tests[test].settles] if titration.hold is not None else []


def _taken(patient: Assessment, titration: Titration, test: Test) -> bool:
    return any(_newer(patient, fact, titration.began) for fact in (*test.settles, *test.stands))


def _delaying(patient: Assessment, therapy: str, titration: Titration, test: Test) -> list[str]:
    """The names of what is missing from a test and delays a step: what the drug needs of it, else its results where none is in;
    one that no figure tells has the name of its test."""
    k = patient.knowledge
    needed = _named(patient, therapy, test)
    if needed:
        return [k.fact_name(fact) for fact in needed if not _newer(patient, fact, titration.began)]
    if _taken(patient, titration, test):
        return []
    return list(dict.fromkeys(k.fact_name(f) if k.facts[f].type == "number" else test.name for f in test.settles))


def _named(patient: Assessment, therapy: str, test: Test) -> list[str]:
    """The results of a test without which no dose of a therapy goes up."""
    needs = patient.knowledge.therapies[therapy].step_needs
    return [fact for fact in needs.facts if fact in (*test.settles, *test.also)] if needs is not None else []


def not_given(patient: Assessment, therapy: str, titration: Titration) -> tuple[str, ...]:
    """The names of what is lacking before a step: first what delays it, of its hold point and of what the first dose should
    have waited for, then what is missing from a test that was taken."""
    tests = _asked_tests(patient, titration)
    delaying = [name for test in tests for name in _delaying(patient, therapy, titration, test)]
    left_out = [
        patient.knowledge.fact_name(fact)
        for test in tests
        if _taken(patient, titration, test)
        for fact in test.settles
        if not _newer(patient, fact, titration.began)
    ]
    never = [patient.knowledge.name(missed.test) for missed in never_done(patient, therapy)]
    return tuple(dict.fromkeys((*delaying, *never, *left_out)))


def _newer(patient: Assessment, fact: str, began: date | None) -> bool:
    if fact not in patient.facts.values:
        return False
    day = patient.facts.days.get(fact)
    return day is None or (began is not None and day.first > began)


def hold_open(patient: Assessment, therapy: str, titration: Titration) -> bool:
    """Whether the next step waits for tests that are not in, or for a result that is beyond a limit."""
    return not tests_in(patient, therapy, titration)
