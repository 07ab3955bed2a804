"""Patients on treatment: courses on time, late, missed and half given, steps, responses, intervals, results of every age."""

import copy
import json
import re
from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from conftest import AS_OF, as_case, examples, pooled
from dmcli.case.model import Course
from dmcli.knowledge.tables import plain
from pool import KNOWLEDGE, THERAPIES, Data, valid
from strategies import BASES, Document

ADVANCED = KNOWLEDGE.algorithm.advanced
POOL = settings(max_examples=pooled(170), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
SOME = settings(POOL, max_examples=examples(20), phases=(Phase.generate, Phase.shrink))
HORIZON = timedelta(weeks=26)
PRESCRIBERS = {t for target in KNOWLEDGE.algorithm.prescriber_decides for t in KNOWLEDGE.members(target)}
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
    small({"therapy": "azathioprine", "start": "2026-05-13", "outcome": "partial", "given": [{"date": "2026-05-13", "dose": "50 mg daily"}]}, labs=[{"date": "2026-12-01", **PANEL}]),
    small({"therapy": "mmf", "start": "2026-08-25", "given": [{"date": "2026-10-08", "dose": "1 g twice daily"}]}),
    small({"therapy": "methotrexate", "start": "2026-03-21", "outcome": "relapse"}, {"therapy": "ivig", "outcome": "intolerance"}, {"therapy": "mmf", "indication": "muscle"}),
    small({"therapy": "ruxolitinib", "start": "2026-08-12", "outcome": "intolerance", "scope": "dose"}, {"therapy": "mmf"}),
    small({"therapy": "ruxolitinib", "start": "2026-08-12", "dose": "10 mg twice daily", "outcome": "intolerance", "scope": "dose"}),
    small({"therapy": "hydroxychloroquine", "start": "2026-09-08", "outcome": "intolerance", "scope": "dose"}, {"therapy": "methotrexate", "outcome": "inadequate"}),
    small({"therapy": "ivig", "outcome": "near_complete", "given": [{"date": "2026-11-07"}, {"date": "2026-11-08"}]}),
    small({"therapy": "ivig", "outcome": "near_complete", "interval_courses": 1}),
    small({"therapy": "ivig", "outcome": "near_complete", "interval_weeks": 5, "interval_courses": 1, "given": [{"date": "2026-11-07"}, {"date": "2026-11-08"}]}),
)  # fmt: skip


@cache
def treated() -> tuple[Document, ...]:
    found: dict[str, Document] = {json.dumps(d): d for d in copy.deepcopy(ONCE_BROKEN)}

    @POOL
    @given(on_treatment())
    def collect(document: Document) -> None:
        found.setdefault(json.dumps(document), document)

    collect()
    return tuple(d for d in found.values() if valid(d))


def some() -> st.SearchStrategy[Document]:
    return st.deferred(lambda: st.sampled_from(treated()))


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


DAY = re.compile(r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b")


def shifted(value: Any, days: int) -> Any:
    """The same data with every date so many days later."""
    text = DAY.sub(lambda m: (days_of(m[0]) + timedelta(days=days)).isoformat(), json.dumps(value))
    return json.loads(text)


def patient(*courses: Document, as_of: date = AS_OF, **sections: Data) -> Document:
    """The refractory patient with these courses beside the conventional ones, and sections with these entries;
    `earlier` are results of 100 days before.
    """
    document = copy.deepcopy(BASE)
    document["as_of"] = as_of.isoformat()
    document["treatments"] += copy.deepcopy(list(courses))
    for name, entries in sections.items():
        if name == "labs":
            document["labs"][0] |= entries
        elif name == "earlier":
            document["labs"].append({"date": (as_of - timedelta(days=100)).isoformat(), **entries})
        else:
            document[name] |= entries
    return document


def steps_of(therapy: str) -> dict[str, Any]:
    return {s.id: s for r in THERAPIES[therapy].regimens for s in r.steps}
