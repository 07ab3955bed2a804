"""The condition language beside the truth tables written out, on every condition of the knowledge."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conftest import examples
from dmcli.knowledge import scopes
from dmcli.knowledge.compiled import compiled, together
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Scope, compare, evaluate, value_of
from dmcli.values.dates import Days, Span, parse_date, weeks_between
from patients_of_any_kind import FAST, WORDS
from pool import KNOWLEDGE
from strategies import spans
from truth_tables import ORDER, naive, points


def _types() -> dict[str, Any]:
    derived = {r.fact: r for r in KNOWLEDGE.algorithm.derived}
    types = {name: (fact.type, fact.codes) for name, fact in KNOWLEDGE.facts.items()}
    types |= {name: (rule.type, ()) for name, rule in derived.items() if name not in types}
    words = (scopes.REVIEW, scopes.reasons(KNOWLEDGE.codes), scopes.DECISION, scopes.RESPONSE)
    return types | {name: (t.name, t.codes) for names in words for name, t in names.items()}


def _near(name: str) -> st.SearchStrategy[Any]:
    """Any value a name may have, unknown and intervals among them; numbers near the limits of the conditions."""
    kind, codes = _types()[name]
    if kind == "boolean":
        return st.sampled_from((True, False, None))
    if kind == "code":
        return st.sampled_from((*codes, None))
    limits = sorted(WORDS.limits.get(name, ())) or [1.0, 50.0, 150.0]
    around = st.builds(lambda limit, step: limit + step, st.sampled_from(limits), st.sampled_from((-1, -0.5, 0, 0.5, 1)))
    return st.one_of(st.none(), around, st.builds(lambda pair: Span(*map(float, pair)), spans()))


CONDITIONS = tuple(dict.fromkeys(KNOWLEDGE.trees.values()))
# What is asked in a batch; by their number, as the conditions have no other name here.
ASKED = dict(zip(CONDITIONS, compiled({str(number): node for number, node in enumerate(CONDITIONS)}).values(), strict=True))
NAMES = tuple(sorted(_types()))
# Every name of the language at once would be one great draw for each condition: each takes a share of them.
a_condition = st.sampled_from(CONDITIONS)


def calls_of(node: Node) -> set[str]:
    mine = {_call(node)} if node.kind == "call" and node.value not in ("known", "sqrt") else set()
    return mine.union(*(calls_of(a) for a in node.args)) if node.args else mine


def _call(node: Node) -> str:
    return f"{node.value}({','.join(str(a.value) for a in node.args)})"


def asked_by(node: Node) -> set[str]:
    """Every fact a condition names, also those it only asks whether they are known."""
    mine = (
        {str(node.args[0].value)}
        if node.kind == "call" and node.value == "known"
        else facts_of(node)
        if node.kind == "fact"
        else set()
    )
    return mine.union(*(asked_by(a) for a in node.args)) if node.args else mine


def answers(node: Node) -> dict[str, st.SearchStrategy[Any]]:
    """What a fact or a call of a condition may be."""
    found = {name: _near(name) for name in sorted(asked_by(node))}
    for call in sorted(calls_of(node)):
        gives = _gives(call.partition("(")[0])
        number = st.one_of(
            st.none(),
            st.sampled_from((0.0, 10.0, 12.0, 12.5, 15.0, 26.0)),
            st.builds(lambda pair: Span(*map(float, pair)), spans()),
        )
        kinds = {"boolean": st.sampled_from((True, False, None)), "code": st.sampled_from((*gives.codes, None)), "number": number}
        found[call] = kinds[gives.name]
    return found


def _gives(function: str) -> Any:
    from dmcli.knowledge.conditions import FUNCTIONS

    return FUNCTIONS[function].gives


def both(node: Node, drawn: dict[str, Any]) -> tuple[Any, Any]:
    """The same condition in the same world, by the program and by definition."""
    facts = {name: value for name, value in drawn.items() if "(" not in name and value is not None}

    def function(name: str, *args: str) -> Any:
        return drawn[f"{name}({','.join(args)})"]

    functions = {call.partition("(")[0] for call in drawn if "(" in call}
    answering = {
        name: (lambda *args, name=name: (function(name, *args), frozenset((f"{name} of {args}",)))) for name in functions
    }
    scope = Scope(facts, answering)
    found = evaluate(node, scope)
    assert value_of(node, scope) == found.value
    asked = ASKED[node](facts.get, answering)
    assert asked == found.value
    assert type(asked) is type(found.value) or isinstance(found.value, (int, float))
    return found, naive(node, facts, function)


@pytest.mark.parametrize("share", range(4))
def test_the_program_and_the_truth_tables_agree_on_every_condition(share: int) -> None:
    for node in CONDITIONS[share::4]:
        _agree(node)


def _agree(node: Node) -> None:
    @settings(FAST, max_examples=examples(8))
    @given(st.fixed_dictionaries(answers(node)))
    def agree(drawn: dict[str, Any]) -> None:
        found, expected = both(node, drawn)
        assert found.value == expected
        assert type(found.value) is type(expected) or isinstance(expected, (int, float))

    agree()


@settings(FAST, max_examples=examples(40))
@given(nodes=st.lists(a_condition, min_size=1, max_size=6, unique=True), data=st.data())
def test_conditions_that_are_asked_together_are_answered_as_each_alone(nodes: list[Node], data: st.DataObject) -> None:
    drawn = data.draw(st.fixed_dictionaries({name: how for node in nodes for name, how in answers(node).items()}))
    made = together({str(number): node for number, node in enumerate(nodes)})
    facts = {name: value for name, value in drawn.items() if "(" not in name and value is not None}
    names = {call.partition("(")[0] for call in drawn if "(" in call}
    functions = {n: (lambda *args, n=n: (drawn[f"{n}({','.join(args)})"], frozenset((n,)))) for n in names}
    assert list(made(facts.get, functions).values()) == [value_of(node, Scope(facts, functions)) for node in nodes]


@settings(FAST, max_examples=examples(150))
@given(node=a_condition, data=st.data())
def test_a_condition_that_stays_open_says_what_is_missing_and_is_closed_by_it(node: Node, data: st.DataObject) -> None:
    drawn = data.draw(st.fixed_dictionaries(answers(node)))
    drawn = {k: v.low if isinstance(v, Span) else v for k, v in drawn.items()}
    found, _ = both(node, drawn)
    if found.value is not None:
        assert not found.missing
        return
    assert found.missing or "sqrt" in str(node) or "div" in str(node)
    assert all(drawn.get(name) is None for name in found.missing)


@settings(FAST, max_examples=examples(150))
@given(node=a_condition, data=st.data())
def test_more_knowledge_never_turns_yes_into_no(node: Node, data: st.DataObject) -> None:
    # `known(x)` asks about the knowledge itself and may turn; no other condition may.
    assume("'known'" not in str(node))
    drawn = data.draw(st.fixed_dictionaries(answers(node)))
    more = data.draw(st.fixed_dictionaries({name: _more(drawn[name], strategy) for name, strategy in answers(node).items()}))
    before, after = both(node, drawn)[0].value, both(node, more)[0].value
    assert not isinstance(before, bool) or before == after


def _more(value: Any, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The value itself, or one that it may turn out to be."""
    if isinstance(value, Span):
        return st.integers(int(value.low), int(value.high)).map(float)
    return strategy if value is None else st.just(value)


@settings(FAST, max_examples=examples(150))
@given(
    kind=st.sampled_from(sorted(ORDER)), left=spans(0, 12), right=st.one_of(st.integers(0, 16), spans(0, 12)), swap=st.booleans()
)
def test_a_comparison_of_intervals_is_settled_exactly_where_every_integer_agrees(
    kind: str, left: tuple[int, int], right: int | tuple[int, int], swap: bool
) -> None:
    sides: list[Any] = [Span(*map(float, left)), Span(*map(float, right)) if isinstance(right, tuple) else float(right)]
    a, b = sides[::-1] if swap else sides
    truths = {ORDER[kind](x, y) for x in points(a) for y in points(b)}
    assert compare(kind, a, b) is (truths.pop() if len(truths) == 1 else None)


@settings(FAST, max_examples=examples(100))
@given(
    start=st.dates(date(2019, 1, 1), date(2030, 12, 31)),
    days=st.integers(0, 900),
    forms=st.tuples(*[st.sampled_from((10, 7, 4))] * 2),
)
def test_weeks_between_coarse_dates_hold_every_pair_of_days_in_them(start: date, days: int, forms: tuple[int, int]) -> None:
    end = start + timedelta(days=days)
    written = [parse_date(d.isoformat()[:form], None) for d, form in zip((start, end), forms, strict=True)]
    assert all(w is not None and w.first <= d <= w.last for w, d in zip(written, (start, end), strict=True))
    first, last = written
    assert isinstance(first, Days)
    assert isinstance(last, Days)
    span = weeks_between(first, last)
    assert span.low <= days // 7 <= span.high
    assert (span.low == span.high == days // 7) or not (first.exact and last.exact)
