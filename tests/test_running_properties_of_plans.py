"""What holds for every patient on treatment: each therapy has its action, nothing is doubled, past or too close."""

import copy
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from conftest import each
from dmcli.assess.doses import present_dose
from dmcli.case.model import Course
from dmcli.knowledge.codes import STATUSES
from dmcli.values.dosetext import parse_dose
from patients_on_treatment import (
    ADVANCED,
    BASE,
    CHOICES,
    HOLDING,
    KEPT,
    NEW_LINE,
    NO_OFFER,
    PANEL,
    PRESCRIBERS,
    RHYTHMS,
    actions,
    closed_now,
    days_of,
    items,
    options,
    running,
    steps_of,
    taken,
    treated,
    verdicts,
)
from pool import CLOSED, KNOWLEDGE, THERAPIES, Data, hold, next_of, otherwise_alone, planned
from strategies import Document

pytestmark = pytest.mark.usefixtures("drawn_cases")

USUAL_WEEKS = 4  # between two courses of IVIG
SATURDAY = 5


def test_a_batch_gives_every_patient_on_treatment_the_plan_of_that_patient_alone() -> None:
    hold(otherwise_alone, treated()[:: each(6)])


def test_the_pool_reaches_every_review() -> None:
    # Guards the strategy: a property that is never put to the test would hold for nothing.
    plans = [(d, planned(d)) for d in treated()]
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
        # A hold may leave the next therapy due, undated until what it waits for is in order.
        if p["next"] and p["status"] not in ("recommendation", "conventional_therapy", "safety_hold"):
            yield f"{p['status']} with next {next_of(p)}"

    hold(breaches, treated())


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

    hold(breaches, treated())


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

    hold(breaches, treated())


def test_an_advanced_therapy_without_a_start_is_a_question() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        for therapy, course in running(document).items():
            reviewed = (
                THERAPIES[therapy].line in ADVANCED and therapy not in PRESCRIBERS and (course.indication or "skin") == "skin"
            )
            if (
                reviewed
                and course.start is None
                and course.weeks is None
                and course.outcome is None
                and not course.given
                and not course.steps
                and not closed_now(p, therapy)
                and p["status"] not in ("needs_fact", "refer", "out_of_scope")
            ):
                yield f"{p['status']} while {therapy} runs without a start"

    hold(breaches, treated())


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

    hold(breaches, treated())


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

    hold(breaches, treated())


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

    hold(breaches, treated())


def booked(p: Data, therapy: str) -> list[Data]:
    """What is still to be taken or waited for of a therapy; its end is neither."""
    return [i for i in items(p, therapy) if i["event"] != "end"]


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
                if booked(p, therapy):
                    yield f"{therapy} is to {mine} and is scheduled"
                # Of what ends only its end is told, on the day the next therapy begins.
                first = [i["date"] for i in items(p, next_of(p) or "") if not i["hold_point"]][:1]
                if ends := [i["date"] for i in items(p, therapy) if i["event"] == "end" and [i["date"]] != first]:
                    yield f"{therapy} is to {mine} and ends on {ends}, the next begins on {first}"
                if roles.get(therapy) != "stop":
                    yield f"{therapy} is to {mine} and is {roles.get(therapy)} in the regimen"
                if set(mine) & set(KEPT):
                    yield f"{therapy} is to {mine} at once"
            elif set(mine) & set(KEPT) and roles.get(therapy) not in ("continue", "overlap"):
                yield f"{therapy} is to {mine} and is {roles.get(therapy)} in the regimen"
        kept = [a["therapy"] for a in p["actions"] if a["action"] in (*KEPT, *CHOICES) and a["therapy"]]
        for therapy in {t for t in kept if kept.count(t) > 1}:
            yield f"{therapy} has more than one action: {actions(p, therapy)}"

    hold(breaches, treated())


def test_a_therapy_that_failed_or_harmed_gets_nothing_more_once_another_one_is_chosen() -> None:
    failed = ("adequate_failure", "unverified_failure", "relapse_on_therapy", "intolerance", "contraindicated")

    def breaches(document: Document, p: Data) -> Iterator[str]:
        for therapy, verdict in verdicts(document, p).items():
            indication = running(document)[therapy].indication or "skin"
            advanced = THERAPIES[therapy].line in ADVANCED and therapy not in PRESCRIBERS
            harmed = verdict in ("intolerance", "contraindicated")
            if indication != "skin" or not (harmed or (advanced and verdict in failed and p["next"])):
                continue
            mine = actions(p, therapy)
            if verdict == "intolerance" and "reduce" in mine and only_the_dose_harmed(running(document)[therapy]):
                # The drug itself is tolerated: it goes on below the dose that was not, and without a dose where none is known.
                yield from (f"{therapy} is to be reduced to {i['dose_text']}" for i in not_below(running(document)[therapy], p))
            elif booked(p, therapy) or not set(mine) & {"stop", "switch"}:
                yield f"{therapy} is {verdict} and is to {mine}, with {len(booked(p, therapy))} doses, next {next_of(p)}"

    hold(breaches, treated())


def only_the_dose_harmed(course: Course) -> bool:
    """Whether a course was stopped short by its dose and not by a harm that ends the drug at any dose."""
    of_the_drug = ("hypersensitivity", "thrombosis", "cardiovascular", "infection", "malignancy")
    return course.scope == "dose" and course.reason not in of_the_drug


def not_below(course: Course, p: Data) -> list[Data]:
    """The booked doses that are not below the one that was not tolerated; every dose where that is not known."""
    present = present_dose(course)
    if present is None:
        return booked(p, course.therapy)
    dosed = [(i, parse_dose(i["dose_text"] or "")) for i in booked(p, course.therapy)]
    # Two doses of a day that differ are no dose of a case file; their total is told beside them.
    return [i for i, dose in dosed if (dose.total(1) if dose else i["dose"]["value"]) >= present.total(1)]


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
        gaps = [round((later - first).days / 7) for first, later in pairwise(starts)]
        weeks = {course.interval_weeks} if course.interval_weeks else {*gaps[-1:], USUAL_WEEKS}
        if starts and fresh and fresh[0] == mine[0]:
            # A course that is given in part keeps the next one at its distance from its last day.
            on_days = steps_of("ivig")[fresh[0]["step"]].on_days
            wanted = {w: clear_of_weekends(max(starts[-1] + timedelta(weeks=w + 1), days_of(p["as_of"])), on_days) for w in weeks}
            weeks = {w for w in weeks if wanted[w].isoformat() == fresh[0]["date"]}
            if not weeks:
                yield f"the next course is on {fresh[0]['date']}, not on one of {sorted(map(str, wanted.values()))}"
        # From the usual interval it is lengthened at once, from a longer one after two courses that held.
        held = course.interval_courses
        if held is not None and held < 2 and min(weeks, default=USUAL_WEEKS) > USUAL_WEEKS:
            yield f"lengthened from {min(weeks)} weeks after {held} courses"

    hold(breaches, treated())


def clear_of_weekends(day: date, on_days: tuple[int, ...]) -> date:
    """The first day from one on with which no infusion of a course falls on a weekend."""
    while any((day + timedelta(days=n)).weekday() >= SATURDAY for n in on_days):
        day += timedelta(days=1)
    return day


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
            # What is held is judged after it is resumed.
            leaves = set(actions(p, therapy)) & {"stop", "switch", "hold"} or (courses[therapy].indication or "skin") != "skin"
            told_when = leaves or therapy in {c["therapy"] for c in p["checkpoints"]}
            if verdict == "too_early" and not told_when and THERAPIES[therapy].trial and courses[therapy].start:
                yield f"{therapy} is too early to judge, and no date says when"

    hold(breaches, treated())


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
                # What the first dose should have waited for is late from the start on.
                began = [courses[t].start.first.isoformat() for t in test["therapies"] if t in courses and courses[t].start]
                if since and not any(day <= since for day in began):
                    yield f"{test['test']} is overdue since {since}, before any start of {test['therapies']}"
        if late:
            after = planned(with_results(document, [f for t in late for f in KNOWLEDGE.catalogue.tests[t].settles]))
            yield from (f"{t} is overdue although all of it is known today" for t in late if t in overdue(after))

    hold(breaches, treated())


def with_results(document: Document, facts: Iterable[str]) -> Document:
    """The same case with a normal result of today for each fact."""
    done = copy.deepcopy(document)
    for name in facts:
        fact = KNOWLEDGE.facts[name]
        low, high = fact.min or 0.0, fact.max or 100.0
        # What is one of several words is as in the refractory patient.
        usual = {"boolean": False, "number": low + (high - low) / 20}.get(fact.type, BASE["facts"].get(name))
        value = PANEL.get(name, usual)
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

    hold(breaches, treated())
