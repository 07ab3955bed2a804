"""The ladder as a document: a section for each rung."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.algorithm.ladder import Ladder, Member, Rung, ladder
from dmcli.render.catalogue.parts import footing
from dmcli.render.document import Document, Item, Line, Section, line, strong
from dmcli.render.registry import View
from dmcli.render.wording import day, word
from dmcli.result.plan import Plan


def algorithm_document(plan: Plan | None, knowledge: Knowledge, _view: View) -> Document:
    """Each rung with its members in order, the rules that are looked at on it, and what leads to the next."""
    found = ladder(plan, knowledge)
    lead = (Item(line(knowledge.algorithm.use), bullet=False),)
    sections = tuple(_section(knowledge, rung) for rung in found.rungs)
    return Document(title(knowledge, found), lead, sections, footing(knowledge))


def title(knowledge: Knowledge, found: Ladder) -> str:
    """What the ladder is of, and for whom the way on it is marked."""
    if found.as_of is None:
        return knowledge.algorithm.title
    return knowledge.say("ladder_way", title=knowledge.algorithm.title, date=day(knowledge, found.as_of))


def marked(knowledge: Knowledge, rung: Rung) -> str:
    """The title of a rung with a word for where the patient stands."""
    return f"{rung.title} ({word(knowledge, 'ladder', rung.state)})" if rung.state is not None else rung.title


def named(knowledge: Knowledge, member: Member) -> str:
    """A member with what is true of it for this patient."""
    return f"{member.name} ({word(knowledge, 'option', member.status).lower()})" if member.status is not None else member.name


def _section(knowledge: Knowledge, rung: Rung) -> Section:
    items = [Item(line(rung.text), bullet=False)]
    items += [
        Item(line(f"{number}. {named(knowledge, member)}"), bullet=False) for number, member in enumerate(rung.members, start=1)
    ]
    items += [Item(_told(rule.of, rule.text)) for rule in rung.rules]
    if rung.leads is not None:
        items.append(Item(line(strong(knowledge.texts["ladder_next"]), ": ", rung.leads)))
    return Section(marked(knowledge, rung), tuple(items))


def _told(of: str, text: str) -> Line:
    return line(strong(of), ": ", text)
