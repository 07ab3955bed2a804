"""A drawing of boxes from top to bottom as SVG: text in the reader's own font, readable on light and on dark."""

from html import escape

from dmcli.render.algorithm.drawn import Drawing, Step
from dmcli.render.literal import literal
from dmcli.render.registry import View
from dmcli.render.screen.columns import wrapped

_WIDTH, _COLUMNS, _LEFT = 640, 84, 14
_LINE, _PAD, _GAP = 18, 12, 40
_STYLE = (
    "text{font:13px sans-serif;fill:#222}.t{font-weight:bold}.l{font-style:italic}"
    "rect{fill:#fff;stroke:#555;stroke-width:1.5}.h{stroke:#b00;stroke-width:4}path{stroke:#555;fill:none}"
)


def write(drawing: Drawing, _view: View) -> str:
    """A whole SVG file with a title for those who have it read aloud."""
    parts, top = [], _LINE * 2
    for step in drawing.steps:
        lines = [line for text in step.texts for line in wrapped(literal(text), _COLUMNS)]
        height = 2 * _PAD + _LINE * (1 + len(lines))
        parts += _box(step, lines, top, height)
        top += height + (_GAP if step.leads else 0)
    head = f'<text class="t" x="{_LEFT}" y="{_LINE}">{_text(drawing.title)}</text>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + _PAD}" role="img">\n'
        f"<title>{_text(drawing.title)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect width="100%" height="100%" style="stroke:none"/>\n{head}\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _box(step: Step, lines: list[str], top: int, height: int) -> list[str]:
    frame = ' class="h"' if step.here else ""
    shown = [f'<rect{frame} x="4" y="{top}" width="{_WIDTH - 8}" height="{height}"/>']
    shown.append(f'<text class="t" x="{_LEFT}" y="{top + _PAD + _LINE - 5}">{_text(step.title)}</text>')
    for number, line in enumerate(lines, start=2):
        shown.append(f'<text x="{_LEFT}" y="{top + _PAD + number * _LINE - 5}">{_text(line)}</text>')
    if step.leads:
        end = top + height + _GAP
        shown.append(f'<path d="M40 {top + height}V{end}m-5 -8l5 8l5 -8"/>')
        shown.append(f'<text class="l" x="56" y="{end - _GAP // 2 + 5}">{_text(step.leads)}</text>')
    return shown


def _text(text: str) -> str:
    return escape(literal(text))
