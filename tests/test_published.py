"""What is published with the program: the JSON Schemas of its results, the README's output, the examples, the sources."""

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

import regenerate
from conftest import ROOT, run
from dmcli.knowledge.codes import NEEDED, Status, Verdict
from dmcli.knowledge.lint import uncited_topic_facts
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import LEVELS
from dmcli.result.options import OptionStatus

Call = Callable[..., tuple[int, str, str]]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def test_the_published_schema_is_the_plans_own() -> None:
    assert regenerate.SCHEMA.read_text(encoding="utf-8") == regenerate.plan_schema(), "run: python tests/regenerate.py"


def test_the_published_schema_of_a_roadmap_is_its_own() -> None:
    assert regenerate.ROADMAP_SCHEMA.read_text(encoding="utf-8") == regenerate.roadmap_schema(), "run: python tests/regenerate.py"


def test_the_published_schemas_of_a_batch_are_its_own() -> None:
    assert regenerate.SUMMARY_SCHEMA.read_text(encoding="utf-8") == regenerate.summary_schema(), "run: python tests/regenerate.py"
    assert regenerate.REFUSED_SCHEMA.read_text(encoding="utf-8") == regenerate.refused_schema(), "run: python tests/regenerate.py"
    assert regenerate.COHORT_SCHEMA.read_text(encoding="utf-8") == regenerate.cohort_schema(), "run: python tests/regenerate.py"


@pytest.mark.parametrize("path", regenerate.PAGES, ids=lambda p: p.name)
def test_pages_show_what_the_program_prints(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert regenerate.page(text) == text, "run: python tests/regenerate.py"


def test_the_drawing_of_the_algorithm_is_the_programs_own() -> None:
    drawn = regenerate.ALGORITHM.read_text(encoding="utf-8")
    assert drawn == regenerate.output("algorithm --format svg"), "run: python tests/regenerate.py"
    assert "](docs/algorithm.svg)" in regenerate.README.read_text(encoding="utf-8")


def test_the_readme_shows_a_plan_and_stays_short() -> None:
    text = regenerate.README.read_text(encoding="utf-8")
    assert "<!-- output: plan " in text
    assert len(text.splitlines()) <= 200


def test_the_page_on_scripts_has_every_exit_code_of_a_status() -> None:
    from dmcli.cli.plan_command import EXIT_CODES

    text = (ROOT / "docs" / "scripts.md").read_text(encoding="utf-8")
    table = text.partition("| exit | status |")[2].partition("\n\n")[0]
    assert {int(code) for code in re.findall(r"^\| ([0-9]+) \|", table, re.MULTILINE)} == set(EXIT_CODES.values())


def test_the_glossary_explains_every_word_of_the_closed_lists() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = {*get_args(OptionStatus), *get_args(Verdict), *get_args(Status), *LEVELS}
    assert {word for word in words if f"- `{word}`: " not in text} == set()


@pytest.mark.parametrize("path", regenerate.PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    links = set(re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_readme_names_every_command_and_no_other() -> None:
    named = set(re.findall(r"^dmcli ([a-z]+) ", regenerate.README.read_text(encoding="utf-8"), re.MULTILINE))
    offered = set(
        re.findall(r"^  ([a-z]+) {2,}[A-Z]", run("--help").stdout.partition("Commands")[2].partition("Options")[0], re.MULTILINE)
    )
    assert named == offered


def test_the_readmes_first_two_shell_blocks_are_one_command_each() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", regenerate.README.read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks[:2]:
        assert len(block.strip().splitlines()) == 1
        assert "python3 -m venv" in block
    assert "dmcli plan" in blocks[0]
    assert "pytest" in blocks[1]


def test_the_recipe_of_an_image_copies_whatever_the_wheel_is_built_from() -> None:
    page = (ROOT / "docs" / "docker.md").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    needed |= {*wheel["packages"], *wheel["force-include"], *(hook["path"] for hook in wheel["hooks"].values())}
    copied = {name for line in re.findall(r"^COPY (?!--)(.*) \S+$", page, re.MULTILINE) for name in line.split()}
    assert needed - copied == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_examples_give_a_plan_that_fits_the_schema(dmcli: Call, path: Path) -> None:
    def fits(schema: object, *args: str) -> None:
        code, out, err = dmcli(*args, "--format", "json")
        assert code == 0, err
        Draft202012Validator(schema).validate(json.loads(out))

    fits(json.loads(regenerate.SCHEMA.read_text(encoding="utf-8")), "plan", str(path))
    fits(json.loads(regenerate.ROADMAP_SCHEMA.read_text(encoding="utf-8")), "roadmap", str(path), "--depth", "1")
    Draft202012Validator(json.loads(dmcli("case", "schema")[1])).validate(_core(path))


def _core(path: Path) -> object:
    from dmcli import yamlfile

    return yamlfile.parse(path.read_text(encoding="utf-8"), path.name).data


def test_every_fact_of_the_topic_is_cited_or_listed_as_context(knowledge: Knowledge) -> None:
    assert uncited_topic_facts(knowledge) == []


def test_context_only_facts_exist_and_are_not_cited(knowledge: Knowledge) -> None:
    from dmcli.knowledge.lint import cited_sources

    context = set(knowledge.sources.context_only)
    assert context <= set(knowledge.sources.topic_facts)
    assert not context & cited_sources(knowledge)


def test_every_part_of_the_knowledge_has_its_word(knowledge: Knowledge) -> None:
    from dmcli.render.catalogue.lookup import every_datum

    parts = {datum.owner for datum in every_datum(knowledge)} - set(knowledge.therapies)
    assert {f"part_{part}" for part in parts} <= set(knowledge.texts)


def test_no_therapy_or_other_drug_is_named_in_python(knowledge: Knowledge) -> None:
    names = {n.lower() for t in knowledge.therapies.values() for n in (t.id, t.name, *t.synonyms)}
    names |= {n.lower() for d in knowledge.catalogue.substances.values() for n in (d.id, d.name, *d.synonyms)}
    names |= {c.lower() for c in knowledge.catalogue.classes}
    # Few names stand in a file even as a part of a longer word: only those are looked for by whole words.
    patterns = {n: re.compile(rf"(?<![a-z]){re.escape(n)}(?![a-z])") for n in names if len(n) > 2}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "dmcli").rglob("*.py"))
        for text in [path.read_text(encoding="utf-8").lower()]
        for name, pattern in patterns.items()
        if name in text and pattern.search(text)
    ]
    assert found == []


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """The string constants of a module with their lines; docstrings and what an error of the program says are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    told |= {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


def test_no_fact_is_named_in_python_but_by_the_flags(knowledge: Knowledge) -> None:
    facts = {*knowledge.facts, *(d.fact for d in knowledge.algorithm.derived)}
    found = [
        f"{path.relative_to(ROOT)}:{number}: {text}"
        for path in sorted((ROOT / "dmcli").rglob("*.py"))
        # The flags of one patient are part of the interface; what they state is said in one table.
        if path.name != "flags.py" and path.parent.name != "cli"
        for number, text in strings(path)
        if text in facts
    ]
    assert found == []


def test_no_code_of_a_clinical_list_stands_in_python_but_those_the_program_looks_at(knowledge: Knowledge) -> None:
    codes = {code for listed in (knowledge.codes.warnings, knowledge.codes.harms, knowledge.codes.subjects) for code in listed}
    # Words that the program has for something of its own too: a reason of a stop, a reader's word for what is not listed.
    codes -= {*(code for needed in NEEDED.values() for code in needed), "other"}
    found = [
        f"{path.relative_to(ROOT)}:{number}: {text}"
        for path in sorted((ROOT / "dmcli").rglob("*.py"))
        for number, text in strings(path)
        if text in codes
    ]
    assert found == []


def test_no_sentence_of_a_plan_is_written_in_python() -> None:
    """Errors about a file, a flag or a program are told by the room that reads it; all else is in the knowledge."""
    rooms = ("batch", "case", "cli", "knowledge", "schemas", "values")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {text}"
        for path in sorted((ROOT / "dmcli").rglob("*.py"))
        if path.relative_to(ROOT / "dmcli").parts[0] not in (*rooms, "errors.py", "record.py", "yamlfile.py")
        for number, text in strings(path)
        if re.search(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", text)
    ]
    assert found == []
