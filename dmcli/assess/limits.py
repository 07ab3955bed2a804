"""Results of running therapies that are beyond a limit today."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from dmcli.assess.checked import Change, Checked
from dmcli.assess.facts import newest_of
from dmcli.assess.history import Judged
from dmcli.case.model import Case, Stated
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Finding, Scope, Value, evaluate
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Days


def reached(therapy: str, case: Case, running: Judged | None, scope: Scope, knowledge: Knowledge) -> tuple[Checked, ...]:
    """Limits of the shown monitors that a known, fresh result is beyond.

    A result that was beyond the limit before the course began, and is not worse now, has not been brought about by it. Of
    a limit of several results each one counts for itself, so that an old one does not hide a new one.
    """
    start = running.course.start if running else None
    changes = {} if start is None else computed_changes(case, start, scope, knowledge)
    now = Scope({**scope.facts, **{name: change.value for name, change in changes.items()}}, scope.functions, scope.behind)
    margin = knowledge.algorithm.settings["stable_percent"].value
    found: dict[str, Checked] = {}
    for monitor in knowledge.therapies[therapy].monitoring:
        for limit in monitor.limits if monitor.shown else ():
            tree = knowledge.tree(limit.when)
            true = (p for p in _alternatives(tree) if evaluate(p, now).value is True)
            beyond = [p for p in true if not _old(p, case, start, now, changes, margin)]
            if beyond:
                named = set().union(*(facts_of(part) for part in beyond))
                told = tuple(change for name, change in changes.items() if name in named)
                found.setdefault(limit.id, Checked(limit, _with_values(evaluate(tree, now), told), told))
    return tuple(found.values())


def released(therapy: str, case: Case, running: Judged, scope: Scope, knowledge: Knowledge) -> bool:
    """Whether the result before the newest, taken since the course began, was beyond a limit that holds the therapy, and
    the newest is not: what was held for it may be taken up again."""
    start = running.course.start
    if start is None:
        return False
    for monitor in knowledge.therapies[therapy].monitoring:
        for limit in monitor.limits if monitor.shown else ():
            tree = knowledge.tree(limit.when)
            before = _last_but_one(case, start, facts_of(tree)) if limit.action == "hold" else None
            if before is None or evaluate(tree, scope).value is not False:
                continue
            if evaluate(tree, Scope({**scope.facts, **before}, scope.functions)).value is True:
                return True
    return False


def _last_but_one(case: Case, start: Days, facts: set[str]) -> dict[str, Value] | None:
    """The results before the newest of a condition's facts, of days after the start; None where one has none."""
    values: dict[str, Value] = {}
    for fact in facts:
        dated = sorted((s for s in case.stated.get(fact, ()) if s.day is not None and s.day.first > start.last), key=_day)
        if len(dated) < 2:
            return None
        values[fact] = dated[-2].value
    return values or None


def _day(stated: Stated) -> date:
    return stated.day.last if stated.day is not None else date.max


def computed_changes(case: Case, start: Days, scope: Scope, knowledge: Knowledge) -> dict[str, Change]:
    """The changes since a course began that the case does not state and two of its dated values give.

    The newest value must be known and of after the start; the baseline is the last one at or before the start, else the
    first one after it.
    """
    found: dict[str, Change] = {}
    for fact in knowledge.facts.values():
        of = fact.change_of
        if of is None or fact.id in scope.facts or of not in scope.facts or of not in case.stated:
            continue
        newest = newest_of(case.stated[of], case.as_of)
        last = newest.day or Days(case.as_of, case.as_of)
        baseline = _baseline(case.stated[of], start, last)
        if baseline is None or baseline.day is None or last.last <= start.first:
            continue
        before, after = Fraction(str(baseline.value)), Fraction(str(newest.value))
        if fact.change == "percent_rise" and before:
            value = float((after - before) / before * 100)
        elif fact.change == "fall":
            value = float(before - after)
        else:
            continue
        found[fact.id] = Change(fact.id, of, value, float(before), baseline.day, float(after), last)
    return found


def _baseline(stated: tuple[Stated, ...], start: Days, last: Days) -> Stated | None:
    dated = [(s.day, s) for s in stated if s.day is not None and s.day.last < last.first]
    before = [(day.last, number, s) for number, (day, s) in enumerate(dated) if day.last <= start.first]
    after = [(day.first, -number, s) for number, (day, s) in enumerate(dated) if day.last > start.first]
    if before:
        return max(before, key=lambda found: found[:2])[2]
    return min(after, key=lambda found: found[:2])[2] if after else None


def _alternatives(tree: Node) -> tuple[Node, ...]:
    """The parts of a condition of which one is enough."""
    return tree.args if tree.kind == "or" else (tree,)


def _old(part: Node, case: Case, start: Days | None, now: Scope, changes: dict[str, Change], margin: float) -> bool:
    """Whether this was so before the course began already and is not worse now. A change since then was not."""
    named = facts_of(part)
    before = None if start is None or named & set(changes) else _before(case, start, named)
    if before is None or evaluate(part, Scope({**now.facts, **before}, now.functions)).value is not True:
        return False
    return not _worse(part, now.facts, before, margin)


def _worse(part: Node, now: Mapping[str, Value], before: dict[str, Value], margin: float) -> bool:
    """Whether the result of a plain comparison lies further beyond its limit than before, by more than the margin
    (percent of the earlier value)."""
    if part.kind not in ("lt", "le", "gt", "ge") or part.args[0].kind != "fact":
        return False
    name = str(part.args[0].value)
    earlier, later = before.get(name), now.get(name)
    if not isinstance(earlier, (int, float)) or not isinstance(later, (int, float)):
        return False
    further = earlier - later if part.kind in ("lt", "le") else later - earlier
    return further > abs(earlier) * margin / 100


def _before(case: Case, start: Days, facts: set[str]) -> dict[str, Value] | None:
    """The last results before the course began; None where one of them is not known."""
    values: dict[str, Value] = {}
    for fact in facts:
        earlier = [s for s in case.stated.get(fact, ()) if s.day is not None and s.day.last <= start.first]
        if not earlier:
            return None
        values[fact] = max(earlier, key=lambda s: s.day.last if s.day else start.first).value
    return values


def _with_values(finding: Finding, changes: tuple[Change, ...]) -> Finding:
    """What was found, with the values that a computed change comes from, each with its day."""
    values: dict[str, Value] = {}
    for change in changes:
        values[change.fact] = round(change.value, 2)
        values |= {f"{change.of} {change.first}": change.baseline, f"{change.of} {change.last}": change.newest}
    return finding._replace(facts={**finding.facts, **values})
