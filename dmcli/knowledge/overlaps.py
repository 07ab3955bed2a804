"""Variants of one therapy that hold together: which of them counts has to be declared, not left to their order."""

from collections.abc import Callable
from itertools import combinations, product
from random import Random

from dmcli.knowledge.conditions import FUNCTIONS, Node
from dmcli.knowledge.evaluate import Answer, Scope, Value, value_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Dosing, Regimen

# Every combination of values up to this number is tried, beyond it a fixed sample of as many.
_TRIED = 4096
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")


def undeclared_overlaps(therapy: Dosing, knowledge: Knowledge) -> list[tuple[Regimen, Regimen]]:
    """Every two variants of a therapy that can hold at once though the first does not name the second in `before`."""
    variants = [r for r in therapy.regimens if r.use == "variant" and r.when is not None]
    pairs = [two for two in combinations(variants, 2) if two[1].id not in two[0].before]
    return [(first, second) for first, second in pairs if _together(first, second, knowledge)]


def _together(first: Regimen, second: Regimen, knowledge: Knowledge) -> bool:
    """Whether some values of what both conditions name make both true."""
    trees = [knowledge.tree(r.when) for r in (first, second) if r.when is not None]
    choices: dict[str, list[Value]] = {}
    for tree in trees:
        _collect(tree, knowledge, choices)
    names = list(choices)
    for values in _assignments([choices[name] for name in names]):
        told = dict(zip(names, values, strict=True))
        scope = Scope(told, _Answers(told))
        if all(value_of(tree, scope) is True for tree in trees):
            return True
    return False


class _Answers(dict[str, Callable[..., Answer]]):
    """The functions of the language, each answering with the value chosen for that very call."""

    def __init__(self, told: dict[str, Value]) -> None:
        super().__init__()
        self.told = told

    def __missing__(self, name: str) -> Callable[..., Answer]:
        return lambda *args: (self.told[_call(name, args)], frozenset())


def _call(name: str, args: tuple[str, ...]) -> str:
    return f"{name}({', '.join(args)})"


def _assignments(choices: list[list[Value]]) -> list[tuple[Value, ...]]:
    size = 1
    for values in choices:
        size *= len(values)
    if size <= _TRIED:
        return list(product(*choices))
    chance = Random(0)
    return [tuple(chance.choice(values) for values in choices) for _ in range(_TRIED)]


def _collect(node: Node, knowledge: Knowledge, choices: dict[str, list[Value]]) -> None:
    """The facts and calls of a condition, each with the values that can make a difference."""
    if node.kind in _COMPARISONS:
        for side, other in (node.args, node.args[::-1]):
            if side.kind in ("fact", "call") and other.kind == "lit":
                _add(choices, _name(side), _around(other.value))
    if node.kind == "fact":
        _add(choices, _name(node), _values_of(str(node.value), knowledge))
    elif node.kind == "call" and node.value not in ("known", "sqrt"):
        _add(choices, _name(node), [True, False] if FUNCTIONS[str(node.value)].gives.name == "boolean" else [])
    for arg in node.args:
        if arg.kind != "lit":
            _collect(arg, knowledge, choices)


def _values_of(name: str, knowledge: Knowledge) -> list[Value]:
    """The values of a fact that is no number; those of a number come from what it is compared with."""
    fact = knowledge.facts.get(name)
    if fact is not None:
        return list(fact.codes) if fact.codes else [True, False] if fact.type == "boolean" else []
    derived = next(d for d in knowledge.algorithm.derived if d.fact == name)
    return [True, False] if derived.type == "boolean" else []


def _name(node: Node) -> str:
    return str(node.value) if node.kind == "fact" else _call(str(node.value), tuple(str(arg.value) for arg in node.args))


def _around(value: Value) -> list[Value]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value - 1, value, value + 1]
    return [value]


def _add(choices: dict[str, list[Value]], name: str, values: list[Value]) -> None:
    known = choices.setdefault(name, [])
    known += [value for value in values if value not in known]
