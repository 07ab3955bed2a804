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
    found: list[tuple[Checked, str]] = []
    named = frozenset[str]().union(*[patient.knowledge.targets[t] for t in staying])
    for rule in patient.knowledge.algorithm.overlaps:
        if rule.action == "stop" or rule.running not in named:
            continue
        going_on = [t for t in patient.knowledge.members(rule.running) if t in staying]
        about = [t for t in going_on if any(o != t and begins(patient, rule, o) for o in (*staying, chosen))]
        if about:
            (checked,) = patient.check((rule,))
            found += [(checked, running) for running in about]
    return tuple(found)


def without_stopped(patient: Assessment, staying: tuple[str, ...]) -> Assessment:
    """The patient with no therapy excluded by a running one that ends when it starts."""
    if not staying:
        return patient
    excluded = {
        t: tuple(partner for pair, partner in s.pairs if pair.effect == "excludes" and partner in staying)
        for t, s in patient.safety.items()
        if s.pairs and t not in patient.running
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
    ending = (ours & {*staying}) - {chosen}
    found: dict[str, Checked] = {}
    for rule in patient.knowledge.algorithm.overlaps if ending else ():
        if rule.action != "stop" or not begins(patient, rule, chosen):
            continue
        for running in (t for t in patient.knowledge.members(rule.running) if t in ending):
            pairs = [pair.id for pair, partner in patient.safety[chosen].pairs if partner == running]
            if not {rule.id, *pairs} & {*confirmed}:
                (found[running],) = patient.check((rule,))
    return found
