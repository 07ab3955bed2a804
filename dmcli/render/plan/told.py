"""What a page leaves out: where its sentences are written, unless that is asked for, and what it has said before."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from dmcli.render.document import Item, Line, Section, Table, Tree, Words

# Shorter texts are names, doses and days, which may come again.
_SENTENCE = 30
_END = re.compile(r"(?<=[.?!]) (?=[A-Z])")

# What is kept of some words, None where nothing is.
Keep = Callable[[Words], Words | None]


def uncited(section: Section) -> Section:
    """The section without citations and levels."""
    return _section(section, lambda words: None if words.role == "cite" else words)


def once(sections: Iterable[Section], said: Iterable[str] = ()) -> list[Section]:
    """The sections, in their order, without the sentences that an earlier line or what was `said` before has told. A table
    keeps all it has: a row without its figure would be read as none."""
    told = {_bare(sentence) for text in said for sentence in _END.split(text)}

    def new(words: Words) -> Words | None:
        sentences = _END.split(words.text) if words.role == "plain" else [words.text]
        kept = [s for s in sentences if words.role != "plain" or len(_bare(s)) < _SENTENCE or _bare(s) not in told]
        told.update(map(_bare, sentences))
        return words._replace(text=" ".join(kept)) if kept else None

    return [_section(section, new, whole=True) for section in sections]


def _bare(text: str) -> str:
    return text.strip().rstrip(".").lower()


def _section(section: Section, keep: Keep, whole: bool = False) -> Section:
    blocks: list[Item | Table | Tree] = []
    for block in section.blocks:
        if isinstance(block, Table):
            kept = tuple(tuple(_line(cell, keep) for cell in row) for row in block.rows)
            blocks.append(block if whole else Table(block.head, kept))
        elif isinstance(block, Tree):
            blocks.append(block)
        else:
            blocks += _items(block, keep, nested=False)
    return replace(section, blocks=tuple(blocks), parts=tuple(_section(part, keep, whole) for part in section.parts))


def _items(item: Item, keep: Keep, nested: bool) -> list[Item]:
    """The item with what is kept of it; where nothing is, what belongs to it takes its place."""
    line = _line(item.line, keep)
    under = tuple(kept for inner in item.under for kept in _items(inner, keep, nested=True))
    # A label alone says something only where it is a name that heads its line, and no name with a colon does.
    less = len(line) < len(item.line)
    bare = nested and all(words.role == "strong" for words in line)
    empty = not line or (less and (bare or line[-1].text.rstrip().endswith(":")))
    return list(under) if empty else [replace(item, line=line, under=under)]


def _line(line: Line, keep: Keep) -> Line:
    if any(words.role == "alert" for words in line):
        # What must not be overlooked stands wherever it belongs.
        return tuple(words for words in line if words.role != "cite" or keep(words) is not None)
    kept = [found for words in line if (found := keep(words)) is not None]
    if len(kept) < len(line):
        while kept and not kept[-1].text.strip(": "):
            kept.pop()
    return tuple(kept)
