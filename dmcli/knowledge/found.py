"""What conditions came to, with what is told of it: kept where many plans are made."""

from collections.abc import Iterator, Mapping
from typing import Any

from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Finding, Scope, evaluate

_MOST_KEPT = 10_000


class Found:
    """What a condition came to. Two are equal only where they are the same one: of many plans those that found the same
    in the same values have one in common, for which what is told of it is kept in `told`. Nothing of it is ever changed."""

    __slots__ = ("finding", "told")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.told: dict[Any, Any] = {}


class FoundBefore:
    """A bounded number of what conditions came to."""

    def __init__(self, trees: Mapping[str, Node], following: frozenset[str]) -> None:
        """`following` are the names that follow from others, behind which something may be missing."""
        self._trees, self._found = trees, dict[tuple[Any, ...], Found]()
        names = {text: tuple(sorted(names_of(tree))) for text, tree in trees.items()}
        self._asks = {
            text: (mine, tuple([name for name in mine if name in following]), tuple(_asked_in(trees[text])))
            for text, mine in names.items()
        }

    def found(self, text: str, scope: Scope) -> Found:
        """What a condition comes to; the same one for the same values of its names, the same answers to what it asks, and the
        same that is missing behind them."""
        names, follow, calls = self._asks[text]
        values = tuple(map(scope.facts.get, names))
        key: tuple[Any, ...] = (text, values)
        if follow and None in values:
            key = (text, values, *map(scope.behind.get, follow))
        if calls:
            functions = scope.functions
            # What is lacking counts only where there is no answer.
            answers = [functions[name](*args) for name, args in calls]
            key = (*key, *[lacking if value is None else value for value, lacking in answers])
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            found = self._found[key] = Found(evaluate(self._trees[text], scope))
        return found


def names_of(node: Node) -> set[str]:
    """Every fact whose value an expression depends on, also where it only asks whether that is known."""
    if node.kind == "call" and node.value == "known":
        return {str(node.args[0].value)}
    if node.kind in ("fact", "call"):
        return facts_of(node)
    return set().union(*(names_of(arg) for arg in node.args)) if node.args else set()


def _asked_in(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The functions that an expression asks, each with its arguments; those of a fact's value alone stand among its names."""
    if node.kind == "call" and node.value not in ("known", "sqrt"):
        yield str(node.value), tuple([str(arg.value) for arg in node.args])
        return
    for arg in node.args:
        yield from _asked_in(arg)
