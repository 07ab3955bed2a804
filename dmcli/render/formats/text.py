"""A document for a terminal. Everything that matters is a word; colour and weight only repeat it."""

import re
from io import StringIO

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from dmcli.render.document import KEEP, Document, Item, Line, Role, Section, Table, Tree
from dmcli.render.literal import literal
from dmcli.render.registry import View
from dmcli.render.theme import THEME, Tone

# The roles of words in the tones of the theme.
_TONES: dict[Role, Tone] = {"plain": "plain", "strong": "must", "alert": "urgent", "quiet": "quiet", "cite": "quiet"}
_STYLES = {role: THEME[tone] for role, tone in _TONES.items()}
_HEADING = THEME["head"]
_INDENT = "  "
_GAP = 2
# The guides of a tree: to a branch, to the last one, past a branch, past the last one. ASCII, for every terminal.
_TO, _TO_LAST, _PAST, _PAST_LAST = "|- ", "`- ", "|  ", "   "
_NARROWEST = 40
# Only ASCII: a rule under the heads of a table, and nothing else.
_BOX = Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True)
# rich breaks lines at every kind of space, so what belongs together is held by a private character
# while lines are made. `literal` lets none through from outside.
_GLUE = "\ue000"
_NUMBER_UNIT = re.compile(r"(?<=[0-9]) (?=[^\W\d_]|%)|(?<=[<>=\u2264\u2265]) (?=[0-9])")


def write(document: Document, view: View) -> str:
    """A document as lines of at most `view.width` columns; without colour there is no escape sequence in it."""
    paper = StringIO()
    console = _console(paper, max(view.width, _NARROWEST), view.color)
    _print_item(console, Text(_glued(document.title), style=_HEADING), "", "")
    if document.lead:
        console.print()
    for item in document.lead:
        _draw_item(console, item, "")
    for section in document.sections:
        _draw_section(console, section)
    if document.foot:
        console.print()
    for item in document.foot:
        _draw_item(console, item, "")
    lines = paper.getvalue().replace(_GLUE, " ").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _console(paper: StringIO, width: int, color: bool) -> Console:
    """A console that depends on nothing but its arguments, whatever the environment says."""
    return Console(
        file=paper,
        width=width,
        height=25,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )


def _draw_section(console: Console, section: Section) -> None:
    console.print()
    _print_item(console, Text(_glued(section.title.upper()), style=_HEADING), "", _INDENT)
    _draw_blocks(console, section)
    for part in section.parts:
        _print_item(console, Text(_glued(part.title), style="bold"), _INDENT, _INDENT * 2)
        _draw_blocks(console, part)


def _draw_blocks(console: Console, section: Section) -> None:
    for block in section.blocks:
        if isinstance(block, Table):
            console.print(Padding(_table(block, console.width - len(_INDENT)), (0, 0, 0, len(_INDENT))))
        elif isinstance(block, Tree):
            _draw_tree(console, block.root, _INDENT, _INDENT)
        else:
            _draw_item(console, block, _INDENT)


def _draw_tree(console: Console, item: Item, first: str, hanging: str) -> None:
    """An item and its branches; `first` stands before its first line, `hanging` before all that follow."""
    _print_item(console, _text(item.line), first, hanging + (_PAST if item.under else ""))
    for number, branch in enumerate(item.under, start=1):
        last = number == len(item.under)
        _draw_tree(console, branch, hanging + (_TO_LAST if last else _TO), hanging + (_PAST_LAST if last else _PAST))


def _draw_item(console: Console, item: Item, indent: str) -> None:
    marker = "- " if item.bullet else ""
    hanging = indent + " " * len(marker)
    _print_item(console, _text(item.line), indent + marker, hanging)
    for inner in item.under:
        _draw_item(console, inner, hanging)


def _print_item(console: Console, text: Text, first: str, hanging: str) -> None:
    """One wrapped line; the lines after the first start under its text."""
    room = console.width - len(hanging)
    for number, part in enumerate(text.wrap(console, room, overflow="fold")):
        part.rstrip()
        whole = Text.assemble(hanging if number else first, part)
        console.print(whole, no_wrap=True, overflow="ignore", crop=False)


def _table(table: Table, room: int) -> RichTable:
    drawn = RichTable(box=_BOX, show_edge=False, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    cells = [[_text(cell) for cell in row] for row in table.rows]
    heads = [Text(_glued(title)) for title in table.head]
    for head, share in zip(heads, _widths(list(zip(heads, *cells, strict=True)), room - _GAP * len(heads)), strict=True):
        drawn.add_column(head, overflow="fold", width=share)
    for row in cells:
        drawn.add_row(*row)
    return drawn


def _widths(columns: list[tuple[Text, ...]], room: int) -> list[int]:
    """Each column gets its longest word, then of what is left in proportion to what it still lacks."""
    whole = [max(text.cell_len for text in column) for column in columns]
    words = [max(cell_len(word) for text in column for word in text.plain.split() or [""]) for column in columns]
    spare = room - sum(words)
    lacking = sum(whole) - sum(words)
    if lacking <= spare:
        return whole
    if spare <= 0:
        return [room // len(columns)] * len(columns)
    return [word + spare * (all_ - word) // lacking for word, all_ in zip(words, whole, strict=True)]


def _text(line: Line) -> Text:
    return Text.assemble(*((_glued(words.text), _STYLES[words.role]) for words in line))


def _glued(text: str) -> str:
    """Literal text in which a number keeps its unit."""
    return _NUMBER_UNIT.sub(_GLUE, literal(text)).replace(KEEP, _GLUE)
