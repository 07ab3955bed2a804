"""Knowledge that would break or falsify a plan is refused where it stands: ranges, blanks, versions, lists, units."""

import json
import typing
from functools import cache
from typing import Any, NamedTuple

import pytest

from conftest import ROOT
from dmcli import yamlfile
from dmcli.errors import InvalidKnowledge, Problem
from dmcli.knowledge.contents import read_files
from dmcli.knowledge.files import FILES
from dmcli.knowledge.load import build
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.ranges import range_of
from dmcli.record import fields_of, is_record

SHIPPED = read_files(ROOT / "data")
ALGORITHM, REGIMENS, FACTS, SOURCES, TEXTS = "algorithm.yaml", "regimens.yaml", "facts.yaml", "sources.yaml", "texts.yaml"
MMF_FILE = "therapies/mmf.yaml"
# Kinds of fault in the shape of a file.
SHAPE = ("missing", "type", "unknown_key", "unknown_value", "not_finite", "spelling")


_GONE = object()


class Bad(NamedTuple):
    """What stands at a path of a file becomes `value`; the problem has this code and these words, at `field` of the file
    if it is not the path itself."""

    name: str
    file: str
    where: str
    value: Any
    code: str
    words: str
    field: str | None = None


def setting(name: str, words: str, code: str = "range", **fields: Any) -> Bad:
    """The horizon with other fields."""
    (field, value), *_ = fields.items()
    return Bad(name, ALGORITHM, f"settings.horizon_weeks.{field}", value, code, words)


def blank(name: str, text: str, words: str = "a blank is a name in braces and nothing else, as {date}") -> Bad:
    return Bad(name, TEXTS, "texts.sum_step", text, "blank", words)


def condition(name: str, when: str, words: str) -> Bad:
    return Bad(name, ALGORITHM, "contradictions.0.when", when, "condition", words)


def version(file: str) -> Bad:
    known = {REGIMENS: "dmcli.regimens/2", MMF_FILE: "dmcli.therapy/1"}.get(file, f"dmcli.{file.removesuffix('.yaml')}/1")
    words = f"cannot be read by this program; write '{known}'"
    return Bad(f"version of {file}", file, "schema", known.partition("/")[0] + "/99", "unknown_value", words)


MMF, IVIG = "therapies.mmf", "therapies.ivig"
FIRST = f"{MMF}.regimens.0.steps.0"
HOLD = f"{MMF}.regimens.0.steps.1"
LONG = f"{IVIG}.regimens.0.steps.0"
COURSE = f"{IVIG}.regimens.2.steps.0"
REFUSED = [
    Bad("trial of a billion weeks", REGIMENS, f"{MMF}.trial.no_response.weeks", 99999999999, "range", "1e+11 is outside 1 to 520 weeks"),
    Bad("trial of minus weeks", REGIMENS, f"{MMF}.trial.no_response.weeks", -12, "range", "-12 is outside 1 to 520 weeks"),
    Bad("trial of no weeks", REGIMENS, f"{MMF}.trial.no_response.weeks", 0, "range", "0 is outside"),
    Bad("trial of minus courses", REGIMENS, f"{IVIG}.trial.no_response.courses", -3, "range", "-3 is outside"),
    setting("horizon of a million years", "1e+08 is outside 1 to 260 weeks", value=99999999),
    setting("horizon before today", "-5 is outside", value=-5),
    setting("horizon of half a week", "26.5 is no whole number", value=26.5),
    setting("horizon in days", "'horizon_weeks' is counted in wk", "unit", unit="d"),
    setting("horizon without a unit", "'horizon_weeks' is counted in wk", "unit", unit=None),
    Bad("setting of no use", ALGORITHM, "settings.horizn_weeks", {"value": 1, "text": "x", "level": "default"}, "unknown_name",
        "no place uses the setting 'horizn_weeks' (did you mean 'horizon_weeks'?)"),
    Bad("percentage above all", ALGORITHM, "settings.stable_percent.value", 1000, "range", "0 to 100 percent"),
    blank("width in a blank", "{date:>99999999}"),
    blank("conversion in a blank", "{date!r}"),
    blank("attribute in a blank", "{date.__class__}"),
    blank("index in a blank", "{date[0]}"),
    blank("blank in a width", "{date:{date}}"),
    blank("blank without a name", "{}", "unknown blank '{}'"),
    blank("blank by number", "{0}"),
    blank("blank that is misspelt", "{dat}", "(did you mean 'date'?)"),
    Bad("width in a statement", ALGORITHM, "statements.running_continues.text", "{name:>99999999}", "blank", "as {name}",
        "statements.running_continues"),
    Bad("blank where none is filled", MMF_FILE, "summary.text", "{name} is old", "blank", "no blank is filled"),
    Bad("dose beyond all measure", REGIMENS, f"{FIRST}.dose", f"1{'0' * 300} mg + 500 mg daily", "range", "1e+300 is outside"),
    Bad("dose of less than nothing", REGIMENS, f"{FIRST}.dose", "-500 mg daily", "spelling", "'-500 mg daily' is no dose"),
    Bad("dose of nothing", REGIMENS, f"{FIRST}.dose", "0 mg daily", "range", "0 is outside"),
    Bad("no dose at all", REGIMENS, f"{FIRST}.dose", "", "spelling", "'' is no dose; write amount, unit and rhythm"),
    Bad("dose that is no number", REGIMENS, f"{FIRST}.max", float("nan"), "spelling", "'nan' is no quantity"),
    Bad("dose without end", REGIMENS, f"{FIRST}.max", float("inf"), "spelling", "'inf' is no quantity"),
    Bad("dose as the program keeps it", REGIMENS, f"{FIRST}.dose", {"amounts": [500, 500], "unit": "mg", "per_days": 1}, "spelling",
        "a mapping is no dose"),
    Bad("milligrams for grams", REGIMENS, f"{COURSE}.max", "30000 g", "range", "30000 g is outside"),
    Bad("dose without a unit", REGIMENS, f"{FIRST}.dose", "500 twice daily", "spelling", "'500 twice daily' is no dose"),
    Bad("dose in an unknown unit", REGIMENS, f"{FIRST}.dose", "500 mgs daily", "spelling", "'500 mgs daily' is no dose"),
    Bad("dose of no days", REGIMENS, f"{FIRST}.dose", "500 mg every 0 days", "spelling", "'500 mg every 0 days' is no dose"),
    Bad("rounding to nothing", REGIMENS, f"{COURSE}.round", "0 g", "range", "0 is outside 0.001 to 1000"),
    Bad("step before the start", REGIMENS, f"{HOLD}.day", -14, "range", "-14 is outside 0 to 3650 days"),
    Bad("step that ends before it begins", REGIMENS, f"{FIRST}.days", "20 to 13", "range", "before it begins on day 20"),
    Bad("step on a word", REGIMENS, f"{HOLD}.day", "fourteen", "type", "0 to 3650 days; this is the text 'fourteen'"),
    Bad("course on one day twice", REGIMENS, f"{COURSE}.on_days", [0, 0], "listed_twice", "'0' is listed twice"),
    Bad("course on no day", REGIMENS, f"{COURSE}.on_days", [], "range", "a course has at least one day"),
    Bad("course longer than its repeat", REGIMENS, f"{LONG}.every", "1 day", "range", "does not fit into every 1 days",
        f"{LONG}.on_days"),
    Bad("tests without end", MMF_FILE, "monitoring.0.phases.0.every_weeks", 0, "range", "0 is outside"),
    Bad("tests that end before they begin", MMF_FILE, "monitoring.0.phases.0", {"every_weeks": 1, "from_week": 4, "until_week": 2},
        "range", "before it begins in week 4", "monitoring.0.phases.0.until_week"),
    Bad("response of three weeks", REGIMENS, f"{MMF}.response.first_weeks", [1, 2, 3], "type", "a list of 2 is needed"),
    Bad("response turned round", REGIMENS, f"{MMF}.response.first_weeks", [9, 1], "range", "the first week is after the last"),
    Bad("infusion in no time", REGIMENS, f"{IVIG}.regimens.0.infusion.step_minutes", 0, "range", "0 is outside 1 to 1440 minutes"),
    Bad("infusion of nothing", REGIMENS, f"{IVIG}.regimens.0.infusion.rates", [0], "range", "0 is outside"),
    Bad("shelf life before the test", FACTS, "facts.weight_kg.shelf_weeks", -26, "range", "-26 is outside"),
    Bad("weight without a unit", FACTS, "facts.weight_kg.unit", _GONE, "unit", "the number 'weight_kg' has no unit"),
    Bad("bound beyond all measure", FACTS, "facts.weight_kg.max", 1e300, "range", "1e+300 is outside"),
    Bad("body in another unit", ALGORITHM, "body.kg", "height_cm", "unit", "doses per kg need a fact in kg; 'height_cm' is in cm"),
    Bad("member listed twice", ALGORITHM, "lines.1.members", ["ivig", "mmf", "ivig"], "listed_twice", "'ivig' is listed twice"),
    condition("division by zero", "age / 0 > 1", "a division by zero has no answer"),
    condition("division by what comes to zero", "age / (2 - 2.0) > 1", "a division by zero has no answer"),
    condition("quantity without a unit", "weight_kg > '60'", "'60' is no quantity"),
    condition("unit that does not fit", "weight_kg > '60 cm'", "the unit 'cm' does not fit 'kg'"),
    Bad("overlap without a unit", ALGORITHM, "overlaps.0.to", "15 weekly", "spelling", "'15 weekly' is no dose within a time"),
    Bad("overlap in an unknown unit", ALGORITHM, "overlaps.0.to", "15 mgs weekly", "spelling", "'15 mgs weekly' is no dose"),
    *map(version, (*FILES, MMF_FILE)),
    Bad("key that is misspelt", ALGORITHM, "contradictions.0.feild", "facts.age", "unknown_key",
        "unknown key 'feild' (did you mean 'field'?); known here: id, text"),
    Bad("value that is misspelt", ALGORITHM, "contradictions.0.level", "defalt", "unknown_value", "(did you mean 'default'?)"),
]  # fmt: skip


def parts(where: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in where.split(".")]


@cache
def shipped_data(file: str) -> str:
    return json.dumps(yamlfile.parse(SHIPPED[file].decode(), file).data)


def apart(one: str, other: str) -> bool:
    """Whether two paths name different things, so that both can be wrong at once."""
    return not f"{one}.".startswith(f"{other}.") and not f"{other}.".startswith(f"{one}.")


@cache
def together() -> list[list[Bad]]:
    """Faults that can stand in one knowledge at once: what has a wrong shape is told before anything else is looked at."""
    groups: list[list[Bad]] = []
    for bad in REFUSED:
        fits = (g for g in groups if all((b.code in SHAPE) == (bad.code in SHAPE) and apart(b.where, bad.where) for b in g))
        group = next(fits, None)
        if group is None:
            groups.append([bad])
        else:
            group.append(bad)
    return groups


@cache
def problems(group: int) -> tuple[Problem, ...]:
    data = {file: json.loads(shipped_data(file)) for file in SHIPPED}
    for bad in together()[group]:
        *path, last = parts(bad.where)
        inside = data[bad.file]
        for part in path:
            inside = inside[part]
        if bad.value is _GONE:
            del inside[last]
        else:
            inside[last] = bad.value
    texts = {file: json.dumps(content, indent=1) for file, content in data.items()}
    texts = {file: text.replace(": NaN", ": .nan").replace(": Infinity", ": .inf") for file, text in texts.items()}
    with pytest.raises(InvalidKnowledge) as caught:
        build({file: text.encode() for file, text in texts.items()}, "data")
    return caught.value.problems


@pytest.mark.parametrize("bad", REFUSED, ids=lambda b: b.name)
def test_knowledge_that_would_break_or_falsify_a_plan_is_refused_where_it_stands(bad: Bad) -> None:
    told = problems(next(i for i, group in enumerate(together()) if bad in group))
    near = [p for p in told if (p.path, p.code) == (f"data/{bad.file}", bad.code) and bad.words in p.text]
    wanted = yamlfile.field_name(tuple(parts(bad.field or bad.where)))
    assert [p for p in near if p.field.startswith(wanted)], (wanted, [str(p) for p in told])
    assert all(p.line > 1 for p in near)


def hints(record: Any, seen: set[Any]) -> Any:
    """Every numeric field below a record class."""
    if record in seen:
        return
    seen.add(record)
    for name, hint in fields_of(record).items():
        stack = [hint]
        while stack:
            part = stack.pop()
            if isinstance(part, type) and is_record(part):
                yield from hints(part, seen)
            elif part in (int, float) and range_of(hint) is None:
                yield f"{record.__name__}.{name}"
            stack += typing.get_args(part)


def test_every_number_of_the_knowledge_has_a_range() -> None:
    # The functions made of conditions hold no number of their own.
    made = {"Knowledge.prepared"}
    assert [name for name in hints(Knowledge, set()) if name not in made] == []


def test_empty_knowledge_gets_advice_about_knowledge() -> None:
    with pytest.raises(InvalidKnowledge) as caught:
        build(dict.fromkeys(FILES, b""), "data")
    assert {p.code for p in caught.value.problems} == {"empty"}
    assert all("case" not in p.text and "'schema:'" in p.text for p in caught.value.problems)


@pytest.mark.parametrize("raw", [b"[]", b"just text", b"~", b"{}", b"schema: 1", b"facts: 5", b"schema: {a: b}"])
def test_no_fault_is_told_in_the_words_of_a_library(raw: bytes) -> None:
    with pytest.raises(InvalidKnowledge) as caught:
        build(dict.fromkeys(FILES, raw), "data")
    words = " ".join(p.text for p in caught.value.problems)
    assert not [w for w in ("Input should", "Field required", "Extra inputs", "valid", "pydantic", "tuple") if w in words]
