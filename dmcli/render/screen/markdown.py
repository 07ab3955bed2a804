"""The first screen as Markdown: the same blocks, with headings and boxes to tick."""

from collections.abc import Iterator

from dmcli.render.formats.markdown import escaped
from dmcli.render.registry import View
from dmcli.render.screen.paper import Row
from dmcli.render.screen.screen import Screens

_DEPTH = 2


def write(screens_of: Screens, _view: View) -> str:
    """The screen with all its reasons, for a page has no last line."""
    screen = screens_of(_DEPTH)
    lines = [f"# {escaped(screen.title)} ({escaped(screen.aside)})"]
    for block in screen.blocks:
        lines += ["", f"## {escaped(block.label.capitalize())}", ""] if block.label else [""]
        lines += [line for row in block.rows for line in _row(row)]
    return "\n".join([*lines, ""])


def _row(row: Row) -> Iterator[str]:
    mark = escaped(row.mark.removeprefix("!").strip())
    told = " ".join(part for part in (f"**{mark}**" if mark else "", escaped(row.text)) if part)
    if told:
        yield f"- {told}"
    yield from (f"{'  ' if told else ''}- [ ] {escaped(tick)}" for tick in row.ticks)
