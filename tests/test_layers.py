"""The order of the rooms: what a module may import is what stands before it in the table, and nothing goes round."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from conftest import ROOT

PACKAGE = ROOT / "dmcli"
# From the ground up; rooms of one row may import each other, as long as no circle comes of it.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("record",),
    ("yamlfile", "values"),
    ("knowledge",),
    ("result",),
    ("case",),
    ("assess",),
    ("dose",),
    ("review",),
    ("decide",),
    ("schedule",),
    ("monitor",),
    ("answer",),
    ("planner", "interface"),
    ("roadmap",),
    ("render",),
    ("batch",),
    ("cli",),
    ("__main__",),
)
PLACE = {room: number for number, row in enumerate(LAYERS) for room in row}
HEAVY = ("rich.console", "yaml", "pydantic", "dmcli.planner")

Import = tuple[str, int, str]


def dotted(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(root: Path, for_types: bool = True) -> Iterator[Import]:
    """Each import of one of our modules by another, with its line; without `for_types`, only those that run."""
    modules = {dotted(path, root): path for path in sorted(root.rglob("*.py"))}
    for name, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        guards = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
        typed = {id(inner) for guard in guards for statement in guard.body for inner in ast.walk(statement)}
        for node in ast.walk(tree):
            if id(node) in typed and not for_types:
                continue
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: a relative import"
                full = [f"{node.module}.{alias.name}" for alias in node.names]
                named = [f if f in modules else str(node.module) for f in full]
            elif isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            else:
                continue
            # `from dmcli import __version__` takes a string of the package itself.
            yield from ((name, node.lineno, n) for n in dict.fromkeys(named) if n.startswith(f"{root.name}."))


def room(module: str) -> str:
    return module.split(".")[1]


def upward(root: Path) -> list[str]:
    return [
        f"{name}:{line}: imports {imported}, which stands above it"
        for name, line, imported in imports(root)
        if "." in name and PLACE[room(imported)] > PLACE[room(name)]
    ]


def circle(root: Path) -> list[str]:
    """The modules of a circle of imports, or nothing."""
    graph: dict[str, set[str]] = {}
    for name, _, imported in imports(root, for_types=False):
        graph.setdefault(name, set()).add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_room_has_its_place_and_every_place_its_room() -> None:
    rooms = {dotted(path, PACKAGE).split(".")[1] for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"}
    assert rooms == set(PLACE)


def test_six_modules_at_most_stand_outside_a_room() -> None:
    assert sorted(path.name for path in PACKAGE.glob("*.py")) == [
        "__init__.py", "__main__.py", "errors.py", "interface.py", "planner.py", "record.py", "yamlfile.py",
    ]  # fmt: skip


def test_no_module_is_longer_than_300_lines() -> None:
    length = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert {name: lines for name, lines in length.items() if lines > 300} == {}


def test_no_module_imports_from_a_room_above_it() -> None:
    assert upward(PACKAGE) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle(PACKAGE) == []


def test_only_the_command_line_reads_the_clock_prints_or_exits() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if room(dotted(path, PACKAGE) + ".") in ("cli", "__main__"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "print",
                "sys.exit",
                "exit",
                "date.today",
                "datetime.now",
            ):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node.func)}")
    assert found == []


def test_the_commands_import_nothing_heavy_before_one_of_them_runs() -> None:
    """Read from the text: what `dmcli.cli.app` and the commands it loads reach at import. test_manners.py holds the same at
    run time."""
    modules = {dotted(path, PACKAGE): path for path in PACKAGE.rglob("*.py")}
    reached: set[str] = set()
    waiting = ["dmcli.cli.app", *(name for name in modules if re.search(r"^dmcli\.cli\..*_commands?$", name))]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in modules:
            waiting += [*at_import(modules[name]), *parents(name)]
    assert {"dmcli.cli.plan_command", "dmcli.errors", "typer"} <= reached, "the walk went nowhere"
    assert reached.isdisjoint(HEAVY)


def parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def at_import(path: Path) -> Iterator[str]:
    """Modules that are loaded when this one is, which leaves out function bodies and imports for types."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    ("files", "told", "round_"),
    [
        ({"record.py": "from dmcli.planner import plan\n"}, ["dmcli.record:1: imports dmcli.planner, which stands above it"], False),
        ({"record.py": "def f():\n    import dmcli.cli.app\n"}, ["dmcli.record:2: imports dmcli.cli.app, which stands above it"], False),
        ({"yamlfile.py": "from dmcli.values import x\n", "values.py": "from dmcli.yamlfile import y\n"}, [], True),
        ({"planner.py": "from dmcli import record, __version__\n", "record.py": ""}, [], False),
    ],
)  # fmt: skip
def test_a_wrong_import_is_told(tmp_path: Path, files: dict[str, str], told: list[str], round_: bool) -> None:
    package = tmp_path / "dmcli"
    package.mkdir()
    for name, text in files.items():
        (package / name).write_text(text, encoding="utf-8")
    assert upward(package) == told
    assert bool(circle(package)) is round_
