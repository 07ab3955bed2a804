"""The same patient on treatment told otherwise: later, moved in time, with less known, at other intervals and tapers."""

import copy
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import AS_OF
from patients_on_treatment import (
    ADVANCED,
    PANEL,
    SOME,
    actions,
    days_of,
    iso,
    items,
    patient,
    running,
    shifted,
    some,
    steps_of,
    tell,
)
from pool import THERAPIES, Data, next_of, planned, planned_if_valid, planned_on_any_day
from strategies import Document

pytestmark = pytest.mark.usefixtures("drawn_cases")


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


@SOME
@given(document=some(), days=st.integers(-800, 800))
def test_moving_the_whole_case_in_time_moves_the_whole_plan(document: Document, days: int) -> None:
    if any(len(c.get("start", "")) == 7 for c in document["treatments"]):
        return  # months are not equally long
    before, after = (planned_on_any_day(d) for d in (document, shifted(document, days)))
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
    p = planned_on_any_day(document)
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
