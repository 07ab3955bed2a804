"""The arguments of one option: for, against, excludes and needs, each with its code, facts and sources."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.history import Judged, class_closer
from dmcli.decide.order import targets
from dmcli.decide.rule_arguments import Said, of_statement, said_by
from dmcli.knowledge.algorithm import Move, Pair
from dmcli.knowledge.model import Knowledge
from dmcli.result.options import Argument, Code, Kind

_CLOSED: dict[str, Code] = {"specialist": "specialist_only", "avoid": "avoid", "not_recommended": "not_recommended"}
_BY_STATUS: dict[str, Code] = {
    "gate_closed": "gate_closed",
    "line_not_reached": "line_not_reached",
    "not_now": "not_now",
    "running": "running",
    "alternative": "another_first",
}


class Always(NamedTuple):
    """What is told of a therapy whoever the patient is: its line and grade, what evidence speaks for it and against it, and
    what its line excludes."""

    line: tuple[Argument, ...]
    evidence_for: tuple[Argument, ...]
    evidence_against: tuple[Argument, ...]
    excludes: tuple[Argument, ...]


def arguments(
    patient: Assessment, therapy: str, status: str, moves: Sequence[Move], said: Sequence[Said]
) -> tuple[Argument, ...]:
    """Every argument of one therapy: for, against, excludes, needs. `moves` are those that hold for the patient, `said` is
    what the rules of safety say of the therapy."""
    always, safety = _always(patient, therapy), patient.safety[therapy]
    tried = patient.history.of(therapy)
    found = [*always.line]
    if tried or moves:
        found += _for(patient, therapy, moves)
    found += always.evidence_for
    for rule in said:
        found += rule.against
    found += always.evidence_against
    for rule in said:
        found += rule.excludes
    found += _excludes(patient, therapy)
    for rule in said:
        found += rule.unfeasible
    found += always.excludes
    for rule in said:
        found += rule.needs
    for rule in said:
        found += [argument for argument in rule.sign_off if argument.rule not in safety.confirmed]
    if safety.pairs:
        found += [_of_pair("needs", "sign_off", pair, other, patient) for pair, other in safety.to_confirm]
    if tried:
        found += _needs_of_courses(patient, tried)
    if status in _BY_STATUS:
        found.append(of_statement("needs", _BY_STATUS[status], patient.knowledge.algorithm.statements[_BY_STATUS[status]]))
    return tuple(found)


def excluding(patient: Assessment, therapy: str) -> Argument | None:
    """The first argument that excludes a therapy, where one does."""
    safety = patient.safety[therapy]
    found = [argument for said in said_by(safety.contraindicating, patient) for argument in said.excludes]
    if not found:
        found += _excludes(patient, therapy)
        found += [argument for said in said_by(safety.hindering, patient) for argument in said.unfeasible]
    return next(iter((*found, *_always(patient, therapy).excludes)), None)


def _always(patient: Assessment, therapy: str) -> Always:
    prepared = patient.knowledge.prepared
    if prepared is None or therapy not in prepared.therapies:
        return _told_always(patient.knowledge, therapy)
    kept: Always | None = prepared.always.get(therapy)
    if kept is None:
        kept = prepared.always[therapy] = _told_always(patient.knowledge, therapy)
    return kept


def _told_always(knowledge: Knowledge, therapy: str) -> Always:
    entry = knowledge.therapies[therapy]
    line = next((line for line in knowledge.algorithm.lines if therapy in line.members), None)
    first = [of_statement("for", "line", line)] if line is not None else []
    if entry.line == "supportive":
        first.append(of_statement("for", "adjunct", entry.summary))
    if entry.grade is not None:
        first.append(of_statement("for", "grade", entry.grade))
    closed = [of_statement("excludes", _CLOSED[entry.line], entry.summary)] if entry.line in _CLOSED else []
    return Always(
        tuple(first),
        tuple([of_statement("for", "evidence_for", e) for e in entry.evidence if e.favours == "for"]),
        tuple([of_statement("against", "evidence_against", e) for e in entry.evidence if e.favours == "against"]),
        tuple(closed),
    )


def _for(patient: Assessment, therapy: str, moves: Sequence[Move]) -> list[Argument]:
    found = []
    if patient.history.worked(therapy):
        found.append(of_statement("for", "worked_before", patient.knowledge.algorithm.statements["restart"]))
    found += [of_statement("for", "brought_forward", m) for m in moves if m.to == "front" and targets(patient, m, therapy)]
    return found


def _excludes(patient: Assessment, therapy: str) -> list[Argument]:
    """What excludes a therapy beside its own rules and its line."""
    safety, history = patient.safety[therapy], patient.history
    found: list[Argument] = []
    if safety.stops or safety.pairs:
        found += [of_statement("excludes", "limit_reached", f.rule, f.finding.facts) for f in safety.stops]
        found += [_of_pair("excludes", "interaction", *pair, patient) for pair in safety.pairs if pair[0].effect == "excludes"]
    if therapy in history.by_therapy:
        passed = patient.knowledge.algorithm.passed
        found += [_of_course(patient, judged) for judged in history.of(therapy) if judged.verdict in passed]
    if history.closing or therapy in patient.case.declined:
        found += _closed(patient, therapy)
    return found


def _closed(patient: Assessment, therapy: str) -> Iterator[Argument]:
    """The harm that closed the class of a therapy, and a refusal of it."""
    statements, closer = patient.knowledge.algorithm.statements, class_closer(patient.history, therapy, patient.knowledge)
    if closer is not None and closer.course.therapy != therapy:
        facts = {f"verdict({closer.course.therapy})": closer.verdict}
        yield of_statement("excludes", "class_closed", statements["class_closed"], facts)
    if therapy in patient.case.declined:
        yield of_statement("excludes", "declined", statements["declined"], {f"declined({therapy})": True})


def _of_pair(kind: Kind, code: Code, pair: Pair, other: str, patient: Assessment) -> Argument:
    """A pair as an argument, beside another drug; kept, since there are few of them."""
    prepared = patient.knowledge.prepared
    kept = prepared.pairs_told if prepared is not None and other in prepared.pairs else {}
    argument: Argument | None = kept.get((code, pair.id, other))
    if argument is None:
        argument = kept[code, pair.id, other] = of_statement(kind, code, pair, {f"current({other})": True})
    return argument


def _of_course(patient: Assessment, judged: Judged) -> Argument:
    code: Code = (
        "not_tolerated"
        if judged.verdict in patient.knowledge.algorithm.not_tolerated
        else "recorded_contraindicated"
        if judged.verdict == "contraindicated"
        else "failed"
    )
    facts: dict[str, Any] = {"verdict": judged.verdict}
    if judged.weeks is not None:
        facts["weeks"] = str(judged.weeks)
    if judged.course.dose is not None:
        facts["dose"] = judged.course.dose.text
    if judged.rule is None:
        return of_statement("excludes", code, patient.knowledge.algorithm.statements["unjudged"], facts)
    return of_statement("excludes", code, judged.rule, facts)


def _needs_of_courses(patient: Assessment, tried: tuple[Judged, ...]) -> Iterator[Argument]:
    for judged in tried:
        if judged.verdict == "inadequate_trial" and judged.rule is not None:
            told = {name: value for name, value in judged.facts.items() if value is not None}
            yield of_statement("needs", "proper_trial", judged.rule, told)
        if judged.verdict == "unknown":
            unjudged = patient.knowledge.algorithm.statements["unjudged"]
            yield of_statement("needs", "fact_blocks", unjudged, dict.fromkeys(sorted(judged.missing)))
