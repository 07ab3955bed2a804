"""The short way to read a line of JSON gives what the long way gives, or leaves the text to it."""

import json
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conftest import ROOT, examples
from dmcli import yamlfile
from dmcli.case.plain_json import plain_json
from dmcli.knowledge.model import Knowledge

sys.path.append(str(ROOT / "benchmarks"))
from cohorts import Cohort

OFTEN = settings(max_examples=examples(300))
# What one of the two ways might take for something else: by its look, its length, or as a mark of YAML.
ODD_WORDS = (
    "<<", "=", "~", "null", "true", "yes", "no", "NO", "1", "1.0", "1e5", "0x1f", "1:30", "2026-12-01", "", " ", "a: b", "#", "- a",
    "&a", "*a", "!!str x", "{", "]", "%YAML", "---", "...", "'", "`", "@", "\u00b5", "\u00e4", "\u4e2d", "\U0001f600", "\u00a0",
    "\u0085", "\u2028", "\ufeff", "\u200b", "\u202e", "\ud800", "\x00", "\t", "\n", "\\", '"', "x" * 1100,
)  # fmt: skip
ODD_NUMBERS = (
    "0", "-0", "-0.0", "0.0", "1", "-1", "01", "+1", ".5", "1.", "1.50", "1e5", "1E+5", "1e-5", "1E5.0", "0e0", "1e999", "-1e999",
    "1e-999", "123456789012345", "12345678901234", "-12345678901234", "1234567890123456", "0.1234567890123456789", "9007199254740993",
    "NaN", "Infinity", "-Infinity", "nan", "1_000", "0x1f", "0o7", "true", "false", "null", "True", "none", "undefined",
)  # fmt: skip

words = st.one_of(st.sampled_from(ODD_WORDS), st.text(max_size=6))
quoted = st.builds(lambda word, plain: json.dumps(word, ensure_ascii=plain), words, st.booleans())
numbers = st.one_of(
    st.sampled_from(ODD_NUMBERS),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,5})?([eE][-+]?[0-9]{1,3})?\Z"),
    st.floats().map(json.dumps),
    st.integers().map(str),
)
gaps = st.sampled_from(("", "", "", " ", "  ", "\n", " \n ", "\r\n", "\t", "\u00a0"))


def lists(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda items, gap: f"[{gap}{f',{gap}'.join(items)}{gap}]", st.lists(inner, max_size=4), gaps)


def mappings(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    # Few keys, so that some stand twice.
    keys = st.one_of(st.sampled_from(('"a"', '"b"', '"<<"')), quoted)
    entries = st.lists(st.tuples(keys, inner), max_size=4)

    def written(pairs: list[tuple[str, str]], before: str, behind: str, gap: str) -> str:
        return "{" + gap + f",{gap}".join(f"{key}{before}:{behind}{value}" for key, value in pairs) + gap + "}"

    return st.builds(written, entries, gaps, gaps, gaps)


values = st.recursive(st.one_of(numbers, quoted), lambda inner: st.one_of(lists(inner), mappings(inner)), max_leaves=12)
texts = mappings(values)
deep = st.builds(
    lambda depth, kind, leaf: (
        '{"a":' + kind[0] * depth + leaf + kind[1] * depth + "}" if kind[0] == "[" else '{"a":' * depth + leaf + "}" * depth
    ),
    st.integers(1, 40),
    st.sampled_from(("[]", "{}")),
    numbers,
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A text with something in it that was not there, or without something that was."""
    text = draw(texts)
    at = draw(st.integers(0, len(text)))
    put = draw(st.one_of(st.sampled_from(("", ",", ":", "{", "}", "[", "]", '"', "#", " #", "//", "\n", "'", "&a ", "0")), words))
    return text[:at] + put + text[at + draw(st.integers(0, 2)) :]


def same_or_left(text: str) -> bool:
    """Whether the short way took it; what it gives has to be what the long way gives, to the type and the order of keys."""
    short = plain_json(text, "x.json")
    if short is None:
        return False
    long = yamlfile.parse(text, "x.json")
    assert long.problems == []
    assert repr(short.data) == repr(long.data)
    assert (short.path, short.origin, short.problems) == (long.path, long.origin, [])
    return True


@OFTEN
@given(st.one_of(texts, deep, damaged()))
@example('{"a" \n: 1}')
@example('{"a": 1, "a": 2}')
@example('{"a"' + " " * 1100 + ": 1}")
@example('{"' + "x" * 600 + '"' + " " * 510 + ": 1}")
@example('{"<<": {"b": 1}}')
@example('{"a": -0, "b": -0.0, "c": 1e5, "d": 0.10}')
@example('{"' + "x" * 2000 + '": 1}')
def test_a_text_is_read_as_the_long_way_reads_it_or_left_to_it(text: str) -> None:
    same_or_left(text)


def test_lines_of_a_registry_are_read_the_short_way(knowledge: Knowledge) -> None:
    made = Cohort(knowledge=knowledge)
    texts = [json.dumps(made.case(number), separators=how) for number in range(5) for how in ((",", ":"), (", ", ": "))]
    assert [text for text in texts if not same_or_left(text)] == []


@pytest.mark.parametrize(
    "text", ["", "[]", "a: 1", '{"a": 1, "a": 1}', '{"<<": {}}', '{"a": 123456789012345}', '{"a": "\\u00b5"}']
)
def test_what_may_be_read_otherwise_is_left_to_the_long_way(text: str) -> None:
    assert plain_json(text, "x.json") is None
