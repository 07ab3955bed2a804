"""What the plan does not know, assumed, chose by default, or found its sources to disagree about."""

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.doses import present_dose
from dmcli.before import how_to_settle
from dmcli.decide.decide import Decision
from dmcli.entries import BeforeStarting, Disagreement, Reason, Unknown, Warned
from dmcli.knowledge.algorithm import Move, Overlap, Review, StatusRule
from dmcli.knowledge.scores import Band, ChangeRule
from dmcli.knowledge.statements import Statement
from dmcli.regimen import ChosenRegimen
from dmcli.running import reason
from dmcli.scores import disagreements
from dmcli.units import milligrams


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
    patient: Assessment, decision: Decision, checked: tuple[Checked, ...], chosen: ChosenRegimen | None
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
    return tuple(dict.fromkeys(reason(s) for s in found if s.level == "default"))


def conflicts(patient: Assessment, decision: Decision, about: set[str]) -> tuple[Disagreement, ...]:
    """Disagreements that touch the chosen or a running therapy, or a stated fact; those of the algorithm also for
    alternatives."""
    found = []
    considered = about | {o.therapy for o in decision.options if o.status in ("recommended", "alternative")}
    for conflict in (*patient.knowledge.algorithm.conflicts, *patient.knowledge.regimens.conflicts):
        if conflict.facts and not patient.case.stated.keys() & set(conflict.facts):
            continue
        members = {m for t in conflict.targets for m in patient.knowledge.members(t)}
        if not conflict.targets or members & (considered if conflict in patient.knowledge.algorithm.conflicts else about):
            positions = tuple(Reason(p.text, p.sources, p.level) for p in conflict.positions)  # type: ignore[arg-type]
            found.append(Disagreement(conflict.id, conflict.text, positions, conflict.used))
    return tuple(found)


def warnings(patient: Assessment, decision: Decision, notices: tuple[Checked, ...]) -> tuple[Warned, ...]:
    """Warnings: about what is taken now first, then what would change the answer, then the rest."""
    k = patient.knowledge
    about = {*(c.therapy for c in patient.case.courses if c.running), *([decision.chosen] if decision.chosen else [])}
    urgent: list[Warned] = []
    later: list[Warned] = []
    for notice in (c.rule for c in notices if c.holds):
        members = {m for t in notice.targets for m in k.members(t)}
        if not notice.targets or members & about:
            (urgent if notice.refer else later).append(Warned(notice.code, notice.text, notice.sources))
    found = [*urgent, *_passed_over(patient, decision), *_over_maximum(patient)]
    statements = k.algorithm.statements
    for drug in patient.case.other_drugs or ():
        if drug.known in k.therapies and k.therapies[drug.known].line in k.algorithm.advanced:
            said = statements["therapy_among_other_drugs"]
            found.append(Warned("therapy_among_other_drugs", said.text.format(name=k.therapies[drug.known].name), ()))
        if drug.known is None:
            found.append(Warned("unknown_drug", statements["unknown_drug"].text.format(name=drug.name), ()))
    ages: dict[tuple[int, int], list[str]] = {}
    for stale in patient.facts.stale:
        ages.setdefault((stale.weeks, stale.shelf_weeks), []).append(k.facts[stale.fact].name)
    for (weeks, limit), names in ages.items():
        text = statements["stale_value"].text.format(name=", ".join(names), weeks=weeks, limit=limit)
        found.append(Warned("stale_value", text, ()))
    found += disagreements(patient)
    open_flags = [f.name for f in k.facts.values() if f.group == "red_flags" and f.id not in patient.facts.values]
    if open_flags:
        said = statements["red_flags_open"]
        later.append(Warned("red_flags_not_stated", said.text.format(names=", ".join(open_flags)), said.sources))
    return (*found, *later)


def _over_maximum(patient: Assessment) -> list[Warned]:
    found = []
    said = patient.knowledge.algorithm.statements["over_maximum"]
    for course in patient.case.courses:
        limit, dose = patient.knowledge.therapies[course.therapy].max_dose, present_dose(course)
        if limit is None or dose is None or (dose.per is not None and "/" not in limit.unit):
            continue
        most = limit.amount * milligrams(limit.unit)
        if dose.per is None and "/" in limit.unit:
            body = patient.facts.values.get(patient.knowledge.algorithm.body[limit.unit.partition("/")[2]])
            if not isinstance(body, (int, float)):
                continue
            most *= body
        if dose.total(limit.per_days) > most:
            name = patient.knowledge.therapies[course.therapy].name
            shown = f"{limit.amount:g} {limit.unit} {patient.knowledge.texts[f'per_{limit.per_days}']}"
            found.append(Warned("dose_above_maximum", said.text.format(name=name, dose=dose.text, max=shown), ()))
    return found


def _passed_over(patient: Assessment, decision: Decision) -> list[Warned]:
    """A therapy that only a missing fact keeps from being next, with the answer that would open it."""
    # Without a next therapy only a fact that blocks every option is worth telling.
    settled = decision.status.status not in ("recommendation", "needs_fact") or decision.gate.passed is not True
    if settled or (decision.chosen is None and decision.order):
        return []
    said = patient.knowledge.algorithm.statements["would_come_first"]
    found = []
    members = [m for line in patient.knowledge.algorithm.lines for m in line.members]
    upto = members.index(decision.chosen) if decision.chosen else len(members)
    for therapy in members[:upto]:
        for fired in patient.safety[therapy].blocked if decision.standings[therapy] == "needs_fact" else ():
            for fact in sorted(fired.finding.missing):
                text = said.text.format(fact=patient.knowledge.facts[fact].name, name=patient.knowledge.therapies[therapy].name)
                found.append(Warned("would_come_first", text, fired.rule.sources))
    return found
