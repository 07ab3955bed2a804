"""What in the knowledge belongs together: the rules of a therapy, the data that cite a source or ask for a fact."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Conflict, Expr
from dmcli.record import fields_of
from dmcli.yamlfile import Path


class Datum(NamedTuple):
    """One sentence of the knowledge and where it stands; `owner` is a therapy's id, or the part of the algorithm."""

    owner: str
    id: str
    text: str
    level: str
    sources: tuple[str, ...]
    conditions: tuple[str, ...]


def every_datum(knowledge: Knowledge) -> Iterator[Datum]:
    """Every sentence that has a level, in the order of the files."""
    from dmcli.record import walk

    roots: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (knowledge.algorithm, ()),
        (knowledge.catalogue, ()),
        (knowledge.facts, ("facts",)),
    )
    for root, where in roots:
        ids: dict[Path, str] = {}
        for path, item in walk(root, where):
            # What has no id of its own, such as a position of a conflict, goes by that of what it is part of.
            ids[path] = getattr(item, "id", "") or next((ids[path[:n]] for n in range(len(path), 0, -1) if path[:n] in ids), "")
            level = getattr(item, "level", None)
            if level is None:
                continue
            owner = str(path[1] if path[0] == "therapies" else path[0])
            text = getattr(item, "text", "") or getattr(item, "question", "")
            yield Datum(owner, ids[path], text, level, getattr(item, "sources", ()), _conditions(item))


def _conditions(item: Any) -> tuple[str, ...]:
    found = (getattr(item, name) for name, declared in fields_of(item).items() if declared in (Expr, Expr | None))
    return tuple(expression for expression in found if expression is not None)


def citing(knowledge: Knowledge, source: str) -> list[Datum]:
    """Every datum that names the source."""
    return [d for d in every_datum(knowledge) if source in d.sources]


def asking(knowledge: Knowledge, fact: str) -> list[Datum]:
    """Every datum with a condition that names the fact."""
    return [d for d in every_datum(knowledge) if any(fact in facts_of(knowledge.trees[c]) for c in d.conditions)]


def defaults(knowledge: Knowledge) -> list[Datum]:
    """Every choice of this tool that no source makes."""
    return [d for d in every_datum(knowledge) if d.level == "default"]


def conflicts(knowledge: Knowledge) -> tuple[Conflict, ...]:
    """Every disagreement between sources."""
    return (*knowledge.algorithm.conflicts, *knowledge.catalogue.conflicts)


def conflicts_about(knowledge: Knowledge, therapy: str) -> list[Conflict]:
    """The disagreements that name a therapy, its class or its line."""
    return [c for c in conflicts(knowledge) if targeted(knowledge, c.targets, therapy)]


def targeted(knowledge: Knowledge, targets: tuple[str, ...], therapy: str) -> bool:
    """Whether one of the targets is the therapy, its class or its line."""
    return any(therapy in knowledge.members(target) for target in targets)
