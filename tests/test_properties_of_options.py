"""What holds for every patient: one status, one answer, every option with its reasons, and nothing that is closed."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

import jsonschema
import pytest

from conftest import as_case
from dmcli.assess.assess import assess
from dmcli.assess.facts import resolve
from dmcli.case.schema import case_schema
from dmcli.knowledge.codes import STATUSES
from dmcli.knowledge.tables import plain
from dmcli.result.options import Code, OptionStatus
from patients_of_any_kind import NO_OFFER, STARTING, anyone, arguments, calcinosis_options, everywhere, statuses, taken_now
from pool import CLOSED, KNOWLEDGE, THERAPIES, Data, hold, next_of, planned
from strategies import Document
from truth_tables import naive

pytestmark = pytest.mark.usefixtures("drawn_cases")


def test_the_pool_reaches_every_part_of_the_algorithm() -> None:
    # Guards the strategies: a property that is never put to the test would hold for nothing.
    plans = [planned(d) for d in anyone()]
    lines = {p["next"]["line"] for p in plans if p["next"]}
    assert lines == {"conventional", "primary", "second", "pool"}
    assert {p["status"] for p in plans} >= {"out_of_scope", "refer", "conventional_therapy", "recommendation"}
    assert len({next_of(p) for p in plans}) >= 10
    assert {o["status"] for p in plans for o in p["options"]} == set(get_args(OptionStatus))


def test_every_generated_case_fits_the_published_schema_of_a_case() -> None:
    validator = jsonschema.Draft202012Validator(case_schema(KNOWLEDGE))

    def breaches(document: Document, _: Data) -> Iterator[str]:
        yield from (f"{'/'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator.iter_errors(document))

    hold(breaches, anyone())


def test_every_valid_case_gets_a_plan_with_exactly_one_status() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["status"] not in STATUSES or not p["status_because"]:
            yield f"status {p['status']} because {p['status_because']}"

    hold(breaches, anyone())


def test_only_a_recommendation_or_conventional_therapy_names_a_next_therapy() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        # Beside a hold the therapy that is due stays next, without a day.
        held = p["status"] == "safety_hold" and not any(i["therapy"] == next_of(p) for i in p["schedule"] if p["next"])
        if p["next"] and p["status"] not in STARTING and not held:
            yield f"{p['status']} with next {next_of(p)}"
        if p["status"] == "recommendation" and not p["next"]:
            yield "a recommendation without a therapy"
        if p["status"] == "conventional_therapy":
            # What is taken above its maximum goes on at less.
            going_on = any(a["action"] in ("continue", "reduce") for a in p["actions"])
            # A past agent whose response nobody states is asked about before another one is tried.
            asked = any(u["fact"].endswith(".outcome") for u in p["unknowns"])
            if not p["next"] and not going_on and not asked:
                yield "conventional therapy with nothing to start, to continue or to ask"

    hold(breaches, anyone())


def _options_of_the_plan() -> list[str]:
    return [t for t, entry in THERAPIES.items() if entry.line not in ("calcinosis", "background")]


def test_every_therapy_of_the_catalogue_has_exactly_one_status() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        # Therapies of calcinosis alone stand in its own block (section 10); what is only recorded is never an option.
        beside = [o["therapy"] for o in calcinosis_options(p)]
        if [o["therapy"] for o in p["options"]] != _options_of_the_plan():
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

    hold(breaches, anyone())


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

    hold(breaches, anyone())


def test_every_contraindication_that_holds_closes_its_therapy() -> None:
    # Judged again by the naive evaluator below, rule by rule.
    rules = {t: list(THERAPIES[t].contraindications) for t in THERAPIES}
    for rule in KNOWLEDGE.algorithm.contraindications:
        for target in rule.targets:
            for therapy in KNOWLEDGE.members(target):
                rules[therapy].append(rule)

    def breaches(document: Document, p: Data) -> Iterator[str]:
        patient = assess(as_case(document, KNOWLEDGE), KNOWLEDGE)
        scope = patient.scope
        for therapy, mine in rules.items():
            for rule in mine:
                if rule.start_only and therapy in patient.running:
                    continue
                holds = naive(KNOWLEDGE.tree(rule.when), scope.facts, lambda name, *args: scope.functions[name](*args)[0])
                said = [o["status"] for o in (*p["options"], *calcinosis_options(p)) if o["therapy"] == therapy]
                if holds is True and set(said) - {"contraindicated"}:
                    yield f"{rule.id} holds but {therapy} is {said}"

    hold(breaches, anyone())


def test_supportive_specialist_avoided_and_calcinosis_therapies_are_never_chosen() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["next"] and p["next"]["line"] not in ("conventional", "primary", "second", "pool"):
            yield f"{next_of(p)} of line {p['next']['line']} is next"

    hold(breaches, anyone())


def test_every_therapy_that_is_not_chosen_says_what_speaks_against_it_or_is_an_adjunct() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for option in p["options"]:
            if option["status"] in ("recommended", "adjunct") or option["therapy"] == next_of(p):
                continue
            if not any(a["kind"] in ("against", "excludes", "needs") for a in option["arguments"]):
                yield f"{option['therapy']} is {option['status']} for no reason"

    hold(breaches, anyone())


def test_an_option_that_needs_a_fact_names_it() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for option in p["options"]:
            blocks = [a for a in option["arguments"] if a["code"] == "fact_blocks"]
            if option["status"] == "needs_fact" and not any(a["facts"] for a in blocks):
                yield f"{option['therapy']} needs a fact, but which?"

    hold(breaches, anyone())


def test_every_unknown_has_a_question_a_use_and_is_really_unknown() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        known = resolve(as_case(document, KNOWLEDGE), KNOWLEDGE).values
        for unknown in p["unknowns"]:
            if not unknown["question"] or not unknown["needed_for"]:
                yield f"{unknown['fact']}: question {unknown['question']!r}, needed for {unknown['needed_for']}"
            if unknown["fact"] in known:
                yield f"{unknown['fact']} is listed as unknown but is {known[unknown['fact']]}"

    hold(breaches, anyone())


def test_the_next_therapy_has_a_dose_or_says_why_not() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if not p["next"]:
            return
        therapy = next_of(p)
        items = [i for i in p["schedule"] if i["therapy"] == therapy and not i["hold_point"]]
        said = [a["dose"] for a in p["actions"] if a["therapy"] == therapy and a["action"] == p["next"]["action"]]
        if not any(said):
            yield f"{therapy}: the action states no dose"
        if any(item["kind"] == "known" for item in p["before_starting"]):
            # What is in the way is stated, so that no day can be.
            return
        if not items and THERAPIES[therapy].no_dose is None:
            yield f"{therapy}: nothing is scheduled and nothing says why"
        for item in items:
            if item["dose"] is None and not item["details"]:
                yield f"{therapy}: {item['date']} {item['step']} has neither a dose nor a reason"

    hold(breaches, anyone())


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

    hold(breaches, anyone())


def test_the_next_therapy_has_its_judgement_dates() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        trial = THERAPIES[next_of(p)].trial if p["next"] else None
        if trial is None:
            return
        weeks = {limit.weeks for limit in (trial.no_response, trial.some_response) if limit}
        expected = sorted((date.fromisoformat(p["start"]) + timedelta(weeks=w)).isoformat() for w in weeks)
        mine = [c for c in p["checkpoints"] if c["therapy"] == next_of(p)]
        if mine and trial.dose is not None and mine[0]["date"] > expected[0]:
            # The clock of a titration starts at the dose of a proper trial.
            late = date.fromisoformat(mine[0]["date"]) - date.fromisoformat(expected[0])
            expected = [(date.fromisoformat(d) + late).isoformat() for d in expected]
        if [c["date"] for c in mine] != expected or any(c["premature_before"] != expected[0] for c in mine):
            yield f"{next_of(p)}: judged {[(c['date'], c['premature_before']) for c in mine]}, expected {expected}"

    hold(breaches, anyone())


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

    hold(breaches, anyone())


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

    hold(breaches, anyone())


def test_a_referral_says_so_as_an_action() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["status"] in ("refer", "out_of_scope") and not any(a["action"] == "refer" for a in p["actions"]):
            yield f"{p['status']} without an action"

    hold(breaches, anyone())


def test_supportive_care_is_shown_with_every_plan_in_scope() -> None:
    always = [t.id for t in THERAPIES.values() if t.line == "supportive" and t.shown_when is None]

    def breaches(_: Document, p: Data) -> Iterator[str]:
        shown = [s["therapy"] for s in p["supportive"]]
        for therapy in always if p["status"] != "out_of_scope" else ():
            if therapy not in shown and statuses(p)[therapy] not in ("contraindicated", "declined"):
                yield f"{therapy} is {statuses(p)[therapy]} and not shown"

    hold(breaches, anyone())


def test_a_drug_nobody_knows_is_kept_and_warned_about() -> None:
    drugs = KNOWLEDGE.drug_names | KNOWLEDGE.therapy_names

    def breaches(document: Document, p: Data) -> Iterator[str]:
        for drug in document.get("other_drugs") or ():
            name = drug if isinstance(drug, str) else drug["name"]
            if plain(name) not in drugs and not any(w["code"] == "unknown_drug" and name in w["text"] for w in p["warnings"]):
                yield f"no warning about {name!r}"

    hold(breaches, anyone())
