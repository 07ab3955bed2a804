"""The overlap rules of running therapies: beside one that starts, and beside one another."""

from dmcli.assess.assess import Assessment, without_partners
from dmcli.assess.checked import Checked
from dmcli.knowledge.algorithm import Overlap


def begins(patient: Assessment, rule: Overlap, therapy: str | None) -> bool:
    """Whether a rule is about a therapy that starts, or that runs beside another."""
    return any(therapy in patient.knowledge.members(target) for target in rule.starting)


def kept_or_lowered(patient: Assessment, chosen: str | None, staying: tuple[str, ...]) -> tuple[tuple[Checked, str], ...]:
    """The rules that keep or change the dose of a therapy that stays beside the chosen one or another, each with that
    therapy."""
    found = []
    for checked in patient.check(o for o in patient.knowledge.algorithm.overlaps if o.action != "stop"):
        rule = checked.rule
        for running in patient.knowledge.members(rule.running):
            beside = [t for t in (*staying, chosen) if t != running and begins(patient, rule, t)]
            if running in staying and beside:
                found.append((checked, running))
    return tuple(found)


def without_stopped(patient: Assessment, staying: tuple[str, ...]) -> Assessment:
    """The patient with no therapy excluded by a running one that ends when it starts."""
    excluded = {
        t: tuple(partner for pair, partner in s.pairs if pair.effect == "excludes" and partner in staying)
        for t, s in patient.safety.items()
        if t not in patient.running
    }
    ends = {t: frozenset(p for p, c in stopping(patient, t, by).items() if c.holds) for t, by in excluded.items() if by}
    return without_partners(patient, ends) if any(ends.values()) else patient


def stopping(patient: Assessment, chosen: str | None, staying: tuple[str, ...]) -> dict[str, Checked]:
    """Running therapies that end on the day the chosen one starts, unless the prescriber has agreed to the two."""
    if chosen is None:
        return {}
    confirmed = patient.case.confirmed
    # What is given for another disease is not ours to end.
    ours = {c.therapy for c in patient.case.courses if c.running and c.for_skin}
    found = {}
    for checked in patient.check(o for o in patient.knowledge.algorithm.overlaps if o.action == "stop"):
        for running in patient.knowledge.members(checked.rule.running):
            pairs = [pair.id for pair, partner in patient.safety[chosen].pairs if partner == running]
            agreed = {checked.rule.id, *pairs} & {*confirmed}
            if running in ours & {*staying} and running != chosen and begins(patient, checked.rule, chosen) and not agreed:
                found[running] = checked
    return found
