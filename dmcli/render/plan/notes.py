"""What a reviewer of a statement should know, behind the first line of a plan that tells the statement."""

from collections.abc import Iterable
from dataclasses import replace

from dmcli.knowledge.model import Knowledge
from dmcli.record import walk
from dmcli.render.document import Item, Line, Section, Table, Tree, line
from dmcli.render.wording import note


def with_notes(sections: Iterable[Section], knowledge: Knowledge) -> list[Section]:
    """The sections with the note of each statement that has one, once."""
    page = _Page(knowledge, _notes(knowledge))
    return [page.section(section) for section in sections]


def _notes(knowledge: Knowledge) -> dict[str, str]:
    """The notes of the knowledge by the ids of what they are of."""
    found = (item for root in (knowledge.algorithm, knowledge.catalogue) for _, item in walk(root))
    return {item.id: item.note for item in found if getattr(item, "id", None) and getattr(item, "note", None)}


class _Page:
    """The lines of one page; `notes` are those that it has still to tell."""

    def __init__(self, knowledge: Knowledge, notes: dict[str, str]) -> None:
        self.knowledge, self.notes = knowledge, notes

    def section(self, section: Section) -> Section:
        blocks = tuple(self.block(block) for block in section.blocks)
        return replace(section, blocks=blocks, parts=tuple(map(self.section, section.parts)))

    def block(self, block: Item | Table | Tree) -> Item | Table | Tree:
        if isinstance(block, Table):
            return Table(block.head, tuple(tuple(map(self.line, row)) for row in block.rows))
        return Tree(self.item(block.root)) if isinstance(block, Tree) else self.item(block)

    def item(self, item: Item) -> Item:
        return replace(item, line=self.line(item.line), under=tuple(map(self.item, item.under)))

    def line(self, told: Line) -> Line:
        return line(told, (note(self.knowledge, self.notes.pop(words.rule, None)) for words in told if words.rule))
