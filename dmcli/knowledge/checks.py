"""Checks across the knowledge: names exist, every datum says where it is written."""

from typing import Any

from dmcli.errors import Problem, nearest
from dmcli.knowledge import scopes
from dmcli.knowledge.algorithm import (
    CalcinosisAgent,
    Contradiction,
    Fact,
    Gate,
)
from dmcli.knowledge.blanks import braces, sentence_problems
from dmcli.knowledge.codes import VERDICTS
from dmcli.knowledge.model import AlgorithmFile, Knowledge
from dmcli.knowledge.quantities import quantity_faults
from dmcli.knowledge.regimens import Dosing, Step
from dmcli.knowledge.scores import Score
from dmcli.knowledge.spelling import written
from dmcli.knowledge.statements import LEVELS
from dmcli.knowledge.therapies import Monitor, Profile
from dmcli.record import fields_of, walk
from dmcli.yamlfile import Document


def cross_check(knowledge: Knowledge, parsed: dict[str, Any], documents: dict[str, Document]) -> list[Problem]:
    """Names that do not exist, ids that stand twice, data without a source, texts with unknown blanks."""
    problems: list[Problem] = []
    sources = {**knowledge.sources.topic_facts, **knowledge.sources.sources}
    seen: dict[str, str] = {}
    for name, root in parsed.items():
        document = documents[name]
        if name in _PLAIN:
            continue
        for where, item in walk(root):
            problems += [
                document.problem(written((*where, *field.split(".")), document.data), code, text)
                for field, code, text in (
                    *_sources(item, sources),
                    *_names(item, knowledge),
                    *_ids(item, where, seen),
                    *quantity_faults(item, knowledge),
                    *braces(item, where),
                )
            ]
    problems += sentence_problems(knowledge, documents)
    return problems


Found = list[tuple[str, str, str]]
# Files without rules; what is in them is checked where it is named.
_PLAIN = ("sources.yaml", "texts.yaml")


def _sources(item: Any, sources: dict[str, Any]) -> Found:
    found: Found = []
    named, level = getattr(item, "sources", ()), getattr(item, "level", None)
    if not isinstance(named, tuple):
        return found
    for source in named:
        if source not in sources:
            found.append(("sources", "unknown_source", f"unknown source '{source}'{nearest(source, list(sources))}"))
    if level is not None and level not in LEVELS:
        found.append(("level", "level", f"unknown level '{level}'; one of {', '.join(LEVELS)}"))
    elif level not in (None, "default", "unverified") and not named:
        found.append(("sources", "no_source", f"level '{level}' needs a source"))
    elif level == "topic" and not any(s in _topic(sources) for s in named):
        found.append(("level", "level", "level 'topic' needs a fact of the topic among its sources"))
    return found


def _topic(sources: dict[str, Any]) -> set[str]:
    return {s for s, value in sources.items() if not hasattr(value, "citation")}


def _names(item: Any, knowledge: Knowledge) -> Found:
    found: Found = []
    regimens = knowledge.regimens
    targets = {*knowledge.therapies, *regimens.classes, *(t.line for t in knowledge.therapies.values())}
    for field, known in (
        ("tests", regimens.tests),
        ("targets", targets),
        ("members", knowledge.therapies),
        ("advised_against", knowledge.therapies),
        ("settles", knowledge.facts),
        ("also", knowledge.facts),
        ("facts", knowledge.facts),
    ):
        named = getattr(item, field, ())
        if isinstance(named, tuple):
            found += [
                (field, "unknown_name", f"unknown name '{n}'{nearest(n, list(known))}")
                for n in named
                if isinstance(n, str) and n not in known
            ]
    for field in ("left", "right", "starting", "running"):
        named = getattr(item, field, None)
        if isinstance(named, str) and named not in targets:
            found.append((field, "unknown_name", f"unknown name '{named}'{nearest(named, sorted(targets))}"))
    if isinstance(item, Fact):
        found += _fact(item, knowledge)
    if isinstance(item, CalcinosisAgent) and item.therapy not in knowledge.therapies:
        found.append(
            ("therapy", "unknown_name", f"unknown therapy '{item.therapy}'{nearest(item.therapy, list(knowledge.therapies))}")
        )
    if isinstance(item, Score):
        found += _score(item, knowledge)
    if isinstance(item, Contradiction) and item.field.partition(".")[2] not in knowledge.facts:
        hint = nearest(item.field.partition(".")[2], list(knowledge.facts))
        found.append(("field", "unknown_name", f"'{item.field}' is no section.fact of a case{hint}"))
    if isinstance(item, Gate) and item.default not in item.readings:
        found.append(("default", "unknown_name", f"the default reading '{item.default}' is none of {', '.join(item.readings)}"))
    if isinstance(item, AlgorithmFile):
        found += _algorithm(item, knowledge, targets)
    if isinstance(item, Dosing) and not item.regimens and item.no_dose is None:
        found.append(("regimens", "no_dose", "a therapy has a regimen, or 'no_dose' says why not"))
    if isinstance(item, Profile):
        found += [("classes", "unknown_name", f"unknown class '{c}'") for c in item.classes if c not in regimens.classes]
        if not item.monitoring and item.no_monitoring is None:
            found.append(("monitoring", "no_monitoring", "a therapy has monitoring, or 'no_monitoring' says why not"))
        steps = {s.id for r in knowledge.therapies[item.id].regimens for s in r.steps}
        for monitor in item.monitoring:
            found += _phases(monitor, steps)
    return found


def _fact(fact: Fact, knowledge: Knowledge) -> Found:
    """What a fact is coded by or computed from."""
    found: Found = []
    if (fact.type == "code") != bool(fact.codes):
        found.append(("codes", "codes", "a fact of type code, and no other, has codes"))
    if (fact.change_of is None) != (fact.change is None):
        found.append(("change", "change", "'change_of' and 'change' stand together or not at all"))
    if fact.change_of is not None:
        numbers = [f.id for f in knowledge.facts.values() if f.type == "number" and f.id != fact.id]
        if fact.type != "number" or fact.change_of not in numbers:
            text = f"'{fact.change_of}' is no number that may change{nearest(fact.change_of, numbers)}"
            found.append(("change_of", "unknown_name", text))
    return found


def _score(score: Score, knowledge: Knowledge) -> Found:
    found: Found = []
    if score.fact not in knowledge.facts:
        found.append(("fact", "unknown_name", f"unknown fact '{score.fact}'{nearest(score.fact, list(knowledge.facts))}"))
    elif knowledge.facts[score.fact].type != "number":
        found.append(("fact", "type", f"a score is a number, '{score.fact}' is a {knowledge.facts[score.fact].type}"))
    if sum(other.fact == score.fact for other in knowledge.algorithm.scores) > 1:
        found.append(("fact", "duplicate_id", f"the score '{score.fact}' is stated more than once"))
    return found


def _algorithm(item: AlgorithmFile, knowledge: Knowledge, targets: set[str]) -> Found:
    """The lists of names at the top of the algorithm, and what the program asks it for."""
    found: Found = []
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
    if item.gate.line not in names:
        hint = nearest(item.gate.line, names)
        found.append(("gate", "unknown_name", f"unknown line '{item.gate.line}'{hint}"))
    members = {m for line in item.lines for m in line.members}
    homeless = [t.id for t in knowledge.therapies.values() if t.line not in scopes.NEVER_CHOSEN and t.id not in members]
    found += [("lines", "line", f"'{t}' of the line '{knowledge.therapies[t].line}' is no member of it") for t in homeless]
    return found


def _phases(monitor: Monitor, steps: set[str]) -> Found:
    wrong = [p.before_each for p in monitor.phases if p.before_each is not None and p.before_each not in steps]
    return [("monitoring", "unknown_step", f"{monitor.id}: unknown step '{w}'{nearest(w, list(steps))}") for w in wrong]


def _ids(item: Any, where: tuple[str | int, ...], seen: dict[str, str]) -> Found:
    ident = getattr(item, "id", None)
    if ident is None or not (hasattr(item, "level") or isinstance(item, Step)):
        return []
    if ident in seen:
        return [("id", "duplicate_id", f"the id '{ident}' is already used at {seen[ident]}")]
    seen[ident] = ".".join(str(w) for w in where)
    return []
