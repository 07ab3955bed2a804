"""The truth tables of the condition language, written out, and the plainest evaluator there can be.

It tries every integer of an interval. What it takes from the program is the tree of a condition, not its meaning.
"""

import math
from collections.abc import Callable
from typing import Any

from dmcli.knowledge.conditions import Node
from dmcli.values.dates import Span

T, F, U = True, False, None
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
NOT = {T: F, F: T, U: U}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
}  # fmt: skip
SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b if b else None,
}  # fmt: skip


def naive(node: Node, facts: Any, function: Callable[..., Any]) -> Any:
    """The value of a condition, by definition."""
    kind, value, args = node
    if kind == "lit":
        return value
    if kind == "fact":
        return facts.get(value)
    if kind == "call" and value == "known":
        return facts.get(args[0].value) is not None
    if kind == "call" and value != "sqrt":
        return function(value, *(a.value for a in args))
    parts = [naive(a, facts, function) for a in args]
    if kind in ("and", "or"):
        result = kind == "and"
        for part in parts:
            result = (AND if kind == "and" else OR)[result, part]
        return result
    if kind == "not":
        return NOT[parts[0]]
    if kind == "in":
        return None if parts[0] is None else parts[0] in parts[1:]
    if any(part is None for part in parts):
        return None
    if kind in ORDER:
        answers = {ORDER[kind](a, b) for a in points(parts[0]) for b in points(parts[1])}
        return answers.pop() if len(answers) == 1 else None
    if any(isinstance(part, Span) for part in parts):
        return None  # the language computes with numbers, not with intervals
    if kind in SUMS:
        return SUMS[kind](*parts)
    return -parts[0] if kind == "neg" else math.sqrt(parts[0]) if parts[0] >= 0 else None


def points(value: Any) -> list[Any]:
    return list(range(int(value.low), int(value.high) + 1)) if isinstance(value, Span) else [value]
