"""Tables that follow from the knowledge: who is named by what, and which rules are about whom."""

from typing import Any, NamedTuple

from dmcli.knowledge.algorithm import (
    ClassCaution,
    ClassContraindication,
    Fact,
    Feasibility,
    Pair,
)
from dmcli.knowledge.catalogue import Substance
from dmcli.knowledge.codes import Code, Codes
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.files import AlgorithmFile, Catalogue
from dmcli.knowledge.limits import Toxicity
from dmcli.knowledge.therapies import Therapy
from dmcli.record import fields_of


class CodeList(NamedTuple):
    """The codes of a list in their order, and the other words for them, each with the code it means."""

    codes: tuple[str, ...]
    words: dict[str, str]


class About(NamedTuple):
    """The rules of the algorithm about one therapy: of its classes and lines, of access and cost, and of its pairs, each
    with the therapies on the other side."""

    contraindications: tuple[ClassContraindication, ...]
    cautions: tuple[ClassCaution, ...]
    feasibility: tuple[Feasibility, ...]
    pairs: tuple[tuple[Pair, frozenset[str]], ...]


def stated_behind_names(facts: dict[str, Fact], algorithm: AlgorithmFile, trees: dict[str, Node]) -> dict[str, frozenset[str]]:
    """For every fact and derived name, the facts a case may state that it rests on, itself among them."""
    asks: dict[str, set[str]] = {name: {fact.change_of} if fact.change_of else set() for name, fact in facts.items()}
    for rule in algorithm.derived:
        for expression in (rule.value, rule.when):
            if expression in trees:
                asks.setdefault(rule.fact, set()).update(facts_of(trees[expression]))
    found = {}
    for name in asks:
        waiting, seen = [name], set()
        while waiting:
            asked = waiting.pop()
            if asked not in seen:
                seen.add(asked)
                waiting += asks.get(asked, ())
        found[name] = frozenset(seen & facts.keys())
    return found


def facts_by_group(facts: dict[str, Fact]) -> dict[str, tuple[str, ...]]:
    """The facts of each group, in their order."""
    found: dict[str, list[str]] = {}
    for name, fact in facts.items():
        found.setdefault(fact.group, []).append(name)
    return {group: tuple(names) for group, names in found.items()}


def group_members(therapies: dict[str, Therapy], toxicities: dict[str, Toxicity]) -> dict[str, tuple[str, ...]]:
    """For every therapy, class, line and toxicity, the therapies it names, in catalogue order."""
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in therapies}
    for therapy in therapies.values():
        for target in (*therapy.classes, therapy.line):
            if target not in therapies:
                groups[target] = (*groups.get(target, ()), therapy.id)
    for toxicity in toxicities.values():
        members = {member for target in toxicity.members for member in groups.get(target, ())}
        groups[toxicity.id] = tuple(therapy for therapy in therapies if therapy in members)
    return groups


def names_of_members(groups: dict[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """For every therapy, what names it: itself, its classes, its line, its toxicities."""
    found: dict[str, set[str]] = {}
    for target, members in groups.items():
        for member in members:
            found.setdefault(member, set()).add(target)
    return {therapy: frozenset(targets) for therapy, targets in found.items()}


def pair_partners(groups: dict[str, tuple[str, ...]], substances: dict[str, Substance]) -> dict[str, tuple[str, ...]]:
    """For every therapy, class, line, other drug and group of them, the therapies and other drugs it names."""
    found = {**groups, **{name: (name,) for name in substances}}
    for substance in substances.values():
        for target in (*substance.classes, *substance.groups):
            found[target] = (*found.get(target, ()), substance.id)
    return found


def rules_about(
    algorithm: AlgorithmFile,
    groups: dict[str, tuple[str, ...]],
    partners: dict[str, tuple[str, ...]],
    therapies: dict[str, Therapy],
) -> dict[str, About]:
    """For every therapy, the rules of the algorithm that are about it."""

    def named(rules: Any, therapy: str) -> tuple[Any, ...]:
        return tuple(r for r in rules if any(therapy in groups.get(target, ()) for target in r.targets))

    def pairs(therapy: str) -> tuple[tuple[Pair, frozenset[str]], ...]:
        found = []
        for pair in algorithm.pairs:
            left, right = partners.get(pair.left, ()), partners.get(pair.right, ())
            others = {*(right if therapy in left else ()), *(left if therapy in right else ())} - {therapy}
            if others:
                found.append((pair, frozenset(others)))
        return tuple(found)

    a = algorithm
    return {t: About(named(a.contraindications, t), named(a.cautions, t), named(a.feasibility, t), pairs(t)) for t in therapies}


def safety_conditions(therapies: dict[str, Therapy], algorithm: AlgorithmFile) -> tuple[str, ...]:
    """The conditions of every contraindication, caution and obstacle of access, each once."""
    own = (rule for t in therapies.values() for rule in (*t.contraindications, *t.cautions))
    shared = (*algorithm.contraindications, *algorithm.cautions, *algorithm.feasibility)
    return tuple(dict.fromkeys(rule.when for rule in (*own, *shared)))


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


def code_lists(codes: Codes) -> dict[str, CodeList]:
    """Every list of codes as a case may use it."""
    lists: dict[str, dict[str, Code]] = {name: getattr(codes, name) for name in fields_of(codes)}
    return {
        name: CodeList(tuple(listed), {word: code.id for code in listed.values() for word in code.synonyms})
        for name, listed in lists.items()
    }


def plain(name: str) -> str:
    """A name as it is compared: lower case, one kind of separator."""
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())
