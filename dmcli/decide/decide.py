"""The decision: exactly one status, at most one next therapy, and a reason for every therapy not chosen."""

from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked, checked
from dmcli.assess.exposure import acts_on_when_ended
from dmcli.assess.limits import BINDING, gravest
from dmcli.assess.start_limits import Obstacle
from dmcli.decide.gate import GateState, gate_state, next_conventional, under_way
from dmcli.decide.order import Candidate, candidates
from dmcli.decide.order import standings as standings_of
from dmcli.decide.overlaps import stopping
from dmcli.knowledge.algorithm import Move, Overlap, Pair, StatusRule
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.files import AlgorithmFile
from dmcli.result.actions import Action
from dmcli.result.options import OptionStatus
from dmcli.review.review import Reviews

_STARTING = ("recommendation", "conventional_therapy")
# What is no answer of this tool, but sends to whom has one.
SENDING = ("refer", "out_of_scope")


class Decision(NamedTuple):
    """`referrals` are the rules that refer for what is stated of the patient, whether or not one of them is the status;
    `statuses` say for each therapy that the plan weighs what becomes of it, with the reason why an open one is only
    reserved; `leaving` are running therapies that end with this plan, apart from those that are contraindicated now;
    `stopping` are those of them that an overlap rule ends on the day the chosen one starts;
    `overlapping` are those that stay at a dose which another therapy may change; `obstacles` stand in the way of the
    chosen therapy, which has no date before they are settled; `checked` are the moves and the rules
    of the status that were looked at."""

    status: StatusRule
    referrals: tuple[StatusRule, ...]
    gate: GateState
    reading: str
    chosen: str | None
    action: Action | None
    continued: str | None
    statuses: dict[str, str]
    order: tuple[Candidate, ...]
    moves: tuple[Move, ...]
    standings: dict[str, str]
    reviews: Reviews
    leaving: tuple[str, ...]
    stopping: dict[str, Overlap]
    overlapping: tuple[str, ...]
    tapering: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    checked: tuple[Checked, ...]


def decide(patient: Assessment, reviews: Reviews, reading: str) -> Decision:
    """Choose by the rules of the knowledge. Unknown rules neither fire nor are dismissed."""
    knowledge = patient.knowledge
    moved = patient.check_each("moves", knowledge.algorithm.moves)
    moves = [c.rule for c in moved if c.holds]
    standings = standings_of(patient)
    gate = gate_state(patient, reading)
    order = candidates(patient, standings, moves)
    continued = under_way(patient) if gate.passed is not True else None
    conventional = None if continued else next_conventional(patient, gate, standings, moves)
    if conventional is not None and _goes_on(patient, reviews, conventional):
        # What runs is no start: what its results and its kidney allow is told by its review.
        continued, conventional = conventional, None
    names = _names(patient, reviews, gate, order, standings, conventional or continued)
    asked = {**patient.scope.facts, **names}
    scope = Scope(asked, patient.scope.functions, patient.scope.behind)
    # What would be due if nothing had to be held today.
    rules, values = knowledge.in_turn("statuses_unheld", None, scope)
    due = rules[len(values) - 1]
    chosen = _chosen(due, order, conventional)
    obstacles = patient.obstacles_to(chosen)
    asked |= {"next_due": chosen is not None, "next_obstructed": bool(obstacles)}
    statuses = _statuses(patient, scope)
    status = statuses[-1].rule
    chosen = chosen if status.status in (due.status, "safety_hold") else None
    obstacles = obstacles if chosen is not None else ()
    others = _other_referrals(patient, statuses)
    referrals = tuple(c.rule for c in (*statuses[-1:], *others) if c.holds and _by_facts(c.rule, patient))
    if status.status not in ("conventional_therapy", "safety_hold"):
        continued = None
    if status.status == "out_of_scope":
        reviews = reviews._replace(items={})
    leaving = _leaving(reviews, status, chosen)
    stopped = stopping(patient, chosen, tuple(t for t in patient.continuing if t not in leaving))
    stopped = {therapy: ending for therapy, ending in stopped.items() if ending.holds}
    leaving = (*leaving, *stopped)
    action = _action(patient, chosen, reviews, leaving, bool(names["quiet_therapy_ends"])) if chosen else None
    shown = due if chosen else status
    finals = _finals(patient, standings, shown, chosen)
    tapering = tuple(t for t, r in reviews.items.items() if r.rule.taper is not None)
    # No dose is worked out for what is contraindicated, or for two that clash before their prescribers have answered.
    barred = {t for _, left, right in patient.clashes for t in (left, right)}
    barred |= {t for t in patient.continuing if standings.get(t) == "contraindicated"}
    overlapping = tuple(t for t in patient.continuing if t not in leaving and t not in tapering and t not in barred)
    return Decision(
        status, referrals, gate, reading, chosen, action, continued, finals, tuple(order), tuple(moves), standings,
        reviews, leaving, {t: c.rule for t, c in stopped.items()}, overlapping, tapering, obstacles,
        (*moved, *gate.checked, *statuses, *others, *{c.rule.id: c for c in stopped.values()}.values()),
    )  # fmt: skip


def _goes_on(patient: Assessment, reviews: Reviews, therapy: str) -> bool:
    """Whether a therapy runs and is reviewed as what runs, or is given for another disease and not to be raised today."""
    judged = patient.history.running(therapy)
    held = judged is not None and judged.course.held is not None
    return therapy in reviews.items or held or bool(patient.limits.get(therapy))


def open_clashes(patient: Assessment, leaving: tuple[str, ...]) -> tuple[tuple[Pair, str, str], ...]:
    """The clashes that are still to be decided: not those of which one drug leaves with this plan, unless it acts on."""
    if not patient.clashes:
        return ()
    gone = {t for t in leaving if not acts_on_when_ended(patient.case, patient.knowledge, t)}
    return tuple((pair, left, right) for pair, left, right in patient.clashes if not {left, right} & gone)


def freed(patient: Assessment, leaving: tuple[str, ...]) -> set[str]:
    """What goes on as it is, and is not raised today, once the drug that it clashes with leaves."""
    still = {t for _, left, right in open_clashes(patient, leaving) for t in (left, right)}
    return {t for _, left, right in patient.clashes for t in (left, right)} - still - {*leaving}


def _leaving(reviews: Reviews, status: StatusRule, chosen: str | None) -> tuple[str, ...]:
    """What is not tolerated, or ends by plan, ends whatever comes; what did not work when another therapy carries on."""
    carried = chosen is not None or status.status == "continue_current"
    rules = {t: reviews.items[t].rule for t in reviews.leading("replace")}
    return tuple(t for t, rule in rules.items() if carried or rule.action == "stop" or rule.planned or rule.regardless)


def _chosen(status: StatusRule, order: list[Candidate], conventional: str | None) -> str | None:
    if status.status == "recommendation":
        return order[0].therapy if order else None
    return conventional if status.status == "conventional_therapy" else None


def _names(
    patient: Assessment,
    reviews: Reviews,
    gate: GateState,
    order: list[Candidate],
    standings: dict[str, str],
    conventional: str | None,
) -> dict[str, Any]:
    """What a rule of the status may ask of the decision."""
    algorithm = patient.knowledge.algorithm
    behind = patient.knowledge.once("behind_gate", lambda: _behind_gate(algorithm))
    for_skin = [c for c in patient.case.courses if c.running and _advanced(patient, c.therapy) and c.for_skin]
    # A therapy that is contraindicated now leaves as surely as one that failed.
    due = any(c.therapy not in reviews.items for c in for_skin) or any(
        _advanced(patient, t) for t in reviews.leading("add", "replace")
    )
    quiet_ends = _quiet_therapy_ends(patient, reviews)
    return {
        "gate_passed": gate.passed is True,
        "conventional_open": conventional is not None,
        "advanced_running": bool(for_skin),
        "advanced_without_start": any(_untold(patient, c.therapy) and c.therapy in reviews.items for c in for_skin),
        "review_settles": bool(for_skin) and (bool(reviews.leading("holds")) or not due),
        "quiet_therapy_ends": quiet_ends,
        # What is not known to be quiet is treated.
        "therapy_wanted": quiet_ends or patient.facts.values.get(algorithm.roles.active) is not False,
        "first_line": order[0].line if order else None,
        "options_open": float(len(order)),
        "options_blocked": float(sum([standings[t] == "needs_fact" for t in behind])),
        "held_today": any(gravest(reached) in BINDING for reached in patient.limits.values())
        or any(reviewed.rule.action == "hold" for reviewed in reviews.items.values()),
    }


def _behind_gate(algorithm: AlgorithmFile) -> frozenset[str]:
    return frozenset([m for line in algorithm.lines for m in line.members if line.name != algorithm.gate.line])


def _untold(patient: Assessment, therapy: str) -> bool:
    """Whether neither the time nor the response of a running therapy is told."""
    judged = patient.history.running(therapy)
    untimed = judged is not None and judged.weeks is None and judged.course.start is None
    return untimed and judged is not None and judged.outcome == "unknown" and judged.verdict == "unknown"


def _quiet_therapy_ends(patient: Assessment, reviews: Reviews) -> bool:
    """Whether the skin is quiet and whatever keeps it so must end, for another reason than that it does not work."""
    algorithm = patient.knowledge.algorithm
    if patient.facts.values.get(algorithm.roles.active) is not False:
        return False
    keeping = [
        judged
        for judged in patient.history.judged
        if judged.course.running
        and judged.course.for_skin
        and patient.knowledge.therapies[judged.course.therapy].line in algorithm.reviewed
        and judged.verdict not in algorithm.ineffective
    ]
    ending = {*(set(patient.running) - set(patient.continuing)), *reviews.leading("replace")}
    return bool(keeping) and all(judged.course.therapy in ending for judged in keeping)


def _statuses(patient: Assessment, scope: Scope) -> list[Checked]:
    """The rules of the status up to the first that holds."""
    rules, values = patient.knowledge.in_turn("statuses", None, scope)
    # The last of all holds always; a check of the knowledge says so.
    return [Checked(rule, value, scope, patient.knowledge) for rule, value in zip(rules, values, strict=False)]


def _other_referrals(patient: Assessment, statuses: list[Checked]) -> list[Checked]:
    """Behind a status that refers or is no question for this tool, the further rules that refer for what is stated."""
    algorithm = patient.knowledge.algorithm
    if statuses[-1].rule.status not in SENDING:
        return []
    later = algorithm.statuses[len(statuses) :]
    return [checked(rule, patient.scope, patient.knowledge) for rule in later if _by_facts(rule, patient)]


def _by_facts(rule: StatusRule, patient: Assessment) -> bool:
    """Whether a rule refers for what is stated of the patient, and not for what the decision found."""
    return rule.status == "refer" and patient.knowledge.named_in(rule.when) <= patient.knowledge.facts.keys()


def _advanced(patient: Assessment, therapy: str) -> bool:
    return patient.knowledge.therapies[therapy].line in patient.knowledge.algorithm.advanced


def _action(patient: Assessment, therapy: str, reviews: Reviews, leaving: tuple[str, ...], quiet_ends: bool) -> Action:
    """What is done with the chosen therapy; where the skin is quiet, it takes the place of whatever kept it so."""
    if patient.history.verdict(therapy) == "inadequate_trial":
        return "retry"
    if patient.history.worked(therapy) or patient.history.verdict(therapy) == "schedule_intolerance":
        return "restart"
    for_skin = {c.therapy for c in patient.case.courses if c.running and c.for_skin}
    stopped = for_skin - set(patient.continuing)
    if quiet_ends or any(_advanced(patient, t) for t in (*leaving, *stopped)):
        return "switch"
    return "add" if any(_advanced(patient, t) for t in reviews.leading("add")) else "start"


def _finals(patient: Assessment, standings: dict[str, str], status: StatusRule, chosen: str | None) -> dict[str, str]:
    """The status of each option, or one of the reasons why an open one is only reserved."""
    therapies, starting = patient.knowledge.therapies, status.status in _STARTING
    reserved: dict[str, str] = {}
    finals = dict(standings)
    for therapy, base in standings.items():
        if therapy == chosen and base != "current":
            finals[therapy] = "recommended"
        elif base == "open" or (base == "inadequate_trial" and not starting):
            line = therapies[therapy].line
            if line not in reserved:
                reserved[line] = _reserved(patient, line, status, chosen)
            finals[therapy] = reserved[line]
    return finals


def _reserved(patient: Assessment, line: str, status: StatusRule, chosen: str | None) -> str:
    """What becomes of the open therapies of a line that are not chosen."""
    algorithm = patient.knowledge.algorithm
    if status.status == "conventional_therapy":
        return "alternative" if line == algorithm.gate.line else "gate_closed"
    if status.status != "recommendation":
        return "not_now"
    reached = patient.knowledge.therapies[chosen].line if chosen else algorithm.lines[0].name
    for rule in algorithm.lines:
        if rule.name == line:
            return "alternative"
        if rule.name == reached:
            break
    rule = next(rule for rule in algorithm.lines if rule.name == line)
    early = rule.alternative_when is not None and patient.value(rule.alternative_when) is True
    return "alternative" if early else "line_not_reached"


def shown_status(final: str) -> OptionStatus:
    """The status of a therapy as a plan tells it; why it is reserved is told by its arguments."""
    shown: Any = "reserved" if final in ("gate_closed", "line_not_reached", "not_now") else final
    told: OptionStatus = shown
    return told
