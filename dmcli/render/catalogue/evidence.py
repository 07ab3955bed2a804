"""Facts and sources, where they are cited, the tool's own choices, and where sources disagree."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.catalogue.lookup import citing, conflicts, defaults
from dmcli.render.catalogue.parts import data_items, data_sections, disagreement, footing
from dmcli.render.document import Document, Item, Section, labelled, line
from dmcli.render.registry import View
from dmcli.render.wording import word


def evidence_list(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every fact of the topic and every source."""
    texts, sources = knowledge.texts, knowledge.sources
    facts = tuple(Item(labelled(f.id, f.text)) for f in sources.topic_facts.values())
    documents = tuple(
        Item(labelled(s.id, s.citation, f" ({word(knowledge, 'level', s.level)})")) for s in sources.sources.values()
    )
    sections = (Section(texts["head_topic_facts"], facts), Section(texts["head_sources"], documents))
    return Document(texts["head_evidence"], (Item(line(sources.topic), bullet=False),), sections, footing(knowledge))


def evidence_page(source: str, knowledge: Knowledge, _view: View) -> Document:
    """One fact of the topic or one source: what it says, how it is read, where it is cited."""
    texts = knowledge.texts
    fact = knowledge.sources.topic_facts.get(source)
    if fact is not None:
        said = [(texts["word_says"], fact.text), (texts["word_reading"], fact.reading)]
    else:
        found = knowledge.sources.sources[source]
        level = word(knowledge, "level", found.level)
        said = [
            (texts["word_citation"], found.citation),
            (texts["word_level"], level),
            (texts["word_seen"], found.seen),
            (texts["word_note"], found.note),
            (texts["word_url"], found.url),
        ]
    lead = tuple(Item(labelled(label, text)) for label, text in said if text)
    cited_by = data_items(knowledge, citing(knowledge, source))
    nowhere = (Item(line(texts["cited_nowhere"])),)
    return Document(source, lead, (Section(texts["head_cited_by"], cited_by or nowhere),), footing(knowledge))


def defaults_page(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every choice of this tool that no source makes, by what it is about."""
    return Document(knowledge.texts["head_defaults"], (), data_sections(knowledge, defaults(knowledge)), footing(knowledge))


def conflicts_page(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every disagreement between sources, the positions, and which one is used."""
    items = tuple(disagreement(knowledge, c) for c in conflicts(knowledge))
    title = knowledge.texts["head_conflicts"]
    return Document(title, items, (), footing(knowledge))
