"""UCUM units that cases and knowledge may use, and the few exact conversions between them.

A unit that is not listed is an error, never a guess.
"""

from collections.abc import Mapping
from fractions import Fraction

# Each family maps a unit to its factor to the family's first unit. Amounts of substance are not
# converted to masses, except where a fact names its own factor.
_FAMILIES: tuple[dict[str, Fraction], ...] = (
    {"kg": Fraction(1), "g": Fraction(1, 1000), "mg": Fraction(1, 10**6), "[lb_av]": Fraction(45359237, 10**8)},
    {"cm": Fraction(1), "m": Fraction(100), "[in_i]": Fraction(254, 100)},
    {"wk": Fraction(1), "d": Fraction(1, 7), "mo": Fraction(36525, 8400), "a": Fraction(36525, 700)},
    {"g/dL": Fraction(1), "g/L": Fraction(1, 10)},
    {"10*9/L": Fraction(1), "10*3/uL": Fraction(1), "/uL": Fraction(1, 1000)},
    {"mL/min/{1.73_m2}": Fraction(1)},
    {"mL/min": Fraction(1)},
    {"U/L": Fraction(1)},
    {"umol/L": Fraction(1)},
    {"mg/dL": Fraction(1)},
    {"mmol/L": Fraction(1)},
    {"ng/mL": Fraction(1)},
    {"fL": Fraction(1)},
    {"%": Fraction(1)},
    {"kg/m2": Fraction(1)},
    {"m2": Fraction(1)},
    {"mm[Hg]": Fraction(1)},
    {"/min": Fraction(1)},
    {"10": Fraction(1)},
    {"{score}": Fraction(1)},
    {"{ratio}": Fraction(1)},
    {"mg/wk": Fraction(1), "mg/d": Fraction(7)},
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
            return float(Fraction(str(value)) * family[source] / family[target])
    if factors and source in factors:
        return float(Fraction(str(value)) * Fraction(str(factors[source])))
    return None


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
