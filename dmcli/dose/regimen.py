"""Which regimen of the chosen therapy this patient gets, and what its choice still depends on."""

from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked, checked
from dmcli.dose.amounts import compute
from dmcli.dose.wording import figure
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import value_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Cap, Regimen
from dmcli.result.events import OtherRegimen


class ChosenRegimen(NamedTuple):
    """`open_variants` would replace the regimen if a missing fact came out so; `cap_checks` are its caps, in force or
    not; `checked` is every variant and cap that was looked at; `because` is what asked for a variant."""

    regimen: Regimen
    open_variants: tuple[Checked, ...]
    cap_checks: tuple[Checked, ...]
    checked: tuple[Checked, ...]
    because: tuple[str, ...] = ()

    @property
    def caps(self) -> tuple[Cap, ...]:
        """The caps in force."""
        return tuple(c.rule for c in self.cap_checks if c.holds)

    @property
    def open_caps(self) -> tuple[Checked, ...]:
        """The caps that may be in force because a fact is missing."""
        return tuple(c for c in self.cap_checks if c.open)


def other_regimens(patient: Assessment, therapy: str | None, chosen: ChosenRegimen | None) -> tuple[OtherRegimen, ...]:
    """The alternatives with their first dose; none where kidney, liver or another drug asked for a variant, since
    an alternative knows nothing of that."""
    if therapy is None or (chosen is not None and chosen.regimen.use == "variant"):
        return ()
    found = []
    for regimen in patient.knowledge.therapies[therapy].regimens:
        if regimen.use != "alternative" and not regimen.offered:
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


def choose_regimen(patient: Assessment, therapy: str | None) -> ChosenRegimen | None:
    """The first variant that applies, else the standard regimen; None without a therapy, and where the tool schedules
    no dose of it."""
    if therapy is None:
        return None
    regimens = patient.knowledge.therapies[therapy].regimens
    variants: list[Checked] = []
    chosen = None
    because: tuple[str, ...] = ()
    for regimen in regimens:
        if regimen.use != "variant" or regimen.when is None:
            continue
        variants.append(checked(regimen, patient.scope, patient.knowledge))
        if variants[-1].holds:
            chosen, because = regimen, _reasons(patient, patient.knowledge.tree(regimen.when))
            break
    chosen = chosen or next((r for r in regimens if r.use == "standard"), None)
    if chosen is None:
        return None
    caps = patient.check(chosen.caps)
    return ChosenRegimen(chosen, tuple(v for v in variants if v.open), caps, (*variants, *caps), because)


def regimen_text(knowledge: Knowledge, chosen: ChosenRegimen) -> str:
    """The name of a regimen, with the least of the caps in force: '...; here at most 2000 mg a day'."""
    name = chosen.regimen.name
    caps = sorted(chosen.caps, key=lambda cap: cap.max / cap.per_days)
    if not caps:
        return name
    return knowledge.say(
        "dose_capped", name=name, most=f"{figure(caps[0].max)} {caps[0].unit} {knowledge.texts[f'per_{caps[0].per_days}']}"
    )


def _reasons(patient: Assessment, node: Node) -> tuple[str, ...]:
    """What makes a true condition true, as a reader calls it; of a derived fact, what it follows from."""
    if node.kind in ("and", "or"):
        holding = [arg for arg in node.args if value_of(arg, patient.scope) is True]
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
