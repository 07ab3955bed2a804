"""The condition language: one expression a clinician can read, as one small checked tree.

Names are facts, therapies, classes and lines; operators are and, or, not, comparisons, `in` and
arithmetic; functions are the closed table below. What a name means is data; nothing here is medicine.
"""

import ast
import operator
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Literal, NamedTuple

from dmcli.errors import nearest
from dmcli.knowledge.codes import OUTCOMES, VERDICTS
from dmcli.values.units import convert


class Node(NamedTuple):
    """One node. kind: lit fact call and or not lt le gt ge eq ne in add sub mul div neg."""

    kind: str
    value: Any
    args: "tuple[Node, ...]"


class Type(NamedTuple):
    """boolean, number (with its UCUM unit, or None) or code (with the allowed codes)."""

    name: str
    unit: str | None = None
    codes: tuple[str, ...] = ()


BOOLEAN = Type("boolean")
NUMBER = Type("number")
WEEKS = Type("number", "wk")


class Function(NamedTuple):
    """What a function takes (target = therapy, class or line; fact; substance; code) and gives.

    `needs` is what must be known before it can answer: nothing, the case as stated, the course whose limit asks, the
    judged history, or the safety of every therapy.
    """

    takes: tuple[str, ...]
    gives: Type
    needs: Literal["nothing", "case", "course", "history", "safety"] = "history"


FUNCTIONS: dict[str, Function] = {
    "tried": Function(("target",), BOOLEAN),
    "tried_for_skin": Function(("target",), BOOLEAN),
    "failed_for_skin": Function(("target",), BOOLEAN),
    "exhausted": Function(("target",), BOOLEAN),
    "failed": Function(("target",), BOOLEAN),
    "passed": Function(("target",), BOOLEAN, "safety"),
    "current": Function(("target",), BOOLEAN),
    "declined": Function(("target",), BOOLEAN),
    "excluded": Function(("target",), BOOLEAN, "safety"),
    "under_way": Function(("target",), BOOLEAN),
    "reacted": Function(("target", "code"), BOOLEAN),
    "verdict": Function(("target",), Type("code", None, VERDICTS)),
    "had": Function(("target", "verdict"), BOOLEAN),
    "outcome": Function(("target",), Type("code", None, OUTCOMES)),
    "weeks_on": Function(("target",), WEEKS),
    "weekly_dose": Function(("target",), Type("number", "mg/wk")),
    "doses_a_week": Function(("target",), Type("number", "/wk")),
    "taking": Function(("substance",), BOOLEAN, "case"),
    "on_board": Function(("target",), BOOLEAN, "case"),
    "known": Function(("fact",), BOOLEAN, "nothing"),
    "comes_back": Function(("target",), BOOLEAN, "safety"),
    "days_since": Function(("fact",), Type("number", "d"), "case"),
    "on_treatment": Function(("fact",), BOOLEAN, "course"),
    "sqrt": Function(("number",), NUMBER, "nothing"),
}
_COMPARE = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}
_ARITHMETIC = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
_FOLDED: dict[str, Callable[..., float]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "neg": operator.neg,
}  # fmt: skip
_UNKNOWN_FORM = "only names, and/or/not, comparisons, 'in (a, b)', arithmetic and calls"
_QUANTITY = r"\s*(-?[0-9]+(?:\.[0-9]+)?)\s*([^\s0-9.].*?)\s*"


class ConditionError(Exception):
    """What is wrong with an expression, and at which column of it (from 0)."""

    def __init__(self, col: int, text: str) -> None:
        super().__init__(text)
        self.col, self.text = col, text


class Vocabulary(NamedTuple):
    """What the names of an expression may be; `early` are the functions that have no answer yet where it is evaluated.

    `named` are conditions that have a name of their own, which stands for the whole of them.
    """

    facts: dict[str, Type]
    targets: frozenset[str]
    substances: frozenset[str]
    harms: frozenset[str]
    functions: dict[str, Function] = FUNCTIONS
    early: frozenset[str] = frozenset()
    named: dict[str, Node] = {}


def compile_condition(text: str, vocabulary: Vocabulary, expect: Type | None = None) -> Node:
    """Parse and type-check one expression, a boolean one unless another type is expected.

    Raises ConditionError with the column of the first fault.
    """
    wanted = expect or BOOLEAN
    indent = len(text) - len(text.lstrip())
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        col = max((getattr(error, "offset", 1) or 1) - 1, 0)
        raise ConditionError(col + indent, "not a condition: " + (getattr(error, "msg", "") or "it cannot be read")) from None
    try:
        node, kind = _Checker(vocabulary).visit(body, wanted)
    except RecursionError:
        raise ConditionError(0, "nested too deep to be read") from None
    except ConditionError as error:
        raise ConditionError(error.col + indent, error.text) from None
    if kind.name != wanted.name:
        raise ConditionError(0, f"this gives a {kind.name} where a {wanted.name} is needed")
    return node


class _Checker:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self.words = vocabulary

    def visit(self, node: ast.expr, hint: Type | None = None) -> tuple[Node, Type]:
        """The checked node and its type; `hint` is the type the other side of a comparison has."""
        match node:
            case ast.Constant():
                return self._literal(node, hint)
            case ast.Name(id=name):
                return self._name(node, name, hint)
            case ast.BoolOp(op=op, values=values):
                kind = "and" if isinstance(op, ast.And) else "or"
                parts = [(value, self._expect(value, "boolean")) for value in values]
                # A name within a chain of its own kind makes the chain longer, as if it were written out.
                args = [part.args if isinstance(value, ast.Name) and part.kind == kind else (part,) for value, part in parts]
                return Node(kind, None, tuple(arg for part in args for arg in part)), BOOLEAN
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Node("not", None, (self._expect(operand, "boolean"),)), BOOLEAN
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Node("neg", None, (self._expect(operand, "number"),)), NUMBER
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                return self._arithmetic(op, left, right)
            case ast.Compare(ops=[ast.In() | ast.NotIn() as op], left=left, comparators=[ast.Tuple(elts=elts)]):
                return self._membership(left, elts, negated=isinstance(op, ast.NotIn))
            case ast.Compare(ops=[op], left=left, comparators=[right]) if type(op) in _COMPARE:
                return self._comparison(node, _COMPARE[type(op)], left, right)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(node, name, args)
        raise ConditionError(node.col_offset, _UNKNOWN_FORM)

    def _arithmetic(self, op: ast.operator, left: ast.expr, right: ast.expr) -> tuple[Node, Type]:
        sides = (self._expect(left, "number"), self._expect(right, "number"))
        if isinstance(op, ast.Div) and _constant(sides[1]) == 0:
            raise ConditionError(right.col_offset, "a division by zero has no answer; name what it is divided by")
        return Node(_ARITHMETIC[type(op)], None, sides), NUMBER

    def _literal(self, node: ast.Constant, hint: Type | None) -> tuple[Node, Type]:
        match node.value:
            case bool() as truth:
                return Node("lit", truth, ()), BOOLEAN
            case int() | float() as number if isfinite(number):
                return Node("lit", number, ()), hint if hint and hint.name == "number" else NUMBER
            case str() as text:
                return self._quantity(node, text, hint)
        raise ConditionError(node.col_offset, _UNKNOWN_FORM)

    def _expect(self, node: ast.expr, kind: str) -> Node:
        out, found = self.visit(node)
        if found.name != kind:
            raise ConditionError(node.col_offset, f"a {kind} is needed here, this is a {found.name}")
        return out

    def _quantity(self, node: ast.expr, text: str, hint: Type | None) -> tuple[Node, Type]:
        match = re.fullmatch(_QUANTITY, text)
        if not match or not hint or not hint.unit:
            raise ConditionError(node.col_offset, f"'{text}' is no quantity that can be compared here")
        value = convert(float(match[1]), match[2], hint.unit)
        if value is None:
            raise ConditionError(node.col_offset, f"the unit '{match[2]}' does not fit '{hint.unit}'")
        return Node("lit", value, ()), hint

    def _name(self, node: ast.expr, name: str, hint: Type | None) -> tuple[Node, Type]:
        if name in ("true", "false"):
            return Node("lit", name == "true", ()), BOOLEAN
        # Beside a fact with codes a code is meant, even where a fact has the same name.
        if hint and hint.name == "code" and (name in hint.codes or name not in self.words.facts):
            if name not in hint.codes:
                raise ConditionError(node.col_offset, f"unknown code '{name}'{nearest(name, hint.codes)}")
            return Node("lit", name, ()), hint
        if name in self.words.named:
            if early := sorted(calls_of(self.words.named[name]) & self.words.early):
                text = f"'{name}' asks for '{early[0]}', which has no answer yet where this is decided; use another condition"
                raise ConditionError(node.col_offset, text)
            return self.words.named[name], BOOLEAN
        if name not in self.words.facts:
            meant = nearest(name, [*self.words.facts, *self.words.named])
            raise ConditionError(node.col_offset, f"unknown fact '{name}'{meant}")
        return Node("fact", name, ()), self.words.facts[name]

    def _membership(self, left: ast.expr, elts: list[ast.expr], negated: bool) -> tuple[Node, Type]:
        value, kind = self.visit(left)
        if kind.name != "code":
            raise ConditionError(left.col_offset, f"'in' needs a fact with codes, this is a {kind.name}")
        members = tuple(self.visit(e, kind)[0] for e in elts)
        found = Node("in", None, (value, *members))
        return (Node("not", None, (found,)) if negated else found), BOOLEAN

    def _comparison(self, node: ast.expr, op: str, left: ast.expr, right: ast.expr) -> tuple[Node, Type]:
        a, kind = self.visit(left)
        b, other = self.visit(right, kind)
        if kind.name != other.name:
            raise ConditionError(node.col_offset, f"a {kind.name} cannot be compared with a {other.name}")
        if kind.name != "number" and op not in ("eq", "ne"):
            raise ConditionError(node.col_offset, f"a {kind.name} has no order; use == or !=")
        if kind.name == "number" and kind.unit != other.unit and None not in (kind.unit, other.unit):
            raise ConditionError(node.col_offset, f"'{kind.unit}' is compared with '{other.unit}'")
        return Node(op, None, (a, b)), BOOLEAN

    def _call(self, node: ast.expr, name: str, args: list[ast.expr]) -> tuple[Node, Type]:
        function = self.words.functions.get(name)
        if function is None:
            raise ConditionError(node.col_offset, f"unknown function '{name}'{nearest(name, list(self.words.functions))}")
        if len(args) != len(function.takes):
            raise ConditionError(node.col_offset, f"'{name}' takes {len(function.takes)} argument(s)")
        taken = tuple(self._argument(a, t) for a, t in zip(args, function.takes, strict=True))
        if name in self.words.early:
            raise ConditionError(node.col_offset, f"'{name}' has no answer yet where this is decided; use another condition")
        return Node("call", name, taken), function.gives

    def _argument(self, node: ast.expr, kind: str) -> Node:
        if kind == "number":
            return self._expect(node, "number")
        if not isinstance(node, ast.Name):
            raise ConditionError(node.col_offset, f"a {kind} is needed here")
        known = {
            "target": self.words.targets,
            "substance": self.words.substances,
            "fact": frozenset(self.words.facts),
            "code": self.words.harms,
            "verdict": frozenset(VERDICTS),
        }[kind]
        if node.id not in known:
            raise ConditionError(node.col_offset, f"unknown {kind} '{node.id}'{nearest(node.id, sorted(known))}")
        return Node("lit", node.id, ())


def _constant(node: Node) -> float | None:
    """What an expression of numbers alone comes to; None where a fact or a function has a say."""
    if node.kind == "lit" and isinstance(node.value, (int, float)):
        return node.value
    values = [_constant(arg) for arg in node.args]
    known = [value for value in values if value is not None]
    if node.kind not in _FOLDED or len(known) < len(values):
        return None
    try:
        return _FOLDED[node.kind](*known)
    except (ZeroDivisionError, OverflowError):
        return None


def calls_of(node: Node) -> set[str]:
    """Every function an expression asks."""
    own = {str(node.value)} if node.kind == "call" else set()
    return own.union(*(calls_of(arg) for arg in node.args))


def codes_of(node: Node) -> set[str]:
    """Every code or other drug an expression asks a function about."""
    own: set[str] = set()
    if node.kind == "call":
        taken = zip(FUNCTIONS[str(node.value)].takes, node.args, strict=True)
        own = {str(arg.value) for kind, arg in taken if kind in ("code", "substance")}
    return own.union(*(codes_of(arg) for arg in node.args))


def facts_of(node: Node) -> set[str]:
    """Every fact an expression names."""
    if node.kind == "fact":
        return {str(node.value)}
    if node.kind == "call" and node.value != "known":
        taken = zip(FUNCTIONS[str(node.value)].takes, node.args, strict=True)
        return {str(arg.value) for kind, arg in taken if kind == "fact"}.union(*(facts_of(a) for a in node.args))
    return set().union(*(facts_of(a) for a in node.args)) if node.args else set()
