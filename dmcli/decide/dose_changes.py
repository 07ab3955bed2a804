"""The doses of running therapies that change: beside another therapy, for a variant of the regimen, or down to a cap."""

from decimal import Decimal
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.doses import present_dose
from dmcli.assess.limits import BINDING, gravest
from dmcli.case.pauses import open_hold
from dmcli.decide.decide import Decision
from dmcli.decide.maximum_dose import most_allowed
from dmcli.decide.overlaps import kept_or_lowered
from dmcli.dose.amounts import compute
from dmcli.dose.lowered import like, lowered_dose, rounded_down, unit_of
from dmcli.dose.wording import dose_text
from dmcli.knowledge.algorithm import Overlap
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.regimens import Cap
from dmcli.knowledge.statements import Statement
from dmcli.result.actions import Action, Said
from dmcli.result.reasons import Reason, reason
from dmcli.review.lower_dose import lower_dose
from dmcli.review.recovery import dose_spared
from dmcli.review.resumed_dose import Resumed, resumed_as, resumed_dose
from dmcli.review.review import Reviewed
from dmcli.values.dosetext import WrittenDose, parse_dose
from dmcli.values.units import milligrams

# The sentence of an overlap tells the dose and why.
_OVERLAP_SAYS: tuple[Said, ...] = ("dose", "reason")


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
    says: tuple[Said, ...]


class DoseChanges(NamedTuple):
    """Every dose of a running therapy that changes; `overlapping` are the therapies that stay beside another one at a
    dose which that one changes or may change, `checked` the overlaps and caps that were looked at."""

    items: tuple[DoseChange, ...]
    overlapping: frozenset[str]
    checked: tuple[Checked, ...]


def dose_changes(patient: Assessment, decision: Decision) -> DoseChanges:
    """Overlap rules that apply when the chosen therapy starts or its partner runs, and caps that a running dose
    passes; the lower dose counts. What a review says of a therapy by name stands before an overlap that keeps it. A dose
    above its maximum is lowered to that, whatever else is said."""
    dosed = tuple([t for t in decision.overlapping if _is_dosed(patient, decision, t)])
    if not dosed:
        return DoseChanges((), frozenset(), ())
    named = {t for t, r in decision.reviews.items.items() if r.rule.targets == (t,)}
    overlaps = kept_or_lowered(patient, decision.chosen, dosed)
    applying = [(c.rule, t) for c, t in overlaps if c.holds and not (c.rule.action == "continue" and t in named)]
    found = {therapy: _by_overlap(patient, rule, therapy) for rule, therapy in applying}
    for therapy in dosed:
        if therapy in decision.reviews.items and therapy not in found:
            found |= {c.therapy: c for c in _over_variant(patient, decision.reviews.items[therapy])}
    found |= {t: c for t in dosed if (c := _not_tolerated(patient, decision.reviews.items.get(t))) is not None}
    found |= {c.therapy: c for t in dosed if (c := _by_limit(patient, t, found.get(t))) is not None}
    found |= {c.therapy: c for t in dosed if t not in found and (c := _to_tolerated(patient, t)) is not None}
    caps = {t: _caps(patient, t) for t in dosed}
    for therapy, cap in _over_cap(patient, found, caps):
        found[therapy] = _by_cap(patient, therapy, cap, found.get(therapy))
    for therapy in dosed:
        found |= {c.therapy: c for c in _to_maximum(patient, therapy, found.get(therapy))}
    resumed = [(t, _taken_up(patient, decision.reviews.items.get(t), change)) for t, change in found.items()]
    found = {t: change for t, change in resumed if change is not None}
    changing = frozenset(therapy for c, therapy in overlaps if c.value is not False)
    looked_at = {c.rule.id: c for c, _ in overlaps}
    return DoseChanges(tuple(found.values()), changing, (*looked_at.values(), *(c for checks in caps.values() for c in checks)))


def _taken_up(patient: Assessment, reviewed: Reviewed | None, change: DoseChange) -> DoseChange | None:
    """A dose that is lowered on the day on which it is taken up again after a hold: one action, with the lower of both. One
    that something else keeps as it is is lowered by that hold as well, whatever the response."""
    if change.action not in ("reduce", "continue") or reviewed is None or reviewed.rule.action != "resume":
        return change
    judged = reviewed.progress.judged
    found = resumed_dose(patient, reviewed.progress, spared=dose_spared(patient, judged))
    if change.action == "continue":
        return _kept(patient, reviewed, change, found)
    again = found.dose
    asked = parse_dose(change.dose or "")
    if again is not None and asked is not None and again.per == asked.per and again.total(1) < asked.total(1):
        change = change._replace(amount=again.amount, unit=unit_of(again), dose=again.text)
    why = (reason(reviewed.rule),)
    key = "resume_lowered" if open_hold(judged.course) is None else "resume_lowered_held"
    text = patient.knowledge.say(key, name=patient.knowledge.name(change.therapy), dose=change.dose)
    return change._replace(action="resume", text=text, because=(*why, *change.because))


def _kept(patient: Assessment, reviewed: Reviewed, change: DoseChange, again: Resumed) -> DoseChange | None:
    """A dose that an overlap keeps, taken up again one step lower; None where that is not known, so that none is booked."""
    if again.dose is None:
        return change if again.way == "same" else None
    why = (resumed_as(patient, reviewed.progress), reason(reviewed.rule))
    key = "review_resume" if open_hold(reviewed.progress.judged.course) is None else "review_resume_held"
    text = patient.knowledge.say(key, name=patient.knowledge.name(change.therapy))
    lower = change._replace(amount=again.dose.amount, unit=unit_of(again.dose), dose=again.dose.text)
    return lower._replace(action="resume", text=text, because=(*why, *change.because), says=("action",))


def _is_dosed(patient: Assessment, decision: Decision, therapy: str) -> bool:
    """Whether a running therapy has a dose at all: what is held or contraindicated has none that could change."""
    reviewed = decision.reviews.items.get(therapy)
    # The record may hold it too.
    held = gravest(patient.limits.get(therapy, ())) in BINDING or (reviewed is not None and reviewed.rule.action == "hold")
    return not held and decision.standings.get(therapy) != "contraindicated"


def _by_overlap(patient: Assessment, rule: Overlap, therapy: str) -> DoseChange:
    """What an overlap makes of the dose; without an amount it stays."""
    unit, dose = rule.unit or "", None
    if rule.amount is not None:
        dose = dose_text(patient.knowledge, rule.amount, unit, rule.per_days or 1)
    return DoseChange(therapy, rule.action, rule.amount, unit, dose, rule.text, rule, (reason(rule),), _OVERLAP_SAYS)


def _not_tolerated(patient: Assessment, reviewed: Reviewed | None) -> DoseChange | None:
    """The dose down to the last one that was tolerated, where the present one is not."""
    lower = lower_dose(patient, reviewed.progress) if reviewed is not None and reviewed.rule.action == "reduce" else None
    if reviewed is None or lower is None:
        return None
    text = patient.knowledge.say("lower_to", name=patient.knowledge.name(reviewed.therapy), dose=lower.text)
    rule = reviewed.rule
    return DoseChange(reviewed.therapy, "reduce", lower.amount, "mg", lower.text, text, rule, (reason(rule),), ("dose",))


def _by_limit(patient: Assessment, therapy: str, changed: DoseChange | None) -> DoseChange | None:
    """The dose that a result asks to lower; the lower of two where something else lowers it too."""
    rule = _lowering(patient, therapy)
    judged = patient.history.running(therapy)
    written = present_dose(judged.course) if judged is not None else None
    lower = lowered_by_limit(patient, therapy, written) if written is not None else None
    if rule is None or lower is None or (changed is not None and changed.amount is not None and changed.amount < lower.amount):
        return None
    text = patient.knowledge.say("lower_to", name=patient.knowledge.name(therapy), dose=lower.text)
    return DoseChange(therapy, "reduce", lower.amount, unit_of(lower), lower.text, text, rule, (reason(rule),), ("dose",))


def _lowering(patient: Assessment, therapy: str) -> Limit | None:
    """The limit that lowers the dose of a running therapy today."""
    limits = patient.limits.get(therapy, ())
    rule = limits[0].rule if gravest(limits) == "reduce" else None
    return rule if isinstance(rule, Limit) else None


def lowered_by_limit(patient: Assessment, therapy: str, written: WrittenDose) -> WrittenDose | None:
    """A running dose as a result of today lowers it; None where none does."""
    rule = _lowering(patient, therapy)
    return _limited(patient, therapy, written, rule) if rule is not None else None


def _limited(patient: Assessment, therapy: str, written: WrittenDose, rule: Limit) -> WrittenDose | None:
    """The dose, in the rhythm it is taken now, as a limit lowers it; None where it does not."""
    if rule.lower_by is not None:
        return lowered_dose(patient, therapy, written, rule.lower_by)
    most = parse_dose(rule.lower_to) if rule.lower_to is not None else None
    if most is None or most.per != written.per or written.total(1) <= most.total(1):
        return None
    # Taken in another rhythm the dose would be one that nobody has said can be given.
    return like(patient, most, most.amount)


def _to_tolerated(patient: Assessment, therapy: str) -> DoseChange | None:
    """Back to the last tolerated dose, where only the one that is taken was not tolerated."""
    judged = patient.history.running(therapy)
    taken = next((c for c in reversed(patient.case.courses) if c.running and c.therapy == therapy), None)
    if judged is None or taken is None or not judged.course.dose_reduced:
        return None
    tolerated, present = present_dose(judged.course), present_dose(taken)
    if tolerated is None or present is None or present.total(1) <= tolerated.total(1):
        return None
    rule = patient.knowledge.algorithm.statements["lower_tolerated"]
    dose = dose_text(patient.knowledge, tolerated.amount, "mg", tolerated.per_days, tolerated.times)
    text = patient.knowledge.say("lower_to", name=patient.knowledge.name(therapy), dose=dose)
    return DoseChange(therapy, "reduce", tolerated.amount, "mg", dose, text, rule, (reason(rule),), ("dose", "reason"))


def _by_cap(patient: Assessment, therapy: str, cap: Cap, changed: DoseChange | None) -> DoseChange:
    """The dose down to a cap, also one that something else changed already."""
    amount, dose = _capped(patient, therapy, cap, changed)
    lower = patient.knowledge.say("lower_to", name=patient.knowledge.name(therapy), dose=dose)
    before = changed.because if changed is not None else ()
    return DoseChange(therapy, "reduce", amount, cap.unit, dose, lower, cap, (reason(cap), *before), ("dose",))


def _to_maximum(patient: Assessment, therapy: str, changed: DoseChange | None) -> list[DoseChange]:
    """The dose down to the maximum of its therapy that it is above; what lowers it further has said so already."""
    most = most_allowed(patient, therapy, changed.amount if changed is not None else None)
    if most is None:
        return []
    text = patient.knowledge.say("lower_to_most", name=patient.knowledge.name(therapy), dose=most.dose)
    before = changed.because if changed is not None else ()
    because = (most.because, *before)
    return [DoseChange(therapy, "reduce", most.amount, most.unit, most.dose, text, most.said, because, ("dose",))]


def _caps(patient: Assessment, therapy: str) -> tuple[Checked, ...]:
    """The caps of a running therapy, whatever regimen it is in; none where no dose is stated that they could lower."""
    judged = patient.history.running(therapy)
    written = present_dose(judged.course) if judged else None
    if written is None or written.per is not None:
        return ()
    return patient.check({c.id: c for r in patient.knowledge.therapies[therapy].regimens for c in r.caps}.values())


def _over_variant(patient: Assessment, reviewed: Reviewed) -> list[DoseChange]:
    """The dose of the regimen that kidney, liver or another drug asks for, where more than that is taken."""
    chosen, titration = reviewed.progress.chosen, reviewed.progress.titration
    if chosen is None or chosen.regimen.use != "variant" or titration is None or titration.present is None:
        return []
    dosed = [s.dose for s in chosen.regimen.steps if s.dose is not None and s.dose.per_days is not None]
    computed = [(c, dose) for dose in dosed if (c := compute(patient, dose, chosen.regimen, chosen.caps)).amounts]
    if not computed or titration.present.per is not None:
        return []
    most, _ = max(computed, key=lambda found: sum(found[0].amounts) * milligrams(found[0].unit) / (found[0].per_days or 1))
    daily = sum(most.amounts) * milligrams(most.unit) / (most.per_days or 1)
    if titration.present.total(1) <= float(daily):
        return []
    text = patient.knowledge.say("variant_running", text=chosen.regimen.text, facts=", ".join(chosen.because))
    amount = float(most.amounts[0] if len(set(most.amounts)) == 1 else sum(most.amounts))
    said = chosen.regimen
    lower = patient.knowledge.say("lower_to", name=patient.knowledge.name(reviewed.therapy), dose=most.text)
    return [DoseChange(reviewed.therapy, "reduce", amount, most.unit, most.text, lower, said, (reason(said, text),), ("dose",))]


def _capped(patient: Assessment, therapy: str, cap: Cap, changed: DoseChange | None) -> tuple[float, str]:
    """One administration at the cap, in the rhythm the dose is taken now, and how that is written."""
    judged = patient.history.running(therapy)
    written = present_dose(judged.course) if judged else None
    if written is None or (changed is not None and changed.amount is not None):
        amount = min(cap.max, changed.amount) if changed is not None and changed.amount is not None else cap.max
        return amount, dose_text(patient.knowledge, amount, cap.unit, cap.per_days)
    scale = milligrams(cap.unit)
    exact = Decimal(str(cap.max * scale * written.per_days / (cap.per_days * written.times)))
    amount = float(rounded_down(patient, therapy, exact)) / scale
    return amount, dose_text(patient.knowledge, amount, cap.unit, written.per_days, written.times)


def _over_cap(patient: Assessment, changed: dict[str, DoseChange], caps: dict[str, tuple[Checked, ...]]) -> list[tuple[str, Cap]]:
    """Running therapies whose dose, after an overlap rule, is above a cap that holds."""
    found = []
    for therapy, checks in caps.items():
        judged = patient.history.running(therapy)
        written = present_dose(judged.course) if judged else None
        for cap in (c.rule for c in checks if c.holds and written is not None):
            scale = milligrams(cap.unit)
            taken = written.total(cap.per_days) if written is not None else 0.0
            if therapy in changed and (amount := changed[therapy].amount) is not None:
                taken = amount
            if taken > cap.max * scale:
                found.append((therapy, cap))
    return found
