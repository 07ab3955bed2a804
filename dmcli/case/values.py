"""Single values of a case: booleans, numbers with units, codes, dates and doses, each with what is wrong and what to do."""

import re
from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any

from dmcli.case.spellings import duration, rhythm, word
from dmcli.errors import nearest
from dmcli.knowledge.algorithm import Fact
from dmcli.values.dates import Days, parse_date, readings
from dmcli.values.truth import Codes
from dmcli.values.units import convert

_TRUE = ("true", "yes", "y", "on")
_FALSE = ("false", "no", "n", "off")
_UNKNOWN = ("unknown", "not known", "?")
_UNITS = {"a": "years"}
_MOST_WEEKS = 5200
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


def quoted(text: str) -> str:
    """Text of a case as a sentence may quote it: short, on one line, without control or direction characters."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{plain[:57]}..." if len(plain) > 60 else plain


def boolean(value: Any, words: Mapping[str, str] | None = None) -> bool | None:
    """Yes, no, or None for unknown; `words` are other words for yes and no, as a test's result is written."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and words:
        value = words.get(word(value), value)
    if isinstance(value, str) and value.strip().lower() in (*_TRUE, *_FALSE):
        return value.strip().lower() in _TRUE
    if isinstance(value, str) and value.strip().lower() in _UNKNOWN:
        return None
    also = f"; {', '.join(words)} will do too" if words else ""
    raise Wrong("type", f"{shown(value)} is no yes or no; write yes, no or unknown{also}")


def code(value: Any, codes: tuple[str, ...], words: Mapping[str, str] | None = None) -> str | None:
    """One of the codes, or None for unknown; `words` are other words for them."""
    if isinstance(value, str):
        written = word(value)
        written = (words or {}).get(written, written)
        if written in codes:
            return written
        if value.strip().lower() in _UNKNOWN:
            return None
        raise Wrong("code", f"{shown(value)} is none of {', '.join(codes)}{nearest(written, (*codes, *(words or ())))}")
    raise Wrong("type", f"{shown(value)} is no text; one of {', '.join(codes)}")


def several(value: Any, known: tuple[str, ...], words: Mapping[str, str] | None = None) -> Codes | None:
    """One or more codes, as a list or parted by commas, in the order in which they are known; None where one is unknown."""
    parts = value if isinstance(value, list) else value.split(",") if isinstance(value, str) else [value]
    found = {code(part, known, words) for part in parts}
    return None if None in found or not found else Codes(part for part in known if part in found)


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
    if days is None and (meant := readings(value)):
        ways = " or ".join(day.isoformat() for day in meant)
        raise Wrong("date", f"{shown(value)} can be read as {ways}; write the one that is meant, as YYYY-MM-DD")
    if days is None:
        raise Wrong("date", f"{shown(value)} is no date of the calendar; write YYYY-MM-DD, YYYY-MM, YYYY or -13w")
    if as_of is not None and not future:
        if days.first > as_of:
            raise Wrong("future", f"{shown(value)} lies after the as-of date {as_of.isoformat()}; correct one of them")
        if days.last > as_of:
            # A coarse date that reaches into the future cannot mean its future days.
            days = Days(days.first, as_of)
    return days


def weeks(value: Any) -> int:
    """A duration in completed weeks: a whole number, or text such as '26w', '3 months'."""
    written = duration(value) if isinstance(value, str) else value
    if isinstance(written, int) and not isinstance(written, bool) and 0 <= written <= _MOST_WEEKS:
        return written
    raise Wrong("type", f"{shown(value)} is no whole number from 0 to {_MOST_WEEKS}; write weeks as 26 or 26w, or months as 3mo")


def interval(value: Any) -> int:
    """Weeks between courses, from 1 week to a year: a whole number, or text such as 'every four weeks', 'monthly'."""
    written = rhythm(value) if isinstance(value, str) else value
    if isinstance(written, int) and not isinstance(written, bool) and 1 <= written <= 52:
        return written
    raise Wrong("range", f"{shown(value)} is no interval in whole weeks from 1 to 52; write 5, or every five weeks")


def count(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_WEEKS:
        return value
    raise Wrong("type", f"{shown(value)} is no whole number from 0 to {_MOST_WEEKS}")


def name(value: Any) -> str:
    """The name of a treatment that the catalogue does not have."""
    if isinstance(value, str) and value.strip():
        return quoted(value)
    raise Wrong("type", f"{shown(value)} is no name of a treatment")
