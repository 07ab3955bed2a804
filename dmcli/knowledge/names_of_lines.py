"""Names at the top of the algorithm and in its lines: each exists, and lines and therapies name each other."""

from dmcli.errors import nearest
from dmcli.knowledge import scopes
from dmcli.knowledge.codes import VERDICTS
from dmcli.knowledge.files import AlgorithmFile
from dmcli.knowledge.model import Knowledge
from dmcli.record import fields_of

# A field of the item, the code of the problem, and what is said.
Found = list[tuple[str, str, str]]


def rule_targets(knowledge: Knowledge) -> set[str]:
    """What a rule may be about: a therapy, a class, those that share a harm, a line."""
    lines = {t.line for t in knowledge.therapies.values()}
    return {*knowledge.therapies, *knowledge.catalogue.classes, *knowledge.toxicities, *lines}


def algorithm_faults(item: AlgorithmFile, knowledge: Knowledge) -> Found:
    """The lists of names at the top of the algorithm, and what the program asks it for."""
    found: Found = []
    targets = rule_targets(knowledge)
    facts = {*knowledge.facts, *(d.fact for d in item.derived)}
    for field, known in (
        ("advanced", targets),
        ("reviewed", targets),
        ("prescriber_decides", targets),
        ("exhausted", VERDICTS),
        ("failed", VERDICTS),
        ("passed", VERDICTS),
        ("worked", VERDICTS),
        ("ineffective", VERDICTS),
        ("not_tolerated", VERDICTS),
        ("harmful", VERDICTS),
        ("outweighing", VERDICTS),
        ("not_outweighed", VERDICTS),
        ("under_way", VERDICTS),
        ("to_judge", VERDICTS),
    ):
        named = getattr(item, field)
        found += [(field, "unknown_name", f"unknown name '{n}'{nearest(n, sorted(known))}") for n in named if n not in known]
    found += [
        ("body", "unknown_name", f"unknown fact '{n}'{nearest(n, sorted(facts))}") for n in item.body.values() if n not in facts
    ]
    known_roles = {*facts, *(fact.group for fact in knowledge.facts.values())}
    named_roles = [getattr(item.roles, role) for role in fields_of(item.roles)]
    found += [
        ("roles", "unknown_name", f"unknown fact '{n}'{nearest(n, sorted(facts))}") for n in named_roles if n not in known_roles
    ]
    if not item.statuses or item.statuses[-1].when.strip() != "true":
        found.append(("statuses", "no_last", "the last status must always hold; give it when: 'true'"))
    return found + _lines(item, knowledge)


def _lines(item: AlgorithmFile, knowledge: Knowledge) -> Found:
    """Lines and therapies name each other, and the gate stands before one of the lines."""
    names = [line.name for line in item.lines]
    found: Found = []
    for line in item.lines:
        strangers = [m for m in line.members if m in knowledge.therapies and knowledge.therapies[m].line != line.name]
        found += [("lines", "line", f"{line.id}: '{m}' is of the line '{knowledge.therapies[m].line}'") for m in strangers]
        apart = [m for m in line.apart if m not in line.members]
        found += [("lines", "line", f"{line.id}: '{m}' stands apart in a line that it is no member of") for m in apart]
    if item.gate.line not in names:
        hint = nearest(item.gate.line, names)
        found.append(("gate", "unknown_name", f"unknown line '{item.gate.line}'{hint}"))
    members = {m for line in item.lines for m in line.members}
    homeless = [t.id for t in knowledge.therapies.values() if t.line not in scopes.NEVER_CHOSEN and t.id not in members]
    found += [("lines", "line", f"'{t}' of the line '{knowledge.therapies[t].line}' is no member of it") for t in homeless]
    return found
