"""Every fact a case may state, and where it is asked for."""

from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge
from dmcli.render.catalogue.lookup import asking
from dmcli.render.catalogue.parts import data_items, footing
from dmcli.render.document import Document, Item, Section, Table, labelled, line, strong
from dmcli.render.registry import View
from dmcli.render.wording import capital, unit, value


def facts_list(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every fact by its group: name, values, question."""
    groups: dict[str, list[Fact]] = {}
    for fact in knowledge.facts.values():
        groups.setdefault(fact.group, []).append(fact)
    head = tuple(knowledge.texts[key] for key in ("col_fact", "col_values", "col_question"))
    sections = tuple(
        Section(
            capital(group.replace("_", " ")),
            (Table(head, tuple((line(strong(f.id)), line(_values(knowledge, f)), line(f.question)) for f in facts)),),
        )
        for group, facts in groups.items()
    )
    return Document(
        knowledge.texts["head_facts"], (Item(line(knowledge.texts["facts_use"]), bullet=False),), sections, footing(knowledge)
    )


def facts_page(fact: str, knowledge: Knowledge, _view: View) -> Document:
    """One fact with everything the vocabulary says of it, and what asks for it."""
    texts, entry = knowledge.texts, knowledge.facts[fact]
    tests = [t.name for t in knowledge.catalogue.tests.values() if fact in t.settles]
    shelf = knowledge.say("for_weeks", weeks=entry.shelf_weeks) if entry.shelf_weeks else None
    said = (
        (texts["col_question"], entry.question),
        (texts["col_values"], _values(knowledge, entry)),
        (texts["word_settle"], entry.settle),
        (texts["col_test"], "; ".join(tests)),
        (texts["word_shelf"], shelf),
        (texts["word_also_in"], "; ".join(_factors(knowledge, entry))),
        (texts["word_computed"], knowledge.fact_name(entry.change_of) if entry.change_of else None),
        (texts["word_synonyms"], ", ".join(entry.synonyms)),
    )
    lead = tuple(Item(labelled(label, text)) for label, text in said if text)
    asked_by = Section(texts["head_asked_by"], data_items(knowledge, asking(knowledge, fact)))
    return Document(fact, lead, () if asked_by.empty else (asked_by,), footing(knowledge))


def _factors(knowledge: Knowledge, fact: Fact) -> list[str]:
    """The other units a value may be given in, each with its factor."""
    return [knowledge.say("factor", unit=unit(knowledge, c.unit), factor=f"{c.factor:g}") for c in fact.converts]


def _values(knowledge: Knowledge, fact: Fact) -> str:
    """The values a fact may have: codes, yes or no, or a range with its unit."""
    if fact.type == "code":
        return ", ".join(fact.codes)
    if fact.type == "boolean":
        return f"{knowledge.texts['yes']}, {knowledge.texts['no']}"
    low, high = value(knowledge, fact.min), value(knowledge, fact.max)
    return knowledge.say("value_range", low=low, high=high, unit=unit(knowledge, fact.unit)).strip()
