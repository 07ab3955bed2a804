"""The condition language: every kind of node, typed and unit-checked when it is compiled, with the column of a fault."""

from typing import Any

import pytest

from conftest import find, small_vocabulary
from dmcli.knowledge.conditions import (
    FUNCTIONS,
    NUMBER,
    VERDICTS,
    ConditionError,
    Node,
    Type,
    compile_condition,
    facts_of,
)
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import Span

WORDS = small_vocabulary()
CODES = Type("code", None, ("never", "former", "current"))


def lit(value: Any) -> Node:
    return Node("lit", value, ())


def fact(name: str) -> Node:
    return Node("fact", name, ())


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("true", lit(True)),
        ("false", lit(False)),
        ("True", lit(True)),
        ("p", fact("p")),
        ("(p)", fact("p")),
        ("  p  ", fact("p")),
        ("not p", Node("not", None, (fact("p"),))),
        ("p and q and r", Node("and", None, (fact("p"), fact("q"), fact("r")))),
        ("p or q", Node("or", None, (fact("p"), fact("q")))),
        ("p or q and r", Node("or", None, (fact("p"), Node("and", None, (fact("q"), fact("r")))))),
        ("egfr < 25", Node("lt", None, (fact("egfr"), lit(25)))),
        ("egfr <= 25", Node("le", None, (fact("egfr"), lit(25)))),
        ("egfr > 25", Node("gt", None, (fact("egfr"), lit(25)))),
        ("egfr >= 25.5", Node("ge", None, (fact("egfr"), lit(25.5)))),
        ("egfr == 25", Node("eq", None, (fact("egfr"), lit(25)))),
        ("egfr != 25", Node("ne", None, (fact("egfr"), lit(25)))),
        ("smoker == current", Node("eq", None, (fact("smoker"), lit("current")))),
        ("smoker in (former, current)", Node("in", None, (fact("smoker"), lit("former"), lit("current")))),
        ("smoker not in (never,)", Node("not", None, (Node("in", None, (fact("smoker"), lit("never"))),))),
        ("age + 1 > 2", Node("gt", None, (Node("add", None, (fact("age"), lit(1))), lit(2)))),
        ("age - 1 > 2", Node("gt", None, (Node("sub", None, (fact("age"), lit(1))), lit(2)))),
        ("age * 2 > 2", Node("gt", None, (Node("mul", None, (fact("age"), lit(2))), lit(2)))),
        ("age / 2 > 2", Node("gt", None, (Node("div", None, (fact("age"), lit(2))), lit(2)))),
        ("-ratio < -1", Node("lt", None, (Node("neg", None, (fact("ratio"),)), Node("neg", None, (lit(1),))))),
        ("exhausted(antimalarial)", Node("call", "exhausted", (lit("antimalarial"),))),
        ("known(egfr)", Node("call", "known", (lit("egfr"),))),
        ("taking(warfarin)", Node("call", "taking", (lit("warfarin"),))),
        ("reacted(jak_inhibitor, thrombosis)", Node("call", "reacted", (lit("jak_inhibitor"), lit("thrombosis")))),
        ("sqrt(ratio) > 1", Node("gt", None, (Node("call", "sqrt", (fact("ratio"),)), lit(1)))),
        ("outcome(mmf) == inadequate", Node("eq", None, (Node("call", "outcome", (lit("mmf"),)), lit("inadequate")))),
        ("muscle == active", Node("eq", None, (fact("muscle"), lit("active")))),  # beside a code a code is meant
        ("active and muscle != none", Node("and", None, (fact("active"), Node("ne", None, (fact("muscle"), lit("none")))))),
    ],
)
def test_what_an_expression_becomes(text: str, tree: Node) -> None:
    assert compile_condition(text, WORDS) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("weight_kg >= '70 kg'", 70),
        ("weight_kg >= '154 lb'", 69.85322498),
        ("height_cm < '1.65 m'", 165),
        ("neutrophils < '1500 /uL'", 1.5),
        ("weeks_on(mmf) >= '91 d'", 13),
        ("age > '-1 a'", -1),
    ],
)
def test_a_quantity_is_converted_to_the_unit_of_its_fact(text: str, value: float) -> None:
    assert compile_condition(text, WORDS).args[1].value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "col", "words"),
    [
        ("egrf < 25", 0, "unknown fact 'egrf' (did you mean 'egfr'?)"),
        ("p and egrf < 25", 6, "unknown fact 'egrf' (did you mean 'egfr'?)"),
        ("p or not smokr == never", 9, "unknown fact 'smokr' (did you mean 'smoker'?)"),
        ("zzzzz", 0, "unknown fact 'zzzzz'"),
        ("smoker == curent", 10, "unknown code 'curent' (did you mean 'current'?)"),
        ("smoker in (never, forme)", 18, "unknown code 'forme' (did you mean 'former'?)"),
        ("smoker == p", 0, "a code cannot be compared with a boolean"),
        ("exausted(mmf)", 0, "unknown function 'exausted' (did you mean 'exhausted'?)"),
        ("p and exhausted(mfm)", 16, "unknown target 'mfm' (did you mean 'mmf'?)"),
        ("exhausted(antimalarials)", 10, "unknown target 'antimalarials' (did you mean 'antimalarial'?)"),
        ("exhausted(egfr)", 10, "unknown target 'egfr'"),
        ("exhausted('mmf')", 10, "a target is needed here"),
        ("taking(warfarine)", 7, "unknown substance 'warfarine' (did you mean 'warfarin'?)"),
        ("known(egrf)", 6, "unknown fact 'egrf' (did you mean 'egfr'?)"),
        ("reacted(mmf, trombosis)", 13, "unknown code 'trombosis' (did you mean 'thrombosis'?)"),
        ("reacted(mmf)", 0, "'reacted' takes 2 argument(s)"),
        ("exhausted()", 0, "'exhausted' takes 1 argument(s)"),
        ("exhausted(mmf, ivig)", 0, "'exhausted' takes 1 argument(s)"),
        ("sqrt(p) > 1", 5, "a number is needed here, this is a boolean"),
        ("age", 0, "this gives a number where a boolean is needed"),
        ("age + 1", 0, "this gives a number where a boolean is needed"),
        ("smoker", 0, "this gives a code where a boolean is needed"),
        ("p and age", 6, "a boolean is needed here, this is a number"),
        ("smoker or p", 0, "a boolean is needed here, this is a code"),
        ("not age", 4, "a boolean is needed here, this is a number"),
        ("p + 1 > 2", 0, "a number is needed here, this is a boolean"),
        ("1 + smoker > 2", 4, "a number is needed here, this is a code"),
        ("-p > 2", 1, "a number is needed here, this is a boolean"),
        ("age == p", 0, "a number cannot be compared with a boolean"),
        ("p == 1", 0, "a boolean cannot be compared with a number"),
        ("p and smoker == 1", 6, "a code cannot be compared with a number"),
        ("smoker < current", 0, "a code has no order; use == or !="),
        ("p < q", 0, "a boolean has no order; use == or !="),
        ("p and weight_kg < height_cm", 6, "'kg' is compared with 'cm'"),
        ("weeks_on(mmf) > age", 0, "'wk' is compared with 'a'"),
        ("weight_kg < '70 cm'", 12, "the unit 'cm' does not fit 'kg'"),
        ("weight_kg < '70 stone'", 12, "the unit 'stone' does not fit 'kg'"),
        ("ratio < '70 kg'", 8, "'70 kg' is no quantity that can be compared here"),
        ("weight_kg < 'heavy'", 12, "'heavy' is no quantity that can be compared here"),
        ("weight_kg < '70'", 12, "'70' is no quantity that can be compared here"),
        ("smoker == 'current'", 10, "'current' is no quantity that can be compared here"),
        ("age in (18, 65)", 0, "'in' needs a fact with codes, this is a number"),
    ],
)
def test_a_fault_has_its_column_and_says_what_was_meant(text: str, col: int, words: str) -> None:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, WORDS)
    assert caught.value.col == col
    assert words in caught.value.text
    if "did you mean" not in words and words.startswith("unknown"):
        assert caught.value.text == words


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "p q", "p and", "and p", "p ==", "egfr < 25)", "(p", "p = q", "p; q", "p\nq", "if p", "import os", "p && q",
        "p || q", "!p", "egfr < 25 mL",
        "18 < age < 65", "p is q", "p is None", "age == None", "smoker in (never)", "smoker in [never]", "smoker in {never}",
        "smoker in smoker",
        "egfr < 1e999", "p if q else r", "lambda: p", "[p]", "(p, q)", "{p: q}", "p.real", "p[0]", "f'{p}'", "b'p'", "1j > 0",
        "... == p", "+age > 1", "~age > 1",
        "age % 2 == 0", "age ** 2 > 1", "age // 2 > 1", "p & q", "(p := q)", "[x for x in p]", "exhausted(*p)",
        "exhausted(target=mmf)",
        "__import__('os')", "().__class__", "p.__class__", "exhausted(mmf)(ivig)", "await p", "yield p", "print(p)",
        "eval('p')", "\x00", "p \x1b[31m",
    ],
)  # fmt: skip
def test_what_the_language_does_not_have(text: str) -> None:
    with pytest.raises(ConditionError):
        compile_condition(text, WORDS)


@pytest.mark.parametrize("size", [90, 500, 5_000, 200_000])
@pytest.mark.parametrize("part", ["not ", "(", "-", "p and (", "age + ("])
def test_a_deeply_nested_expression_is_refused_and_nothing_worse(part: str, size: int) -> None:
    text = part * size + "p" + ")" * (size if "(" in part else 0)
    try:
        tree = compile_condition(text, WORDS)
    except ConditionError:
        return
    assert facts_of(tree) == {"p"}


def test_another_type_may_be_expected() -> None:
    assert compile_condition("age + 1", WORDS, NUMBER).kind == "add"
    assert compile_condition("current", WORDS, CODES) == lit("current")
    with pytest.raises(ConditionError, match="gives a boolean where a number is needed"):
        compile_condition("p", WORDS, NUMBER)


def test_the_facts_that_an_expression_names() -> None:
    assert facts_of(compile_condition("p and (egfr < 25 or smoker == current) and tried(mmf)", WORDS)) == {"p", "egfr", "smoker"}
    assert facts_of(lit(True)) == set()


@pytest.mark.parametrize(
    ("text", "facts", "value"),
    [
        ("egfr < 25", {"egfr": 24.9}, True),
        ("egfr < 25", {"egfr": 25.0}, False),
        ("egfr <= 25", {"egfr": 25.0}, True),
        ("egfr <= 25", {"egfr": 25.1}, False),
        ("egfr > 25", {"egfr": 25.0}, False),
        ("egfr > 25", {"egfr": 25.1}, True),
        ("egfr >= 25", {"egfr": 25.0}, True),
        ("egfr >= 25", {"egfr": 24.9}, False),
        ("egfr == 25", {"egfr": 25.0}, True),
        ("egfr != 25", {"egfr": 25.0}, False),
        ("smoker == current", {"smoker": "current"}, True),
        ("smoker != current", {"smoker": "current"}, False),
        ("smoker in (never, former)", {"smoker": "former"}, True),
        ("smoker in (never, former)", {"smoker": "current"}, False),
        ("smoker not in (never, former)", {"smoker": "current"}, True),
        ("p == true", {"p": True}, True),
        ("p == false", {"p": True}, False),
        ("age + 1 > 50", {"age": 49.5}, True),
        ("age - 1 > 50", {"age": 51.0}, False),
        ("age * 2 == 100", {"age": 50.0}, True),
        ("age / 2 == 25", {"age": 50.0}, True),
        ("-age < -49", {"age": 50.0}, True),
        ("sqrt(ratio) == 3", {"ratio": 9.0}, True),
        ("sqrt(ratio) == 3", {"ratio": -9.0}, None),
        ("1 / ratio > 0", {"ratio": 0.0}, None),
        ("1 / ratio > 0", {}, None),
        ("age + ratio > 1", {"age": 50.0}, None),
        ("egfr < 25", {"egfr": Span(20, 24)}, True),
        ("egfr < 25", {"egfr": Span(20, 25)}, None),
        ("egfr < 25", {"egfr": Span(25, 30)}, False),
        ("egfr >= 25", {"egfr": Span(25, 30)}, True),
        ("egfr == 25", {"egfr": Span(20, 30)}, None),
        ("egfr == 25", {"egfr": Span(26, 30)}, False),
        ("egfr + 1 < 25", {"egfr": Span(1, 2)}, None),
        ("known(egfr)", {"egfr": 0.0}, True),
        ("known(p)", {"p": False}, True),
        ("known(egfr)", {}, False),
        ("not known(egfr)", {}, True),
    ],
)
def test_what_an_expression_comes_to(text: str, facts: dict[str, Any], value: Any) -> None:
    assert find(text, **facts).value is value


def test_both_sides_may_be_bounds() -> None:
    assert find("weight_kg < weight_kg + 0", weight_kg=Span(70, 80)).value is None
    assert find("weight_kg <= weight_kg", weight_kg=Span(70, 80)).value is None
    assert find("weight_kg == weight_kg", weight_kg=Span(70, 70)).value is True


def test_a_finding_tells_the_facts_it_used() -> None:
    found = find("p and (egfr < 25 or q)", p=True, egfr=20.0)
    assert (found.value, found.facts, found.missing) == (True, {"p": True, "egfr": 20.0, "q": None}, frozenset())


def test_a_function_is_asked_once_with_its_literals_and_names_what_it_lacks() -> None:
    asked: list[tuple[str, ...]] = []

    def reacted(*args: str) -> Any:
        asked.append(args)
        return None, frozenset({"treatments"})

    found = find("reacted(jak_inhibitor, thrombosis) or p", {"reacted": reacted}, p=False)
    assert asked == [("jak_inhibitor", "thrombosis")]
    assert found.value is None
    assert found.missing == {"treatments"}
    assert found.facts["reacted(jak_inhibitor, thrombosis)"] is None


def test_a_derived_fact_names_the_stated_ones_behind_it() -> None:
    from dmcli.knowledge.evaluate import Scope, evaluate

    scope = Scope({}, {}, {"ratio": frozenset({"weight_kg", "height_cm"})})
    assert evaluate(compile_condition("ratio > 1 and p", WORDS), scope).missing == {"weight_kg", "height_cm", "p"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_checks_its_arguments(name: str) -> None:
    wrong = {
        "number": "p",
        "target": "nobody",
        "substance": "nothing",
        "fact": "nowhere",
        "code": "noreason",
        "verdict": "guilty",
    }
    right = {
        "number": "ratio",
        "target": "mmf",
        "substance": "warfarin",
        "fact": "egfr",
        "code": "headache",
        "verdict": VERDICTS[0],
    }
    takes = FUNCTIONS[name].takes
    compared = {"boolean": "", "number": " > 0", "code": f" == {(*FUNCTIONS[name].gives.codes, '')[0]}"}[
        FUNCTIONS[name].gives.name
    ]
    compile_condition(f"{name}({', '.join(right[t] for t in takes)}){compared}", WORDS)
    for i in range(len(takes)):
        args = [wrong[t] if j == i else right[t] for j, t in enumerate(takes)]
        with pytest.raises(ConditionError):
            compile_condition(f"{name}({', '.join(args)}){compared}", WORDS)


def test_every_condition_of_the_knowledge_is_kept_as_a_checked_tree(knowledge: Knowledge) -> None:
    kinds: set[str] = set()

    def visit(node: Node) -> None:
        kinds.add(node.kind)
        for arg in node.args:
            visit(arg)

    for tree in knowledge.trees.values():
        visit(tree)
    assert kinds <= {
        "lit",
        "fact",
        "call",
        "and",
        "or",
        "not",
        "lt",
        "le",
        "gt",
        "ge",
        "eq",
        "ne",
        "in",
        "add",
        "sub",
        "mul",
        "div",
        "neg",
    }
    assert {"lit", "fact", "call", "and", "or", "not", "lt", "ge", "eq", "in", "mul", "div"} <= kinds


NAMED = WORDS._replace(named={"either": Node("or", None, (fact("p"), fact("q"))), "drug": Node("call", "taking", (lit("x"),))})


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("either", "p or q"),
        ("not either", "not (p or q)"),
        ("either and p", "(p or q) and p"),
        ("egfr < 25 or either", "egfr < 25 or p or q"),
        ("either or egfr < 25", "p or q or egfr < 25"),
    ],
)
def test_a_named_condition_stands_for_the_whole_of_it(text: str, whole: str) -> None:
    assert compile_condition(text, NAMED) == compile_condition(whole, WORDS)


def test_a_named_condition_that_asks_too_early_is_refused_at_its_name() -> None:
    early = NAMED._replace(early=frozenset({"taking"}))
    with pytest.raises(ConditionError, match="'drug' asks for 'taking', which has no answer yet") as caught:
        compile_condition("p and drug", early)
    assert caught.value.col == 6
    assert compile_condition("p and either", early)
