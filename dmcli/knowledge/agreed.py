"""What a prescriber may agree to or see to, by the ids under which a case confirms it."""

from dmcli.knowledge.model import Knowledge


def confirmable(knowledge: Knowledge) -> frozenset[str]:
    """The ids of every pair, caution, overlap, act and dose that a plan may ask the prescriber to agree to or to see to."""
    cautions = (c for t in knowledge.therapies.values() for c in t.cautions)
    rules = (*cautions, *knowledge.algorithm.cautions)
    pairs = (p.id for p in knowledge.algorithm.pairs if p.effect == "sign_off")
    waited = (t.interval.settled_by for t in knowledge.therapies.values() if t.interval is not None)
    ends = (o.id for o in knowledge.algorithm.overlaps if o.action == "stop")
    agreed = (c.id for c in rules if c.sign_off or c.severity == "severe")
    above = (over_maximum(t.id) for t in knowledge.therapies.values() if t.max_dose is not None or t.other_max)
    return frozenset((*agreed, *pairs, *ends, *acts(knowledge), *waited, *above))


def acts(knowledge: Knowledge) -> frozenset[str]:
    """The ids of what the prescriber sees to before a first dose, to which nobody has to agree."""
    return frozenset(b.id for t in knowledge.therapies.values() for b in t.before if not b.tests)


def over_maximum(therapy: str) -> str:
    """The id by which a prescriber agrees to a dose of a therapy above its maximum."""
    return f"{therapy}-over-maximum"
