"""Results with which a therapy does not start today: its start limits, and what would hold or stop it at once."""

from datetime import timedelta
from typing import NamedTuple

from dmcli.assess.facts import Facts
from dmcli.assess.snapshots import at_for, result_days, stated_at
from dmcli.case.model import Case
from dmcli.knowledge.evaluate import Finding, Scope
from dmcli.knowledge.limits import Limit, StartLimit, TwoLines, of_course
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr, Statement


class Obstacle(NamedTuple):
    """A result that stands in the way of a start. `lasting`: it has stood there for so long that it is not waited for."""

    rule: Statement
    finding: Finding
    lasting: bool


def obstacles(
    therapy: str, case: Case, facts: Facts, scope: Scope, knowledge: Knowledge, holding: frozenset[str] | None
) -> tuple[Obstacle, ...]:
    """What stands in the way of starting a therapy, or of taking it up again; one entry for each analyte. `holding` are the
    conditions that hold, None where each is to be looked at."""

    def holds(when: Expr) -> bool:
        return when in holding if holding is not None else knowledge.value(when, scope) is True

    def new(when: Expr) -> bool:
        return holds(when) and not _lasting(when, case, facts, scope, knowledge)

    found: dict[str, Obstacle] = {}
    for rule in knowledge.of_therapy("start", therapy, lambda: _rules(therapy, knowledge)):
        if holds(rule.when) and rule.analyte not in found:
            lasting = _lasting(rule.when, case, facts, scope, knowledge)
            found[rule.analyte] = Obstacle(rule, knowledge.finding(rule.when, scope), lasting)
    several = knowledge.of_therapy("several lines", therapy, lambda: _several_lines(therapy, knowledge))
    # Two cell lines that are newly low at once would hold the therapy, so it does not start either.
    low = [rule for rule, limits in several if len({limit.line for limit in limits if new(limit.when)}) > 1]
    return (*found.values(), *[Obstacle(rule, Finding(True, {}, frozenset()), lasting=False) for rule in low])


def _rules(therapy: str, knowledge: Knowledge) -> tuple[StartLimit | Limit, ...]:
    """What may stand in the way of a start: the limits of a start, then those that would hold or stop the therapy."""
    tables = knowledge.limits
    binding = (a.limit for a in tables.limits[therapy] if a.limit.tier in ("hold", "stop") and not a.limit.event)
    return (*tables.start[therapy], *[limit for limit in binding if not of_course(knowledge.tree(limit.when))])


def _several_lines(therapy: str, knowledge: Knowledge) -> tuple[tuple[TwoLines, tuple[Limit, ...]], ...]:
    """The rules about cell lines that are low at once, each with the limits of single lines."""
    names, applied = knowledge.limits.toxicities[therapy], knowledge.limits.limits[therapy]
    rules = [(name, rule) for name in names if (rule := knowledge.toxicities[name].two_lines) is not None]
    return tuple(
        (rule, tuple(limit for limit, shared in applied if limit.line is not None and shared == name)) for name, rule in rules
    )


def _lasting(when: Expr, case: Case, facts: Facts, scope: Scope, knowledge: Knowledge) -> bool:
    """Whether a result of long enough ago was beyond the limit as well, and the newest is about the same."""
    settings = knowledge.algorithm.settings
    days = result_days(case, knowledge.stated_in(when), None)
    if len(days) < 2:
        return False
    longest = timedelta(weeks=settings["stable_weeks"].value)
    earlier = [day for day in days if days[-1] - day >= longest]
    if not earlier:
        return False
    before = stated_at(case, earlier[-1], when, knowledge)
    if before is None:
        before = at_for((when,), case, earlier[-1], None, knowledge).values
    if knowledge.value(when, Scope(before, scope.functions)) is not True:
        return False
    margin = settings["stable_percent"].value
    pairs = [(before.get(f), facts.values.get(f)) for f in knowledge.named_in(when)]
    numbers = [(a, b) for a, b in pairs if isinstance(a, float) and isinstance(b, float)]
    return all(abs(now - was) <= abs(was) * margin / 100 for was, now in numbers)
