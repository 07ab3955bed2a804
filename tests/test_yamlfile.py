"""YAML and JSON text to plain data: no guessed types, nothing hidden, and a place for every node and every fault."""

import json
import math
from typing import Any

import pytest
import yaml

from dmcli import yamlfile
from dmcli.yamlfile import Document, parse, scalar


@pytest.fixture(params=["C", "python"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers that PyYAML may come with."""
    monkeypatch.setattr(yamlfile, "_BaseLoader", yaml.CBaseLoader if request.param == "C" else yaml.BaseLoader)


def faults(text: str) -> list[tuple[int, int, str, str]]:
    return [(p.line, p.col, p.field, p.code) for p in parse(text, "case.yaml").problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"), ("=", "="),
        ("1:30", "1:30"), ("190:20:30", "190:20:30"), ("0123", "0123"), ("08", "08"), ("-012", "-012"), ("00", "00"),
        ("09.5", "09.5"),
        ("0x1F", "0x1F"), ("0o17", "0o17"), ("0b11", "0b11"), ("1_000", "1_000"), ("2026-12-01", "2026-12-01"),
        ("2026-12-01 10:00:00", "2026-12-01 10:00:00"),
        ("1e400", "1e400"), ("12345678901234567890", "12345678901234567890"), ("1 000", "1 000"), ("infinity", "infinity"),
        ("nan", "nan"), ("٣", "٣"),
        ("true", True), ("True", True), ("TRUE", True), ("tRUE", "tRUE"), ("false", False), ("False", False), ("FALSE", False),
        ("null", None), ("Null", None), ("NULL", None), ("~", None), ("none", "none"),
        ("0", 0), ("-0", 0), ("+5", 5), ("-5", -5), ("100", 100), ("1e3", 1000.0), ("1E-2", 0.01), (".5", 0.5), ("5.", 5.0),
        ("-.5", -0.5), ("0.5", 0.5), ("+1.5e+1", 15.0),
        (".inf", math.inf), ("-.inf", -math.inf), ("+.Inf", math.inf), (".INF", math.inf),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_yaml_1_2_core_makes_of_it(text: str, value: Any) -> None:
    for found in (
        scalar(text, plain=True),
        parse(f"a: {text}", "case.yaml").data["a"],
        parse(f"a: [{text}, 1]", "case.yaml").data["a"][0],
    ):
        assert found == value
        assert type(found) is type(value)


@pytest.mark.usefixtures("loader")
def test_nothing_is_null() -> None:
    assert parse("a:\nb: [1, ~]\nc: {d: }", "case.yaml").data == {"a": None, "b": [1, None], "c": {"d": None}}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_one_that_can_be_seen(text: str) -> None:
    assert math.isnan(parse(f"a: {text}", "case.yaml").data["a"])


@pytest.mark.parametrize("text", ["5", "true", "null", "1e3", ".inf", "~", ""])
@pytest.mark.parametrize("quoted", ["'{}'", '"{}"'])
@pytest.mark.usefixtures("loader")
def test_what_is_quoted_is_text(text: str, quoted: str) -> None:
    assert parse(f"a: {quoted.format(text)}", "case.yaml").data == {"a": text}


@pytest.mark.usefixtures("loader")
def test_every_node_has_its_place() -> None:
    text = (
        "id: x\npatient: {age: 52,\n          sex: female}\ntreatments:\n  - therapy: ä\n    dose: 1 g daily\n  - {therapy: b}\n"
    )
    document = parse(text, "case.yaml")
    assert document.data == {
        "id": "x",
        "patient": {"age": 52, "sex": "female"},
        "treatments": [{"therapy": "ä", "dose": "1 g daily"}, {"therapy": "b"}],
    }
    assert document.places[("id",)] == (1, 1)
    assert document.places[("id", "=")] == (1, 5)
    assert document.places[("patient", "age")] == (2, 11)
    assert document.places[("patient", "sex")] == (3, 11)
    assert document.places[("treatments",)] == (4, 1)
    assert document.places[("treatments", 0)] == (5, 5)
    assert document.places[("treatments", 0, "dose")] == (6, 5)
    assert document.places[("treatments", 0, "dose", "=")] == (6, 11)
    assert document.places[("treatments", 1, "therapy")] == (7, 6)


@pytest.mark.usefixtures("loader")
def test_a_problem_stands_at_its_node_or_the_nearest_around_it() -> None:
    document = parse("patient:\n  age: 52\n", "case.yaml")
    assert str(document.problem(("patient", "age"), "x", "is wrong")) == "case.yaml:2:3: patient.age: is wrong"
    assert str(document.problem(("patient", "sex"), "x", "is missing")) == "case.yaml:1:1: patient.sex: is missing"
    assert str(document.problem(("labs", 0, "egfr"), "x", "is missing")) == "case.yaml:1:1: labs[0].egfr: is missing"
    assert document.problem((), "x", "y").field == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3", [(3, 1, "a", "duplicate_key")]),
        ("a: 1\n'a': 2\n\"a\": 3", [(2, 1, "a", "duplicate_key"), (3, 1, "a", "duplicate_key")]),
        ("a: 1\nb: {c: 1, c: 2}\na: 3", [(2, 11, "b.c", "duplicate_key"), (3, 1, "a", "duplicate_key")]),
        ("t:\n  - a: 1\n    a: 2\n", [(3, 5, "t[0].a", "duplicate_key")]),
        ('{"a": 1, "a": 2}', [(1, 10, "a", "duplicate_key")]),
        ("1: 1\n'1': 2", [(2, 1, "1", "duplicate_key")]),
        ("a: &x 1", [(1, 4, "", "anchor")]),
        ("b: 1\na: &x [1]", [(2, 4, "", "anchor")]),
        ("b: 1\na: *x", [(2, 4, "", "anchor")]),
        ("&x a: 1", [(1, 1, "", "anchor")]),
        ("a:\n  <<: {b: 1}", [(2, 3, "a.<<", "merge_key")]),
        ("<<: {b: 1}\n<<: {c: 1}", [(1, 1, "<<", "merge_key"), (2, 1, "<<", "merge_key")]),
        ("a: !!str 5", [(1, 4, "", "tag")]),
        ("a: !foo bar", [(1, 4, "", "tag")]),
        ("a: !!python/object/apply:os.system [ls]", [(1, 4, "", "tag")]),
        ("a: !!set {x}", [(1, 4, "", "tag")]),
        ("a: !!binary aGk=", [(1, 4, "", "tag")]),
        ("b: 1\na: ! 5", [(2, 4, "", "tag")]),
        ("a: ! [5]", [(1, 4, "", "tag")]),
        ("? [1]\n: 2", [(1, 3, "", "key")]),
        ("b: {? {c: 1} : 2}", [(1, 7, "b", "key")]),
        ("a:\n\tb: 1", [(2, 1, "", "syntax")]),
        ("a: b: c", [(1, 5, "", "syntax")]),
        ("---\na: 1\n---\nb: 2", [(3, 1, "", "syntax")]),
        ("a: \x00", [(1, 4, "", "syntax")]),
        ("a: 1\nb: x\x1by", [(2, 5, "", "syntax")]),
        ("", [(1, 1, "", "empty")]),
        ("\n\n", [(1, 1, "", "empty")]),
        ("# nothing yet\n", [(1, 1, "", "empty")]),
        ("\ufeff", [(1, 1, "", "empty")]),
    ],
)
@pytest.mark.usefixtures("loader")
def test_what_is_refused_and_where(text: str, expected: list[tuple[int, int, str, str]]) -> None:
    assert faults(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: [1",
        "a: {b: 1",
        "a: 'x",
        'a: "x',
        "a: ]",
        "}",
        "a: @x",
        "a: `x",
        "%FOO",
        "a: \ud800",
        'a: "\\q"',
        "- a\nb: 1",
        "a: |x\n  y",
    ],
)
@pytest.mark.usefixtures("loader")
def test_what_is_no_yaml_is_one_problem_with_a_place(text: str) -> None:
    (problem,) = parse(text, "case.yaml").problems
    assert problem.code == "syntax"
    assert problem.line >= 1
    assert problem.col >= 1


@pytest.mark.usefixtures("loader")
def test_every_duplicate_and_merge_key_is_told_at_once_and_names_the_first() -> None:
    document = parse("a: 1\nb:\n  <<: {}\n  c: 1\n  c: 2\na: 2\n", "case.yaml")
    assert [(p.line, p.code) for p in document.problems] == [(3, "merge_key"), (5, "duplicate_key"), (6, "duplicate_key")]
    assert "first on line 4" in document.problems[1].text
    assert "first on line 1" in document.problems[2].text


@pytest.mark.usefixtures("loader")
def test_every_anchor_alias_and_tag_is_told_at_once() -> None:
    # Every error of the file at once: anchors and aliases stand in the same list as duplicate and merge keys.
    codes = [p.code for p in parse("a: &x 1\nb: *x\nc: !!str 5\nd: 1\nd: 2\n", "case.yaml").problems]
    assert codes == ["anchor", "anchor", "tag", "duplicate_key"]


@pytest.mark.usefixtures("loader")
def test_a_byte_order_mark_is_no_text() -> None:
    document = parse("\ufeffa: 1\nb: 2", "case.yaml")
    assert document.data == {"a": 1, "b": 2}
    assert document.places[("b",)] == (2, 1)


@pytest.mark.usefixtures("loader")
def test_places_count_characters_and_not_bytes() -> None:
    assert faults("ä: é\nb: {ü: 1, 😀: 2, c: 3, c: 4}") == [(2, 23, "b.c", "duplicate_key")]


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_is_read_as_it_is_written(indent: Any, ascii_only: bool) -> None:
    data = {"id": "x", "n": [1, -2.5, 1e3, True, None], "t": "yes", "nested": {"a": {"b": []}}, "text": 'a\n"b"\t/ä'}
    assert parse(json.dumps(data, indent=indent, ensure_ascii=ascii_only), "case.json").data == data


def test_json_may_spell_a_character_beyond_the_basic_plane_as_a_pair() -> None:
    assert parse(json.dumps({"id": "😀"}), "case.json").data == {"id": "😀"}


def test_places_stay_where_they_are_after_such_a_pair() -> None:
    text = '{"id": "\\ud83d\\ude00", "a": 1, "a": 2}'
    assert faults(text) == [(1, text.rindex('"a"') + 1, "a", "duplicate_key")]


def test_json_that_is_no_json_is_refused_with_its_place() -> None:
    assert faults('{"a": 1,\n "b" 2}')[0][3] == "syntax"
    assert faults('{"a": 1,\n "a": 2}') == [(2, 2, "a", "duplicate_key")]


@pytest.mark.parametrize(("part", "col"), [("[", 25), ("{a: ", 97), ("- ", 49), ("? ", 49)])
@pytest.mark.usefixtures("loader")
def test_what_is_nested_too_deep_is_refused(part: str, col: int) -> None:
    (problem,) = parse(part * 100_000, "case.yaml").problems
    assert (problem.line, problem.col, problem.code) == (1, col, "too_deep")


@pytest.mark.usefixtures("loader")
def test_the_deepest_nesting_that_is_read() -> None:
    assert parse("[" * 24 + "]" * 24, "case.yaml").problems == []
    assert faults("[" * 25 + "]" * 25) == [(1, 25, "", "too_deep")]


BRACKETS = "[" * 30


@pytest.mark.parametrize(
    "text",
    [
        f"a: '{BRACKETS}'",
        f'a: ["{BRACKETS} \\""]',
        f"a: x {BRACKETS}",
        f"a: |\n  {BRACKETS}",
        f"a: 1 # {BRACKETS}",
        "a: [" + "[x]," * 30 + "]",
    ],
)
@pytest.mark.usefixtures("loader")
def test_brackets_that_are_no_nesting_are_read(text: str) -> None:
    assert parse(text, "case.yaml").problems == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.usefixtures("loader")
def test_a_deep_line_is_refused_in_its_place_with_what_was_wrong_before(end: str) -> None:
    text = f"a: &x 1{end}b: 'it''s [ text'{end}c: ['[', {'[' * 2000}"
    assert faults(text) == [(1, 4, "", "anchor"), (3, 32, "", "too_deep")]


def test_the_check_of_lines_takes_as_long_as_the_text_is() -> None:
    assert parse("a: [" + "'[[[[ " * 50_000, "case.yaml").problems
    assert parse("a: [" + '"\\" ' * 50_000, "case.yaml").problems


def test_what_is_too_large_is_refused() -> None:
    assert [p.code for p in parse("a: " + "x" * yamlfile.MAX_BYTES, "case.yaml").problems] == ["too_large"]
    assert [p.code for p in parse("a: " + "ä" * (yamlfile.MAX_BYTES // 2), "case.yaml").problems] == ["too_large"]
    assert [p.code for p in parse("a: [" + "1," * 300_000 + "]", "case.yaml").problems] == ["too_large"]
    assert parse("a: " + "x" * 1000, "case.yaml").problems == []


@pytest.mark.usefixtures("loader")
def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    problems = parse("\n".join(lines), "case.yaml").problems
    assert (problems[0].line, problems[0].col, problems[0].code) == (1, 4, "anchor")


@pytest.mark.usefixtures("loader")
def test_an_alias_of_its_own_parent_ends() -> None:
    for text in ("a: &x [*x]", "&x {a: *x}", "a: &x {b: {c: *x}}"):
        assert {p.code for p in parse(text, "case.yaml").problems} == {"anchor"}


@pytest.mark.parametrize(
    "text",
    [
        "&a " * 1000,
        "*a " * 1000,
        '"' + "x" * 3_000_000,
        "'" * 1_000_001,
        "!" * 100_000,
        "a: " + "[" * 20 + "x" * 100_000,
        "\n" * 1_000_000,
        "#" * 3_000_000,
    ],
)
def test_what_is_hostile_is_refused(text: str) -> None:
    assert parse(text, "case.yaml").problems


@pytest.mark.parametrize(
    "text",
    ["a: !" + "x" * 100_000 + " 1", "a: 1\n" * 2 + "x" * 500, "x" * 900 + ": 1\n" + "x" * 900 + ": 2", "a: [" + "'" * 50_000],
)
def test_a_message_never_echoes_the_file(text: str) -> None:
    problems = parse(text, "case.yaml").problems
    assert problems
    assert [p.text[:80] for p in problems if len(p.text) > 400] == []


def test_parsing_never_raises() -> None:
    for text in (
        "\ud83d",
        "\x00",
        "a: " + chr(0x10FFFF),
        "\r\n\r\n",
        "a:\r\n  b: 1\r",
        "\x85a: 1",
        "a: \u2028b",
        "-",
        "?",
        ":",
        "---",
        "...",
        "--- !",
        "*",
        "&",
    ):
        document = parse(text, "case.yaml")
        assert isinstance(document, Document)


@pytest.mark.usefixtures("loader")
def test_windows_line_ends() -> None:
    document = parse("a: 1\r\nb:\r\n  c: x\r\n  c: y\r\n", "case.yaml")
    assert document.data == {"a": 1, "b": {"c": "x"}}
    assert [(p.line, p.col) for p in document.problems] == [(4, 3)]
