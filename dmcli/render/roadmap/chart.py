"""The road ahead as a chart: a box for each step, the responses on the arrows."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.chart import Arrow, Box, Chart
from dmcli.render.registry import View
from dmcli.render.roadmap.document import title
from dmcli.render.roadmap.road import Twig, grown, judged, label, said, same
from dmcli.render.wording import day
from dmcli.roadmap.roadmap import Roadmap


def roadmap_chart(roadmap: Roadmap, knowledge: Knowledge, _view: View) -> Chart:
    """A continuation that comes a second time is an arrow to where it stands."""
    root = grown(roadmap, knowledge)
    names = {id(twig): f"n{number}" for number, twig in enumerate(root.all())}
    numbered = {twig.number: names[id(twig)] for twig in root.all() if twig.number}
    boxes, arrows = [], []
    for twig in root.all():
        name = names[id(twig)]
        heads = (title(roadmap, knowledge), day(knowledge, twig.node.start)) if twig is root else ()
        boxes.append(Box(name, (*heads, said(knowledge, twig), *_ends(knowledge, twig))))
        for inner in twig.under:
            text = f"{label(knowledge, inner.responses)}, {day(knowledge, inner.node.as_of)}"
            arrows.append(Arrow(name, text, names[id(inner)]))
        if twig.like:
            arrows.append(Arrow(name, same(knowledge, twig), numbered[twig.like], again=True))
    return Chart(tuple(boxes), tuple(arrows))


def _ends(knowledge: Knowledge, twig: Twig) -> tuple[str, ...]:
    return () if twig.like else (judged(knowledge, twig),)
