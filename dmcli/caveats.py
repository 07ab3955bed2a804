"""What the plan does not know, assumed, chose by default, or found its sources to disagree about."""

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.before_first_dose import how_to_settle
from dmcli.decide.decide import Decision
from dmcli.entries import BeforeStarting, Disagreement, Reason, Unknown, reason
from dmcli.knowledge.algorithm import Move, Overlap, Review, StatusRule
from dmcli.knowledge.scores import Band, ChangeRule
from dmcli.knowledge.statements import Statement
from dmcli.overdue import Missed
from dmcli.regimen import ChosenRegimen


def unknowns(
    patient: Assessment, decision: Decision, checked: tuple[Checked, ...], before: tuple[BeforeStarting, ...]
) -> tuple[Unknown, ...]:
    """Facts that are missing, with what they are needed for: the status, the gate, or therapies."""
    needed: dict[str, dict[str, None]] = {}
    # What a review asks for is asked of its therapy, below.
    for rule, finding, _ in (c for c in checked if c.open and not isinstance(c.rule, Review)):
        for fact in sorted(finding.missing):
            needed.setdefault(fact, {})[rule.id] = None
    if decision.status.status == "out_of_scope":
        return ()
    for fact in sorted(decision.gate.missing):
        needed.setdefault(fact, {})[patient.knowledge.algorithm.gate.id] = None
    for item in before:
        if item.fact:
            needed.setdefault(item.fact, {})[decision.chosen or ""] = None
    if decision.chosen:
        safety = patient.safety[decision.chosen]
        for fired in (*safety.contraindications, *safety.cautions, *safety.feasibility):
            for fact in sorted(fired.finding.missing):
                needed.setdefault(fact, {})[decision.chosen] = None
    for therapy, reviewed in decision.reviews.items.items():
        for fact in sorted(reviewed.asks):
            needed.setdefault(fact, {})[therapy] = None
    for option in decision.options:
        for argument in option.arguments:
            if argument.code == "fact_blocks":
                for fact in argument.facts:
                    needed.setdefault(fact, {})[option.therapy] = None
    statuses = {rule.id for rule in patient.knowledge.algorithm.statuses} | {patient.knowledge.algorithm.gate.id}
    ordered = sorted(
        needed.items(), key=lambda item: (not statuses & set(item[1]), not item[0].startswith("treatments."), item[0])
    )
    return tuple(Unknown(fact, _question(patient, fact), tuple(sorted(why))) for fact, why in ordered)


def _question(patient: Assessment, fact: str) -> str:
    entry = patient.knowledge.facts.get(fact)
    return entry.question if entry else how_to_settle(patient, fact)


def assumptions(patient: Assessment) -> tuple[Reason, ...]:
    """What was taken for granted because the case does not say it."""
    statements = patient.knowledge.algorithm.statements
    found = []
    if not patient.case.treatments_stated:
        found.append(reason(statements["no_treatments"]))
    if not patient.case.as_of_stated:
        found.append(reason(statements["as_of_assumed"]))
    for judged in patient.history.judged:
        if (
            judged.indication_assumed
            and patient.knowledge.therapies[judged.course.therapy].line in patient.knowledge.algorithm.advanced
        ):
            name = patient.knowledge.therapies[judged.course.therapy].name
            found.append(reason(statements["indication_assumed"], statements["indication_assumed"].text.format(name=name)))
    if any(
        name in patient.facts.values and name not in patient.facts.days and name not in patient.facts.derived
        for name in patient.knowledge.facts
    ):
        found.append(reason(statements["undated_facts"]))
    for name, rule_id in sorted(patient.facts.derived.items()):
        rule = next(r for r in patient.knowledge.algorithm.derived if r.id == rule_id)
        if name in patient.knowledge.facts or rule.assumed:
            found.append(reason(rule))
    return tuple(dict.fromkeys(found))


def defaults_used(
    patient: Assessment,
    decision: Decision,
    checked: tuple[Checked, ...],
    chosen: ChosenRegimen | None,
    missed: tuple[Missed, ...],
) -> tuple[Reason, ...]:
    """Choices of this tool, not of a source, that took effect in this plan."""
    found: list[Statement] = []
    algorithm = patient.knowledge.algorithm
    if algorithm.gate.level == "default":
        found.append(algorithm.gate)
    decisive = (StatusRule, Move, Review, Overlap, Band, ChangeRule)
    found += [c.rule for c in checked if c.holds and isinstance(c.rule, decisive)]
    found += [j.rule for j in patient.history.judged if j.rule]
    found += [j.scored.rule for j in patient.history.judged if j.scored]
    if decision.chosen:
        entry = patient.knowledge.therapies[decision.chosen]
        safety = patient.safety[decision.chosen]
        found += [f.rule for f in (*safety.cautions, *safety.contraindications)]
        found += [s for s in (entry.trial, entry.no_dose, chosen.regimen if chosen else None) if s is not None]
        found += list(chosen.caps) if chosen else []
        found += [line for line in algorithm.lines if decision.chosen in line.members]
        found += [m for m in entry.monitoring if m.shown]
    if any(fired.changes for limits in patient.limits.values() for fired in limits):
        found.append(algorithm.statements["change_baseline"])
    found += [algorithm.settings["horizon_weeks"], algorithm.settings["valid_weeks"]]
    taken = [s for s in found if s.level == "default"]
    taken += [algorithm.statements["overdue_rule"]] if missed else []
    return tuple(dict.fromkeys(reason(s) for s in taken))


def conflicts(patient: Assessment, decision: Decision) -> tuple[Disagreement, ...]:
    """Disagreements that touch the chosen or a running therapy, or a stated fact; those of the algorithm also for
    alternatives."""
    found = []
    about = {*patient.running, *([decision.chosen] if decision.chosen else [])}
    considered = about | {o.therapy for o in decision.options if o.status in ("recommended", "alternative")}
    for conflict in (*patient.knowledge.algorithm.conflicts, *patient.knowledge.regimens.conflicts):
        if conflict.facts and not patient.case.stated.keys() & set(conflict.facts):
            continue
        members = {m for t in conflict.targets for m in patient.knowledge.members(t)}
        if not conflict.targets or members & (considered if conflict in patient.knowledge.algorithm.conflicts else about):
            positions = tuple(Reason(p.text, p.sources, p.level) for p in conflict.positions)  # type: ignore[arg-type]
            found.append(Disagreement(conflict.id, conflict.text, positions, conflict.used))
    return tuple(found)
