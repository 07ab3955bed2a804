"""Parts that several pages of the catalogue share."""

from collections.abc import Iterable

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Conflict, Position, Statement
from dmcli.render.catalogue.lookup import Datum
from dmcli.render.document import Item, Section, Words, labelled, line
from dmcli.render.footing import HASH_SHOWN, changes_foot
from dmcli.render.wording import capital, cite, note, word


def data_items(knowledge: Knowledge, data: Iterable[Datum]) -> tuple[Item, ...]:
    """Data with their ids."""
    return tuple(Item(labelled(d.id, d.text, cite(knowledge, d.sources, d.level))) for d in data)


def data_sections(knowledge: Knowledge, data: Iterable[Datum]) -> tuple[Section, ...]:
    """Data under what they are about: a therapy, or a part of the algorithm."""
    owners: dict[str, list[Datum]] = {}
    for datum in data:
        owners.setdefault(datum.owner, []).append(datum)
    return tuple(Section(capital(_owner(knowledge, owner)), data_items(knowledge, found)) for owner, found in owners.items())


def _owner(knowledge: Knowledge, owner: str) -> str:
    return knowledge.therapies[owner].name if owner in knowledge.therapies else word(knowledge, "part", owner)


def disagreement(knowledge: Knowledge, conflict: Conflict) -> Item:
    """What sources disagree about, each position, and what is used."""
    positions = tuple(Item(line(p.text, cite(knowledge, p.sources, p.level), noted(knowledge, p))) for p in conflict.positions)
    used = Item(
        labelled(knowledge.texts["word_used"], conflict.used, cite(knowledge, (), conflict.level), noted(knowledge, conflict))
    )
    return Item(labelled(conflict.id, conflict.text), (*positions, used))


def condition(knowledge: Knowledge, when: str | None) -> Words:
    """The condition of a rule, in the words of the condition language."""
    if when is None or when == "true":
        return Words("", "quiet")
    return Words(f" {knowledge.say('condition', when=knowledge.whole(when))}", "quiet")


def noted(knowledge: Knowledge, statement: Statement | Position | Conflict) -> Words:
    """What a reviewer of a statement or a disagreement should know, behind its sources."""
    return note(knowledge, statement.note)


def footing(knowledge: Knowledge) -> tuple[Item, ...]:
    """Which knowledge a page shows."""
    text = knowledge.say("footer_catalogue", knowledge=knowledge.version, hash=knowledge.sha256[:HASH_SHOWN])
    return (Item(line(text), bullet=False), *changes_foot(knowledge))
