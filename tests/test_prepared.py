"""What is prepared and kept for many plans says what is said without it, whatever was planned before."""

import json
import pickle
import random
import sys
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, as_case, examples, shipped_knowledge
from dmcli.assess.assess import Assessment, assess
from dmcli.assess.changes import _CHANGES, _exact
from dmcli.assess.history import Judged
from dmcli.assess.safety import Safety, looked_at
from dmcli.assess.snapshots import at, at_for, stated_at
from dmcli.batch.entries import Entry, Place
from dmcli.batch.outcomes import Question, json_line, outcome
from dmcli.case.model import Case, Stated
from dmcli.case.outside import with_recorded
from dmcli.case.read import _fact, read_case
from dmcli.case.reader import Reader
from dmcli.case.sections import keys_of
from dmcli.decide.instead import _if_declined, decided
from dmcli.decide.order import standing, standings
from dmcli.knowledge.conditions import Node, calls_of
from dmcli.knowledge.evaluate import Scope, evaluate, value_of
from dmcli.knowledge.found import FoundBefore
from dmcli.knowledge.model import Knowledge, Row
from dmcli.knowledge.tables import safety_conditions
from dmcli.planner import decide_case, explain, plan
from dmcli.record import Record
from dmcli.render.json_text import json_text
from dmcli.result.plan import as_data
from dmcli.result.reasons import reason
from dmcli.values.dates import Days
from dmcli.values.truth import Codes
from dmcli.yamlfile import Document

sys.path.append(str(ROOT / "benchmarks"))
from cohorts import Cohort

MANY = shipped_knowledge()
PLAIN = MANY.changed(prepared=None)
OFTEN = settings(max_examples=examples(60))
COHORT = Cohort(seed=31, knowledge=PLAIN)
# A treatment outside the catalogue, and one on the same class, which the cohort has none of.
OUTSIDE = (
    {"therapy": "other", "name": "upadacitinib", "start": "2025-06-01"},
    {"therapy": "other", "name": "an unknown ointment"},
)
DAY = date(2026, 6, 1)
numbers = st.integers(0, 400)


def document(number: int) -> dict[str, Any]:
    found = COHORT.case(number)
    if number % 7 == 0:
        found["treatments"].append(OUTSIDE[number % 2])
    return found


def case(number: int, knowledge: Knowledge = MANY) -> Case:
    return as_case(document(number), knowledge)


def assessed(number: int, knowledge: Knowledge) -> Assessment:
    mine = case(number, knowledge)
    return assess(mine, with_recorded(mine, knowledge))


def line(number: int, knowledge: Knowledge) -> str:
    """The plan of a case as the batch writes it."""
    found = outcome(Entry(Place("lines", 1), json.dumps(document(number))), Question(detail="plan"), knowledge)
    assert found.plan is not None, found.problems
    return found.plan


def test_a_batch_writes_byte_for_byte_the_plan_of_each_case_alone_in_any_order() -> None:
    asked = [number for number in range(40) for _ in range(2)]
    random.Random(5).shuffle(asked)
    alone = {number: json_line(as_data(plan(case(number, PLAIN), PLAIN))) for number in set(asked)}
    assert [n for n in asked if line(n, MANY) != alone[n]] == []


def test_knowledge_that_planned_many_cases_plans_as_knowledge_that_planned_none() -> None:
    used = pickle.loads(pickle.dumps(MANY)).for_many()
    first = {number: line(number, used) for number in range(30)}
    for number in (0, 7, 13, 21, 29):
        fresh = pickle.loads(pickle.dumps(MANY)).for_many()
        assert line(number, fresh) == line(number, used) == first[number]


@OFTEN
@given(numbers)
def test_a_plan_is_the_explanation_of_what_is_decided(number: int) -> None:
    mine = case(number)
    assert plan(mine, MANY) == explain(decide_case(mine, PLAIN))


def _told(safety: Safety) -> tuple[Any, ...]:
    kinds = (safety.contraindications, safety.cautions, safety.feasibility)
    return (*([(c.rule, c.value, c.finding) for c in kind] for kind in kinds), safety.pairs, safety.stops, safety.excluded)


@OFTEN
@given(numbers)
def test_the_safety_of_all_therapies_is_that_of_each(number: int) -> None:
    many, plain = assessed(number, MANY), assessed(number, PLAIN)
    assert {t: _told(s) for t, s in many.safety.items()} == {t: _told(s) for t, s in plain.safety.items()}
    for patient in (many, plain):
        every = {t: [(c.rule, c.value, c.finding) for c in rules] for t, rules in looked_at(patient.safety).items()}
        for therapy, safety in patient.safety.items():
            assert every.get(therapy, []) == [told for kind in _told(safety)[:3] for told in kind], therapy


@OFTEN
@given(numbers)
def test_what_is_kept_of_a_condition_is_what_it_comes_to(number: int) -> None:
    scope = assessed(number, MANY).scope
    for text in safety_conditions(MANY.therapies, MANY.algorithm):
        found = MANY.found(text, scope)
        assert found.finding == evaluate(MANY.trees[text], scope), text
        assert MANY.found(text, scope) is found


def test_what_is_missing_behind_a_name_is_told_apart() -> None:
    name = "derived"
    before = FoundBefore({"x": Node("fact", name, ())}, frozenset((name,)))
    one, other = (before.found("x", Scope({}, {}, {name: frozenset((fact,))})) for fact in ("weight", "height"))
    assert (one.finding.missing, other.finding.missing) == ({"weight"}, {"height"})
    assert before.found("x", Scope({}, {}, {name: frozenset(("weight",))})) is one
    assert before.found("x", Scope({name: True}, {})).finding.value is True


def test_what_is_told_of_several_patients_is_one_and_the_same() -> None:
    first, second = (plan(case(number), MANY) for number in (4, 4))
    tests = [[test for day in found.monitoring for test in day.tests] for found in (first, second)]
    assert tests[0]
    assert all(one is other for one, other in zip(*tests, strict=True))
    assert any(one is other for one, other in zip(first.options, second.options, strict=True))
    assert all(one is second.sources[ident] for ident, one in first.sources.items())


@OFTEN
@given(numbers)
def test_what_stands_in_the_way_of_a_start_is_found_whether_or_not_it_was_looked_up_before(number: int) -> None:
    many, plain = assessed(number, MANY), assessed(number, PLAIN)
    assert many.beyond is not None
    assert plain.beyond is None
    assert {t: many.obstacles(t) for t in MANY.therapies} == {t: plain.obstacles(t) for t in MANY.therapies}


@OFTEN
@given(numbers)
def test_how_all_therapies_stand_is_how_each_stands(number: int) -> None:
    many, plain = assessed(number, MANY), assessed(number, PLAIN)
    each = {therapy: standing(plain, therapy) for therapy in PLAIN.planned}
    assert standings(many) == standings(plain) == each


def _judged(judged: Judged) -> tuple[Any, ...]:
    """A course with what its verdict, and what is told of it by scores, rest on."""
    scored = judged.scored
    told = (scored.fact, scored.rule, scored.finding, scored.baseline, scored.latest) if scored is not None else None
    return judged._replace(because=None, scored=None), judged.rule, judged.facts, told


def _views(patient: Assessment) -> tuple[Any, ...]:
    return patient.recent, patient.facts, patient.limits, [*map(_judged, patient.history.judged)]


@OFTEN
@given(numbers)
def test_what_follows_from_facts_and_changes_is_the_same(number: int) -> None:
    assert _views(assessed(number, MANY)) == _views(assessed(number, PLAIN))


@OFTEN
@given(numbers)
def test_an_earlier_day_tells_what_a_condition_names_as_it_tells_everything(number: int) -> None:
    mine, prepared = case(number), MANY.prepared
    assert prepared is not None
    days = sorted({s.day.last for values in mine.stated.values() for s in values if s.day is not None})
    asked = [applied.limit.when for limits in MANY.limits.limits.values() for applied in limits]
    for day in [mine.as_of - timedelta(weeks=30), *days[-2:]]:
        whole = at(mine, day, None, MANY).values
        for condition in dict.fromkeys(asked):
            found = stated_at(mine, day, condition, MANY)
            if found is not None:
                assert found == {name: whole[name] for name in prepared.plain[condition] if name in whole}
    assert any(stated_at(mine, mine.as_of, condition, MANY) is not None for condition in asked)


@OFTEN
@given(numbers)
def test_an_earlier_day_seen_as_far_as_a_limit_asks_answers_it_as_the_whole_day_does(number: int) -> None:
    mine = case(number)
    start = next((c.start for c in mine.courses if c.running and c.start is not None), None)
    days = sorted({s.day.last for values in mine.stated.values() for s in values if s.day is not None})
    asked = dict.fromkeys(applied.limit.when for limits in MANY.limits.limits.values() for applied in limits)
    conditions = [text for text in asked if not calls_of(MANY.trees[text]) - {"known"}]
    for day, since in ((day, since) for day in days[-3:] for since in (None, start)):
        whole = Scope(at(mine, day, since, MANY).values, {})
        values = [value_of(MANY.trees[text], whole) for text in conditions]
        some = [at_for((text,), mine, day, since, MANY).values for text in conditions]
        assert [value_of(MANY.trees[t], Scope(seen, {})) for t, seen in zip(conditions, some, strict=True)] == values
        at_once = Scope(at_for(tuple(conditions), mine, day, since, MANY).values, {})
        assert [value_of(MANY.trees[text], at_once) for text in conditions] == values


@OFTEN
@given(numbers, st.sampled_from(["hydroxychloroquine", "ivig", "mmf", "tofacitinib"]))
def test_rules_asked_in_one_go_answer_as_those_asked_one_by_one(number: int, therapy: str) -> None:
    scope = assessed(number, MANY).scope._replace(known=None)
    rows: tuple[tuple[Row, str | None], ...] = (("verdicts", therapy), ("reviews", therapy), ("statuses", None))
    for row, about in (*rows, ("statuses_unheld", None)):
        assert MANY.in_turn(row, about, scope) == PLAIN.in_turn(row, about, scope)
    limits = [applied.limit for applied in MANY.limits.limits[therapy] if not calls_of(MANY.trees[applied.limit.when])]
    asked = MANY.holding(("limits of a test", therapy), limits, scope)
    assert asked == PLAIN.holding(("limits of a test", therapy), limits, scope)


def test_no_plan_is_made_of_what_was_decided_without_reasons() -> None:
    core = decide_case(case(1), MANY, reasons=False)
    assert core.actions
    with pytest.raises(ValueError, match="without the reasons"):
        explain(core)


def test_a_summary_without_reasons_is_that_of_the_whole_plan() -> None:
    for number in range(40):
        entry = Entry(Place("lines", 1), json.dumps(document(number)))
        brief, whole = (outcome(entry, Question(detail=detail), MANY) for detail in ("summary", "plan"))
        assert brief.data == whole.data


@OFTEN
@given(numbers)
def test_who_declines_the_next_therapy_is_decided_on_as_if_assessed_anew(number: int) -> None:
    core = decide_case(case(number), MANY)
    if core.decision.chosen is None:
        return
    mine = core.patient.case
    declined = mine.changed(declined=(*mine.declined, core.decision.chosen))
    anew = decided(declined, core.patient.knowledge, core.decision.reading)
    found = _if_declined(core.patient, core.decision, core.decision.chosen)
    kept = ("status", "chosen", "action", "statuses", "order", "leaving", "standings")
    assert [getattr(found, name) for name in kept] == [getattr(anew, name) for name in kept]


NUMBERS = st.one_of(st.floats(1e-3, 1e4), st.integers(0, 4000).map(lambda n: n / 10))


@settings(max_examples=examples(300))
@given(NUMBERS, NUMBERS)
def test_a_change_is_rounded_once(before: float, after: float) -> None:
    first, last = Fraction(str(before)), Fraction(str(after))
    exact = {
        "fall": float(first - last),
        "percent_rise": float((last - first) / first * 100) if first else None,
        "percent_fall": float((first - last) / first * 100) if first else None,
    }
    assert {name: change(_exact(before), _exact(after)) for name, change in _CHANGES.items()} == exact


ODD = (
    True, False, "yes", "no", "unknown", "Yes", 0, 1, 0.0, -1, 5, 5.0, 41.5, 1e9, -0.0, float("nan"), float("inf"), "5", "5 g", "",
    None, [], ["none"], "none", "None", "NONE", " none", "controlled", {"value": 5}, {"value": True, "date": "2026-01-01"},
)  # fmt: skip


@pytest.mark.parametrize("name", [*MANY.facts])
def test_a_plain_value_is_taken_as_the_long_way_takes_it(name: str) -> None:
    fact = MANY.facts[name]
    entry = keys_of("facts", MANY)[name]
    assert entry is not None
    values = (*ODD, *fact.codes, *(code.upper() for code in fact.codes), *fact.words, fact.min, fact.max)
    for day in (None, Days(DAY, DAY)):
        for value in values:
            taken = entry.taken(value, day)
            if taken is not None:
                reader = Reader(Document("x", {}, {}, []), MANY, DAY)
                assert taken == _fact(reader, ("facts", name), fact, value, day)
                assert type(taken.value) is type(_fact(reader, ("facts", name), fact, value, day).value)  # type: ignore[union-attr]
                assert not reader.problems


def test_a_case_is_read_alike_with_and_without_what_is_prepared() -> None:
    for number in range(60):
        read = [read_case(Document("x", document(number), {}, []), knowledge, None, None) for knowledge in (MANY, PLAIN)]
        assert read[0] == read[1]


class Whole(Record):
    text: str
    many: tuple[Any, ...]
    mapped: dict[str, Any]
    number: float
    inner: Any = None


texts = st.one_of(
    st.text(max_size=8), st.sampled_from(("\u202e", "\x7f", "\u00b5", "\x00", '"', "\\", "\n", "\ud800", "\U0001f600"))
)
scalars = st.one_of(texts, st.booleans(), st.none(), st.integers(), st.floats(), st.just(Codes(("a", "b"))))
values = st.recursive(scalars, lambda inner: st.one_of(st.tuples(inner, inner), st.lists(inner, max_size=2)), max_leaves=5)
records = st.builds(Whole, texts, st.tuples(values), st.dictionaries(texts, values, max_size=2), st.floats(), values)


@settings(max_examples=examples(300))
@given(st.one_of(records, st.builds(Whole, texts, st.tuples(records), st.just({}), st.just(1.0), records)))
def test_text_in_parts_is_the_text_of_the_whole(record: Whole) -> None:
    assert json_text(record) == json_line(as_data(record))


def test_what_a_record_keeps_is_no_part_of_it() -> None:
    statement = next(iter(MANY.algorithm.statements.values()))
    told = reason(statement)
    assert reason(statement) is told
    json_text(told)
    hash(told)
    other = pickle.loads(pickle.dumps(told))
    assert other == told
    assert hash(other) == hash(told)
    assert vars(other) == vars(told)
    assert told.changed(text="another") != told


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    used = pickle.loads(pickle.dumps(MANY)).for_many()
    assert used.prepared is not None
    monkeypatch.setattr("dmcli.knowledge.found._MOST_KEPT", 50)
    monkeypatch.setattr("dmcli.knowledge.prepared._MOST_KEPT", 50)
    monkeypatch.setattr("dmcli.knowledge.prepared._MOST_TOLD", 5)
    monkeypatch.setattr("dmcli.record._MOST_MADE", 2)
    for number in range(12):
        assert line(number, used) == line(number, MANY)
        assert 0 < len(used.prepared.findings) <= 50
        assert len(used.prepared.tests) <= 5
        assert len(used.prepared.options) <= 5
        assert max(map(len, (used.prepared._days, used.prepared._once))) <= 50
    assert max(len(getattr(rule, "_made", {})) for rule in used.algorithm.pairs) <= 2


def test_an_undated_yes_is_one_and_the_same() -> None:
    found = case(3).stated
    assert {id(s) for values in found.values() for s in values if s == Stated(True)} != set()
    assert len({id(s) for values in found.values() for s in values if s == Stated(True) and s.value is True}) == 1
