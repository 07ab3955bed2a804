"""Single values of a case: booleans, numbers with units, codes, dates and doses, each with what is wrong and what to do."""

import re
from datetime import date
from math import isfinite
from typing import Any

from dmcli.errors import nearest
from dmcli.knowledge.algorithm import Fact
from dmcli.values.dates import Days, parse_date
from dmcli.values.dosetext import UNDERSTOOD, WrittenDose, parse_dose
from dmcli.values.truth import Codes
from dmcli.values.units import convert

_TRUE = ("true", "yes", "y", "on")
_FALSE = ("false", "no", "n", "off")
_UNKNOWN = ("unknown", "not known", "?")
_UNITS = {"a": "years"}
_QUANTITY = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)\s*(.*)")


class Wrong(Exception):
    """A value that cannot be taken: a code, and a sentence with what, why and what to do."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def shown(value: Any) -> str:
    """A value as an error may quote it: short, and with no control or direction characters."""
    text = value if isinstance(value, str) else str(value)
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a mapping"
    safe = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"'{safe[:37]}...'" if len(safe) > 40 else f"'{safe}'"


def boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in (*_TRUE, *_FALSE):
        return value.strip().lower() in _TRUE
    if isinstance(value, str) and value.strip().lower() in _UNKNOWN:
        return None
    raise Wrong("type", f"{shown(value)} is no yes or no; write yes, no or unknown")


def code(value: Any, codes: tuple[str, ...]) -> str | None:
    if isinstance(value, str):
        word = value.strip().lower().replace("-", "_").replace(" ", "_")
        if word in codes:
            return word
        if word in _UNKNOWN:
            return None
        raise Wrong("code", f"{shown(value)} is none of {', '.join(codes)}{nearest(word, codes)}")
    raise Wrong("type", f"{shown(value)} is no text; one of {', '.join(codes)}")


def several(value: Any, known: tuple[str, ...]) -> Codes | None:
    """One or more codes, as a list or parted by commas, in the order in which they are known; None where one is unknown."""
    words = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
    found = {code(word, known) for word in words}
    return None if None in found or not found else Codes(word for word in known if word in found)


def number(value: Any, fact: Fact, unit: str | None = None) -> float | None:
    """A finite number in the fact's unit and range; text may carry its unit ('154 lb')."""
    if isinstance(value, str):
        if value.strip().lower() in _UNKNOWN:
            return None
        match = _QUANTITY.fullmatch(value.strip())
        if not match:
            raise Wrong("type", f"{shown(value)} is no number; write a number{_in_unit(fact)}")
        value, unit = float(match[1]), match[2] or unit
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Wrong("type", f"{shown(value)} is no number; write a number{_in_unit(fact)}")
    if not isfinite(value):
        raise Wrong("not_finite", f"{shown(value)} is no finite number; write a number{_in_unit(fact)}, or leave it out")
    if unit:
        converted = convert(float(value), unit, fact.unit or "", {c.unit: c.factor for c in fact.converts})
        if converted is None:
            known = " or ".join((fact.unit or "plain numbers", *(c.unit for c in fact.converts)))
            raise Wrong("unit", f"the unit {shown(unit)} does not fit; {fact.id} is in {known}")
        value = round(converted, 4)
    if (fact.min is not None and value < fact.min) or (fact.max is not None and value > fact.max):
        raise Wrong("range", f"{value:g} is outside {_range(fact)}{_in_unit(fact)}; check value and unit")
    return float(value)


def _range(fact: Fact) -> str:
    low, high = fact.min, fact.max
    if low is None or high is None:
        return f"the range up to {high:g}" if low is None else f"the range from {low:g}"
    return f"{low:g} to {high:g}"


def _in_unit(fact: Fact) -> str:
    return f" in {_UNITS.get(fact.unit, fact.unit)}" if fact.unit and not fact.unit.startswith("{") else ""


def day(value: Any, as_of: date | None, future: bool = False) -> Days:
    if not isinstance(value, str):
        if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2200:
            value = str(value)
        else:
            raise Wrong("type", f"{shown(value)} is no date; write YYYY-MM-DD, YYYY-MM, YYYY or -13w")
    days = parse_date(value, as_of)
    if days is None:
        raise Wrong("date", f"{shown(value)} is no date of the calendar; write YYYY-MM-DD, YYYY-MM, YYYY or -13w")
    if as_of is not None and not future:
        if days.first > as_of:
            raise Wrong("future", f"{shown(value)} lies after the as-of date {as_of.isoformat()}; correct one of them")
        # A coarse date that reaches into the future cannot mean its future days.
        days = Days(days.first, min(days.last, as_of))
    return days


def dose(value: Any) -> WrittenDose:
    written = parse_dose(value) if isinstance(value, str) else None
    if written is None or written.amount <= 0:
        raise Wrong("dose", f"{shown(value)} is not understood as a dose; write amount, unit and rhythm, as {UNDERSTOOD}")
    return written


def interval(value: Any) -> int:
    """Weeks between courses: from 1 week to a year."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 52:
        return value
    raise Wrong("range", f"{shown(value)} is no interval in whole weeks from 1 to 52")


def count(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 5200:
        return value
    raise Wrong("type", f"{shown(value)} is no whole number from 0 to 5200")
