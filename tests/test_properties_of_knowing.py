"""What holds for every patient: more knowledge never opens what is closed, and the unknown is never bolder than its answers."""

import copy
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conftest import as_case
from dmcli.assess.facts import resolve
from dmcli.errors import InvalidCase
from dmcli.knowledge.conditions import facts_of
from dmcli.values.dates import parse_date
from patients_of_any_kind import (
    BOOLEANS,
    CODES,
    FAST,
    FEW,
    MANY,
    WORDS,
    arguments,
    has_next,
    some_case,
    statuses,
    taken_now,
    with_,
    without,
)
from pool import CLOSED, KNOWLEDGE, THERAPIES, Data, next_of, planned, planned_if_valid
from strategies import BASES, Document, stated

pytestmark = pytest.mark.usefixtures("drawn_cases")


SHUT = ("contraindicated", "declined", "not_feasible")


def check_added(less: Document, more: Document, fact: str) -> None:
    """Nothing that is shut without a fact is open with it."""
    before, after = planned_if_valid(less), planned_if_valid(more)
    assume(before is not None and after is not None)
    for therapy, status in statuses(before).items():
        now = statuses(after)[therapy]
        opened = now not in SHUT if status in SHUT else False
        if opened or (status == "contraindicated" and now != status):
            assert justified(before, after, therapy, fact), f"stating {fact} turned {therapy} from {status} to {now}"


def justified(before: Data, after: Data, therapy: str, fact: str) -> bool:
    """Whether an exclusion may end because of the fact.

    Two ways are meant: a stated creatinine clearance takes the place of the eGFR that stood in for it (section 6),
    which the knowledge says by asking whether it is known; and an exclusion beside a running therapy ends when that
    one has to stop (sections 5 and 6: excluded "while the other runs"). That a stated value wins over what follows
    from another one is no justification: the two contradict each other.
    """
    why = [a for a in arguments(before, therapy) if a["code"] in ("contraindicated", "interaction")]
    rests_on = {f for a in why for f in a["facts"]}
    rules = KNOWLEDGE.algorithm.derived
    if rests_on & {r.fact for r in rules if r.when is not None and f"known({fact})" in r.when and r.fact != fact}:
        return True
    return beside_what_stops(before, after, therapy)


def beside_what_stops(before: Data, after: Data, therapy: str) -> bool:
    """Whether a therapy was excluded only beside running ones that have to stop now."""
    why = [a for a in arguments(before, therapy) if a["code"] in ("contraindicated", "interaction")]
    stops = {r["therapy"] for r in after["regimen"] if r["role"] == "stop"}
    return bool(why) and all(a["code"] == "interaction" and {f"current({t})" for t in stops} & set(a["facts"]) for a in why)


# Exclusions whose missing fact is asked for and waited for by nothing.
NOTED = {c.id for t in THERAPIES.values() for c in t.contraindications if c.unknown == "note"}


@MANY
@given(document=some_case(lambda d: bool(stated(d, WORDS))), data=st.data())
def test_adding_a_fact_never_opens_what_an_exclusion_closed(document: Document, data: st.DataObject) -> None:
    said = stated(document, WORDS)
    # Half of the time a fact that some argument rests on.
    named = {f for o in planned(document)["options"] for a in o["arguments"] for f in a["facts"]}
    used = [f for f in said if f in named]
    fact = data.draw(st.one_of(st.sampled_from(said), st.sampled_from(used)) if used else st.sampled_from(said))
    check_added(without(document, fact), document, fact)


# Conclusions about a fact of a case that follow from what a case states.
CONCLUSIONS = tuple(
    r
    for r in KNOWLEDGE.algorithm.derived
    if r.fact in KNOWLEDGE.facts
    and {f for e in (r.value, r.when) if e for f in facts_of(KNOWLEDGE.tree(e))} <= KNOWLEDGE.facts.keys()
)


@FAST
@given(rule=st.sampled_from(CONCLUSIONS), data=st.data())
def test_stating_what_already_follows_or_its_contrary_never_opens_what_an_exclusion_closed(
    rule: Any, data: st.DataObject
) -> None:
    # The refractory patient of the cases, who has nothing, and one statement that another one follows from.
    document = without(BASES["refractory"], rule.fact)
    for fact in sorted(_named(rule) - {rule.fact}):
        kind = KNOWLEDGE.facts[fact]
        value = data.draw(st.booleans() if kind.type == "boolean" else st.sampled_from(kind.codes or WORDS.numbers[fact]))
        days = (
            data.draw(st.sampled_from((None, 10, 182, 183, 400))) if kind.type == "boolean" and kind.shelf_weeks is None else None
        )
        day = date.fromisoformat(document["as_of"]) - timedelta(days=days or 0)
        document = with_(document, fact, value if days is None else {"value": value, "date": day.isoformat()})
    check_added(document, with_(document, rule.fact, data.draw(st.booleans())), rule.fact)


@FAST
@given(document=some_case(), data=st.data())
def test_stating_another_drug_or_declining_a_therapy_never_opens_anything(document: Document, data: st.DataObject) -> None:
    drug = data.draw(st.sampled_from(WORDS.drugs))
    declined = data.draw(st.sampled_from([t for t in statuses(planned(document)) if t not in taken_now(document)]))
    more = copy.deepcopy(document)
    more["other_drugs"] = [*(more.get("other_drugs") or ()), drug]
    less = copy.deepcopy(document)
    access = less.setdefault("access", {})
    access["declined"] = [*(access.get("declined") or ()), declined]
    before = statuses(planned(document))
    for changed in (more, less):
        p = planned_if_valid(changed)
        assume(p is not None)
        for therapy, status in before.items():
            if therapy in taken_now(changed) - taken_now(document):
                continue  # what is taken is judged by its limits, not by those of a start
            if status == "contraindicated" and not beside_what_stops(planned(document), p, therapy):
                assert statuses(p)[therapy] == "contraindicated", (therapy, drug, declined)
            if status in ("declined", "not_feasible"):
                assert statuses(p)[therapy] in (status, "contraindicated", "declined"), (therapy, drug, declined)
    assert statuses(p)[declined] in ("declined", "contraindicated")
    assert next_of(p) != declined


@MANY
@given(document=some_case(), data=st.data())
def test_what_waits_for_a_fact_is_opened_by_that_very_fact_only(document: Document, data: st.DataObject) -> None:
    blocked = [t for t, s in statuses(planned(document)).items() if s == "needs_fact"]
    assume(blocked)
    open_facts = [f for f in BOOLEANS if f not in stated(document, WORDS)]
    fact = data.draw(st.sampled_from(open_facts))
    p = planned_if_valid(with_(document, fact, data.draw(st.booleans())))
    assume(p is not None)
    derived = {r.fact for r in KNOWLEDGE.algorithm.derived if fact in _named(r)}
    for therapy in blocked:
        if statuses(p)[therapy] not in ("needs_fact", *CLOSED):
            waited = {f for a in arguments(planned(document), therapy) if a["code"] == "fact_blocks" for f in a["facts"]}
            assert waited & {fact, *derived}, f"{fact} opened {therapy}, which waited for {waited}"


def _named(rule: Any) -> set[str]:
    found = facts_of(KNOWLEDGE.tree(rule.value))
    return found | (facts_of(KNOWLEDGE.tree(rule.when)) if rule.when else set())


#
# "Unknown never leads to a bolder action than both of its completions", in the words of a plan: let a fact be
# unknown (neither stated nor derived), and T be next. Then under at least one of its possible values
#   - T is next as well (what is bolder, T or another therapy, is thus never asked), and
#   - T is not contraindicated;
# and if T is contraindicated under one of its values, the fact is a precondition that blocks the first dose
# ("require", section 2). Starting nothing is the safest of all.


def completions(document: Document, fact: str) -> dict[Any, Data]:
    """The plans under each value that the open fact may have without contradicting the rest.

    A "yes" from which another "yes" follows where a "no" is stated contradicts it: active tuberculosis without a
    serious infection.
    """
    codes = (True, False) if fact in BOOLEANS else KNOWLEDGE.facts[fact].codes
    found = {value: with_(document, fact, value) for value in codes}
    plans = {value: planned_if_valid(d) for value, d in found.items()}
    before = resolve(as_case(document, KNOWLEDGE), KNOWLEDGE).values
    return {
        value: p
        for value, p in plans.items()
        if p is not None and before.items() <= resolve(as_case(found[value], KNOWLEDGE), KNOWLEDGE).values.items()
    }


def an_open_fact(document: Document, names: tuple[str, ...], data: st.DataObject) -> tuple[Document, str]:
    """A case in which a fact is unknown, a fact that matters to its plan more often than not."""
    therapy = next_of(planned(document))
    mine = (
        {
            f
            for r in (*THERAPIES[therapy].contraindications, *THERAPIES[therapy].cautions)
            for f in facts_of(KNOWLEDGE.tree(r.when))
        }
        if therapy
        else set()
    )
    near = [n for n in names if n in mine]
    fact = data.draw(st.one_of(st.sampled_from(near), st.sampled_from(names)) if near else st.sampled_from(names))
    return without(document, fact), fact


def check_unknown(document: Document, fact: str) -> None:
    p = planned_if_valid(document)
    assume(p is not None)
    therapy = next_of(p)
    assume(therapy is not None)
    assume(fact not in resolve(as_case(document, KNOWLEDGE), KNOWLEDGE).values)
    known = completions(document, fact)
    assume(len(known) > 1)
    under = {value: next_of(q) for value, q in known.items()}
    assert therapy in under.values(), f"{fact} unknown: {therapy} is next, known: {under}"
    excluded = {value: q for value, q in known.items() if statuses(q)[therapy] == "contraindicated"}
    assert len(excluded) < len(known), f"{fact} unknown: {therapy} is next, and contraindicated whatever it is"
    blocking = {b["fact"] for b in p["before_starting"] if b["blocks"]}
    for value, q in excluded.items():
        found = [a for a in arguments(q, therapy) if a["code"] == "contraindicated"]
        rests_on = {f for a in found for f in a["facts"]}
        told = f"{therapy} is next and excluded if {fact} is {value}"
        if not blocking & {fact, *rests_on} and all(a["rule"] in NOTED or asked_only_if_known(a["rule"], fact) for a in found):
            looked = {b.id for b in THERAPIES[therapy].before for t in b.tests if fact in KNOWLEDGE.catalogue.tests[t].settles}
            said = {r["rule"] for b in p["before_starting"] for r in b["because"]}
            assert looked & said, f"{told}, and nobody is told to look"
        else:
            assert blocking & {fact, *rests_on}, f"{told}, but does not wait for it: {blocking}"


def asked_only_if_known(rule: str, fact: str) -> bool:
    """Whether a rule asks for a fact only where it is known: a check that is "verify locally" (section 1), as IgA
    before immunoglobulin, excludes where it is known and holds nothing up where it is not."""
    mine = (r.when for t in THERAPIES.values() for r in t.contraindications if r.id == rule)
    return any(f"known({fact})" in when for when in mine)


@FAST
@given(document=some_case(has_next), data=st.data())
def test_an_unknown_yes_or_no_never_leads_to_a_bolder_step_than_both_answers(document: Document, data: st.DataObject) -> None:
    check_unknown(*an_open_fact(document, BOOLEANS, data))


@FEW
@given(document=some_case(has_next), data=st.data())
def test_an_unknown_code_never_leads_to_a_bolder_step_than_all_its_answers(document: Document, data: st.DataObject) -> None:
    check_unknown(*an_open_fact(document, CODES, data))


@FEW
@given(document=some_case(), data=st.data())
def test_a_coarse_date_gets_a_verdict_only_where_every_day_in_it_agrees(document: Document, data: st.DataObject) -> None:
    as_of = date.fromisoformat(document["as_of"])
    dates = [
        (i, key, parse_date(course[key], as_of))
        for i, course in enumerate(document.get("treatments") or ())
        for key in ("start", "stop")
        if course.get(key) is not None and not course.get("given") and not course.get("steps")
    ]
    coarse = [(i, key, days) for i, key, days in dates if days and not days.exact]
    assume(coarse)
    i, key, days = data.draw(st.sampled_from(coarse))
    last = min(days.last, as_of)
    day = days.first + timedelta(days=data.draw(st.integers(0, (last - days.first).days)))
    exact = copy.deepcopy(document)
    exact["treatments"][i][key] = day.isoformat()
    try:
        planned(exact)
    except InvalidCase:  # on that day it stops before it starts, or runs beside what it may not
        assume(False)
    therapy = document["treatments"][i]["therapy"]
    number = sum(1 for c in document["treatments"][: i + 1] if c["therapy"] == therapy)
    before, after = (
        next(h["verdict"] for h in p["history"] if (h["therapy"], h["course"]) == (therapy, number))
        for p in (planned(document), planned(exact))
    )
    # A stated failure or partial response counts as stated where no date says otherwise: only what is known to be short does.
    stated = {"inadequate": ("unverified_failure",), "partial": ("partial", "unverified_failure")}
    counts = stated.get(str(document["treatments"][i].get("outcome")), ())
    assert before in ("unknown", after, *counts), f"{document['treatments'][i]}: {before}, but with {key} {day}: {after}"
