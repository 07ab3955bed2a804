"""The first screen on paper: a title, then blocks with their label in a column of its own; colour by one small theme."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dmcli.render.document import KEEP
from dmcli.render.literal import literal
from dmcli.render.screen.columns import cells, packed, wrapped
from dmcli.render.theme import Tone, painted

_LABEL = 9
_NARROWEST = 40
_TICK = f"[{KEEP}]{KEEP}"
_NUMBER_UNIT = re.compile(r"(?<=[0-9]) (?=[^\W\d_]|%)|(?<=[<>=\u2264\u2265]) (?=[0-9])")


class Row(NamedTuple):
    """One thing that is said: `mark` is its sign or first word, `ticks` are short items to go through after `text`. Where `text`
    takes more than `most` lines, the first of `shorter` that does not stands for it, or the last."""

    text: str
    mark: str = ""
    tone: Tone = "plain"
    ticks: tuple[str, ...] = ()
    shorter: tuple[str, ...] = ()
    most: int = 0


class Block(NamedTuple):
    """Rows that belong together under a label; without one they begin at the left edge."""

    label: str
    rows: tuple[Row, ...]
    tone: Tone = "head"


class Screen(NamedTuple):
    """A whole first screen. `aside` stands at the right of the title; `starts`: a therapy is given, whose lines are the
    answer."""

    title: str
    aside: str
    blocks: tuple[Block, ...]
    starts: bool


def lines_of(screen: Screen, width: int, airy: bool, color: bool = False) -> list[str]:
    """The screen as lines of at most `width` columns; `airy` sets an empty line between blocks."""
    width = max(width, _NARROWEST)
    lines = list(_title(screen, width, color))
    for number, block in enumerate(screen.blocks):
        if airy and number:
            lines.append("")
        lines += _block(block, width, color)
    return [line.replace(KEEP, " ").rstrip() for line in lines]


def _title(screen: Screen, width: int, color: bool) -> Iterator[str]:
    title, aside = _held(screen.title), literal(screen.aside)
    room = width - cells(title) - cells(aside)
    if room >= 2:
        yield painted(title, "head", color) + " " * room + aside
        return
    yield from (painted(part, "head", color) for part in wrapped(title, width))
    yield aside


def _block(block: Block, width: int, color: bool) -> Iterator[str]:
    margin = " " * _LABEL if block.label else ""
    room = width - len(margin)
    label = literal(block.label)
    for row in block.rows:
        for number, line in enumerate(_row(row, room, color)):
            lead = margin
            if number == 0 and label:
                lead = painted(label, block.tone, color) + " " * (_LABEL - cells(label))
                label = ""
            yield lead + line


def _row(row: Row, room: int, color: bool) -> Iterator[str]:
    mark = _held(row.mark)
    if row.ticks:
        yield from _ticked(row, mark, room, color)
        return
    hang = "  " if mark.startswith("!") else ""
    taken = cells(mark) + 1 if mark else 0
    for text in (row.text, *row.shorter):
        parts = wrapped(_held(text), room, taken) if not hang else wrapped(_held(text), room - 2, taken - 2)
        if len(parts) <= row.most:
            break
    for number, part in enumerate(parts):
        if number == 0 and mark:
            yield f"{_marked(mark, row.tone, color)} {part}"
        else:
            yield painted(hang + part if number else part, row.tone if not mark else "plain", color)


def _marked(mark: str, tone: Tone, color: bool) -> str:
    """A mark in its tone, its sign apart from its word."""
    sign, space, word = mark.partition(" ")
    return painted(sign, "sign", color) + space + painted(word, tone, color) if sign == "!" else painted(mark, tone, color)


def _ticked(row: Row, mark: str, room: int, color: bool) -> Iterator[str]:
    """Items with a box to tick; the mark says what is to be done with them."""
    lead = cells(mark) + 1 if mark else 0
    items = [_TICK + _held(item) for item in row.ticks]
    for number, line in enumerate(packed(items, room - lead)):
        yield (f"{painted(mark, row.tone, color)} " if number == 0 and mark else " " * lead) + line


def _held(text: str) -> str:
    """Literal text in which a number keeps its unit."""
    return _NUMBER_UNIT.sub(KEEP, literal(text))
