"""A case document to a `Case`: one validator for files and flags, which reports every error at once."""

from datetime import date
from typing import Any

from dmcli.case import contradictions, shape
from dmcli.case.course import Beside, read_course
from dmcli.case.model import Case, Course, OtherDrug, Stated
from dmcli.case.reader import Reader
from dmcli.case.sections import WORDS, Entry, keys_of
from dmcli.case.values import boolean, code, day, number, several, shown
from dmcli.errors import InvalidCase, nearest
from dmcli.knowledge.agreed import confirmable
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import plain
from dmcli.values.dates import Days
from dmcli.yamlfile import Document, Path

_FAR = date(2200, 12, 31)


def read_case(document: Document, knowledge: Knowledge, as_of: date | None, today: date | None) -> Case:
    """Validate one document. `as_of` wins over the file's; `today` is used where neither gives one.

    Raises InvalidCase with every problem of the document.
    """
    reader = Reader(document, knowledge, None)
    data = reader.mapping((), document.data, shape.TOP)
    if not isinstance(document.data, dict):
        if not reader.problems:
            reader.wrong((), "type", "nothing stands where a mapping is due; write a case, or see 'dmcli case new'")
        raise InvalidCase(reader.problems)
    stated_as_of = as_of or _as_of(reader, data)
    reader.as_of = stated_as_of or (today if data.get("as_of") is None else None)
    if reader.as_of is None:
        if data.get("as_of") is None:
            reader.wrong(
                ("as_of",),
                "missing",
                "the as-of date is missing; write as_of: YYYY-MM-DD, or give it beside the case (--as-of; in Python as_of)",
            )
        reader.as_of = _FAR  # no other date is wrong because this one is
    stated = _facts(reader, data)
    latest = stated.get(knowledge.algorithm.roles.active)
    courses = _courses(reader, data, latest[-1].value if latest else None)
    case = Case(
        id=_ident(reader, data),
        as_of=reader.as_of,
        as_of_stated=stated_as_of is not None,
        stated=stated,
        courses=courses,
        treatments_stated=data.get("treatments") is not None,
        other_drugs=_other_drugs(reader, data),
        declined=_declined(reader, data),
        confirmed=_confirmed(reader, data),
    )
    contradictions.check(case, reader)
    if reader.problems:
        raise InvalidCase(reader.problems)
    return case


def _ident(reader: Reader, data: dict[str, Any]) -> str | None:
    value = data.get("id")
    if value is None:
        return None
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value)
    reader.wrong(("id",), "type", f"{shown(value)} is no id; write a short word without names or record numbers")
    return None


def _as_of(reader: Reader, data: dict[str, Any]) -> date | None:
    if data.get("as_of") is None:
        return None
    days: Days | None = reader.take(("as_of",), day, data["as_of"], None)
    if days is not None and not days.exact:
        reader.wrong(("as_of",), "date", f"{shown(data['as_of'])} is not one day; write YYYY-MM-DD")
        return None
    return days.first if days else None


def _facts(reader: Reader, data: dict[str, Any]) -> dict[str, tuple[Stated, ...]]:
    stated: dict[str, tuple[Stated, ...]] = {}
    for section in (*shape.SECTIONS, "facts"):
        if data.get(section) is None:
            continue
        keys = keys_of(section, reader.knowledge)
        raw = data.get(section)
        entries = reader.items((section,), raw) if section in shape.DATED else [((section,), raw)]
        for where, entry in entries:
            given = reader.mapping(where, entry, keys)
            when = reader.day((*where, "date"), given["date"]) if given.get("date") is not None else None
            _state(reader, where, given, keys, when, stated)
    if data.get(shape.PREFIXED) is not None:
        keys, where = keys_of(shape.PREFIXED, reader.knowledge), (shape.PREFIXED,)
        _state(reader, where, reader.mapping(where, data[shape.PREFIXED], keys), keys, None, stated)
    return stated


def _state(
    reader: Reader,
    where: Path,
    given: dict[str, Any],
    keys: dict[str, Entry | None],
    when: Days | None,
    stated: dict[str, tuple[Stated, ...]],
) -> None:
    """The facts of one entry of a section."""
    places = reader.stated_at
    for key, value in given.items():
        entry = keys[key]
        if entry is None:
            continue
        # Most of what a case states is a plain word of today.
        words = when is None and value.__class__ in WORDS
        found = entry.words.get(value) if words else entry.taken(value, when)
        if found is None:
            found = _fact(reader, (*where, key), entry.fact, value, when)
        if found is not None:
            name = entry.name
            stated[name] = (*stated[name], found) if name in stated else (found,)
            places[name] = (where, key)


def _fact(reader: Reader, where: Path, fact: Fact, value: Any, when: Days | None) -> Stated | None:
    unit = None
    if isinstance(value, dict):
        long = reader.mapping(where, value, ("value", "unit", "date"))
        if "date" in long:
            when = reader.day((*where, "date"), long["date"])
        unit = long.get("unit")
        if unit is None and fact.unit and not fact.unit.startswith("{") and isinstance(long.get("value"), (int, float)):
            reader.wrong(where, "unit", f"the unit is missing; {fact.id} is in {fact.unit}, write unit: '{fact.unit}'")
            return None
        if unit is not None and not isinstance(unit, str):
            reader.wrong((*where, "unit"), "type", f"{shown(unit)} is no unit")
            return None
        value = long.get("value")
    if value is None:
        return None
    if fact.type == "boolean":
        taken = reader.take(where, boolean, value, fact.words)
    elif fact.type == "code":
        taken = reader.take(where, several if fact.several else code, value, fact.codes, fact.words)
    else:
        taken = reader.take(where, number, value, fact, unit)
    return None if taken is None else Stated(taken, when)


def _courses(reader: Reader, data: dict[str, Any], active: object) -> tuple[Course, ...]:
    counts: dict[str, int] = {}
    courses = []
    entries = reader.items(("treatments",), data.get("treatments"))
    named = [entry.get("therapy") if isinstance(entry, dict) else None for _, entry in entries]
    therapies = [reader.therapies.get(plain(name)) if isinstance(name, str) else None for name in named]
    for place, (where, entry) in enumerate(entries):
        beside = Beside(active, tuple(therapies[place + 1 :]))
        course = read_course(reader, where, entry, counts, beside)
        if course is not None:
            courses.append(course)
            reader.course_at.append(where)
    return tuple(courses)


def _other_drugs(reader: Reader, data: dict[str, Any]) -> tuple[OtherDrug, ...] | None:
    if data.get("other_drugs") is None:
        return None
    drugs = []
    for where, entry in reader.items(("other_drugs",), data["other_drugs"]):
        fields = reader.mapping(where, {"name": entry} if isinstance(entry, str) else entry, ("name", "dose"))
        name = fields.get("name")
        if not isinstance(name, str) or not name.strip():
            if isinstance(entry, (str, dict)):
                reader.wrong((*where, "name"), "missing", "the name of the drug is missing; write {name: ..., dose: ...}")
            continue
        key = plain(name)
        known = reader.drugs.get(key) or reader.therapies.get(key)
        drugs.append(OtherDrug(name.strip(), known, str(fields["dose"]) if fields.get("dose") is not None else None))
    return tuple(drugs)


def _declined(reader: Reader, data: dict[str, Any]) -> tuple[str, ...]:
    access = data.get("access")
    if not isinstance(access, dict):
        return ()
    entries = reader.items(("access", "declined"), access.get("declined"))
    found = (reader.therapy(where, value) for where, value in entries)
    return tuple(dict.fromkeys(name for name in found if name))


def _confirmed(reader: Reader, data: dict[str, Any]) -> tuple[str, ...]:
    """The ids of what the prescriber agreed to; one that no rule has is an error, not an agreement to nothing."""
    found = []
    for where, value in reader.items(("confirmed",), data.get("confirmed")):
        known = confirmable(reader.knowledge)
        if not isinstance(value, str) or value not in known:
            text = f"{shown(value)} is nothing that a plan asks to confirm{nearest(str(value), sorted(known))}"
            reader.wrong(where, "unknown_confirmation", f"{text}; copy the id from the plan's list of what to confirm")
            continue
        found.append(value)
    return tuple(dict.fromkeys(found))
