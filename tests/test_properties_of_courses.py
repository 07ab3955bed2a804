"""What must hold of every course a clinician may state: no failure is lost, and one statement means one thing."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from dmcli import yamlfile
from dmcli.case.flags import overlay
from dmcli.case.model import Case
from dmcli.case.read import read_case
from dmcli.planner import plan
from dmcli.result.plan import as_data
from patients_of_any_kind import FAST
from pool import KNOWLEDGE, planned, planned_if_valid
from strategies import AS_OF, BASES, Document

SMALL = settings(FAST, max_examples=examples(25))
LADDER = tuple(m for line in KNOWLEDGE.algorithm.lines for m in line.members)
OUTSIDE = ("upadacitinib", "anifrolumab", "subcutaneous immunoglobulin", "corticotropin", "A drug of a trial")
# What a failure may be shown as: counted, or known to have been too short or too low.
COUNTED = KNOWLEDGE.algorithm.passed
TOO_SMALL = ("too_early", "inadequate_trial")
DOSES = (
    "varying",
    "2 g",
    "600 mg/m2",
    "10-15 mg weekly",
    "20 mg weekly",
    "1 g twice daily",
    "5 mg daily",
    "2 g/kg every four weeks",
)
DATES = ("-3w", "-30w", "2026-10", "2025", "Jan 2026", "2024-02-01")
WEEKS = (0, 3, 11, 12, 13, 30, "3 months", "26w")


@st.composite
def courses(draw: st.DrawFn, outcomes: tuple[str | None, ...]) -> Document:
    """A course as a clinician types it: any of its details may be missing."""
    course: Document = {"therapy": draw(st.sampled_from(LADDER))}
    outcome = draw(st.sampled_from(outcomes))
    if outcome is not None:
        course["outcome"] = outcome
    told = draw(st.sampled_from(("nothing", "nothing", "weeks", "start", "both", "stop", "running")))
    start, stop = draw(st.sampled_from(DATES)), draw(st.sampled_from(("-1w", "-13w", "2026-11")))
    course |= {
        "nothing": {},
        "weeks": {"weeks": draw(st.sampled_from(WEEKS))},
        "start": {"start": start},
        "both": {"start": "2023", "stop": stop},
        "stop": {"stop": stop},
        "running": {"running": draw(st.booleans())},
    }[told]
    for key, values in (("dose", DOSES), ("courses", (1, 2, 3, 7)), ("interval_weeks", (2, 4, 6))):
        if draw(st.sampled_from((True, False, False))):
            course[key] = draw(st.sampled_from(values))
    return course


def asked(*treatments: Document, base: str = "bare") -> Document:
    return json.loads(json.dumps({**BASES[base], "treatments": list(treatments)}, default=str))  # type: ignore[no-any-return]


FAILED = courses(("inadequate", "failed", "no response", "ineffective", "worse", "none"))
ANY = courses(("inadequate", "partial", "near_complete", "complete", "relapse", "intolerance", "contraindicated", None))


@SMALL
@given(FAILED)
def test_every_stated_failure_counts_or_is_shown_as_too_small_with_what_says_so(course: Document) -> None:
    found = planned(asked(course))
    (told,) = found["history"]
    assert told["verdict"] in (*COUNTED, *TOO_SMALL)
    assert "does not tell how it went" not in json.dumps(told)
    if told["verdict"] in TOO_SMALL:
        # Nothing is too small without a word of its duration, its courses or its dose.
        assert {"weeks", "start", "stop", "courses", "dose"} & set(course)
        assert told["because"][0]["rule"] not in ("unjudged", "ver-unverified")


@SMALL
@given(st.lists(ANY, min_size=1, max_size=3))
def test_no_case_waits_for_a_dose_a_duration_or_a_number_of_courses(treatments: list[Document]) -> None:
    found = planned_if_valid(asked(*treatments, base="refractory"))
    if found is None or found["status"] != "needs_fact":
        return
    # What is asked for is how it went: of what ended, or of what runs with neither a start nor a response.
    assert any(u["fact"].endswith(".outcome") for u in found["unknowns"])
    untold = {KNOWLEDGE.therapy_names[c["therapy"].replace("_", " ")] for c in treatments if "outcome" not in c}
    assert {h["therapy"] for h in found["history"] if h["verdict"] == "unknown"} <= untold


@SMALL
@given(ANY, st.sampled_from(("courses", "dose")))
def test_a_course_with_an_outcome_is_never_said_to_tell_nothing(course: Document, left_out: str) -> None:
    found = planned_if_valid(asked({key: value for key, value in course.items() if key != left_out}))
    if found is not None and "outcome" in course:
        assert [h["verdict"] for h in found["history"] if h["verdict"] == "unknown"] == []


@SMALL
@given(st.sampled_from(OUTSIDE), FAILED)
def test_a_treatment_outside_the_catalogue_is_kept_and_never_chosen(name: str, course: Document) -> None:
    found = planned_if_valid(asked({**course, "therapy": "other", "name": name}))
    assert found is not None
    (told,) = found["history"]
    assert told["verdict"] in (*COUNTED, *TOO_SMALL)
    assert found["next"] is None or found["next"]["therapy"] != told["therapy"]
    assert told["therapy"] not in {o["therapy"] for o in found["options"]}


# --- one reader: a flag says what a file says ------------------------------------------------------------


def _flagged(flags: dict[str, Any]) -> Case:
    document = overlay(None, {"fact": ["skin_active=yes"], "age": "45", **flags}, KNOWLEDGE)
    return read_case(document, KNOWLEDGE, AS_OF, AS_OF)


def _filed(document: Document) -> Case:
    text = json.dumps({"patient": {"age": 45}, "facts": {"skin_active": "yes"}, **document})
    return read_case(yamlfile.parse(text, "case.yaml"), KNOWLEDGE, AS_OF, AS_OF)


def _same_plan(one: Case, other: Case) -> bool:
    """Equal cases have equal plans; what they are read from may differ in what no plan looks at."""
    return one == other or as_data(plan(one, KNOWLEDGE)) == as_data(plan(other, KNOWLEDGE))


OUTCOMES = ("", "inadequate", "failed", "no response", "partial", "relapse", "side effects", "contraindicated", "near complete")


@SMALL
@given(
    st.sampled_from(("hcq", "MTX", "IVIg", "CellCept", "tofacitinib", "Rinvoq", "prednisone")),
    st.sampled_from(OUTCOMES),
    st.sampled_from(("", "26w", "3mo", "12")),
    st.sampled_from(("", "20mg/wk", "1 g twice daily", "varying")),
    st.sampled_from(("failed", "current")),
)
def test_a_flag_and_a_file_give_the_same_plan(therapy: str, outcome: str, weeks: str, dose: str, flag: str) -> None:
    course: Document = {"therapy": therapy}
    told = outcome or ("inadequate" if flag == "failed" else "")
    course |= {key: value for key, value in (("outcome", told), ("weeks", weeks), ("dose", dose)) if value}
    if weeks == "12":
        course["weeks"] = 12
    looks_back = told not in ("partial", "near complete")
    course |= {"running": True} if flag == "current" else {} if looks_back else {"running": False}
    text = ":".join((therapy, outcome, weeks, dose)).rstrip(":")
    assert _same_plan(_flagged({flag: [text]}), _filed({"treatments": [course]}))


@SMALL
@given(st.lists(st.sampled_from(("hcq", "mtx", "ivig", "mmf")), min_size=2, max_size=4, unique=True))
def test_a_list_with_commas_is_the_list_without(names: list[str]) -> None:
    failed = _flagged({"failed": names})
    assert _same_plan(_flagged({"failed": [",".join(names)]}), failed)
    assert _same_plan(_flagged({"declined": [", ".join(names)]}), _flagged({"declined": names}))
    assert _same_plan(_filed({"treatments": [{"therapy": name, "outcome": "inadequate"} for name in names]}), failed)


@SMALL
@given(st.integers(1, 9))
def test_courses_in_a_flag_are_those_of_the_course(number: int) -> None:
    filed = _filed({"treatments": [{"therapy": "ivig", "outcome": "inadequate", "courses": number}]})
    assert _same_plan(_flagged({"failed": ["IVIG"], "courses": [f"ivig={number}"]}), filed)


SPELT = (
    ({"sex": "F"}, {"patient": {"sex": "female"}}),
    ({"fact": ["skin_active=yes", "eGFR=40"]}, {"labs": [{"egfr": 40}]}),
    ({"fact": ["skin_active=yes,g6pd=normal"]}, {"facts": {"skin_active": True, "g6pd_deficiency": False}}),
    ({"fact": ["skin_active=yes", "Hepatitis-B=negative"]}, {"facts": {"skin_active": True, "HEPATITIS_B": "no"}}),
)


def test_what_people_write_is_what_the_vocabulary_says() -> None:
    for flags, document in SPELT:
        filed = _filed({**document, "patient": {"age": 45, **document.get("patient", {})}})
        assert _same_plan(_flagged(flags), filed), flags
