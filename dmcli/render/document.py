"""What a page consists of, whatever it is drawn as: titled sections of items and tables.

Builders put words into a document, formats put it on paper. Every string here
is raw; the formats make it literal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

# strong: labels and names; alert: what must not be overlooked, always a word of its own; quiet: conditions and notes;
# cite: where something is written and how well it is known, with the space before it.
Role = Literal["plain", "strong", "alert", "quiet", "cite"]

# Holds two words together on one line; drawn as an ordinary space.
KEEP = "\u00a0"


class Words(NamedTuple):
    """Some words of a line. `sources` are the ids they cite, so that a page can list what it cited; `rule` is the id of the
    statement that they are of, so that a page can add its note."""

    text: str
    role: Role = "plain"
    sources: tuple[str, ...] = ()
    rule: str | None = None


Line = tuple[Words, ...]


@dataclass(frozen=True)
class Item:
    """One line, wrapped under itself, and the lines that belong to it."""

    line: Line
    under: tuple["Item", ...] = ()
    bullet: bool = True


@dataclass(frozen=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class Tree:
    """An item with branches, drawn with guides that lead the eye from each branch back to where it begins."""

    root: Item


@dataclass(frozen=True)
class Section:
    """A heading with its blocks, then its parts with headings of their own."""

    title: str
    blocks: tuple[Item | Table | Tree, ...]
    parts: tuple["Section", ...] = ()

    @property
    def empty(self) -> bool:
        return not self.blocks and all(p.empty for p in self.parts)


@dataclass(frozen=True)
class Document:
    """A page: its title, the lines that come before any heading, the sections, the foot."""

    title: str
    lead: tuple[Item, ...]
    sections: tuple[Section, ...]
    foot: tuple[Item, ...] = ()


def line(*parts: "str | Words | Iterable[Words]") -> Line:
    """Words in a row; plain strings become plain words, empty ones vanish."""
    words: list[Words] = []
    for part in parts:
        words += [Words(part)] if isinstance(part, str) else [part] if isinstance(part, Words) else part
    return tuple(w for w in words if w.text)


def strong(text: str) -> Words:
    return Words(text, "strong")


def alert(text: str) -> Words:
    return Words(text, "alert")


def labelled(label: str, *parts: "str | Words | Iterable[Words]") -> Line:
    """A strong label, a colon, and what it says."""
    return line(strong(label), ": ", *parts)


def cited(sections: Iterable[Section]) -> list[str]:
    """The ids of all sources that the sections cite, each once, sorted."""
    return sorted({source for section in sections for words in _words(section) for source in words.sources})


def _words(section: Section) -> Iterator[Words]:
    for block in section.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row:
                    yield from cell
        else:
            yield from _item_words(block.root if isinstance(block, Tree) else block)
    for part in section.parts:
        yield from _words(part)


def _item_words(item: Item) -> Iterator[Words]:
    yield from item.line
    for inner in item.under:
        yield from _item_words(inner)
