"""The files of the knowledge as they are written, and the catalogue their therapies make."""

from typing import Literal

from dmcli.knowledge.algorithm import (
    CalcinosisPathway,
    ClassCaution,
    ClassContraindication,
    Contradiction,
    CourseContradiction,
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
from dmcli.knowledge.codes import Codes
from dmcli.knowledge.limits import Toxicity
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.scores import Score
from dmcli.knowledge.sources import Source, TopicFact
from dmcli.knowledge.statements import Conflict, Expr, Statement
from dmcli.knowledge.therapies import Profile, Therapy
from dmcli.record import Model


class FactsFile(Model):
    schema: Literal["dmcli.facts/1"]
    facts: dict[str, Fact]


class CodesFile(Model):
    schema: Literal["dmcli.codes/1"]
    codes: Codes


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
    toxicities: dict[str, Toxicity]


class RegimensFile(Model):
    schema: Literal["dmcli.regimens/2"]
    therapies: dict[str, Dosing]


class TherapyFile(Profile):
    schema: Literal["dmcli.therapy/1"]


# Lines that the main plan neither weighs nor chooses from.
_BESIDE = ("calcinosis", "background")


class Catalogue(Model):
    """Every therapy with what it is sorted into, measured by and taken beside."""

    classes: dict[str, Group]
    tests: dict[str, Test]
    substance_groups: dict[str, Group]
    substances: dict[str, Substance]
    therapies: dict[str, Therapy]
    toxicities: dict[str, Toxicity]

    @property
    def planned(self) -> dict[str, Therapy]:
        """The therapies the main plan is about: all but those of calcinosis alone, and what is only recorded."""
        return {name: t for name, t in self.therapies.items() if t.line not in _BESIDE and not t.recorded}

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
    course_contradictions: tuple[CourseContradiction, ...]
    exhausted: tuple[str, ...]
    failed: tuple[str, ...]
    passed: tuple[str, ...]
    worked: tuple[str, ...]
    ineffective: tuple[str, ...]
    not_tolerated: tuple[str, ...]
    harmful: tuple[str, ...]
    outweighing: tuple[str, ...]
    not_outweighed: tuple[str, ...]
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


# A knowledge folder holds these, and a file for each therapy.
FILES: dict[str, type] = {
    "facts.yaml": FactsFile,
    "codes.yaml": CodesFile,
    "sources.yaml": SourcesFile,
    "substances.yaml": SubstancesFile,
    "limits.yaml": LimitsFile,
    "regimens.yaml": RegimensFile,
    "algorithm.yaml": AlgorithmFile,
    "texts.yaml": TextsFile,
}
