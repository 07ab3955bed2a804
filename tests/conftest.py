"""Shared fixtures: the shipped knowledge, loaded once from its files, and one way to plan a case."""

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from dmcli import yamlfile
from dmcli.case.model import Case
from dmcli.case.read import read_case
from dmcli.knowledge import load
from dmcli.knowledge.cache import default_dir, load_knowledge
from dmcli.knowledge.load import build, read_files
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.result.plan import Plan

ROOT = Path(__file__).resolve().parents[1]
AS_OF = date(2026, 12, 1)
DATA = ROOT / "data"
# Files that share what is dear to make, by the beginning of their names.
_SHARED = {
    "cases": ("test_cases", "test_coverage_of_knowledge", "test_first_screen"),
    "patients": tuple(f"test_properties_of_{name}" for name in ("knowing", "options", "sameness", "schedules", "texts")),
    "treated": ("test_running_properties_of_",),
}
_USUAL_EXAMPLES = 100
settings.register_profile("usual", max_examples=_USUAL_EXAMPLES, deadline=None, derandomize=True, database=None)
settings.register_profile("thorough", settings.get_profile("usual"), max_examples=20 * _USUAL_EXAMPLES)
settings.load_profile("usual")


def examples(usual: int) -> int:
    """How many examples the profile of this run makes of a usual number: `--hypothesis-profile thorough` makes twenty times as many."""
    return usual * settings().max_examples // _USUAL_EXAMPLES


def pytest_configure(config: pytest.Config) -> None:
    """One cache for the run, apart from the user's own: filled here, before any worker starts that would fill it too."""
    # A run keeps some thousand plans on purpose: looking through them for rubbish again and again takes a fifth of it.
    gc.set_threshold(100_000, 50, 100)
    if config.getoption("dist", "no") == "load":
        config.option.dist = "loadgroup"
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="dmcli-tests-")
        config.add_cleanup(folder.cleanup)
        os.environ["XDG_CACHE_HOME"] = folder.name
        shipped_knowledge()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What looks at the same plans runs in one worker, so that they are made once."""
    for item in items:
        group = next((name for name, starts in _SHARED.items() if item.path.name.startswith(starts)), None)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


@cache
def shipped_knowledge() -> Knowledge:
    """The knowledge of the checkout, built once for the whole run and read from its cache by every worker."""
    return load_knowledge(DATA, "data", default_dir(os.environ))


@cache
def built_knowledge() -> Knowledge:
    """The knowledge of the checkout from its files, for what must not depend on the cache."""
    return build(read_files(DATA), "data")


@pytest.fixture(scope="session", autouse=True)
def parsed_once() -> Iterator[None]:
    """Knowledge files of the same bytes are parsed once: many tests build knowledge that differs in one file."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(load, "_document", lru_cache(maxsize=150)(load._document))
        yield


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
    """Plain data as a case, through the same reader a file goes through."""
    text = json.dumps(data, ensure_ascii=False, indent=0)
    return read_case(yamlfile.parse(text, "case.yaml"), knowledge, None, AS_OF)


def plan_of(data: dict[str, Any], knowledge: Knowledge, **options: Any) -> Plan:
    return plan(as_case(data, knowledge), knowledge, **options)


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
        out, err = capsys.readouterr()
        return int(caught.value.code or 0), out, err

    return call
