"""`dmcli help`: the pages in a terminal, every code of the program, and what the help of a command ends with."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import get_args

import pytest
from test_cli import every_command

from conftest import ROOT
from dmcli.cli import pages
from dmcli.cli.pages import TOPICS
from dmcli.knowledge.codes import OUTCOMES, OWN_WARNINGS
from dmcli.knowledge.model import Knowledge
from dmcli.render.page import page_text
from dmcli.render.registry import View
from dmcli.render.screen.columns import cells
from dmcli.result.options import Code

Call = Callable[..., tuple[int, str, str]]
# What makes a problem, with the place of its code among the arguments; None: the first that looks like one.
MAKERS = {"Problem": 4, "Fault": 1, "wrong": 1, "_wrong": None, "Wrong": 0, "_refuse": 2, "_failed": None, "problem": None}
# Names of commands and streams, and fields, that stand before a code.
NO_CODES = {"dmcli", "stdout"}


def codes_of_errors() -> Iterator[str]:
    for path in sorted((ROOT / "dmcli").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", getattr(getattr(node, "func", None), "attr", ""))
            if isinstance(node, ast.Call) and name in MAKERS:
                found = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                yield from (code for code in found if re.fullmatch(r"[a-z]+(_[a-z]+)*", code) and code not in NO_CODES)


def test_every_code_of_an_error_a_warning_an_argument_and_a_course_is_explained(knowledge: Knowledge) -> None:
    page = pages.read("codes")
    explained = set(re.findall(r"^- `(\w+)`: ", page, re.MULTILINE))
    used = {*codes_of_errors(), *OWN_WARNINGS, *get_args(Code), "unknown_fact", "unknown_source"}
    # What an advice is about is its heading, and needs no other word.
    used |= {code for name, listed in knowledge.code_lists.items() if name != "subjects" for code in listed.codes}
    assert used - explained == set()
    assert explained - used == set()


@pytest.mark.parametrize("name", pages.names())
@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_page_reads_on_a_terminal(name: str, width: int) -> None:
    text = page_text(pages.read(name), View(width))
    examples = [line for line in text.splitlines() if line.startswith("  ")]
    assert all(cells(line) <= width for line in text.splitlines() if line not in examples)
    assert not re.search(r"^#|\*\*|^<!--|^```", text, re.MULTILINE)
    # Every word of the page is there, in its order.
    words = re.findall(
        r"[A-Za-z]{4,}", re.sub(r"<!--.*?-->|\]\([^)]*\)|^```\w*", " ", pages.read(name), flags=re.DOTALL | re.MULTILINE)
    )
    shown = iter(word.lower() for word in re.findall(r"[A-Za-z]{4,}", text))
    # A table that has no room is a list without its head.
    assert name not in ("glossary", "codes", "python", "scripts", "how-a-plan-is-made") or all(
        word.lower() in shown for word in words
    )


def test_pages_commands_and_codes_are_found_and_nothing_else_is(dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    _, listed, _ = dmcli("help")
    assert all(f"\n{name} " in listed for name in pages.names())
    assert dmcli("help", "batch")[1].startswith("MANY PATIENTS AT ONCE\n")
    assert dmcli("help", "BATCH.md") == dmcli("help", "batch")
    assert dmcli("help", "roadmap") == dmcli("help", "how-a-plan-is-made")
    assert dmcli("help", "fact-blocks")[1] == "- fact_blocks: a fact that is not known holds its first dose back. (Arguments)\n"
    # One word may be a verdict, an outcome and an argument.
    assert len(dmcli("help", "contraindicated")[1].splitlines()) == 4
    code, out, err = dmcli("help", "fact_block")
    assert (code, out) == (2, "")
    assert "did you mean 'fact_blocks'?" in err


@pytest.mark.parametrize("command", [c for c in every_command() if c and c != ["case"]], ids=" ".join)
def test_the_help_of_each_command_ends_with_its_topic(dmcli: Call, command: list[str]) -> None:
    _, out, _ = dmcli(*command, "--help")
    assert out.rstrip().splitlines()[-1] == f"More: dmcli help {TOPICS[command[0]]}"
    assert TOPICS[command[0]] in pages.names()


def test_the_help_of_plan_has_the_grammar_of_a_course_and_two_examples_that_work(dmcli: Call) -> None:
    import shlex

    _, out, _ = dmcli("plan", "--help")
    end = out[out.index("A course, for") :]
    assert "THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]" in end
    outcomes = " ".join(end.partition("outcomes: ")[2].partition(";")[0].split())
    assert tuple(outcomes.split(", ")) == OUTCOMES
    examples = re.findall(
        r"^  dmcli ((?:.*\\\n)*.*)", end.replace("case.yaml", str(ROOT / "examples/ivig-start.yaml")), re.MULTILINE
    )
    assert len(examples) == 2
    for example in examples:
        code, _, err = dmcli(*shlex.split(example.replace("\\\n", " ")), "--as-of", "2026-12-01")
        assert (code, err) == (0, "")


def test_the_pages_are_in_the_wheel() -> None:
    assert '"docs" = "dmcli/docs"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
