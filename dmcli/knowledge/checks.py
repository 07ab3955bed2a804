"""Checks across the knowledge: names exist, every datum says where it is written."""

from typing import Any

from dmcli.errors import Problem, nearest
from dmcli.knowledge.blanks import braces, sentence_problems
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.names import name_faults
from dmcli.knowledge.names_of_lines import Found
from dmcli.knowledge.quantities import quantity_faults
from dmcli.knowledge.regimens import Step
from dmcli.knowledge.spelling import written
from dmcli.knowledge.statements import LEVELS
from dmcli.record import walk
from dmcli.yamlfile import Document


def cross_check(knowledge: Knowledge, parsed: dict[str, Any], documents: dict[str, Document]) -> list[Problem]:
    """Names that do not exist, ids that stand twice, data without a source, texts with unknown blanks."""
    problems: list[Problem] = []
    sources = {**knowledge.sources.topic_facts, **knowledge.sources.sources}
    seen: dict[str, str] = {}
    for name, root in parsed.items():
        document = documents[name]
        if name in _PLAIN:
            continue
        for where, item in walk(root):
            problems += [
                document.problem(written((*where, *field.split(".")), document.data), code, text)
                for field, code, text in (
                    *_sources(item, sources),
                    *name_faults(item, knowledge),
                    *_ids(item, where, seen),
                    *quantity_faults(item, knowledge),
                    *braces(item, where),
                )
            ]
    problems += sentence_problems(knowledge, documents)
    return problems


# Files without rules; what is in them is checked where it is named.
_PLAIN = ("sources.yaml", "texts.yaml")


def _sources(item: Any, sources: dict[str, Any]) -> Found:
    found: Found = []
    named, level = getattr(item, "sources", ()), getattr(item, "level", None)
    if not isinstance(named, tuple):
        return found
    for source in named:
        if source not in sources:
            found.append(("sources", "unknown_source", f"unknown source '{source}'{nearest(source, list(sources))}"))
    if level is not None and level not in LEVELS:
        found.append(("level", "level", f"unknown level '{level}'; one of {', '.join(LEVELS)}"))
    elif level not in (None, "default", "unverified") and not named:
        found.append(("sources", "no_source", f"level '{level}' needs a source"))
    elif level == "topic" and not any(s in sources and not hasattr(sources[s], "citation") for s in named):
        found.append(("level", "level", "level 'topic' needs a fact of the topic among its sources"))
    return found


def _ids(item: Any, where: tuple[str | int, ...], seen: dict[str, str]) -> Found:
    ident = getattr(item, "id", None)
    if ident is None or not (hasattr(item, "level") or isinstance(item, Step)):
        return []
    if ident in seen:
        return [("id", "duplicate_id", f"the id '{ident}' is already used at {seen[ident]}")]
    seen[ident] = ".".join(str(w) for w in where)
    return []
