"""What is looked up in the knowledge, as plain data."""

from typing import Any

from dmcli.knowledge.model import Knowledge
from dmcli.render.catalogue.lookup import Datum, asking, citing, conflicts, conflicts_about, defaults, targeted
from dmcli.render.registry import View
from dmcli.result.plan import as_data

_LISTED = ("id", "name", "synonyms", "classes", "line", "route", "summary", "label_status", "grade")
_BY_CLASS = ("contraindications", "cautions", "feasibility", "notices", "moves")


def catalogue(_subject: None, knowledge: Knowledge, _view: View) -> list[dict[str, Any]]:
    """Every therapy in short."""
    return [{name: as_data(getattr(t, name)) for name in _LISTED} for t in knowledge.therapies.values()]


def therapy(ident: str, knowledge: Knowledge, _view: View) -> dict[str, Any]:
    """Everything about one therapy: its own entry, and what the algorithm says of it or its class."""
    algorithm = knowledge.algorithm
    from_algorithm: dict[str, Any] = {
        name: [as_data(rule) for rule in getattr(algorithm, name) if targeted(knowledge, rule.targets, ident)]
        for name in _BY_CLASS
    }
    from_algorithm["pairs"] = [as_data(p) for p in algorithm.pairs if targeted(knowledge, (p.left, p.right), ident)]
    from_algorithm["overlaps"] = [as_data(o) for o in algorithm.overlaps if targeted(knowledge, (*o.starting, o.running), ident)]
    return {
        **as_data(knowledge.therapies[ident]),
        "algorithm": from_algorithm,
        "conflicts": [as_data(c) for c in conflicts_about(knowledge, ident)],
    }


def evidence(_subject: None, knowledge: Knowledge, _view: View) -> dict[str, Any]:
    """Every fact of the topic and every source."""
    sources = knowledge.sources
    return {
        "topic_facts": [as_data(f) for f in sources.topic_facts.values()],
        "context_only": list(sources.context_only),
        "sources": [as_data(s) for s in sources.sources.values()],
    }


def source(ident: str, knowledge: Knowledge, _view: View) -> dict[str, Any]:
    """One fact of the topic or one source, with every datum that cites it."""
    sources = knowledge.sources
    entry: Any = sources.topic_facts.get(ident) or sources.sources[ident]
    return {**as_data(entry), "cited_by": [_datum(d) for d in citing(knowledge, ident)]}


def defaulted(_subject: None, knowledge: Knowledge, _view: View) -> list[dict[str, Any]]:
    """Every choice of this tool."""
    return [_datum(d) for d in defaults(knowledge)]


def disputed(_subject: None, knowledge: Knowledge, _view: View) -> list[dict[str, Any]]:
    """Every disagreement between sources."""
    return [as_data(c) for c in conflicts(knowledge)]


def changed(_subject: None, knowledge: Knowledge, _view: View) -> dict[str, Any] | None:
    """What a clinic's own file changed; None where none did."""
    return as_data(knowledge.overrides) if knowledge.overrides is not None else None


def facts(_subject: None, knowledge: Knowledge, _view: View) -> list[dict[str, Any]]:
    """Every fact a case may state."""
    return [as_data(f) for f in knowledge.facts.values()]


def fact(ident: str, knowledge: Knowledge, _view: View) -> dict[str, Any]:
    """One fact, with the tests that settle it and every datum that asks for it."""
    return {
        **as_data(knowledge.facts[ident]),
        "settled_by": [t.id for t in knowledge.catalogue.tests.values() if ident in t.settles],
        "asked_by": [_datum(d) for d in asking(knowledge, ident)],
    }


def _datum(datum: Datum) -> dict[str, Any]:
    return {"owner": datum.owner, "id": datum.id, "text": datum.text, "level": datum.level, "sources": list(datum.sources)}
