"""The road ahead as a Mermaid flowchart, for tools that draw one from text."""

from typing import TYPE_CHECKING

from dmcli.render.document import KEEP
from dmcli.render.literal import literal
from dmcli.render.road import Twig, grown, judged, label, said, same
from dmcli.render.roadmap_document import title
from dmcli.render.wording import day

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.roadmap.roadmap import Roadmap

# What ends a label or is markup within one, as Mermaid's own entities; the mark of entities comes first.
_ENTITIES = {
    "#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", '"': "#quot;", "`": "#96;", "\\": "#92;",
    "[": "#91;", "]": "#93;", "|": "#124;", "%": "#37;",
}  # fmt: skip
_WIDTH = 36


def draw(roadmap: "Roadmap", knowledge: "Knowledge") -> str:
    """`flowchart TD` with a box for each step and the responses on the arrows. A dotted arrow leads to where a
    continuation stands that comes a second time."""
    root = grown(roadmap, knowledge)
    names = {id(twig): f"n{number}" for number, twig in enumerate(root.all())}
    numbered = {twig.number: names[id(twig)] for twig in root.all() if twig.number}
    lines = ["flowchart TD"]
    for twig in root.all():
        heads = (title(roadmap, knowledge), day(knowledge, twig.node.start)) if twig is root else ()
        ends = () if twig.like else (judged(knowledge, twig),)
        text = "<br/>".join(_label(t) for t in (*heads, said(knowledge, twig), *ends) if t)
        lines.append(f'  {names[id(twig)]}["{text}"]')
    for twig in root.all():
        lines += [_arrow(knowledge, names, twig, inner) for inner in twig.under]
        if twig.like:
            lines.append(f'  {names[id(twig)]} -.->|"{_label(same(knowledge, twig))}"| {numbered[twig.like]}')
    return "\n".join(lines) + "\n"


def _arrow(knowledge: "Knowledge", names: dict[int, str], twig: Twig, inner: Twig) -> str:
    text = f"{label(knowledge, inner.responses)}, {day(knowledge, inner.node.as_of)}"
    return f'  {names[id(twig)]} -->|"{_label(text)}"| {names[id(inner)]}'


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
