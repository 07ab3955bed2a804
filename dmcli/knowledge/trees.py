"""Every condition of the knowledge as a checked tree, each with the names it may use where it stands."""

from typing import Any

from dmcli.errors import Problem
from dmcli.knowledge import scopes
from dmcli.knowledge.algorithm import Contradiction, CourseContradiction, Derived, Feasibility, Review, StatusRule, VerdictRule
from dmcli.knowledge.conditions import FUNCTIONS, ConditionError, Node, Type, Vocabulary, compile_condition
from dmcli.knowledge.files import Catalogue
from dmcli.knowledge.limits import Limit, StartLimit
from dmcli.knowledge.scores import Band, ChangeRule, ResponseRule
from dmcli.knowledge.statements import Expr
from dmcli.knowledge.therapies import Caution, Contraindication
from dmcli.record import fields_of, walk
from dmcli.yamlfile import Document, Path

_Conditions = dict[type, tuple[str, ...]]


def _conditions_of(kind: type, known: _Conditions) -> tuple[str, ...]:
    """The fields of a record that hold a condition or an expression, looked up once for each kind."""
    if kind not in known:
        known[kind] = tuple(field for field, declared in fields_of(kind).items() if declared in (Expr, Expr | None))
    return known[kind]


def compile_all(
    parsed: dict[str, Any], catalogue: Catalogue, documents: dict[str, Document]
) -> tuple[dict[str, Node], list[Problem]]:
    """Every condition of the knowledge as a checked tree, keyed by its text."""
    facts = parsed["facts.yaml"].facts
    targets = {*catalogue.therapies, *catalogue.classes, *catalogue.toxicities, *(t.line for t in catalogue.therapies.values())}
    substances = {*catalogue.substances, *catalogue.substance_groups, *targets}
    types = {name: Type(f.type, f.unit, f.codes) for name, f in facts.items()}
    for derived in parsed["algorithm.yaml"].derived:
        types.setdefault(derived.fact, Type(derived.type))
    codes = parsed["codes.yaml"].codes
    reasons = scopes.reasons(codes)
    patient = Vocabulary(types, frozenset(targets), frozenset(substances), frozenset(codes.harms))
    named, problems = _named(parsed["algorithm.yaml"].conditions, patient, documents["algorithm.yaml"])
    patient = patient._replace(named=named)
    special: dict[type, Vocabulary] = {
        item: patient._replace(facts={**types, **names})
        for item, names in (
            (CourseContradiction, {**scopes.COURSE, **reasons}),
            (VerdictRule, {**scopes.COURSE, **reasons}),
            (Review, {**scopes.REVIEW, **reasons}),
            (StatusRule, scopes.DECISION),
            (Band, scopes.BAND),
            (ChangeRule, scopes.CHANGE),
            (ResponseRule, scopes.RESPONSE),
        )
    }
    trees: dict[str, Node] = {}
    known: _Conditions = {}
    for name, root in parsed.items():
        for where, item in walk(root):
            words = special.get(type(item), patient)
            for field in _conditions_of(type(item), known):
                value = getattr(item, field)
                if value is None:
                    continue
                at = (*where, field)
                hint = types[item.fact] if isinstance(item, Derived) and field == "value" else None
                try:
                    tree = compile_condition(value, words._replace(early=_early(item)), hint)
                except ConditionError as error:
                    problems.append(_told(error, documents[name], at))
                    continue
                if trees.setdefault(value, tree) != tree:
                    problems.append(documents[name].problem(at, "condition", "this text means two things; rephrase it"))
    return trees, problems


def _named(conditions: dict[str, Expr], patient: Vocabulary, document: Document) -> tuple[dict[str, Node], list[Problem]]:
    """The conditions that have a name, each as its tree; one may name those above it."""
    named: dict[str, Node] = {}
    problems = []
    for name, text in conditions.items():
        at = ("conditions", name)
        if name in patient.facts or not name.isidentifier():
            wrong = "is a fact already" if name in patient.facts else "is no single word"
            problems.append(document.problem(at, "name", f"'{name}' {wrong}; give the condition another name"))
        try:
            named[name] = compile_condition(text, patient._replace(named=named))
        except ConditionError as error:
            problems.append(_told(error, document, at))
    return named, problems


def _told(error: ConditionError, document: Document, at: Path) -> Problem:
    """The fault of a condition at its very column, or at the key of a text that goes over several lines."""
    if (*at, "=") not in document.places:
        return document.problem(at, "condition", error.text)
    found = document.problem((*at, "="), "condition", error.text, shift=error.col)
    return found._replace(field=document.problem(at, "", "").field)


def _early(item: Any) -> frozenset[str]:
    """The functions that have no answer yet when a rule is evaluated: contradictions, verdicts and scores come before
    any history, derived facts before the verdicts, and the safety of a therapy before that of the next one."""
    known = {"nothing", "case", "history", "safety"}
    if isinstance(item, (Contradiction, CourseContradiction, VerdictRule, Band, ChangeRule, ResponseRule)):
        known = {"nothing"}
    elif isinstance(item, Derived):
        known = {"nothing", "case"}
    elif isinstance(item, Limit):
        known = {"nothing", "case", "course", "history"}
    elif isinstance(item, (Contraindication, Caution, Feasibility, StartLimit, Review)):
        known = {"nothing", "case", "history"}
    return frozenset(name for name, function in FUNCTIONS.items() if function.needs not in known)
