"""Results of running therapies that are beyond a limit today."""

from dmcli.assess.history import Judged
from dmcli.assess.safety import Fired
from dmcli.case.model import Case
from dmcli.evaluate import Scope, Value, evaluate
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.model import Knowledge


def reached(therapy: str, case: Case, running: Judged | None, scope: Scope, knowledge: Knowledge) -> tuple[Fired, ...]:
    """Limits of the shown monitors that a known, fresh result is beyond.

    A result that was beyond the limit before the course began and still is has not been brought about by it.
    """
    found: dict[str, Fired] = {}
    for monitor in knowledge.therapies[therapy].monitoring:
        for limit in monitor.limits if monitor.shown else ():
            tree = knowledge.tree(limit.when)
            finding = evaluate(tree, scope)
            if finding.value is not True:
                continue
            before = _before(case, running, facts_of(tree))
            if before is None or evaluate(tree, Scope({**scope.facts, **before}, scope.functions)).value is not True:
                found.setdefault(limit.id, Fired(limit, finding))
    return tuple(found.values())


def _before(case: Case, running: Judged | None, facts: set[str]) -> dict[str, Value] | None:
    """The last results before the course began; None where one of them is not known."""
    start = running.course.start if running else None
    if start is None:
        return None
    values: dict[str, Value] = {}
    for fact in facts:
        earlier = [s for s in case.stated.get(fact, ()) if s.day is not None and s.day.last <= start.first]
        if not earlier:
            return None
        values[fact] = max(earlier, key=lambda s: s.day.last if s.day else start.first).value
    return values
