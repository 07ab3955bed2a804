"""One patient against the knowledge: facts, history, what runs, and what speaks against every therapy."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from dmcli.assess.checked import Checked, checked
from dmcli.assess.exposure import acts_on_when_ended
from dmcli.assess.facts import Facts, resolve, stated_functions
from dmcli.assess.functions import Functions, history_functions, safety_functions
from dmcli.assess.history import History, judge
from dmcli.assess.limits import Reached, limits_today
from dmcli.assess.safety import Safety, objections, on_board, other_drugs, paired
from dmcli.assess.snapshots import View, view
from dmcli.assess.start_limits import Obstacle, obstacles
from dmcli.assess.unended import with_unended
from dmcli.case.model import Case
from dmcli.knowledge.algorithm import Pair
from dmcli.knowledge.evaluate import Finding, Scope, Value
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr, Rule
from dmcli.values.dates import Days

if TYPE_CHECKING:
    from dmcli.knowledge.prepared import Prepared

_PAIR = 2


class Beyond(NamedTuple):
    """The conditions of the limits of a start that hold, for what runs and for what does not run yet; `starts` are those
    that each therapy asks."""

    running: frozenset[str]
    new: frozenset[str]
    starts: Mapping[str, frozenset[str]]

    def holding(self, running: bool) -> frozenset[str]:
        return self.running if running else self.new


class Assessment(NamedTuple):
    """`running` are the therapies of the catalogue on board, whatever they are given for; `continuing` those of
    them that are not contraindicated now; `limits` are those their results are beyond; `recent` are the facts with what
    has changed of late, whatever runs, and `scope_of_new` asks them for what does not run yet; `weekends`: infusions may
    be given on weekends; `beyond` are the limits of a start that results are beyond, None where each is
    looked at; `clashes` are running therapies that are not to run together, or not beside another drug that is taken."""

    case: Case
    knowledge: Knowledge
    facts: Facts
    history: History
    scope: Scope
    safety: dict[str, Safety]
    running: tuple[str, ...]
    continuing: tuple[str, ...]
    limits: dict[str, tuple[Reached, ...]]
    recent: View
    scope_of_new: Scope
    weekends: bool = False
    beyond: Beyond | None = None
    clashes: tuple[tuple[Pair, str, str], ...] = ()

    def find(self, condition: Expr) -> Finding:
        return self.knowledge.finding(condition, self.scope)

    def value(self, condition: Expr) -> Value:
        """What a condition comes to, where nothing is told of what it rests on."""
        return self.knowledge.value(condition, self.scope)

    def obstacles(self, therapy: str) -> tuple[Obstacle, ...]:
        """The results with which a therapy does not start today, or is not taken up again."""
        # The change on a drug that runs is counted from its own start.
        running, holding = therapy in self.running, None
        if self.beyond is not None and therapy in self.beyond.starts:
            holding = self.beyond.holding(running)
            if self.beyond.starts[therapy].isdisjoint(holding):
                return ()
        seen = self.scope if running else self.scope_of_new
        return obstacles(therapy, self.case, self.facts, seen, self.knowledge, holding)

    def obstacles_to(self, therapy: str | None) -> tuple[Obstacle, ...]:
        """What is known to stand in the way of starting a therapy: results, and what is to be settled first."""
        if therapy is None:
            return ()
        settle = (c for c in self.safety[therapy].cautioning if c.rule.settle)
        return (*self.obstacles(therapy), *(Obstacle(c.rule, c.finding, lasting=False) for c in settle))

    def check_each(self, row: str, rules: tuple[Rule, ...]) -> tuple[Checked, ...]:
        """Each rule of a row that every patient is asked, with what comes of it; `row` says which rules these are."""
        scope, knowledge = self.scope, self.knowledge
        values = knowledge.each(row, rules, scope)
        return tuple([Checked(rule, value, scope, knowledge) for rule, value in zip(rules, values, strict=True)])

    def check(self, rules: Iterable[Rule]) -> tuple[Checked, ...]:
        """Each rule with what comes of it."""
        scope, knowledge = self.scope, self.knowledge
        return tuple([checked(rule, scope, knowledge) for rule in rules])


def assess(case: Case, knowledge: Knowledge, weekends: bool | None = None) -> Assessment:
    """Everything that is true of the patient, before anything is chosen; `weekends` is as the knowledge sets it where
    nobody says."""
    facts = resolve(case, knowledge)
    history = judge(case, facts, knowledge)
    taken = facts.taken
    asked = {**stated_functions(case, taken, knowledge, facts.days), **history_functions(case, taken, knowledge, history)}
    # What speaks against a therapy asks nothing of the safety of others, so that neither has to come first.
    scope = Scope(facts.values, asked, facts.behind, {})
    running = on_board(case, knowledge)
    limits = with_unended(limits_today(case, facts, history, asked, running, knowledge), case, history, asked, knowledge)
    stops = {t: tuple(r for r in limits[t] if r.tier == "stop") for t in running}
    alone = objections(running, scope, knowledge)
    stopped = {t: alone[t]._replace(stops=stops[t]).barred for t in running}
    continuing = tuple(t for t in running if left_to_prescriber(t, knowledge) or not (stopped[t] or recorded(t, history)))
    # What stops today excludes nothing, unless it acts on: the combination that would result counts.
    agreed = frozenset(case.confirmed)
    acting = tuple(t for t in running if t not in continuing and acts_on_when_ended(case, knowledge, t))
    partners = (*continuing, *acting, *other_drugs(case, knowledge))
    safety = paired(alone, partners, knowledge)
    if agreed:
        safety = {t: s._replace(confirmed=agreed) for t, s in safety.items()}
    safety |= {t: safety[t]._replace(stops=reached) for t, reached in stops.items() if reached}
    whole = Scope(facts.values, _with_safety(asked, case, knowledge, history, safety), facts.behind, {})
    since = case.as_of - timedelta(weeks=knowledge.algorithm.settings["recent_change_weeks"].value)
    recent = view(case, facts, Days(since, since), knowledge)
    given = knowledge.algorithm.settings["weekends"].value > 0 if weekends is None else weekends
    new = _scope_of(recent, whole)
    beyond = _beyond(whole, new, knowledge)
    clashes = _clashes(case, knowledge, continuing) if _excluding(continuing, safety) else ()
    return Assessment(
        case, knowledge, facts, history, whole, safety, running, continuing, limits, recent, new, given, beyond, clashes
    )


def _beyond(whole: Scope, new: Scope, knowledge: Knowledge) -> Beyond | None:
    prepared = knowledge.prepared
    if prepared is None:
        return None
    running = _asked_of(whole, prepared)
    return Beyond(running, running if new is whole else _asked_of(new, prepared), prepared.starts)


def _asked_of(scope: Scope, prepared: "Prepared") -> frozenset[str]:
    """The conditions of the limits of a start that hold."""
    return frozenset([text for text, value in prepared.of_starts(scope.facts.get, scope.functions) if value is True])


def beside(patient: Assessment, staying: tuple[str, ...], ending: tuple[str, ...]) -> Assessment:
    """The patient with only the therapies that stay as partners, beside the other drugs: one that leaves excludes no
    other unless it acts on, and one that ends by plan is no longer waited for."""
    gone = set(patient.running) - set(staying)
    leaving = frozenset(t for t in gone if not acts_on_when_ended(patient.case, patient.knowledge, t))
    safety = dict(patient.safety)
    if leaving:
        safety |= _parted(safety, dict.fromkeys(safety, leaving))
    safety |= {t: safety[t]._replace(ending=True) for t in ending}
    return resafed(patient, safety) if leaving or ending else patient


def without_partners(patient: Assessment, gone: Mapping[str, frozenset[str]]) -> Assessment:
    """The patient with, for each therapy, the partners left out of its pairs that are gone beside it."""
    return resafed(patient, {**patient.safety, **_parted(patient.safety, gone)})


def _parted(safety: Mapping[str, Safety], gone: Mapping[str, frozenset[str]]) -> dict[str, Safety]:
    """The therapies that had partners, without those that are gone."""
    return {
        t: safety[t]._replace(pairs=tuple(pair for pair in safety[t].pairs if pair[1] not in left))
        for t, left in gone.items()
        if left and safety[t].pairs
    }


def resafed(patient: Assessment, safety: dict[str, Safety]) -> Assessment:
    """The patient with another safety of each therapy, and with what conditions ask of it."""
    functions = _with_safety(dict(patient.scope.functions), patient.case, patient.knowledge, patient.history, safety)
    scope = patient.scope._replace(functions=functions, known={})
    return patient._replace(safety=safety, scope=scope, scope_of_new=_scope_of(patient.recent, scope))


def _scope_of(recent: View, whole: Scope) -> Scope:
    """The same functions asked of other facts; the same scope where these are no others."""
    if recent.values is whole.facts:
        return whole
    return Scope(recent.values, whole.functions, known={})


def _with_safety(asked: Functions, case: Case, knowledge: Knowledge, history: History, safety: dict[str, Safety]) -> Functions:
    return {**asked, **safety_functions(case, knowledge, history, safety)}


def recorded(therapy: str, history: History) -> bool:
    """Whether the record of the running course says that it is contraindicated."""
    judged = history.running(therapy)
    return judged is not None and judged.verdict == "contraindicated"


def left_to_prescriber(therapy: str, knowledge: Knowledge) -> bool:
    """Whether stopping a therapy is its own prescriber's decision."""
    return knowledge.concerns(knowledge.algorithm.prescriber_decides, therapy)


def _excluding(continuing: tuple[str, ...], safety: dict[str, Safety]) -> bool:
    """Whether some therapy that runs excludes another one, or another drug, on board."""
    return any(pair.effect == "excludes" for therapy in continuing for pair, _ in safety[therapy].pairs)


def _clashes(case: Case, knowledge: Knowledge, continuing: tuple[str, ...]) -> tuple[tuple[Pair, str, str], ...]:
    found: list[tuple[Pair, str, str]] = []
    taken = (*continuing, *other_drugs(case, knowledge))
    if len(taken) < _PAIR or not continuing:
        return ()
    known = frozenset(taken)
    for pair in knowledge.algorithm.pairs:
        if pair.effect == "excludes":
            lefts, rights = knowledge.partners.get(pair.left, ()), knowledge.partners.get(pair.right, ())
            if known.isdisjoint(lefts) or known.isdisjoint(rights):
                continue
            left, right = ([one for one in taken if one in side] for side in (lefts, rights))
            ours = [
                (one, other) for one in left for other in right if one != other and (one in continuing or other in continuing)
            ]
            found += [(pair, one, other) for one, other in ours[:1]]
    return tuple(found)
