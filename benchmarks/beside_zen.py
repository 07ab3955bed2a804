"""The conditions of the knowledge beside a rule engine: Zen (Rust) on the identical decision table, with the same answers.

    python benchmarks/beside_zen.py [PATIENTS]      needs the extra: pip install -e '.[bench]'

Two tables, both of plain comparisons joined by `and`, which is all that a decision table says: `rules` has 25 rules of the
algorithm over 12 facts, as they stand, so that most cells are empty; `full` has 25 rows of 12 comparisons, each of them
one of the knowledge or its opposite. The answer is which rows apply. Patients are those of
cohorts.py, so that some facts are unknown. Zen is called from Python in the two ways of its manual, and multiples are told of
both: a decision created once and evaluated for each patient, which is its first example, and an engine with a loader that
holds the table compiled, which the manual names for speed and which is some ten times faster.
"""

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from cohorts import Cohort
from dmcli import load_knowledge
from dmcli.knowledge.compiled import compiled, together
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import Scope, value_of
from dmcli.knowledge.model import Knowledge

RULES, FACTS, WANTED = 25, 12, 10
_CREATED, _LOADED = "zen created", "zen loaded"
_SIGNS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_OPPOSITE = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt"}

Facts = dict[str, Any]
# A row: what is compared in each of its filled cells.
Table = list[dict[str, Node]]


def parts(node: Node) -> list[Node]:
    """The sides of a junction of any depth; the node itself where it is none."""
    return [part for arg in node.args for part in parts(arg)] if node.kind == "and" else [node]


def asked(node: Node) -> str | None:
    """The fact that a plain comparison is about; None for whatever a cell of a decision table cannot say."""
    if node.kind == "fact":
        return str(node.value)
    if node.kind == "not":
        return asked(node.args[0]) if node.args[0].kind == "fact" else None
    if node.kind == "in" or node.kind in _SIGNS:
        left, *right = node.args
        return str(left.value) if left.kind == "fact" and all(arg.kind == "lit" for arg in right) else None
    return None


def row_of(node: Node) -> dict[str, Node] | None:
    """The cells of a condition; None where it is no row."""
    cells = {asked(part): part for part in parts(node)}
    plain = None not in cells and len(cells) == len(parts(node))
    return {str(name): part for name, part in cells.items()} if plain else None


def rows(knowledge: Knowledge) -> Table:
    """Every condition of the knowledge that is a row of plain comparisons of stated facts, the longest first."""
    found = [row for tree in knowledge.trees.values() if (row := row_of(tree)) and row.keys() <= knowledge.facts.keys()]
    return sorted(found, key=len, reverse=True)


def of_rules(found: Table) -> Table:
    """So many rules over so few facts: those facts that most rules ask, and the rules that ask no other."""
    counted = Counter(name for row in found for name in row)
    names: set[str] = set()
    for row in sorted(found, key=lambda row: (-len(row), -sum(counted[name] for name in row))):
        if len(names | row.keys()) <= FACTS:
            names |= row.keys()
    return [row for row in found if row.keys() <= names][:RULES]


def opposite(node: Node) -> Node | None:
    """The comparison that holds where this one does not; None where a cell has no sign for it."""
    if node.kind in ("fact", "not"):
        return node.args[0] if node.kind == "not" else Node("not", None, (node,))
    return Node(_OPPOSITE[node.kind], None, node.args) if node.kind in _OPPOSITE else None


def full(found: Table, patients: list[Facts]) -> Table:
    """Rows with every cell filled by a comparison that the knowledge makes of its fact, or its opposite: each row by what
    is true of some patient."""
    ways: dict[str, list[Node]] = {}
    for row in found:
        for name, part in row.items():
            if (turned := opposite(part)) is not None:
                ways.setdefault(name, []).extend((part, turned))
    told = Counter(name for facts in patients for name in facts)
    often = [name for name in sorted(ways) if 2 * told[name] > len(patients)]
    names = sorted(sorted(often, key=lambda name: -len(set(ways[name])))[:FACTS])
    dice = random.Random(RULES)
    rows_of = []
    for facts in dice.sample(patients, RULES):
        true = {name: [way for way in ways[name] if value_of(way, Scope(facts, {})) is True] for name in names}
        rows_of.append({name: dice.choice(true[name] or ways[name]) for name in names})
    return rows_of


def cell(node: Node) -> str:
    """A comparison as Zen writes it in a cell."""
    if node.kind in ("fact", "not"):
        return "true" if node.kind == "fact" else "false"
    literals = [json.dumps(arg.value) for arg in node.args[1:]]
    if node.kind == "in":
        return ", ".join(literals)
    return literals[0] if node.kind == "eq" else f"{_SIGNS[node.kind]} {literals[0]}"


def decision(table: Table) -> str:
    """The table as Zen reads it: every row that applies is collected."""
    names = sorted({name for row in table for name in row})
    inputs = [{"id": name, "name": name, "type": "expression", "field": name} for name in names]
    written = [
        {"_id": f"r{number}", "row": f"'{number}'", **{name: cell(row[name]) if name in row else "" for name in names}}
        for number, row in enumerate(table)
    ]
    content = {
        "hitPolicy": "collect",
        "inputs": inputs,
        "outputs": [{"id": "row", "name": "row", "field": "row", "type": "expression"}],
        "rules": written,
    }
    at = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", **at},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": content, **at},
        {"id": "out", "name": "out", "type": "outputNode", **at},
    ]
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in (("in", "table"), ("table", "out"))]
    return json.dumps({"nodes": nodes, "edges": edges})


def joined(row: dict[str, Node]) -> Node:
    """The row as one condition of ours."""
    cells = tuple(row.values())
    return Node("and", None, cells) if len(cells) > 1 else cells[0]


def stated(case: dict[str, Any], knowledge: Knowledge) -> Facts:
    """The facts of a case as a planner has them: the last of each, numbers as such."""
    found: Facts = {}
    for section in ("patient", "disease", "facts", "access"):
        found |= case[section]
    for section in ("scores", "labs"):
        for entry in case[section]:
            found |= entry
    return {
        name: float(value) if knowledge.facts[name].type == "number" else value
        for name, value in found.items()
        if name in knowledge.facts
    }


def rate(answer: Callable[[Facts], object], patients: list[Facts], times: int = 3) -> float:
    """Tables answered in a second of the processor, in the best of some rounds."""
    best = float("inf")
    for _ in range(times):
        begin = time.process_time()
        for facts in patients:
            answer(facts)
        best = min(best, time.process_time() - begin)
    return len(patients) / best


def compare(name: str, table: Table, patients: list[Facts], zen: Any) -> None:
    trees = {str(number): joined(row) for number, row in enumerate(table)}
    alone, at_once = compiled(trees), together(trees)
    made = zen.ZenEngine().create_decision(decision(table))
    loaded = zen.ZenEngine({"loader": {"type": "static", "content": {name: json.loads(decision(table))}}})
    names = sorted({name for row in table for name in row})
    # Each is given what it asks and no more.
    asked_of = [{name: facts[name] for name in names if name in facts} for facts in patients]
    ours: dict[str, Callable[[Facts], set[str]]] = {
        _CREATED: lambda facts: {hit["row"] for hit in made.evaluate(facts)["result"]},
        _LOADED: lambda facts: {hit["row"] for hit in loaded.evaluate(name, facts)["result"]},
        "interpreter": lambda facts: {n for n, tree in trees.items() if value_of(tree, Scope(facts, {})) is True},
        "compiled": lambda facts: {n for n, condition in alone.items() if condition(facts.get, {}) is True},
        "together": lambda facts: {n for n, value in at_once(facts.get, {}).items() if value is True},
    }
    answers = {engine: [answer(facts) for facts in asked_of] for engine, answer in ours.items()}
    assert all(found == answers[_CREATED] for found in answers.values()), "the answers differ"
    hits, cells = sum(map(len, answers[_CREATED])), sum(map(len, table))
    print(f"{name}: {len(table)} rules of {len(names)} facts, {cells} cells filled")
    print(f"  {len(patients)} patients, {hits} hits, the same answers from all")
    rates = {engine: rate(answer, asked_of) for engine, answer in ours.items()}
    for engine, found in rates.items():
        wanted = f" (wanted: {WANTED})" if engine == "together" else ""
        beside = ", ".join(f"{found / rates[way]:5.1f} x {way}" for way in (_CREATED, _LOADED))
        print(f"  {engine:12} {found:9.0f} tables/s  {beside}{wanted}", flush=True)


def main() -> None:
    try:
        import zen
    except ImportError:
        raise SystemExit("zen-engine is not installed: pip install -e '.[bench]'") from None
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    knowledge, cohort = load_knowledge(), Cohort()
    patients = [stated(cohort.case(number), knowledge) for number in range(count)]
    found = rows(knowledge)
    compare("rules", of_rules(found), patients, zen)
    compare("full", full(found, patients), patients, zen)


if __name__ == "__main__":
    main()
