"""What is made once of the knowledge before many plans are: its conditions as functions, and who each of them is about.

A single plan goes without: making this takes longer than the plan. Of what patients state only findings, ways to write a
dose or a day, and doses by the size of the body are kept, a bounded number of them; each is a function of its key alone,
and none is ever changed.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from dmcli.knowledge.algorithm import Derived, Fact, Pair
from dmcli.knowledge.compiled import Asked, Follows, InTurn, NotFalse, Together, compiled, following, in_turn, not_false, together
from dmcli.knowledge.conditions import Node, calls_of, facts_of
from dmcli.knowledge.evaluate import BY_NAME, Answer
from dmcli.knowledge.files import AlgorithmFile, Catalogue
from dmcli.knowledge.found import FoundBefore, names_of
from dmcli.knowledge.limits import LimitTables, of_course
from dmcli.knowledge.objected import against_of, places_of
from dmcli.knowledge.tables import About, safety_conditions
from dmcli.record import Made
from dmcli.values.dates import Days, whole_day
from dmcli.values.dosetext import WrittenDose, parse_dose

_MOST_KEPT = 10_000
_MOST_CHANGES = 256
_MOST_TOLD = 2_000
_NO_FACTS: frozenset[str] = frozenset()
# A rule of what follows, with what tells whether it applies (None: always) and what its value is.
Deriving = tuple[Derived, Asked | None, Asked]
Needed = tuple[tuple[str, ...], tuple[Deriving, ...]]
_Functions = Mapping[str, Callable[..., Answer]]


class Bounded(dict[Any, Any]):
    """What is told of several patients, by all that it depends on; so many at most."""

    def keep(self, key: Any, value: Any) -> Any:
        """The value, kept from now on; where there are too many, those before it go."""
        if len(self) >= _MOST_TOLD:
            self.clear()
        self[key] = value
        return value


class Prepared:
    """What follows from one knowledge alone.

    `asked` are the conditions as functions; `of_safety` and `of_starts` those of safety and of the limits of a start, all
    at once. `named` are the facts that each condition names, `stated` those that a case may state behind them. `places`
    are the rules of safety by their condition, `against` those of each therapy by theirs, `starts` by therapy the
    conditions of what may stand in the way of its start, `pairs` by partner the pairs of each therapy with it. `therapies`
    are those all this is about, `planned` those of the main plan, `changing` the facts that are the change of another one;
    `functions` are those that some condition asks, `derived` the rules of what follows from facts by their id, `deriving`
    the same, each with its two conditions, `follows` all of them at once; `rows` the rules of a kind that are about a
    therapy, asked in turn, and `together` and `each` those asked all at once, once they were asked for; `plain` are the names of
    each condition that asks nothing but what a case states itself. `sections` are the keys of each section of a case with the
    facts as a case may state them, once one is read. `findings` are what conditions came to, `found` gives one;
    `always` is what is told of a therapy whoever the patient is, `options` are those of which nothing but their status and
    what their rules say is told, by all of these; `pairs_told` are the pairs with each partner, `tests` the tests that were due,
    `cited` the sources as a plan cites them.
    """

    __slots__ = (
        "_again",
        "_days",
        "_doses",
        "_names",
        "_needed",
        "_once",
        "_rests",
        "_trees",
        "_turns",
        "against",
        "always",
        "asked",
        "changing",
        "cited",
        "derived",
        "deriving",
        "each",
        "findings",
        "follows",
        "found",
        "functions",
        "named",
        "of_safety",
        "of_starts",
        "options",
        "pairs",
        "pairs_told",
        "places",
        "plain",
        "planned",
        "rows",
        "sections",
        "starts",
        "stated",
        "tests",
        "therapies",
        "together",
    )

    def __init__(
        self,
        trees: Mapping[str, Node],
        facts: Mapping[str, Fact],
        catalogue: Catalogue,
        algorithm: AlgorithmFile,
        about: Mapping[str, About],
        limits: LimitTables,
        behind: Mapping[str, frozenset[str]],
    ) -> None:
        self._trees = trees
        self.therapies = catalogue.therapies.keys()
        self.asked: dict[str, Asked] = compiled(trees)
        safety = safety_conditions(catalogue.therapies, algorithm)
        self.of_safety: NotFalse = not_false({text: trees[text] for text in safety}, by_name=BY_NAME)
        self.functions = _NO_FACTS.union(*map(calls_of, trees.values()))
        self.places = places_of(catalogue, about)
        self.against = against_of(self.places, catalogue)
        self.starts = {therapy: _of_start(therapy, limits) for therapy in catalogue.therapies}
        at_start = dict.fromkeys(text for texts in self.starts.values() for text in sorted(texts))
        self.of_starts: NotFalse = not_false({text: trees[text] for text in at_start if not of_course(trees[text])})
        self.pairs = _pairs(about)
        self.derived = {rule.id: rule for rule in algorithm.derived}
        self.deriving: tuple[Deriving, ...] = tuple(
            (rule, self.asked[rule.when] if rule.when is not None else None, self.asked[rule.value]) for rule in algorithm.derived
        )
        derived = [(r, trees[r.when] if r.when is not None else None, trees[r.value]) for r in algorithm.derived]
        self.follows: Follows = following(derived, facts)
        self.together: dict[tuple[str, ...], NotFalse] = {}
        self.each: dict[str, Together] = {}
        self.rows: dict[tuple[str, str | None], tuple[tuple[Any, ...], InTurn]] = {}
        self._turns: dict[tuple[str, ...], InTurn] = {}
        self.named = {text: frozenset(facts_of(tree)) for text, tree in trees.items()}
        self.stated = {t: _NO_FACTS.union(*(behind.get(name, ()) for name in named)) for t, named in self.named.items()}
        self._names = {text: tuple(sorted(names_of(tree))) for text, tree in trees.items() if not calls_of(tree) - {"known"}}
        self.changing = tuple(fact for fact in facts.values() if fact.change_of is not None)
        self.planned = catalogue.planned
        self.sections: dict[str, dict[str, Any]] = {}
        self._rests = _rests(trees, algorithm)
        self._needed: dict[tuple[tuple[str, ...], bool], Needed] = {}
        self._again: dict[frozenset[str], tuple[Deriving, ...]] = {}
        self.plain = _plain(self._names, facts, algorithm)
        self._once: dict[Hashable, Any] = {}
        self._days: dict[str, Days] = {}
        self._doses: dict[str, WrittenDose | None] = {}
        self.findings = FoundBefore(trees, frozenset([rule.fact for rule in algorithm.derived]))
        self.found = self.findings.found
        self.pairs_told: dict[tuple[str, str, str], Any] = {}
        self.cited: dict[str, Any] = {}
        self.tests = Bounded()
        self.always: dict[str, Any] = {}
        self.options = Bounded()

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What follows from the knowledge and the key alone."""
        found: Made | None = self._once.get(key)
        if found is None:
            if len(self._once) >= _MOST_KEPT:
                self._once.clear()
            found = self._once[key] = make()
        return found

    def dose(self, text: str) -> WrittenDose | None:
        """A dose as it is written."""
        if text not in self._doses:
            if len(self._doses) >= _MOST_CHANGES:
                self._doses.clear()
            self._doses[text] = parse_dose(text)
        return self._doses[text]

    def day(self, text: str) -> Days | None:
        """The day of YYYY-MM-DD; None for any other text."""
        found = self._days.get(text)
        if found is None and (day := whole_day(text)) is not None:
            if len(self._days) >= _MOST_KEPT:
                self._days.clear()
            found = self._days[text] = Days(day, day)
        return found

    def asked_in_turn(self, rules: tuple[Any, ...]) -> InTurn:
        """The function for rules of which the first that holds counts; there are few such rows of them."""
        texts = tuple([rule.when for rule in rules])
        if texts not in self._turns:
            self._turns[texts] = in_turn([self._trees[text] for text in texts])
        return self._turns[texts]

    def asked_together(self, rules: Sequence[Any]) -> NotFalse:
        """The function for rules all of which are looked at."""
        return not_false({rule.when: self._trees[rule.when] for rule in rules})

    def asked_each(self, rules: Sequence[Any]) -> Together:
        """The function for rules each of which is told."""
        return together({rule.when: self._trees[rule.when] for rule in rules})

    def needed(self, texts: tuple[str, ...], changes: bool) -> Needed:
        """What conditions rest on, from first to last: the facts, and the rules of what follows in their order. With
        `changes` also what tells whether some result has changed, after which more may follow."""
        found = self._needed.get((texts, changes))
        if found is None:
            if len(self._needed) >= _MOST_CHANGES:
                self._needed.clear()
            names = _NO_FACTS.union(*(names_of(self._trees[t]) | self.named[t] for t in texts))
            facts = self._resting(names.union([fact.id for fact in self.changing] if changes else ()))
            rules = tuple(rule for rule in self.deriving if rule[0].fact in facts)
            found = self._needed[texts, changes] = (tuple(sorted(facts)), rules)
        return found

    def _resting(self, names: frozenset[str]) -> frozenset[str]:
        """These names and all that they rest on."""
        facts = names
        while True:
            more = [rests for (rule, _, _), rests in zip(self.deriving, self._rests, strict=True) if rule.fact in facts]
            changed = [str(fact.change_of) for fact in self.changing if fact.id in facts]
            reached = facts.union(changed, *more)
            if reached == facts:
                return facts
            facts = reached

    def deriving_again(self, changed: frozenset[str]) -> tuple[Deriving, ...]:
        """The rules of what may follow otherwise once these names have a value as well: those that rest on them, and those
        that were asked before all they rest on was there. Any other was asked of the same values, and says the same."""
        found = self._again.get(changed)
        if found is None:
            if len(self._again) >= _MOST_CHANGES:
                self._again.clear()
            facts = self._following(changed)
            found = self._again[changed] = tuple(rule for rule in self.deriving if rule[0].fact in facts)
        return found

    def _following(self, changed: frozenset[str]) -> set[str]:
        rules = [(rule.fact, rests) for (rule, _, _), rests in zip(self.deriving, self._rests, strict=True)]
        last = {fact: number for number, (fact, _) in enumerate(rules)}
        # These were asked before all they rest on was there.
        more = {fact for number, (fact, rests) in enumerate(rules) if any(last.get(name, -1) >= number for name in rests)}
        facts: set[str] = set()
        while True:
            more |= {fact for fact, rests in rules if not (facts | more | changed).isdisjoint(rests)}
            if more <= facts:
                return facts
            facts |= more


def _rests(trees: Mapping[str, Node], algorithm: AlgorithmFile) -> tuple[frozenset[str], ...]:
    """What each rule of what follows rests on, in their order."""
    both = ((rule.value, rule.when) for rule in algorithm.derived)
    return tuple(
        _NO_FACTS.union(*(names_of(trees[text]) | facts_of(trees[text]) for text in texts if text is not None)) for texts in both
    )


def _plain(
    names: Mapping[str, tuple[str, ...]], facts: Mapping[str, Fact], algorithm: AlgorithmFile
) -> dict[str, tuple[str, ...]]:
    derived = {rule.fact for rule in algorithm.derived}
    stated = {name for name, fact in facts.items() if fact.change_of is None} - derived
    return {text: found for text, found in names.items() if stated.issuperset(found)}


def _of_start(therapy: str, limits: LimitTables) -> frozenset[str]:
    """The conditions that may stand in the way of a start: its own, those that would hold or stop it, and low cell lines."""
    found = [rule.when for rule in limits.start[therapy]]
    for limit, _ in limits.limits[therapy]:
        if (limit.tier in ("hold", "stop") and not limit.event) or limit.line is not None:
            found.append(limit.when)
    return frozenset(found)


def _pairs(about: Mapping[str, About]) -> dict[str, dict[str, tuple[Pair, ...]]]:
    found: dict[str, dict[str, tuple[Pair, ...]]] = {}
    for therapy, own in about.items():
        for pair, others in own.pairs:
            for other in others:
                mine = found.setdefault(other, {})
                mine[therapy] = (*mine.get(therapy, ()), pair)
    return found
