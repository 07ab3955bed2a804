"""Whether a therapy is being held, and whether its results let it be taken up again."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.history import Judged
from dmcli.assess.limit_views import bound_on
from dmcli.assess.limits import BINDING, gravest
from dmcli.assess.snapshots import result_days
from dmcli.case.pauses import last_taken, open_hold
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.model import Knowledge


class Hold(NamedTuple):
    """Whether a therapy is or was held by a result, and whether that is over."""

    held: bool
    over: bool


def hold_of(patient: Assessment, judged: Judged) -> Hold:
    """A hold by the record or by the result before the newest, until the therapy was taken again. It is over when nothing
    holds or stops the therapy any more and it could be started with today's results."""
    therapy, course = judged.course.therapy, judged.course
    if gravest(patient.limits.get(therapy, ())) in BINDING:
        return Hold(held=True, over=False)
    days, again, pause = _days(patient, judged), last_taken(course), open_hold(course)
    if pause is not None:
        inside = not patient.obstacles(therapy)
        return Hold(held=True, over=inside and any(day > pause.since.last for day in days))
    before = [day for day in days[-2:-1] if again is None or day >= again]
    was_held = any(_bound_on(day, patient, judged, _binding(therapy, patient.knowledge)) for day in before)
    return Hold(held=was_held, over=was_held and not patient.obstacles(therapy))


def _days(patient: Assessment, judged: Judged) -> list[date]:
    """The days since a course began that have a result its limits ask for."""
    knowledge, start = patient.knowledge, judged.course.start
    if start is None:
        return []
    therapy = judged.course.therapy
    return result_days(patient.case, knowledge.of_therapy("asked for", therapy, lambda: _asked_for(therapy, knowledge)), start)


def _asked_for(therapy: str, knowledge: Knowledge) -> frozenset[str]:
    """The facts a case may state that the limits of a therapy rest on."""
    limits = _binding(therapy, knowledge)
    return frozenset([fact for limit in limits for fact in knowledge.stated_in(limit.when)])


def _binding(therapy: str, knowledge: Knowledge) -> list[Limit]:
    """The limits on results that hold or stop a therapy."""
    return [a.limit for a in knowledge.limits.limits[therapy] if a.limit.tier in BINDING and not a.limit.event]


def _bound_on(day: date, patient: Assessment, judged: Judged, limits: Sequence[Limit]) -> bool:
    return bound_on(day, patient.case, judged, patient.scope.functions, patient.knowledge, limits)


def dose_spared(patient: Assessment, judged: Judged) -> bool:
    """Whether the dose had no part in what a hold that is over was for: an infection on record, and no result of the
    course; or nothing else can hold the therapy."""
    k, course = patient.knowledge, judged.course
    results = [limit for limit in _binding(course.therapy, k) if not limit.until_over and limit.resume != "elsewhere"]
    if not results:
        return True
    if any(_bound_on(day, patient, judged, results) for day in _days(patient, judged)):
        return False
    since = course.held.since.first if course.held is not None else None
    lasting = [a.limit for a in k.limits.limits[course.therapy] if a.limit.until_over]
    facts = frozenset([fact for limit in lasting for fact in k.stated_in(limit.when)])
    dated = [s for fact in facts for s in patient.case.stated.get(fact, ()) if s.day is not None]
    return any(s.value is True or (since is not None and s.day is not None and s.day.last >= since) for s in dated)
