"""Three-valued logic: the public truth tables, word for word, as functions and as parsed conditions.

Tables: CQL (cqframework/cql-tests, CqlLogicalOperatorsTest), ehrQL 7.1, and the operands that are no truth
values of DMN FEEL (dmn-tck 0064 to 0066). T is true, F is false, N is null.
"""

from itertools import permutations, product
from typing import Any

import pytest

from conftest import find
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.evaluate import Scope, evaluate
from dmcli.values.truth import all_of, any_of, implies, negate, same, xor

SIGNS = {"T": True, "F": False, "N": None}
AND = "TT=T TF=F TN=N FT=F FF=F FN=F NT=N NF=F NN=N"
OR = "TT=T TF=T TN=T FT=T FF=F FN=N NT=T NF=N NN=N"
IMPLIES = "TT=T TF=F TN=N FT=T FF=T FN=T NT=T NF=N NN=N"
XOR = "TT=F TF=T TN=N FT=T FF=F FN=N NT=N NF=N NN=N"
EQUAL = "TT=T TF=F TN=N FT=F FF=T FN=N NT=N NF=N NN=N"
NOT = "T=F F=T N=N"


def rows(table: str) -> list[Any]:
    return [pytest.param(*(SIGNS[s] for s in row.replace("=", "")), id=row) for row in table.split()]


def three_valued(name: str, value: bool | None) -> dict[str, Any]:
    """A fact as the scope holds it: an unknown one is absent."""
    return {} if value is None else {name: value}


def parsed(text: str, a: bool | None, b: bool | None = None) -> Any:
    return find(text, **three_valued("p", a), **three_valued("q", b)).value


@pytest.mark.parametrize(("a", "b", "expected"), rows(AND))
def test_and(a: bool | None, b: bool | None, expected: bool | None) -> None:
    assert all_of((a, b)) is expected
    assert parsed("p and q", a, b) is expected


@pytest.mark.parametrize(("a", "b", "expected"), rows(OR))
def test_or(a: bool | None, b: bool | None, expected: bool | None) -> None:
    assert any_of((a, b)) is expected
    assert parsed("p or q", a, b) is expected


@pytest.mark.parametrize(("a", "expected"), rows(NOT))
def test_not(a: bool | None, expected: bool | None) -> None:
    assert negate(a) is expected
    assert parsed("not p", a) is expected
    assert parsed("not not p", a) is a


@pytest.mark.parametrize(("a", "b", "expected"), rows(IMPLIES))
def test_implies(a: bool | None, b: bool | None, expected: bool | None) -> None:
    assert implies(a, b) is expected
    assert parsed("not p or q", a, b) is expected


@pytest.mark.parametrize(("a", "b", "expected"), rows(XOR))
def test_xor(a: bool | None, b: bool | None, expected: bool | None) -> None:
    assert xor(a, b) is expected
    assert parsed("p != q", a, b) is expected
    assert parsed("(p or q) and not (p and q)", a, b) is expected


@pytest.mark.parametrize(("a", "b", "expected"), rows(EQUAL))
def test_equality_with_null_is_null(a: bool | None, b: bool | None, expected: bool | None) -> None:
    assert same(a, b) is expected
    assert parsed("p == q", a, b) is expected


@pytest.mark.parametrize("literal", ["true", "false"])
def test_a_literal_compared_with_null_is_null(literal: str) -> None:
    assert find(f"{literal} == q").value is None
    assert find(f"q == {literal}").value is None
    assert find(f"q != {literal}").value is None


def test_equality_of_other_values() -> None:
    assert same("never", "never") is True
    assert same("never", "current") is False
    assert same(3.0, 3.0) is True
    assert same(None, "never") is None


def test_three_operands_do_not_depend_on_their_order() -> None:
    for values in product((True, False, None), repeat=3):
        facts = {k: v for k, v in zip("pqr", values, strict=True) if v is not None}
        expected_and = False if False in values else None if None in values else True
        expected_or = True if True in values else None if None in values else False
        for a, b, c in permutations("pqr"):
            assert find(f"{a} and {b} and {c}", **facts).value is expected_and
            assert find(f"{a} or ({b} or {c})", **facts).value is expected_or


def test_nothing_at_all() -> None:
    assert all_of(()) is True
    assert any_of(()) is False


# dmn-tck 0064 to 0066: an operand that is no truth value counts as null, and never as true or as false.
@pytest.mark.parametrize("other", ["foo", "", 1, 0, 1.5], ids=repr)
def test_an_operand_that_is_no_truth_value_counts_as_null(other: Any) -> None:
    operand = Node("lit", other, ())

    def value(kind: str, *args: Any) -> Any:
        return evaluate(
            Node(kind, None, tuple(a if isinstance(a, Node) else Node("lit", a, ()) for a in args)), Scope({}, {})
        ).value

    assert value("and", operand, True) is None
    assert value("and", operand, False) is False
    assert value("and", True, operand) is None
    assert value("or", operand, False) is None
    assert value("or", operand, True) is True
    assert value("or", False, operand) is None
    assert value("not", operand) is None


def test_a_function_given_no_truth_value_answers_null() -> None:
    for other in ("foo", "", 1, 0, 1.5):
        operand: Any = other
        assert all_of((operand, True)) is None, other
        assert all_of((operand, False)) is False, other
        assert any_of((operand, False)) is None, other
        assert any_of((operand, True)) is True, other
        assert negate(operand) is None, other
        assert implies(operand, False) is None, other
        assert xor(operand, True) is None, other


# cel-java issue 863: `false || x == 'foo'` must stay unknown while x is.
def test_false_or_a_comparison_with_an_unknown_stays_unknown() -> None:
    found = find("false or smoker == current")
    assert found.value is None
    assert found.missing == {"smoker"}
    assert find("smoker == current or false").value is None
    assert find("p or smoker == current", p=False).value is None
    assert find("p or smoker == current", p=False, smoker="current").value is True
    assert find("p or smoker == current", p=False, smoker="never").value is False


# cdisc rules issue 221: null != null must not come out true.
def test_null_is_neither_equal_nor_unequal_to_null() -> None:
    assert same(None, None) is None
    assert negate(same(None, None)) is None
    for text in ("p != q", "p == q", "smoker == current", "smoker != current", "egfr == egfr", "egfr != egfr", "egfr != 25"):
        assert find(text).value is None, text
    assert find("smoker in (never, former)").value is None
    assert find("smoker not in (never, former)").value is None


def test_what_keeps_an_answer_open_is_named_and_what_does_not_is_not() -> None:
    assert find("p and q").missing == {"p", "q"}
    assert find("p and q", p=True).missing == {"q"}
    assert find("p and q", p=False).missing == set()
    assert find("p or q", q=True).missing == set()
    assert find("(p and q) or r", p=False, r=None).missing == {"r"}
    assert find("(p or r) and not (q and r)", p=True, q=False).missing == set()


def test_an_answer_that_two_unknowns_leave_open_is_not_guessed() -> None:
    # `p or not p` is true in every world, but three-valued logic does not look into the worlds.
    assert find("p or not p").value is None
    assert find("p and not p").value is None
