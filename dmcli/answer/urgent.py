"""What must happen today, the most severe first: stops, holds, referrals."""

from dmcli.assess.assess import Assessment
from dmcli.assess.limits import rests_on
from dmcli.result.actions import ActionItem, Urgent

_MOST_SEVERE_FIRST = ("stop", "hold", "refer")
# What must happen, to which therapy, and of the whole patient to whom.
_Key = tuple[str, str | None, str | None]


def build_urgent(patient: Assessment, actions: tuple[ActionItem, ...]) -> tuple[Urgent, ...]:
    """Each stop, hold and referral of today once, with every reason for it; where the patient is to be seen elsewhere, each
    place by itself, before the prescribers of single therapies. What ends and harms nobody is no alarm."""
    harmless = {rule.id for rule in patient.knowledge.algorithm.reviews if rule.harmless}
    found: dict[_Key, list[ActionItem]] = {}
    for item in actions:
        if item.priority == "now" and item.action in _MOST_SEVERE_FIRST and not harmless & {r.rule for r in item.because}:
            place = item.text if item.therapy is None else None
            found.setdefault((item.action, item.therapy, place), []).append(item)
    order = sorted(found.items(), key=lambda entry: (_MOST_SEVERE_FIRST.index(entry[0][0]), entry[0][1] is not None))
    return tuple(_urgent(patient, items) for _, items in order)


def _urgent(patient: Assessment, items: list[ActionItem]) -> Urgent:
    first = items[0]
    because = dict.fromkeys(reason for item in items for reason in item.because)
    goes_on = next((item.goes_on for item in items if item.goes_on), ())
    since = _since(patient, first.therapy)
    return Urgent(first.action, first.therapy, first.text, tuple(because), since, goes_on)  # type: ignore[arg-type]


def _since(patient: Assessment, therapy: str | None) -> str | None:
    """The day of the newest result or event that a limit of the therapy rests on."""
    reached = patient.limits.get(therapy, ()) if therapy is not None else ()
    days = [r.seen.days[f].last for r in reached for f in rests_on(r, patient.knowledge) if f in r.seen.days]
    return max(days).isoformat() if days else None
