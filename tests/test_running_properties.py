"""What must hold for every patient who is on treatment (sections 3, 7, 8 and 9 of the clinical specification).

Hypothesis makes a pool of patients with running therapies once: courses on time, late, missed and half given,
steps, responses, intervals, results dated, undated and missing. A property of one plan is held against every
plan of the pool; one that compares plans changes a case of it. The last part follows plans to the letter.
"""

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from conftest import AS_OF, as_case, examples, plan_of, shipped_knowledge
from dmcli.case.model import Course
from dmcli.errors import InvalidInput
from dmcli.knowledge.codes import STATUSES
from dmcli.knowledge.model import plain
from dmcli.result.plan import as_data
from dmcli.values.dosetext import parse_dose
from strategies import BASES, Document

Data = dict[str, Any]
KNOWLEDGE = shipped_knowledge()
THERAPIES = KNOWLEDGE.therapies
ADVANCED = KNOWLEDGE.algorithm.advanced
POOL = settings(
    max_examples=examples(170), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
SOME = settings(POOL, max_examples=examples(20), phases=(Phase.generate, Phase.shrink))
HORIZON = timedelta(weeks=26)
PRESCRIBERS = {t for target in KNOWLEDGE.algorithm.prescriber_decides for t in KNOWLEDGE.members(target)}
CLOSED = ("contraindicated", "exhausted", "declined", "not_feasible")
NO_OFFER = ("stop", "refer", "hold", "test", "switch")
NEW_LINE = ("start", "add", "switch", "restart")
HOLDING = ("too_early", "partial", "responding")
CHOICES = ("stop", "switch")
KEPT = (
    "continue",
    "step_up",
    "extend_interval",
    "shorten_interval",
    "change_schedule",
    "taper",
    "reduce",
    "retry",
    "restart",
    "add",
)
BASE: Document = json.loads(json.dumps(BASES["refractory"], default=str))
PANEL: Data = {name: value for name, value in BASE["labs"][0].items() if name != "date"}


def iso(ago: int, of: date = AS_OF) -> str:
    return (of - timedelta(days=ago)).isoformat()


def days_of(text: str) -> date:
    return date.fromisoformat(text)


# --- patients on treatment ---------------------------------------------------------------------------

RHYTHMS = {"ivig": ((28, (0, 1)), (28, (0, 1)), (28, (0, 1, 2, 3, 4)), (14, (0,)), (42, (0, 1))), "rituximab": ((180, (0, 14)),)}
ORAL: dict[str, tuple[tuple[int, str], ...]] = {
    "mmf": ((0, "500 mg twice daily"), (14, "1 g twice daily"), (28, "1.5 g twice daily")),
    "tofacitinib": ((0, "11 mg XR daily"),),
    "ruxolitinib": ((0, "10 mg twice daily"),),
    "baricitinib": ((0, "4 mg daily"),),
    "apremilast": ((0, "10 mg daily"), (1, "10 mg twice daily"), (3, "20 mg twice daily"), (5, "30 mg twice daily")),
    "dapsone": ((0, "25 mg twice daily"), (28, "50 mg twice daily")),
    "azathioprine": ((0, "50 mg daily"), (56, "100 mg daily"), (84, "125 mg daily"), (112, "175 mg daily")),
}
ADVANCED_RUNNING = ("ivig", "ivig", "ivig", "mmf", "mmf", "mmf", *(t for t in ORAL if t != "mmf"), "rituximab")
OUTCOMES = (
    None,
    None,
    None,
    "unknown",
    "inadequate",
    "inadequate",
    "partial",
    "partial",
    "near_complete",
    "near_complete",
    "complete",
    "relapse",
    "intolerance",
    "contraindicated",
)
CHANGES: tuple[tuple[str, str, Any], ...] = (
    ("facts", "pregnancy", True), ("facts", "breastfeeding", True), ("facts", "active_serious_infection", True), ("facts", "thrombosis_recent", True),
    ("facts", "particularly_refractory", True), ("facts", "g6pd_deficiency", True), ("facts", "iga_deficiency", None), ("facts", "hepatitis_b", None),
    ("facts", "thrombosis_history", True), ("patient", "age", 70), ("patient", "weight_kg", None), ("disease", "muscle", "refractory"),
    ("disease", "skin_active", False), ("disease", "skin_active", None), ("access", "iv_infusion", False), ("access", "cost_acceptable", False),
    ("labs", "egfr", 25), ("labs", "egfr", 45), ("labs", "neutrophils", 0.9), ("labs", "neutrophils", 0.4), ("labs", "alt", 130), ("labs", "hemoglobin", 7.5),
    ("facts", "dysphagia", True), ("facts", "suspected_cancer", True), ("patient", "age", None),
)  # fmt: skip


@st.composite
def on_treatment(draw: DrawFn) -> Document:
    """A patient who takes one or two therapies for the skin; every date is written out, hardly one is coarse."""
    document = copy.deepcopy(BASE)
    document["treatments"] = _conventional(draw)
    therapies = draw(
        st.lists(st.sampled_from(ADVANCED_RUNNING), min_size=draw(st.sampled_from((0, 1, 1, 1, 1))), max_size=2, unique=True)
    )
    failed = draw(st.sets(st.sampled_from(("ivig", "mmf", "tofacitinib", "apremilast", "dapsone")), max_size=3)) - set(therapies)
    document["treatments"] += [_failed(draw, therapy) for therapy in sorted(failed)]
    for therapy in therapies:
        document["treatments"].append(_running(draw, therapy))
    _labs(draw, document, [days_of(c["start"]) for c in document["treatments"] if len(c.get("start", "")) == 10])
    for section, name, value in draw(
        st.lists(st.sampled_from(CHANGES), max_size=draw(st.sampled_from((0, 0, 0, 1, 2))), unique_by=lambda c: c[1])
    ):
        _change(document, section, name, value)
    declined = draw(st.sampled_from((None, None, None, "ivig", "mmf", "tofacitinib")))
    if declined and declined not in therapies:
        document["access"]["declined"] = [declined]
    for course in document["treatments"]:
        if course.get("outcome") == "complete" and "stop" not in course and "weeks" not in course:
            if document["disease"].get("skin_active") is True and draw(st.booleans()):
                document["disease"]["skin_active"] = False
            elif document["disease"].get("skin_active") is True:
                course["outcome"] = "near_complete"
    return document


def _conventional(draw: DrawFn) -> list[Document]:
    """An antimalarial and methotrexate, each past or still running."""
    courses = copy.deepcopy(BASE["treatments"])
    weeks = st.integers(1, 60)
    if draw(st.sampled_from((False, False, True))):
        courses[0] = {"therapy": "hydroxychloroquine", "dose": "400 mg daily", "start": iso(7 * draw(weeks)), **_outcome(draw)}
    if draw(st.sampled_from((False, True))):
        dose = draw(
            st.sampled_from(("7.5 mg weekly", "10 mg weekly", "12.5 mg weekly", "15 mg weekly", "20 mg weekly", "25 mg weekly"))
        )
        courses[1] = {
            "therapy": "methotrexate",
            "dose": dose,
            "start": iso(7 * draw(weeks) + draw(st.integers(0, 6))),
            **_outcome(draw),
        }
    return courses


def _failed(draw: DrawFn, therapy: str) -> Document:
    outcome = draw(
        st.sampled_from(({"outcome": "inadequate", "trial_accepted": True}, {"outcome": "intolerance"}, {"outcome": "partial"}))
    )
    schedule = {"outcome": "intolerance", "scope": "schedule"}
    return {
        "therapy": therapy,
        "start": iso(900),
        "stop": iso(600),
        **(schedule if therapy == "ivig" and draw(st.booleans()) else outcome),
    }


def _outcome(draw: DrawFn) -> Document:
    outcome = draw(st.sampled_from(OUTCOMES))
    if outcome is None:
        return {}
    said: Document = {"outcome": outcome}
    if outcome == "intolerance":
        said |= {"scope": draw(st.sampled_from(("schedule", "dose", "agent", "class")))}
        said |= draw(st.sampled_from(({}, {"reason": "headache"}, {"reason": "thrombosis"}, {"reason": "infection"})))
    if outcome == "relapse" and draw(st.booleans()):
        said["relapse"] = {"after": draw(st.sampled_from(("on_therapy", "lengthening", "stopping")))}
    if outcome == "inadequate" and draw(st.sampled_from((False, False, False, True))):
        said["trial_accepted"] = True
    return said


def _running(draw: DrawFn, therapy: str) -> Document:
    start = 7 * draw(st.integers(1, 60)) + draw(st.sampled_from((0, 0, 0, 1, 3, 6)))
    course: Document = {"therapy": therapy, "start": iso(start), **_outcome(draw)}
    if draw(st.sampled_from((*(False,) * 11, True))):
        del course["start"]
    elif draw(st.sampled_from((*(False,) * 11, True))):
        course["start"] = course["start"][:7]
    indication = draw(st.sampled_from((None, None, None, None, "skin", "muscle")))
    if indication:
        course["indication"] = indication
    return course | (_infused(draw, therapy, start) if therapy in RHYTHMS else _taken(draw, therapy, start))


def _infused(draw: DrawFn, therapy: str, start: int) -> Document:
    """The days given of a therapy of infusions, course by course, or only how many there were."""
    every, on_days = draw(st.sampled_from(RHYTHMS[therapy]))
    found: Document = {}
    if draw(st.sampled_from((True, True, True, False))):
        given_on, day = [], start
        while day >= 0 and len(given_on) < 24:
            kind = draw(st.sampled_from(("on_time", "on_time", "on_time", "late", "missing", "half", "early")))
            first = day - draw(st.integers(1, 20)) if kind == "late" else day + 3 if kind == "early" and given_on else day
            days = on_days[: len(on_days) // 2 or 1] if kind == "half" else on_days if kind != "missing" or not given_on else ()
            given_on += [first - offset for offset in days if first - offset >= 0]
            day = (first if kind != "missing" else day) - every
        dose = "1 g" if therapy == "rituximab" else {1: "70 g", 2: "70 g", 5: "30 g"}[len(on_days)]
        found["given"] = [{"date": iso(ago), "dose": dose} for ago in sorted(set(given_on), reverse=True)]
    elif draw(st.booleans()):
        found["courses"] = start // every + draw(st.sampled_from((0, 1, 1)))
    if therapy == "ivig":
        if every != 28 or draw(st.sampled_from((False, False, True))):
            found["interval_weeks"] = every // 7
        if draw(st.sampled_from((False, False, True))):
            found["interval_courses"] = draw(st.integers(0, 4))
        if draw(st.sampled_from((False, False, False, True))):
            found["last_held_interval_weeks"] = draw(st.integers(4, 7))
    return found


def _taken(draw: DrawFn, therapy: str, start: int) -> Document:
    """The dose of an oral therapy: as it is now, or step by step, on time or late."""
    steps, found = ORAL[therapy], {}
    if draw(st.sampled_from((True, True, False))):
        late, taken = 0, []
        for day, dose in steps[: draw(st.integers(1, len(steps)))]:
            late += draw(st.sampled_from((0, 0, 0, 1, 5, 30))) if day else 0
            if start - day - late >= 0:
                taken.append({"date": iso(start - day - late), "dose": dose})
        found = {draw(st.sampled_from(("steps", "given"))): taken}
    elif draw(st.sampled_from((True, True, False))):
        found = {"dose": draw(st.sampled_from([dose for _, dose in steps]))}
    if draw(st.sampled_from((*(False,) * 5, True))):
        found["dose_limit"] = draw(st.sampled_from(("tolerance", "renal", "label")))
    return found


def _labs(draw: DrawFn, document: Document, starts: list[date]) -> None:
    """Results: of last week, older, of today without a date, before the start and now, or none; some scores."""
    kind = draw(st.sampled_from(("recent", "recent", "recent", "old", "undated", "both", "none")))
    ages = {
        "recent": (draw(st.integers(0, 13)),),
        "old": (draw(st.integers(30, 200)),),
        "both": (draw(st.integers(100, 400)), draw(st.integers(0, 30))),
    }
    document["labs"] = [{"date": iso(ago), **PANEL} for ago in ages.get(kind, ())]
    if kind == "undated":
        document["facts"] |= PANEL
    if starts and draw(st.sampled_from((*(False,) * 5, True))):
        scores = draw(st.lists(st.integers(0, 30), min_size=2, max_size=2))
        first = max(starts)
        document["scores"] = [
            {"date": first.isoformat(), "cdasi_activity": scores[0]},
            {"date": iso(0), "cdasi_activity": scores[1]},
        ]


def _change(document: Document, section: str, name: str, value: Any) -> None:
    places: list[Document] = document["labs"][-1:] if section == "labs" else [document[section]]
    for place in places:
        if value is None:
            place.pop(name, None)
        else:
            place[name] = value


# --- the pool ----------------------------------------------------------------------------------------


def valid(document: Document) -> bool:
    try:
        as_case(document, KNOWLEDGE)
    except InvalidInput as error:
        assert {p.code for p in error.problems} == {"contradiction"}, (error, document)
        return False
    return True


def small(*courses: Document, **sections: Any) -> Document:
    return {
        "as_of": AS_OF.isoformat(),
        "patient": {"age": 45},
        "disease": {},
        "access": {},
        "facts": {},
        "labs": [],
        **sections,
        "treatments": list(courses),
    }


# The smallest cases that once broke a property, so that no other draw of the pool lets them slip again, and what is rare.
ONCE_BROKEN: tuple[Document, ...] = (
    small({"therapy": "methotrexate", "outcome": "near_complete"}, {"therapy": "mmf", "stop": "2025-04-10"}),
    small({"therapy": "methotrexate", "start": "2026-10-20"}, {"therapy": "ivig", "stop": "2025-04-10"}),
    small({"therapy": "hydroxychloroquine", "outcome": "near_complete"}, {"therapy": "ivig", "stop": "2025-04-10"}),
    small({"therapy": "tofacitinib", "given": [{"date": "2026-05-05", "dose": "11 mg XR daily"}]}, {"therapy": "ruxolitinib"}),
    small({"therapy": "azathioprine", "steps": [{"date": "2026-11-24", "dose": "50 mg daily"}]}, {"therapy": "mmf"}),
    small({"therapy": "ivig", "stop": "2025-04-10"}, {"therapy": "mmf", "start": "2026-02-23", "outcome": "inadequate", "dose_limit": "label"}, labs=[{"date": "2026-11-25", "neutrophils": 0.9}]),
    small({"therapy": "ivig", "start": "2026-05-05", "outcome": "intolerance", "scope": "schedule", "given": [{"date": "2026-11-10"}, {"date": "2026-11-11"}]}),
    small({"therapy": "ivig", "given": [{"date": "2026-11-10"}, {"date": "2026-11-11"}, {"date": "2026-11-12"}]}),
    small({"therapy": "ivig", "given": [{"date": "2026-11-03"}, {"date": "2026-11-27"}, {"date": "2026-11-28"}, {"date": "2026-11-29"}]}, facts={"thrombosis_recent": True}),
    small({"therapy": "ivig", "start": "2026-11-03", "given": [{"date": "2026-11-03"}]}),
    small({"therapy": "mmf", "start": "2026-10-05", "steps": [{"date": "2026-10-05", "dose": "500 mg twice daily"}]}, labs=[{"date": "2026-12-01", **PANEL}]),
    small({"therapy": "ivig", "start": "2026-10-06"}, facts={"dysphagia": True}),
    small({"therapy": "ivig", "start": "2026-05-05", "outcome": "near_complete", "interval_weeks": 5, "interval_courses": 2, "given": [{"date": "2026-11-10"}, {"date": "2026-11-11"}]}),
    small({"therapy": "ivig", "start": "2026-05-05", "outcome": "partial", "courses": 7, "given": [{"date": "2026-11-10"}, {"date": "2026-11-11"}]}),
    small({"therapy": "methotrexate", "dose": "15 mg weekly", "start": "2025-12-01"}, {"therapy": "mmf", "dose": "1.5 g twice daily", "start": "2026-05-05", "outcome": "near_complete"}),
    small({"therapy": "mmf", "start": "2026-11-10", "steps": [{"date": "2026-11-10", "dose": "500 mg twice daily"}]}, labs=[{"date": "2026-11-30", **PANEL}]),
    small({"therapy": "mmf", "start": "2026-11-10", "steps": [{"date": "2026-11-10", "dose": "500 mg twice daily"}]}, labs=[{"date": "2026-11-09", **PANEL}]),
    small({"therapy": "mmf", "start": "2026-10-06", "outcome": "intolerance", "scope": "agent"}, disease={"skin_active": False}),
    small({"therapy": "azathioprine", "outcome": "contraindicated", "start": "2026-10-06"}, {"therapy": "ivig", "start": "2026-11-03", "given": [{"date": "2026-11-03"}, {"date": "2026-11-04"}]}),
    small({"therapy": "rituximab", "given": [{"date": "2026-03-24"}, {"date": "2026-04-07"}, {"date": "2026-09-20"}]}),
)  # fmt: skip


@cache
def pool() -> tuple[Document, ...]:
    found: dict[str, Document] = {json.dumps(d): d for d in copy.deepcopy(ONCE_BROKEN)}

    @POOL
    @given(on_treatment())
    def collect(document: Document) -> None:
        found.setdefault(json.dumps(document), document)

    collect()
    return tuple(d for d in found.values() if valid(d))


_PLANS: dict[str, Data] = {}


def planned(document: Document) -> Data:
    """The plan of a document, made once."""
    key = json.dumps(document)
    if key not in _PLANS:
        _PLANS[key] = as_data(plan_of(document, KNOWLEDGE))
    return _PLANS[key]


Breaches = Callable[[Document, Data], Iterable[str]]


def hold(breaches: Breaches, among: Iterable[Document] | None = None) -> None:
    """Fail with the smallest cases that break a property, one for each way of breaking it, at most three."""
    told: dict[str, Document] = {}
    count = 0
    for document in pool() if among is None else among:
        for wrong in breaches(document, planned(document)):
            count += 1
            told.setdefault(re.sub(r"[0-9]+", "0", wrong), document)
    shown = []
    for kind, document in list(told.items())[:3]:
        small = smallest(document, lambda d, kind=kind: any(re.sub(r"[0-9]+", "0", w) == kind for w in breaches(d, planned(d))))  # type: ignore[misc]
        wrong = next(w for w in breaches(small, planned(small)) if re.sub(r"[0-9]+", "0", w) == kind)
        shown.append(f"{wrong}\nin the case\n{yaml.safe_dump(small, sort_keys=False, allow_unicode=True)}")
    if shown:
        pytest.fail("\n".join([f"{count} in all, {len(told)} kinds", *shown]), pytrace=False)


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
        return breaks(document)
    except (InvalidInput, KeyError, StopIteration):
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


# --- what a plan says --------------------------------------------------------------------------------


def next_of(p: Data) -> str | None:
    return p["next"]["therapy"] if p["next"] else None


def items(p: Data, therapy: str) -> list[Data]:
    return [i for i in p["schedule"] if i["therapy"] == therapy]


def actions(p: Data, therapy: str) -> list[str]:
    return [a["action"] for a in p["actions"] if a["therapy"] == therapy]


def options(p: Data) -> dict[str, Data]:
    return {o["therapy"]: o for o in p["options"]}


def running(document: Document) -> dict[str, Course]:
    """The running course of each therapy."""
    return {c.therapy: c for c in as_case(document, KNOWLEDGE).courses if c.running}


def taken(document: Document) -> set[str]:
    """Every therapy of the catalogue that is taken now."""
    names = KNOWLEDGE.therapy_names
    drugs = (names.get(plain(d)) for d in document.get("other_drugs") or ())
    return {*running(document), *(d for d in drugs if d)}


def verdicts(document: Document, p: Data) -> dict[str, str]:
    """The verdict of each running course."""
    told = {(h["therapy"], h["course"]): h["verdict"] for h in p["history"]}
    return {t: told[t, c.number] for t, c in running(document).items()}


def closed_now(p: Data, therapy: str) -> bool:
    """Whether a running therapy is contraindicated or cannot be given here."""
    codes = {a["code"] for a in options(p)[therapy]["arguments"] if a["kind"] == "excludes"}
    return options(p)[therapy]["status"] in ("contraindicated", "not_feasible") or bool(
        codes & {"contraindicated", "no_iv_access", "cost"}
    )


# --- one plan ----------------------------------------------------------------------------------------


def test_the_pool_reaches_every_review() -> None:
    # Guards the strategy: a property that is never put to the test would hold for nothing.
    plans = [(d, planned(d)) for d in pool()]
    assert len(plans) >= 120
    assert {s for _, p in plans for s in [p["status"]]} >= {
        "continue_current",
        "recommendation",
        "conventional_therapy",
        "refer",
        "needs_fact",
        "no_active_disease",
    }
    found = {v for d, p in plans for v in verdicts(d, p).values()}
    assert found >= {
        *HOLDING,
        "adequate_failure",
        "insufficient",
        "unknown",
        "intolerance",
        "schedule_intolerance",
        "contraindicated",
    }
    acted = {a["action"] for _, p in plans for a in p["actions"]}
    assert acted >= {
        "continue",
        "stop",
        "switch",
        "add",
        "start",
        "test",
        "step_up",
        "extend_interval",
        "change_schedule",
        "taper",
    }
    assert any(i["moved_from"] for _, p in plans for i in p["schedule"])
    assert any(t["overdue_since"] for _, p in plans for day in p["monitoring"] for t in day["tests"])


def test_a_patient_on_treatment_has_exactly_one_status() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        if p["status"] not in STATUSES or not p["status_because"]:
            yield f"status {p['status']} because {p['status_because']}"
        if p["status"] == "continue_current" and p["next"]:
            yield f"continue_current with next {next_of(p)}"
        if p["status"] == "recommendation" and not p["next"]:
            yield "a recommendation without a next therapy"
        if p["next"] and p["status"] not in ("recommendation", "conventional_therapy"):
            yield f"{p['status']} with next {next_of(p)}"

    hold(breaches)


def test_no_new_line_while_a_running_therapy_is_too_early_partial_or_responding() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        if not p["next"] or THERAPIES[p["next"]["therapy"]].line not in ADVANCED or p["next"]["action"] not in NEW_LINE:
            return
        for therapy, verdict in verdicts(document, p).items():
            line, indication = THERAPIES[therapy].line, running(document)[therapy].indication
            if line not in (*ADVANCED, "conventional") or therapy in PRESCRIBERS or (indication or "skin") != "skin":
                continue
            # Of an advanced one an unknown response holds as well.
            if (verdict in HOLDING or (verdict == "unknown" and line in ADVANCED)) and not closed_now(p, therapy):
                yield f"{p['next']['action']} {next_of(p)} while {therapy} ({line}) is {verdict}"

    hold(breaches)


def test_what_is_next_is_not_excluded_by_what_stays() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        staying = [r["therapy"] for r in p["regimen"] if r["role"] in ("continue", "overlap")]
        for pair in KNOWLEDGE.algorithm.pairs if p["next"] else ():
            left, right = KNOWLEDGE.members(pair.left), KNOWLEDGE.members(pair.right)
            for other in staying:
                if pair.effect == "excludes" and (
                    (next_of(p) in left and other in right) or (next_of(p) in right and other in left)
                ):
                    yield f"{next_of(p)} is next beside {other}: {pair.id}"

    hold(breaches)


def test_an_advanced_therapy_without_a_start_is_a_question() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        for therapy, course in running(document).items():
            reviewed = (
                THERAPIES[therapy].line in ADVANCED and therapy not in PRESCRIBERS and (course.indication or "skin") == "skin"
            )
            if (
                reviewed
                and course.start is None
                and not closed_now(p, therapy)
                and p["status"] not in ("needs_fact", "refer", "out_of_scope")
            ):
                yield f"{p['status']} while {therapy} runs without a start"

    hold(breaches)


def test_nothing_is_scheduled_before_the_as_of_date() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for item in p["schedule"]:
            if item["date"] < p["as_of"]:
                yield f"{item['therapy']} {item['step']} on {item['date']}"
            if item["until"] and item["until"] < item["date"]:
                yield f"{item['therapy']} {item['step']} ends {item['until']} before it begins {item['date']}"
            if item["moved_from"] and item["moved_from"] >= item["date"]:
                yield f"{item['therapy']} {item['step']} moved from {item['moved_from']} to {item['date']}"
        yield from (f"{g['therapy']} given on {g['date']}, after the as-of date" for g in p["given"] if g["date"] > p["as_of"])

    hold(breaches)


def steps_of(therapy: str) -> dict[str, Any]:
    return {s.id: s for r in THERAPIES[therapy].regimens for s in r.steps}


def test_infusions_are_never_closer_than_their_regimen_allows() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for therapy in {i["therapy"] for i in p["schedule"]} & set(RHYTHMS):
            mine = sorted(items(p, therapy), key=lambda i: i["date"])
            if len({i["date"] for i in mine}) < len(mine):
                yield f"{therapy}: two infusions on one day"
            newest = max((g["course"] for g in p["given"] if g["therapy"] == therapy and g["course"]), default=1)
            courses: dict[int, list[str]] = {}
            for entry in (*(g for g in p["given"] if g["therapy"] == therapy), *mine):
                courses.setdefault(entry["course"] or newest, []).append(entry["date"])
            before = [g["date"] for g in p["given"] if g["therapy"] == therapy and g["date"] <= mine[0]["date"]]
            # Where more days than those of a course were given together, the next one keeps its distance from the first.
            fits = {
                g["date"]: g["day_of_course"] is None or g["day_of_course"] <= len(steps_of(therapy)[mine[0]["step"]].on_days)
                for g in p["given"]
            }
            chain = [*before[-1:], *(i["date"] for i in mine)]
            for earlier, item in zip(chain if before else chain[:-1], mine if before else mine[1:], strict=False):
                step = steps_of(therapy)[item["step"]]
                gap, number = (days_of(item["date"]) - days_of(earlier)).days, (item["day_of_course"] or 1) - 1
                fresh = number == 0 and step.every_days is not None and fits.get(earlier, True)
                least = (
                    step.every_days - step.on_days[-1]
                    if fresh
                    else step.on_days[number] - step.on_days[number - 1]
                    if number
                    else 1
                )
                if gap < least:
                    yield f"{therapy} {item['step']}: {gap} days between {earlier} and {item['date']} instead of {least}"
            for item in mine:
                most = len(steps_of(therapy)[item["step"]].on_days)
                days = courses[item["course"] or newest]
                if len(days) > most:
                    yield f"{therapy} course {item['course']} has {len(days)} days, its regimen {most}"

    hold(breaches)


def test_never_two_doses_of_one_oral_therapy_on_one_day() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        for therapy in {i["therapy"] for i in p["schedule"]} - set(RHYTHMS):
            mine = sorted((i for i in items(p, therapy) if not i["hold_point"]), key=lambda i: i["date"])
            for earlier, later in pairwise(mine):
                if later["event"] == "end":
                    over = earlier["until"] is None or earlier["until"] >= later["date"]
                else:
                    over = (earlier["until"] is None or earlier["until"] >= later["date"]) and not later["conditional_on"]
                if over and earlier["dose"] != later["dose"]:
                    yield f"{therapy}: {earlier['dose_text']} until {earlier['until']} and {later['dose_text']} from {later['date']}"
            if len({(i["date"], i["step"]) for i in mine}) < len(mine):
                yield f"{therapy}: one step twice on one day"

    hold(breaches)


def test_every_running_therapy_has_an_action_that_fits_the_rest_of_the_plan() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        roles = {r["therapy"]: r["role"] for r in p["regimen"]}
        for therapy in taken(document):
            mine = actions(p, therapy)
            if not mine:
                yield f"nothing is said of {therapy}"
            if therapy == next_of(p):
                continue
            if set(mine) & set(CHOICES):
                if items(p, therapy):
                    yield f"{therapy} is to {mine} and is scheduled"
                if roles.get(therapy) != "stop":
                    yield f"{therapy} is to {mine} and is {roles.get(therapy)} in the regimen"
                if set(mine) & set(KEPT):
                    yield f"{therapy} is to {mine} at once"
            elif set(mine) & set(KEPT) and roles.get(therapy) not in ("continue", "overlap"):
                yield f"{therapy} is to {mine} and is {roles.get(therapy)} in the regimen"
        kept = [a["therapy"] for a in p["actions"] if a["action"] in (*KEPT, *CHOICES) and a["therapy"]]
        for therapy in {t for t in kept if kept.count(t) > 1}:
            yield f"{therapy} has more than one action: {actions(p, therapy)}"

    hold(breaches)


def test_a_therapy_that_failed_or_harmed_gets_nothing_more_once_another_one_is_chosen() -> None:
    failed = ("adequate_failure", "unverified_failure", "relapse_on_therapy", "intolerance", "contraindicated")

    def breaches(document: Document, p: Data) -> Iterator[str]:
        for therapy, verdict in verdicts(document, p).items():
            indication = running(document)[therapy].indication or "skin"
            advanced = THERAPIES[therapy].line in ADVANCED and therapy not in PRESCRIBERS
            harmed = verdict in ("intolerance", "contraindicated")
            if indication != "skin" or not (harmed or (advanced and verdict in failed and p["next"])):
                continue
            if items(p, therapy) or not set(actions(p, therapy)) & {"stop", "switch"}:
                yield f"{therapy} is {verdict} and is to {actions(p, therapy)}, with {len(items(p, therapy))} doses, next {next_of(p)}"

    hold(breaches)


def test_a_lengthened_interval_books_one_course_a_week_later_than_the_present_one() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        if "extend_interval" not in actions(p, "ivig"):
            return
        course = running(document)["ivig"]
        mine = items(p, "ivig")
        fresh = [i for i in mine if i["day_of_course"] == 1]
        if len(fresh) > 1 or len({i["course"] for i in mine} - {g["course"] for g in p["given"]}) > 1:
            yield f"courses {[i['course'] for i in mine]} are booked"
        starts = [days_of(g["date"]) for g in p["given"] if g["therapy"] == "ivig" and g["day_of_course"] == 1]
        if course.interval_courses is not None and course.interval_courses < 2:
            yield f"lengthened after {course.interval_courses} courses"
        if not starts or not fresh or fresh[0] != mine[0]:
            return  # a course that is given in part keeps the next one at its distance from its last day
        gaps = [round((later - first).days / 7) for first, later in pairwise(starts)]
        weeks = {course.interval_weeks} if course.interval_weeks else {*gaps[-1:], 4}
        wanted = {max((starts[-1] + timedelta(weeks=w + 1)).isoformat(), p["as_of"]) for w in weeks}
        if fresh[0]["date"] not in wanted:
            yield f"the next course is on {fresh[0]['date']}, not on one of {sorted(wanted)}"

    hold(breaches)


def test_no_checkpoint_is_past_or_before_its_trial() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        judged, courses = verdicts(document, p), running(document)
        for checkpoint in p["checkpoints"]:
            therapy, day = checkpoint["therapy"], checkpoint["date"]
            if day < p["as_of"]:
                yield f"{therapy} is judged on {day}, in the past"
            if checkpoint["premature_before"] > day:
                yield f"{therapy} is judged on {day}, premature before {checkpoint['premature_before']}"
            start, trial = courses[therapy].start if therapy in courses else None, THERAPIES[therapy].trial
            if judged.get(therapy) == "too_early" and start and trial and therapy != next_of(p):
                least = (start.last + timedelta(weeks=trial.no_response.weeks)).isoformat()
                if day < least or checkpoint["premature_before"] < least:
                    yield f"{therapy} is too early to judge but is judged on {day} (premature before {checkpoint['premature_before']}), its trial ends {least}"
        for therapy, verdict in judged.items():
            leaves = set(actions(p, therapy)) & {"stop", "switch"} or (courses[therapy].indication or "skin") != "skin"
            told_when = leaves or therapy in {c["therapy"] for c in p["checkpoints"]}
            if verdict == "too_early" and not told_when and THERAPIES[therapy].trial and courses[therapy].start:
                yield f"{therapy} is too early to judge, and no date says when"

    hold(breaches)


def overdue(p: Data) -> dict[str, Data]:
    return {t["test"]: t for day in p["monitoring"] for t in day["tests"] if t["overdue_since"]}


def test_an_overdue_test_was_due_and_a_result_of_today_settles_it() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        late = overdue(p)
        courses = running(document)
        for day in p["monitoring"]:
            for test in day["tests"]:
                since = test["overdue_since"]
                if since and (since >= p["as_of"] or day["date"] != p["as_of"]):
                    yield f"{test['test']} is overdue since {since}, listed on {day['date']}"
                if since and not any(
                    t in courses and courses[t].start and courses[t].start.first.isoformat() < since for t in test["therapies"]
                ):
                    yield f"{test['test']} is overdue since {since}, before any start of {test['therapies']}"
        if late:
            after = planned(with_results(document, [f for t in late for f in KNOWLEDGE.regimens.tests[t].settles]))
            yield from (f"{t} is overdue although all of it is known today" for t in late if t in overdue(after))

    hold(breaches)


def with_results(document: Document, facts: Iterable[str]) -> Document:
    """The same case with a normal result of today for each fact."""
    done = copy.deepcopy(document)
    for name in facts:
        fact = KNOWLEDGE.facts[name]
        low, high = fact.min or 0.0, fact.max or 100.0
        value = PANEL.get(name, {"boolean": False, "number": low + (high - low) / 20}.get(fact.type))
        if fact.group == "labs" and name not in done["facts"]:
            done["labs"].append({"date": done["as_of"], name: value})
        else:
            done["facts"][name] = {"value": value, "date": done["as_of"]} if name not in done["facts"] else value
    return done


def test_what_is_closed_is_never_recommended_scheduled_or_offered() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        closed = {t: o["status"] for t, o in options(p).items() if o["status"] in CLOSED}
        offered = [("next", next_of(p)), *(("schedule", i["therapy"]) for i in p["schedule"])]
        # To go on with what runs although it is hard to get is no offer; with a contraindicated one it is.
        offered += [
            (f"action {a['action']}", a["therapy"])
            for a in p["actions"]
            if a["action"] not in NO_OFFER and (a["action"] != "continue" or closed.get(a["therapy"]) == "contraindicated")
        ]
        offered += [("new part of the regimen", r["therapy"]) for r in p["regimen"] if r["role"] in ("new", "overlap")]
        yield from (f"{t} is {closed[t]} but stands in {where}" for where, t in offered if t in closed)

    hold(breaches)


# --- the same patient, told otherwise ----------------------------------------------------------------


def some() -> st.SearchStrategy[Document]:
    return st.deferred(lambda: st.sampled_from(pool()))


def planned_if_valid(document: Document) -> Data | None:
    return planned(document) if valid(document) else None


def tell(wrong: str, document: Document) -> str:
    """What is wrong in which case, as far as the case differs from the refractory patient."""
    other: Document = {}
    if len(document["facts"]) < len(BASE["facts"]) // 2:
        return f"{wrong}\nin the case\n{yaml.safe_dump(document, sort_keys=False, allow_unicode=True, default_flow_style=None, width=200)}"
    for section, entries in document.items():
        if isinstance(entries, dict):
            mine = {k: v for k, v in entries.items() if BASE.get(section, {}).get(k) != v}
            mine |= dict.fromkeys(BASE.get(section, {}).keys() - entries.keys(), None)
            other |= {section: mine} if mine else {}
        elif entries != BASE.get(section):
            other[section] = entries
    return f"{wrong}\nin the refractory patient with\n{yaml.safe_dump(other, sort_keys=False, allow_unicode=True, default_flow_style=None, width=200)}"


@SOME
@given(document=some(), later=st.integers(1, 200))
def test_time_never_makes_a_failure_too_early_again(document: Document, later: int) -> None:
    before = planned(document)
    moved = {**document, "as_of": (AS_OF + timedelta(days=later)).isoformat()}
    after = planned_if_valid(moved)
    if after is None:
        return
    now = {(h["therapy"], h["course"]): h["verdict"] for h in after["history"]}
    for course in before["history"]:
        verdict = now[course["therapy"], course["course"]]
        back = {"adequate_failure": ("too_early",), "insufficient": ("too_early", "partial")}.get(course["verdict"], ())
        assert verdict not in back, tell(
            f"{course['therapy']} was {course['verdict']} and is {verdict} on {moved['as_of']}", document
        )


DAY = re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")


def shifted(value: Any, days: int) -> Any:
    """The same data with every date so many days later."""
    text = DAY.sub(lambda m: (days_of(m[0]) + timedelta(days=days)).isoformat(), json.dumps(value))
    return json.loads(text)


@SOME
@given(document=some(), days=st.integers(-800, 800))
def test_moving_the_whole_case_in_time_moves_the_whole_plan(document: Document, days: int) -> None:
    if any(len(c.get("start", "")) == 7 for c in document["treatments"]):
        return  # months are not equally long
    before, after = (copy.deepcopy(planned(d)) for d in (document, shifted(document, days)))
    for p in (before, after):
        del p["sources"]
    moved = shifted(before, days)
    wrong = [key for key in before if moved[key] != after[key]]
    assert not wrong, tell(f"{wrong} after {days} days: {[(moved[k], after[k]) for k in wrong[:1]]}", document)


BOLD = ("switch", "add", "step_up", "extend_interval", "start", "restart")
MORE_OF_IT = ("step_up", "extend_interval")  # less bold than another therapy


def bold(p: Data) -> set[tuple[str, str]]:
    """What goes beyond going on: more of a therapy, or another one."""
    return {(a["action"], a["therapy"]) for a in p["actions"] if a["action"] in BOLD and a["therapy"]}


@SOME
@given(document=some(), data=st.data())
def test_forgetting_a_response_is_never_bolder_than_every_response(document: Document, data: st.DataObject) -> None:
    # A course without a response may go up as planned, as it would with some response; what no response allows it may not.
    told = [i for i, c in enumerate(document["treatments"]) if c.get("outcome") and c["therapy"] in running(document)]
    if not told or "scores" in document:
        return
    place = data.draw(st.sampled_from(told))
    without = copy.deepcopy(document)
    for key in ("outcome", "scope", "reason", "relapse", "trial_accepted"):
        without["treatments"][place].pop(key, None)
    p = planned_if_valid(without)
    if p is None:
        return
    therapy = document["treatments"][place]["therapy"]
    allowed: set[tuple[str, str]] = set()
    for outcome in ("inadequate", "partial", "near_complete"):
        one = copy.deepcopy(without)
        one["treatments"][place]["outcome"] = outcome
        q = planned_if_valid(one)
        allowed |= bold(q) if q else set()
    more = {(a, t) for a, t in bold(p) - allowed if a not in MORE_OF_IT or not any(b not in MORE_OF_IT for b, _ in allowed)}
    assert not more, tell(f"without the response to {therapy}: {sorted(more)}", without)
    before = planned(document)
    if actions(before, therapy) == ["continue"]:
        own = set(actions(p, therapy)) & set(BOLD) - {"step_up"}
        assert not own, tell(f"it went on; without its response {therapy} is to {sorted(own)}", document)
        if THERAPIES[therapy].line in ADVANCED and "start" in document["treatments"][place] and before["next"] is None:
            assert p["next"] is None, tell(f"without the response to {therapy} {next_of(p)} is next", document)


@SOME
@given(document=some(), data=st.data())
def test_forgetting_results_is_never_bolder(document: Document, data: st.DataObject) -> None:
    names = [n for n in PANEL if any(n in entry for entry in document["labs"]) or n in document["facts"]]
    if not names:
        return
    gone = data.draw(st.sampled_from([tuple(names), *((n,) for n in names)]))
    without = copy.deepcopy(document)
    for place in (*without["labs"], without["facts"]):
        for name in gone:
            place.pop(name, None)
    before, after = planned(document), planned(without)
    for therapy in running(document):
        if set(actions(before, therapy)) <= {"continue", "test"}:
            new = set(actions(after, therapy)) & set(BOLD)
            assert not new, tell(f"without {gone} {therapy} is to {sorted(new)}, with it to {actions(before, therapy)}", document)
    if before["status"] == "continue_current":
        assert not after["next"], tell(f"without {gone} {next_of(after)} is next", document)


# --- intervals and tapers ----------------------------------------------------------------------------


def patient(*courses: Document, as_of: date = AS_OF, **sections: Data) -> Document:
    """The refractory patient with these courses beside the conventional ones, and sections with these entries."""
    document = copy.deepcopy(BASE)
    document["as_of"] = as_of.isoformat()
    document["treatments"] += copy.deepcopy(list(courses))
    for name, entries in sections.items():
        if name == "labs":
            document["labs"][0] |= entries
        else:
            document[name] |= entries
    return document


@SOME
@given(
    weeks=st.integers(4, 12),
    held=st.integers(2, 5),
    ago=st.integers(1, 120),
    two=st.booleans(),
    outcome=st.sampled_from(("near_complete", "complete")),
)
def test_a_response_lengthens_the_interval_by_a_week_and_books_one_course(
    weeks: int, held: int, ago: int, two: bool, outcome: str
) -> None:
    last = [{"date": iso(ago + 1 - n), "dose": "70 g"} for n in range(2)]
    stated = {"interval_weeks": weeks, "interval_courses": held} if two or weeks != 4 else {"courses": held + 1}
    course = {"therapy": "ivig", "start": iso(500), "outcome": outcome, "given": last, **stated}
    if "courses" in stated:
        course["given"] = [{"date": iso(ago + 1 - n + 28 * k), "dose": "70 g"} for k in range(held, -1, -1) for n in range(2)]
    document = patient(course, disease={"skin_active": None if outcome == "complete" else True})
    p = planned(document)
    due = AS_OF - timedelta(days=ago + 1) + timedelta(weeks=weeks + 1)
    first = max(due, AS_OF)
    wanted = [(first + timedelta(days=n)).isoformat() for n in range(2)]
    assert actions(p, "ivig") == ["extend_interval"], tell(str(actions(p, "ivig")), document)
    assert [i["date"] for i in items(p, "ivig")] == wanted, tell(
        f"booked {[i['date'] for i in items(p, 'ivig')]}, wanted {wanted}", document
    )
    assert [i["moved_from"] for i in items(p, "ivig")] == [
        None if first == due else (due + timedelta(days=n)).isoformat() for n in range(2)
    ]


def relapsed(weeks: int, held: int | None, ago: int) -> Document:
    """Who relapsed on an interval, with the last one that held."""
    course: Document = {
        "therapy": "ivig",
        "start": iso(500),
        "outcome": "relapse",
        "relapse": {"after": "lengthening"},
        "interval_weeks": weeks,
    }
    course["given"] = [{"date": iso(ago + 1 - n), "dose": "70 g"} for n in range(2)]
    return patient(course | ({} if held is None else {"last_held_interval_weeks": held}))


def gaps_of(p: Data) -> set[int]:
    starts = [days_of(i["date"]) for i in items(p, "ivig") if i["day_of_course"] == 1]
    return {(later - first).days for first, later in pairwise(starts)}


@SOME
@given(weeks=st.integers(5, 12), held=st.one_of(st.none(), st.integers(4, 14)), ago=st.integers(1, 120))
def test_a_relapse_never_lengthens_the_interval(weeks: int, held: int | None, ago: int) -> None:
    document = relapsed(weeks, held, ago)
    p = planned(document)
    assert actions(p, "ivig") == ["shorten_interval"], tell(str(actions(p, "ivig")), document)
    assert all(gap <= 7 * weeks for gap in gaps_of(p)), tell(
        f"courses every {sorted(gaps_of(p))} days, the interval that failed is {7 * weeks}", document
    )
    latest = max(AS_OF, AS_OF - timedelta(days=ago + 1) + timedelta(weeks=weeks)).isoformat()
    assert items(p, "ivig")[0]["date"] <= latest, tell(
        f"the next course is on {items(p, 'ivig')[0]['date']}, later than on {latest}", document
    )


@SOME
@given(weeks=st.integers(5, 12), held=st.integers(1, 3), ago=st.integers(1, 120))
def test_a_relapse_never_gives_whole_courses_closer_than_the_regimen(weeks: int, held: int, ago: int) -> None:
    document = relapsed(weeks, held, ago)
    p = planned(document)
    each = {i["step"]: steps_of("ivig")[i["step"]].every_days for i in items(p, "ivig")}
    assert all(gap >= min(each.values()) for gap in gaps_of(p)), tell(
        f"courses every {sorted(gaps_of(p))} days, the regimen has {each}", document
    )


@SOME
@given(weeks=st.sampled_from((1, 2, 3)), ago=st.integers(1, 27), outcome=st.sampled_from((None, "partial", "near_complete")))
def test_a_stated_interval_never_brings_whole_courses_closer_than_they_were_given(
    weeks: int, ago: int, outcome: str | None
) -> None:
    course = {"therapy": "ivig", "start": iso(ago + 57), "interval_weeks": weeks, **({"outcome": outcome} if outcome else {})}
    course["given"] = [{"date": iso(ago + 57 - d), "dose": "70 g"} for d in (0, 1, 28, 29, 56, 57)]
    document = patient(course)
    p = planned(document)
    by_step = {i["step"]: len([d for d in items(p, "ivig") if d["course"] == i["course"]]) for i in items(p, "ivig")}
    least = 28 if max(by_step.values(), default=0) > 1 else 14
    assert all(gap >= least for gap in gaps_of(p)), tell(f"courses of {by_step} days every {sorted(gaps_of(p))} days", document)


@SOME
@given(
    tenths=st.sampled_from((25, 50, 75, 100, 110, 125, 150, 200, 250)),
    outcome=st.sampled_from(("near_complete", "complete")),
    start=st.integers(14, 60),
)
def test_methotrexate_is_tapered_step_by_step_to_its_end(tenths: int, outcome: str, start: int) -> None:
    mmf = {"therapy": "mmf", "dose": "1.5 g twice daily", "start": iso(7 * start), "outcome": outcome}
    document = patient(mmf, disease={"skin_active": None if outcome == "complete" else True})
    document["treatments"][1] = {
        "therapy": "methotrexate",
        "dose": f"{tenths / 10:g} mg weekly",
        "start": iso(600),
        "outcome": "partial",
    }
    p = planned(document)
    assert actions(p, "methotrexate") == ["taper"], tell(str(actions(p, "methotrexate")), document)
    mine = items(p, "methotrexate")
    doses = [tenths / 10, *(i["dose"]["value"] for i in mine[:-1])]
    assert [round(a - b, 2) for a, b in pairwise(doses)] == [2.5] * (len(doses) - 1), tell(str(doses), document)
    assert doses[-1] <= 2.5, tell(str(doses), document)
    assert [i["date"] for i in mine] == [(AS_OF + timedelta(days=14 * n)).isoformat() for n in range(len(mine))]
    assert (mine[-1]["event"], mine[-1]["dose"]) == ("end", None)
    assert [i["until"] for i in mine[:-1]] == [(AS_OF + timedelta(days=14 * n + 13)).isoformat() for n in range(len(mine) - 1)]
    role = next(r for r in p["regimen"] if r["therapy"] == "methotrexate")
    assert (role["role"], role["until"]) == ("overlap", mine[-1]["date"])


# --- a plan that is followed -------------------------------------------------------------------------

FAILED = [
    {"therapy": "ivig", "weeks": 26, "courses": 6, "outcome": "inadequate"},
    {"therapy": "mmf", "dose": "1.5 g twice daily", "weeks": 26, "outcome": "inadequate"},
]
MUSCLE: Data = {"disease": {"muscle": "refractory"}, "facts": {"thrombosis_recent": True}}
FOLLOWED: dict[str, tuple[str, Document]] = {
    "IVIG on two days": ("ivig", patient()),
    "IVIG on five days": ("ivig", patient(patient={"age": 70})),
    "IVIG every two weeks": ("ivig", patient({"therapy": "ivig", "start": "2026-03-03", "stop": "2026-04-01", "courses": 2, "outcome": "intolerance", "scope": "schedule"})),
    "MMF": ("mmf", patient(access={"iv_infusion": False})),
    "MMF capped": ("mmf", patient(labs={"egfr": 25})),
    "tofacitinib": ("tofacitinib", patient(*FAILED)),
    "apremilast": ("apremilast", patient(*FAILED, {"therapy": "tofacitinib", "weeks": 26, "outcome": "inadequate"})),
    "apremilast capped": ("apremilast", patient(*FAILED, labs={"egfr": 25}, facts={"thrombosis_recent": True})),
    "azathioprine": ("azathioprine", patient(*FAILED, **MUSCLE)),
    "cyclosporine": ("cyclosporine", patient(*FAILED, access={"declined": ["azathioprine", "tacrolimus"]}, **MUSCLE)),
    "rituximab": ("rituximab", patient(*FAILED, access={"declined": ["azathioprine", "tacrolimus", "cyclosporine"]}, **MUSCLE)),
    "dapsone": ("dapsone", patient(*FAILED, access={"declined": ["apremilast"]}, facts={"thrombosis_recent": True})),
}  # fmt: skip


def written(item: Data) -> str:
    """A dose as whoever follows the plan writes it down."""
    if item["step"] in ("apremilast-day-3", "apremilast-day-5"):
        # The two doses of such a day differ, which no dose of a case file says: its total does.
        return f"{item['dose']['value']:g} {item['dose']['unit']} daily"
    return (
        item["dose_text"]
        if parse_dose(item["dose_text"]) or item["course"]
        else f"{item['dose']['value']:g} {item['dose']['unit']} daily"
    )


def followed(name: str, as_of: date, today: bool, tested: bool = True, response: str | None = None) -> Document:
    """The patient of a plan who did all it said until a day, that day included if `today`; its tests were done on
    the days it named, unless `tested` is false: then none was done on the present dose."""
    therapy, document = FOLLOWED[name]
    first = planned(document)
    assert next_of(first) == therapy, next_of(first)
    case = copy.deepcopy(document)
    case["as_of"] = as_of.isoformat()
    done = [
        i
        for i in items(first, therapy)
        if not i["hold_point"] and (i["date"] < case["as_of"] or (today and i["date"] == case["as_of"]))
    ]
    if therapy in RHYTHMS:
        entries = {"given": [{"date": i["date"], "dose": f"{i['dose']['value']:g} {i['dose']['unit']}"} for i in done]}
    else:
        entries = {"steps": [{"date": i["date"], "dose": written(i)} for i in done]}
    said = {"outcome": response} if response else {}
    case["treatments"].append({"therapy": therapy, "start": first["start"], **said, **entries})
    days = {d["date"] for d in first["monitoring"]} | {i["date"] for i in items(first, therapy) if i["hold_point"]}
    panel = {k: v for k, v in document["labs"][0].items() if k != "date"}
    last = case["as_of"] if tested else done[-1]["date"]
    case["labs"] += [{"date": d, **panel} for d in sorted(days) if d <= last]
    return case


FIELDS = ("date", "until", "therapy", "step", "course", "day_of_course", "dose", "dose_text", "event")


def told(entries: Iterable[Data]) -> list[tuple[Any, ...]]:
    return [tuple(json.dumps(i[f]) for f in FIELDS) for i in entries]


def differences(name: str, as_of: date, today: bool, tested: bool = True, response: str | None = None) -> Iterator[str]:
    """Where a plan that was followed until a day does not continue itself."""
    therapy, document = FOLLOWED[name]
    first, p = planned(document), planned(followed(name, as_of, today, tested, response))
    end = (days_of(first["start"]) + HORIZON).isoformat()
    day = as_of.isoformat()
    mine = [i for i in items(p, therapy) if i["date"] <= end]
    if next_of(p) is not None or actions(p, therapy)[-1:] not in (["continue"], ["step_up"], ["test"]):
        yield f"next {next_of(p)}, {therapy} is to {actions(p, therapy)}"
    yield from (f"{i['date']} was moved from {i['moved_from']}" for i in mine if i["moved_from"])
    ahead = [i for i in items(first, therapy) if (i["date"] > day if today else i["date"] >= day)]
    rest = [i for i in mine if i["date"] > day or not today]
    if therapy not in RHYTHMS:
        # What is taken now is told once more, from today.
        force = [i for i in items(first, therapy) if not i["hold_point"] and (i["date"] < day or (today and i["date"] == day))][
            -1
        ]
        going = [i for i in mine if i["date"] == day and not i["hold_point"]][:1]
        begins = not today and any(i["date"] == day and not i["hold_point"] for i in ahead)
        if not begins:
            if [(i["until"], i["step"], i["dose"]) for i in going] != [(force["until"], force["step"], force["dose"])]:
                yield f"now {[(i['until'], i['step'], i['dose_text']) for i in going]}, planned {(force['until'], force['step'], force['dose_text'])}"
            rest = [i for i in rest if i not in going]
            if today and [i for i in mine if i["date"] == day] != going:
                yield f"today {[(i['step'], i['dose_text']) for i in mine if i['date'] == day]} after {force['step']} was taken"
        elif tested:
            # A hold point whose results are in is passed.
            ahead = [i for i in ahead if not (i["hold_point"] and i["date"] == day)]
        else:
            rest = [i for i in rest if i["step"] != force["step"]]
    if told(rest) != told(ahead):
        extra = [r[0] + r[3] + r[7] for r in told(rest) if r not in told(ahead)]
        lost = [r[0] + r[3] + r[7] for r in told(ahead) if r not in told(rest)]
        yield f"too much: {extra[:3]}, missing: {lost[:3]}"


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_plan_that_is_followed_continues_itself(name: str) -> None:
    therapy, document = FOLLOWED[name]
    first = planned(document)
    events = sorted({days_of(i["date"]) for i in items(first, therapy)})
    zero = days_of(first["start"])
    between = {zero + timedelta(days=n) for n in (1, 3, 10, 40, 83, 84, 91, 100, 120, 168, 181)}
    between |= {e + timedelta(days=n) for e in events[:4] for n in (-1, 1)}
    asked = [(e, today, True) for e in events if e > zero for today in (False, True)]
    asked += [(zero, True, True), *((d, False, True) for d in sorted(between - set(events)) if zero < d <= zero + HORIZON)]
    asked += [(days_of(i["date"]), False, False) for i in items(first, therapy) if i["hold_point"]]
    wrong = [
        f"{day} ({'given' if today else 'not given'} today, {'tested' if tested else 'not tested'}): {w}"
        for day, today, tested in asked
        for w in differences(name, day, today, tested)
    ]
    assert not wrong, f"{name}: {len(wrong)} of {len(asked)}\n" + "\n".join(wrong[:6])


@SOME
@given(
    name=st.sampled_from(tuple(FOLLOWED)),
    days=st.integers(1, 181),
    today=st.booleans(),
    response=st.sampled_from(("inadequate", "partial")),
)
def test_a_response_that_is_too_early_to_judge_changes_nothing_of_the_plan(
    name: str, days: int, today: bool, response: str
) -> None:
    trial = THERAPIES[FOLLOWED[name][0]].trial
    assert trial is not None
    window = trial.no_response if response == "inadequate" or trial.some_response is None else trial.some_response
    as_of = AS_OF + timedelta(days=days)
    if days < 7 * window.weeks:
        wrong = list(differences(name, as_of, today, True, response))
        assert not wrong, f"{name}, {response} on {as_of}: {wrong}"


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_plan_asked_again_at_each_of_its_dates_stays_the_same_plan(name: str) -> None:
    """Each plan, not the first one, says what is done next."""
    therapy, document = FOLLOWED[name]
    first = planned(document)
    end = days_of(first["start"]) + HORIZON
    case, p, done = copy.deepcopy(document), first, []
    key = "given" if therapy in RHYTHMS else "steps"
    case["treatments"].append({"therapy": therapy, "start": first["start"], key: []})
    panel = {k: v for k, v in document["labs"][0].items() if k != "date"}
    while True:
        seen = {(d["date"], d["step"], d["course"], d["day_of_course"]) for d in done}
        steps = {d["step"] for d in done}
        ahead = [
            i
            for i in items(p, therapy)
            if not i["hold_point"] and (i["date"], i["step"], i["course"], i["day_of_course"]) not in seen
        ]
        ahead = [i for i in ahead if key == "given" or i["step"] not in steps]
        if not ahead or days_of(ahead[0]["date"]) > end:
            break
        item = ahead[0]
        assert item["date"] >= p["as_of"]
        dose = f"{item['dose']['value']:g} {item['dose']['unit']}" if key == "given" else written(item)
        case["treatments"][-1][key].append({"date": item["date"], "dose": dose})
        done.append(item)
        tests = {d["date"] for d in p["monitoring"] if d["date"] <= item["date"]} | {
            i["date"] for i in items(p, therapy) if i["hold_point"] and i["date"] <= item["date"]
        }
        case["labs"] += [{"date": d, **panel} for d in sorted(tests - {entry["date"] for entry in case["labs"]})]
        case["as_of"] = item["date"]
        p = planned(case)
    wanted = [i for i in items(first, therapy) if not i["hold_point"]]
    assert [(i["date"], i["step"], i["course"], i["day_of_course"], i["dose"]) for i in done] == [
        (i["date"], i["step"], i["course"], i["day_of_course"], i["dose"]) for i in wanted
    ]


@pytest.mark.parametrize("name", FOLLOWED)
def test_every_dose_of_a_plan_can_be_written_into_a_case(name: str) -> None:
    therapy, document = FOLLOWED[name]
    texts = [i["dose_text"] for i in items(planned(document), therapy) if i["dose_text"] and therapy not in RHYTHMS]
    assert not [t for t in texts if parse_dose(t) is None]


def carried_on(document: Document, therapy: str, until: date, outcome: str) -> Document:
    """The same patient on a later day, who did what the plan says of a therapy up to the day before."""
    p, case = planned(document), copy.deepcopy(document)
    case["as_of"] = until.isoformat()
    course = next(c for c in reversed(case["treatments"]) if c["therapy"] == therapy and "stop" not in c and "weeks" not in c)
    done = [i for i in items(p, therapy) if i["date"] < case["as_of"] and not i["hold_point"]]
    if therapy in RHYTHMS:
        course["given"] = course.get("given", []) + [{"date": i["date"]} for i in done]
    else:
        if course.get("dose") and not course.get("steps") and not course.get("given"):
            course["steps"] = [{"date": course["start"], "dose": course["dose"]}]
        course["steps"] = course.get("steps", []) + [{"date": i["date"], "dose": written(i)} for i in done]
    course["outcome"] = outcome
    return case


@pytest.mark.parametrize("early", [False, True], ids=["on the day", "the day before"])
def test_at_its_judgement_date_and_not_before_a_therapy_can_have_failed(early: bool) -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        courses = running(document)
        for therapy, verdict in verdicts(document, p).items():
            days = sorted(c["premature_before"] for c in p["checkpoints"] if c["therapy"] == therapy)
            course = courses[therapy]
            dated = (
                course.start is not None
                and course.start.exact
                and course.courses is None
                and course.outcome in (None, "unknown", "inadequate")
            )
            told_days = course.given if therapy in RHYTHMS else course.dose or course.steps or course.given
            changed = therapy == next_of(p) or set(actions(p, therapy)) & {"taper", "reduce", "stop", "switch"}
            if verdict != "too_early" or not days or not dated or not told_days or changed or document.get("scores"):
                continue
            day = days_of(days[0]) - timedelta(days=early)
            if not AS_OF < day <= AS_OF + HORIZON:
                continue
            later = carried_on(document, therapy, day, "inadequate")
            q = planned_if_valid(later)
            if q is not None and (found := verdicts(later, q)[therapy]) and (found == "too_early") is not early:
                yield f"{therapy} is to be judged on {days[0]}; on {day}, its plan followed, it is {found}"

    hold(breaches)


# --- late ---------------------------------------------------------------------------------------------


def late_by(name: str, event: int, days: int, after: int) -> tuple[Document, Document]:
    """A patient whose infusions up to `event` were on time, and the same whose infusions from `event` on were `days`
    late; both asked `after` days after the last one, when the plan is as old."""
    therapy, document = FOLLOWED[name]
    dates = [days_of(i["date"]) for i in items(planned(document), therapy)][: event + 2]
    plans = []
    for late in (0, days):
        given_on = [d + timedelta(days=late) if n >= event else d for n, d in enumerate(dates)]
        as_of = given_on[-1] + timedelta(days=after)
        case = copy.deepcopy(document)
        case["as_of"] = as_of.isoformat()
        case["labs"].append({**case["labs"][0], "date": as_of.isoformat()})
        doses = [f"{i['dose']['value']:g} g" for i in items(planned(document), therapy)]
        case["treatments"].append(
            {
                "therapy": therapy,
                "start": planned(document)["start"],
                "given": [{"date": d.isoformat(), "dose": dose} for d, dose in zip(given_on, doses, strict=False)],
            }
        )
        plans.append(case)
    return plans[0], plans[1]


INFUSED = tuple(n for n, (t, _) in FOLLOWED.items() if t == "ivig")


def later_by(document: Document, therapy: str, days: int) -> list[tuple[Any, ...]]:
    """What is planned in the first fifteen weeks of a plan, moved by so many days."""
    end = (days_of(document["as_of"]) + timedelta(weeks=15)).isoformat()
    return [
        (shifted(i["date"], days), i["step"], i["course"], i["day_of_course"], i["dose"])
        for i in items(planned(document), therapy)
        if i["date"] <= end
    ]


@SOME
@given(name=st.sampled_from(INFUSED), event=st.integers(1, 7), days=st.integers(1, 12), after=st.integers(0, 2))
def test_an_infusion_given_late_moves_all_later_ones_by_as_much(name: str, event: int, days: int, after: int) -> None:
    on_time, late = late_by(name, event, days, after)
    assert later_by(late, "ivig", 0) == later_by(on_time, "ivig", days), tell(f"infusion {event} given {days} days late", late)


@SOME
@given(name=st.sampled_from((*INFUSED, "rituximab")), event=st.integers(1, 9), days=st.integers(1, 13))
def test_an_infusion_that_is_late_today_moves_all_later_ones_and_tells_the_day_it_was_planned(
    name: str, event: int, days: int
) -> None:
    therapy, document = FOLLOWED[name]
    planned_on = sorted({days_of(i["date"]) for i in items(planned(document), therapy)})
    due = planned_on[min(event, len(planned_on) - 1)]
    cases = [followed(name, due, today=False)]
    cases.append({**copy.deepcopy(cases[0]), "as_of": (due + timedelta(days=days)).isoformat()})
    if days > 12 and name == "IVIG every two weeks":
        return
    assert later_by(cases[1], therapy, 0) == later_by(cases[0], therapy, days), tell(f"{name}: {days} days late", cases[1])
    for item in items(planned(cases[1]), therapy):
        assert item["moved_from"] == shifted(item["date"], -days), tell(
            f"{name}: {item['date']} moved from {item['moved_from']}, {days} days late", cases[1]
        )
    assert not any(i["moved_from"] for i in items(planned(cases[0]), therapy))


@SOME
@given(
    name=st.sampled_from(("MMF", "MMF capped", "azathioprine", "cyclosporine", "apremilast")),
    event=st.integers(1, 5),
    days=st.integers(1, 60),
    tested=st.booleans(),
)
def test_a_step_that_is_late_moves_all_later_ones_and_tells_the_day_it_was_planned(
    name: str, event: int, days: int, tested: bool
) -> None:
    therapy, document = FOLLOWED[name]
    steps = [i for i in items(planned(document), therapy) if not i["hold_point"]][1:]
    due = days_of(steps[min(event, len(steps)) - 1]["date"])
    on_time = followed(name, due, today=False, tested=tested)
    late = {**copy.deepcopy(on_time), "as_of": (due + timedelta(days=days)).isoformat()}
    if tested:
        # Results go stale; these are of the day itself.
        late["labs"] = [*late["labs"], {**late["labs"][0], "date": late["as_of"]}]
    before, after = (
        [i for i in items(planned(c), therapy) if i["date"] < (days_of(c["as_of"]) + timedelta(weeks=20)).isoformat()]
        for c in (on_time, late)
    )
    assert [(shifted(i["date"], days), i["step"], i["dose"]) for i in before] == [
        (i["date"], i["step"], i["dose"]) for i in after
    ], tell(f"{name}: {days} days late", late)
    for item in after:
        begins = item["step"] in {i["step"] for i in items(planned(document), therapy) if i["date"] >= due.isoformat()}
        wanted = shifted(item["date"], -days) if begins else None
        assert item["moved_from"] == wanted, tell(
            f"{name}: {item['step']} on {item['date']} moved from {item['moved_from']}, wanted {wanted}", late
        )
