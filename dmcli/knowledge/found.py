"""What conditions came to, with what is told of it: kept where many plans are made."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Finding, Scope, evaluate

_MOST_KEPT = 10_000


class Found:
    """What a condition came to. Two are equal only where they are the same one: of many plans those that found the same
    in the same values have one in common, for which what is told of it is kept: in `told` what came of each rule that asks
    it, in `placed` where those of safety stand. Nothing of it is ever changed."""

    __slots__ = ("finding", "placed", "told")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.told: dict[str, Any] = {}
        self.placed: list[Any] = []


class _Asked(NamedTuple):
    """A condition: the names that it depends on, those of them behind which something may be missing, the functions that it
    asks with their arguments, its one name where it asks nothing else, and what it came to before."""

    tree: Node
    names: tuple[str, ...]
    following: tuple[str, ...]
    calls: tuple[tuple[str, tuple[str, ...]], ...]
    alone: str | None
    before: dict[Any, Found]


class FoundBefore:
    """A bounded number of what conditions came to."""

    def __init__(self, trees: Mapping[str, Node], following: frozenset[str]) -> None:
        """`following` are the names that follow from others, behind which something may be missing."""
        self._number = 0
        self._asked = {text: _asked(tree, following) for text, tree in trees.items()}

    def __len__(self) -> int:
        return self._number

    def found(self, text: str, scope: Scope) -> Found:
        """What a condition comes to; the same one for the same values of its names, the same answers to what it asks, and the
        same that is missing behind them."""
        asked = self._asked[text]
        _, names, following, calls, alone, before = asked
        key: Any
        if alone is not None:
            key = scope.facts.get(alone)
            if key is None and following:
                key = scope.behind.get(alone)
        else:
            key = tuple(map(scope.facts.get, names))
            if following and None in key:
                key = (key, *map(scope.behind.get, following))
            if calls:
                key = (key, *_answers(calls, scope))
        found = before.get(key)
        return found if found is not None else self._kept(asked, key, scope)

    def _kept(self, asked: _Asked, key: Any, scope: Scope) -> Found:
        if self._number >= _MOST_KEPT:
            self._number = 0
            for other in self._asked.values():
                other.before.clear()
        self._number += 1
        found = asked.before[key] = Found(evaluate(asked.tree, scope))
        return found


def _asked(tree: Node, following: frozenset[str]) -> _Asked:
    names, calls = tuple(sorted(names_of(tree))), tuple(_calls_in(tree))
    alone = names[0] if len(names) == 1 and not calls else None
    return _Asked(tree, names, tuple([name for name in names if name in following]), calls, alone, {})


def _answers(calls: tuple[tuple[str, tuple[str, ...]], ...], scope: Scope) -> list[Any]:
    """What functions answer; what is lacking counts only where there is no answer."""
    answers = [scope.functions[name](*args) for name, args in calls]
    return [lacking if value is None else value for value, lacking in answers]


def names_of(node: Node) -> set[str]:
    """Every fact whose value an expression depends on, also where it only asks whether that is known."""
    if node.kind == "call" and node.value == "known":
        return {str(node.args[0].value)}
    if node.kind in ("fact", "call"):
        return facts_of(node)
    return set().union(*(names_of(arg) for arg in node.args)) if node.args else set()


def _calls_in(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The functions that an expression asks, each with its arguments; those of a fact's value alone stand among its names."""
    if node.kind == "call" and node.value not in ("known", "sqrt"):
        yield str(node.value), tuple([str(arg.value) for arg in node.args])
        return
    for arg in node.args:
        yield from _calls_in(arg)
