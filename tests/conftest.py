"""Shared fixtures: the shipped knowledge, loaded once from its files, and one way to plan a case."""

import gc
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings
from hypothesis.internal.conjecture import providers
from xdist.scheduler import LoadScopeScheduling

from dmcli import yamlfile
from dmcli.case.model import Case
from dmcli.case.plain_json import plain_json
from dmcli.case.read import read_case
from dmcli.errors import InvalidCase, Problem
from dmcli.knowledge import cache as knowledge_cache
from dmcli.knowledge import load
from dmcli.knowledge.cache import default_dir, load_knowledge
from dmcli.knowledge.contents import mark, read_files
from dmcli.knowledge.load import build
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.result.plan import Plan
from dmcli.yamlfile import Document

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 12, 1)
DATA = ROOT / "data"
# Files that share what is dear to make, by the beginning of their names.
_SHARED = {
    "cases": ("test_cases", "test_coverage_of_knowledge", "test_first_screen", "test_full_plan", "test_instead"),
    "safety": ("test_safety_",),
    "patients": (
        *(f"test_properties_of_{name}" for name in ("knowing", "options", "sameness", "schedules", "texts")),
        "test_roadmap",
    ),
    "treated": ("test_running_properties_of_",),
}
# What takes longest, the longest first.
_FIRST = (*_SHARED, "test_batch_faults", "test_manners", "test_cache", "test_mutations", "test_streams", "test_batch")
_USUAL_EXAMPLES = 100
# Of a usual number the run that is made every day makes six tenths, and the thorough one ten times as many:
# it ends within an hour on two cores, and what is not run finds nothing.
settings.register_profile("usual", max_examples=6 * _USUAL_EXAMPLES // 10, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=10 * _USUAL_EXAMPLES)
settings.load_profile("usual")


def examples(usual: int) -> int:
    """How many examples the profile of this run makes of a usual number."""
    return usual * settings().max_examples // _USUAL_EXAMPLES


def pooled(usual: int) -> int:
    """How many cases a pool draws of a usual number: five times as many in the thorough profile. Every property looks at the
    whole pool, and its plans are kept, so that more would be planned anew for each."""
    return max(usual, examples(usual) // 2)


def each(usual: int) -> int:
    """A step through many: the usual one, and one by one with `--hypothesis-profile thorough`."""
    return usual if settings().max_examples <= _USUAL_EXAMPLES else 1


def pytest_configure(config: pytest.Config) -> None:
    """One cache for the run, apart from the user's own: filled here, before any worker starts that would fill it too."""
    # A run keeps some thousand plans on purpose: looking through them for rubbish again and again takes a fifth of it.
    gc.set_threshold(1_000_000, 20, 100)
    # Hypothesis takes constants out of the modules that are loaded by then; without them a draw is the same in any order
    # of the files, in any worker and after any edit.
    if hasattr(providers, "_get_local_constants"):
        providers._get_local_constants = lambda: providers._local_constants
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="dmcli-tests-")
        config.add_cleanup(folder.cleanup)
        os.environ["XDG_CACHE_HOME"] = folder.name
        # Where Python is told to write no bytecode, each worker and each process that a test starts would compile the
        # whole program anew.
        if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
            os.environ["PYTHONPYCACHEPREFIX"] = f"{folder.name}/bytecode"
        shipped_knowledge()


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: it is not looked through for rubbish."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left with it when the others are done."""
    items.sort(key=lambda item: _FIRST.index(group) if (group := _group(item.nodeid)) in _FIRST else len(_FIRST))


class _Groups(LoadScopeScheduling):
    """What looks at the same plans runs in one worker, so that they are made once; and so does each file."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Groups | None:
    if config.getoption("dist") != "load":
        return None
    config.option.loadscopereorder = False
    return _Groups(config, log)


def _group(nodeid: str) -> str:
    name = Path(nodeid.partition("::")[0]).stem
    return next((group for group, starts in _SHARED.items() if name.startswith(starts)), name)


@cache
def shipped_knowledge() -> Knowledge:
    """The knowledge of the checkout, built once for the whole run and read from its cache by every worker, with its
    conditions as functions: a property holds that they answer as the interpreter does."""
    return load_knowledge(DATA, "data", default_dir(os.environ)).for_many()


@cache
def built_knowledge() -> Knowledge:
    """The knowledge of the checkout from its files, for what must not depend on the cache."""
    return build(read_files(DATA), "data")


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Knowledge files of the same bytes are parsed once, and the file that the cache of the run keeps is read once.

    Many tests build knowledge that differs in one file, and many run commands. Other caches are read as they are.
    """
    mine, read, found = default_dir(os.environ), knowledge_cache._read, dict[Path, Knowledge | None]()
    # Loaded before its reader is replaced: a file may run whose module asks for it in a test only.
    shipped = knowledge_cache._key(mark(read_files(DATA)))

    def once(file: Path) -> Knowledge | None:
        if file.parent != mine or file.stem != shipped:
            return read(file)
        if found.get(file) is None:
            found[file] = read(file)
        return found[file]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(load, "_document", _parsing_once(load._document))
        patched.setattr(load, "_typed", _typing_once(load._typed))
        patched.setattr(knowledge_cache, "_read", once)
        yield


def _parsing_once(parse: Callable[[bytes, str], Document]) -> Callable[[bytes, str], Document]:
    """The same bytes give the same document in any folder, but for what is wrong with them."""
    known = lru_cache(maxsize=300)(lambda content: parse(content, ""))

    def parsed(content: bytes, path: str) -> Document:
        found = known(content)
        return parse(content, path) if found.problems else found._replace(path=path)

    return parsed


def _typing_once(construct: Callable[[Document, str, list[Problem]], Any]) -> Callable[[Document, str, list[Problem]], Any]:
    """The same data in the same file give the same record, which nothing changes."""
    known: dict[tuple[str, bytes], Any] = {}

    def typed(document: Document, name: str, problems: list[Problem]) -> Any:
        key = name, pickle.dumps(document.data)
        if key not in known:
            before = len(problems)
            record = construct(document, name, problems)
            if len(problems) > before:
                return record
            known[key] = record
        return known[key]

    return typed


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return shipped_knowledge()


@pytest.fixture(scope="session")
def drawn_cases() -> None:
    """The pools of generated cases, drawn before a property draws from them: Hypothesis does not draw within a draw."""
    from patients_of_any_kind import anyone
    from patients_on_treatment import treated

    anyone()
    treated()


def as_case(data: dict[str, Any], knowledge: Knowledge) -> Case:
    """Plain data as a case, through the same reader a file goes through.

    As a batch reads it: the short way, which a property holds to be the long one, and where that refuses it the long way
    with its places.
    """
    plain = plain_json(json.dumps(data, ensure_ascii=False), "case.yaml")
    with suppress(InvalidCase):
        if plain is not None:
            return read_case(plain, knowledge, None, AS_OF)
    return as_case_of_a_file(data, knowledge)


def as_case_of_a_file(data: dict[str, Any], knowledge: Knowledge) -> Case:
    """The same as a file is read, with the place of everything."""
    text = json.dumps(data, ensure_ascii=False, indent=0)
    return read_case(yamlfile.parse(text, "case.yaml"), knowledge, None, AS_OF)


def plan_of(data: dict[str, Any], knowledge: Knowledge, **options: Any) -> Plan:
    return plan(as_case(data, knowledge), knowledge, **options)


def plan_once(data: dict[str, Any], knowledge: Knowledge) -> Plan:
    """The same, where many tests ask for the same case: the shipped knowledge plans it once in each worker."""
    return _planned_once(json.dumps(data)) if knowledge is shipped_knowledge() else plan_of(data, knowledge)


@lru_cache(maxsize=3000)
def _planned_once(text: str) -> Plan:
    return plan_of(json.loads(text), shipped_knowledge())


def run(*args: str, stdin: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program as a user runs it, in its own process with a fixed width and no terminal."""
    env = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **environment}
    return subprocess.run(
        [sys.executable, "-m", "dmcli", *args], input=stdin, capture_output=True, text=True, env=env, cwd=ROOT, check=False
    )


def small_vocabulary() -> Any:
    """A few names of each type, for tests of the condition language that must not depend on the shipped knowledge."""
    from dmcli.knowledge.conditions import BOOLEAN, Type, Vocabulary

    facts = {
        "p": BOOLEAN,
        "q": BOOLEAN,
        "r": BOOLEAN,
        "age": Type("number", "a"),
        "weight_kg": Type("number", "kg"),
        "height_cm": Type("number", "cm"),
        "egfr": Type("number", "mL/min/{1.73_m2}"),
        "neutrophils": Type("number", "10*9/L"),
        "ratio": Type("number"),
        "smoker": Type("code", None, ("never", "former", "current")),
        "muscle": Type("code", None, ("none", "controlled", "active", "refractory")),
        "active": BOOLEAN,
    }
    targets = frozenset({"ivig", "mmf", "methotrexate", "antimalarial", "jak_inhibitor", "primary"})
    return Vocabulary(facts, targets, targets | {"warfarin", "oestrogens"}, frozenset({"headache", "infection", "thrombosis"}))


def as_yaml(text: str) -> Any:
    """What PyYAML makes of a text, by the parser in C where there is one: ten times as fast, and the same."""
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def find(text: str, functions: Any = None, expect: Any = None, **facts: Any) -> Any:
    """What a condition comes to when these facts are known and no others."""
    from dmcli.knowledge.conditions import compile_condition
    from dmcli.knowledge.evaluate import Scope, evaluate

    return evaluate(compile_condition(text, small_vocabulary(), expect), Scope(facts, functions or {}))


@pytest.fixture
def dmcli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command line within this process: `dmcli("plan", "-", stdin=...)` gives code, stdout and stderr."""
    import io

    from dmcli.cli.main import main

    def call(*args: str, stdin: str | bytes = "") -> tuple[int, str, str]:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "argv", ["dmcli", *args])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        monkeypatch.chdir(ROOT)
        with pytest.raises(SystemExit) as caught:
            main()
        # A short run leaves its garbage to the end of the process; this one goes on.
        gc.enable()
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return call
