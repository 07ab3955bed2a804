"""Plans followed to the letter, or late: each goes on as it said, and the rest moves by as much."""

import copy
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import AS_OF
from dmcli.values.dosetext import parse_dose
from patients_on_treatment import (
    HORIZON,
    RHYTHMS,
    SOME,
    actions,
    days_of,
    items,
    patient,
    running,
    shifted,
    tell,
    treated,
    verdicts,
)
from pool import THERAPIES, Data, hold, next_of, planned, planned_if_valid, planned_on_any_day
from strategies import Document

pytestmark = pytest.mark.usefixtures("drawn_cases")


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
    "MMF capped": ("mmf", patient(labs={"egfr": 25}, earlier={"egfr": 25})),
    "tofacitinib": ("tofacitinib", patient(*FAILED)),
    "apremilast": ("apremilast", patient(*FAILED, {"therapy": "tofacitinib", "weeks": 26, "outcome": "inadequate"})),
    "apremilast capped": ("apremilast", patient(*FAILED, labs={"egfr": 25}, facts={"thrombosis_recent": True})),
    "azathioprine": ("azathioprine", patient(*FAILED, **MUSCLE)),
    "cyclosporine": ("cyclosporine", patient(*FAILED, access={"declined": ["azathioprine", "tacrolimus"]}, labs={"creatinine": 80}, **MUSCLE)),
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
            # A dose that is raised on days of its own cannot be followed by the schedule; cases hold when it is judged.
            days = sorted(c["premature_before"] for c in p["checkpoints"] if c["therapy"] == therapy and c["needs"] is None)
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

    hold(breaches, treated())


def late_by(name: str, event: int, days: int, after: int) -> tuple[Document, Document]:
    """A patient whose infusions up to `event` were on time, and the same whose infusions from `event` on were `days`
    late; both asked `after` days after the last one, when the plan is as old."""
    therapy, document = FOLLOWED[name]
    dates = [days_of(i["date"]) for i in items(planned_on_any_day(document), therapy)][: event + 2]
    plans = []
    for late in (0, days):
        given_on = [d + timedelta(days=late) if n >= event else d for n, d in enumerate(dates)]
        as_of = given_on[-1] + timedelta(days=after)
        case = copy.deepcopy(document)
        case["as_of"] = as_of.isoformat()
        case["labs"].append({**case["labs"][0], "date": as_of.isoformat()})
        doses = [f"{i['dose']['value']:g} g" for i in items(planned_on_any_day(document), therapy)]
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
        for i in items(planned_on_any_day(document), therapy)
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
    planned_on = sorted({days_of(i["date"]) for i in items(planned_on_any_day(document), therapy)})
    due = planned_on[min(event, len(planned_on) - 1)]
    cases = [followed(name, due, today=False)]
    cases.append({**copy.deepcopy(cases[0]), "as_of": (due + timedelta(days=days)).isoformat()})
    if days > 12 and name == "IVIG every two weeks":
        return
    assert later_by(cases[1], therapy, 0) == later_by(cases[0], therapy, days), tell(f"{name}: {days} days late", cases[1])
    for item in items(planned_on_any_day(cases[1]), therapy):
        assert item["moved_from"] == shifted(item["date"], -days), tell(
            f"{name}: {item['date']} moved from {item['moved_from']}, {days} days late", cases[1]
        )
    assert not any(i["moved_from"] for i in items(planned_on_any_day(cases[0]), therapy))


def past_its_last_judgement(therapy: str, document: Document) -> bool:
    """Whether the trial of the last course, one without a dose of its own that has to be reached, is over for every response."""
    trial = THERAPIES[therapy].trial
    assert trial is not None
    weeks = (trial.some_response or trial.no_response).weeks
    return trial.dose is None and days_of(document["as_of"]) >= days_of(document["treatments"][-1]["start"]) + timedelta(
        weeks=weeks
    )


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
    if past_its_last_judgement(therapy, late):
        # No response leads to a higher dose any more, and none is told: it is asked for, and the dose stays.
        assert actions(planned(late), therapy) == ["continue"], tell(f"{name}: {days} days late", late)
        assert [i["dose_text"] for i in items(planned(late), therapy)] == [late["treatments"][-1]["steps"][-1]["dose"]]
        return
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
