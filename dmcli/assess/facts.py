"""The facts at the as-of date: what is stated and still fresh, and what follows from it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from dmcli.assess.exposure import lingers
from dmcli.case.model import Case, Stated
from dmcli.knowledge.algorithm import Derived, Fact
from dmcli.knowledge.evaluate import Answer, ByName, Scope, Value, value_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr
from dmcli.values.dates import Days, Span
from dmcli.values.truth import any_of

if TYPE_CHECKING:
    from dmcli.knowledge.compiled import Asked, LeftOpen
    from dmcli.knowledge.prepared import Deriving, Needed

_NOTHING: frozenset[str] = frozenset()
_UNTOLD = frozenset(("other_drugs",))
_Behind = dict[str, frozenset[str]]


class Stale(NamedTuple):
    """A value that is too old to count, with the weeks it was old."""

    fact: str
    weeks: int
    shelf_weeks: int


class Facts(NamedTuple):
    """`values` holds known facts only; `behind` says, for a derived one, which stated facts it lacks; `taken` is what names
    a drug on board."""

    values: dict[str, Value]
    days: dict[str, Days]
    behind: dict[str, frozenset[str]]
    derived: dict[str, str]
    stale: tuple[Stale, ...]
    taken: frozenset[str]


def resolve(case: Case, knowledge: Knowledge, aged: bool = False, lacking: bool = True) -> Facts:
    """The newest fresh value of each fact (of any age if `aged`), then what the knowledge derives from them."""
    return derive(_stated(case, knowledge, aged), case, knowledge, lacking)


def resolve_some(needed: "Needed", case: Case, knowledge: Knowledge, aged: bool = False) -> Facts:
    """Some facts as `resolve` has them, with all that those rest on; nothing is told of what is missing."""
    names, rules = needed
    stated = _stated(case, knowledge, aged, names)
    return derive(stated, case, knowledge, lacking=False, rules=rules)


def derive(
    facts: Facts, case: Case, knowledge: Knowledge, lacking: bool = True, rules: "Sequence[Deriving] | None" = None
) -> Facts:
    """Facts that are known, with what the knowledge derives from them, which their values, those of nobody else, take up;
    without `lacking` it is not told what is missing.
    `rules` are the only ones that may find anything."""
    values, behind, derived = facts.values, dict[str, frozenset[str]](), dict[str, str]()
    scope = Scope(values, stated_functions(case, facts.taken, knowledge, facts.days), behind)
    if knowledge.prepared is not None and rules is None:
        left_open = _left_open(scope, behind, knowledge) if lacking else None
        knowledge.prepared.follows(values, scope.functions, derived, behind, left_open)
        return Facts(values, facts.days, behind, derived, facts.stale, facts.taken)
    get, functions = values.get, scope.functions
    for rule, when, follows in rules if rules is not None else _deriving(scope, knowledge):
        fact = rule.fact
        before = values.get(fact)
        # A stated "no" yields to a "yes" that follows from another statement: the safer of the two counts.
        if before is not None and before is not False:
            continue
        applies = when(get, functions) if when is not None else True
        value = follows(get, functions) if applies is True else None
        if value is not None and (before is None or value is True):
            values[fact] = value
            derived[fact] = rule.id
            behind.pop(fact, None)
        elif lacking and before is None and fact not in knowledge.facts:
            _note(rule, applies, value, scope, behind, knowledge)
    return Facts(values, facts.days, behind, derived, facts.stale, facts.taken)


def _left_open(scope: Scope, behind: _Behind, knowledge: Knowledge) -> "LeftOpen":
    """What notes the rules of one fact, by their numbers, that stay open."""
    rules = knowledge.algorithm.derived

    def note(left: list[tuple[int, Value, Value]]) -> None:
        for number, applies, value in left:
            _note(rules[number], applies, value, scope, behind, knowledge)

    return note


def _note(rule: Derived, applies: Value, value: Value, scope: Scope, behind: _Behind, knowledge: Knowledge) -> None:
    """Note what a rule lacks that stays open."""
    open_ = _lacking(rule, applies, value, scope, knowledge) or _open_names(rule, scope, knowledge)
    before = behind.get(rule.fact)
    behind[rule.fact] = open_ if before is None else before | open_


def _deriving(scope: Scope, knowledge: Knowledge) -> "Sequence[Deriving]":
    """The rules of what follows, each with what tells whether it applies and what its value is."""

    def asked(text: Expr) -> "Asked":
        return lambda *_: value_of(knowledge.trees[text], scope)

    rules = knowledge.algorithm.derived
    return [(rule, asked(rule.when) if rule.when is not None else None, asked(rule.value)) for rule in rules]


def _open_names(rule: Derived, scope: Scope, knowledge: Knowledge) -> frozenset[str]:
    """The stated facts that the value of a rule would need; where it does not apply they are what is missing."""
    facts, behind = scope.facts, scope.behind
    open_ = [behind.get(name, (name,)) for name in knowledge.named_in(rule.value) if name not in facts]
    return frozenset(open_[0]) if len(open_) == 1 else _NOTHING.union(*open_)


def _lacking(rule: Derived, applies: Value, value: Value, scope: Scope, knowledge: Knowledge) -> frozenset[str]:
    """What a rule lacks to tell its value; nothing where it does not apply."""
    if rule.when is not None and applies is not True:
        return knowledge.finding(rule.when, scope).missing if applies is None else _NOTHING
    return knowledge.finding(rule.value, scope).missing if value is None else _NOTHING


def _stated(case: Case, knowledge: Knowledge, aged: bool, names: Iterable[str] | None = None) -> Facts:
    """The newest value of each fact, or of each of these, that is stated; one beyond its shelf life is stale."""
    values: dict[str, Value] = {}
    days: dict[str, Days] = {}
    stale: dict[str, Stale] = {}
    facts, stated, today = knowledge.facts, case.stated, case.as_of
    asked = stated.items() if names is None else [(name, stated[name]) for name in names if name in stated]
    for name, given in asked:
        if not given:
            continue
        newest = given[0] if len(given) == 1 else newest_of(given)
        day = newest.day
        if day is None:
            values[name] = newest.value
        elif not aged and too_old(facts[name], day, today):
            stale[name] = Stale(name, (today - day.last).days // 7, facts[name].shelf_weeks or 0)
        else:
            values[name], days[name] = newest.value, day
    # In the order of the knowledge, whatever that of the case is.
    in_order = [stale[name] for name in facts if name in stale] if len(stale) > 1 else stale.values()
    return Facts(values, days, {}, {}, tuple(in_order), taken_names(case, knowledge))


def too_old(fact: Fact, day: Days, as_of: date) -> bool:
    """Whether a value of a day is beyond the shelf life of its fact."""
    shelf = fact.shelf_weeks
    return shelf is not None and (as_of - day.last).days > 7 * shelf


def newest_of(stated: tuple[Stated, ...]) -> Stated:
    """An undated value is taken as stated today; of dated ones the latest counts, the last written on a tie."""
    newest, last = stated[-1], date.min
    for one in stated:
        days = one.day
        day = date.max if days is None else days.last
        if day >= last:
            newest, last = one, day
    return newest


def stated_functions(
    case: Case, taken: frozenset[str], knowledge: Knowledge, days: dict[str, Days]
) -> dict[str, Callable[..., Answer]]:
    """The functions of the language that need only what the case states; `taken` names what is on board."""

    def days_since(fact: str) -> Answer:
        if fact not in days:
            return None, frozenset((fact,))
        return Span((case.as_of - days[fact].last).days, (case.as_of - days[fact].first).days), frozenset()

    # Unknown while `other_drugs` is not stated.
    otherwise = None if case.other_drugs is None else False

    def on_board(target: str) -> Answer:
        ended, missing = lingers(case, knowledge, target)
        truth = any_of((True if target in taken else otherwise, ended))
        return truth, missing if ended is None else _UNTOLD

    return {"days_since": days_since, "taking": ByName(taken, otherwise, _UNTOLD), "on_board": on_board}


def taken_names(case: Case, knowledge: Knowledge) -> frozenset[str]:
    """What names a drug on board: its id, the groups and classes it belongs to, and of a therapy its line."""
    drugs = {c.therapy for c in case.courses if c.running}
    others = {d.known for d in case.other_drugs or () if d.known is not None}
    found = set(others)
    for name in drugs | others:
        found |= knowledge.targets.get(name, frozenset())
        substance = knowledge.catalogue.substances.get(name)
        if substance is not None:
            found.update(substance.groups, substance.classes)
    return frozenset(found)
