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
from dmcli.knowledge.contents import read_files
from dmcli.knowledge.files import FILES
from dmcli.knowledge.folder import THERAPIES
from dmcli.knowledge.load import build

Call = Callable[..., tuple[int, str, str]]

SHIPPED = read_files(ROOT / "data")
ALGORITHM, REGIMENS, FACTS, SOURCES, TEXTS = "algorithm.yaml", "regimens.yaml", "facts.yaml", "sources.yaml", "texts.yaml"
LIMITS, MMF, IVIG = "limits.yaml", "therapies/mmf.yaml", "therapies/ivig.yaml"
CODES = "codes.yaml"
RUXOLITINIB, METHOTREXATE = "therapies/ruxolitinib.yaml", "therapies/methotrexate.yaml"
CYCLOSPORINE = "therapies/cyclosporine.yaml"


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
    rule("a harm of no list", "'reacted(mmf, heptic)'", "heptic", "unknown code 'heptic' (did you mean 'hepatic'?)"),
    rule("a reason of a stop of no list", "stop_reason == remision", "remision",
        "unknown code 'remision' (did you mean 'remission'?)", "verdicts:\n", "verdict: unknown"),
    Defect("fault in a named condition", ALGORITHM, "conditions:\n", "conditions:\n  bad_one: age > 1 and pregnacy\n", "pregnacy",
        "condition", "unknown fact 'pregnacy' (did you mean 'pregnancy'?)"),
    Defect("named condition that is no condition", ALGORITHM, "conditions:\n", "conditions:\n  bad_two: age\n", "age", "condition",
        "this gives a number where a boolean is needed"),
    Defect("named condition with the name of a fact", ALGORITHM, "conditions:\n", "conditions:\n  smoker: age > 1\n", "smoker", "name",
        "'smoker' is a fact already; give the condition another name"),
    Defect("named condition that stands below", ALGORITHM, "conditions:\n", "conditions:\n  bad_three: cancer_ever\n", "cancer_ever",
        "condition", "unknown fact 'cancer_ever'"),
    Defect("named condition of two words", ALGORITHM, "conditions:\n", "conditions:\n  bad four: age > 1\n", "bad four", "name",
        "'bad four' is no single word"),
    rule("misspelt name of a condition", "age > 1 and cancer_evr", "cancer_evr", "(did you mean 'cancer_ever'?)"),
    rule("named condition too early", "thrombosis_prone", "thrombosis_prone", "asks for 'taking', which has no answer yet"),
    Defect("unknown fact in a shared limit", LIMITS, "when: mcv > 105", "when: mvc > 105", "mvc", "condition",
        "unknown fact 'mvc' (did you mean 'mcv'?)"),
    Defect("unknown fact in a limit of one drug", MMF, "when: neutrophils < 1.3\n    toxicity", "when: neutrofils < 1.3\n    toxicity",
        "neutrofils", "condition", "unknown fact 'neutrofils' (did you mean 'neutrophils'?)"),
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
]  # fmt: skip
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
        "targets: [jak_inhibitors], when: pregnancy, unknown: require, level: default", "targets:", "unknown_name",
        "'jak_inhibitor'"),
    entry("unknown target of a warning", "notices",
        "targets: [methotrexat], code: pregnancy_over_55, when: pregnancy, level: default", "targets:", "unknown_name",
        "'methotrexate'"),
    Defect("duplicate id", ALGORITHM, "cautions:\n",
        "cautions:\n" + "  - {id: bad-twice, text: x, targets: [mmf], when: pregnancy, level: default}\n" * 2, "",
        "duplicate_id", "the id 'bad-twice' is already used at cautions.0"),
    Defect("test after a step of nobody", IVIG, "{after_each: {step: ivig-course,", "{after_each: {step: ivig-corse,", "", "unknown_step",
        "unknown step 'ivig-corse' (did you mean 'ivig-course'?)"),
    Defect("unknown class", IVIG, "classes: [immunoglobulin]", "classes: [immunoglobulins]", "classes:", "unknown_name",
        "unknown class 'immunoglobulins'"),
    entry("unknown member", "lines", "name: primary, members: [ivig, mff], leave: never, level: default", "members:",
        "unknown_name", "unknown name 'mff' (did you mean 'mmf'?)"),
    Defect("unknown blank", TEXTS, "  review_stop: ", "  review_stop: '{nome}' # ", "review_stop", "blank",
        "unknown blank '{nome}'; known: name"),
    Defect("open brace", TEXTS, "  road_status: ", "  road_status: '{status: {reason}' # ", "road_status", "blank", "braces"),
    Defect("missing text", TEXTS, "  label_because: ", "  label_becase: ", "", "missing_text", "the text 'label_because' is missing"),
    Defect("text of no use", TEXTS, "  unknown: ", "  unheard: of\n  unknown: ", "unheard", "unknown_text",
        "no place uses the text 'unheard'"),
    Defect("blank of a statement", ALGORITHM, "  running_continues:\n    text: This plan does not change",
        "  running_continues:\n    text: '{nam} goes on.' #", "running_continues", "blank",
        "unknown blank '{nam}'; known: name"),
    Defect("missing statement", ALGORITHM, "  declined:\n", "  declines:\n", "", "missing_text",
        "the text 'declined' is missing"),
    # Every name is checked when the knowledge is loaded: a safety rule that names nobody would never fire.
    entry("pair with nobody", "pairs", "left: mmf, right: azathioprin, effect: excludes, level: default", "right:",
        "unknown_name", "did you mean 'azathioprine'"),
    entry("pair of nobody", "pairs", "left: jak_inhibitors, right: mmf, effect: excludes, level: default", "left:",
        "unknown_name", "did you mean 'jak_inhibitor'"),
    entry("overlap with nobody", "overlaps",
        "starting: [mmf], running: methotrexat, action: stop, when: pregnancy, level: default", "running:", "unknown_name",
        "did you mean 'methotrexate'"),
    entry("overlap of nobody", "overlaps",
        "starting: [mff], running: methotrexate, action: stop, when: pregnancy, level: default", "starting:", "unknown_name",
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
    Defect("missing lead of a score", ALGORITHM, "  score_lead_weeks:\n", "  score_led_weeks:\n", "", "", "score_lead_weeks"),
    Defect("test that settles nothing", LIMITS, "settles: [g6pd_deficiency]", "settles: [g6pd_deficency]", "settles:",
        "unknown_name", "did you mean 'g6pd_deficiency'"),
    Defect("analyte of a limit that is no name", MMF, "    analyte: neutrophils\n", "    analyte: neutrofils\n",
        "analyte:", "unknown_name", "'neutrofils' is nothing that this condition is about (did you mean 'neutrophils'?)"),
    Defect("analyte of a limit of something else", MMF, "    analyte: neutrophils\n", "    analyte: lymphocytes\n",
        "analyte:", "unknown_name", "'lymphocytes' is nothing that this condition is about"),
    Defect("analyte of a shared limit that is no name", LIMITS, "        analyte: wbc\n", "        analyte: wcb\n",
        "analyte:", "unknown_name", "'wcb' is nothing that this condition is about (did you mean 'wbc'?)"),
    Defect("limit without what to do", LIMITS, "text: 'Platelets < 50 x 10^9/L: hold; repeat FBC within 7 days.'",
        "text: Platelets < 50 x 10^9/L.", "text:", "limit_text", "a limit is written 'RESULT: what to do'"),
    Defect("toxicity of nobody", LIMITS, "members:\n      - methotrexate\n      - mmf\n", "members:\n      - methotrexate\n      - mff\n",
        "members:", "unknown_name", "unknown name 'mff' (did you mean 'mmf'?)"),
    Defect("body of nobody", ALGORITHM, "  kg: weight_kg", "  kg: wieght_kg", "", "", "weight_kg"),
    Defect("missing setting", ALGORITHM, "  horizon_weeks:\n", "  horizon_week:\n", "", "", "horizon_weeks"),
    Defect("default reading of nobody", ALGORITHM, "  default: both", "  default: bth", "default:", "", "both"),
    Defect("fact with an unknown unit", FACTS, "unit: fL", "unit: femtolitre", "unit:", "unit", "femtolitre"),
    Defect("fact with its range turned round", FACTS, "min: 30\n    max: 300\n", "min: 300\n    max: 30\n", "", "", "min"),
    Defect("fact settled by nobody", FACTS, "settled_by: egfr", "settled_by: egf", "settled_by:", "unknown_name",
        "'egf' is no fact"),
    Defect("change of nobody", FACTS, "change_of: creatinine", "change_of: creatinin", "change_of:", "unknown_name",
        "'creatinin' is no number that may change (did you mean 'creatinine'?)"),
    Defect("change of a fact that is no number", FACTS, "change_of: hemoglobin", "change_of: smoker", "change_of:",
        "unknown_name", "'smoker' is no number"),
    Defect("change of no kind", FACTS, "    change: percent_rise\n", "", "", "change", "stand together or not at all"),
    Defect("other unit that is none", FACTS, "unit: mg/dL, factor: 88.4", "unit: mgdl, factor: 88.4", "", "unit",
        "'mgdl' is no other unit"),
    Defect("factor of nothing", FACTS, "factor: 0.02586", "factor: 0", "", "range", "0 is outside 1e-06 to 1e+06"),
    entry("warning of no list", "notices", "code: skin_ulcer, when: pregnancy, level: default", "code:", "unknown_value",
        "'skin_ulcer' is none of the warnings in codes.yaml (did you mean 'skin_ulcers'?)"),
    Defect("advice about nothing", MMF, "about: contraception\n", "about: contracepton\n", "about:", "unknown_value",
        "'contracepton' is none of the subjects in codes.yaml (did you mean 'contraception'?)"),
    Defect("code the program looks at", CODES, "    tolerance: {", "    tolerated: {", "", "missing", "'tolerance' is missing"),
    Defect("outcome the program does not know", CODES, "    partial: {", "    partially: {text: x}\n    partial: {", "partially",
        "unknown_value", "the program knows no outcome 'partially' (did you mean 'partial'?)"),
    Defect("warning of the program", CODES, "  warnings:\n", "  warnings:\n    stale_value: {text: x}\n", "stale_value", "name",
        "'stale_value' is a warning of the program itself"),
    Defect("word for two harms", CODES, "synonyms: [cancer]", "synonyms: [cancer, shingles]", "", "spelling",
        "'shingles' is a word for 'malignancy' already"),
    Defect("code as a synonym", CODES, "synonyms: [shingles]", "synonyms: [shingles, eye]", "synonyms:", "spelling",
        "'eye' is a code itself already"),
    Defect("code that no case can write", CODES, "    gi: {", "    GI tract: {text: x}\n    gi: {", "GI tract", "name",
        "'GI tract' is no code; write small letters"),
    Defect("code fact without codes", FACTS, "codes: [female, male]", "codes: []", "", "", "codes"),
    Defect("cycle of no days", REGIMENS, "every: 4 weeks", "every: 0 weeks", "every:", "range", "0 is outside 1"),
    Defect("dose of nothing", REGIMENS, "dose: 1 g/kg", "dose: 0 g/kg", "dose:", "range", "0 is outside"),
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
    entry("unknown way with what is unknown", "contraindications",
        "targets: [mmf], when: pregnancy, unknown: block, level: default", "unknown:", "unknown_value", "'require', 'note'"),
    Defect("unknown tier", LIMITS, "tier: repeat\n        analyte: mcv", "tier: repet\n        analyte: mcv", "tier:", "unknown_value",
        "did you mean 'repeat'"),
    entry("unknown effect", "pairs", "left: mmf, right: ivig, effect: exclude, level: default", "effect:", "unknown_value",
        "'excludes'"),
    entry("words for a number", "overlaps",
        "starting: [mmf], running: methotrexate, action: reduce, amount: ten, when: pregnancy, level: default", "amount:",
        "type", "number"),
    entry("boolean for a number", "overlaps",
        "starting: [mmf], running: methotrexate, action: reduce, amount: true, when: pregnancy, level: default", "amount:",
        "type", "number"),
    entry("not a number", "overlaps",
        "starting: [mmf], running: methotrexate, action: reduce, amount: .nan, when: pregnancy, level: default", "amount:",
        "not_finite", "finite"),
    entry("infinity", "overlaps",
        "starting: [mmf], running: methotrexate, action: reduce, amount: .inf, when: pregnancy, level: default", "amount:",
        "not_finite", "finite"),
    entry("fraction of a day", "overlaps",
        "starting: [mmf], running: methotrexate, action: reduce, per_days: 1.5, when: pregnancy, level: default", "per_days:",
        "type", "integer"),
    entry("yes for a boolean", "notices", "code: pregnancy_over_55, refer: yes, when: pregnancy, level: default", "refer:",
        "type", "boolean"),
    Defect("fact of no type", FACTS, "  age:\n    type: number", "  age:\n    type: integer", "type:", "unknown_value", "'boolean'"),
    Defect("source of no level", SOURCES, "level: label", "level: labels", "level:", "unknown_value", "'label'"),
]  # fmt: skip
YAML = [
    Defect("duplicate key", ALGORITHM, "\nversion: ", "\nversion: 0\nversion: ", "", "duplicate_key", "keep one of them"),
    Defect("merge key", TEXTS, "  unknown: ", "  <<: {a: b}\n  unknown: ", "<<", "merge_key", "write the entries out"),
    Defect("syntax", FACTS, "  age:\n    type: number", "  age:\n    type: {{number", "", "syntax", "not valid YAML"),
    Defect("anchor", REGIMENS, "therapies:\n", "therapies: &all\n", "&all", "anchor", "write the value out"),
    Defect("tag", SOURCES, "schema: ", "schema: !!str ", "!!str", "tag", "not accepted"),
]


# The dose that a result asks for: of one text, so that each is put in alone.
LOWERED = [
    Defect("limit to a dose that nobody understands", RUXOLITINIB, "lower_to: 5 mg twice daily", "lower_to: 5 mg sometimes", "lower_to:", "dose",
        "'5 mg sometimes' is not understood; write it as '5 mg twice daily'"),
    Defect("limit to a dose without a rhythm", RUXOLITINIB, "lower_to: 5 mg twice daily", "lower_to: 5 mg", "lower_to:", "dose",
        "'5 mg' is not understood"),
    Defect("limit to a share", RUXOLITINIB, "lower_to: 5 mg twice daily", "lower_to: 25 %", "lower_to:", "dose",
        "'25 %' is not understood"),
    Defect("limit to nothing", RUXOLITINIB, "lower_to: 5 mg twice daily", "lower_to: 0 mg daily", "lower_to:", "dose",
        "'0 mg daily' is not understood"),
    Defect("limit by a dose that nobody understands", METHOTREXATE, "lower_by: 5 mg weekly", "lower_by: 5 mg", "lower_by:", "dose",
        "'5 mg' is not understood; write it as '5 mg weekly' or '25 %'"),
    Defect("limit by no share", CYCLOSPORINE, "lower_by: 25 %", "lower_by: 00 %", "lower_by:", "dose", "'00 %' is not understood"),
    Defect("limit by too much", METHOTREXATE, "lower_by: 5 mg weekly", "lower_by: 50000 mg weekly", "lower_by:", "range",
        "50000 mg is outside"),
    Defect("limit by an amount and to one", RUXOLITINIB, "lower_to: 5 mg twice daily",
        "lower_to: 5 mg twice daily\n    lower_by: 5 mg daily", "lower_to:", "dose", "keep 'lower_by' or 'lower_to'"),
    Defect("hold that lowers", METHOTREXATE, "tier: reduce\n    analyte: transaminase", "tier: hold\n    analyte: transaminase", "", "dose",
        "in the tier 'reduce', not in 'hold'"),
]  # fmt: skip


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


@pytest.mark.parametrize("defect", LOWERED, ids=lambda d: d.name)
def test_a_dose_that_a_limit_names_is_understood_or_refused(defect: Defect) -> None:
    check(defect, [defect])


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


def refused(contents: dict[str, bytes]) -> list[str]:
    with pytest.raises(InvalidKnowledge) as caught:
        build(contents, "data")
    return [str(p) for p in caught.value.problems]


def renamed(old: str, new: str) -> dict[str, bytes]:
    return {new if name == old else name: raw for name, raw in SHIPPED.items()}


def line_of(file: str, text: str) -> int:
    return SHIPPED[file].decode()[: SHIPPED[file].decode().index(text)].count("\n") + 1


def test_a_therapy_without_its_file_is_told_where_it_is_dosed() -> None:
    contents = {name: raw for name, raw in SHIPPED.items() if name != MMF}
    assert refused(contents) == [
        f"data/regimens.yaml:{line_of(REGIMENS, 'mmf:')}:3: therapies.mmf: 'mmf' has no file therapies/mmf.yaml; add it"
    ]


def test_a_therapy_without_its_dosing_is_told_in_its_file() -> None:
    contents = {**SHIPPED, REGIMENS: SHIPPED[REGIMENS].replace(b"\n  mmf:\n", b"\n  mmff:\n")}
    line = line_of(REGIMENS, "mmf:")
    assert refused(contents) == [
        f"data/regimens.yaml:{line}:3: therapies.mmff: 'mmff' has no file therapies/mmff.yaml (did you mean 'mmf'?); add it",
        f"data/{MMF}:{line_of(MMF, 'id: mmf')}:1: id: 'mmf' has no entry in regimens.yaml (did you mean 'mmff'?); add it",
    ]


def test_a_file_that_is_not_named_by_its_therapy_is_told() -> None:
    told = (
        f"data/therapies/cellcept.yaml:{line_of(MMF, 'id: mmf')}:1: id: the file of 'mmf' is named mmf.yaml; rename one of them"
    )
    assert refused(renamed(MMF, "therapies/cellcept.yaml")) == [told]


@pytest.mark.parametrize("stray", ["therapies/mmf.yml", "therapies/ivig.YAML", "limits.yml", "own.yaml"])
def test_yaml_that_would_not_be_read_is_refused_by_its_name(tmp_path: Path, stray: str) -> None:
    copy(tmp_path, SHIPPED)
    (tmp_path / stray).write_text("schema: dmcli.therapy/1\n")
    with pytest.raises(InvalidKnowledge) as caught:
        read_files(tmp_path)
    assert [(p.path, p.code) for p in caught.value.problems] == [(f"{tmp_path}/{stray}", "stray_file")]


def test_notes_and_hidden_files_may_stand_beside_the_knowledge(tmp_path: Path) -> None:
    copy(tmp_path, SHIPPED)
    for name in ("README.md", "therapies/notes.txt", ".hidden.yaml", "therapies/.mmf.yaml.swp"):
        (tmp_path / name).write_text("a note")
    assert read_files(tmp_path) == SHIPPED


MISSPELT = [
    ("dose: 500 mg twice daily", "dose: 500 mgs twice daily", "dose", "'500 mgs twice daily' is no dose; write amount, unit"),
    ("dose: 500 mg twice daily", "dose: half a gram", "dose", "'half a gram' is no dose"),
    ("dose: 500 mg twice daily", "dose: -500 mg twice daily", "dose", "'-500 mg twice daily' is no dose"),
    ("dose: 500 mg twice daily", "dose: 500", "dose", "'500' is no dose"),
    ("dose: 500 mg twice daily", "dose: {amounts: [500], unit: mg}", "dose", "a mapping is no dose"),
    ("dose: 500 mg twice daily", "dose:", "dose", "nothing is no dose"),
    ("days: 0 to 13", "days: 0-13", "days", "'0-13' is no span of days; write the first and the last, as '0 to 13'"),
    ("days: 0 to 13", "days: [0, 13]", "days", "a list is no span of days"),
    ("days: 0 to 13", "days: 20 to 13", "days", "the step ends on day 13, before it begins on day 20"),
    ("every: 2 weeks", "every: fortnight", "every", "'fortnight' is no rhythm; write '4 weeks' or '10 days'"),
    ("every: 2 weeks", "every: 2", "every", "'2' is no rhythm"),
    ("hold: [cbc, renal, liver]", "hold: cbc", "hold", "a hold names its tests in a list, as [cbc, renal, liver]"),
    ("hold: [cbc, renal, liver]", "hold: [cbc, renl]", "hold", "unknown name 'renl' (did you mean 'renal'?)"),
    ("round: 5 g", "round: five", "round", "'five' is no quantity; write a number and its unit, as '5 g'"),
    ("round: 5 g", "round: 5", "round", "'5' is no quantity"),
    ("round: 5 g", "round: 500 mg", "round", "the dose is in g; write this in g too"),
    ("round: 5 g", "round: 0 g", "round", "0 is outside 0.001 to 1000"),
    ("above: 5 g", "above: 500 mg", "above", "the dose is in g; write this in g too"),
    ("above: 5 g", "above: 0 g", "above", "0 is outside"),
    ("round: 5 g", "above: 5 g", "above", "unknown key 'above'"),
    ("round: 5 g", "max: 30000 g", "max", "30000 g is outside"),
    ("at_most: 12.5 mg weekly", "at_most: 12.5 mg", "at_most", "'12.5 mg' is no dose within a time; write it as '20 mg weekly'"),
    ("at_most: 12.5 mg weekly", "at_most: 0 mg weekly", "at_most", "0 is outside"),
    ("max_dose: 25 mg weekly", "max_dose: 25 mg", "max_dose", "'25 mg' is no dose within a time"),
    ("dose: 15 mg weekly for 12 weeks", "dose: 15 mg for 12 weeks", "dose", "'15 mg for 12 weeks' is no dose within a time"),
    ("step_up: 3000 mg daily for 12 weeks", "step_up: 3000 mg", "step_up", "'3000 mg' is no dose within a time"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "words"), MISSPELT, ids=lambda text: text)
def test_what_cannot_be_read_in_the_dosing_is_told_at_its_key(old: str, new: str, key: str, words: str) -> None:
    text = SHIPPED[REGIMENS].decode()
    at = text.index(old)
    line, col = text[:at].count("\n") + 1, at - text[:at].rfind("\n")
    told = refused({**SHIPPED, REGIMENS: text.replace(old, new, 1).encode()})
    assert len(told) == 1, told
    assert told[0].startswith(f"data/regimens.yaml:{line}:{col}: therapies.")
    assert f".{key}: {words}" in told[0]


def test_a_dose_of_an_overlap_that_cannot_be_read_is_told_at_its_key() -> None:
    text = SHIPPED[ALGORITHM].decode()
    line = text[: text.index("to: 15 mg weekly")].count("\n") + 1
    told = refused({**SHIPPED, ALGORITHM: text.replace("to: 15 mg weekly", "to: 15 mg", 1).encode()})
    assert [t.partition(" is ")[0] for t in told] == [f"data/algorithm.yaml:{line}:5: overlaps[0].to: '15 mg'"]


def test_a_fault_inside_a_folded_text_points_at_its_key() -> None:
    (told,) = refused(
        {**SHIPPED, MMF: SHIPPED[MMF].replace(b"when: pregnancy\n", b"when: >-\n      age > 1 and\n      pregnacy\n", 1)}
    )
    at = line_of(MMF, "when: pregnancy\n")
    assert told.startswith(f"data/{MMF}:{at}:5: contraindications[1].when: unknown fact 'pregnacy' (did you mean 'pregnancy'?)")


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
    (folder / THERAPIES).mkdir()
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
    assert err.count("\n") == len([*FILES, THERAPIES])
    assert "Traceback" not in err


def test_the_shipped_knowledge_is_sound(dmcli: Call) -> None:
    code, _, err = dmcli("check", "data")
    assert (code, err) == (0, "")
