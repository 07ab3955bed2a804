"""Conditions as functions, for runs that ask them many thousand times: the value alone, without what it rests on.

The interpreter in `evaluate` stays the reference: it tells what a value rests on, and every function here answers as
it does. Making the functions takes longer than one plan, so that a single plan goes without them.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import groupby
from math import sqrt
from typing import Any

from dmcli.knowledge.algorithm import Derived
from dmcli.knowledge.by_name import asked_name, holding, named
from dmcli.knowledge.conditions import Node, calls_of
from dmcli.knowledge.evaluate import OPERATORS, Answer, Value, arithmetic, compare
from dmcli.values.truth import any_of, same

_Functions = Mapping[str, Callable[..., Answer]]
# Asked with what looks a fact up, and with the functions of the language.
Asked = Callable[[Callable[[str], Value], _Functions], Value]
NotFalse = Callable[[Callable[[str], Value], _Functions], list[tuple[str, Value]]]
InTurn = Callable[[Callable[[str], Value], _Functions], list[Value]]
# Given the values of facts, which it adds to, the functions, where it notes the rule of each fact that follows, what is
# missing behind facts, and whom it tells of rules that stay open: the number of each, whether it applies, and its value.
LeftOpen = Callable[[list[tuple[int, Value, Value]]], None]
Follows = Callable[[dict[str, Value], _Functions, dict[str, str], dict[str, frozenset[str]], LeftOpen | None], None]
Together = Callable[[Callable[[str], Value], _Functions], dict[str, Value]]

_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_STEPS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
# What a value is that is compared with a literal of each class; several codes and bounds are of other classes.
_PLAIN: dict[type, str] = {str: "str", float: "float", int: "float", bool: "bool"}
_TRUTHS = ("and", "or", "not", "in", *_SIGNS)


def compiled(trees: Mapping[str, Node]) -> dict[str, Asked]:
    """For each condition the function that gives its value."""
    lines = []
    for number, tree in enumerate(trees.values()):
        lines += [f"def asked{number}(fact, functions):", f"    return {_Writer().code(tree)}"]
    names = _made(lines)
    return {text: names[f"asked{number}"] for number, text in enumerate(trees)}


def together(trees: Mapping[str, Node]) -> Together:
    """One function for many conditions that are asked of the same facts: it gives the value of each by its text, and looks
    up once what several of them ask."""
    shared = _shared(trees.values())
    lines = ["def asked(fact, functions):", *_looked_up(shared)]
    lines += ["    return {", *(f"        {text!r}: {_Writer(shared).code(tree)}," for text, tree in trees.items()), "    }"]
    found: Together = _made(lines)["asked"]
    return found


def not_false(trees: Mapping[str, Node], by_name: Container[str] = ()) -> NotFalse:
    """One function for many conditions nearly all of which are false: it gives the others by their texts, with their
    values, and looks up once what several of them ask. `by_name` are the functions that are given as `ByName`."""
    tables = named(trees, by_name)
    others = {text: tree for text, tree in trees.items() if not any(text in table.texts for table in tables.values())}
    names = sorted({name for tree in others.values() for name in calls_of(tree) if name in by_name})
    shared = _shared(others.values(), by_name)
    lines = ["def asked(fact, functions):", "    found = []"]
    lines += [f"    found += holding(tables[{name!r}], functions[{name!r}])" for name in tables]
    lines += [f"    names_{name}, else_{name} = functions[{name!r}].names, functions[{name!r}].otherwise" for name in names]
    lines += _looked_up(shared)
    for text, tree in others.items():
        lines.append(f"    if (value := {_Writer(shared, by_name).code(tree)}) is not False: found.append(({text!r}, value))")
    found: NotFalse = _made([*lines, "    return found"], tables=tables, holding=holding)["asked"]
    return found


def _shared(trees: Iterable[Node], by_name: Container[str] = ()) -> dict[Node, str]:
    """A name for each part that several conditions ask, and that takes longer to look up than a name."""
    counted = Counter(atom for tree in trees for atom in _atoms(tree) if atom.value not in by_name)
    return {atom: f"shared{number}" for number, (atom, times) in enumerate(counted.items()) if times > 1}


def _looked_up(shared: Mapping[Node, str]) -> list[str]:
    return [f"    {name} = {_Writer().code(atom)}" for atom, name in shared.items()]


def in_turn(trees: Iterable[Node]) -> InTurn:
    """One function for conditions of which the first that holds counts: it gives the value of each, up to that one."""
    lines = ["def asked(fact, functions):", "    values = []"]
    for tree in trees:
        lines += [f"    values.append(value := {_Writer().code(tree)})", "    if value is True: return values"]
    found: InTurn = _made([*lines, "    return values"])["asked"]
    return found


def following(rules: Iterable[tuple[Derived, Node | None, Node]], stated: Container[str]) -> Follows:
    """One function for all rules of what follows from facts, each with its two conditions, in their order; `stated` are the
    facts of which nobody asks what they lack."""
    asked = [*rules]
    # What follows from other facts is looked up anew by each rule.
    changing = {rule.fact for rule, _, _ in asked}
    trees = [tree for _, when, value in asked for tree in (when, value) if tree is not None]
    shared = {atom: name for atom, name in _shared(trees).items() if atom.kind == "fact" and atom.value not in changing}
    lines = ["def follows(values, functions, derived, behind, left_open):", "    fact = values.get", *_looked_up(shared)]
    for fact, group in groupby(enumerate(asked), key=lambda numbered: numbered[1][0].fact):
        lacking = fact not in stated
        lines += ["    left = []"] if lacking else []
        for number, (rule, when, value) in group:
            lines += [
                f"    before = fact({fact!r})",
                # A stated "no" yields to a "yes" that follows from another statement.
                "    if before is None or before is False:",
                f"        applies = {_Writer(shared).code(when) if when is not None else True}",
                f"        value = {_Writer(shared).code(value)} if applies is True else None",
                "        if value is not None and (before is None or value is True):",
                f"            values[{fact!r}], derived[{fact!r}] = value, {rule.id!r}",
                f"            behind.pop({fact!r}, None)",
            ]
            lines += ["        elif before is None:", f"            left.append(({number}, applies, value))"] if lacking else []
        if lacking:
            # Nobody asks what a rule lacks behind which another one has found the fact.
            lines += [f"    if left and left_open is not None and fact({fact!r}) is None:", "        left_open(left)"]
    found: Follows = _made(lines)["follows"]
    return found


def _made(lines: list[str], **tables: Any) -> dict[str, Any]:
    names: dict[str, Any] = {
        **tables,
        "any_of": any_of, "compare": compare, "arithmetic": arithmetic, "same": same, "root": _root, "OPERATORS": OPERATORS,
    }  # fmt: skip
    # The text is made of checked trees alone: names, numbers and codes, each as a literal.
    exec(compile("\n".join(lines), "<conditions>", "exec"), names)
    return names


def _atoms(node: Node) -> Iterator[Node]:
    """The facts and the questions to functions in a tree."""
    if node.kind == "fact" or (node.kind == "call" and node.value not in ("known", "sqrt")):
        yield node
    for arg in node.args if node.kind != "call" or node.value == "sqrt" else ():
        yield from _atoms(arg)


def _root(value: Value) -> float | None:
    return sqrt(value) if isinstance(value, (int, float)) and value >= 0 else None


class _Writer:
    """The expression of one tree. Each part that is looked at twice has a name of its own; `shared` are parts that have one
    already, `by_name` the functions whose names stand beside them."""

    def __init__(self, shared: Mapping[Node, str] | None = None, by_name: Container[str] = ()) -> None:
        self.named, self.shared, self.by_name = 0, shared or {}, by_name

    def code(self, node: Node) -> str:
        """The expression of a node; in brackets, so that it stands anywhere."""
        kind, args = node.kind, node.args
        if kind == "lit":
            return repr(node.value)
        if node in self.shared:
            return self.shared[node]
        if kind == "fact":
            return f"fact({node.value!r})"
        if kind == "call":
            return self._call(node)
        if kind in ("and", "or"):
            return self._junction(node)
        if kind == "not":
            return self._negation(args[0])
        if kind == "in":
            return self._membership(node)
        if kind in _SIGNS:
            return self._comparison(node)
        if kind == "neg":
            return f"arithmetic('sub', 0.0, {self.code(args[0])})"
        return self._calculation(kind, *args)

    def _name(self) -> str:
        self.named += 1
        return f"v{self.named}"

    def _call(self, node: Node) -> str:
        if node.value == "sqrt":
            return f"root({self.code(node.args[0])})"
        if node.value == "known":
            return f"({self.code(Node('fact', node.args[0].value, ()))} is not None)"
        if node.value in self.by_name:
            return f"(True if {asked_name(node)!r} in names_{node.value} else else_{node.value})"
        return f"functions[{node.value!r}]({', '.join(repr(arg.value) for arg in node.args)})[0]"

    def _junction(self, node: Node) -> str:
        """The sides from left to right, up to the one that settles it."""
        settling, other = ("True", "False") if node.kind == "or" else ("False", "True")
        names = [self._name() for _ in node.args]
        sides = zip(names, (self.code(arg) for arg in node.args), strict=True)
        tried = "".join(f"{settling} if ({name} := {side}) is {settling} else " for name, side in sides)
        return f"({tried}{other} if {' and '.join(f'{name} is {other}' for name in names)} else None)"

    def _negation(self, inner: Node) -> str:
        name = self._name()
        if inner.kind not in _TRUTHS:
            return f"(False if ({name} := {self.code(inner)}) is True else True if {name} is False else None)"
        return f"(None if ({name} := {self.code(inner)}) is None else not {name})"

    def _calculation(self, kind: str, left: Node, right: Node) -> str:
        """Two plain numbers the short way; bounds go the long way, and what is not known comes to nothing."""
        one, other = self._name(), self._name()
        known = f"({one} := {self.code(left)}) is None or ({other} := {self.code(right)}) is None"
        plain = f"{one}.__class__ is {other}.__class__ is float" + (f" and {other}" if kind == "div" else "")
        return f"(None if {known} else {one} {_STEPS[kind]} {other} if {plain} else arithmetic({kind!r}, {one}, {other}))"

    def _membership(self, node: Node) -> str:
        name, (looked_for, *members) = self._name(), node.args
        if all(member.kind == "lit" and isinstance(member.value, str) for member in members):
            values = tuple(member.value for member in members)
            # A plain code; several at once, and what is not known, are compared one by one.
            each = f"None if {name} is None else any_of(same({name}, member) for member in {values!r})"
            return f"(({name} in {values!r}) if ({name} := {self.code(looked_for)}).__class__ is str else {each})"
        return f"OPERATORS['in']([{', '.join(self.code(arg) for arg in node.args)}])"

    def _comparison(self, node: Node) -> str:
        left, right = node.args
        name, sign = self._name(), _SIGNS[node.kind]
        kind = _PLAIN.get(type(right.value)) if right.kind == "lit" else None
        if kind is None or (kind != "float" and node.kind not in ("eq", "ne")):
            return f"compare({node.kind!r}, {self.code(left)}, {self.code(right)})"
        # A plain value; bounds, several codes and what is not known go the long way.
        long = f"None if {name} is None else compare({node.kind!r}, {name}, {right.value!r})"
        return f"(({name} {sign} {right.value!r}) if ({name} := {self.code(left)}).__class__ is {kind} else {long})"
