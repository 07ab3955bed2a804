"""How each therapy stands before one is chosen, and in which order the open ones are considered."""

from collections.abc import Sequence
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.safety import ruled_by_safety, ruled_out
from dmcli.knowledge.algorithm import LineRule, Move

# Lines whose therapies are shown with a fixed status and never chosen.
FIXED = {
    "supportive": "adjunct",
    "specialist": "specialist_only",
    "avoid": "avoid",
    "not_recommended": "not_recommended",
}
CHOOSABLE = ("open", "inadequate_trial")
# What stands apart in its line comes after the rest; what a lasting result stands in the way of comes after all.
_APART = 4
_LAST = 8


class Candidate(NamedTuple):
    """An open therapy in the order of consideration."""

    therapy: str
    line: str
    severe: bool
    line_left: bool


def standing(patient: Assessment, therapy: str) -> str:
    """The status of a therapy as far as it does not depend on the choice; `open` if it could be chosen."""
    out = ruled_out(therapy, patient.safety[therapy], patient.case, patient.history, patient.knowledge)
    if out is not None:
        return out
    if therapy in patient.running:
        return "current"
    line = patient.knowledge.therapies[therapy].line
    if therapy not in patient.history.by_therapy:
        return FIXED.get(line, "open")
    verdict, algorithm = patient.history.verdict(therapy), patient.knowledge.algorithm
    if line == "supportive":
        return FIXED[line]
    if verdict in algorithm.passed:
        return "exhausted"
    if line in FIXED:
        return FIXED[line]
    if verdict == "unknown":
        return "needs_fact"
    return "inadequate_trial" if verdict == "inadequate_trial" else "open"


def standings(patient: Assessment) -> dict[str, str]:
    """How each therapy that the plan weighs stands."""
    knowledge, history = patient.knowledge, patient.history
    # Most were never given, and nothing that is known rules them out: these stand as their line has it.
    lines = knowledge.once("standings", lambda: {t: FIXED.get(entry.line, "open") for t, entry in knowledge.planned.items()})
    told = {*patient.running, *history.by_therapy, *patient.case.declined, *ruled_by_safety(patient.safety)}
    apart = lines.keys() if history.closing else lines.keys() & told
    return lines | {therapy: standing(patient, therapy) for therapy in apart}


def moved(patient: Assessment, members: Sequence[str], moves: list[Move]) -> Sequence[str]:
    """Members in their order for this patient: brought forward first, moved back last."""
    if not moves:
        return members
    front = [m for m in members if any(targets(patient, move, m) and move.to == "front" for move in moves)]
    end = [m for m in members if any(targets(patient, move, m) and move.to == "end" for move in moves)]
    return (*front, *(m for m in members if m not in front and m not in end), *(m for m in end if m not in front))


def targets(patient: Assessment, move: Move, therapy: str) -> bool:
    """Whether a move is about a therapy."""
    return patient.knowledge.concerns(move.targets, therapy)


def line_left(patient: Assessment, line: LineRule) -> bool:
    """Whether a line counts as passed although some of its members are still open."""
    if line.leave != "one_failed":
        return False
    members = patient.knowledge.members(line.name)
    return any(patient.history.verdict(m) in patient.knowledge.algorithm.ineffective for m in members)


def candidates(patient: Assessment, standings: dict[str, str], moves: list[Move]) -> list[Candidate]:
    """Every choosable therapy behind the gate, best first.

    What worked before comes first; then line by line those without a severe caution; then those with
    one; then what is left of lines that are passed. A line that is only left when every member is passed
    keeps a member with a severe caution at its own end. Members that stand apart in their line come after all others.
    """
    found: list[tuple[tuple[int, int, bool, int], Candidate]] = []
    algorithm = patient.knowledge.algorithm
    for number, line in enumerate(algorithm.lines):
        choosable = [therapy for therapy in line.members if standings[therapy] in CHOOSABLE]
        if line.name == algorithm.gate.line or not choosable:
            continue
        left = line_left(patient, line)
        for position, therapy in enumerate(moved(patient, choosable, moves)):
            severe = bool(patient.safety[therapy].severe)
            after = severe and line.leave != "all_passed"
            group = 1 + after + 2 * left + _APART * (therapy in line.apart)
            group = 0 if not severe and patient.history.worked(therapy) else group
            # A result that has stood in the way for long is not waited for while another therapy is open.
            obstacles = patient.obstacles(therapy)
            group += _LAST if obstacles and any(o.lasting for o in obstacles) else 0
            found.append(((group, number, severe, position), Candidate(therapy, line.name, severe, left)))
    return [c for _, c in sorted(found, key=lambda item: item[0])]
