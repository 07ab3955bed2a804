"""What holds for every patient: what does not matter changes nothing, and what matters changes only its own part."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from conftest import each, plan_of, run
from dmcli.render.registry import View, render
from dmcli.result.plan import as_data
from patients_of_any_kind import (
    FEW,
    LADDER,
    ONCE_BROKEN,
    WORDS,
    anyone,
    has_next,
    some_case,
    with_,
)
from pool import KNOWLEDGE, THERAPIES, Data, hold, made, next_of, otherwise_alone, planned, planned_on_any_day, valid
from strategies import Document, documents, stated

pytestmark = pytest.mark.usefixtures("drawn_cases")


def text_of(document: Document) -> str:
    return render("plan", "json", made(document), KNOWLEDGE, View(80, explain=True))


def text_anew(document: Document) -> str:
    return render("plan", "json", plan_of(document, KNOWLEDGE), KNOWLEDGE, View(80, explain=True))


@FEW
@given(document=some_case())
def test_the_same_case_twice_gives_the_same_bytes(document: Document) -> None:
    assert text_of(document) == text_anew(copy.deepcopy(document))


def test_the_same_case_gives_the_same_bytes_whatever_the_seed_of_hashes(tmp_path: Path) -> None:
    document = next(d for d in anyone() if planned(d)["next"] and len(planned(d)["unknowns"]) > 20)
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    cold = {"XDG_CACHE_HOME": str(tmp_path)}
    done = [run("plan", str(path), "--format", "json", PYTHONHASHSEED=seed, **cold) for seed in ("1", "2", "3")]
    assert [d.returncode for d in done] == [0, 0, 0], done[0].stderr
    assert len({d.stdout for d in done}) == 1
    assert json.loads(done[0].stdout) == planned(document)


def test_a_batch_gives_every_patient_the_plan_of_that_patient_alone() -> None:
    hold(otherwise_alone, anyone()[:: each(6)])


def turned(value: Any) -> Any:
    """The same document with the keys of its mappings in the opposite order; lists keep theirs."""
    if isinstance(value, dict):
        return {k: turned(v) for k, v in reversed(value.items())}
    return [turned(v) for v in value] if isinstance(value, list) else value


def test_the_order_of_keys_changes_nothing() -> None:
    def breaches(document: Document, p: Data) -> Iterator[str]:
        other = planned(turned(document))
        yield from (f"{key} depends on the order of keys" for key in p if p[key] != other[key])

    hold(breaches, (*anyone()[: len(ONCE_BROKEN)], *anyone()[len(ONCE_BROKEN) :: 2]))


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
    before = planned_on_any_day(document)
    after = as_data(plan_of(document, KNOWLEDGE, start=as_of + timedelta(days=days), weekends=True))
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
