"""A page of the documentation, which is written in Markdown, as lines for a terminal."""

import re
from collections.abc import Iterator
from itertools import groupby

from dmcli.render.literal import literal
from dmcli.render.registry import View
from dmcli.render.screen.columns import cells, wrapped
from dmcli.render.theme import painted

_INDENT, _GAP = "  ", 2
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_MARKS = re.compile(r"\*\*|`")
_RULE = re.compile(r"^[|\s:-]+$")


def page_text(text: str, view: View) -> str:
    """The page at most `view.width` columns wide; only examples are as wide as they are."""
    lines: list[str] = []
    for kind, block in _blocks(text.splitlines()):
        drawn = list(_drawn(kind, block, view))
        lines += [""] * bool(lines and drawn) + drawn
    return "\n".join([*lines, ""])


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """The blocks of a page, each with its kind: what follows without an empty line and is of one kind belongs together."""
    fenced = False
    kinds: list[str] = []
    for line in lines:
        fence = line.startswith("```")
        kind = "fence" if fence else "code" if fenced else _kind(line)
        # Text that goes on under a list entry belongs to it.
        if kind == "text" and kinds and kinds[-1] == "list":
            kind = "list"
        fenced ^= fence
        kinds.append(kind)
    for kind, found in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        if kind not in ("empty", "fence", "comment"):
            yield kind, [line for _, line in found]


def _kind(line: str) -> str:
    starts = {"": "empty", "#": "heading", "-": "list", "|": "table", "<": "comment"}
    return starts.get(line.strip()[:1], "text")


def _drawn(kind: str, block: list[str], view: View) -> Iterator[str]:
    if kind == "code":
        yield from (_INDENT + literal(line) for line in block)
    elif kind == "heading":
        for line in block:
            level, _, title = line.partition(" ")
            yield painted(plain(title) if len(level) > 2 else plain(title).upper(), "head", view.color)
    elif kind == "table":
        yield from _table([_cells(row) for row in block if not _RULE.match(row)], view.width)
    elif kind == "list":
        for entry in _entries(block):
            yield from hanging(f"- {plain(entry)}", view.width)
    else:
        yield from wrapped(plain(" ".join(line.strip() for line in block)), view.width)


def _entries(block: list[str]) -> list[str]:
    entries: list[str] = []
    for line in block:
        if line.lstrip().startswith("- ") or not entries:
            entries.append(line.strip().removeprefix("- "))
        else:
            entries[-1] += f" {line.strip()}"
    return entries


def hanging(text: str, width: int) -> list[str]:
    """A list entry, wrapped under its own text."""
    first, *rest = wrapped(text, width - len(_INDENT))
    return [first, *(_INDENT + line for line in rest)]


def _cells(row: str) -> list[str]:
    return [plain(cell.strip()) for cell in row.strip().strip("|").split("|")]


def _table(rows: list[list[str]], width: int) -> Iterator[str]:
    """Columns side by side, the last one wrapped; where the others leave it no room, each row is an entry."""
    columns = [max(cells(row[number]) for row in rows) + _GAP for number in range(len(rows[0]) - 1)]
    room = width - sum(columns)
    if room < width // 2:
        yield from (line for row in rows[1:] for line in hanging(f"- {': '.join(filter(None, row))}", width))
        return
    for row in rows:
        lead = "".join(cell + " " * (size - cells(cell)) for cell, size in zip(row, columns, strict=False))
        first, *rest = wrapped(row[-1], room)
        yield f"{lead}{first}".rstrip()
        yield from (" " * sum(columns) + line for line in rest)


def plain(text: str) -> str:
    """Text without the marks of Markdown; of a link its words."""
    return literal(_MARKS.sub("", _LINK.sub(r"\1", text)))
