"""A chart as a Mermaid flowchart, for tools that draw one from text."""

from dmcli.render.chart import Arrow, Chart
from dmcli.render.document import KEEP
from dmcli.render.literal import literal
from dmcli.render.registry import View

# What ends a label or is markup within one, as Mermaid's own entities; the mark of entities comes first.
_ENTITIES = {
    "#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "`": "#96;", "\\": "#92;",
    "[": "#91;", "]": "#93;", "|": "#124;", "%": "#37;",
}  # fmt: skip
_WIDTH = 36


def write(chart: Chart, _view: View) -> str:
    """`flowchart TD`; a dotted arrow leads to a box that stands elsewhere."""
    boxes = (f'  {box.name}["{"<br/>".join(_label(t) for t in box.texts if t)}"]' for box in chart.boxes)
    return "\n".join(("flowchart TD", *boxes, *(_arrow(arrow) for arrow in chart.arrows))) + "\n"


def _arrow(arrow: Arrow) -> str:
    line = "-.->" if arrow.again else "-->"
    return f'  {arrow.start} {line}|"{_label(arrow.label)}"| {arrow.end}'


def _label(text: str) -> str:
    """Literal text that ends no label and is no markup, broken into short lines."""
    lines = [""]
    for word in literal(text.replace(KEEP, " ")).split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > _WIDTH and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return "<br/>".join("".join(_ENTITIES.get(c, c) for c in part) for part in lines)
