"""The whole knowledge as one frozen value, and the shape of each of its files."""

import re
from typing import Any, Literal, NamedTuple

from dmcli.knowledge.algorithm import (
    CalcinosisPathway,
    ClassCaution,
    ClassContraindication,
    Contradiction,
    Derived,
    Fact,
    Feasibility,
    Gate,
    LineRule,
    Move,
    Notice,
    Overlap,
    Pair,
    Review,
    Roles,
    Setting,
    StatusRule,
    VerdictRule,
)
from dmcli.knowledge.catalogue import Group, Substance, Test
from dmcli.knowledge.changes import Overrides
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.scores import Score
from dmcli.knowledge.sources import Source, TopicFact
from dmcli.knowledge.statements import Conflict, Expr, Statement
from dmcli.knowledge.therapies import Profile, Therapy
from dmcli.record import Model


class FactsFile(Model):
    schema: Literal["dmcli.facts/1"]
    facts: dict[str, Fact]


class SourcesFile(Model):
    schema: Literal["dmcli.sources/1"]
    topic: str
    topic_facts: dict[str, TopicFact]
    context_only: tuple[str, ...]
    sources: dict[str, Source]


class SubstancesFile(Model):
    schema: Literal["dmcli.substances/1"]
    classes: dict[str, Group]
    substance_groups: dict[str, Group]
    substances: dict[str, Substance]


class LimitsFile(Model):
    schema: Literal["dmcli.limits/1"]
    tests: dict[str, Test]


class RegimensFile(Model):
    schema: Literal["dmcli.regimens/2"]
    therapies: dict[str, Dosing]


class TherapyFile(Profile):
    schema: Literal["dmcli.therapy/1"]


class Catalogue(Model):
    """Every therapy with what it is sorted into, measured by and taken beside."""

    classes: dict[str, Group]
    tests: dict[str, Test]
    substance_groups: dict[str, Group]
    substances: dict[str, Substance]
    therapies: dict[str, Therapy]

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Disagreements about single therapies, in the order of the catalogue."""
        return tuple(conflict for therapy in self.therapies.values() for conflict in therapy.conflicts)


class AlgorithmFile(Model):
    schema: Literal["dmcli.algorithm/1"]
    version: str
    dated: str
    title: str
    use: str
    misuse: str
    date_rule: str
    settings: dict[str, Setting]
    statements: dict[str, Statement]
    roles: Roles
    body: dict[str, str]
    conditions: dict[str, Expr]
    derived: tuple[Derived, ...]
    contradictions: tuple[Contradiction, ...]
    exhausted: tuple[str, ...]
    failed: tuple[str, ...]
    passed: tuple[str, ...]
    worked: tuple[str, ...]
    ineffective: tuple[str, ...]
    not_tolerated: tuple[str, ...]
    harmful: tuple[str, ...]
    outweighing: tuple[str, ...]
    under_way: tuple[str, ...]
    to_judge: tuple[str, ...]
    verdicts: tuple[VerdictRule, ...]
    statuses: tuple[StatusRule, ...]
    gate: Gate
    lines: tuple[LineRule, ...]
    advanced: tuple[str, ...]
    moves: tuple[Move, ...]
    feasibility: tuple[Feasibility, ...]
    contraindications: tuple[ClassContraindication, ...]
    cautions: tuple[ClassCaution, ...]
    pairs: tuple[Pair, ...]
    reviewed: tuple[str, ...]
    reviews: tuple[Review, ...]
    overlaps: tuple[Overlap, ...]
    notices: tuple[Notice, ...]
    prescriber_decides: tuple[str, ...]
    scores: tuple[Score, ...]
    calcinosis: CalcinosisPathway
    conflicts: tuple[Conflict, ...]


class TextsFile(Model):
    schema: Literal["dmcli.texts/1"]
    texts: dict[str, str]


class About(NamedTuple):
    """The rules of the algorithm about one therapy: of its classes and lines, of access and cost, and of its pairs, each
    with the therapies on the other side."""

    contraindications: tuple[ClassContraindication, ...]
    cautions: tuple[ClassCaution, ...]
    feasibility: tuple[Feasibility, ...]
    pairs: tuple[tuple[Pair, frozenset[str]], ...]


class Knowledge(Model):
    """Everything the planner knows. `sha256` covers the bytes of every file, `trees` holds each condition checked,
    `groups` the therapies that a therapy, class or line names; the name tables give the id of a plain name. `overrides`
    says what a clinic's own file changed."""

    sha256: str
    facts: dict[str, Fact]
    sources: SourcesFile
    catalogue: Catalogue
    algorithm: AlgorithmFile
    texts: dict[str, str]
    trees: dict[str, Node]
    groups: dict[str, tuple[str, ...]]
    about: dict[str, About]
    therapy_names: dict[str, str]
    drug_names: dict[str, str]
    overrides: Overrides | None = None

    @property
    def version(self) -> str:
        return self.algorithm.version

    @property
    def therapies(self) -> dict[str, Therapy]:
        return self.catalogue.therapies

    @property
    def planned(self) -> dict[str, Therapy]:
        """The therapies the main plan is about: all but those of calcinosis alone."""
        return {name: t for name, t in self.therapies.items() if t.line != "calcinosis"}

    def tree(self, text: Expr) -> Node:
        return self.trees[text]

    def members(self, target: str) -> tuple[str, ...]:
        """The therapies a target names: itself, or those of its class or line."""
        return self.groups.get(target, ())

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
    sources: SourcesFile,
    catalogue: Catalogue,
    algorithm: AlgorithmFile,
    texts: dict[str, str],
    trees: dict[str, Node],
    overrides: Overrides | None,
) -> Knowledge:
    """The knowledge with the tables that follow from its files."""
    groups = group_members(catalogue.therapies)
    return Knowledge(
        sha256=sha256,
        facts=facts,
        sources=sources,
        catalogue=catalogue,
        algorithm=algorithm,
        texts=texts,
        trees=trees,
        groups=groups,
        about=rules_about(algorithm, groups, catalogue.therapies),
        therapy_names=therapy_names(catalogue),
        drug_names=drug_names(catalogue),
        overrides=overrides,
    )


def group_members(therapies: dict[str, Therapy]) -> dict[str, tuple[str, ...]]:
    """For every therapy, class and line, the therapies it names, in catalogue order."""
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in therapies}
    for therapy in therapies.values():
        for target in (*therapy.classes, therapy.line):
            if target not in therapies:
                groups[target] = (*groups.get(target, ()), therapy.id)
    return groups


def rules_about(algorithm: AlgorithmFile, groups: dict[str, tuple[str, ...]], therapies: dict[str, Therapy]) -> dict[str, About]:
    """For every therapy, the rules of the algorithm that are about it."""

    def named(rules: Any, therapy: str) -> tuple[Any, ...]:
        return tuple(r for r in rules if any(therapy in groups.get(target, ()) for target in r.targets))

    def pairs(therapy: str) -> tuple[tuple[Pair, frozenset[str]], ...]:
        found = []
        for pair in algorithm.pairs:
            left, right = groups.get(pair.left, ()), groups.get(pair.right, ())
            others = {*(right if therapy in left else ()), *(left if therapy in right else ())} - {therapy}
            if others:
                found.append((pair, frozenset(others)))
        return tuple(found)

    a = algorithm
    return {t: About(named(a.contraindications, t), named(a.cautions, t), named(a.feasibility, t), pairs(t)) for t in therapies}


def therapy_names(catalogue: Catalogue) -> dict[str, str]:
    """Every plain name and synonym of a therapy, to its id."""
    names: dict[str, str] = {}
    for therapy in catalogue.therapies.values():
        for name in (therapy.id, therapy.name, *therapy.synonyms):
            names.setdefault(plain(name), therapy.id)
    return names


def drug_names(catalogue: Catalogue) -> dict[str, str]:
    """Every plain name and synonym of another drug or drug group, to its id."""
    names: dict[str, str] = {}
    for table in (catalogue.substances, catalogue.substance_groups):
        for entry in table.values():
            for name in (entry.id, entry.name, *entry.synonyms):
                names.setdefault(plain(name), entry.id)
    return names


def plain(name: str) -> str:
    """A name as it is compared: lower case, one kind of separator."""
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
