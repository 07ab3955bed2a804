"""The road ahead: the planner's own answers for a hypothetical patient, its bounds, and every way it is written."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

import dmcli.roadmap.roadmap
from conftest import ROOT, as_case, each, run, shipped_knowledge
from dmcli import yamlfile
from dmcli.case.model import Case
from dmcli.planner import plan
from dmcli.render.registry import View, render
from dmcli.result.plan import Plan, as_data
from dmcli.roadmap.hypothetical_patient import hypothetical
from dmcli.roadmap.roadmap import DEEPEST, DEPTH, RESPONSES, Roadmap, RoadNode, roadmap
from patients_of_any_kind import anyone
from strategies import BASES
from test_manners import HARMLESS, HOSTILE

Call = Callable[..., tuple[int, str, str]]
Data = dict[str, Any]
KNOWLEDGE = shipped_knowledge()
EXAMPLE = "examples/ivig-start.yaml"
TEXT = (ROOT / EXAMPLE).read_text(encoding="utf-8")
CLOSED = ("contraindicated", "exhausted", "declined", "not_feasible")
FORMATS = ("text", "json", "yaml", "markdown", "mermaid")


def example(name: str) -> Case:
    data = yamlfile.parse((ROOT / "examples" / f"{name}.yaml").read_text(encoding="utf-8"), name).data
    return as_case(data, KNOWLEDGE)


@cache
def named(name: str) -> Case:
    """A base of the case files, or an example, as a case."""
    return as_case(BASES[name], KNOWLEDGE) if name in BASES else example(name)


def shown(name: str, form: str = "text", depth: int = 2, width: int = 100) -> str:
    return render("roadmap", form, tree(name, depth), KNOWLEDGE, View(width))


@cache
def tree(name: str, depth: int = 2) -> Roadmap:
    return roadmap(named(name), KNOWLEDGE, depth=depth)


def nodes(node: RoadNode, path: tuple[RoadNode, ...] = ()) -> Iterator[tuple[RoadNode, ...]]:
    """Every node of a tree as the path that leads to it, itself the last."""
    here = (*path, node)
    yield here
    for branch in node.branches:
        yield from nodes(branch.node, here)


def steps(case: Case, made: Plan, node: RoadNode) -> Iterator[tuple[Case, Plan, RoadNode]]:
    """Every node below one, each with its hypothetical case and that case's plan, made anew."""
    for branch in node.branches:
        day = date.fromisoformat(branch.judged_on)
        then = hypothetical(case, made, branch.therapy, day, branch.response, KNOWLEDGE)
        answer = plan(then, KNOWLEDGE)
        yield then, answer, branch.node
        yield from steps(then, answer, branch.node)


def first_line(made: Plan) -> tuple[Any, ...]:
    told = (made.next.therapy, made.next.action, made.next.name, made.next.line) if made.next else None
    actions = tuple((a.action, a.therapy, a.text) for a in made.actions)
    return made.as_of, made.start, made.status, made.status_because[0].text, told, actions


def of_node(node: RoadNode) -> tuple[Any, ...]:
    told = (node.next.therapy, node.next.action, node.next.name, node.next.line) if node.next else None
    return node.as_of, node.start, node.status, node.status_text, told, tuple((a.action, a.therapy, a.text) for a in node.actions)


# --- the planner's own answers


def test_the_first_step_is_the_plan_and_every_branch_leads_to_its_day() -> None:
    for document in anyone()[:: each(8)]:
        case = as_case(document, KNOWLEDGE)
        made, road = plan(case, KNOWLEDGE), roadmap(case, KNOWLEDGE, depth=1)
        *told, asked = of_node(road.root)
        *planned, said = first_line(made)
        assert told == planned, document
        # The road tells what a result asks for without its value and what is held beside, which a plan tells around it.
        assert [a[:2] for a in asked] == [a[:2] for a in said]
        assert all(short in long for (*_, short), (*_, long) in zip(asked, said, strict=True)), document
        assert (road.case_id, road.as_of, road.depth) == (made.case_id, made.as_of, 1)
        mine = [i.date for i in made.schedule if made.next and i.therapy == made.next.therapy]
        assert not mine or min(mine) == road.root.start
        for *_, node in nodes(road.root):
            assert [b.response for b in node.branches] in ([], list(RESPONSES))
            assert all(b.node.as_of == b.judged_on >= node.as_of for b in node.branches)


@pytest.mark.parametrize("name", ["ivig-start", "untreated"])
def test_every_node_is_the_plan_of_its_hypothetical_case(name: str) -> None:
    case = named(name)
    count = 0
    for _, answer, node in steps(case, plan(case, KNOWLEDGE), tree(name).root):
        count += 1
        assert of_node(node) == first_line(answer)
        if node.next:
            option = next(o for o in answer.options if o.therapy == node.next.therapy)
            assert option.status not in CLOSED
            assert node.next.therapy not in case.declined
    assert count == sum(1 for _ in nodes(tree(name).root)) - 1
    assert count >= 4


@pytest.mark.parametrize("name", ["ivig-start", "untreated"])
def test_what_is_shared_is_what_would_be_computed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = tree(name)
    walk = dmcli.roadmap.roadmap._Walk
    monkeypatch.setattr(dmcli.roadmap.roadmap, "_Walk", lambda *args, **others: walk(*args, **others, share=False))
    assert as_data(roadmap(named(name), KNOWLEDGE, depth=2)) == as_data(shared)


def test_what_was_not_tolerated_never_comes_back() -> None:
    def look(node: RoadNode, gone: frozenset[str]) -> None:
        assert node.next is None or node.next.therapy not in gone
        for branch in node.branches:
            look(branch.node, gone | {branch.therapy} if branch.response == "not_tolerated" else gone)

    for name in ("ivig-start", "untreated"):
        look(tree(name).root, frozenset())


@pytest.mark.parametrize("depth", [1, 2])
def test_the_depth_is_the_number_of_lines_that_are_followed(depth: int) -> None:
    for name in ("ivig-start", "untreated"):
        found = [[n for n in path if n.next] for path in nodes(tree(name, depth).root)]
        assert max(len(new) for new in found) == depth + 1
        for new, path in zip(found, nodes(tree(name, depth).root), strict=True):
            assert path[-1].cut is (len(new) == depth + 1 and path[-1].next is not None)
            assert not (path[-1].cut and path[-1].branches)


def test_a_partial_response_is_judged_again_before_it_costs_a_line() -> None:
    road = tree("ivig-start", 1).root
    then = {b.response: b.node for b in road.branches}
    again = then["partial"]
    assert (again.status, again.next, again.cut) == ("continue_current", None, False)
    assert {b.therapy for b in again.branches} == {"ivig"}
    first, second = (date.fromisoformat(n.branches[0].judged_on) for n in (road, again))
    assert (second - first).days == 12 * 7
    later = {b.response: b.node for b in again.branches}
    assert {r: (n.next.therapy, n.next.action) for r, n in later.items() if n.next} == {
        "none": ("mmf", "switch"), "partial": ("mmf", "add"), "not_tolerated": ("mmf", "start"),
    }  # fmt: skip
    for complete in (then["complete"], later["complete"]):
        assert [a.action for a in complete.actions] == ["extend_interval"]
        assert complete.branches == ()


def test_a_therapy_that_runs_is_the_first_line() -> None:
    course = {"therapy": "ivig", "start": "-6w", "given": [{"date": d, "dose": "70 g"} for d in ("-42d", "-41d", "-14d", "-13d")]}
    data = BASES["refractory"] | {"treatments": [*BASES["refractory"]["treatments"], course]}
    road = roadmap(as_case(data, KNOWLEDGE), KNOWLEDGE, depth=1)
    assert (road.root.status, road.root.next) == ("continue_current", None)
    assert {(b.therapy, b.judged_on) for b in road.root.branches} == {("ivig", "2027-01-12")}
    ends = {b.response: b.node for b in road.root.branches}
    assert ends["none"].next is not None
    assert (ends["none"].next.therapy, ends["none"].cut) == ("mmf", True)
    data["treatments"][-1] = course | {"outcome": "near_complete"}
    assert roadmap(as_case(data, KNOWLEDGE), KNOWLEDGE).root.branches == ()


def test_a_depth_out_of_bounds_is_refused(dmcli: Call) -> None:
    for depth in (0, DEEPEST + 1):
        with pytest.raises(ValueError, match="not within 1 to 5"):
            roadmap(named("bare"), KNOWLEDGE, depth=depth)
        code, out, err = dmcli("roadmap", EXAMPLE, "--depth", str(depth))
        assert (code, out) == (2, "")
        assert "--depth" in err


def test_where_nothing_is_to_be_judged_the_road_ends() -> None:
    base = "as_of: 2026-12-01\npatient: {age: 45, sex: female}\ndisease: {skin_active: true}\n"
    running = "treatments: [{therapy: tofacitinib, start: -8w}]\n"
    assert roadmap(as_case(yamlfile.parse(base + running, "").data, KNOWLEDGE), KNOWLEDGE, depth=1).root.branches
    base += running
    for text in ("as_of: 2026-12-01\npatient: {age: 17}\n", base + "facts: {dysphagia: true}\n"):
        road = roadmap(as_case(yamlfile.parse(text, "").data, KNOWLEDGE), KNOWLEDGE)
        assert road.root.next is None
        assert (road.root.branches, road.root.cut) == ((), False)


def test_a_start_and_a_short_horizon_change_no_answer() -> None:
    start = date(2026, 12, 15)
    later = roadmap(named("ivig-start"), KNOWLEDGE, depth=1, start=start, horizon_weeks=2)
    assert later.root.start == "2026-12-15"
    plain = tree("ivig-start", 1).root
    assert [b.node.next for b in later.root.branches] == [b.node.next for b in plain.branches]
    moved = [date.fromisoformat(b.judged_on) - timedelta(days=14) for b in later.root.branches]
    assert moved == [date.fromisoformat(b.judged_on) for b in plain.branches]


def test_the_reading_is_kept_on_the_way() -> None:
    text = "as_of: 2026-12-01\npatient: {age: 45, sex: female, weight_kg: 70}\ndisease: {skin_active: true}\n"
    case = as_case(yamlfile.parse(text, "").data, KNOWLEDGE)
    both, either = (roadmap(case, KNOWLEDGE, depth=1, reading=r) for r in ("both", "either"))
    lines = [
        next(b.node.next.line for b in r.root.branches if b.response == "not_tolerated" and b.node.next) for r in (both, either)
    ]
    assert lines[0] == "conventional"
    assert lines[1] != "conventional"


# --- the hypothetical patient


def after(case: Case, response: Any, weeks: int = 12) -> Case:
    made = plan(case, KNOWLEDGE)
    assert made.next is not None
    day = date.fromisoformat(made.start) + timedelta(weeks=weeks)
    return hypothetical(case, made, made.next.therapy, day, response, KNOWLEDGE)


def test_what_the_schedule_holds_was_given_up_to_the_day_before() -> None:
    case = after(example("ivig-start"), "none")
    course = case.courses[-1]
    assert (course.therapy, course.indication, course.outcome, course.running) == ("ivig", "skin", "inadequate", True)
    days = [g.day.first.isoformat() for g in course.given]
    assert days == ["2026-12-01", "2026-12-02", "2026-12-29", "2026-12-30", "2027-01-26", "2027-01-27"]
    assert {g.dose.amount for g in course.given if g.dose} == {70_000}
    steps_ = after(example("mmf-start"), "none", 13).courses[-1]
    assert [(s.day.first.isoformat()[5:], s.dose.text) for s in steps_.steps if s.dose] == [
        ("12-01", "500 mg twice daily"), ("12-15", "1000 mg twice daily"), ("12-29", "1500 mg twice daily"),
    ]  # fmt: skip
    assert steps_.dose == steps_.steps[-1].dose


def test_a_course_counts_where_its_dose_could_not_be_computed() -> None:
    text = re.sub(r"weight_kg: 70, ", "", TEXT)
    course = after(as_case(yamlfile.parse(text, "").data, KNOWLEDGE), "none").courses[-1]
    assert [g.dose for g in course.given] == [None] * 6
    case = roadmap(as_case(yamlfile.parse(text, "").data, KNOWLEDGE), KNOWLEDGE, depth=1)
    assert case.root.branches[0].node.next is not None


def test_not_tolerated_is_stopped_that_day_as_an_agent() -> None:
    case = after(example("ivig-start"), "not_tolerated")
    course = case.courses[-1]
    assert (course.outcome, course.scope, course.stop_reason, course.running) == ("intolerance", "agent", "intolerance", False)
    assert course.stop is not None
    assert course.stop.first == case.as_of


def test_a_taper_that_is_over_has_ended_its_therapy() -> None:
    mmf = {"therapy": "mmf", "start": "-30w", "dose": "1.5 g twice daily", "outcome": "near_complete"}
    mtx = {"therapy": "methotrexate", "start": "-60w", "dose": "10 mg weekly", "outcome": "inadequate"}
    case = as_case(BASES["refractory"] | {"treatments": [BASES["refractory"]["treatments"][0], mtx, mmf]}, KNOWLEDGE)
    made = plan(case, KNOWLEDGE)
    end = next(date.fromisoformat(p.until) for p in made.regimen if p.therapy == "methotrexate" and p.until)
    for day, running in ((end, True), (end + timedelta(days=1), False)):
        course = hypothetical(case, made, "mmf", day, "partial", KNOWLEDGE).courses[1]
        assert (course.therapy, course.running) == ("methotrexate", running)
        assert [s.dose.amount for s in course.steps if s.dose] == [10, 7.5, 5, 2.5]


def test_facts_keep_their_age_and_scores_are_left_out() -> None:
    case = example("ivig-start")
    then = after(case, "partial")
    assert {"cdasi_activity", "itch"} <= set(case.stated)
    assert not {"cdasi_activity", "cdasi_damage", "itch"} & set(then.stated)
    for name in set(then.stated) - {"skin_active"}:
        for old, new in zip(case.stated[name], then.stated[name], strict=True):
            assert new.value == old.value
            assert (new.day is None) is (old.day is None)
            assert old.day is None or new.day is None or then.as_of - new.day.first == case.as_of - old.day.first


def test_only_a_complete_response_makes_the_skin_quiet() -> None:
    for response, active in (("none", True), ("partial", True), ("complete", False), ("not_tolerated", True)):
        assert after(example("ivig-start"), response).stated["skin_active"][-1].value is active


# --- on paper


def test_every_format_is_written_from_a_file_and_from_stdin(dmcli: Call) -> None:
    for form in FORMATS:
        code, out, err = dmcli("roadmap", EXAMPLE, "--format", form, "--depth", "1")
        assert (code, err) == (0, "")
        assert out.endswith("\n")
        assert "immunoglobulin" in out
        if form in ("text", "mermaid"):
            assert dmcli("--format", form, "roadmap", "-", "--depth", "1", stdin=TEXT) == (0, out, "")


def test_one_line_is_followed_where_nothing_else_is_said(dmcli: Call) -> None:
    data = json.loads(dmcli("roadmap", EXAMPLE, "-f", "json")[1])
    assert (data["schema"], data["depth"]) == ("dmcli.roadmap/1", 1)
    assert data == as_data(tree("ivig-start", DEPTH)) | {"knowledge": data["knowledge"]}
    assert yamlfile.parse(shown("ivig-start", "yaml"), "").data == as_data(tree("ivig-start"))


def test_sign_off_is_told_where_somebody_has_to_agree_and_not_for_what_is_seen_to() -> None:
    beside = {"therapy": "ivig", "dose": "2 g/kg every 4 weeks", "start": "2026-03-03", "outcome": "partial"}
    failed = {"therapy": "mmf", "dose": "1.5 g twice daily", "weeks": 26, "outcome": "inadequate"}
    base = BASES["refractory"]
    agreed = as_case({**base, "treatments": [*base["treatments"], failed, beside]}, KNOWLEDGE)
    told = [roadmap(case, KNOWLEDGE).root for case in (agreed, named("ivig-start"), named("refractory"))]
    assert [node.next.therapy for node in told if node.next] == ["tofacitinib", "ivig", "ivig"]
    assert [node.sign_off for node in told] == [True, False, False]


def test_one_line_is_a_table_with_a_row_for_each_response(dmcli: Call) -> None:
    _, out, err = dmcli("roadmap", EXAMPLE)
    assert err == ""
    rows = re.findall(r"^  ([NPC][a-z]+ [a-z]+) {2,}(.+)$", out, re.MULTILINE)
    assert [label for label, _ in rows] == ["No response", "Partial response", "Complete response", "Not tolerated"]
    assert "Judged on Tue 2027-02-23." in " ".join(out.partition("STEP BY STEP")[0].split())
    quiet = json.dumps(yamlfile.parse(TEXT, "").data | {"disease": {"skin_active": False}, "scores": []})
    _, out, _ = dmcli("roadmap", "-", stdin=quiet)
    assert "No day of judgement lies ahead." in out
    assert "No response" not in out


def test_a_terminal_is_told_how_many_plans_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from dmcli.cli import working

    said: list[str] = []
    monkeypatch.setattr(working, "tell", said.append)
    for heard in (False, True):
        monkeypatch.setattr(working, "on_terminal", lambda heard=heard: heard)
        monkeypatch.setattr(working, "_SECONDS", 0)
        with working.Working(False, "plans") as counter:
            roadmap(named("ivig-start"), KNOWLEDGE, made=counter.step)
        assert (said[-1:] == ["\r\x1b[K"]) is heard
    assert "\r\x1b[Kplans: 2" in said
    with working.Working(True, "plans") as counter:
        counter.step()
    assert said[-1] == "\r\x1b[K"


def test_flags_alone_make_a_road(dmcli: Call) -> None:
    code, out, err = dmcli("roadmap", "--age", "45", "--fact", "skin_active=yes", "--as-of", "2026-12-01", "--depth", "1")
    assert (code, err) == (0, "")
    assert "2026-12-01" in out
    code, out, err = dmcli("roadmap")
    assert (code, out) == (2, "")
    assert "dmcli roadmap --help" in err
    assert dmcli("roadmap", EXAMPLE, "--start", "2026-11-30")[:2] == (2, "")
    assert dmcli("roadmap", EXAMPLE, "--weight", "11 stone")[:2] == (3, "")


def test_mermaid_is_for_the_roadmap_only(dmcli: Call) -> None:
    for args in (["plan", EXAMPLE], ["therapy"], ["evidence"], ["facts"], ["check"], ["case", "check", EXAMPLE]):
        for line in (["--format", "mermaid", *args], *([[*args, "-f", "mermaid"]] if args[0] != "case" else [])):
            code, out, err = dmcli(*line)
            assert (code, out) == (2, "")
            assert "roadmap" in err


BOX = re.compile(r'^  (n[0-9]+)\["([^"\[\]`]*)"\]$')
ARROW = re.compile(r'^  (n[0-9]+) -(?:-|\.-)>\|"([^"|`]*)"\| (n[0-9]+)$')


@pytest.mark.parametrize("name", ["ivig-start", "untreated"])
def test_mermaid_is_a_flowchart_with_a_name_for_each_box(name: str) -> None:
    first, *lines = shown(name, "mermaid").splitlines()
    assert first == "flowchart TD"
    boxes = [m[1] for m in map(BOX.match, lines) if m]
    arrows = [(m[1], m[3]) for m in map(ARROW.match, lines) if m]
    assert len(boxes) + len(arrows) == len(lines)
    assert len(set(boxes)) == len(boxes) > 4
    assert {n for arrow in arrows for n in arrow} == set(boxes)
    assert len([line for line in lines if "-->" in line]) == len(boxes) - 1


def test_text_from_a_case_is_no_markup(dmcli: Call) -> None:
    evil = 'x"] --> y; click n0 "javascript:1" %%{init: {}}%% <script>`#quot;\\'
    for ident in (HOSTILE, evil):
        case = yamlfile.parse(TEXT, "").data | {"id": ident}
        for form in ("text", "markdown", "mermaid"):
            code, out, err = dmcli("roadmap", "-", "--format", form, "--depth", "1", stdin=json.dumps(case))
            assert (code, err) == (0, "")
            assert not HARMLESS.search(out)
            assert not any(line.startswith(("# Heading", "- item |")) for line in out.splitlines())
            if form == "mermaid":
                assert all(BOX.match(line) or ARROW.match(line) for line in out.splitlines()[1:])
                assert all(line.count('"') == 2 for line in out.splitlines()[1:])
                assert "<script" not in out


def test_text_keeps_to_the_width_in_plain_characters() -> None:
    for width in (60, 80, 120):
        text = shown("ivig-start", width=width)
        assert max(map(len, text.splitlines())) <= width
        assert text.isascii()


@pytest.mark.parametrize("name", ["ivig-start", "untreated"])
def test_what_comes_twice_is_told_once_and_pointed_at(name: str) -> None:
    text = " ".join(shown(name, "markdown").split())
    pointed = set(re.findall(r"under \(([0-9]+)\)", text))
    numbers = re.findall(r"- \(([0-9]+)\) ", text)
    assert numbers == [str(n) for n in range(1, len(pointed) + 1)]
    assert set(numbers) == pointed
    assert " ".join(shown("ivig-start", "markdown").split()).count("Then as under (1), 12 weeks later.") == 1


def test_what_was_told_of_a_later_day_comes_earlier() -> None:
    failed = [{"therapy": t, "outcome": "intolerance"} for t in ("ivig", "mmf")]
    running = {"therapy": "tofacitinib", "start": "-8w", "dose": "11 mg daily"}
    data = BASES["refractory"] | {"treatments": [*BASES["refractory"]["treatments"], *failed, running]}
    road = roadmap(as_case(data, KNOWLEDGE), KNOWLEDGE, depth=2)
    text = " ".join(render("roadmap", "markdown", road, KNOWLEDGE, View(80)).split())
    assert "Then as under (1), 12 weeks later." in text
    assert "Then as under (2), 12 weeks earlier." in text


def test_two_branches_with_one_answer_are_one() -> None:
    first = shown("ivig-start", "markdown").split("## ")[1].splitlines()[3]
    assert first.startswith("  - (1) **No response / not tolerated**: Mycophenolate mofetil - ")


def test_the_same_case_gives_the_same_bytes() -> None:
    first = run("roadmap", EXAMPLE, "-f", "mermaid", "--depth", "1", PYTHONHASHSEED="0")
    assert first.returncode == 0
    assert run("roadmap", EXAMPLE, "-f", "mermaid", "--depth", "1", PYTHONHASHSEED="4242").stdout == first.stdout
