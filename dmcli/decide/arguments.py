"""The arguments of one option: for, against, excludes and needs, each with its code, facts and sources."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.history import Judged, class_closer
from dmcli.assess.safety import Safety
from dmcli.decide.order import targets
from dmcli.knowledge.algorithm import Move, Pair
from dmcli.knowledge.evaluate import evaluate
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.record import made_once
from dmcli.result.options import Argument, Code, Kind

_CLOSED: dict[str, Code] = {"specialist": "specialist_only", "avoid": "avoid", "not_recommended": "not_recommended"}
_BY_STATUS: dict[str, Code] = {
    "gate_closed": "gate_closed",
    "line_not_reached": "line_not_reached",
    "not_now": "not_now",
    "running": "running",
    "alternative": "another_first",
}


def shown_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as an argument reports them: known ones with their value, unknown ones as null."""
    return {k: (str(v) if hasattr(v, "_fields") else v) for k, v in facts.items()}


def of_statement(
    kind: Kind, code: Code, statement: Statement, facts: dict[str, Any] | None = None, text: str | None = None
) -> Argument:
    """A sentence of the knowledge as an argument; without a text of its own, and of the same facts, the same one again."""
    if text:
        return Argument(kind, code, text, shown_facts(facts or {}), statement.sources, statement.level, statement.id)
    return made_once(
        statement,
        (kind, code, *facts.items()) if facts else (kind, code),
        lambda: Argument(kind, code, statement.text, shown_facts(facts or {}), statement.sources, statement.level, statement.id),
    )


class Always(NamedTuple):
    """What is told of a therapy whoever the patient is: its line and grade, what evidence speaks for it and against it, and
    what its line excludes."""

    line: tuple[Argument, ...]
    evidence_for: tuple[Argument, ...]
    evidence_against: tuple[Argument, ...]
    excludes: tuple[Argument, ...]


def arguments(patient: Assessment, therapy: str, status: str, moves: Sequence[Move]) -> tuple[Argument, ...]:
    """Every argument of one therapy: for, against, excludes, needs. `moves` are those that hold for the patient."""
    always, safety = _always(patient, therapy), patient.safety[therapy]
    contraindications, cautions, _ = safety.kinds
    tried = patient.history.of(therapy)
    found = [*always.line]
    if tried or moves:
        found += _for(patient, therapy, moves)
    found += always.evidence_for
    if cautions:
        found += _against(patient, cautions)
    found += always.evidence_against
    found += _excludes(patient, therapy)
    found += always.excludes
    if contraindications or cautions or safety.pairs:
        found += _needs(patient, safety)
    if tried:
        found += _needs_of_courses(patient, tried)
    if status in _BY_STATUS:
        found.append(of_statement("needs", _BY_STATUS[status], patient.knowledge.algorithm.statements[_BY_STATUS[status]]))
    return tuple(found)


def excluding(patient: Assessment, therapy: str) -> Argument | None:
    """The first argument that excludes a therapy, where one does."""
    return next(iter((*_excludes(patient, therapy), *_always(patient, therapy).excludes)), None)


def _always(patient: Assessment, therapy: str) -> Always:
    prepared = patient.knowledge.prepared
    if prepared is None or therapy not in prepared.therapies:
        return _told_always(patient.knowledge, therapy)
    kept: Always | None = prepared.options.get((therapy, None))
    if kept is None:
        kept = prepared.options[therapy, None] = _told_always(patient.knowledge, therapy)
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


def _against(patient: Assessment, cautions: tuple[Checked, ...]) -> list[Argument]:
    return [
        _of_rule("against", "severe_caution" if fired.rule.severity == "severe" else "caution", fired, _used, patient)
        for fired in cautions
        if fired.value is True
    ]


def _excludes(patient: Assessment, therapy: str) -> list[Argument]:
    safety, history = patient.safety[therapy], patient.history
    contraindications, _, feasibility = safety.kinds
    found: list[Argument] = []
    if contraindications:
        found += [_of_rule("excludes", "contraindicated", f, _deciding, patient) for f in contraindications if f.value is True]
    if safety.stops or safety.pairs:
        found += [of_statement("excludes", "limit_reached", f.rule, f.finding.facts) for f in safety.stops]
        found += [_of_pair("excludes", "interaction", *pair, patient) for pair in safety.pairs if pair[0].effect == "excludes"]
    if therapy in history.by_therapy:
        passed = patient.knowledge.algorithm.passed
        found += [_of_course(patient, judged) for judged in history.of(therapy) if judged.verdict in passed]
    if history.closing or therapy in patient.case.declined:
        found += _closed(patient, therapy)
    if feasibility:
        found += [_of_rule("excludes", f.rule.code, f, _used, patient) for f in feasibility if f.value is True]
    return found


def _closed(patient: Assessment, therapy: str) -> Iterator[Argument]:
    """The harm that closed the class of a therapy, and a refusal of it."""
    statements, closer = patient.knowledge.algorithm.statements, class_closer(patient.history, therapy, patient.knowledge)
    if closer is not None and closer.course.therapy != therapy:
        facts = {f"verdict({closer.course.therapy})": closer.verdict}
        yield of_statement("excludes", "class_closed", statements["class_closed"], facts)
    if therapy in patient.case.declined:
        yield of_statement("excludes", "declined", statements["declined"], {f"declined({therapy})": True})


def _of_rule(
    kind: Kind, code: Code, fired: Checked, facts: Callable[[Checked, Assessment], dict[str, Any]], patient: Assessment
) -> Argument:
    """A rule as an argument, with these of its facts; kept with what was found of it."""
    told, key = fired.found.told, (code, fired.rule.id)
    argument: Argument | None = told.get(key)
    if argument is None:
        argument = told[key] = of_statement(kind, code, fired.rule, facts(fired, patient))
    return argument


def _of_pair(kind: Kind, code: Code, pair: Pair, other: str, patient: Assessment) -> Argument:
    """A pair as an argument, beside another drug; kept, since there are few of them."""
    prepared = patient.knowledge.prepared
    kept = prepared.pairs_told if prepared is not None and other in prepared.pairs else {}
    argument: Argument | None = kept.get((code, pair.id, other))
    if argument is None:
        argument = kept[code, pair.id, other] = of_statement(kind, code, pair, {f"current({other})": True})
    return argument


def _used(fired: Checked, _: Assessment) -> dict[str, Any]:
    return fired.finding.facts


def _missing(fired: Checked, _: Assessment) -> dict[str, Any]:
    return dict.fromkeys(sorted(fired.missing))


def _deciding(fired: Checked, patient: Assessment) -> dict[str, Any]:
    """The facts of what a rule found, without those of an alternative that does not hold."""
    tree = patient.knowledge.tree(fired.rule.when)
    if tree.kind != "or":
        return fired.finding.facts
    found = (evaluate(part, patient.scope) for part in tree.args)
    return {name: value for part in found if part.value is True for name, value in part.facts.items()}


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


def _needs(patient: Assessment, safety: Safety) -> list[Argument]:
    contraindications, cautions, _ = safety.kinds
    open_ = [fired for fired in contraindications if fired.value is None]
    open_ += [fired for fired in cautions if fired.value is None and fired.rule.unknown == "require"]
    found = [_of_rule("needs", "fact_needed", fired, _missing, patient) for fired in open_]
    if cautions:
        held = [fired for fired in cautions if fired.value is True and fired.rule.sign_off]
        found += [_of_rule("needs", "sign_off", f, _used, patient) for f in held if f.rule.id not in safety.confirmed]
    if safety.pairs:
        found += [_of_pair("needs", "sign_off", pair, other, patient) for pair, other in safety.to_confirm]
    return found


def _needs_of_courses(patient: Assessment, tried: tuple[Judged, ...]) -> Iterator[Argument]:
    for judged in tried:
        if judged.verdict == "inadequate_trial" and judged.rule is not None:
            told = {name: value for name, value in judged.facts.items() if value is not None}
            yield of_statement("needs", "proper_trial", judged.rule, told)
        if judged.verdict == "unknown":
            unjudged = patient.knowledge.algorithm.statements["unjudged"]
            yield of_statement("needs", "fact_blocks", unjudged, dict.fromkeys(sorted(judged.missing)))
