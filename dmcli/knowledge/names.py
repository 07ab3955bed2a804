"""Names within the knowledge: what is named exists, and what belongs together stands together."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from dmcli.errors import nearest
from dmcli.knowledge.algorithm import CalcinosisAgent, Contradiction, Fact, Gate, Notice, Review
from dmcli.knowledge.catalogue import Group, Substance
from dmcli.knowledge.codes import Codes
from dmcli.knowledge.conditions import calls_of, codes_of, facts_of
from dmcli.knowledge.files import AlgorithmFile
from dmcli.knowledge.limits import Limit, StartLimit, Toxicity
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.names_of_codes import advice_faults, code_faults, notice_faults
from dmcli.knowledge.names_of_lines import Found, algorithm_faults, rule_targets
from dmcli.knowledge.overlaps import undeclared_overlaps
from dmcli.knowledge.regimens import Dosing
from dmcli.knowledge.scores import Score
from dmcli.knowledge.therapies import Advice, Monitor, OnBoard, Profile


def name_faults(item: Any, knowledge: Knowledge) -> Found:
    """The names of an item that do not exist, each at its field."""
    found = [*_several(item, knowledge), *_single(item, knowledge)]
    for kind, check in _CHECKS:
        if isinstance(item, kind):
            found += check(item, knowledge)
    return found


def _several(item: Any, knowledge: Knowledge) -> Found:
    """Fields that hold several names."""
    found: Found = []
    for field, names in _LISTS.items():
        named = getattr(item, field, ())
        if not named or not isinstance(named, tuple):
            continue
        known = rule_targets(knowledge) if isinstance(item, Toxicity) and field == "members" else names(knowledge)
        strangers = [n for n in named if isinstance(n, str) and n not in known]
        found += [(field, "unknown_name", f"unknown name '{n}'{nearest(n, list(known))}") for n in strangers]
    return found


# Fields of several names, and what they may name.
_LISTS: dict[str, Callable[[Knowledge], Collection[str]]] = {
    "tests": lambda knowledge: knowledge.catalogue.tests,
    "targets": rule_targets,
    "starting": rule_targets,
    "members": lambda knowledge: knowledge.therapies,
    "advised_against": lambda knowledge: knowledge.therapies,
    "settles": lambda knowledge: knowledge.facts,
    "also": lambda knowledge: knowledge.facts,
    "stands": lambda knowledge: knowledge.facts,
    "facts": lambda knowledge: knowledge.facts,
}


def _analyte(limit: Limit | StartLimit, knowledge: Knowledge) -> Found:
    """What a limit is about: a name of its own condition, or a name that the shared limits use for several.

    Anything else would put a drug's own figure beside the shared one instead of in its place.
    """
    if limit.when not in knowledge.trees:
        # A condition with a fault of its own is told where it stands.
        return []
    tree = knowledge.tree(limit.when)
    named = facts_of(tree)
    own = {*named, *codes_of(tree), *calls_of(tree)}.union(*(knowledge.behind.get(name, ()) for name in named))
    harms = knowledge.toxicities.values()
    shared = Counter([*(r.analyte for harm in harms for r in harm.limits), *(r.analyte for harm in harms for r in harm.start)])
    known = {*own, *(name for name, times in shared.items() if times > 1 and name not in knowledge.behind)}
    if limit.analyte in known:
        return []
    hint = nearest(limit.analyte, sorted(known))
    return [("analyte", "unknown_name", f"'{limit.analyte}' is nothing that this condition is about{hint}")]


def _written(limit: Limit, _knowledge: Knowledge) -> Found:
    """A limit reads `RESULT: what to do`; pages print the result alone, and both together."""
    result, colon, what = limit.text.partition(": ")
    if colon and result.strip() and what.strip():
        return []
    return [("text", "limit_text", "a limit is written 'RESULT: what to do', as 'Platelets < 50 x 10^9/L: hold'")]


def _single(item: Any, knowledge: Knowledge) -> Found:
    """Fields that hold one name of a therapy, a class, a line or a harm; either side of a pair may be another drug too."""
    found: Found = []
    for field in ("left", "right", "running", "toxicity", "on_response_of"):
        name = getattr(item, field, None)
        if not isinstance(name, str):
            continue
        known = {*knowledge.toxicities} if field == "toxicity" else rule_targets(knowledge)
        if field == "on_response_of":
            known = {*knowledge.therapies}
        if field in ("left", "right"):
            known |= {*knowledge.catalogue.substances, *knowledge.catalogue.substance_groups}
        if name not in known:
            found.append((field, "unknown_name", f"unknown name '{name}'{nearest(name, sorted(known))}"))
    return found


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


def _dosing(dosing: Dosing, knowledge: Knowledge) -> Found:
    """Variants that hold together without a declared order, and orders that name no later variant."""
    text = "'{}' and '{}' can hold together and the first counts; name the second in `before` of the first, or keep them apart"
    found = [("regimens", "overlap", text.format(one.id, two.id)) for one, two in undeclared_overlaps(dosing, knowledge)]
    for number, regimen in enumerate(dosing.regimens):
        later = [r.id for r in dosing.regimens[number + 1 :] if r.use == "variant"]
        text = "'{}' is no later variant of the therapy{}"
        found += [("regimens", "unknown_name", text.format(n, nearest(n, later))) for n in regimen.before if n not in later]
    if not dosing.regimens and dosing.no_dose is None:
        found.append(("regimens", "no_dose", "a therapy has a regimen, or 'no_dose' says why not"))
    return found


def _substance(substance: Substance, knowledge: Knowledge) -> Found:
    """What a drug outside the catalogue belongs to."""
    tables = (
        ("groups", substance.groups, knowledge.catalogue.substance_groups),
        ("classes", substance.classes, knowledge.catalogue.classes),
    )
    return [
        (field, "unknown_name", f"unknown name '{name}'{nearest(name, list(known))}")
        for field, names, known in tables
        for name in names
        if name not in known
    ]


def _group(group: Group, knowledge: Knowledge) -> Found:
    if group.id in knowledge.partners:
        return []
    return [("", "no_member", "nothing belongs to this group, so that no rule about it can hold; add a member or drop it")]


def _on_board(rule: OnBoard, knowledge: Knowledge) -> Found:
    if rule.unless is None or rule.unless in knowledge.facts:
        return []
    return [("unless", "unknown_name", f"unknown fact '{rule.unless}'{nearest(rule.unless, list(knowledge.facts))}")]


def _profile(profile: Profile, knowledge: Knowledge) -> Found:
    """The classes of a therapy, and what it is followed by."""
    strangers = [c for c in profile.classes if c not in knowledge.catalogue.classes]
    found = [("classes", "unknown_name", f"unknown class '{c}'") for c in strangers]
    if not profile.monitoring and profile.no_monitoring is None:
        found.append(("monitoring", "no_monitoring", "a therapy has monitoring, or 'no_monitoring' says why not"))
    steps = {step.id for regimen in knowledge.therapies[profile.id].regimens for step in regimen.steps}
    return found + [fault for monitor in profile.monitoring for fault in _phases(monitor, steps)]


def _interval(profile: Profile, knowledge: Knowledge) -> Found:
    """The fact that an interval is counted from, and what settles it."""
    interval, found = profile.interval, []
    if interval is not None and interval.fact not in knowledge.facts:
        hint = nearest(interval.fact, list(knowledge.facts))
        found.append(("interval", "unknown_name", f"unknown fact '{interval.fact}'{hint}"))
    settling = [item.id for item in (*profile.before, *profile.cautions)]
    if interval is not None and interval.settled_by not in settling:
        hint = nearest(interval.settled_by, settling)
        found.append(("interval", "unknown_name", f"'{interval.settled_by}' is nothing to do before the first dose{hint}"))
    return found


def _planned(review: Review, knowledge: Knowledge) -> Found:
    """What ends by plan has a washout, so that the first day after it can be told."""
    if not review.planned:
        return []
    ending = {m for target in review.targets for m in knowledge.members(target)}
    return [
        ("targets", "no_washout", f"'{t}' ends by plan and has no 'washout'; state its weeks")
        for t in sorted(ending)
        if knowledge.therapies[t].washout is None
    ]


def _fact(fact: Fact, knowledge: Knowledge) -> Found:
    """What a fact is coded by, settled by or computed from."""
    found = [*_coded(fact), *_changing(fact, knowledge)]
    if fact.settled_by is not None and fact.settled_by not in knowledge.facts:
        text = f"'{fact.settled_by}' is no fact{nearest(fact.settled_by, tuple(knowledge.facts))}"
        found.append(("settled_by", "unknown_name", text))
    return found


def _coded(fact: Fact) -> Found:
    """The codes of a fact, and the other words for them."""
    found: Found = []
    if (fact.type == "code") != bool(fact.codes):
        found.append(("codes", "codes", "a fact of type code, and no other, has codes"))
    meant = fact.codes if fact.type == "code" else ("yes", "no")
    strangers = [code for code in fact.words.values() if code not in meant]
    found += [("words", "codes", f"'{code}' is none of {', '.join(meant)}") for code in strangers]
    if fact.several and fact.type != "code":
        found.append(("several", "codes", "only of a fact of type code can several values hold"))
    return found


def _changing(fact: Fact, knowledge: Knowledge) -> Found:
    """The fact that this one is the change of."""
    found: Found = []
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


def _phases(monitor: Monitor, steps: set[str]) -> Found:
    named = [
        step for p in monitor.phases for step in (p.before_each, p.after_each.step if p.after_each else None) if step is not None
    ]
    wrong = [step for step in named if step not in steps]
    return [("monitoring", "unknown_step", f"{monitor.id}: unknown step '{w}'{nearest(w, list(steps))}") for w in wrong]


_CHECKS: tuple[tuple[type, Callable[[Any, Knowledge], Found]], ...] = (
    (Fact, _fact),
    (Limit, _analyte),
    (Limit, _written),
    (StartLimit, _analyte),
    (CalcinosisAgent, _agent),
    (Score, _score),
    (Contradiction, _contradiction),
    (Gate, _gate),
    (AlgorithmFile, algorithm_faults),
    (Codes, code_faults),
    (Notice, notice_faults),
    (Advice, advice_faults),
    (Dosing, _dosing),
    (Profile, _profile),
    (Profile, _interval),
    (Review, _planned),
    (Substance, _substance),
    (Group, _group),
    (OnBoard, _on_board),
)
