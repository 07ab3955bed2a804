"""The JSON Schema of a case file, made from the same tables the reader uses."""

from typing import Any

from dmcli.case import shape
from dmcli.knowledge.agreed import confirmable
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.codes import RELAPSES, Listed
from dmcli.knowledge.model import Knowledge

_TRUTH = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "unknown"]}]}
_DATE = {
    "type": "string",
    "pattern": r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?|-[0-9]+[wd]|[0-9]{0,2}\.? ?[A-Za-z]{3,9}\.?,?( [0-9]{1,2},?)? [0-9]{4})$",
    "description": "YYYY-MM-DD, YYYY-MM, YYYY, Jan 2026, or back from as_of: -13w, -90d",
}
_DOSE = {
    "type": "string",
    "description": "amount, unit and rhythm: 20 mg weekly, 1 g twice daily, 2 g/kg every 4 weeks; else it counts as not known",
}


def case_schema(knowledge: Knowledge) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one case."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:dmcli:case:1",
        "title": "dmcli case",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "integer"], "description": "a short word; no names, no record numbers"},
            "as_of": _DATE,
            **{section: _section(section, knowledge) for section in (*shape.SECTIONS, "facts")},
            shape.PREFIXED: _object({k: _fact(knowledge.facts[f]) for k, f in shape.prefixed_facts(knowledge).items()}),
            "treatments": {"type": "array", "items": _course(knowledge)},
            "confirmed": {"type": "array", "items": {"enum": sorted(confirmable(knowledge))}},
            "other_drugs": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string"},
                        _object({"name": {"type": "string"}, "dose": {"type": "string"}}, required=["name"]),
                    ]
                },
            },
        },
    }


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**found, "required": required} if required else found


def _section(section: str, knowledge: Knowledge) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name in shape.facts_of_section(section, knowledge):
        for spelt in (name, *knowledge.facts[name].synonyms):
            properties[spelt] = _fact(knowledge.facts[name])
    if section in shape.DATED:
        return {"type": "array", "items": _object({"date": _DATE, **properties})}
    if section == "access":
        properties["declined"] = {"type": "array", "items": {"type": "string"}}
    return _object(properties)


def _fact(fact: Fact) -> dict[str, Any]:
    value: dict[str, Any]
    if fact.type == "boolean":
        value = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "unknown", *fact.words]}]}
    elif fact.type == "code":
        value = {"enum": [*fact.codes, *fact.words, "unknown"]}
        if fact.several:
            value = {"anyOf": [value, {"type": "array", "items": value}]}
    else:
        bounds = {k: v for k, v in (("minimum", fact.min), ("maximum", fact.max)) if v is not None}
        value = {"anyOf": [{"type": "number", **bounds}, {"type": "string"}]}
    long = _object({"value": value, "unit": {"type": "string"}, "date": _DATE}, required=["value"])
    unit = f" ({fact.unit})" if fact.unit else ""
    return {"description": fact.question + unit, "anyOf": [value, long]}


def _course(knowledge: Knowledge) -> dict[str, Any]:
    return _object({key: _kind(kind, knowledge) for key, kind in shape.COURSE.items()}, required=["therapy"])


def _kind(kind: tuple[str, ...] | str, knowledge: Knowledge) -> dict[str, Any]:
    if isinstance(kind, tuple):
        return {"enum": list(kind)}
    if isinstance(kind, Listed):
        codes, words = knowledge.code_lists[kind]
        return {"enum": [*codes, *words]}
    doses = {"type": "array", "items": _object({"date": _DATE, "dose": _DOSE}, required=["date"])}
    relapse = _object({"date": _DATE, "after": {"enum": list(RELAPSES)}, "below": _DOSE})
    kinds: dict[str, dict[str, Any]] = {
        "therapy": {
            "type": "string",
            "description": "a therapy or a synonym, in any case",
            "examples": list(knowledge.therapies),
        },
        "dose": _DOSE,
        "date": _DATE,
        "count": {"type": "integer", "minimum": 0},
        "weeks": {
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}],
            "description": "completed weeks, or a duration: 26w, 3mo, 3 months",
        },
        "interval": {
            "anyOf": [{"type": "integer", "minimum": 1, "maximum": 52}, {"type": "string"}],
            "description": "weeks, or a rhythm: every four weeks, monthly",
        },
        "name": {"type": "string", "description": "what a treatment outside the catalogue is called (therapy: other)"},
        "boolean": _TRUTH,
        "relapse": relapse,
        "doses": doses,
        "pause": _object({"since": _DATE, "until": _DATE}, required=["since"]),
    }
    return kinds[kind]
