"""What the plan does not know, assumed, chose by default, or found its sources to disagree about."""

from collections.abc import Iterable, Iterator

from dmcli.answer.course_assumptions import course_assumptions
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.missed import Missed
from dmcli.decide.decide import Decision
from dmcli.dose.regimen import ChosenRegimen
from dmcli.knowledge.algorithm import Move, Overlap, Review, StatusRule
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.scores import Band, ChangeRule
from dmcli.knowledge.statements import Conflict, Statement
from dmcli.monitor.before_first_dose import how_to_settle
from dmcli.record import made_once
from dmcli.result.caveats import Disagreement, Unknown
from dmcli.result.monitoring import BeforeStarting
from dmcli.result.reasons import Reason, reason


def unknowns(
    patient: Assessment, decision: Decision, checked: tuple[Checked, ...], before: tuple[BeforeStarting, ...]
) -> tuple[Unknown, ...]:
    """Facts that are missing, with what they are needed for: the status, the gate, or therapies; what decides first."""
    needed = needed_facts(patient, decision, checked, before)
    return tuple(Unknown(fact, _question(patient, fact), tuple(sorted(what))) for fact, what in needed.items())


def needed_facts(
    patient: Assessment, decision: Decision, checked: tuple[Checked, ...], before: tuple[BeforeStarting, ...]
) -> dict[str, set[str]]:
    """Each fact that is missing with the ids of what needs it; what decides first."""
    if decision.status.status == "out_of_scope":
        return {}
    needed: dict[str, set[str]] = {}
    for facts, what in _needs(patient, decision, checked, before):
        for fact in facts:
            needed.setdefault(fact, set()).add(what)
    algorithm = patient.knowledge.algorithm
    decisive = made_once(algorithm, "decisive", lambda: {rule.id for rule in algorithm.statuses} | {algorithm.gate.id})
    ordered = sorted(needed, key=lambda fact: (not decisive & needed[fact], not fact.startswith("treatments."), fact))
    return {fact: needed[fact] for fact in ordered}


def _needs(
    patient: Assessment, decision: Decision, checked: tuple[Checked, ...], before: tuple[BeforeStarting, ...]
) -> Iterator[tuple[Iterable[str], str]]:
    """Missing facts with a rule, the gate or a therapy that waits for them."""
    # What a review asks for is asked of its therapy.
    yield from [(c.missing, c.rule.id) for c in checked if c.value is None and not isinstance(c.rule, Review)]
    yield from (
        ((f"treatments.{j.course.therapy}.{j.rule.assumes}",), j.course.therapy)
        for j in patient.history.judged
        if j.rule is not None and j.rule.assumes is not None
    )
    yield decision.gate.missing, patient.knowledge.algorithm.gate.id
    yield from ((reviewed.asks, therapy) for therapy, reviewed in decision.reviews.items.items())
    judged = ((j.course.therapy, j) for j in patient.history.judged if j.verdict == "unknown")
    yield from ((j.missing, therapy) for therapy, j in judged if therapy in decision.statuses)
    if decision.chosen:
        kinds = patient.safety[decision.chosen].kinds
        yield from [(c.missing, decision.chosen) for kind in kinds for c in kind if c.value is None]
        yield (item.fact for item in before if item.fact), decision.chosen


def _question(patient: Assessment, fact: str) -> str:
    entry = patient.knowledge.facts.get(fact)
    return entry.question if entry else how_to_settle(patient, fact)


def assumptions(patient: Assessment) -> tuple[Reason, ...]:
    """What was taken for granted because the case does not say it."""
    return tuple(
        dict.fromkeys(
            (*_not_stated(patient), *_indications(patient), *course_assumptions(patient), *_undated(patient), *_derived(patient))
        )
    )


def _not_stated(patient: Assessment) -> list[Reason]:
    statements, case = patient.knowledge.algorithm.statements, patient.case
    aged = patient.knowledge.algorithm.roles.age in patient.facts.values
    open_ = (("adult_assumed", aged), ("no_treatments", case.treatments_stated), ("as_of_assumed", case.as_of_stated))
    return [reason(statements[key]) for key, stated in open_ if not stated]


def _indications(patient: Assessment) -> Iterator[Reason]:
    """Therapies behind the gate that are taken as given for the skin."""
    said = patient.knowledge.algorithm.statements["indication_assumed"]
    for judged in patient.history.judged:
        entry = patient.knowledge.therapies[judged.course.therapy]
        if judged.course.indication is None and entry.line in patient.knowledge.algorithm.advanced:
            yield reason(said, said.text.format(name=entry.name))


def _undated(patient: Assessment) -> list[Reason]:
    values, days, derived = patient.facts.values, patient.facts.days, patient.facts.derived
    undated = any(name in patient.knowledge.facts for name in values if name not in days and name not in derived)
    return [reason(patient.knowledge.algorithm.statements["undated_facts"])] if undated else []


def _derived(patient: Assessment) -> Iterator[Reason]:
    """Facts that were worked out from others."""
    rules = patient.knowledge.derived
    for name, ident in sorted(patient.facts.derived.items()):
        if name in patient.knowledge.facts or rules[ident].assumed:
            yield reason(rules[ident])


# Rules that make a choice of their own where they hold.
_DECISIVE = (StatusRule, Move, Review, Overlap, Band, ChangeRule)


def defaults_used(
    patient: Assessment,
    decision: Decision,
    checked: tuple[Checked, ...],
    chosen: ChosenRegimen | None,
    missed: tuple[Missed, ...],
) -> tuple[Reason, ...]:
    """Choices of this tool, not of a source, that took effect in this plan."""
    algorithm = patient.knowledge.algorithm
    found: list[Statement] = [algorithm.gate]
    found += [c.rule for c in checked if c.holds and isinstance(c.rule, _DECISIVE)]
    found += [j.rule for j in patient.history.judged if j.rule]
    found += [j.scored.rule for j in patient.history.judged if j.scored]
    found += _of_chosen(patient, decision.chosen, chosen) if decision.chosen else []
    if any(c.changes for limits in patient.limits.values() for c in limits):
        found.append(algorithm.statements["change_baseline"])
    found += _washouts(patient)
    found += [algorithm.settings["horizon_weeks"], algorithm.settings["valid_weeks"]]
    found += [algorithm.statements["overdue_rule"]] if missed else []
    return tuple(dict.fromkeys(reason(s) for s in found if s.level == "default"))


def _washouts(patient: Assessment) -> list[Statement]:
    """How long what runs stays in the body, where that is told."""
    found = (patient.knowledge.therapies[therapy].washout for therapy in patient.running)
    return [washout for washout in found if washout is not None and patient.value(washout.when) is True]


def _of_chosen(patient: Assessment, therapy: str, chosen: ChosenRegimen | None) -> list[Statement]:
    """What was said of the chosen therapy: its safety, trial, dose, line and tests."""
    entry, safety = patient.knowledge.therapies[therapy], patient.safety[therapy]
    found: list[Statement] = [c.rule for c in (*safety.cautions, *safety.contraindications)]
    found += [s for s in (entry.trial, entry.no_dose, chosen.regimen if chosen else None) if s is not None]
    found += list(chosen.caps) if chosen else []
    found += [line for line in patient.knowledge.algorithm.lines if therapy in line.members]
    return found + [m for m in entry.monitoring if m.shown]


def conflicts(patient: Assessment, decision: Decision) -> tuple[Disagreement, ...]:
    """Disagreements that touch the chosen or a running therapy, or a stated fact; those of the algorithm also for
    alternatives."""
    about = {*patient.running, *([decision.chosen] if decision.chosen else [])}
    considered = about | {t for t, status in decision.statuses.items() if status in ("recommended", "alternative")}
    k, stated = patient.knowledge, patient.case.stated.keys()
    general = k.once("general conflicts", lambda: _by_name(k.algorithm.conflicts))
    of_therapies = k.once("therapy conflicts", lambda: _by_name(k.catalogue.conflicts))
    found = (*_naming(general, considered, k), *_naming(of_therapies, about, k))
    return tuple([_disagreement(c) for c in found if not (c.facts and stated.isdisjoint(c.facts))])


_ByName = dict[str, list[tuple[int, Conflict]]]
# What names no therapy is about all of them.
_ALL = ""


def _by_name(conflicts: tuple[Conflict, ...]) -> _ByName:
    """Disagreements with their numbers by what they name."""
    found: _ByName = {}
    for number, conflict in enumerate(conflicts):
        for target in conflict.targets or (_ALL,):
            found.setdefault(target, []).append((number, conflict))
    return found


def _naming(conflicts: _ByName, therapies: set[str], knowledge: Knowledge) -> list[Conflict]:
    """The disagreements that name one of the therapies: itself, its classes, its line."""
    named = {_ALL}.union(*[knowledge.targets.get(therapy, ()) for therapy in therapies])
    found = dict(numbered for name in named for numbered in conflicts.get(name, ()))
    return [found[number] for number in sorted(found)]


def _disagreement(conflict: Conflict) -> Disagreement:
    def told() -> Disagreement:
        positions = tuple(Reason(p.text, p.sources, p.level) for p in conflict.positions)  # type: ignore[arg-type]
        return Disagreement(conflict.id, conflict.text, positions, conflict.used)

    return made_once(conflict, "told", told)
