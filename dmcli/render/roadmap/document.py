"""The road ahead as a document: one tree, and what was assumed on the way."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Document, Item, Line, Section, Tree, line, strong
from dmcli.render.footing import HASH_SHOWN, changes_foot
from dmcli.render.registry import View
from dmcli.render.roadmap.road import Twig, grown, judged, label, said
from dmcli.render.wording import day, reasons
from dmcli.roadmap.roadmap import Roadmap


def roadmap_document(roadmap: Roadmap, knowledge: Knowledge, _view: View) -> Document:
    """The tree with one or two lines a step."""
    root = grown(roadmap, knowledge)
    tree = Section(knowledge.texts["head_road"], (Tree(_item(knowledge, root)),))
    assumed = Section(knowledge.texts["head_assumed"], reasons(knowledge, roadmap.assumptions))
    lead = (Item(line(knowledge.texts["road_legend"]), bullet=False),)
    foot = knowledge.say(
        "footer_roadmap",
        date=day(knowledge, roadmap.as_of),
        tool=roadmap.tool.version,
        knowledge=roadmap.knowledge.version,
        hash=roadmap.knowledge.sha256[:HASH_SHOWN],
    )
    return Document(title(roadmap, knowledge), lead, (tree, assumed), (Item(line(foot), bullet=False), *changes_foot(knowledge)))


def title(roadmap: Roadmap, knowledge: Knowledge) -> str:
    as_of = day(knowledge, roadmap.as_of)
    if roadmap.case_id is None:
        return knowledge.say("head_roadmap", date=as_of)
    return knowledge.say("head_roadmap_case", case=roadmap.case_id, date=as_of)


def _item(knowledge: Knowledge, twig: Twig) -> Item:
    return Item(_line(knowledge, twig), tuple(_item(knowledge, t) for t in twig.under))


def _line(knowledge: Knowledge, twig: Twig) -> Line:
    """`(1) No response: Switch to ... - dose. Judged on ...`"""
    number = knowledge.say("road_number", number=twig.number) if twig.number else ""
    if twig.responses:
        head = line(number, strong(label(knowledge, twig.responses)), ": ")
    else:
        head = line(number, strong(knowledge.say("road_first", date=day(knowledge, twig.node.start)).rstrip()), " ")
    end = judged(knowledge, twig)
    return line(head, said(knowledge, twig), f" {end}" if end else "")
