"""The pages of the catalogue as plain data, for JSON and YAML."""

from typing import TYPE_CHECKING, Any

from dmcli.render.lookup import Datum, asking, citing, conflicts, conflicts_about, defaults, targeted
from dmcli.result.plan import as_data

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge

_LISTED = ("id", "name", "synonyms", "classes", "line", "route", "summary", "label_status", "grade")
_BY_CLASS = ("contraindications", "cautions", "feasibility", "notices", "moves")


def therapy_list_data(knowledge: "Knowledge") -> list[dict[str, Any]]:
    """Every therapy in short."""
    return [{name: as_data(getattr(t, name)) for name in _LISTED} for t in knowledge.therapies.values()]


def therapy_page_data(knowledge: "Knowledge", therapy: str) -> dict[str, Any]:
    """Everything about one therapy: its own entry, and what the algorithm says of it or its class."""
    algorithm = knowledge.algorithm
    from_algorithm: dict[str, Any] = {
        name: [as_data(rule) for rule in getattr(algorithm, name) if targeted(knowledge, rule.targets, therapy)]
        for name in _BY_CLASS
    }
    from_algorithm["pairs"] = [as_data(p) for p in algorithm.pairs if targeted(knowledge, (p.left, p.right), therapy)]
    from_algorithm["overlaps"] = [as_data(o) for o in algorithm.overlaps if therapy in (o.starting, o.running)]
    return {
        **as_data(knowledge.therapies[therapy]),
        "algorithm": from_algorithm,
        "conflicts": [as_data(c) for c in conflicts_about(knowledge, therapy)],
    }


def evidence_list_data(knowledge: "Knowledge") -> dict[str, Any]:
    """Every fact of the topic and every source."""
    sources = knowledge.sources
    return {
        "topic_facts": [as_data(f) for f in sources.topic_facts.values()],
        "context_only": list(sources.context_only),
        "sources": [as_data(s) for s in sources.sources.values()],
    }


def evidence_page_data(knowledge: "Knowledge", source: str) -> dict[str, Any]:
    """One fact of the topic or one source, with every datum that cites it."""
    sources = knowledge.sources
    entry: Any = sources.topic_facts.get(source) or sources.sources[source]
    return {**as_data(entry), "cited_by": [_datum(d) for d in citing(knowledge, source)]}


def defaults_page_data(knowledge: "Knowledge") -> list[dict[str, Any]]:
    """Every choice of this tool."""
    return [_datum(d) for d in defaults(knowledge)]


def conflicts_page_data(knowledge: "Knowledge") -> list[dict[str, Any]]:
    """Every disagreement between sources."""
    return [as_data(c) for c in conflicts(knowledge)]


def facts_list_data(knowledge: "Knowledge") -> list[dict[str, Any]]:
    """Every fact a case may state."""
    return [as_data(f) for f in knowledge.facts.values()]


def facts_page_data(knowledge: "Knowledge", fact: str) -> dict[str, Any]:
    """One fact, with the tests that settle it and every datum that asks for it."""
    return {
        **as_data(knowledge.facts[fact]),
        "settled_by": [t.id for t in knowledge.regimens.tests.values() if fact in t.settles],
        "asked_by": [_datum(d) for d in asking(knowledge, fact)],
    }


def _datum(datum: Datum) -> dict[str, Any]:
    return {"owner": datum.owner, "id": datum.id, "text": datum.text, "level": datum.level, "sources": list(datum.sources)}
