"""Units: UCUM, a few exact conversions, and None for everything else."""

from fractions import Fraction
from itertools import permutations, product

import pytest

from dmcli.case.values import Wrong, number
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge
from dmcli.values.units import _FAMILIES, _SPELLINGS, canonical, convert, known_units


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (70, "kg", "kg", 70),
        (154, "[lb_av]", "kg", 69.85322498),
        (154, "lb", "kg", 69.85322498),
        (1, "lbs", "[lb_av]", 1),
        (70_000, "g", "kg", 70),
        (0.07, "kg", "g", 70),
        (500, "mg", "g", 0.5),
        (65, "[in_i]", "cm", 165.1),
        (65, "inches", "cm", 165.1),
        (1.65, "m", "cm", 165),
        (12.5, "g/dL", "g/L", 125),
        (125, "g/L", "g/dL", 12.5),
        (1500, "/uL", "10*9/L", 1.5),
        (1500, "cells/uL", "10*9/L", 1.5),
        (1.5, "10*3/uL", "10*9/L", 1.5),
        (1.5, "G/L", "10*9/L", 1.5),
        (1.5, "x10^9/L", "/uL", 1500),
        (26, "weeks", "d", 182),
        (84, "days", "wk", 12),
        (1, "a", "d", 365.25),
        (10, "mg/d", "mg/wk", 70),
        (15, "mg/wk", "mg/week", 15),
        (40, "IU/L", "U/L", 40),
        (88, "mL/min/1.73m2", "mL/min/{1.73_m2}", 88),
        (80, "µmol/L", "umol/L", 80),
        (80, "μmol/L", "umol/L", 80),
        (130, "mmHg", "mm[Hg]", 130),
        (49, "bpm", "/min", 49),
        (-5, "kg", "g", -5000),
        (0, "lb", "kg", 0),
    ],
)
def test_conversions(value: float, unit: str, to: str, expected: float) -> None:
    assert convert(value, unit, to) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("kg", "cm"), ("cm", "kg"), ("mg", "mg/wk"), ("g/dL", "10*9/L"), ("mg/dL", "umol/L"), ("mmol/L", "mg/dL"),
        ("U/L", "/uL"), ("wk", "kg"),
        ("%", "10"), ("{score}", "%"), ("kg/m2", "kg"), ("m2", "m"), ("stone", "kg"), ("kg", "stone"), ("", "kg"), ("kg", ""),
        ("foo", "foo"),
    ],
)  # fmt: skip
def test_what_does_not_measure_the_same_is_not_converted(unit: str, to: str) -> None:
    assert convert(70, unit, to) is None


@pytest.mark.parametrize(
    "unit", ["stone", "oz", "ml", "mg/kg/d", "Kg/m2", "10e9/L", "", " kg", "kg ", "k g", "[bold]", "\x1b[31mkg", "KG\n", "lb_av"]
)
def test_a_unit_that_is_not_listed_is_not_guessed(unit: str) -> None:
    assert canonical(unit) is None


def test_every_spelling_means_a_known_unit_and_every_known_unit_means_itself() -> None:
    for spelling, unit in _SPELLINGS.items():
        assert canonical(spelling) == unit
        assert unit in known_units()
    for unit in known_units():
        assert canonical(unit) == unit
        assert convert(3.25, unit, unit) == 3.25
    assert len(known_units()) == len(set(known_units()))


def test_within_a_family_every_way_there_is_a_way_back() -> None:
    for family in _FAMILIES:
        for a, b in permutations(family, 2):
            there = convert(37.5, a, b)
            assert there is not None
            back = convert(there, b, a)
            assert back == pytest.approx(37.5, rel=1e-12), (a, b)


def test_between_families_there_is_no_way() -> None:
    for one, other in permutations(_FAMILIES, 2):
        assert [(a, b) for a, b in product(one, other) if convert(1, a, b) is not None] == []


def test_factors_are_exact() -> None:
    assert convert(1, "lb", "kg") == 0.45359237
    assert convert(1, "[in_i]", "cm") == 2.54
    # 0.1 has no exact binary form; written decimals are what is converted.
    assert convert(0.1, "g", "mg") == 100
    assert convert(12.3, "g/dL", "g/L") == 123
    assert Fraction(str(convert(3.3, "/uL", "10*9/L"))) == Fraction("0.0033")


@pytest.mark.parametrize("value", [0.1, 12.3, 154, 1500, 66.7, 1e-07, 2.5e-10, 3e17, 123456.789, -0.5, 0.0, 0])
def test_what_is_converted_is_the_fraction_of_the_written_decimals_rounded_once(value: float) -> None:
    for family in _FAMILIES:
        for a, b in permutations(family, 2):
            exact = Fraction(str(value)) * Fraction(*family[a]) / Fraction(*family[b])
            assert convert(value, a, b) == float(exact), (a, b)
    for factor in (88.4, 0.0113, 1e-05):
        assert convert(value, "mg/dL", "umol/L", {"mg/dL": factor}) == float(Fraction(str(value)) * Fraction(str(factor)))


def test_every_unit_of_the_vocabulary_is_known(knowledge: Knowledge) -> None:
    assert [name for name, fact in knowledge.facts.items() if fact.unit and canonical(fact.unit) != fact.unit] == []


def test_a_value_of_a_case_carries_its_unit() -> None:
    fact = Fact(id="weight_kg", type="number", question="?", group="patient", unit="kg", min=30.0, max=300.0)
    assert number("70kg", fact) == 70
    assert number("154 lb", fact) == pytest.approx(69.8532)
    assert number("70000 g", fact) == 70
    assert number(70, fact) == 70
    assert number(154, fact, "lb") == pytest.approx(69.8532)
    assert number("660 lb", fact) == pytest.approx(299.371)


@pytest.mark.parametrize(
    ("value", "unit", "code"),
    [
        ("70 stone", None, "unit"),
        (70, "cm", "unit"),
        ("70 \x1b[31m", None, "unit"),
        ("66 lb", None, "range"),
        ("662 lb", None, "range"),
        (300.1, "kg", "range"),
    ],
)
def test_a_value_of_a_case_in_a_wrong_unit_or_range(value: object, unit: str | None, code: str) -> None:
    fact = Fact(id="weight_kg", type="number", question="?", group="patient", unit="kg", min=30.0, max=300.0)
    with pytest.raises(Wrong) as caught:
        number(value, fact, unit)
    assert caught.value.code == code
    assert "in kg" in caught.value.text
    assert "\x1b" not in caught.value.text


@pytest.mark.parametrize(("low", "high", "words"), [(None, 10.0, "10"), (0.0, None, "0")])
def test_a_fact_with_one_bound_still_gives_a_message(low: float | None, high: float | None, words: str) -> None:
    fact = Fact(id="x", type="number", question="?", group="labs", min=low, max=high)
    with pytest.raises(Wrong) as caught:
        number(11 if high is not None else -1, fact)
    assert caught.value.code == "range"
    assert words in caught.value.text


def test_a_substance_has_its_own_factors(knowledge: Knowledge) -> None:
    creatinine, alt = knowledge.facts["creatinine"], knowledge.facts["alt"]
    assert number("1 mg/dL", creatinine) == 88.4
    assert number(1.3, creatinine, "mg/dL") == 114.92
    assert number("115 µmol/L", creatinine) == 115
    assert number("100 mg/dL", knowledge.facts["ldl_cholesterol"]) == 2.586
    assert convert(3, "mg/dL", "umol/L", {"mmol/L": 2.0}) is None
    with pytest.raises(Wrong):
        number("1 mg/dL", alt)


def test_a_fact_without_a_unit_takes_no_unit() -> None:
    fact = Fact(id="x", type="number", question="?", group="labs", min=0.0, max=10.0)
    assert number("5", fact) == 5
    with pytest.raises(Wrong) as caught:
        number("5 kg", fact)
    assert caught.value.code == "unit"
