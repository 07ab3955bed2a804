"""The road ahead as a document: a table or a tree, and what was assumed on the way."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import KEEP, Document, Item, Line, Section, Table, Tree, line, strong
from dmcli.render.footing import HASH_SHOWN, changes_foot
from dmcli.render.plan.told import uncited
from dmcli.render.registry import View
from dmcli.render.roadmap.road import Twig, grown, judged, label, responses, said
from dmcli.render.wording import day, reasons
from dmcli.roadmap.roadmap import Roadmap


def roadmap_document(roadmap: Roadmap, knowledge: Knowledge, _view: View) -> Document:
    """A row for each response to the first therapy; deeper, a tree with one or two lines a step."""
    if roadmap.depth == 1:
        lead, road = _next_judgement(roadmap, knowledge)
    else:
        lead = (line(knowledge.texts["road_legend"]),)
        tree = Tree(_item(knowledge, grown(roadmap, knowledge)))
        road = Section(knowledge.texts["head_road"], (tree,))
    assumed = Section(knowledge.texts["head_assumed"], reasons(knowledge, roadmap.assumptions))
    foot = knowledge.say(
        "footer_roadmap",
        date=day(knowledge, roadmap.as_of),
        tool=roadmap.tool.version,
        knowledge=roadmap.knowledge.version,
        hash=roadmap.knowledge.sha256[:HASH_SHOWN],
    )
    sections = tuple(uncited(section) for section in (road, assumed) if not section.empty)
    shown = tuple(Item(told, bullet=False) for told in lead)
    return Document(title(roadmap, knowledge), shown, sections, (Item(line(foot), bullet=False), *changes_foot(knowledge)))


def _next_judgement(roadmap: Roadmap, knowledge: Knowledge) -> tuple[tuple[Line, ...], Section]:
    """What is done today, and what comes of each response on the day of the judgement."""
    today, rows = responses(roadmap, knowledge)
    further = knowledge.texts["road_further" if rows else "road_ends"]
    head = tuple(knowledge.texts[key] for key in ("col_if", "col_then"))
    table = Table(
        head, tuple((line(strong(label(knowledge, t.responses).replace(" ", KEEP))), line(said(knowledge, t))) for t in rows)
    )
    return (_line(knowledge, today), line(further)), Section(knowledge.texts["head_road"], (table,) if rows else ())


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
