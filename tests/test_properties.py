"""What must hold for every patient (section 11 of the clinical specification), held against generated cases.

Hypothesis makes a pool of whole cases once; a property of one plan is held against every plan of the pool, a
property that compares plans draws its cases and its changes from the pool. A case that breaks a property is
made smaller, entry by entry, before it is shown.
"""

import copy
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from conftest import ROOT, as_case, examples, plan_of, run, shipped_knowledge
from dmcli.assess.assess import assess
from dmcli.assess.facts import resolve
from dmcli.case.schema import case_schema
from dmcli.errors import InvalidInput
from dmcli.knowledge import scopes
from dmcli.knowledge.codes import STATUSES
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Scope, compare, evaluate
from dmcli.knowledge.model import plain
from dmcli.knowledge.statements import LEVELS
from dmcli.record import walk
from dmcli.render import RENDERERS, render
from dmcli.result.options import Code, OptionStatus
from dmcli.result.plan import Plan, as_data
from dmcli.values.dates import Days, Span, parse_date, weeks_between
from strategies import BASES, Document, Words, documents, forget, put, running, spans, stated, treatable

Data = dict[str, Any]
KNOWLEDGE = shipped_knowledge()
WORDS = Words(KNOWLEDGE)
THERAPIES = KNOWLEDGE.therapies
LADDER = WORDS.ladder
FAST = settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
MANY = settings(FAST, max_examples=examples(80))
FEW = settings(FAST, max_examples=examples(25))  # for what plans anew and decides nothing
POOL = settings(FAST, max_examples=examples(60), suppress_health_check=list(HealthCheck))
CLOSED = ("contraindicated", "exhausted", "declined", "not_feasible")
# Doing one of these with a therapy is no offer of it.
NO_OFFER = ("stop", "refer", "hold", "test")
STARTING = ("recommendation", "conventional_therapy")
BOOLEANS = tuple(name for name, fact in KNOWLEDGE.facts.items() if fact.type == "boolean")
CODES = tuple(name for name, fact in KNOWLEDGE.facts.items() if fact.type == "code")


# --- the pool ----------------------------------------------------------------------------------------


# The smallest cases that once broke a property, so that no other draw of the pool lets them slip again.
ONCE_BROKEN: tuple[Document, ...] = tuple(
    {"as_of": "2026-12-01", **case}
    for case in (
        {"treatments": [{"therapy": "topical_corticosteroid", "outcome": "contraindicated"}]},
        {"treatments": [{"therapy": "tofacitinib"}, {"therapy": "tofacitinib", "outcome": "contraindicated"}]},
        {"other_drugs": ["tofacitinib", "azathioprine"]},
        {"other_drugs": ["tofacitinib", "azathioprine"], "facts": {"cardiovascular_event_recent": True}},
        {"other_drugs": ["quinacrine"], "treatments": [{"therapy": "methotrexate", "start": "2026"}], "facts": {"age": 45}},
        {
            "facts": {
                "mood_worsened": {"value": False, "date": "2026-01-01"},
                "egfr": {"value": 90, "unit": "mL/min/{1.73_m2}", "date": "2026-01-01"},
            }
        },
        {"facts": {"age": 45, "pregnancy": True}, "treatments": [{"therapy": "quinacrine"}]},
        {
            "facts": {"age": 45, "pregnancy": False},
            "treatments": [{"therapy": "quinacrine", "weeks": 12, "outcome": "near_complete"}],
        },
        {"facts": {"age": 45, "pregnancy": False, "planning_pregnancy": False, "breastfeeding": False}},
    )
)


@cache
def pool() -> tuple[Document, ...]:
    """Valid cases, as Hypothesis draws them: half of them any case, half of them likely to have a next therapy."""
    found: list[Document] = [copy.deepcopy(d) for d in ONCE_BROKEN]
    for strategy in (documents(WORDS), treatable(WORDS)):

        @POOL
        @given(strategy)
        def collect(document: Document) -> None:
            found.append(document)

        collect()
    return tuple({json.dumps(d): d for d in found if valid(d)}.values())


@pytest.fixture(scope="module", autouse=True)
def _filled() -> None:
    pool()


def valid(document: Document) -> bool:
    """Whether a document is a case; only a contradiction between its statements may keep it from being one."""
    try:
        as_case(document, KNOWLEDGE)
    except InvalidInput as error:
        assert {p.code for p in error.problems} == {"contradiction"}, error
        return False
    return True


_PLANS: dict[int, tuple[Plan, Data]] = {}


def _both_forms(document: Document) -> tuple[Plan, Data]:
    found = _PLANS.get(id(document))
    if found is None:
        plan = plan_of(document, KNOWLEDGE)
        found = plan, as_data(plan)
        if id(document) in _pool_ids():
            _PLANS[id(document)] = found
    return found


def made(document: Document) -> Plan:
    """The plan of a document; that of a document of the pool is made once."""
    return _both_forms(document)[0]


def planned(document: Document) -> Data:
    """The plan of a document as plain data; that of a document of the pool is made once."""
    return _both_forms(document)[1]


@cache
def _pool_ids() -> frozenset[int]:
    return frozenset(map(id, pool()))


def planned_if_valid(document: Document) -> Data | None:
    """The plan of a changed document, unless the change contradicts the rest of it."""
    try:
        return planned(document)
    except InvalidInput as error:
        assert {p.code for p in error.problems} == {"contradiction"}, error
        return None


def hold(breaches: Callable[[Document, Data], Iterable[str]], among: tuple[Document, ...] = ()) -> None:
    """Fail with the smallest cases that break a property of one plan, one for each way of breaking it, at most three."""
    told: dict[str, Document] = {}
    for document in among or pool():
        for wrong in breaches(document, planned(document)):
            told.setdefault(wrong, document)
    shown = []
    for wrong, document in list(told.items())[:3]:
        small = smallest(document, lambda d, wrong=wrong: wrong in set(breaches(d, planned(d))))  # type: ignore[misc]
        shown.append(f"{wrong}\nin the case\n{yaml.safe_dump(small, sort_keys=False, allow_unicode=True)}")
    if shown:
        pytest.fail("\n".join([f"{len(told)} in all", *shown]), pytrace=False)


def smallest(document: Document, breaks: Callable[[Document], bool]) -> Document:
    """A case without every entry that does not matter to what it breaks."""
    smaller = True
    while smaller:
        smaller = False
        for path in list(_paths(document)):
            rest = _without(document, path)
            if rest is not None and path != ("as_of",) and _still(rest, breaks):
                document, smaller = rest, True
    return document


def _still(document: Document, breaks: Callable[[Document], bool]) -> bool:
    try:
        as_case(document, KNOWLEDGE)
        return breaks(document)
    except InvalidInput:
        return False


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every entry of a document, the largest first."""
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))[::-1] if isinstance(value, list) else []
    yield from ((*at, key) for key, _ in entries)
    for key, inner in entries:
        yield from _paths(inner, (*at, key))


def _without(document: Document, path: tuple[Any, ...]) -> Document | None:
    rest = copy.deepcopy(document)
    at: Any = rest
    try:
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
    except (KeyError, IndexError, TypeError):
        return None
    return rest


def anything(_: Document) -> bool:
    return True


@cache
def _chosen(of: Callable[[Document], bool]) -> tuple[Document, ...]:
    return tuple(d for d in pool() if of(d))


def some_case(of: Callable[[Document], bool] = anything) -> st.SearchStrategy[Document]:
    """One case of the pool."""
    return st.deferred(lambda: st.sampled_from(_chosen(of)))


def has_next(document: Document) -> bool:
    return planned(document)["next"] is not None


def next_of(p: Data) -> str | None:
    return p["next"]["therapy"] if p["next"] else None


def statuses(p: Data) -> dict[str, str]:
    return {o["therapy"]: o["status"] for o in p["options"]}


def calcinosis_options(p: Data) -> list[Data]:
    return p["calcinosis"]["options"] if p["calcinosis"] else []


def arguments(p: Data, therapy: str) -> list[Data]:
    """The arguments of a therapy; none for one of calcinosis alone in a patient without it."""
    return next((o["arguments"] for o in (*p["options"], *calcinosis_options(p)) if o["therapy"] == therapy), [])


def taken_now(document: Document) -> set[str]:
    """The therapies of the catalogue that a case says are taken, as a course or among the other drugs."""
    names = KNOWLEDGE.therapy_names
    drugs = (names.get(plain(d if isinstance(d, str) else d["name"])) for d in document.get("other_drugs") or ())
    return {c["therapy"] for c in document.get("treatments") or () if running(c)} | {d for d in drugs if d}


def everywhere(whole: Any) -> Iterator[tuple[str, Any]]:
    """Every value inside a plan, with the field it stands in."""
    left = [("", whole)]
    while left:
        field, value = left.pop()
        yield field, value
        if isinstance(value, dict):
            left += value.items()
        elif isinstance(value, list):
            left += [(field, inner) for inner in value]


# --- one plan ----------------------------------------------------------------------------------------


def test_the_pool_reaches_every_part_of_the_algorithm() -> None:
    # Guards the strategies: a property that is never put to the test would hold for nothing.
    plans = [planned(d) for d in pool()]
    lines = {p["next"]["line"] for p in plans if p["next"]}
    assert lines == {"conventional", "primary", "second", "pool"}
    assert {p["status"] for p in plans} >= {"out_of_scope", "refer", "needs_fact", "conventional_therapy", "recommendation"}
    assert len({next_of(p) for p in plans}) >= 10
    assert {o["status"] for p in plans for o in p["options"]} == set(get_args(OptionStatus))


def test_every_generated_case_fits_the_published_schema_of_a_case() -> None:
    validator = jsonschema.Draft202012Validator(case_schema(KNOWLEDGE))

    def breaches(document: Document, _: Data) -> Iterator[str]:
        yield from (f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document))

    hold(breaches)


def test_every_valid_case_gets_a_plan_with_exactly_one_status() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["status"] not in STATUSES or not p["status_because"]:
            yield f"status {p['status']} because {p['status_because']}"

    hold(breaches)


def test_only_a_recommendation_or_conventional_therapy_names_a_next_therapy() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["next"] and p["status"] not in STARTING:
            yield f"{p['status']} with next {next_of(p)}"
        if p["status"] == "recommendation" and not p["next"]:
            yield "a recommendation without a therapy"
        if p["status"] == "conventional_therapy":
            going_on = any(a["action"] == "continue" for a in p["actions"])
            if not p["next"] and not going_on:
                yield "conventional therapy with nothing to start and nothing to continue"

    hold(breaches)


def test_every_therapy_of_the_catalogue_has_exactly_one_status() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        # Therapies of calcinosis alone stand in its own block (section 10).
        beside = [o["therapy"] for o in calcinosis_options(p)]
        if [o["therapy"] for o in p["options"]] != [t for t, entry in THERAPIES.items() if entry.line != "calcinosis"]:
            yield "the options are not the catalogue"
        if p["calcinosis"] and (
            len(set(beside)) < len(beside) or {t for t, entry in THERAPIES.items() if entry.line == "calcinosis"} - set(beside)
        ):
            yield f"the options of calcinosis are {beside}"
        yield from (f"{t} is {s}" for t, s in statuses(p).items() if s not in get_args(OptionStatus))
        codes = {a["code"] for o in p["options"] for a in o["arguments"]}
        yield from (f"unknown argument code {c}" for c in codes - set(get_args(Code)))
        recommended = [t for t, s in statuses(p).items() if s == "recommended"]
        retried = p["next"] is not None and statuses(p)[p["next"]["therapy"]] == "current" and p["next"]["action"] == "retry"
        if recommended != ([next_of(p)] if p["next"] else []) and not retried:
            yield f"recommended: {recommended}, next: {next_of(p)}"

    hold(breaches)


def test_what_is_closed_is_never_next_scheduled_or_offered() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        closed = {t: s for t, s in statuses(p).items() if s in CLOSED}
        offered = [("next", next_of(p))]
        offered += [("schedule", i["therapy"]) for i in p["schedule"]]
        # To go on with what runs although it is declined or hard to get is no offer; with a contraindicated one it is.
        offered += [
            (f"action {a['action']}", a["therapy"])
            for a in p["actions"]
            if a["action"] not in NO_OFFER and (a["action"] != "continue" or closed.get(a["therapy"]) == "contraindicated")
        ]
        offered += [("new part of the regimen", r["therapy"]) for r in p["regimen"] if r["role"] == "new"]
        offered += [("changed part of the regimen", r["therapy"]) for r in p["regimen"] if r["role"] == "overlap"]
        offered += [("supportive", s["therapy"]) for s in p["supportive"]]
        yield from (f"{t} is {closed[t]} but stands in {where}" for where, t in offered if t in closed)

    hold(breaches)


def test_every_contraindication_that_holds_closes_its_therapy() -> None:
    # Judged again by the naive evaluator below, rule by rule.
    rules = {t: list(THERAPIES[t].contraindications) for t in THERAPIES}
    for rule in KNOWLEDGE.algorithm.contraindications:
        for target in rule.targets:
            for therapy in KNOWLEDGE.members(target):
                rules[therapy].append(rule)

    def breaches(document: Document, p: Data) -> Iterator[str]:
        scope = assess(as_case(document, KNOWLEDGE), KNOWLEDGE).scope
        for therapy, mine in rules.items():
            for rule in mine:
                holds = naive(KNOWLEDGE.tree(rule.when), scope.facts, lambda name, *args: scope.functions[name](*args)[0])
                said = [o["status"] for o in (*p["options"], *calcinosis_options(p)) if o["therapy"] == therapy]
                if holds is True and set(said) - {"contraindicated"}:
                    yield f"{rule.id} holds but {therapy} is {said}"

    hold(breaches)


def test_supportive_specialist_avoided_and_calcinosis_therapies_are_never_chosen() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["next"] and p["next"]["line"] not in ("conventional", "primary", "second", "pool"):
            yield f"{next_of(p)} of line {p['next']['line']} is next"

    hold(breaches)


def test_every_therapy_that_is_not_chosen_says_what_speaks_against_it_or_is_an_adjunct() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for option in p["options"]:
            if option["status"] in ("recommended", "adjunct") or option["therapy"] == next_of(p):
                continue
            if not any(a["kind"] in ("against", "excludes", "needs") for a in option["arguments"]):
                yield f"{option['therapy']} is {option['status']} for no reason"

    hold(breaches)


def test_an_option_that_needs_a_fact_names_it() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for option in p["options"]:
            blocks = [a for a in option["arguments"] if a["code"] == "fact_blocks"]
            if option["status"] == "needs_fact" and not any(a["facts"] for a in blocks):
                yield f"{option['therapy']} needs a fact, but which?"

    hold(breaches)


def test_every_unknown_has_a_question_a_use_and_is_really_unknown() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        known = resolve(as_case(document, KNOWLEDGE), KNOWLEDGE).values
        for unknown in p["unknowns"]:
            if not unknown["question"] or not unknown["needed_for"]:
                yield f"{unknown['fact']}: question {unknown['question']!r}, needed for {unknown['needed_for']}"
            if unknown["fact"] in known:
                yield f"{unknown['fact']} is listed as unknown but is {known[unknown['fact']]}"

    hold(breaches)


def test_the_next_therapy_has_a_dose_or_says_why_not() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if not p["next"]:
            return
        therapy = next_of(p)
        items = [i for i in p["schedule"] if i["therapy"] == therapy and not i["hold_point"]]
        said = [a["dose"] for a in p["actions"] if a["therapy"] == therapy and a["action"] == p["next"]["action"]]
        if not any(said):
            yield f"{therapy}: the action states no dose"
        if not items and THERAPIES[therapy].no_dose is None:
            yield f"{therapy}: nothing is scheduled and nothing says why"
        for item in items:
            if item["dose"] is None and not item["details"]:
                yield f"{therapy}: {item['date']} {item['step']} has neither a dose nor a reason"

    hold(breaches)


def test_the_next_therapy_has_a_test_or_states_that_none_is_needed() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["next"]:
            therapy = next_of(p)
            tested = any(therapy in t["therapies"] for day in p["monitoring"] for t in day["tests"])
            stated_none = THERAPIES[therapy].no_monitoring
            told = stated_none is not None and any(
                v == stated_none.text or stated_none.text in str(v) for _, v in everywhere(p) if isinstance(v, str)
            )
            if not tested and not told:
                yield f"{therapy}: no test, and the plan does not say that none is needed"

    hold(breaches)


def test_the_next_therapy_has_its_judgement_dates() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        trial = THERAPIES[next_of(p)].trial if p["next"] else None
        if trial is None:
            return
        weeks = {limit.weeks for limit in (trial.no_response, trial.some_response) if limit}
        expected = sorted((date.fromisoformat(p["start"]) + timedelta(weeks=w)).isoformat() for w in weeks)
        mine = [c for c in p["checkpoints"] if c["therapy"] == next_of(p)]
        if [c["date"] for c in mine] != expected or any(c["premature_before"] != expected[0] for c in mine):
            yield f"{next_of(p)}: judged {[(c['date'], c['premature_before']) for c in mine]}, expected {expected}"

    hold(breaches)


def test_the_first_dose_waits_for_everything_that_blocks() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        blocks = [b["blocks"] for b in p["before_starting"]]
        if blocks != sorted(blocks, reverse=True):
            yield "what blocks does not come first"
        waits = [b["what"] for b in p["before_starting"] if b["blocks"]]
        for item in p["schedule"]:
            if item["date"] == p["start"] and item["therapy"] == next_of(p) and item["conditional_on"] != waits:
                yield f"{item['step']} on day 0 waits for {item['conditional_on']}, not for {waits}"
        if p["before_starting"] and not p["next"]:
            yield "something is to be settled before starting nothing"

    hold(breaches)


def test_what_is_taken_although_contraindicated_is_stopped_and_referred_first() -> None:
    prescribers = {t for target in KNOWLEDGE.algorithm.prescriber_decides for t in KNOWLEDGE.members(target)}

    def breaches(document: Document, p: Data) -> Iterator[str]:
        urgent = 0
        for therapy in taken_now(document):
            if not any(a["code"] == "contraindicated" for a in arguments(p, therapy)):
                continue
            mine = [(i, a["action"]) for i, a in enumerate(p["actions"]) if a["therapy"] == therapy and a["priority"] == "now"]
            wanted = ["refer"] if therapy in prescribers else ["stop", "refer"]
            urgent += len(wanted)
            if [a for _, a in mine] != wanted * (len(mine) // len(wanted)) or not mine:
                yield f"{therapy} is taken and contraindicated: {mine}"
            role = [r["role"] for r in p["regimen"] if r["therapy"] == therapy]
            if role != (["continue"] if therapy in prescribers else ["stop"]):
                yield f"{therapy} is taken and contraindicated, its part of the regimen is {role}"
        early = [a["action"] for a in p["actions"][:urgent]]
        if any(a not in ("stop", "refer") for a in early):
            yield f"stops do not come first: {early}"

    hold(breaches)


def test_a_referral_says_so_as_an_action() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["status"] in ("refer", "out_of_scope") and not any(a["action"] == "refer" for a in p["actions"]):
            yield f"{p['status']} without an action"

    hold(breaches)


def test_supportive_care_is_shown_with_every_plan_in_scope() -> None:
    always = [t.id for t in THERAPIES.values() if t.line == "supportive" and t.shown_when is None]

    def breaches(_: Document, p: Data) -> Iterator[str]:
        shown = [s["therapy"] for s in p["supportive"]]
        for therapy in always if p["status"] != "out_of_scope" else ():
            if therapy not in shown and statuses(p)[therapy] not in ("contraindicated", "declined"):
                yield f"{therapy} is {statuses(p)[therapy]} and not shown"

    hold(breaches)


def test_a_drug_nobody_knows_is_kept_and_warned_about() -> None:
    drugs = KNOWLEDGE.drug_names | KNOWLEDGE.therapy_names

    def breaches(document: Document, p: Data) -> Iterator[str]:
        for drug in document.get("other_drugs") or ():
            name = drug if isinstance(drug, str) else drug["name"]
            if plain(name) not in drugs and not any(w["code"] == "unknown_drug" and name in w["text"] for w in p["warnings"]):
                yield f"no warning about {name!r}"

    hold(breaches)


# --- doses and dates ---------------------------------------------------------------------------------


def newest(document: Document, fact: str) -> float | None:
    """The value of a number that counts: undated, or the newest one that is fresh."""
    case = as_case(document, KNOWLEDGE)
    values = case.stated.get(fact, ())
    undated = [s for s in values if s.day is None]
    if undated:
        return float(undated[-1].value)
    shelf = KNOWLEDGE.facts[fact].shelf_weeks
    latest = max((s.day.last for s in values), default=None)
    if latest is None or (shelf is not None and (case.as_of - latest).days > 7 * shelf):
        return None
    return next(float(s.value) for s in reversed(values) if s.day.last == latest)


def steps_of(p: Data) -> dict[str, tuple[Any, Any]]:
    """The steps of the regimen that was chosen, by id, each with the regimen."""
    name = next((r["regimen"] for r in p["regimen"] if r["role"] == "new"), None)
    regimens = THERAPIES[next_of(p)].regimens if p["next"] else ()
    return {s.id: (s, r) for r in regimens if r.id == name for s in r.steps}


def test_a_dose_by_weight_or_surface_is_computed_exactly_when_both_are_known() -> None:
    needs = {"kg": ("weight_kg",), "m2": ("weight_kg", "height_cm")}

    def breaches(document: Document, p: Data) -> Iterator[str]:
        steps = steps_of(p)
        for item in p["schedule"]:
            step, _ = steps.get(item["step"], (None, None))
            per = step.dose.unit.partition("/")[2] if step and step.dose else ""
            if not per:
                continue
            lacking = [f for f in needs[per] if newest(document, f) is None]
            if lacking and (item["dose"] or item["arithmetic"] or not item["details"]):
                yield f"{item['step']} has a dose {item['dose']} ({item['arithmetic']}) without {lacking}: {item['details']}"
            if not lacking and not (item["dose"] and item["arithmetic"]):
                yield f"{item['step']} has no dose or no arithmetic although nothing is missing"

    hold(breaches)


def test_a_course_by_weight_is_never_above_2_g_per_kg_and_5_g() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        steps, totals = steps_of(p), {}
        for item in p["schedule"]:
            step, regimen = steps.get(item["step"], (None, None))
            if step and step.dose and step.dose.unit == "g/kg" and item["dose"]:
                day = (date.fromisoformat(item["date"]) - date.fromisoformat(p["start"])).days - step.day
                totals.setdefault((step.id, day // step.every_days), []).append(item["dose"]["value"])
                if item["dose"]["unit"] != "g" or item["dose"]["value"] % 5 or item["dose"]["value"] <= 0:
                    yield f"{item['date']} {item['dose']} is no multiple of 5 g"
        for course, doses in totals.items():
            weight = newest(document, "weight_kg")
            if weight is None or sum(doses) > 2 * weight + 5:
                yield f"course {course} of {doses} g at {weight} kg"

    hold(breaches)


def test_no_dose_is_above_a_cap_in_force() -> None:
    factor = {"g": 1000.0, "mg": 1.0}

    def breaches(_: Document, p: Data) -> Iterator[str]:
        holds = {t["rule"] for t in p["trace"] if t["truth"] is True}
        steps = steps_of(p)
        for item in p["schedule"]:
            step, regimen = steps.get(item["step"], (None, None))
            if not step or not step.dose or not item["dose"]:
                continue
            amounts, value, unit = step.dose.amounts, item["dose"]["value"], item["dose"]["unit"]
            # Unequal amounts of a day are reported as their sum, equal ones as one of them.
            total = value if len(set(amounts)) > 1 and value == sum(amounts) else value * len(amounts)
            for cap in regimen.caps:
                most = cap.max * factor[cap.unit] * (step.dose.per_days or cap.per_days) / cap.per_days
                if cap.id in holds and total * factor[unit] > most + 1e-9:
                    yield f"{item['step']}: {total:g} {unit} in {step.dose.per_days} days is above {cap.id} ({cap.max:g} {cap.unit} in {cap.per_days})"

    hold(breaches)


def test_the_schedule_is_in_calendar_order_and_within_the_horizon() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        weeks = int(KNOWLEDGE.algorithm.settings["horizon_weeks"].value)
        start = date.fromisoformat(p["start"])
        days = [date.fromisoformat(i["date"]) for i in p["schedule"]]
        if days != sorted(days):
            yield "the schedule is not in order"
        if days and (days[0] < start or days[-1] > start + timedelta(weeks=weeks)):
            yield f"the schedule runs from {days[0]} to {days[-1]}, the horizon from {start} for {weeks} weeks"
        for item in p["schedule"]:
            if item["until"] is not None and item["until"] < item["date"]:
                yield f"{item['step']} ends on {item['until']} before it starts on {item['date']}"
        tests = [date.fromisoformat(m["date"]) for m in p["monitoring"]]
        if tests != sorted(set(tests)):
            yield "the tests are not in order, a day to an entry"
        if tests and (tests[0] < date.fromisoformat(p["as_of"]) or tests[-1] > start + timedelta(weeks=weeks)):
            yield f"tests from {tests[0]} to {tests[-1]}"
        if p["start"] < p["as_of"]:
            yield "the start lies before the as-of date"

    hold(breaches)


def test_judgements_are_in_order_and_never_earlier_than_the_latest_day_of_the_start_allows() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        days = [c["date"] for c in p["checkpoints"]]
        if days != sorted(days):
            yield f"checkpoints out of order: {days}"
        courses = as_case(document, KNOWLEDGE).courses if days else ()
        for point in p["checkpoints"]:
            therapy = point["therapy"]
            if point["premature_before"] > point["date"]:
                yield f"{therapy} is judged on {point['date']}, premature before {point['premature_before']}"
            mine = [c.start.last for c in courses if c.therapy == therapy and c.running and c.start and therapy != next_of(p)]
            if (
                mine
                and (first := mine[-1] + timedelta(weeks=THERAPIES[therapy].trial.no_response.weeks)).isoformat()
                > point["premature_before"]
            ):
                yield f"{therapy} may have started as late as {mine[-1]}: premature before {first}, not {point['premature_before']}"

    hold(breaches)


def test_every_date_of_a_plan_is_a_day_of_the_calendar() -> None:
    dated = ("date", "until", "as_of", "start", "valid_until", "premature_before")

    def breaches(_: Document, p: Data) -> Iterator[str]:
        for field, value in everywhere(p):
            if field in dated and value is not None and date.fromisoformat(value).isoformat() != value:
                yield f"{field}: {value}"
        if date.fromisoformat(p["valid_until"]) <= date.fromisoformat(p["as_of"]):
            yield f"valid until {p['valid_until']}"

    hold(breaches)


# --- what a plan says --------------------------------------------------------------------------------


def test_every_source_a_plan_names_is_listed_and_nothing_else() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        body = {k: v for k, v in p.items() if k != "sources"}
        named = {s for field, s in everywhere(body) if field == "sources" and isinstance(s, str)}
        yield from (f"{s} is named but not listed" for s in named - set(p["sources"]))
        yield from (f"{s} is listed but not named" for s in set(p["sources"]) - named)
        known = {*KNOWLEDGE.sources.sources, *KNOWLEDGE.sources.topic_facts}
        yield from (f"{s} is no source of the knowledge" for s in named - known)
        yield from (f"{s} has no citation" for s, source in p["sources"].items() if not source["citation"])

    hold(breaches)


@cache
def known_ids() -> frozenset[str]:
    parts = (KNOWLEDGE.algorithm, KNOWLEDGE.regimens)
    found = {item.id for part in parts for _, item in walk(part) if hasattr(item, "id")}
    return frozenset({*found, *KNOWLEDGE.algorithm.statements, *KNOWLEDGE.algorithm.settings})


def test_every_rule_a_plan_names_is_one_of_the_knowledge() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        named = {
            (field, v) for field, v in everywhere(p) if field in ("rule", "step", "regimen", "needed_for") and isinstance(v, str)
        }
        named |= {("conflicts", c["id"]) for c in p["conflicts"]}
        yield from (f"{field}: {v!r} is not in the knowledge" for field, v in named if v not in known_ids())

    hold(breaches)


def test_every_level_but_default_and_unverified_has_a_source() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for field, value in everywhere(p):
            # The level of a limit is what to do beyond it.
            if isinstance(value, dict) and "level" in value and "sources" in value and field != "limits":
                if value["level"] not in LEVELS:
                    yield f"{field}: unknown level {value['level']}"
                elif value["level"] not in ("default", "unverified") and not value["sources"]:
                    yield f"{field}: {value['level']} without a source: {value.get('text') or value.get('what')}"

    hold(breaches)


def test_the_summary_is_at_most_twelve_single_lines() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if not 1 <= len(p["summary"]) <= 12:
            yield f"{len(p['summary'])} lines"
        said = [f"{line['label']}: {line['text']}" if line["label"] else line["text"] for line in p["summary"]]
        yield from (f"no single line: {line!r}" for line in said if not line.strip() or "\n" in line)
        name = p["next"] and p["next"]["name"]
        if name and not any(name in line for line in said):
            yield f"{name} is next and not in the summary"

    hold(breaches)


def test_no_sentence_has_an_unfilled_blank() -> None:
    blank = re.compile(r"\{(?!score\}|1\.73_m2\}|application\})[a-z_]*\}|\bNone\b|\bSpan\(|frozenset")

    def breaches(document: Document, p: Data) -> Iterator[str]:
        said = json.dumps(document.get("other_drugs") or "")
        for field, value in everywhere(p):
            if isinstance(value, str) and (found := blank.search(value)) and found[0] not in said:
                yield f"{field}: {value}"

    hold(breaches)


def test_a_plan_as_json_reads_back_as_itself() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        if json.loads(render("json", made(document), KNOWLEDGE, width=80, color=False, explain=False)) != p:
            yield "the JSON text holds another plan"

    hold(breaches)


def test_a_plan_fits_the_published_schema() -> None:
    schema = ROOT / "dmcli" / "schemas" / "plan.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))

    def breaches(_: Document, p: Data) -> Iterator[str]:
        yield from (f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(p))

    hold(breaches, pool()[::8])  # a tenth of a second each


@settings(FAST, max_examples=examples(14))  # up to a fifth of a second each
@given(document=some_case(), name=st.sampled_from(sorted(RENDERERS)), width=st.integers(40, 120), explain=st.booleans())
def test_every_plan_can_be_shown_in_every_format(document: Document, name: str, width: int, explain: bool) -> None:
    text = render(name, made(document), KNOWLEDGE, width=width, color=False, explain=explain)
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert "\u202e" not in text
    if name == "yaml":
        assert json.loads(json.dumps(yaml.safe_load(text), default=str)) == json.loads(json.dumps(planned(document)))
    if name == "text":
        assert all(len(line) <= width for line in text.split("\n"))


# --- more is known -----------------------------------------------------------------------------------


def without(document: Document, fact: str) -> Document:
    rest = copy.deepcopy(document)
    forget(rest, fact, WORDS)
    return rest


def with_(document: Document, fact: str, value: Any) -> Document:
    more = copy.deepcopy(document)
    put(more, fact, value, WORDS)
    return more


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
    stops = {r["therapy"] for r in after["regimen"] if r["role"] == "stop"}
    return bool(why) and all(a["code"] == "interaction" and {f"current({t})" for t in stops} & set(a["facts"]) for a in why)


@MANY
@given(document=some_case(lambda d: bool(stated(d, WORDS))), data=st.data())
def test_adding_a_fact_never_opens_what_an_exclusion_closed(document: Document, data: st.DataObject) -> None:
    said = stated(document, WORDS)
    # Half of the time a fact that some argument rests on.
    named = {f for o in planned(document)["options"] for a in o["arguments"] for f in a["facts"]}
    used = [f for f in said if f in named]
    fact = data.draw(st.one_of(st.sampled_from(said), st.sampled_from(used)) if used else st.sampled_from(said))
    check_added(without(document, fact), document, fact)


CONCLUSIONS = tuple(r for r in KNOWLEDGE.algorithm.derived if r.fact in KNOWLEDGE.facts)


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
            if status == "contraindicated":
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


# --- the unknown -------------------------------------------------------------------------------------
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
        if not blocking & {fact, *rests_on} and all(asked_only_if_known(a["rule"], fact) for a in found):
            looked = {b.id for b in THERAPIES[therapy].before for t in b.tests if fact in KNOWLEDGE.regimens.tests[t].settles}
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
    except InvalidInput:  # on that day it stops before it starts, or runs beside what it may not
        assume(False)
    therapy = document["treatments"][i]["therapy"]
    number = sum(1 for c in document["treatments"][: i + 1] if c["therapy"] == therapy)
    before, after = (
        next(h["verdict"] for h in p["history"] if (h["therapy"], h["course"]) == (therapy, number))
        for p in (planned(document), planned(exact))
    )
    assert before in ("unknown", after), f"{document['treatments'][i]}: {before}, but with {key} {day}: {after}"


# --- the same again ----------------------------------------------------------------------------------


def text_of(document: Document) -> str:
    return render("json", made(document), KNOWLEDGE, width=80, color=False, explain=True)


@FEW
@given(document=some_case())
def test_the_same_case_twice_gives_the_same_bytes(document: Document) -> None:
    assert text_of(document) == text_of(copy.deepcopy(document))


def test_the_same_case_gives_the_same_bytes_whatever_the_seed_of_hashes(tmp_path: Path) -> None:
    document = next(d for d in pool() if planned(d)["next"] and len(planned(d)["unknowns"]) > 20)
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    cold = {"XDG_CACHE_HOME": str(tmp_path)}
    done = [run("plan", str(path), "--format", "json", PYTHONHASHSEED=seed, **cold) for seed in ("1", "2", "3")]
    assert [d.returncode for d in done] == [0, 0, 0], done[0].stderr
    assert len({d.stdout for d in done}) == 1
    assert json.loads(done[0].stdout) == planned(document)


def turned(value: Any) -> Any:
    """The same document with the keys of its mappings in the opposite order; lists keep theirs."""
    if isinstance(value, dict):
        return {k: turned(v) for k, v in reversed(value.items())}
    return [turned(v) for v in value] if isinstance(value, list) else value


def test_the_order_of_keys_changes_nothing() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        other = planned(turned(document))
        yield from (f"{key} depends on the order of keys" for key in p if p[key] != other[key])

    hold(breaches, (*pool()[: len(ONCE_BROKEN)], *pool()[len(ONCE_BROKEN) :: 2]))


@FEW
@given(document=some_case(lambda d: bool(d.get("treatments"))), data=st.data())
def test_a_therapy_may_be_spelt_in_any_of_its_ways(document: Document, data: st.DataObject) -> None:
    spelt = copy.deepcopy(document)
    ways: list[Callable[[str], str]] = [str.upper, str.lower, lambda s: s.replace("_", " "), lambda s: f"  {s} "]
    for course in spelt["treatments"]:
        entry = THERAPIES[course["therapy"]]
        name = data.draw(st.sampled_from((entry.id, entry.name, *entry.synonyms)))
        course["therapy"] = data.draw(st.sampled_from(ways))(name)
    assert text_of(spelt) == text_of(document)


@FEW
@given(document=documents(WORDS, coarse=False), weeks=st.integers(-500, 500))
def test_a_case_moved_in_time_gives_the_same_plan_moved_in_time(document: Document, weeks: int) -> None:
    assume(valid(document))
    moved = _moved(document, timedelta(weeks=weeks))
    iso = re.compile(r"\b[12][0-9]{3}-[01][0-9]-[0-3][0-9]\b")
    text = iso.sub(lambda found: (date.fromisoformat(found[0]) + timedelta(weeks=weeks)).isoformat(), _body(document))
    assert text == _body(moved)


def _body(document: Document) -> str:
    # Citations hold dates of their own.
    p = as_data(plan_of(document, KNOWLEDGE))
    return json.dumps({k: v for k, v in p.items() if k not in ("sources", "conflicts")})


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {k: _moved(v, by) for k, v in value.items()}
    if isinstance(value, list):
        return [_moved(v, by) for v in value]
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return (date.fromisoformat(value) + by).isoformat()
    return value


@FEW
@given(document=some_case(), data=st.data())
def test_a_drug_nobody_knows_decides_nothing(document: Document, data: st.DataObject) -> None:
    assume(document.get("other_drugs") is not None)
    more = copy.deepcopy(document)
    more["other_drugs"] = [*more["other_drugs"], data.draw(st.sampled_from(("vitamin q", "Tee", "x")))]
    before, after = planned(document), planned(more)
    for key in ("status", "next", "options", "schedule", "monitoring", "before_starting", "actions", "unknowns"):
        assert before[key] == after[key]


@FEW
@given(document=some_case(lambda d: "calcinosis" in d))
def test_calcinosis_has_its_own_block_and_changes_nothing_else(document: Document) -> None:
    less = {k: v for k, v in document.items() if k != "calcinosis"}
    assume(not any(fact.startswith("calcinosis_") for fact in stated(less, WORDS)))
    before, after = planned(less), planned(document)
    assert before["calcinosis"] is None
    for key in ("status", "next", "options", "schedule", "monitoring", "before_starting", "regimen", "supportive"):
        assert before[key] == after[key]


@FEW
@given(document=some_case(has_next), days=st.integers(-30, 90))
def test_a_later_start_moves_the_schedule_and_nothing_else(document: Document, days: int) -> None:
    as_of = date.fromisoformat(document["as_of"])
    before, after = planned(document), as_data(plan_of(document, KNOWLEDGE, start=as_of + timedelta(days=days)))
    late = timedelta(days=max(days, 0))

    def later(p: Data, by: timedelta) -> list[tuple[Any, ...]]:
        return [((date.fromisoformat(i["date"]) + by).isoformat(), i["therapy"], i["step"], i["dose"]) for i in p["schedule"]]

    assert later(before, late) == later(after, timedelta(0))
    assert [
        (date.fromisoformat(c["date"]) + late).isoformat() for c in before["checkpoints"] if c["therapy"] == next_of(before)
    ] == [c["date"] for c in after["checkpoints"] if c["therapy"] == next_of(after)]
    for key in ("status", "next", "options", "history", "before_starting", "regimen"):
        assert before[key] == after[key]
    assert after["start"] >= after["as_of"]


@FEW
@given(document=some_case(has_next), weeks=st.integers(1, 80))
def test_the_horizon_cuts_the_schedule_and_the_tests_and_nothing_else(document: Document, weeks: int) -> None:
    usual = int(KNOWLEDGE.algorithm.settings["horizon_weeks"].value)
    other = as_data(plan_of(document, KNOWLEDGE, horizon_weeks=weeks))
    end = date.fromisoformat(other["start"]) + timedelta(weeks=min(weeks, usual))
    for key in ("schedule", "monitoring"):
        # A course that begins within the horizon is shown to its end, a taper to its last dose.
        first = [i for i in other[key] if (i.get("day_of_course") or 1) == 1 and not i.get("until") and i.get("event") != "end"]
        assert all(i["date"] <= (date.fromisoformat(other["start"]) + timedelta(weeks=weeks)).isoformat() for i in first)
        cut = [[i for i in p[key] if i["date"] <= end.isoformat()] for p in (planned(document), other)]
        dates = [[(i["date"], i.get("step"), i.get("dose")) for i in c] for c in cut]
        assert dates[0] == dates[1]
    assert other["checkpoints"] == planned(document)["checkpoints"]


@FEW
@given(document=some_case(has_next), data=st.data())
def test_a_heavier_patient_never_gets_less(document: Document, data: st.DataObject) -> None:
    light, heavy = sorted(data.draw(st.lists(st.integers(300, 3000), min_size=2, max_size=2)))
    plans = [planned(with_(document, "weight_kg", tenths / 10)) for tenths in (light, heavy)]
    doses = [{(i["date"], i["step"]): i["dose"] for i in p["schedule"] if i["dose"]} for p in plans]
    for event in doses[0].keys() & doses[1].keys():
        assert doses[0][event]["unit"] == doses[1][event]["unit"]
        assert doses[0][event]["value"] <= doses[1][event]["value"], (event, light / 10, heavy / 10)


def rank(therapy: str | None) -> int:
    return -1 if therapy is None else LADDER.index(therapy)


@FEW
@given(document=some_case())
def test_the_other_reading_is_told_exactly_where_it_changes_the_answer(document: Document) -> None:
    gate = KNOWLEDGE.algorithm.gate
    p = planned(document)
    assert p["reading"]["used"] == gate.default
    for other in gate.readings:
        if other == gate.default:
            continue
        q = as_data(plan_of(document, KNOWLEDGE, reading=other))
        told = p["reading"]["other_reading"]
        if (q["status"], next_of(q)) == (p["status"], next_of(p)):
            assert told is None
        else:
            assert (told["reading"], told["status"], told["next"]) == (other, q["status"], next_of(q))
        # One that is enough never holds back what both open.
        assert rank(next_of(q)) >= rank(next_of(p)) or next_of(q) is None


# --- conditions --------------------------------------------------------------------------------------
#
# The truth tables once more, written out, and the plainest evaluator there can be: it tries every integer of
# an interval. What it takes from the program is the tree, not its meaning.

T, F, U = True, False, None
AND = {(T, T): T, (T, F): F, (T, U): U, (F, T): F, (F, F): F, (F, U): F, (U, T): U, (U, F): F, (U, U): U}
OR = {(T, T): T, (T, F): T, (T, U): T, (F, T): T, (F, F): F, (F, U): U, (U, T): T, (U, F): U, (U, U): U}
NOT = {T: F, F: T, U: U}
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
}  # fmt: skip
SUMS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b if b else None,
}  # fmt: skip


def naive(node: Node, facts: Any, function: Callable[..., Any]) -> Any:
    """The value of a condition, by definition."""
    kind, value, args = node
    if kind == "lit":
        return value
    if kind == "fact":
        return facts.get(value)
    if kind == "call" and value == "known":
        return facts.get(args[0].value) is not None
    if kind == "call" and value != "sqrt":
        return function(value, *(a.value for a in args))
    parts = [naive(a, facts, function) for a in args]
    if kind in ("and", "or"):
        result = kind == "and"
        for part in parts:
            result = (AND if kind == "and" else OR)[result, part]
        return result
    if kind == "not":
        return NOT[parts[0]]
    if kind == "in":
        return None if parts[0] is None else parts[0] in parts[1:]
    if any(part is None for part in parts):
        return None
    if kind in ORDER:
        answers = {ORDER[kind](a, b) for a in points(parts[0]) for b in points(parts[1])}
        return answers.pop() if len(answers) == 1 else None
    if any(isinstance(part, Span) for part in parts):
        return None  # the language computes with numbers, not with intervals
    if kind in SUMS:
        return SUMS[kind](*parts)
    return -parts[0] if kind == "neg" else math.sqrt(parts[0]) if parts[0] >= 0 else None


def points(value: Any) -> list[Any]:
    return list(range(int(value.low), int(value.high) + 1)) if isinstance(value, Span) else [value]


def _types() -> dict[str, Any]:
    derived = {r.fact: r for r in KNOWLEDGE.algorithm.derived}
    types = {name: (fact.type, fact.codes) for name, fact in KNOWLEDGE.facts.items()}
    types |= {name: (rule.type, ()) for name, rule in derived.items() if name not in types}
    words = (scopes.REVIEW, scopes.DECISION, scopes.RESPONSE)
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
    return evaluate(node, Scope(facts, answering)), naive(node, facts, function)


@pytest.mark.parametrize("share", range(4))
def test_the_program_and_the_truth_tables_agree_on_every_condition(share: int) -> None:
    for node in CONDITIONS[share::4]:
        _agree(node)


def _agree(node: Node) -> None:
    @settings(FAST, max_examples=examples(12))
    @given(st.fixed_dictionaries(answers(node)))
    def agree(drawn: dict[str, Any]) -> None:
        found, expected = both(node, drawn)
        assert found.value == expected
        assert type(found.value) is type(expected) or isinstance(expected, (int, float))

    agree()


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
