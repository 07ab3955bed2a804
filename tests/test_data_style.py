"""How the knowledge is written: short lines, one key a line where a sentence or a condition stands, one order of keys."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT, shipped_knowledge
from dmcli.knowledge.therapies import Profile
from dmcli.record import fields_of

DATA = ROOT / "data"
FILES = sorted(DATA.rglob("*.yaml"))
THERAPIES = [file for file in FILES if file.parent.name == "therapies"]
# Files that hold one short entry a line beside sentences.
COMPACT = ("codes.yaml", "facts.yaml", "sources.yaml")
WIDTH = 110
LONGEST_CHAIN = 5
CONDITION = re.compile(r"\s*(\w+_)?when: ")
# What ends every entry, in this order; what belongs to an entry of its own comes behind.
ENDING = ("text", "sources", "level", "note")
BEHIND = {
    "phases", "limits", "steps", "caps", "course_max", "infusion", "no_response", "some_response", "positions", "taper",
    "rise",
    "requirements", "readings",
}  # fmt: skip

name_of = pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(DATA).as_posix())


def lines(file: Path) -> list[tuple[int, str]]:
    return list(enumerate(file.read_text(encoding="utf-8").splitlines(), 1))


@name_of
def test_no_line_is_longer_than_a_page_is_wide(file: Path) -> None:
    long = [(number, line) for number, line in lines(file) if len(line) > WIDTH]
    if file.name == "sources.yaml":
        long = [(number, line) for number, line in long if not re.match(r" *(citation: |url: |https://)", line)]
    assert long == []


@name_of
def test_a_sentence_never_stands_inside_braces(file: Path) -> None:
    sentence = re.compile(r"\{[^}]*\b(text|question|citation|summary):")
    assert [(n, line) for n, line in lines(file) if sentence.search(line) and file.name not in COMPACT] == []


@name_of
def test_a_condition_stands_on_a_line_of_its_own(file: Path) -> None:
    found = [(n, line) for n, line in lines(file) if re.search(r"\b(\w+_)?when: ", line) and not line.lstrip().startswith("#")]
    assert [(n, line) for n, line in found if not CONDITION.match(line)] == []


def entries(node: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], list[str]]]:
    """Every mapping with an id, and its keys as they are written."""
    if isinstance(node, dict):
        if "id" in node:
            yield where, list(node)
        for key, inner in node.items():
            yield from entries(inner, (*where, key))
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from entries(inner, (*where, number))


@cache
def plain(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), getattr(yaml, "CBaseLoader", yaml.BaseLoader))


@name_of
def test_an_entry_begins_with_its_id_and_ends_with_its_sentence_sources_and_level(file: Path) -> None:
    for where, keys in entries(plain(file)):
        if not where:
            continue
        assert keys[0] == "id", where
        own = [key for key in keys if key not in BEHIND]
        ending = [key for key in ENDING if key in own]
        assert own[len(own) - len(ending) :] == ending, (where, keys)
        assert [key for key in keys if key in BEHIND] == keys[len(own) :], (where, keys)


@pytest.mark.parametrize("file", THERAPIES, ids=lambda file: file.stem)
def test_a_file_of_a_therapy_is_named_by_its_id_and_keeps_the_order_of_the_record(file: Path) -> None:
    keys = list(plain(file))
    assert plain(file)["id"] == file.stem
    assert keys == [key for key in ("schema", *fields_of(Profile)) if key in keys]


def written() -> Iterator[str]:
    for file in FILES:
        for key, text in texts(plain(file)):
            if key == "when" or key.endswith("_when"):
                yield text


def texts(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, list):
        for inner in node:
            yield from texts(inner, key)
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from texts(inner, name)


def test_a_long_chain_of_alternatives_has_a_name() -> None:
    assert [text for text in written() if len(re.findall(r"\bor\b", text)) >= LONGEST_CHAIN] == []


def test_every_named_condition_is_used_and_is_worth_its_name() -> None:
    knowledge = shipped_knowledge()
    everything = " ".join(written())
    for name, meaning in knowledge.algorithm.conditions.items():
        assert re.search(rf"\b{name}\b", everything), name
        assert knowledge.whole(name) == meaning


def _days_named(text: str) -> int | None:
    """The first days, hours or weeks after which a limit asks for its test again."""
    found = re.search(r"within (\d+) (days|hours)|in (\d+) to \d+ weeks|LFT (weekly)", text)
    if found is None:
        return None
    if found[4]:
        return 7
    return int(found[3]) * 7 if found[3] else int(found[1]) // (24 if found[2] == "hours" else 1)


def test_a_limit_dates_the_test_that_its_sentence_asks_for_again() -> None:
    knowledge = shipped_knowledge()
    limits = {a.limit.id: a.limit for applied in knowledge.limits.limits.values() for a in applied}
    shared = {t.two_lines.id: t.two_lines for t in knowledge.toxicities.values() if t.two_lines is not None}
    told = {rule.id: (_days_named(rule.text), rule.recheck_days) for rule in (*limits.values(), *shared.values())}
    assert {id_: days for id_, days in told.items() if days[0] != days[1]} == {}
    assert sum(days is not None for days, _ in told.values()) > 50
