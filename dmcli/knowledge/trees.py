"""Every condition of the knowledge as a checked tree, each with the names it may use where it stands."""

from typing import Any

from dmcli.errors import Problem
from dmcli.knowledge import scopes
from dmcli.knowledge.algorithm import Contradiction, Derived, Feasibility, Review, StatusRule, VerdictRule
from dmcli.knowledge.conditions import FUNCTIONS, ConditionError, Node, Type, Vocabulary, compile_condition
from dmcli.knowledge.model import Catalogue
from dmcli.knowledge.scores import Band, ChangeRule, ResponseRule
from dmcli.knowledge.statements import Expr
from dmcli.knowledge.therapies import Caution, Contraindication, Limit
from dmcli.record import fields_of, walk
from dmcli.yamlfile import Document


def compile_all(
    parsed: dict[str, Any], catalogue: Catalogue, documents: dict[str, Document]
) -> tuple[dict[str, Node], list[Problem]]:
    """Every condition of the knowledge as a checked tree, keyed by its text."""
    regimens, facts = catalogue, parsed["facts.yaml"].facts
    targets = {*regimens.therapies, *regimens.classes, *(t.line for t in regimens.therapies.values())}
    substances = {*regimens.substances, *regimens.substance_groups, *targets}
    types = {name: Type(f.type, f.unit, f.codes) for name, f in facts.items()}
    for derived in parsed["algorithm.yaml"].derived:
        types.setdefault(derived.fact, Type(derived.type))
    patient = Vocabulary(types, frozenset(targets), frozenset(substances))
    special: dict[type, Vocabulary] = {
        item: patient._replace(facts={**types, **names})
        for item, names in (
            (VerdictRule, scopes.COURSE),
            (Review, scopes.REVIEW),
            (StatusRule, scopes.DECISION),
            (Band, scopes.BAND),
            (ChangeRule, scopes.CHANGE),
            (ResponseRule, scopes.RESPONSE),
        )
    }
    trees: dict[str, Node] = {}
    problems: list[Problem] = []
    for name, root in parsed.items():
        for where, item in walk(root):
            words = special.get(type(item), patient)
            for field, declared in fields_of(item).items():
                value = getattr(item, field)
                if value is None or declared not in (Expr, Expr | None):
                    continue
                at = (*where, field)
                hint = types[item.fact] if isinstance(item, Derived) and field == "value" else None
                try:
                    tree = compile_condition(value, words._replace(early=_early(item)), hint)
                except ConditionError as error:
                    here = documents[name].places.get((*at, "="))
                    found = documents[name].problem((*at, "=") if here else at, "condition", error.text, shift=error.col)
                    problems.append(found._replace(field=documents[name].problem(at, "", "").field))
                    continue
                if trees.setdefault(value, tree) != tree:
                    problems.append(documents[name].problem(at, "condition", "this text means two things; rephrase it"))
    return trees, problems


def _early(item: Any) -> frozenset[str]:
    """The functions that have no answer yet when a rule is evaluated: contradictions, verdicts and scores come before
    any history, derived facts before the verdicts, and the safety of a therapy before that of the next one."""
    known = {"nothing", "case", "history", "safety"}
    if isinstance(item, (Contradiction, VerdictRule, Band, ChangeRule, ResponseRule)):
        known = {"nothing"}
    elif isinstance(item, Derived):
        known = {"nothing", "case"}
    elif isinstance(item, (Contraindication, Caution, Feasibility, Limit, Review)):
        known = {"nothing", "case", "history"}
    return frozenset(name for name, function in FUNCTIONS.items() if function.needs not in known)
