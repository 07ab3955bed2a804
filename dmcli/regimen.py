"""Which regimen of the chosen therapy this patient gets, and what its choice still depends on."""

from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.dosing import caps_in_force, compute
from dmcli.entries import OtherRegimen
from dmcli.evaluate import evaluate
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.regimens import Cap, Regimen


class ChosenRegimen(NamedTuple):
    """`open_variants` would replace the regimen if a missing fact came out so; `open_caps` would cap it."""

    regimen: Regimen
    open_variants: tuple[tuple[Regimen, frozenset[str]], ...]
    caps: tuple[Cap, ...]
    open_caps: tuple[Cap, ...]
    because: tuple[str, ...] = ()


def other_regimens(patient: Assessment, therapy: str, chosen: ChosenRegimen | None) -> tuple[OtherRegimen, ...]:
    """The alternatives with their first dose; none where kidney, liver or another drug asked for a variant, since
    an alternative knows nothing of that."""
    if chosen is not None and chosen.regimen.use == "variant":
        return ()
    found = []
    for regimen in patient.knowledge.therapies[therapy].regimens:
        if regimen.use != "alternative":
            continue
        dosed = next((step.dose for step in regimen.steps if step.dose is not None), None)
        dose = compute(patient, dosed, regimen, ()) if dosed is not None else None
        found.append(
            OtherRegimen(
                regimen=regimen.id,
                name=regimen.name,
                dose_text=dose.text if dose and dose.amounts else None,
                arithmetic=dose.arithmetic if dose else None,
                text=regimen.text,
                sources=regimen.sources,
                level=regimen.level,
            )
        )
    return tuple(found)


def choose_regimen(patient: Assessment, therapy: str) -> ChosenRegimen | None:
    """The first variant that applies, else the standard regimen; None where no dose is scheduled by the tool."""
    regimens = patient.knowledge.therapies[therapy].regimens
    open_variants = []
    chosen = None
    because: tuple[str, ...] = ()
    for regimen in regimens:
        if regimen.use != "variant" or regimen.when is None:
            continue
        finding = patient.find(regimen.when)
        patient.trace.append((regimen.id, finding))
        if finding.value is True:
            chosen, because = regimen, _reasons(patient, patient.knowledge.tree(regimen.when))
            break
        if finding.value is None:
            open_variants.append((regimen, finding.missing))
    chosen = chosen or next((r for r in regimens if r.use == "standard"), None)
    if chosen is None:
        return None
    caps, open_caps = caps_in_force(patient, chosen)
    return ChosenRegimen(chosen, tuple(open_variants), caps, open_caps, because)


def _reasons(patient: Assessment, node: Node) -> tuple[str, ...]:
    """What makes a true condition true, as a reader calls it; of a derived fact, what it follows from."""
    if node.kind in ("and", "or"):
        holding = [arg for arg in node.args if evaluate(arg, patient.scope).value is True]
        return tuple(dict.fromkeys(r for arg in holding for r in _reasons(patient, arg)))
    if node.kind == "call":
        return tuple(patient.knowledge.name(str(arg.value)) for arg in node.args[:1])
    found: list[str] = []
    for name in sorted(facts_of(node)):
        rules = [r for r in patient.knowledge.algorithm.derived if r.fact == name and name not in patient.knowledge.facts]
        value = patient.facts.values.get(name)
        if value is True:
            behind = [r for rule in rules for r in _reasons(patient, patient.knowledge.tree(rule.value))]
            found += behind or [patient.knowledge.fact_name(name)]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found.append(f"{patient.knowledge.fact_name(name)} {value:g}")
    return tuple(dict.fromkeys(found))
