"""What `dmcli check` tells of sound knowledge: counts, and what a reviewer should look at."""

from typing import Any

from dmcli.knowledge.idle import idle
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import LEVELS, Rule, Statement
from dmcli.record import walk


def lint(knowledge: Knowledge) -> dict[str, Any]:
    """Counts by kind and level, and notes: what can have no effect, topic facts nothing cites, unused sources."""
    statements = [
        item for root in (knowledge.regimens, knowledge.algorithm) for _, item in walk(root) if isinstance(item, Statement)
    ]
    cited = cited_sources(knowledge)
    notes = idle(knowledge)
    notes += [f"nothing cites the topic fact '{name}'" for name in uncited_topic_facts(knowledge)]
    notes += [f"nothing cites the source '{name}'" for name in sorted(set(knowledge.sources.sources) - cited)]
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


def cited_sources(knowledge: Knowledge) -> set[str]:
    """Every source id that some datum names."""
    roots = (knowledge.regimens, knowledge.algorithm)
    named = {s for root in roots for _, item in walk(root) for s in _sources(item)}
    return named | {s for fact in knowledge.facts.values() for s in fact.sources}


def uncited_topic_facts(knowledge: Knowledge) -> list[str]:
    """Topic facts that are neither cited nor listed as context only."""
    expected = set(knowledge.sources.topic_facts) - set(knowledge.sources.context_only)
    return sorted(expected - cited_sources(knowledge))


def _sources(item: Any) -> tuple[str, ...]:
    sources = getattr(item, "sources", ())
    return sources if isinstance(sources, tuple) else ()
