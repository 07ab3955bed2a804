"""Names within the knowledge: what is named exists, and what belongs together stands together."""

from collections.abc import Callable
from typing import Any

from dmcli.errors import nearest
from dmcli.knowledge import scopes
from dmcli.knowledge.algorithm import CalcinosisAgent, Contradiction, Fact, Gate
from dmcli.knowledge.codes import VERDICTS
from dmcli.knowledge.model import AlgorithmFile, Knowledge
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.scores import Score
from dmcli.knowledge.therapies import Monitor, Profile
from dmcli.record import fields_of

# A field of the item, the code of the problem, and what is said.
Found = list[tuple[str, str, str]]


def name_faults(item: Any, knowledge: Knowledge) -> Found:
    """The names of an item that do not exist, each at its field."""
    found = [*_several(item, knowledge), *_single(item, knowledge)]
    for kind, check in _CHECKS:
        if isinstance(item, kind):
            found += check(item, knowledge)
    return found


def _targets(knowledge: Knowledge) -> set[str]:
    """What a rule may be about: a therapy, a class, a line."""
    return {*knowledge.therapies, *knowledge.catalogue.classes, *(t.line for t in knowledge.therapies.values())}


def _several(item: Any, knowledge: Knowledge) -> Found:
    """Fields that hold several names."""
    found: Found = []
    for field, known in (
        ("tests", knowledge.catalogue.tests),
        ("targets", _targets(knowledge)),
        ("members", knowledge.therapies),
        ("advised_against", knowledge.therapies),
        ("settles", knowledge.facts),
        ("also", knowledge.facts),
        ("facts", knowledge.facts),
    ):
        named = getattr(item, field, ())
        strangers = [n for n in named if isinstance(n, str) and n not in known] if isinstance(named, tuple) else []
        found += [(field, "unknown_name", f"unknown name '{n}'{nearest(n, list(known))}") for n in strangers]
    return found


def _single(item: Any, knowledge: Knowledge) -> Found:
    """Fields that hold one name of a therapy, a class or a line."""
    targets = _targets(knowledge)
    named = [(field, getattr(item, field, None)) for field in ("left", "right", "starting", "running")]
    return [
        (field, "unknown_name", f"unknown name '{name}'{nearest(name, sorted(targets))}")
        for field, name in named
        if isinstance(name, str) and name not in targets
    ]


def _agent(agent: CalcinosisAgent, knowledge: Knowledge) -> Found:
    if agent.therapy in knowledge.therapies:
        return []
    return [("therapy", "unknown_name", f"unknown therapy '{agent.therapy}'{nearest(agent.therapy, list(knowledge.therapies))}")]


def _contradiction(item: Contradiction, knowledge: Knowledge) -> Found:
    fact = item.field.partition(".")[2]
    if fact in knowledge.facts:
        return []
    return [("field", "unknown_name", f"'{item.field}' is no section.fact of a case{nearest(fact, list(knowledge.facts))}")]


def _gate(gate: Gate, _knowledge: Knowledge) -> Found:
    if gate.default in gate.readings:
        return []
    return [("default", "unknown_name", f"the default reading '{gate.default}' is none of {', '.join(gate.readings)}")]


def _dosing(dosing: Dosing, _knowledge: Knowledge) -> Found:
    if dosing.regimens or dosing.no_dose is not None:
        return []
    return [("regimens", "no_dose", "a therapy has a regimen, or 'no_dose' says why not")]


def _profile(profile: Profile, knowledge: Knowledge) -> Found:
    """The classes of a therapy, and what it is followed by."""
    strangers = [c for c in profile.classes if c not in knowledge.catalogue.classes]
    found = [("classes", "unknown_name", f"unknown class '{c}'") for c in strangers]
    if not profile.monitoring and profile.no_monitoring is None:
        found.append(("monitoring", "no_monitoring", "a therapy has monitoring, or 'no_monitoring' says why not"))
    steps = {step.id for regimen in knowledge.therapies[profile.id].regimens for step in regimen.steps}
    return found + [fault for monitor in profile.monitoring for fault in _phases(monitor, steps)]


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


def _algorithm(item: AlgorithmFile, knowledge: Knowledge) -> Found:
    """The lists of names at the top of the algorithm, and what the program asks it for."""
    found: Found = []
    targets = _targets(knowledge)
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


_CHECKS: tuple[tuple[type, Callable[[Any, Knowledge], Found]], ...] = (
    (Fact, _fact),
    (CalcinosisAgent, _agent),
    (Score, _score),
    (Contradiction, _contradiction),
    (Gate, _gate),
    (AlgorithmFile, _algorithm),
    (Dosing, _dosing),
    (Profile, _profile),
)
