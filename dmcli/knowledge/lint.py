"""What `dmcli check` tells of sound knowledge: counts, and what a reviewer should look at."""

from typing import Any

from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import LEVELS, Rule, Statement
from dmcli.record import walk


def lint(knowledge: Knowledge) -> dict[str, Any]:
    """Counts by kind and level, and notes: facts no rule uses, topic facts nothing cites, unused sources."""
    statements = [
        item for root in (knowledge.catalogue, knowledge.algorithm) for _, item in walk(root) if isinstance(item, Statement)
    ]
    used = set().union(*(facts_of(tree) for tree in knowledge.trees.values()))
    used |= {f.change_of for f in knowledge.facts.values() if f.change_of}
    cited = cited_sources(knowledge)
    notes = [f"no rule uses the fact '{name}'" for name in sorted(set(knowledge.facts) - used)]
    notes += [f"nothing cites the topic fact '{name}'" for name in uncited_topic_facts(knowledge)]
    notes += [f"nothing cites the source '{name}'" for name in sorted(set(knowledge.sources.sources) - cited)]
    notes += outdated(knowledge)
    return {
        "version": knowledge.version,
        "sha256": knowledge.sha256,
        "therapies": len(knowledge.therapies),
        "facts": len(knowledge.facts),
        "statements": len(statements),
        "rules": sum(isinstance(s, Rule) for s in statements),
        **{f"level_{level}": sum(s.level == level for s in statements) for level in LEVELS},
        "notes": notes,
    }


def outdated(knowledge: Knowledge) -> list[str]:
    """Changes of a clinic's file that may no longer meet what they changed, and those that change nothing any more.

    A change whose `was:` met the shipped value was checked when the knowledge was built.
    """
    made = knowledge.overrides
    if made is None:
        return []
    notes = [f"{made.file} changes entries: {made.entries}, sha256 {made.sha256}"]
    for change in made.changes:
        what = f"{change.entry}{'.' if change.field else ''}{change.field}"
        if change.kind == "changed" and change.shipped == change.now:
            notes.append(f"{made.file}: '{what}' is as shipped; take it out")
        elif made.base != knowledge.version and change.kind != "added" and not change.pinned:
            told = f"shipped now: {change.shipped or 'nothing'}; here: {change.now or 'removed'}"
            notes.append(f"{made.file} was written against {made.base}: read '{what}' again ({told}), then raise 'base'")
    return notes


def cited_sources(knowledge: Knowledge) -> set[str]:
    """Every source id that some datum names."""
    roots = (knowledge.catalogue, knowledge.algorithm)
    named = {s for root in roots for _, item in walk(root) for s in _sources(item)}
    return named | {s for fact in knowledge.facts.values() for s in fact.sources}


def uncited_topic_facts(knowledge: Knowledge) -> list[str]:
    """Topic facts that are neither cited nor listed as context only."""
    expected = set(knowledge.sources.topic_facts) - set(knowledge.sources.context_only)
    return sorted(expected - cited_sources(knowledge))


def _sources(item: Any) -> tuple[str, ...]:
    sources = getattr(item, "sources", ())
    return sources if isinstance(sources, tuple) else ()
