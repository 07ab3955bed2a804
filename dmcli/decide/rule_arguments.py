"""A sentence of the knowledge as an argument, and all that a rule of safety says of the therapies that it is about."""

from typing import Any, NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.knowledge.algorithm import Feasibility
from dmcli.knowledge.evaluate import evaluate
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Caution
from dmcli.record import made_once
from dmcli.result.options import Argument, Code, Kind


class Said(NamedTuple):
    """What a rule says of a therapy: what speaks against it, what is missing to know it, what the prescriber agrees to."""

    speaks: tuple[Argument, ...] = ()
    needs: tuple[Argument, ...] = ()
    sign_off: tuple[Argument, ...] = ()


_NOTHING = Said()


def said(fired: Checked, patient: Assessment) -> Said:
    """What a rule says that holds or is open; kept with what was found of it."""
    kept, ident = fired.found.argued, fired.rule.id
    found: Said | None = kept.get(ident)
    if found is None:
        found = kept[ident] = _open(fired) if fired.value is None else _holding(fired, patient)
    return found


def _open(fired: Checked) -> Said:
    if isinstance(fired.rule, Feasibility) or (isinstance(fired.rule, Caution) and fired.rule.unknown != "require"):
        return _NOTHING
    return Said(needs=(of_statement("needs", "fact_needed", fired.rule, dict.fromkeys(sorted(fired.missing))),))


def _holding(fired: Checked, patient: Assessment) -> Said:
    rule, facts = fired.rule, fired.finding.facts
    if isinstance(rule, Feasibility):
        return Said((of_statement("excludes", rule.code, rule, facts),))
    if not isinstance(rule, Caution):
        return Said((of_statement("excludes", "contraindicated", rule, _deciding(fired, patient)),))
    speaks = of_statement("against", "severe_caution" if rule.severity == "severe" else "caution", rule, facts)
    return Said((speaks,), sign_off=(of_statement("needs", "sign_off", rule, facts),) if rule.sign_off else ())


def _deciding(fired: Checked, patient: Assessment) -> dict[str, Any]:
    """The facts of what a rule found, without those of an alternative that does not hold."""
    tree = patient.knowledge.tree(fired.rule.when)
    if tree.kind != "or":
        return fired.finding.facts
    found = (evaluate(part, patient.scope) for part in tree.args)
    return {name: value for part in found if part.value is True for name, value in part.facts.items()}


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


def shown_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts as an argument reports them: known ones with their value, unknown ones as null."""
    return {k: (str(v) if hasattr(v, "_fields") else v) for k, v in facts.items()}
