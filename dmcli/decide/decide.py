"""The decision: exactly one status, at most one next therapy, and a reason for every therapy not chosen."""

from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.decide.arguments import arguments
from dmcli.decide.gate import GateState, gate_state, next_conventional, under_way
from dmcli.decide.standing import Candidate, candidates, standing, worked
from dmcli.evaluate import Scope, evaluate
from dmcli.knowledge.algorithm import Move, StatusRule
from dmcli.result import Action, Option

_STARTING = ("recommendation", "conventional_therapy")


class Decision(NamedTuple):
    status: StatusRule
    gate: GateState
    reading: str
    chosen: str | None
    action: Action | None
    continued: str | None
    options: tuple[Option, ...]
    order: tuple[Candidate, ...]
    moves: tuple[Move, ...]
    standings: dict[str, str]


def decide(a: Assessment, reading: str) -> Decision:
    """Choose by the rules of the knowledge. Unknown rules neither fire nor are dismissed."""
    knowledge = a.knowledge
    moves = [m for m in knowledge.algorithm.moves if a.holds(m).value is True]
    standings = {t: standing(a, t) for t in knowledge.planned}
    gate = gate_state(a, reading)
    order = candidates(a, standings, moves)
    continued = under_way(a) if gate.passed is not True else None
    conventional = None if continued else next_conventional(a, gate, standings, moves)
    status = _status(a, gate, order, standings, conventional or continued)
    chosen = None
    if status.status == "recommendation":
        chosen = order[0].therapy if order else None
    elif status.status == "conventional_therapy":
        chosen = conventional
    if status.status != "conventional_therapy":
        continued = None
    action = _action(a, chosen) if chosen else None
    options = tuple(_option(a, t, _final(a, t, standings[t], status, chosen), moves) for t in knowledge.planned)
    return Decision(status, gate, reading, chosen, action, continued, options, tuple(order), tuple(moves), standings)


def _status(
    a: Assessment, gate: GateState, order: list[Candidate], standings: dict[str, str], conventional: str | None
) -> StatusRule:
    algorithm = a.knowledge.algorithm
    lines = {m for line in algorithm.lines for m in line.members if line.name != algorithm.gate.line}
    advanced = [t for t in a.running if a.knowledge.therapies[t].line in algorithm.advanced]
    for_skin = [c for c in a.case.courses if c.running and c.therapy in advanced and (c.indication or "skin") == "skin"]
    facts: dict[str, Any] = {
        "gate_passed": gate.passed is True,
        "conventional_open": conventional is not None,
        "advanced_running": bool(for_skin),
        "advanced_without_start": any(c.start is None for c in for_skin),
        "first_line": order[0].line if order else None,
        "options_open": float(len(order)),
        "options_blocked": float(sum(standings[t] == "needs_fact" for t in lines)),
    }
    scope = Scope({**a.scope.facts, **facts}, a.scope.functions, a.scope.behind)
    for rule in algorithm.statuses:
        finding = evaluate(a.knowledge.tree(rule.when), scope)
        a.trace.append((rule.id, finding))
        if finding.value is True:
            return rule
    raise AssertionError("the last status rule always holds")  # pragma: no cover - held by a check of the knowledge


def _action(a: Assessment, therapy: str) -> Action:
    if a.history.verdict(therapy) == "inadequate_trial":
        return "retry"
    if worked(a, therapy) or a.history.verdict(therapy) == "schedule_intolerance":
        return "restart"
    return "start"


def _final(a: Assessment, therapy: str, base: str, status: StatusRule, chosen: str | None) -> str:
    """The status of an option, or one of the reasons why an open one is only reserved."""
    if therapy == chosen and base != "current":
        return "recommended"
    if base not in ("open", "inadequate_trial") or (base == "inadequate_trial" and status.status in _STARTING):
        return base
    algorithm = a.knowledge.algorithm
    line = a.knowledge.therapies[therapy].line
    if status.status == "conventional_therapy":
        return "alternative" if line == algorithm.gate.line else "gate_closed"
    if status.status != "recommendation":
        return "not_now"
    names = [rule.name for rule in algorithm.lines]
    reached = names.index(a.knowledge.therapies[chosen].line) if chosen else 0
    rule = algorithm.lines[names.index(line)]
    early = rule.alternative_when is not None and a.find(rule.alternative_when).value is True
    return "alternative" if early or names.index(line) <= reached else "line_not_reached"


def _option(a: Assessment, therapy: str, final: str, moves: list[Move]) -> Option:
    entry = a.knowledge.therapies[therapy]
    shown: Any = "reserved" if final in ("gate_closed", "line_not_reached", "not_now") else final
    reason = "running" if final == "current" else final
    return Option(therapy, entry.name, entry.line, shown, arguments(a, therapy, reason, moves))
