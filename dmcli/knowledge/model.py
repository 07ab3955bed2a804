"""The whole knowledge as one frozen value, and the shape of each of its files."""

import re
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from dmcli.knowledge.algorithm import (
    Derived,
    Fact,
    Review,
    VerdictRule,
)
from dmcli.knowledge.changes import Overrides
from dmcli.knowledge.codes import Codes
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Finding, Scope, Value, evaluate, value_of
from dmcli.knowledge.files import AlgorithmFile, Catalogue, SourcesFile
from dmcli.knowledge.found import Found
from dmcli.knowledge.limits import LimitTables, Toxicity, limit_tables
from dmcli.knowledge.statements import Expr, Rule
from dmcli.knowledge.tables import (
    About,
    CodeList,
    code_lists,
    drug_names,
    facts_by_group,
    group_members,
    names_of_members,
    pair_partners,
    rules_about,
    stated_behind_names,
    therapy_names,
)
from dmcli.knowledge.therapies import Therapy
from dmcli.record import Made, Model

if TYPE_CHECKING:
    from dmcli.knowledge.prepared import Prepared

# Rules of the algorithm of which the first that holds counts: those about a course of a therapy, and those of the status,
# also without those of a hold.
Row = Literal["verdicts", "reviews", "statuses", "statuses_unheld"]


class Knowledge(Model):
    """Everything the planner knows. `sha256` covers the bytes of every file, `trees` holds each condition checked,
    `groups` the therapies that a therapy, class or line names, `targets` what names a therapy, `fact_groups` the facts of
    each group, `partners` what either side of a pair may name: therapies and other drugs, `behind` the facts a case may
    state that a name of a condition rests on; the name tables give the id of a plain name, `code_lists` are the closed
    lists as a case may use them. `overrides` says what a clinic's own file changed; `prepared` is what is made of all this
    once, where there are enough cases for that to pay."""

    sha256: str
    facts: dict[str, Fact]
    codes: Codes
    code_lists: dict[str, CodeList]
    sources: SourcesFile
    catalogue: Catalogue
    algorithm: AlgorithmFile
    texts: dict[str, str]
    trees: dict[str, Node]
    groups: dict[str, tuple[str, ...]]
    targets: dict[str, frozenset[str]]
    fact_groups: dict[str, tuple[str, ...]]
    partners: dict[str, tuple[str, ...]]
    about: dict[str, About]
    limits: LimitTables
    behind: dict[str, frozenset[str]]
    therapy_names: dict[str, str]
    drug_names: dict[str, str]
    overrides: Overrides | None = None
    prepared: "Prepared | None" = None

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: what is prepared is made anew there."""
        return {**self.__dict__, "prepared": None}

    @property
    def version(self) -> str:
        return self.algorithm.version

    @property
    def therapies(self) -> dict[str, Therapy]:
        return self.catalogue.therapies

    @property
    def toxicities(self) -> dict[str, Toxicity]:
        return self.catalogue.toxicities

    @property
    def planned(self) -> dict[str, Therapy]:
        """The therapies the main plan is about: all but those of calcinosis alone, and what is only recorded."""
        return self.prepared.planned if self.prepared is not None else self.catalogue.planned

    @property
    def changing(self) -> tuple[Fact, ...]:
        """The facts that are the change of another one."""
        if self.prepared is not None:
            return self.prepared.changing
        return tuple(fact for fact in self.facts.values() if fact.change_of is not None)

    @property
    def derived(self) -> "dict[str, Derived]":
        """The rules of what follows from facts, by their id."""
        if self.prepared is not None:
            return self.prepared.derived
        return {rule.id: rule for rule in self.algorithm.derived}

    @property
    def outside(self) -> Therapy:
        """The entry that a treatment outside the catalogue is made from."""
        return next(t for t in self.therapies.values() if t.recorded)

    def tree(self, text: Expr) -> Node:
        return self.trees[text]

    def value(self, text: Expr, scope: Scope) -> Value:
        """What a condition comes to, where nothing is told of what it rests on."""
        known = scope.known
        if known is not None and text in known:
            return known[text]
        prepared = self.prepared
        if prepared is not None:
            value = prepared.asked[text](scope.facts.get, scope.functions)
        else:
            value = value_of(self.trees[text], scope)
        if known is not None:
            known[text] = value
        return value

    def in_turn(self, row: Row, therapy: str | None, scope: Scope) -> tuple[tuple[Any, ...], list[Value]]:
        """The rules of a row that are about a therapy, and what each comes to, up to the first that holds."""
        prepared = self.prepared
        if prepared is not None and (therapy is None or therapy in prepared.therapies):
            found = prepared.rows.get((row, therapy))
            if found is None:
                rules = self._row(row, therapy)
                found = prepared.rows[row, therapy] = (rules, prepared.asked_in_turn(rules))
            return found[0], found[1](scope.facts.get, scope.functions)
        rules, values = self._row(row, therapy), list[Value]()
        for rule in rules:
            values.append(self.value(rule.when, scope))
            if values[-1] is True:
                break
        return rules, values

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What follows from the knowledge and the key alone: made once where the knowledge is prepared, and never changed."""
        return make() if self.prepared is None else self.prepared.once(key, make)

    def of_therapy(self, what: str, therapy: str, make: Callable[[], Made]) -> Made:
        """The same of a therapy; one that a case has of its own is looked at each time."""
        known = self.prepared is not None and therapy in self.prepared.therapies
        return self.once((what, therapy), make) if known else make()

    def each(self, row: str, rules: Sequence[Any], scope: Scope) -> list[Value]:
        """What each rule of a row comes to, all of which are asked of every patient."""
        prepared = self.prepared
        if prepared is None:
            return [self.value(rule.when, scope) for rule in rules]
        found = prepared.each.get(row)
        if found is None:
            found = prepared.each[row] = prepared.asked_each(rules)
        values = found(scope.facts.get, scope.functions)
        return [values[rule.when] for rule in rules]

    def holding(self, row: tuple[str, ...], rules: Sequence[Rule], scope: Scope) -> frozenset[str]:
        """The conditions of rules that hold; `row` says which rules of the knowledge these are, and of which therapy."""
        prepared = self.prepared
        if prepared is None or not prepared.therapies >= {*row[1:]}:
            return frozenset([rule.when for rule in rules if self.value(rule.when, scope) is True])
        found = prepared.together.get(row)
        if found is None:
            found = prepared.together[row] = prepared.asked_together(rules)
        return frozenset([text for text, value in found(scope.facts.get, scope.functions) if value is True])

    def _row(self, row: Row, therapy: str | None) -> tuple[Any, ...]:
        algorithm = self.algorithm
        if therapy is None:
            return tuple([rule for rule in algorithm.statuses if row == "statuses" or rule.status != "safety_hold"])
        rules: tuple[VerdictRule | Review, ...] = algorithm.verdicts if row == "verdicts" else algorithm.reviews
        return tuple([rule for rule in rules if not rule.targets or self.concerns(rule.targets, therapy)])

    def finding(self, text: Expr, scope: Scope) -> Finding:
        """What a condition comes to, with the facts it used and those it lacks; nobody changes it."""
        return self.prepared.found(text, scope).finding if self.prepared is not None else evaluate(self.trees[text], scope)

    def found(self, text: Expr, scope: Scope) -> Found:
        """The same, as what is told of it is kept with it."""
        return self.prepared.found(text, scope) if self.prepared is not None else Found(evaluate(self.trees[text], scope))

    def asks(self, function: str) -> bool:
        """Whether some condition asks a function of the language."""
        if self.prepared is not None:
            return function in self.prepared.functions
        texts = (*self.trees, *self.algorithm.conditions.values())
        return any(f"{function}(" in text or f"{function} (" in text for text in texts)

    def named_in(self, text: Expr) -> frozenset[str]:
        """Every fact a condition names."""
        return self.prepared.named[text] if self.prepared is not None else frozenset(facts_of(self.trees[text]))

    def stated_in(self, text: Expr) -> frozenset[str]:
        """The facts a case may state that a condition rests on; those behind a derived one count as well."""
        if self.prepared is not None:
            return self.prepared.stated[text]
        return frozenset().union(*(self.behind.get(name, ()) for name in facts_of(self.trees[text])))

    def changed(self, **values: Any) -> "Knowledge":
        """The knowledge with some fields replaced; what was prepared of the old ones goes, unless it is given as well."""
        return super().changed(**{"prepared": None, **values})

    def for_many(self) -> "Knowledge":
        """The same knowledge with what is prepared of it, which pays from some dozen plans on."""
        if self.prepared is not None:
            return self
        from dmcli.knowledge.prepared import Prepared  # a single plan goes without

        return self.changed(
            prepared=Prepared(self.trees, self.facts, self.catalogue, self.algorithm, self.about, self.limits, self.behind)
        )

    def members(self, target: str) -> tuple[str, ...]:
        """The therapies a target names: itself, or those of its class or line."""
        return self.groups.get(target, ())

    def concerns(self, targets: tuple[str, ...], therapy: str) -> bool:
        """Whether some of the targets name a therapy."""
        return not self.targets[therapy].isdisjoint(targets)

    def name(self, target: str) -> str:
        """The plain name of a therapy, class, test or other drug."""
        tables = (self.therapies, self.catalogue.classes, self.catalogue.tests, self.catalogue.substances)
        for table in (*tables, self.catalogue.substance_groups):
            if target in table:
                return str(table[target].name)
        return target

    def fact_name(self, fact: str) -> str:
        """What a fact is called in a sentence."""
        return self.facts[fact].name if fact in self.facts else fact.replace("_", " ")

    def whole(self, text: str) -> str:
        """A condition with what each name in it stands for in the place of the name."""
        for name, meaning in reversed(self.algorithm.conditions.items()):
            if text == name:
                text = meaning
            text = re.sub(rf"\b{name}\b", f"({meaning})", text)
        return text

    def say(self, key: str, **values: object) -> str:
        """A sentence of `data/texts.yaml` with its blanks filled."""
        return self.texts[key].format(**values)


def assembled(
    sha256: str,
    facts: dict[str, Fact],
    codes: Codes,
    sources: SourcesFile,
    catalogue: Catalogue,
    algorithm: AlgorithmFile,
    texts: dict[str, str],
    trees: dict[str, Node],
    overrides: Overrides | None,
) -> Knowledge:
    """The knowledge with the tables that follow from its files."""
    groups = group_members(catalogue.therapies, catalogue.toxicities)
    partners = pair_partners(groups, catalogue.substances)
    return Knowledge(
        sha256=sha256,
        facts=facts,
        codes=codes,
        code_lists=code_lists(codes),
        sources=sources,
        catalogue=catalogue,
        algorithm=algorithm,
        texts=texts,
        trees=trees,
        groups=groups,
        targets=names_of_members(groups),
        fact_groups=facts_by_group(facts),
        partners=partners,
        about=rules_about(algorithm, groups, partners, catalogue.therapies),
        behind=stated_behind_names(facts, algorithm, trees),
        limits=limit_tables(catalogue.therapies, catalogue.toxicities, groups),
        therapy_names=therapy_names(catalogue),
        drug_names=drug_names(catalogue),
        overrides=overrides,
    )
