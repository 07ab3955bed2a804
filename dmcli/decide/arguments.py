"""The arguments of one option: for, against, excludes and needs, each with its code, facts and sources."""

from typing import Any

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.history import Judged, class_closer
from dmcli.decide.order import targets
from dmcli.knowledge.algorithm import Move
from dmcli.knowledge.evaluate import evaluate
from dmcli.knowledge.statements import Statement
from dmcli.record import made_once
from dmcli.result.options import Argument, Code, Kind


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


def arguments(patient: Assessment, therapy: str, status: str, moves: list[Move]) -> tuple[Argument, ...]:
    """Every argument of one therapy: for, against, excludes, needs. `moves` are those that hold for the patient."""
    return (
        *_for(patient, therapy, moves),
        *_against(patient, therapy),
        *_excludes(patient, therapy),
        *_needs(patient, therapy, status),
    )


def excluding(patient: Assessment, therapy: str) -> Argument | None:
    """The first argument that excludes a therapy, where one does."""
    return next(iter(_excludes(patient, therapy)), None)


def _for(patient: Assessment, therapy: str, moves: list[Move]) -> list[Argument]:
    entry = patient.knowledge.therapies[therapy]
    found = []
    line = next((line for line in patient.knowledge.algorithm.lines if therapy in line.members), None)
    if line is not None:
        found.append(of_statement("for", "line", line))
    if entry.line == "supportive":
        found.append(of_statement("for", "adjunct", entry.summary))
    if entry.grade is not None:
        found.append(of_statement("for", "grade", entry.grade))
    if patient.history.worked(therapy):
        found.append(of_statement("for", "worked_before", patient.knowledge.algorithm.statements["restart"]))
    found += [of_statement("for", "brought_forward", m) for m in moves if m.to == "front" and targets(patient, m, therapy)]
    found += [of_statement("for", "evidence_for", e) for e in entry.evidence if e.favours == "for"]
    return found


def _against(patient: Assessment, therapy: str) -> list[Argument]:
    found = []
    for fired in patient.safety[therapy].cautions:
        if fired.value is True:
            code: Code = "severe_caution" if fired.rule.severity == "severe" else "caution"
            found.append(of_statement("against", code, fired.rule, fired.finding.facts))
    entry = patient.knowledge.therapies[therapy]
    found += [of_statement("against", "evidence_against", e) for e in entry.evidence if e.favours == "against"]
    return found


def _excludes(patient: Assessment, therapy: str) -> list[Argument]:
    safety, statements = patient.safety[therapy], patient.knowledge.algorithm.statements
    found = [
        of_statement("excludes", "contraindicated", f.rule, _deciding(patient, f))
        for f in safety.contraindications
        if f.value is True
    ]
    found += [of_statement("excludes", "limit_reached", f.rule, f.finding.facts) for f in safety.stops]
    for pair, other in safety.pairs:
        if pair.effect == "excludes":
            found.append(of_statement("excludes", "interaction", pair, {f"current({other})": True}))
    found += [
        _of_course(patient, judged)
        for judged in patient.history.of(therapy)
        if judged.verdict in patient.knowledge.algorithm.passed
    ]
    closer = class_closer(patient.history, therapy, patient.knowledge)
    if closer is not None and closer.course.therapy != therapy:
        found.append(
            of_statement(
                "excludes", "class_closed", statements["class_closed"], {f"verdict({closer.course.therapy})": closer.verdict}
            )
        )
    if therapy in patient.case.declined:
        found.append(of_statement("excludes", "declined", statements["declined"], {f"declined({therapy})": True}))
    found += [of_statement("excludes", f.rule.code, f.rule, f.finding.facts) for f in safety.infeasible]
    line = patient.knowledge.therapies[therapy].line
    if line in ("avoid", "not_recommended", "specialist"):
        code: Code = "specialist_only" if line == "specialist" else "avoid" if line == "avoid" else "not_recommended"
        found.append(of_statement("excludes", code, patient.knowledge.therapies[therapy].summary))
    return found


def _deciding(patient: Assessment, fired: Checked) -> dict[str, Any]:
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


def _needs(patient: Assessment, therapy: str, status: str) -> list[Argument]:
    safety, statements = patient.safety[therapy], patient.knowledge.algorithm.statements
    found = []
    for fired in (*safety.contraindications, *(c for c in safety.cautions if c.rule.unknown == "require")):
        if fired.value is None:
            found.append(of_statement("needs", "fact_needed", fired.rule, _missing(fired)))
    found += [of_statement("needs", "sign_off", f.rule, f.finding.facts) for f in safety.weighing if f.rule.sign_off]
    found += [of_statement("needs", "sign_off", pair, {f"current({other})": True}) for pair, other in safety.to_confirm]
    for judged in patient.history.of(therapy):
        if judged.verdict == "inadequate_trial" and judged.rule is not None:
            found.append(
                of_statement("needs", "proper_trial", judged.rule, {k: v for k, v in judged.facts.items() if v is not None})
            )
        if judged.verdict == "unknown":
            found.append(of_statement("needs", "fact_blocks", statements["unjudged"], dict.fromkeys(sorted(judged.missing))))
    by_status: dict[str, Code] = {
        "gate_closed": "gate_closed",
        "line_not_reached": "line_not_reached",
        "not_now": "not_now",
        "running": "running",
        "alternative": "another_first",
    }
    if status in by_status:
        found.append(of_statement("needs", by_status[status], statements[by_status[status]]))
    return found


def _missing(fired: Checked) -> dict[str, Any]:
    return dict.fromkeys(sorted(fired.missing))
