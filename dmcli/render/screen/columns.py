"""Text in columns, without a console: display width, wrapping, and short items packed side by side."""

from collections.abc import Iterable
from unicodedata import combining, east_asian_width

from dmcli.render.document import KEEP


def cells(text: str) -> int:
    """The columns that a text takes on a terminal."""
    # What is not ASCII is mostly the space that holds a figure and its unit together, one column as any other.
    if text.isascii() or text.replace(KEEP, " ").isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1


def wrapped(text: str, width: int, first: int = 0) -> list[str]:
    """The text in lines of at most `width` columns, of which `first` are taken already on the first line.

    Words break at ordinary spaces; a word longer than a line is folded.
    """
    lines: list[str] = []
    line, used = "", first
    for word in text.split(" "):
        for piece in (word,) if 0 < len(word) <= width and word.isascii() else _folded(word, width):
            size = cells(piece)
            if line and used + 1 + size <= width:
                line, used = f"{line} {piece}", used + 1 + size
            elif not line and used + size <= width:
                line, used = piece, used + size
            else:
                lines.append(line)
                line, used = piece, size
    lines.append(line)
    return lines


def _folded(word: str, width: int) -> Iterable[str]:
    while cells(word) > width:
        taken = next(n for n in range(len(word), 0, -1) if cells(word[:n]) <= width or n == 1)
        yield word[:taken]
        word = word[taken:]
    if word:
        yield word


def packed(items: Iterable[str], width: int, gap: int = 3) -> list[str]:
    """Items side by side as they fit; one that is longer than a line is wrapped under its own text."""
    lines: list[str] = []
    whole = False
    for item in items:
        # Beside the end of a broken item the next one would be overlooked.
        beside = whole and cells(lines[-1]) + gap + cells(item) <= width
        whole = cells(item) <= width
        if beside:
            lines[-1] += " " * gap + item
        elif whole:
            lines.append(item)
        else:
            mark = item[: item.find(KEEP) + 1]
            indent = " " * cells(mark)
            broken = wrapped(item[len(mark) :], width - len(indent))
            lines += [f"{mark if number == 0 else indent}{part}" for number, part in enumerate(broken)]
    return lines
