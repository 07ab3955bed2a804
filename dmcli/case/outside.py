"""Treatments of a record that the catalogue does not have: each as a therapy of its own, with the classes it belongs to."""

from dmcli.case.model import Case
from dmcli.knowledge.limits import limit_tables
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import group_members, names_of_members, pair_partners, rules_about
from dmcli.knowledge.therapies import Therapy


def with_recorded(case: Case, knowledge: Knowledge) -> Knowledge:
    """The knowledge with every treatment that a case records outside the catalogue; the same knowledge where there is none.

    What holds for a class holds for a recorded member of it: contraindications, pairs, limits, gates and its closure.
    """
    outside = {c.therapy: c.name for c in case.courses if c.name is not None and c.therapy not in knowledge.therapies}
    if not outside:
        return knowledge
    added = {ident: _recorded(ident, name, knowledge) for ident, name in outside.items()}
    therapies = {**knowledge.therapies, **added}
    groups = group_members(therapies, knowledge.toxicities)
    partners = pair_partners(groups, knowledge.catalogue.substances)
    # What was prepared is about the therapies of the catalogue, for which nothing changes.
    return knowledge.changed(
        prepared=knowledge.prepared,
        catalogue=knowledge.catalogue.changed(therapies=therapies),
        groups=groups,
        targets=names_of_members(groups),
        partners=partners,
        about=rules_about(knowledge.algorithm, groups, partners, therapies),
        limits=limit_tables(therapies, knowledge.toxicities, groups),
    )


def _recorded(ident: str, name: str, knowledge: Knowledge) -> Therapy:
    substance = knowledge.catalogue.substances.get(ident)
    classes = substance.classes if substance is not None else ()
    model = knowledge.outside
    called = substance.name if substance is not None else name
    return model.changed(id=ident, name=called, classes=classes, line=_line(classes, knowledge) or model.line, recorded=True)


def _line(classes: tuple[str, ...], knowledge: Knowledge) -> str | None:
    """The line that all members of its classes stand in; None where there is no such line."""
    lines = {t.line for t in knowledge.therapies.values() if set(classes) & set(t.classes)}
    return lines.pop() if len(lines) == 1 else None
