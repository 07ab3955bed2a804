"""Evaluation of conditions: three-valued, with intervals, and with its own trace.

The same pass that gives the value tells which facts were used and which missing ones kept it unknown.
"""

from collections.abc import Callable, Collection, Mapping
from math import sqrt
from typing import Any, NamedTuple

from dmcli.knowledge.conditions import Node
from dmcli.values.dates import Span
from dmcli.values.truth import Codes, Truth, all_of, any_of, negate, same

Value = bool | float | str | Codes | Span | None
# A function of the language gets its literal arguments and answers with the value and what it lacks.
Answer = tuple[Value, frozenset[str]]


class Finding(NamedTuple):
    """The value of a condition, the facts it used, and the unknown ones that leave it open."""

    value: Any
    facts: dict[str, Value]
    missing: frozenset[str]


class ByName:
    """A function of the language that holds for some names (of two arguments for pairs of them), and for others comes to
    the same always. Conditions as functions look a name up without a call."""

    __slots__ = ("_lacking", "names", "otherwise")

    def __init__(self, names: Collection[Any], otherwise: Value = False, lacking: frozenset[str] = frozenset()) -> None:
        self.names, self.otherwise, self._lacking = names, otherwise, lacking

    def __call__(self, *args: str) -> Answer:
        found = (args[0] if len(args) == 1 else args) in self.names
        return True if found else self.otherwise, self._lacking


# The functions that answer by name wherever safety is asked.
BY_NAME = frozenset(("taking", "current", "tried", "reacted"))


class Scope(NamedTuple):
    """What names and functions mean. `behind` maps a derived fact to the stated facts it lacks; `known` keeps what
    conditions came to before, None where more facts are still to come."""

    facts: Mapping[str, Value]
    functions: Mapping[str, Callable[..., Answer]]
    behind: Mapping[str, frozenset[str]] = {}
    known: dict[str, Value] | None = None


def evaluate(node: Node, scope: Scope) -> Finding:
    """Evaluate one checked tree. Unknown in, unknown out, unless the answer does not depend on it."""
    facts: dict[str, Value] = {}
    missing: set[str] = set()
    value = _value(node, scope, facts, missing)
    return Finding(value, facts, frozenset(missing) if value is None else frozenset())


def value_of(node: Node, scope: Scope) -> Value:
    """The value alone, as `evaluate` finds it, without what it rests on, for what is not told."""
    kind = node.kind
    if kind == "fact":
        return scope.facts.get(node.value)
    if kind in ("and", "or"):
        return _settled(node, scope)
    if kind == "lit":
        literal: Value = node.value
        return literal
    if kind == "call":
        return _called(node, scope)
    values = [value_of(arg, scope) for arg in node.args]
    return OPERATORS[kind](values) if kind in OPERATORS else compare(kind, values[0], values[1])


def _settled(node: Node, scope: Scope) -> Truth:
    """The value of a junction; what follows the side that settles it is not looked at."""
    settling = node.kind == "or"
    result: Truth = not settling
    for arg in node.args:
        value = value_of(arg, scope)
        if value is settling:
            return settling
        if value is not True and value is not False:
            result = None
    return result


def _called(node: Node, scope: Scope) -> Value:
    if node.value in ("sqrt", "known"):
        return _call(node, scope, {}, set())
    return scope.functions[node.value](*[arg.value for arg in node.args])[0]


def _value(node: Node, scope: Scope, facts: dict[str, Value], missing: set[str]) -> Value:
    kind = node.kind
    if kind == "lit":
        literal: Value = node.value
        return literal
    if kind == "fact":
        return _fact(str(node.value), scope, facts, missing)
    if kind == "call":
        return _call(node, scope, facts, missing)
    if kind in ("and", "or"):
        return _junction(node, scope, facts, missing)
    values = [_value(arg, scope, facts, missing) for arg in node.args]
    return OPERATORS[kind](values) if kind in OPERATORS else compare(kind, values[0], values[1])


def _fact(name: str, scope: Scope, facts: dict[str, Value], missing: set[str]) -> Value:
    value = scope.facts.get(name)
    facts[name] = value
    if value is None:
        missing |= scope.behind.get(name, frozenset((name,)))
    return value


def _call(node: Node, scope: Scope, facts: dict[str, Value], missing: set[str]) -> Value:
    name = str(node.value)
    if name == "sqrt":
        number = _value(node.args[0], scope, facts, missing)
        return sqrt(number) if isinstance(number, (int, float)) and number >= 0 else None
    args = [str(arg.value) for arg in node.args]
    if name == "known":
        return scope.facts.get(args[0]) is not None
    value, lacking = scope.functions[name](*args)
    facts[f"{name}({', '.join(args)})"] = value
    if value is None:
        missing |= lacking
    return value


def _junction(node: Node, scope: Scope, facts: dict[str, Value], missing: set[str]) -> Truth:
    # Each side keeps its own missing facts: one that is settled contributes none.
    truths: list[Truth] = []
    for arg in node.args:
        lacking: set[str] = set()
        truth = _truth(_value(arg, scope, facts, lacking))
        truths.append(truth)
        if truth is None:
            missing |= lacking
    return all_of(truths) if node.kind == "and" else any_of(truths)


def _truth(value: Value) -> Truth:
    return value if value is True or value is False else None


def arithmetic(kind: str, left: Value, right: Value) -> Value:
    """What an operator makes of two numbers; unknown where one is none, and behind a division by zero."""
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return None
    if kind == "div":
        return left / right if right else None
    return left + right if kind == "add" else left - right if kind == "sub" else left * right


OPERATORS: dict[str, Callable[[list[Value]], Value]] = {
    "not": lambda values: negate(_truth(values[0])),
    "in": lambda values: any_of(same(values[0], member) for member in values[1:]),
    "neg": lambda values: arithmetic("sub", 0.0, values[0]),
    "add": lambda values: arithmetic("add", values[0], values[1]),
    "sub": lambda values: arithmetic("sub", values[0], values[1]),
    "mul": lambda values: arithmetic("mul", values[0], values[1]),
    "div": lambda values: arithmetic("div", values[0], values[1]),
}


def compare(kind: str, left: Value, right: Value) -> Truth:
    """A comparison; between bounds it is unknown unless every value within them agrees."""
    if left is None or right is None:
        return None
    if isinstance(left, (bool, str, Codes)) or isinstance(right, (bool, str, Codes)):
        return same(left, right) if kind == "eq" else negate(same(left, right))
    low, high = left if isinstance(left, Span) else (left, left)
    floor, ceiling = right if isinstance(right, Span) else (right, right)
    if kind in ("gt", "ge"):
        low, high, floor, ceiling = floor, ceiling, low, high
        kind = "lt" if kind == "gt" else "le"
    if kind == "lt":
        return True if high < floor else False if low >= ceiling else None
    if kind == "le":
        return True if high <= floor else False if low > ceiling else None
    equal = True if low == high == floor == ceiling else False if high < floor or low > ceiling else None
    return equal if kind == "eq" else negate(equal)
