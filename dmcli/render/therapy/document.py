"""The catalogue of therapies, and everything about one of them."""

from typing import get_args

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Line as TherapyLine
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Therapy
from dmcli.render.catalogue.lookup import conflicts_about
from dmcli.render.catalogue.parts import disagreement, footing, noted
from dmcli.render.document import Document, Item, Section, Table, cited, labelled, line, strong
from dmcli.render.registry import View
from dmcli.render.therapy.dosing import dosing_section, response_section
from dmcli.render.therapy.monitoring import follow_up_section, limits_section
from dmcli.render.therapy.safety import (
    before_section,
    cautions_section,
    combinations_section,
    contraindications_section,
)
from dmcli.render.wording import capital, cite, word


def therapy_list(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every therapy by its line."""
    head = tuple(knowledge.texts[key] for key in ("col_therapy", "col_name", "col_route"))
    sections = []
    for name in get_args(TherapyLine):
        rows = tuple(
            (line(strong(t.id)), line("; ".join((t.name, *t.synonyms))), line(t.route))
            for t in knowledge.therapies.values()
            if t.line == name
        )
        if rows:
            sections.append(Section(word(knowledge, "line", name), (Table(head, rows),)))
    lead = (Item(line(knowledge.texts["therapies_use"]), bullet=False),)
    return Document(knowledge.texts["head_therapies"], lead, tuple(sections), footing(knowledge))


def therapy_page(therapy: str, knowledge: Knowledge, _view: View) -> Document:
    """One therapy: line, dosing, safety, monitoring, evidence, each statement with its source and level."""
    entry = knowledge.therapies[therapy]
    everything = (
        dosing_section(knowledge, entry),
        response_section(knowledge, entry),
        contraindications_section(knowledge, entry),
        cautions_section(knowledge, entry),
        combinations_section(knowledge, entry),
        before_section(knowledge, entry),
        follow_up_section(knowledge, entry),
        limits_section(knowledge, entry),
        _advice(knowledge, entry),
        _evidence(knowledge, entry),
        Section(
            knowledge.texts["head_conflicts"], tuple(disagreement(knowledge, c) for c in conflicts_about(knowledge, therapy))
        ),
    )
    lead = _lead(knowledge, entry)
    sections = [s for s in everything if not s.empty]
    sources = _sources(knowledge, cited([Section("", lead), *sections]))
    title = capital(entry.name) if entry.name == therapy else f"{capital(entry.name)} ({therapy})"
    return Document(title, lead, (*sections, *([] if sources.empty else [sources])), footing(knowledge))


def _lead(knowledge: Knowledge, entry: Therapy) -> tuple[Item, ...]:
    texts = knowledge.texts
    classes = ", ".join(knowledge.name(c) for c in entry.classes)
    plain = (
        (texts["word_line"], word(knowledge, "line", entry.line)),
        (texts["word_class"], classes),
        (texts["col_route"], entry.route),
        (texts["word_synonyms"], ", ".join(entry.synonyms)),
    )
    said = [_statement(knowledge, entry.summary)]
    said += [Item(labelled(label, text)) for label, text in plain if text]
    said.append(_statement(knowledge, entry.label_status, texts["word_label_status"]))
    if entry.grade is not None:
        said.append(_statement(knowledge, entry.grade, texts["word_grade"]))
    return tuple(said)


def _statement(knowledge: Knowledge, statement: Statement, label: str = "") -> Item:
    said = line(statement.text, cite(knowledge, statement.sources, statement.level), noted(knowledge, statement))
    return Item(labelled(label, said) if label else said)


def _advice(knowledge: Knowledge, entry: Therapy) -> Section:
    said: list[tuple[str, Statement]] = [(a.about, a) for a in entry.advice]
    said += [("washout", entry.washout)] if entry.washout is not None else []
    items = tuple(
        Item(
            line(strong(capital(knowledge.codes.subjects[about].text))),
            tuple(_statement(knowledge, statement) for of, statement in said if of == about),
        )
        for about in dict.fromkeys(of for of, _ in said)
    )
    return Section(knowledge.texts["head_advice"], items)


def _evidence(knowledge: Knowledge, entry: Therapy) -> Section:
    items = []
    for found in entry.evidence:
        size = knowledge.say("patients", count=found.patients) if found.patients is not None else ""
        label = ", ".join(part for part in (found.design, size, word(knowledge, "favours", found.favours)) if part)
        items.append(_statement(knowledge, found, capital(label)))
    return Section(knowledge.texts["head_evidence"], tuple(items))


def _sources(knowledge: Knowledge, idents: list[str]) -> Section:
    found = knowledge.sources
    items = []
    for ident in idents:
        if ident in found.topic_facts:
            citation, level = found.topic_facts[ident].text, "topic"
        else:
            citation, level = found.sources[ident].citation, found.sources[ident].level
        items.append(Item(labelled(ident, citation, f" ({word(knowledge, 'level', level)})")))
    return Section(knowledge.texts["head_sources"], tuple(items))
