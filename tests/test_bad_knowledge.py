"""Copies of the shipped knowledge with defects put in: each is refused with its place, and all of them at once.

The places that are expected are found in the changed text itself, so that the tests hold while the data grow.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from conftest import ROOT
from dmcli.errors import InvalidKnowledge, Problem
from dmcli.knowledge.load import FILES, build, read_files

Call = Callable[..., tuple[int, str, str]]

SHIPPED = read_files(ROOT / "data")
ALGORITHM, REGIMENS, FACTS, SOURCES, TEXTS = "algorithm.yaml", "regimens.yaml", "facts.yaml", "sources.yaml", "texts.yaml"


class Defect(NamedTuple):
    """`new` stands in the place of the first `old`; the fault is told at `mark` in it, if one is named."""

    name: str
    file: str
    old: str
    new: str
    mark: str
    code: str
    words: str


def rule(
    name: str, when: str, mark: str, words: str, where: str = "contradictions:\n", more: str = "field: facts.pregnancy"
) -> Defect:
    """One more rule with a fault in its condition."""
    new = f"{where}  - {{id: bad-{name.replace(' ', '-')}, {more}, text: x, level: default, when: {when}}}\n"
    return Defect(name, ALGORITHM, where, new, mark, "condition", words)


def entry(name: str, where: str, fields: str, mark: str, code: str, words: str) -> Defect:
    """One more entry of a list of the algorithm."""
    new = f"{where}:\n  - {{id: bad-{name.replace(' ', '-')}, text: x, {fields}}}\n"
    return Defect(name, ALGORITHM, f"{where}:\n", new, mark, code, words)


CONDITIONS = [
    rule("unknown fact", "agee < 18", "agee", "unknown fact 'agee' (did you mean 'age'?)"),
    rule("unknown fact behind", "sex == male and pregnacy", "pregnacy", "unknown fact 'pregnacy' (did you mean 'pregnancy'?)"),
    rule("unknown fact in single quotes", "'subtipe == classic'", "subtipe", "unknown fact 'subtipe' (did you mean 'subtype'?)"),
    rule(
        "unknown fact in double quotes",
        '"age > 1 and subtipe == classic"',
        "subtipe",
        "unknown fact 'subtipe' (did you mean 'subtype'?)",
    ),
    rule("unknown fact after a blank", "' agee < 18'", "agee", "unknown fact 'agee'"),
    rule("unknown code", "sex == mail", "mail", "unknown code 'mail' (did you mean 'male'?)"),
    rule("unknown code in a list", "'muscle in (activ, refractory)'", "activ", "unknown code 'activ' (did you mean 'active'?)"),
    rule("unknown function", "faild(antimalarial)", "faild", "unknown function 'faild' (did you mean 'failed'?)"),
    rule(
        "unknown therapy",
        "age > 1 and passed(methotrexat)",
        "methotrexat",
        "unknown target 'methotrexat' (did you mean 'methotrexate'?)",
    ),
    rule("unknown substance", "taking(nephrotoxic_drug)", "nephrotoxic_drug)", "(did you mean 'nephrotoxic_drugs'?)"),
    rule("no boolean", "age", "age", "this gives a number where a boolean is needed"),
    rule("two types", "age == sex", "age", "a number cannot be compared with a code"),
    rule("two units", "age < weight_kg", "age", "'a' is compared with 'kg'"),
    rule("wrong unit", "age < '18 kg'", "'18 kg'", "the unit 'kg' does not fit 'a'"),
    rule("code as boolean", "not subtype", "subtype", "a boolean is needed here, this is a code"),
    rule("no order", "sex < male", "sex", "a code has no order"),
    rule("no expression", "age <", "", "not a condition"),
    rule("python", "__import__('os').system('ls')", "__import__", "only names, and/or/not"),
    rule("a word of courses", "age > 1 and running", "running", "unknown fact 'running'"),
    rule("a word of decisions", "gate_passed", "gate_passed", "unknown fact 'gate_passed'"),
    rule(
        "a word of a verdict",
        "not runing",
        "runing",
        "unknown fact 'runing' (did you mean 'running'?)",
        "verdicts:\n",
        "verdict: unknown",
    ),
    rule(
        "a word of a status",
        "gate_past",
        "gate_past",
        "unknown fact 'gate_past' (did you mean 'gate_passed'?)",
        "statuses:\n",
        "status: refer",
    ),
    Defect(
        "a word of a change in a band",
        ALGORITHM,
        "\nscores:\n",
        "\nscores:\n  - {fact: age, bands: [{id: bad-band, name: x, text: x, level: default, when: score_start > 4}]}\n",
        "score_start",
        "condition",
        "unknown fact 'score_start'",
    ),
    Defect(
        "a word of a course in a change",
        ALGORITHM,
        "\nscores:\n",
        "\nscores:\n  - {fact: bmi, changes: [{id: bad-change, text: x, level: default, when: score_weeks > 4}]}\n",
        "score_weeks",
        "condition",
        "unknown fact 'score_weeks'",
    ),
    Defect(
        "no number",
        ALGORITHM,
        "derived:\n",
        "derived:\n  - {id: bad-no-number, fact: clearance, value: sex, text: x, level: default}\n",
        "sex",
        "condition",
        "this gives a code",
    ),
]
WHEN = "field: facts.pregnancy, when: pregnancy"
DATA = [
    entry("unknown source", "contradictions", f"{WHEN}, level: default, sources: [A61]", "sources:", "unknown_source",
        "unknown source 'A61'"),
    entry("misspelt source", "contradictions", f"{WHEN}, level: label, sources: [label-us-octagm]", "sources:",
        "unknown_source", "did you mean 'label-us-octagam'"),
    entry("missing source", "contradictions", f"{WHEN}, level: label", "{id:", "no_source", "level 'label' needs a source"),
    entry("empty sources", "contradictions", f"{WHEN}, level: study, sources: []", "sources:", "no_source",
        "level 'study' needs a source"),
    entry("topic without a topic fact", "contradictions", f"{WHEN}, sources: [label-us-octagam], level: topic", "level:",
        "level", "needs a fact of the topic"),
    entry("unknown target", "moves", "targets: [mmf, ivgi], to: front, when: pregnancy, level: default", "targets:",
        "unknown_name", "unknown name 'ivgi' (did you mean 'ivig'?)"),
    entry("unknown target of a contraindication", "contraindications",
        "targets: [jak_inhibitors], when: pregnancy, unknown: block, level: default", "targets:", "unknown_name",
        "'jak_inhibitor'"),
    entry("unknown target of a warning", "notices",
        "targets: [methotrexat], code: pregnancy_over_55, when: pregnancy, level: default", "targets:", "unknown_name",
        "'methotrexate'"),
    Defect("duplicate id", ALGORITHM, "cautions:\n",
        "cautions:\n" + "  - {id: bad-twice, text: x, targets: [mmf], when: pregnancy, level: default}\n" * 2, "",
        "duplicate_id", "the id 'bad-twice' is already used at cautions.0"),
    Defect("unknown dose unit", REGIMENS, "unit: g/kg", "unit: g/kgs", "unit:", "unit", "unknown dose unit 'g/kgs'"),
    Defect("unknown class", REGIMENS, "classes: [immunoglobulin]", "classes: [immunoglobulins]", "classes:", "unknown_name",
        "unknown class 'immunoglobulins'"),
    entry("unknown member", "lines", "name: primary, members: [ivig, mff], leave: never, level: default", "members:",
        "unknown_name", "unknown name 'mff' (did you mean 'mmf'?)"),
    Defect("unknown blank", TEXTS, "  review_stop: ", "  review_stop: '{nome}' # ", "review_stop", "blank",
        "unknown blank '{nome}'; known: name"),
    Defect("open brace", TEXTS, "  road_status: ", "  road_status: '{status: {reason}' # ", "road_status", "blank", "braces"),
    Defect("missing text", TEXTS, "  label_because: ", "  label_becase: ", "", "missing_text", "the text 'label_because' is missing"),
    Defect("text of no use", TEXTS, "  unknown: ", "  unheard: of\n  unknown: ", "unheard", "unknown_text",
        "no place uses the text 'unheard'"),
    Defect("blank of a statement", ALGORITHM, "  running_continues: {text: ",
        "  running_continues: {text: '{nam} goes on.', level: default} #", "running_continues", "blank",
        "unknown blank '{nam}'; known: name"),
    Defect("missing statement", ALGORITHM, "  declined: {", "  declines: {", "", "missing_text",
        "the text 'declined' is missing"),
    # Every name is checked when the knowledge is loaded: a safety rule that names nobody would never fire.
    entry("pair with nobody", "pairs", "left: mmf, right: azathioprin, effect: excludes, level: default", "right:",
        "unknown_name", "did you mean 'azathioprine'"),
    entry("pair of nobody", "pairs", "left: jak_inhibitors, right: mmf, effect: excludes, level: default", "left:",
        "unknown_name", "did you mean 'jak_inhibitor'"),
    entry("overlap with nobody", "overlaps",
        "starting: mmf, running: methotrexat, action: stop, when: pregnancy, level: default", "running:", "unknown_name",
        "did you mean 'methotrexate'"),
    entry("overlap of nobody", "overlaps",
        "starting: mff, running: methotrexate, action: stop, when: pregnancy, level: default", "starting:", "unknown_name",
        "did you mean 'mmf'"),
    entry("field of nobody", "contradictions", "field: facts.pregnacy, when: pregnancy, level: default", "field:", "",
        "pregnancy"),
    Defect("advanced line of nobody", ALGORITHM, "advanced: [primary, ", "advanced: [primry, ", "", "unknown_name",
        "did you mean 'primary'"),
    Defect("prescriber of nobody", ALGORITHM, "prescriber_decides: [tnf_inhibitor", "prescriber_decides: [tnf_inhibitr", "",
        "unknown_name", "did you mean 'tnf_inhibitor'"),
    Defect("exhausted by nothing", ALGORITHM, "exhausted: [adequate_failure", "exhausted: [adequate_failur", "", "",
        "adequate_failure"),
    Defect("score of nobody", ALGORITHM, "\nscores:\n", "\nscores:\n  - {fact: cdasi_activty}\n", "fact:", "unknown_name",
        "did you mean 'cdasi_activity'"),
    Defect("score that is no number", ALGORITHM, "\nscores:\n", "\nscores:\n  - {fact: smoker}\n", "fact:", "type",
        "'smoker' is a code"),
    Defect("score told twice", ALGORITHM, "\nscores:\n", "\nscores:\n  - {fact: itch}\n", "fact:", "duplicate_id",
        "the score 'itch' is stated more than once"),
    Defect("conflict about no fact", ALGORITHM, "facts: [cdasi_activity]", "facts: [cdasi_activty]", "", "unknown_name",
        "did you mean 'cdasi_activity'"),
    Defect("missing lead of a score", ALGORITHM, "  score_lead_weeks: {", "  score_led_weeks: {", "", "", "score_lead_weeks"),
    Defect("test that settles nothing", REGIMENS, "settles: [g6pd_deficiency]", "settles: [g6pd_deficency]", "settles:",
        "unknown_name", "did you mean 'g6pd_deficiency'"),
    Defect("body of nobody", ALGORITHM, "body: {kg: weight_kg", "body: {kg: wieght_kg", "", "", "weight_kg"),
    Defect("missing setting", ALGORITHM, "  horizon_weeks: {", "  horizon_week: {", "", "", "horizon_weeks"),
    Defect("default reading of nobody", ALGORITHM, "  default: both", "  default: bth", "default:", "", "both"),
    Defect("fact with an unknown unit", FACTS, "unit: fL", "unit: femtolitre", "unit:", "unit", "femtolitre"),
    Defect("fact with its range turned round", FACTS, "min: 30, max: 300", "min: 300, max: 30", "", "", "min"),
    Defect("change of nobody", FACTS, "change_of: creatinine", "change_of: creatinin", "change_of:", "unknown_name",
        "'creatinin' is no number that may change (did you mean 'creatinine'?)"),
    Defect("change of a fact that is no number", FACTS, "change_of: hemoglobin", "change_of: smoker", "change_of:",
        "unknown_name", "'smoker' is no number"),
    Defect("change of no kind", FACTS, "change: percent_rise, ", "", "", "change", "stand together or not at all"),
    Defect("other unit that is none", FACTS, "unit: mg/dL, factor: 88.4", "unit: mgdl, factor: 88.4", "", "unit",
        "'mgdl' is no other unit"),
    Defect("factor of nothing", FACTS, "factor: 0.02586", "factor: 0", "", "range", "0 is outside 1e-06 to 1e+06"),
    Defect("code fact without codes", FACTS, "codes: [female, male]", "codes: []", "", "", "codes"),
    Defect("cycle of no days", REGIMENS, "every_days: 28", "every_days: 0", "every_days:", "", ""),
    Defect("negative dose", REGIMENS, "amounts: [1]", "amounts: [-1]", "amounts:", "", ""),
]  # fmt: skip
TYPES = [
    entry("unknown level", "contradictions", f"{WHEN}, level: certain", "level:", "unknown_value", "'topic'"),
    entry("no level", "contradictions", f"{WHEN}", "{id:", "missing", "equired"),
    entry("unknown key", "contradictions", f"{WHEN}, level: default, source: [A16]", "source:", "unknown_key", ""),
    entry("text for a list", "contradictions", f"{WHEN}, level: default, sources: A16", "sources:", "type", ""),
    entry("number for a text", "contradictions", f"{WHEN}, level: 5", "level:", "unknown_value", ""),
    entry("number for a condition", "contradictions", "field: facts.pregnancy, when: 5, level: default", "when:", "type",
        ""),
    entry("boolean for a condition", "contradictions", "field: facts.pregnancy, when: true, level: default", "when:",
        "type", ""),
    entry("unknown status", "statuses", "status: out_of_scop, when: pregnancy, level: default", "status:", "unknown_value",
        "'out_of_scope'"),
    entry("unknown verdict", "verdicts", "verdict: intolerant, when: pregnancy, level: default", "verdict:", "unknown_value",
        "'intolerance'"),
    entry("unknown effect", "pairs", "left: mmf, right: ivig, effect: exclude, level: default", "effect:", "unknown_value",
        "'excludes'"),
    entry("words for a number", "overlaps",
        "starting: mmf, running: methotrexate, action: reduce, amount: ten, when: pregnancy, level: default", "amount:",
        "type", "number"),
    entry("boolean for a number", "overlaps",
        "starting: mmf, running: methotrexate, action: reduce, amount: true, when: pregnancy, level: default", "amount:",
        "type", "number"),
    entry("not a number", "overlaps",
        "starting: mmf, running: methotrexate, action: reduce, amount: .nan, when: pregnancy, level: default", "amount:",
        "not_finite", "finite"),
    entry("infinity", "overlaps",
        "starting: mmf, running: methotrexate, action: reduce, amount: .inf, when: pregnancy, level: default", "amount:",
        "not_finite", "finite"),
    entry("fraction of a day", "overlaps",
        "starting: mmf, running: methotrexate, action: reduce, per_days: 1.5, when: pregnancy, level: default", "per_days:",
        "type", "integer"),
    entry("yes for a boolean", "notices", "code: pregnancy_over_55, refer: yes, when: pregnancy, level: default", "refer:",
        "type", "boolean"),
    Defect("fact of no type", FACTS, "  age: {type: number", "  age: {type: integer", "type:", "unknown_value", "'boolean'"),
    Defect("source of no level", SOURCES, "level: label", "level: labels", "level:", "unknown_value", "'label'"),
]  # fmt: skip
YAML = [
    Defect("duplicate key", ALGORITHM, "\nversion: ", "\nversion: 0\nversion: ", "", "duplicate_key", "keep one of them"),
    Defect("merge key", TEXTS, "  unknown: ", "  <<: {a: b}\n  unknown: ", "<<", "merge_key", "write the entries out"),
    Defect("syntax", FACTS, "  age: {type", "  age: {{type", "", "syntax", "not valid YAML"),
    Defect("anchor", REGIMENS, "therapies:\n", "therapies: &all\n", "&all", "anchor", "write the value out"),
    Defect("tag", SOURCES, "schema: ", "schema: !!str ", "!!str", "tag", "not accepted"),
]


@cache
def found(defects: tuple[Defect, ...]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """The changed files, and every problem that is told of them."""
    texts = {name: raw.decode() for name, raw in SHIPPED.items()}
    for defect in defects:
        assert defect.old in texts[defect.file], f"the data no longer have the text that '{defect.name}' changes"
        texts[defect.file] = texts[defect.file].replace(defect.old, defect.new, 1)
    with pytest.raises(InvalidKnowledge) as caught:
        build({name: text.encode() for name, text in texts.items()}, "data")
    assert caught.value.exit_code == 4
    return texts, caught.value.problems


def place(text: str, defect: Defect) -> tuple[int, int]:
    """Line and column of the mark in the changed text; the last entry that was put in stands right below its heading."""
    inserted = defect.new.removeprefix(defect.old) if defect.old.endswith(":\n") else defect.new
    at = text.index(inserted) + inserted.rindex(defect.mark)
    return text[:at].count("\n") + 1, at - text[:at].rfind("\n")


def check(defect: Defect, together: list[Defect]) -> None:
    texts, problems = found(tuple(together))
    near = [p for p in problems if p.path == f"data/{defect.file}" and defect.words in p.text and defect.code in (p.code, "")]
    assert near, f"{defect.name} is not told"
    assert all(p.line >= 1 and p.col >= 1 and len(str(p)) < 1000 for p in near)
    if defect.mark:
        assert place(texts[defect.file], defect) in [(p.line, p.col) for p in near], [str(p) for p in near]


@pytest.mark.parametrize("defect", CONDITIONS, ids=lambda d: d.name)
def test_a_condition_with_a_fault_is_told_at_its_very_column(defect: Defect) -> None:
    check(defect, CONDITIONS)


@pytest.mark.parametrize("defect", DATA, ids=lambda d: d.name)
def test_a_datum_that_fits_nothing_is_told_at_its_place(defect: Defect) -> None:
    check(defect, DATA)


@pytest.mark.parametrize("defect", TYPES, ids=lambda d: d.name)
def test_a_datum_of_a_wrong_type_is_told_at_its_place(defect: Defect) -> None:
    check(defect, TYPES)


@pytest.mark.parametrize("defect", YAML, ids=lambda d: d.name)
def test_a_fault_of_a_file_is_told_at_its_place(defect: Defect) -> None:
    check(defect, YAML)


def test_nothing_is_told_but_the_defects() -> None:
    some = [*CONDITIONS[:4], *DATA[:4]]
    assert len(found(tuple(some))[1]) == len(some)
    assert len(found(tuple(CONDITIONS[:1]))[1]) == 1


def test_a_condition_that_is_nested_too_deep_is_a_problem_and_no_failure() -> None:
    (problem,) = found((rule("nested too deep", "not " * 500 + "pregnancy", "", ""),))[1]
    assert problem.code == "condition"
    assert len(str(problem)) < 1000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    copy(tmp_path, SHIPPED)
    (tmp_path / "regimens.yaml").unlink()
    (tmp_path / "texts.yaml").unlink()
    with pytest.raises(InvalidKnowledge) as caught:
        read_files(tmp_path)
    assert [(p.path, p.code) for p in caught.value.problems] == [
        (str(tmp_path / n), "unreadable") for n in ("regimens.yaml", "texts.yaml")
    ]
    assert all(", ".join(FILES) in p.text for p in caught.value.problems)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"just text", b"~", b"---\n", b"schema: 1", b"\xff\xfe\x00", b"a: [", b"{}", b"a: \xe4\n"]
)
def test_a_file_that_holds_something_else_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidKnowledge) as caught:
        build(dict.fromkeys(FILES, raw), "data")
    assert {p.path for p in caught.value.problems} == {f"data/{file}" for file in FILES}


def test_a_file_that_is_no_utf8_is_refused() -> None:
    raw = SHIPPED[TEXTS].replace(b"\n  unknown: ", b"\n  unknown: L\xfccke # ")
    with pytest.raises(InvalidKnowledge) as caught:
        build({**SHIPPED, TEXTS: raw}, "data")
    assert [(p.path, p.code) for p in caught.value.problems] == [("data/texts.yaml", "encoding")]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert build({**SHIPPED, TEXTS: b"\xef\xbb\xbf" + SHIPPED[TEXTS]}, "data").texts == build(dict(SHIPPED), "data").texts


def copy(folder: Path, contents: dict[str, bytes]) -> None:
    for name, raw in contents.items():
        (folder / name).write_bytes(raw)


def test_the_command_line_exits_with_4_and_the_place(dmcli: Call, tmp_path: Path) -> None:
    texts, _ = found((CONDITIONS[0],))
    copy(tmp_path, {name: text.encode() for name, text in texts.items()})
    line, col = place(texts[ALGORITHM], CONDITIONS[0])
    expected = f"{tmp_path}/algorithm.yaml:{line}:{col}: contradictions[0].when: unknown fact 'agee' (did you mean 'age'?)"
    for args in (
        ("check", str(tmp_path)),
        ("plan", "examples/ivig-start.yaml", "--data", str(tmp_path)),
        ("--data", str(tmp_path), "facts"),
    ):
        code, out, err = dmcli(*args)
        assert (code, out, err.strip()) == (4, "", expected)


def test_the_command_line_exits_with_4_where_there_is_no_knowledge(dmcli: Call, tmp_path: Path) -> None:
    code, out, err = dmcli("plan", "examples/ivig-start.yaml", "--data", str(tmp_path / "nowhere"))
    assert (code, out) == (4, "")
    assert err.count("\n") == len(FILES)
    assert "Traceback" not in err


def test_the_shipped_knowledge_is_sound(dmcli: Call) -> None:
    code, _, err = dmcli("check", "data")
    assert (code, err) == (0, "")
