"""A sentence of the knowledge as an argument, and all that a rule of safety says of the therapies that it is about."""

from collections.abc import Iterable
from typing import Any

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.knowledge.algorithm import Feasibility
from dmcli.knowledge.evaluate import evaluate
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Caution
from dmcli.record import made_once
from dmcli.result.options import Argument, Code, Kind


class Said:
    """What a rule says of a therapy: what it counts against it, why it excludes it or cannot be had, what is missing to know
    it, what the prescriber agrees to. Two are equal only where they are the same one, as those of a rule are that say the
    same."""

    __slots__ = ("against", "excludes", "needs", "sign_off", "unfeasible")

    def __init__(self, **told: Argument) -> None:
        self.against, self.excludes, self.unfeasible = _one(told, "against"), _one(told, "excludes"), _one(told, "unfeasible")
        self.needs, self.sign_off = _one(told, "needs"), _one(told, "sign_off")


def _one(told: dict[str, Argument], name: str) -> tuple[Argument, ...]:
    return (told[name],) if name in told else ()


def said_by(rules: Iterable[Checked], patient: Assessment) -> list[Said]:
    """What each of some rules of safety says that holds, or has to be known before a start."""
    found = []
    for fired in rules:
        try:
            said: Said | None = fired.said
        except AttributeError:
            said = fired.said = _open(fired) if fired.value is None else _holding(fired, patient)
        if said is not None:
            found.append(said)
    return found


def _open(fired: Checked) -> Said | None:
    rule = fired.rule
    if isinstance(rule, Feasibility) or (isinstance(rule, Caution) and rule.unknown != "require"):
        return None
    missing = tuple(sorted(fired.missing))
    # What is missing is the same for many values of what is known.
    return made_once(rule, ("open", missing), lambda: Said(needs=_made("needs", "fact_needed", rule, dict.fromkeys(missing))))


def _holding(fired: Checked, patient: Assessment) -> Said:
    rule, facts = fired.rule, fired.finding.facts
    if isinstance(rule, Feasibility):
        return Said(unfeasible=_made("excludes", rule.code, rule, facts))
    if not isinstance(rule, Caution):
        return Said(excludes=_made("excludes", "contraindicated", rule, _deciding(fired, patient)))
    against = _made("against", "severe_caution" if rule.severity == "severe" else "caution", rule, facts)
    if not rule.sign_off:
        return Said(against=against)
    return Said(against=against, sign_off=_made("needs", "sign_off", rule, facts))


def _deciding(fired: Checked, patient: Assessment) -> dict[str, Any]:
    """The facts of what a rule found, without those of an alternative that does not hold."""
    tree = patient.knowledge.tree(fired.rule.when)
    if tree.kind != "or":
        return fired.finding.facts
    found = (evaluate(part, patient.scope) for part in tree.args)
    return {name: value for part in found if part.value is True for name, value in part.facts.items()}


def of_statement(kind: Kind, code: Code, statement: Statement, facts: dict[str, Any] | None = None) -> Argument:
    """A sentence of the knowledge as an argument; of the same facts the same one again."""
    key = (kind, code, *facts.items()) if facts else (kind, code)
    return made_once(statement, key, lambda: _made(kind, code, statement, facts or {}))


def _made(kind: Kind, code: Code, statement: Statement, facts: dict[str, Any]) -> Argument:
    return Argument(kind, code, statement.text, shown_facts(facts), statement.sources, statement.level, statement.id)


def shown_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as an argument reports them: known ones with their value, unknown ones as null."""
    return {k: (str(v) if hasattr(v, "_fields") else v) for k, v in facts.items()}
