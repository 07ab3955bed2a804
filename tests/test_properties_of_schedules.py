"""What holds for every patient: doses are computed exactly and stay below their caps, dates are days in order."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from conftest import as_case
from patients_of_any_kind import anyone, everywhere
from pool import KNOWLEDGE, THERAPIES, Data, hold, next_of
from strategies import Document

pytestmark = pytest.mark.usefixtures("drawn_cases")


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

    hold(breaches, anyone())


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

    hold(breaches, anyone())


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

    hold(breaches, anyone())


def test_the_schedule_is_in_calendar_order_and_within_the_horizon() -> None:
    def breaches(_: Document, p: Data) -> Iterator[str]:
        weeks = int(KNOWLEDGE.algorithm.settings["horizon_weeks"].value)
        start, as_of = date.fromisoformat(p["start"]), date.fromisoformat(p["as_of"])
        days = [date.fromisoformat(i["date"]) for i in p["schedule"]]
        if days != sorted(days):
            yield "the schedule is not in order"
        # The dose of what runs changes today, also where what is new begins some days later.
        new = [day for day, item in zip(days, p["schedule"], strict=True) if item["therapy"] == next_of(p)]
        if days and (days[0] < as_of or min(new, default=start) < start or days[-1] > start + timedelta(weeks=weeks)):
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

    hold(breaches, anyone())


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

    hold(breaches, anyone())


def test_every_date_of_a_plan_is_a_day_of_the_calendar() -> None:
    dated = ("date", "until", "as_of", "start", "valid_until", "premature_before")

    def breaches(_: Document, p: Data) -> Iterator[str]:
        # What was given or measured is told as the record has it, which may say no day.
        recorded = {key: p[key] for key in ("given", "scores")}
        for field, value in everywhere(recorded):
            if field == "date" and any(date.fromisoformat(day) > date.fromisoformat(p["as_of"]) for day in value.split("..")):
                yield f"recorded on {value}"
        for field, value in everywhere({key: part for key, part in p.items() if key not in recorded}):
            if field in dated and value is not None and date.fromisoformat(value).isoformat() != value:
                yield f"{field}: {value}"
        if date.fromisoformat(p["valid_until"]) <= date.fromisoformat(p["as_of"]):
            yield f"valid until {p['valid_until']}"

    hold(breaches, anyone())
