"""UCUM units that cases and knowledge may use, and the few exact conversions between them.

A unit that is not listed is an error, never a guess.
"""

from collections.abc import Mapping

# Two whole numbers: the one divided by the other. `fractions` would load `decimal`, which no start needs.
Ratio = tuple[int, int]
_ONE: Ratio = (1, 1)
# Each family maps a unit to its factor to the family's first unit. Amounts of substance are not
# converted to masses, except where a fact names its own factor.
_FAMILIES: tuple[dict[str, Ratio], ...] = (
    {"kg": _ONE, "g": (1, 1000), "mg": (1, 10**6), "[lb_av]": (45359237, 10**8)},
    {"cm": _ONE, "m": (100, 1), "[in_i]": (254, 100)},
    {"wk": _ONE, "d": (1, 7), "mo": (36525, 8400), "a": (36525, 700)},
    {"g/dL": _ONE, "g/L": (1, 10)},
    {"10*9/L": _ONE, "10*3/uL": _ONE, "/uL": (1, 1000)},
    {"mL/min/{1.73_m2}": _ONE},
    {"mL/min": _ONE},
    {"U/L": _ONE},
    {"umol/L": _ONE},
    {"mg/dL": _ONE},
    {"mmol/L": _ONE},
    {"ng/mL": _ONE},
    {"fL": _ONE},
    {"%": _ONE},
    {"kg/m2": _ONE},
    {"m2": _ONE},
    {"mm[Hg]": _ONE},
    {"/min": _ONE},
    {"10": _ONE},
    {"{score}": _ONE},
    {"{ratio}": _ONE},
    {"mg/wk": _ONE, "mg/d": (7, 1)},
)
_SPELLINGS = {
    "lb": "[lb_av]", "lbs": "[lb_av]", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "kgs": "kg",
    "years": "a", "year": "a", "y": "a", "weeks": "wk", "week": "wk", "w": "wk", "days": "d", "day": "d",
    "months": "mo", "month": "mo",
    "mL/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73 m2": "mL/min/{1.73_m2}", "ml/min": "mL/min",
    "ml/min/1.73m2": "mL/min/{1.73_m2}", "10^9/L": "10*9/L", "x10^9/L": "10*9/L", "G/L": "10*9/L", "IU/L": "U/L",
    "µmol/L": "umol/L", "μmol/L": "umol/L", "mmHg": "mm[Hg]", "mg/week": "mg/wk", "mg/day": "mg/d", "cells/uL": "/uL",
    "m": "m", "cm": "cm", "bpm": "/min", "beats/min": "/min",
}  # fmt: skip


def canonical(unit: str) -> str | None:
    """The UCUM spelling of a unit, or None if it is not known."""
    spelt = _SPELLINGS.get(unit, unit)
    return spelt if any(spelt in family for family in _FAMILIES) else None


def convert(value: float, unit: str, to: str, factors: Mapping[str, float] | None = None) -> float | None:
    """`value` in the unit `to`; None where the two do not measure the same thing.

    `factors` are those of one substance, from other units to `to`.
    """
    source, target = canonical(unit), canonical(to)
    if source is None or target is None:
        return None
    if source == target:
        return value
    for family in _FAMILIES:
        if source in family and target in family:
            over, under = family[target]
            return _product(_exact(value), family[source], (under, over))
    if factors and source in factors:
        return _product(_exact(value), _exact(factors[source]))
    return None


def _exact(value: float) -> Ratio:
    """A number as it is written: 0.1 is one tenth."""
    digits, _, power = str(value).partition("e")
    whole, _, part = digits.partition(".")
    tens = int(power or 0) - len(part)
    return (int(whole + part) * 10 ** max(tens, 0), 10 ** max(-tens, 0))


def _product(*ratios: Ratio) -> float:
    """All of them multiplied, rounded once."""
    over, under = 1, 1
    for ratio in ratios:
        over, under = over * ratio[0], under * ratio[1]
    return over / under


def known_units() -> list[str]:
    return [unit for family in _FAMILIES for unit in family]


def milligrams(unit: str) -> int:
    """Milligrams of one unit of a dose: mg or g, also per kilogram or per square metre."""
    return 1000 if unit.partition("/")[0] == "g" else 1


_BRACKETS = str.maketrans("", "", "{}[]")


def readable(ucum: str | None) -> str:
    """A UCUM unit as it is read: `10*9/L` as 10^9/L, `mm[Hg]` as mmHg, an annotation alone as nothing."""
    if ucum is None or (ucum.startswith("{") and ucum.endswith("}")):
        return ""
    return ucum.replace("10*", "10^").replace("_", " ").translate(_BRACKETS)


def after_number(ucum: str | None) -> str:
    """A UCUM unit as it is read behind a number: 3 `10*9/L` is 3 x 10^9/L."""
    unit = readable(ucum)
    return f"x {unit}" if unit.startswith("10^") else unit
