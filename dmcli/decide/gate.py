"""The conventional gate under a reading, and the conventional agent that is next while it is closed."""

from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.decide.order import CHOOSABLE, moved
from dmcli.knowledge.algorithm import Move, Requirement
from dmcli.knowledge.statements import Rule
from dmcli.values.truth import Truth, all_of, any_of


class GateState(NamedTuple):
    """`passed` under the reading; `bypass` is why it counts as passed whatever the reading; each requirement with whether
    it is passed; `checked` are the rules that pass it whatever the reading."""

    passed: Truth
    bypass: Rule | None
    requirements: tuple[tuple[Requirement, Truth], ...]
    missing: frozenset[str]
    checked: tuple[Checked, ...]


def gate_state(patient: Assessment, reading: str) -> GateState:
    """Whether the gate is passed; unknown where a fact that decides it is missing.

    While a conventional agent is under way it is not passed, whatever failed or was given before.
    """
    gate = patient.knowledge.algorithm.gate
    looked_at = patient.check_each("bypasses", gate.bypasses)
    bypass = next((checked.rule for checked in looked_at if checked.holds), None)
    asked: list[tuple[Requirement, Any]] = [(r, patient.value(r.passed)) for r in gate.requirements]
    truths = [truth for _, truth in asked]
    passed = all_of(truths) if gate.readings[reading] == "all" else any_of(truths)
    missing = frozenset(m for r, truth in asked if truth is None for m in patient.find(r.passed).missing)
    if bypass is not None:
        passed = True
    if passed is True and _running(patient, tuple(v for v in patient.knowledge.algorithm.under_way if v != "unknown")):
        passed = False
    return GateState(passed, bypass, tuple(asked), missing, looked_at)


def under_way(patient: Assessment) -> str | None:
    """A conventional agent that is running and not to be judged yet, is responding, or cannot be judged."""
    return _running(patient, patient.knowledge.algorithm.under_way)


def _running(patient: Assessment, verdicts: tuple[str, ...]) -> str | None:
    for requirement in patient.knowledge.algorithm.gate.requirements:
        for member in requirement.members:
            judged = patient.history.running(member)
            if judged is None or judged.verdict not in verdicts:
                continue
            safety = patient.safety[member]
            if not (safety.barred or safety.ending):
                return member
    return None


def next_conventional(patient: Assessment, state: GateState, standings: dict[str, str], moves: list[Move]) -> str | None:
    """The conventional agent to start, restart or try properly; None if none of the open ones can be."""
    # Where the course of one member cannot be judged, its outcome is asked for before another member is tried.
    waiting = [
        r
        for r, truth in state.requirements
        if truth is not True and all(patient.history.verdict(m) != "unknown" for m in r.members)
    ]
    members = moved(patient, tuple(m for r in waiting for m in r.members), moves)
    choosable = [m for m in members if standings[m] in CHOOSABLE or _retried(patient, m, standings)]
    # As behind the gate: what worked comes first, a severe caution moves to the end.
    return min(
        choosable,
        key=lambda member: (not patient.history.worked(member), bool(patient.safety[member].severe), members.index(member)),
        default=None,
    )


def _retried(patient: Assessment, member: str, standings: dict[str, str]) -> bool:
    ending = patient.safety[member].ending
    return standings[member] == "current" and not ending and patient.history.verdict(member) == "inadequate_trial"
