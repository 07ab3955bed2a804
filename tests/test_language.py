"""How the sentences of the knowledge read: short, in the words of the field, one spelling, a unit after each number, no provenance.

Each failure names the file, the line, the id and the sentence. What a sentence is, and the phrases, are those of
`benchmarks/language.py`, which counts them.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from conftest import DATA, ROOT, shipped_knowledge

sys.path.append(str(ROOT / "benchmarks"))

from language import FORBIDDEN, LEFT_OUT, LOADER, NOTE, PROVENANCE, Said, said, said_in, split, without_origin, words

MOST_WORDS = 25
USUAL_WORDS = 15
FILES = [path for path in sorted(DATA.rglob("*.yaml")) if path.name not in LEFT_OUT]
THERAPIES = [path for path in FILES if path.parent.name == "therapies"]

of_a_file = pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(DATA).as_posix())

# US spelling or an old or national drug name, and what stands for it here.
SPELLING = {
    r"(?:met|oxy)?hem(?:o|at)\w*": "haemo-, haemat- (haemoglobin, haemolysis, haematuria)",
    r"\w*(?:an|leuk|isch|hypogly?c|hypergly?c|ur|bacter|septic|hypocalc|hypercalc|hypokal|hyperkal|lipid)emi[ac]\w*": "-aemia",
    r"\w*(?:protein|globin|volem)emi\w*": "-aemia",
    r"(?:anti)?estrogen\w*": "oestrogen",
    r"esoph\w*": "oesophagus",
    r"\w*(?<!o)edema\w*": "oedema",
    r"diarrhea\w*": "diarrhoea",
    r"pediatr\w*": "paediatric",
    r"gynec\w*": "gynaecology",
    r"foet\w*": "fetus, fetal",
    r"cecum|celiac|fecal|feces": "caecum, coeliac, faecal",
    r"tumor\w*": "tumour",
    r"colou?rless|color\w*": "colour",
    r"behavior\w*|odor|favor\w*|labor": "-our",
    r"(?:milli)?liters?|(?:centi|milli)meters?|fibers?|centers?|centered": "-re",
    r"(?!siz|seiz|priz|capsiz)\w+(?<!s)iz(?:e|ed|es|ing|ation)": "-ise",
    r"analyz\w+|paralyz\w+|catalyz\w+": "-yse",
    r"labeled|labeling|canceled|counseling|traveled|modeling": "a doubled l",
    r"judgments?": "judgement",
    r"gray": "grey",
    r"cyclosporine?|cyclosporin": "ciclosporin",
    r"cholestyramine": "colestyramine",
    r"rifampin": "rifampicin",
    r"acetaminophen": "paracetamol",
    r"epinephrine|norepinephrine": "adrenaline, noradrenaline",
    r"aluminum": "aluminium",
    r"sulfamethoxazole-trimethoprim|trimethoprim-sulfamethoxazole": "co-trimoxazole",
    r"thiosulphate|sulphate": "sulfate",
    r"leukopeni\w+": "leucopenia",
    r"[bqt]id|od|bd|tds|qds": "twice daily",
}  # fmt: skip
MISSPELT = {re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE): right for pattern, right in SPELLING.items()}

NUMBER = r"\d+(?:[.,]\d+)?(?: to \d+(?:[.,]\d+)?)?"
SIGN = r"(?:[<>]=?|up [<>]=?|down [<>]=?)"
# A time or a number of times behind a name is no result of it.
SPAN = r"hours?|days?|weeks?|months?|times"
# What is measured, and a unit its figure has after a sign.
UNITS = {
    r"eGFR": r"mL/min",
    r"[Cc]learance": r"mL/min",
    r"ALT|AST|GGT|ALP|[Tt]ransaminases?": r"x ULN|U/L",
    r"[Bb]ilirubin": r"x ULN|umol/L|mg/dL",
    r"CK": r"x ULN|U/L",
    r"Hb|[Hh]aemoglobin": r"g/dL",
    r"MCV": r"fL",
    r"[Aa]lbumin|IgG": r"g/L",
    r"[Cc]reatinine(?! clearance)": r"%|x baseline|umol/L|mg/dL",
    r"[Nn]eutrophils?|[Ll]ymphocytes?|[Ee]osinophils?|[Pp]latelets?|[Ww]hite cells|WBC|CD4\w*": r"x 10\^9/L|%",
    r"[Pp]otassium|[Mm]agnesium|LDL(?: cholesterol)?|[Cc]alcium|[Gg]lucose": r"mmol/L|mg/dL",
    r"[Ss]ystolic(?: blood pressure)?|[Bb]lood pressure": r"mmHg|/",
    r"[Mm]ethaemoglobin": r"%",
    r"[Tt]rough(?: level)?": r"ng/mL|ug/L|micrograms?/L",
    r"[Aa]ge": r"years?|or more|or over",
    r"[Ww]eight": r"kg|%",
    r"QTc?": r"ms",
}  # fmt: skip
WITHOUT_UNIT = [
    re.compile(rf"\b(?:{what})(?:(?: \w+)? {SIGN})? {NUMBER}(?! ?(?:{unit}|{SPAN}))(?![\d.,]| to [<\d])")
    for what, unit in UNITS.items()
]
WORD_FOR_SIGN = re.compile(
    rf"\b(?:below|under|above|over|less than|more than|at least|at most|{NUMBER} or (?:more|less)) ?{NUMBER}? ?"
    r"(?:mL/min|x ULN|g/dL|x 10\^9|fL\b)",
)
GLUED = re.compile(r"(?<![\w/^.])\d+(?:\.\d+)?(?:mg|g|mL|L|kg|mmol|weeks?|days?|months?|years?|x ?ULN)\b|[<>]=?\d")
BARE_DOSE = re.compile(r"(?<![\w.^/])\d+(?:\.\d+)? (?=(?:once|twice|three times|four times) (?:daily|weekly|a day|a week)\b)")

# The entries of a therapy whose sentence may stand alone on a page.
ALONE = (
    "on_board", "contraindications", "cautions", "before", "monitoring", "no_monitoring", "limits", "start_limits", "washout",
    "interval", "advice",
)  # fmt: skip
# Words of a name that tell no therapy from another.
COMMON = ("agents", "body", "cell", "dose", "drug", "drugs", "inhibitor", "inhibitors", "intravenous", "oral", "total", "topical")


def sentences(file: Any) -> Iterator[Said]:
    return (item for item in said_in(file, DATA) if item.key != NOTE)


def report(found: list[tuple[str, Said]]) -> None:
    """Fails with the file, the line, the id and the sentence of everything found."""
    if found:
        pytest.fail("\n".join(f"{why}: {item.place}" for why, item in found), pytrace=False)


@of_a_file
def test_a_sentence_is_short(file: Any) -> None:
    long = [
        (f"{len(words(part))} words", item)
        for item in sentences(file)
        for part in split(item.text)
        if len(words(part)) > MOST_WORDS
    ]
    report(long)


def test_most_sentences_have_fifteen_words_at_most() -> None:
    lengths = sorted(len(words(part)) for item in said(ROOT) if item.key != NOTE for part in split(item.text))
    assert lengths[len(lengths) * 3 // 4] <= USUAL_WORDS


@of_a_file
def test_a_sentence_has_the_words_of_the_field(file: Any) -> None:
    found = [(match[0], item) for item in sentences(file) if (match := FORBIDDEN.search(item.text))]
    report(found)


@of_a_file
def test_a_sentence_does_not_tell_where_it_comes_from(file: Any) -> None:
    found = [(match[0], item) for item in sentences(file) if without_origin(item) and (match := PROVENANCE.search(item.text))]
    report(found)


@of_a_file
def test_there_is_one_spelling(file: Any) -> None:
    found = [
        (f"{match[0]} ({right})", item)
        for item in (*said_in(file, DATA), *names(file))
        for pattern, right in MISSPELT.items()
        if (match := pattern.search(item.text))
    ]
    report(found)


def names(file: Any) -> Iterator[Said]:
    """What therapies, tests and facts are called; their synonyms may have the spelling of any country."""

    def inner(node: Any, owner: str) -> Iterator[Said]:
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if isinstance(value, yaml.ScalarNode) and name.value in ("name", "short", "label"):
                    yield Said(file.name, value.start_mark.line + 1, owner, name.value, value.value, disputed=False)
                yield from inner(value, name.value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                yield from inner(value, owner)

    return inner(yaml.compose(file.read_text(encoding="utf-8"), Loader=LOADER), file.stem)


@of_a_file
def test_a_number_has_its_sign_and_its_unit(file: Any) -> None:
    found = [
        (match[0], item)
        for item in sentences(file)
        for pattern in (*WITHOUT_UNIT, WORD_FOR_SIGN, GLUED, BARE_DOSE)
        if (match := pattern.search(item.text))
    ]
    report(found)


@pytest.mark.parametrize("file", THERAPIES, ids=lambda path: path.stem)
def test_a_sentence_that_may_stand_alone_names_its_therapy(file: Any) -> None:
    plain = yaml.load(file.read_text(encoding="utf-8"), LOADER)
    called = re.compile("|".join(rf"\b{re.escape(name)}" for name in own_names(plain)), re.IGNORECASE)
    alone = {entry["id"] for key in ALONE for entry in listed(plain.get(key))}
    found = [("no name", item) for item in sentences(file) if item.id in alone and not called.search(item.text)]
    report(found)


def listed(entry: Any) -> list[Any]:
    return entry if isinstance(entry, list) else [entry] if entry else []


def own_names(therapy: Any) -> set[str]:
    """Names, and the words of them that tell it from others; a class, by its name in the catalogue."""
    catalogue = yaml.load((DATA / "substances.yaml").read_text(encoding="utf-8"), LOADER)
    classes = [catalogue["classes"][name]["name"] for name in therapy["classes"]]
    given = [therapy["name"], therapy.get("short"), *therapy.get("synonyms", ()), *classes]
    whole = {name.removesuffix("s") for name in given if name}
    return whole | {word for name in whole for word in re.findall(r"[\w-]{4,}", name) if word.lower() not in COMMON}


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("eGFR < 30: contraindicated.", WITHOUT_UNIT[0]),
        ("ALT > 5: stop.", WITHOUT_UNIT[2]),
        ("Hb < 8: hold.", WITHOUT_UNIT[5]),
        ("Neutrophils 0.9: hold.", WITHOUT_UNIT[9]),
        ("Clearance below 30 mL/min: stop.", WORD_FOR_SIGN),
        ("Give 500mg twice daily.", GLUED),
        ("Give 500 twice daily.", BARE_DOSE),
        ("That is a choice of this tool.", PROVENANCE),
        ("A thrombosis speaks against it.", FORBIDDEN),
    ],
)
def test_a_sentence_of_the_old_kind_is_found(text: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "eGFR < 30 mL/min: contraindicated.",
        "ALT 2 to 3 x ULN: reduce to 10 mg daily.",
        "ALT > 2 to 3 x ULN, creatinine every 4 weeks.",
        "No eGFR threshold in the label.",
        "Hb down > 2 g/dL: repeat FBC within 7 days.",
        "Off-label in dermatomyositis.",
        "Size of the oestradiol patch: 0.5 mg, at most 2 mg a day.",
    ],
)
def test_a_sentence_of_the_new_kind_passes(text: str) -> None:
    patterns = (*WITHOUT_UNIT, WORD_FOR_SIGN, GLUED, BARE_DOSE, PROVENANCE, FORBIDDEN, *MISSPELT)
    assert [pattern.pattern for pattern in patterns if pattern.search(text)] == []


WHOM = re.compile(
    r"specialist|medicine|department|oncology|haematology|hepatology|nephrology|obstetrics|surgeons|urology|infectious diseases"
    r"|mental health|prescriber|clinician|centre|poisons|admit"
)
HOW_SOON = re.compile(r"today|at once|next visit|within \d+ (hours|days)")
# Asked for before anybody is sent: the plan cannot know to whom.
NOBODY_YET = {"sta-all-blocked"}


def test_whatever_refers_says_to_whom_and_how_soon() -> None:
    knowledge = shipped_knowledge()
    limits = (a.limit for applied in knowledge.limits.limits.values() for a in applied if a.limit.refer)
    statuses = (s for s in knowledge.algorithm.statuses if s.status == "refer" and s.id not in NOBODY_YET)
    rules = {r.id: r.text for r in (*limits, *statuses, *(n for n in knowledge.algorithm.notices if n.refer))}
    assert len(rules) > 40
    assert {id_: text for id_, text in rules.items() if not (WHOM.search(text) and HOW_SOON.search(text))} == {}
