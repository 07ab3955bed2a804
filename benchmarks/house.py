"""Measures how a tree is built: modules, dense functions, import circles, loose modules, long lines, tests and cases.

    python benchmarks/house.py                 this tree
    python benchmarks/house.py --tree DIR      another checkout, to see what a change of structure has changed
    python benchmarks/house.py --time          runs the README's test command there as well, and tells its seconds

Complexity is McCabe's with every boolean operator, comprehension and conditional expression counted as a branch, so it is
stricter than the linter's. The tree is read and not imported, so that it may be of any version.
"""

import argparse
import ast
import re
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case, ast.comprehension)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Row = tuple[str, str]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def inside(function: ast.AST) -> Iterator[ast.AST]:
    """What belongs to a function itself and to no function within it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, FUNCTIONS):
            yield from inside(child)


def complexity(function: ast.AST) -> int:
    total = 1
    for node in inside(function):
        if isinstance(node, ast.BoolOp):
            total += len(node.values) - 1
        elif isinstance(node, BRANCHES):
            total += 1 + (len(node.ifs) if isinstance(node, ast.comprehension) else 0)
    return total


def one_letter(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]
    return [argument.arg for argument in every if len(argument.arg) == 1 and argument.arg != "_"]


def module_name(path: Path, tree: Path) -> str:
    parts = path.relative_to(tree).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(parsed: ast.Module, modules: set[str]) -> set[str]:
    """The modules of the tree that this one imports, wherever in it: for types only and within functions as well."""
    found: set[str] = set()
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                if whole not in modules and "." not in node.module:
                    continue  # a string of the package itself, as its version
                found.add(whole if whole in modules else node.module)
    return found & modules


def reached(start: str, imports: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [*imports[start]]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += imports[name]
    return seen


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or by way of others."""
    reach = {name: reached(name, imports) for name in imports}
    in_circles = [name for name in imports if name in reach[name]]
    groups = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in in_circles}
    return [list(group) for group in sorted(groups)]


def code_rows(tree: Path) -> Iterator[Row]:
    parsed = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted((tree / "dmcli").rglob("*.py"))}
    yield from module_rows(tree, [path for path in parsed if path.name != "__init__.py"])
    yield from function_rows([node for whole in parsed.values() for node in ast.walk(whole)])
    names = {module_name(path, tree) for path in parsed}
    found = circles({module_name(path, tree): imported(whole, names) for path, whole in parsed.items()})
    yield "import circles", "; ".join(" - ".join(group) for group in found) or "none"
    loose = [path for path in (tree / "dmcli").glob("*.py") if path.stem not in ("__init__", "__main__")]
    yield "modules loose at the top level", str(len(loose))


def module_rows(tree: Path, paths: list[Path]) -> Iterator[Row]:
    length = {path: lines_of(path) for path in paths}
    longest = max(length, key=lambda path: length[path])
    yield "modules", str(len(length))
    yield "module lines, median", f"{statistics.median(length.values()):g}"
    yield "module lines, longest", f"{length[longest]} ({longest.relative_to(tree)})"
    yield "modules above 250 lines", str(sum(lines > 250 for lines in length.values()))
    yield "modules above 300 lines", str(sum(lines > 300 for lines in length.values()))


def function_rows(nodes: list[ast.AST]) -> Iterator[Row]:
    functions = [node for node in nodes if isinstance(node, FUNCTIONS)]
    dense = sorted(((complexity(node), node.name) for node in functions), reverse=True)
    yield "functions above complexity 10", str(sum(value > 10 for value, _ in dense))
    yield "functions above complexity 15", str(sum(value > 15 for value, _ in dense))
    yield "densest functions", ", ".join(f"{name} {value}" for value, name in dense[:3])
    yield "one-letter parameters of functions", str(sum(len(one_letter(node)) for node in functions))
    lambdas = [node for node in nodes if isinstance(node, ast.Lambda)]
    yield "one-letter parameters of lambdas", str(sum(len(one_letter(node)) for node in lambdas))


def longest_line(paths: list[Path]) -> str:
    numbered = [
        (len(line), path.name, number)
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    ]
    length, name, number = max(numbered)
    return f"{length} ({name}:{number})"


def data_rows(tree: Path) -> Iterator[Row]:
    files = sorted((tree / "data").rglob("*.yaml"))
    yield "data files", str(len(files))
    yield "data lines, longest file", "{} ({})".format(*max((lines_of(path), path.name) for path in files))
    yield "longest data line", longest_line(files)
    yield "longest data line without citations", longest_line([path for path in files if path.name != "sources.yaml"])


def reader_rows(tree: Path) -> Iterator[Row]:
    yield "README lines", str(lines_of(tree / "README.md"))
    pages = sorted((tree / "docs").glob("*.md"))
    yield "pages in docs", str(len(pages))
    tests = sorted((tree / "tests").glob("*.py"))
    nodes = [node for path in tests for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    yield "test functions", str(sum(isinstance(node, FUNCTIONS) and node.name.startswith("test_") for node in nodes))
    yield "test module lines, longest", "{} ({})".format(*max((lines_of(path), path.name) for path in tests))
    cases = [path for path in sorted((tree / "tests" / "cases").glob("*.yaml")) if path.name != "bases.yaml"]
    entries = {path: sum(line.startswith("- ") for line in path.read_text(encoding="utf-8").splitlines()) for path in cases}
    yield "cases", f"{sum(entries.values())} in {len(cases)} files"
    yield "case file lines, longest", "{} ({})".format(*max((lines_of(path), path.name) for path in cases))


def timed_row(tree: Path) -> Row:
    """The second shell block of the README is its test command: set-up and tests in one."""
    command = re.findall(r"```sh\n(.*?)```", (tree / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    begun = time.perf_counter()
    done = subprocess.run(["bash", "-c", command], cwd=tree, capture_output=True, text=True, check=False)
    last = (done.stdout.strip().splitlines() or ["no output"])[-1]
    return "seconds of the README's test command", f"{time.perf_counter() - begun:.0f} (exit {done.returncode}: {last})"


def table(tree: Path, timed: bool) -> str:
    rows = [*code_rows(tree), *data_rows(tree), *reader_rows(tree), *([timed_row(tree)] if timed else [])]
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{label:<{width}}  {value}" for label, value in rows)


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description="Measures how a tree is built.")
    wanted.add_argument("--tree", type=Path, default=ROOT, help="the checkout to measure (default: this one)")
    wanted.add_argument("--time", action="store_true", help="run the README's test command too")
    asked = wanted.parse_args()
    print(table(asked.tree, asked.time))
