"""Conditions on names: what a patient takes, or did not tolerate, is looked up among them, and not each of them asked."""

from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import ByName, Value


class Named(NamedTuple):
    """Conditions that hold for some names of one function, with those of each name."""

    texts: frozenset[str]
    of_name: dict[Any, tuple[str, ...]]


def named(trees: Mapping[str, Node], by_name: Container[str]) -> dict[str, Named]:
    """The conditions that ask one function for one name after another, and nothing else."""
    found: dict[str, dict[str, list[Any]]] = {}
    for text, tree in trees.items():
        calls = tree.args if tree.kind == "or" else (tree,)
        functions = {str(call.value) if call.kind == "call" else "" for call in calls}
        if len(functions) == 1 and (function := functions.pop()) in by_name:
            found.setdefault(function, {})[text] = [asked_name(call) for call in calls]
    return {
        function: Named(
            frozenset(asked), {n: tuple([t for t in asked if n in asked[t]]) for names in asked.values() for n in names}
        )
        for function, asked in found.items()
    }


def holding(table: Named, function: ByName) -> list[tuple[str, Value]]:
    """What is not false of conditions on names; those that no name is asked for are not looked at."""
    true = {text for name in table.of_name.keys() & function.names for text in table.of_name[name]}
    found: list[tuple[str, Value]] = [(text, True) for text in true]
    if function.otherwise is not False:
        found += [(text, function.otherwise) for text in table.texts - true]
    return found


def asked_name(call: Node) -> Any:
    """What a function that answers by name is asked for."""
    return call.args[0].value if len(call.args) == 1 else tuple(arg.value for arg in call.args)
