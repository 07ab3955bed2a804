"""What holds for every patient: what a plan says has its sources and rules, and can be shown in every format."""

import json
import re
from collections.abc import Iterator
from functools import cache

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, as_yaml, examples
from dmcli.knowledge.statements import LEVELS
from dmcli.record import walk
from dmcli.render.registry import View, formats_of, render
from patients_of_any_kind import FAST, anyone, everywhere, some_case
from pool import KNOWLEDGE, Data, hold, made, planned
from strategies import Document

pytestmark = pytest.mark.usefixtures("drawn_cases")


def test_every_source_a_plan_names_is_listed_and_nothing_else() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        body = {k: v for k, v in p.items() if k != "sources"}
        named = {s for field, s in everywhere(body) if field == "sources" and isinstance(s, str)}
        yield from (f"{s} is named but not listed" for s in named - set(p["sources"]))
        yield from (f"{s} is listed but not named" for s in set(p["sources"]) - named)
        known = {*KNOWLEDGE.sources.sources, *KNOWLEDGE.sources.topic_facts}
        yield from (f"{s} is no source of the knowledge" for s in named - known)
        yield from (f"{s} has no citation" for s, source in p["sources"].items() if not source["citation"])

    hold(breaches, anyone())


@cache
def known_ids() -> frozenset[str]:
    parts = (KNOWLEDGE.algorithm, KNOWLEDGE.catalogue)
    found = {item.id for part in parts for _, item in walk(part) if hasattr(item, "id")}
    return frozenset({*found, *KNOWLEDGE.algorithm.statements, *KNOWLEDGE.algorithm.settings})


def test_every_rule_a_plan_names_is_one_of_the_knowledge() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        named = {
            (field, v) for field, v in everywhere(p) if field in ("rule", "step", "regimen", "needed_for") and isinstance(v, str)
        }
        named |= {("conflicts", c["id"]) for c in p["conflicts"]}
        yield from (f"{field}: {v!r} is not in the knowledge" for field, v in named if v not in known_ids())

    hold(breaches, anyone())


def test_every_level_but_default_and_unverified_has_a_source() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for field, value in everywhere(p):
            # The level of a limit is what to do beyond it.
            if isinstance(value, dict) and "level" in value and "sources" in value and field != "limits":
                if value["level"] not in LEVELS:
                    yield f"{field}: unknown level {value['level']}"
                elif value["level"] not in ("default", "unverified") and not value["sources"]:
                    yield f"{field}: {value['level']} without a source: {value.get('text') or value.get('what')}"

    hold(breaches, anyone())


def test_the_summary_is_at_most_twelve_single_lines() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if not 1 <= len(p["summary"]) <= 12:
            yield f"{len(p['summary'])} lines"
        said = [f"{line['label']}: {line['text']}" if line["label"] else line["text"] for line in p["summary"]]
        yield from (f"no single line: {line!r}" for line in said if not line.strip() or "\n" in line)
        name = p["next"] and p["next"]["name"]
        if name and not any(name in line for line in said):
            yield f"{name} is next and not in the summary"

    hold(breaches, anyone())


def test_no_sentence_has_an_unfilled_blank() -> None:
    blank = re.compile(r"\{(?!score\}|1\.73_m2\}|application\})[a-z_]*\}|\bNone\b|\bSpan\(|frozenset")

    def breaches(document: Document, p: Data) -> Iterator[str]:
        said = json.dumps(document.get("other_drugs") or "")
        for field, value in everywhere(p):
            if isinstance(value, str) and (found := blank.search(value)) and found[0] not in said:
                yield f"{field}: {value}"

    hold(breaches, anyone())


def test_a_plan_as_json_reads_back_as_itself() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        if json.loads(render("plan", "json", made(document), KNOWLEDGE, View(80, explain=False))) != p:
            yield "the JSON text holds another plan"

    hold(breaches, anyone())


def test_a_plan_fits_the_published_schema() -> None:
    schema = ROOT / "dmcli" / "schemas" / "plan.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))

    def breaches(_: Document, p: Data) -> Iterator[str]:
        yield from (f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(p))

    hold(breaches, anyone()[::8])  # a tenth of a second each


@settings(FAST, max_examples=examples(14))  # up to a fifth of a second each
@given(document=some_case(), name=st.sampled_from(formats_of("plan")), width=st.integers(40, 120), explain=st.booleans())
def test_every_plan_can_be_shown_in_every_format(document: Document, name: str, width: int, explain: bool) -> None:
    text = render("plan", name, made(document), KNOWLEDGE, View(width, explain=explain))
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert "\u202e" not in text
    if name == "yaml":
        assert json.loads(json.dumps(as_yaml(text), default=str)) == json.loads(json.dumps(planned(document)))
    if name == "text":
        assert all(len(line) <= width for line in text.split("\n"))
