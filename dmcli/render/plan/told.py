"""What a page leaves out: where its sentences are written, unless that is asked for, and what it has said before."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from dmcli.render.document import Item, Line, Section, Table, Tree, Words

# Shorter texts are names, doses and days, which may come again.
_SENTENCE = 30

Keep = Callable[[Words], bool]


def uncited(section: Section) -> Section:
    """The section without citations and levels."""
    return _section(section, lambda words: words.role != "cite")


def once(sections: Iterable[Section], said: Iterable[str] = ()) -> list[Section]:
    """The sections, in their order, without the sentences that an earlier line or what was `said` before has told."""
    told = {_bare(text) for text in said}

    def new(words: Words) -> bool:
        text = _bare(words.text)
        if words.role != "plain" or len(text) < _SENTENCE:
            return True
        known = text in told
        told.add(text)
        return not known

    return [_section(section, new) for section in sections]


def _bare(text: str) -> str:
    return text.strip().rstrip(".").lower()


def _section(section: Section, keep: Keep) -> Section:
    blocks: list[Item | Table | Tree] = []
    for block in section.blocks:
        if isinstance(block, Table):
            blocks.append(Table(block.head, tuple(tuple(_line(cell, keep) for cell in row) for row in block.rows)))
        elif isinstance(block, Tree):
            blocks.append(block)
        else:
            blocks += _items(block, keep, nested=False)
    return replace(section, blocks=tuple(blocks), parts=tuple(_section(part, keep) for part in section.parts))


def _items(item: Item, keep: Keep, nested: bool) -> list[Item]:
    """The item with what is kept of it; where nothing is, what belongs to it takes its place."""
    line = _line(item.line, keep)
    under = tuple(kept for inner in item.under for kept in _items(inner, keep, nested=True))
    # A label alone says something only where it is a name that heads its line.
    empty = not line or (nested and len(line) < len(item.line) and all(words.role == "strong" for words in line))
    return list(under) if empty else [replace(item, line=line, under=under)]


def _line(line: Line, keep: Keep) -> Line:
    if any(words.role == "alert" for words in line):
        # What must not be overlooked stands wherever it belongs.
        return tuple(words for words in line if words.role != "cite" or keep(words))
    kept = [words for words in line if keep(words)]
    if len(kept) < len(line):
        while kept and not kept[-1].text.strip(": "):
            kept.pop()
    return tuple(kept)
