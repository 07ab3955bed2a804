"""What becomes of therapies that run already: stopped, reduced to a cap, or overlapping with a new one."""

from typing import NamedTuple

from dmcli.assess.assess import Assessment, left_to_prescriber, recorded
from dmcli.assess.doses import present_dose
from dmcli.assess.safety import Fired, other_drugs
from dmcli.decide.decide import Decision
from dmcli.dosetext import WrittenDose
from dmcli.dosing import compute
from dmcli.entries import Action, Reason
from dmcli.knowledge.algorithm import Overlap, Pair
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.regimens import Cap
from dmcli.knowledge.statements import Statement
from dmcli.review.review import Reviewed
from dmcli.units import milligrams, readable


class DoseChange(NamedTuple):
    """A running therapy whose dose changes, or is looked at, now. `amount` is None where it stays."""

    therapy: str
    action: Action
    amount: float | None
    unit: str
    dose: str | None
    text: str
    said: Statement
    because: tuple[Reason, ...]


def reason(statement: Statement, text: str | None = None) -> Reason:
    return Reason(text or statement.text, statement.sources, statement.level, statement.id)


def limit_said(patient: Assessment, fired: Fired) -> tuple[str, tuple[Reason, ...]]:
    """What a limit that is reached asks for, with the values behind a change that was computed, and why."""
    k = patient.knowledge
    text, because = fired.rule.text, [reason(fired.rule)]
    for change in fired.changes:
        unit, of_unit = readable(k.facts[change.fact].unit), readable(k.facts[change.of].unit)
        text = k.say(
            "limit_change",
            text=text,
            fact=k.fact_name(change.fact),
            change=k.say("quantity", value=f"{change.value:.4g}", unit=unit),
            baseline=k.say("quantity", value=f"{change.baseline:g}", unit=of_unit),
            newest=k.say("quantity", value=f"{change.newest:g}", unit=of_unit),
            first=change.first,
            last=change.last,
        )
        because.append(reason(k.algorithm.statements["change_baseline"]))
    values = [_value(patient, fact) for fact in sorted(facts_of(k.tree(fired.rule.when))) if fact in patient.facts.values]
    if values and not fired.changes:
        text = k.say("limit_value", text=text, values=", ".join(values))
    return text, tuple(dict.fromkeys(because))


def _value(patient: Assessment, fact: str) -> str:
    """A result with its unit and day."""
    k, value = patient.knowledge, patient.facts.values[fact]
    entry = k.facts.get(fact)
    shown = (
        f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else k.texts["yes" if value else "no"]
    )
    told = k.say("quantity", value=shown, unit=readable(entry.unit) if entry else "").strip()
    day = patient.facts.days.get(fact)
    return k.say("result" if day is None else "result_on", fact=k.fact_name(fact), value=told, date=day)


def overlaps(patient: Assessment, chosen: str | None, staying: tuple[str, ...]) -> list[tuple[Overlap, bool | None]]:
    """Overlap rules of running therapies that stay beside the chosen one, or beside one another: True, or None where
    a fact is missing."""
    beside = (*staying, chosen)
    rules = [o for o in patient.knowledge.algorithm.overlaps if o.starting in beside and o.running in staying]
    return [(rule, patient.holds(rule).value) for rule in rules]


def stopped_now(patient: Assessment) -> list[tuple[str, tuple[Reason, ...], bool]]:
    """Running therapies that are contraindicated now; whether the stop is their own prescriber's decision."""
    found = []
    for therapy in patient.running:
        safety = patient.safety[therapy]
        because = [reason(f.rule) for f in (*safety.contraindications, *safety.stops) if f.finding.value is True]
        judged = patient.history.running(therapy)
        if recorded(therapy, patient.history) and judged is not None and judged.rule is not None:
            because.append(reason(judged.rule))
        if because:
            found.append((therapy, tuple(because), left_to_prescriber(therapy, patient.knowledge)))
    return found


def clashes(patient: Assessment) -> list[tuple[Pair, str, str]]:
    """What is taken and not to be combined, a running therapy and another one or another drug."""
    found = []
    taken = (*patient.continuing, *other_drugs(patient.case, patient.knowledge))
    for pair in patient.knowledge.algorithm.pairs:
        if pair.effect == "excludes":
            left, right = (patient.knowledge.partners.get(side, ()) for side in (pair.left, pair.right))
            both = [(x, y) for x in taken for y in taken if x in left and y in right and x != y]
            both = [(x, y) for x, y in both if x in patient.continuing or y in patient.continuing]
            found += [(pair, x, y) for x, y in both[:1]]
    return found


def dose_changes(patient: Assessment, decision: Decision) -> list[DoseChange]:
    """Overlap rules that apply when the chosen therapy starts or its partner runs, and caps that a running dose
    passes; the lower dose counts. What a review says of a therapy by name stands before an overlap that keeps it."""
    found: dict[str, DoseChange] = {}
    named = [t for t, r in decision.reviews.items.items() if r.rule.targets == (t,)]
    for rule, truth in overlaps(patient, decision.chosen, decision.overlapping):
        if truth is True and not (rule.action == "continue" and rule.running in named):
            dose = dose_text(patient, rule.amount, rule.unit or "", rule.per_days or 1) if rule.amount is not None else None
            found[rule.running] = DoseChange(
                rule.running, rule.action, rule.amount, rule.unit or "", dose, rule.text, rule, (reason(rule),)
            )
    for therapy in decision.overlapping:
        if therapy in decision.reviews.items and therapy not in found:
            found |= {c.therapy: c for c in _over_variant(patient, decision.reviews.items[therapy])}
    for therapy, cap in _over_cap(patient, found, decision.overlapping):
        before = found[therapy].because if therapy in found else ()
        amount, dose = _capped(patient, therapy, cap, found.get(therapy))
        lower = patient.knowledge.say("lower_to", name=patient.knowledge.name(therapy), dose=dose)
        found[therapy] = DoseChange(therapy, "reduce", amount, cap.unit, dose, lower, cap, (reason(cap), *before))
    return list(found.values())


def _over_variant(patient: Assessment, reviewed: Reviewed) -> list[DoseChange]:
    """The dose of the regimen that kidney, liver or another drug asks for, where more than that is taken."""
    chosen, titration = reviewed.progress.chosen, reviewed.progress.titration
    if chosen is None or chosen.regimen.use != "variant" or titration is None or titration.present is None:
        return []
    dosed = [s.dose for s in chosen.regimen.steps if s.dose is not None and s.dose.per_days is not None]
    computed = [(c, dose) for dose in dosed if (c := compute(patient, dose, chosen.regimen, chosen.caps)).amounts]
    if not computed or titration.present.per is not None:
        return []
    most, _ = max(computed, key=lambda c: sum(c[0].amounts) * milligrams(c[0].unit) / (c[0].per_days or 1))
    daily = sum(most.amounts) * milligrams(most.unit) / (most.per_days or 1)
    if titration.present.total(1) <= float(daily):
        return []
    text = patient.knowledge.say("variant_running", text=chosen.regimen.text, facts=", ".join(chosen.because))
    amount = float(most.amounts[0] if len(set(most.amounts)) == 1 else sum(most.amounts))
    said = chosen.regimen
    lower = patient.knowledge.say("lower_to", name=patient.knowledge.name(reviewed.therapy), dose=most.text)
    return [DoseChange(reviewed.therapy, "reduce", amount, most.unit, most.text, lower, said, (reason(said, text),))]


def _capped(patient: Assessment, therapy: str, cap: Cap, changed: DoseChange | None) -> tuple[float, str]:
    """One administration at the cap, in the rhythm the dose is taken now, and how that is written."""
    judged = patient.history.running(therapy)
    written = present_dose(judged.course) if judged else None
    if written is None or (changed is not None and changed.amount is not None):
        amount = min(cap.max, changed.amount) if changed is not None and changed.amount is not None else cap.max
        return amount, dose_text(patient, amount, cap.unit, cap.per_days)
    amount = cap.max * written.per_days / (cap.per_days * written.times)
    return amount, dose_text(patient, amount, cap.unit, written.per_days, written.times)


def retried_dose(patient: Assessment, therapy: str) -> tuple[WrittenDose, str] | None:
    """The dose now taken of a therapy that is to have a proper trial, and the sentence that goes on from it."""
    judged = patient.history.running(therapy)
    trial = patient.knowledge.therapies[therapy].trial
    present = present_dose(judged.course) if judged is not None else None
    if present is None or trial is None or trial.dose is None:
        return None
    per = patient.knowledge.texts[f"per_{trial.dose.per_days}"]
    said = patient.knowledge.algorithm.statements["retry_running"].text
    text = said.format(dose=present.text, least=f"{trial.dose.amount:g} {trial.dose.unit} {per}")
    return present, text


def _over_cap(patient: Assessment, changed: dict[str, DoseChange], staying: tuple[str, ...]) -> list[tuple[str, Cap]]:
    """Running therapies whose dose, after an overlap rule, is above a cap that holds."""
    found = []
    for therapy in staying:
        judged = patient.history.running(therapy)
        written = present_dose(judged.course) if judged else None
        if written is None or written.per is not None:
            continue
        caps = {c.id: c for r in patient.knowledge.therapies[therapy].regimens for c in r.caps if patient.holds(c).value is True}
        for cap in caps.values():
            scale = milligrams(cap.unit)
            taken = written.total(cap.per_days)
            if therapy in changed and (amount := changed[therapy].amount) is not None:
                taken = amount
            if taken > cap.max * scale:
                found.append((therapy, cap))
    return found


def dose_text(patient: Assessment, amount: float, unit: str, per_days: int, times: int = 1) -> str:
    """A dose given so many times within so many days, as a clinician writes it."""
    key = f"rhythm_{times}_{per_days}"
    texts = patient.knowledge.texts
    return (
        f"{amount:g} {unit} {texts[key] if key in texts else patient.knowledge.say('rhythm_other', times=times, days=per_days)}"
    )
