"""How a hold ends: from which value on and at which dose the therapy is taken again, and when it stops instead."""

from collections.abc import Iterator
from datetime import timedelta

from dmcli.assess.assess import Assessment
from dmcli.assess.limits import BINDING, Reached, gravest
from dmcli.case.pauses import open_hold
from dmcli.decide.decide import Decision
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.model import Knowledge
from dmcli.result.actions import ActionItem
from dmcli.review.resumed_dose import resumed_dose
from dmcli.review.review import Reviewed
from dmcli.values.units import after_number

# What a value must be for a comparison not to hold: the words for it, and whether more of it is the stricter.
_OUTSIDE = {
    "lt": ("in_order_least", True),
    "le": ("in_order_above", True),
    "gt": ("in_order_most", False),
    "ge": ("in_order_below", False),
}


def with_hold_ends(patient: Assessment, decision: Decision, items: list[ActionItem]) -> list[ActionItem]:
    """The actions, each hold of a therapy that is not to end with how it ends."""
    held = dict.fromkeys(item.therapy for item in items if item.action == "hold" and item.therapy is not None)
    ends = {t: _end(patient, decision.reviews.items.get(t), t) for t in held if t not in decision.leaving}
    return [
        item.changed(goes_on=ends.get(item.therapy, ())) if item.action == "hold" and item.therapy is not None else item
        for item in items
    ]


def _end(patient: Assessment, reviewed: Reviewed | None, therapy: str) -> tuple[str, ...]:
    holding = [reached for reached in patient.limits.get(therapy, ()) if reached.tier in BINDING]
    if gravest(tuple(holding)) != "hold" or patient.knowledge.therapies[therapy].lasting:
        return ()
    return (*_resumed(patient, reviewed, therapy, holding), *_stopped(patient, therapy, holding))


def _resumed(patient: Assessment, reviewed: Reviewed | None, therapy: str, holding: list[Reached]) -> Iterator[str]:
    """From which values on the therapy is taken again; nothing where its limits say so themselves."""
    statements, k = patient.knowledge.algorithm.statements, patient.knowledge
    ways = {reached.rule.resume if isinstance(reached.rule, Limit) else None for reached in holding}
    if "elsewhere" in ways:
        return
    told = {"name": k.name(therapy), "dose": _dose(patient, reviewed, holding)}
    if ways == {"told"}:
        yield statements["hold_resume_then"].text.format(**told)
        return
    bounds: dict[tuple[str, str], float] = {}
    settled = False
    for reached in holding:
        found = _bounds(therapy, reached, k)
        settled |= found is None
        for (fact, kind), value in (found or {}).items():
            bounds[fact, kind] = _stricter(kind, value, bounds.get((fact, kind), value))
    values = [_value(fact, kind, value, k) for (fact, kind), value in bounds.items()]
    values += [k.texts["hold_rest" if values else "hold_settled"]] if settled else []
    yield statements["hold_resume"].text.format(**told, values=", ".join(values))


def _stopped(patient: Assessment, therapy: str, holding: list[Reached]) -> Iterator[str]:
    """The day on which a hold that has not ended becomes a stop; none of one that lasts as long as what it names."""
    if all(isinstance(reached.rule, Limit) and reached.rule.until_over for reached in holding):
        return
    k, judged = patient.knowledge, patient.history.running(therapy)
    held = open_hold(judged.course) if judged is not None else None
    since = held.since.last if held is not None else patient.case.as_of
    last = since + timedelta(weeks=k.algorithm.settings["hold_weeks"].value)
    yield k.algorithm.statements["hold_ends"].text.format(date=last.isoformat())


def _dose(patient: Assessment, reviewed: Reviewed | None, holding: list[Reached]) -> str:
    """The dose at which a therapy is taken again, as the plan will have it; none where that is not known."""
    k = patient.knowledge
    if reviewed is None:
        return k.texts["hold_open"]
    spared = all(isinstance(reached.rule, Limit) and reached.rule.until_over for reached in holding)
    again = resumed_dose(patient, reviewed.progress, spared=spared)
    return k.say(f"hold_{again.way}", dose=again.dose.text if again.dose is not None else "")


def _bounds(therapy: str, reached: Reached, knowledge: Knowledge) -> dict[tuple[str, str], float] | None:
    """What the values of a limit must be for none of its kind to hold or stop the therapy or keep it from starting; None
    where a condition is about more than values."""
    if not isinstance(reached.rule, Limit):
        return None
    analyte = reached.rule.analyte
    rows = [a.limit.when for a in knowledge.limits.limits[reached.of] if a.limit.analyte == analyte and a.limit.tier in BINDING]
    starts = [start.when for start in knowledge.limits.start[therapy] if start.analyte == analyte]
    bounds: dict[tuple[str, str], float] = {}
    for when in (reached.rule.when, *rows, *starts):
        found = _outside(knowledge.tree(when), knowledge)
        if found is None:
            return None
        fact, kind, value = found
        bounds[fact, kind] = _stricter(kind, value, bounds.get((fact, kind), value))
    return bounds


def _stricter(kind: str, one: float, other: float) -> float:
    return max(one, other) if _OUTSIDE[kind][1] else min(one, other)


def _outside(tree: Node, knowledge: Knowledge) -> tuple[str, str, float] | None:
    """The fact, comparison and number of a condition that is one comparison of a stated number."""
    if tree.kind not in _OUTSIDE or [arg.kind for arg in tree.args] != ["fact", "lit"]:
        return None
    fact, number = (arg.value for arg in tree.args)
    return (fact, tree.kind, float(number)) if fact in knowledge.facts else None


def _value(fact: str, kind: str, value: float, knowledge: Knowledge) -> str:
    unit = after_number(knowledge.facts[fact].unit)
    shown = knowledge.say("quantity", value=f"{value:g}", unit=unit).strip()
    return knowledge.say(_OUTSIDE[kind][0], fact=knowledge.fact_name(fact), value=shown)
