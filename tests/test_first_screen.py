"""The default answer of `dmcli plan`: one screen for every patient, complete, in order, and nothing said twice."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import takewhile

import pytest

from conftest import AS_OF, ROOT, as_case, each, plan_of, shipped_knowledge
from dmcli import yamlfile
from dmcli.case.read import read_case
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.render.registry import View, render
from dmcli.render.screen.before import asked
from dmcli.render.screen.columns import cells, packed, wrapped
from dmcli.render.screen.limits import _limits as limits_of
from dmcli.render.screen.paper import lines_of
from dmcli.render.screen.screen import first_screen
from dmcli.render.screen.urgent import sends, urgent_block
from dmcli.render.screen.voice import NO_RATES, SHORTEST, Voice
from dmcli.result.plan import Plan
from expectations import merged
from test_cases import BASES, CASES, planned

MOST_LINES, FIRST = 40, 12
# Where much is urgent the title tells the answer that has no day yet.
CLEARED = "ONCE CLEARED"
PATIENTS = [entry["name"] for _, entry in CASES] + [path.name for path in sorted((ROOT / "examples").glob("*.yaml"))]


@cache
def plan_for(number: int) -> Plan:
    if number < len(CASES):
        return planned(number, shipped_knowledge())
    text = (ROOT / "examples" / PATIENTS[number]).read_text(encoding="utf-8")
    case = read_case(yamlfile.parse(text, PATIENTS[number]), shipped_knowledge(), AS_OF, AS_OF)
    return plan(case, shipped_knowledge())


def screen(number: int, width: int = 80) -> str:
    return _screen(number, width)


# Behind a function that fills in the width: a cache would keep `screen(7)` and `screen(7, 80)` apart.
@cache
def _screen(number: int, width: int) -> str:
    return shown(plan_for(number), width)


def shown(made: Plan, width: int = 80, color: bool = False) -> str:
    return render("screen", "text", made, shipped_knowledge(), View(width, color))


def one_line(text: str) -> str:
    """The screen as it is read aloud, without its line breaks and its boxes to tick."""
    return " ".join(text.replace("[ ]", "").split()).lower()


def patients() -> Iterator[tuple[str, Plan, str]]:
    for number, name in enumerate(PATIENTS):
        yield name, plan_for(number), screen(number)


@cache
def little_stated() -> list[tuple[str, Plan, str]]:
    """Patients of whom only what their case is about is stated: neither sex nor age, no red flag, nothing denied."""
    found = []
    for _, entry in CASES[:: each(9)]:
        if "options" not in entry:
            made = plan_of(
                merged({**BASES[entry.get("base", "refractory")], "facts": {}}, entry.get("case") or {}), shipped_knowledge()
            )
            found.append((entry["name"], made, shown(made)))
    return found


def test_everyone_of_whom_little_is_stated_has_one_screen_with_all_that_blocks_and_the_answer_first() -> None:
    for name, made, text in little_stated():
        voice, told = Voice(made, shipped_knowledge(), 2), one_line(text)
        assert len(text.splitlines()) <= MOST_LINES, name
        assert max(map(cells, text.splitlines())) <= 80, name
        for item in made.before_starting:
            # Where room is shortest, of what is to be agreed to the first sentence is told.
            what = asked(item, shipped_knowledge())
            what = what.partition(". ")[0] if item.kind == "confirm" else what
            assert not item.blocks or one_line(voice.short(what)).rstrip(".") in told, (name, what)
        assert all(u.therapy is None or voice.name(u.therapy).lower() in told for u in made.urgent), name
        # Each judgement that has a day says what its answers lead to.
        judged = re.findall(r"\d: JUDGE ", one_line_as_is(text))
        assert len(judged) == len(re.findall("complete: ", one_line(text.partition("\nDATES")[2]))), name
        answer = "GIVE " if made.next is not None else "! "
        # Of whom little is stated more has to be asked first.
        lines = text.splitlines()
        # What is urgent of six drugs fills the first lines alone; the title tells the answer before it.
        urgent = sum(line.startswith(("! ", "  ")) and not line.startswith("   ") for line in lines)
        titled = made.next is not None and urgent > FIRST and voice.name(made.next.therapy).upper() in lines[0]
        assert any(line.startswith(answer) for line in lines[1 : FIRST + 1]) or CLEARED in lines[0] or titled, name


def test_what_makes_room_is_left_out_in_its_order() -> None:
    """Boxes, then later days of tests, what comes instead, what is only to be agreed, rates, and last the limits."""
    longest = max(little_stated(), key=lambda patient: len(first_screen_at(patient[1], 2)))[1]
    lengths = [len(first_screen_at(longest, depth)) for depth in range(2, SHORTEST - 1, -1)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] > MOST_LINES >= lengths[-1]
    least, before = ("\n".join(first_screen_at(longest, depth)) for depth in (SHORTEST, SHORTEST + 1))
    assert "LIMITS   What holds or stops a drug, rates, and what comes instead: --full." in least
    assert "INSTEAD" not in least
    assert "LIMITS   What" not in before
    assert "INSTEAD  If declined: " in before
    assert "[ ]" not in before
    assert "First tests: " in before


def test_what_a_harm_tells_beside_a_limit_stands_on_every_screen_and_in_the_whole_plan() -> None:
    """Also where a limit has the same result, and where room is shortest."""
    always = {rule.id: rule.text for harm in shipped_knowledge().toxicities.values() for rule in harm.always}
    found = dict[str, int]()
    for name, made, _ in patients():
        for rule in {reason.rule for item in made.urgent for reason in item.because if reason.rule in always}:
            found[rule or ""] = found.get(rule or "", 0) + 1
            said = one_line(always[rule or ""])
            for depth in range(2, SHORTEST - 1, -1):
                assert said in one_line("\n".join(first_screen_at(made, depth))), (name, depth)
            assert said in one_line(render("plan", "text", made, shipped_knowledge(), View(80))), name
    assert found.keys() == always.keys()
    assert min(found.values()) > 2


def first_screen_at(made: Plan, depth: int) -> list[str]:
    return lines_of(first_screen(made, shipped_knowledge(), depth), 80, False)


def test_every_patient_has_one_screen() -> None:
    too_long = {name: len(text.splitlines()) for name, _, text in patients() if len(text.splitlines()) > MOST_LINES}
    assert not too_long
    assert sorted(len(text.splitlines()) for _, _, text in patients())[len(PATIENTS) // 2] < 30


# What cannot be broken is too wide for a narrow screen first, so the wide one looks at every fourth patient.
@pytest.mark.parametrize(("width", "every"), [(60, 1), (80, 1), (120, 4)])
def test_nothing_is_wider_than_the_screen(width: int, every: int) -> None:
    chosen = range(0, len(PATIENTS), every)
    wide = [PATIENTS[number] for number in chosen if max(map(cells, screen(number, width).splitlines())) > width]
    assert not wide


def test_no_citation_level_or_word_of_the_program_is_on_it() -> None:
    knowledge = shipped_knowledge()
    ids = {source for source in knowledge.sources.sources if "-" in source or source[:1].isupper()}
    assert all(re.fullmatch(r"[\w-]+", source) for source in ids), "they are looked for among the words"
    odd = re.compile(r"\[[^ \]]|\b(?:this tool|tool default|planner|unverified|[a-z]+_[a-z_]+)\b")
    cited = {name: ids.intersection(re.findall(r"[\w-]+", text)) for name, _, text in patients()}
    assert not {name: sources for name, sources in cited.items() if sources}
    assert not {name: hit[0] for name, _, text in patients() if (hit := odd.search(text))}


def test_it_is_plain_text_with_a_word_beside_each_sign() -> None:
    for name, _, text in patients():
        assert not re.search("[\u2500-\u257f\x1b\ue000\u00a0]", text), name
        marks = [line for line in text.splitlines() if line.startswith("!")]
        assert all(re.match(r"! [A-Z]{2,} ?", mark) for mark in marks), name


def test_title_patient_and_end_frame_it() -> None:
    for name, made, text in patients():
        lines = text.splitlines()
        assert re.match(r"[A-Z0-9]", lines[0]), name
        assert any(made.as_of in line for line in lines[:2]), name
        foot = one_line(" ".join(lines[-3:]))
        assert all(part in foot for part in (made.valid_until, made.knowledge.version, "decision support", "--full")), name
        head, voice = " ".join(lines[:8]), Voice(made, shipped_knowledge(), 2)
        assert all(voice.name(taken.therapy) in one_line_as_is(text) for taken in made.patient.running), name
        assert re.search(r"\b([FM]\b|Not given: sex)|Not given: .*\bsex\b", head), name


def one_line_as_is(text: str) -> str:
    return " ".join(text.split())


def test_every_stop_hold_and_obstacle_is_on_it_before_anything_else() -> None:
    for name, made, text in patients():
        voice = Voice(made, shipped_knowledge(), 2)
        urgent = one_line(text.partition("\nGIVE")[0].partition("\nTODAY")[0].partition("\nWHY")[0])
        for item in made.urgent:
            if item.therapy is not None:
                assert voice.name(item.therapy).lower() in urgent, (name, item.text)
            else:
                assert one_line(voice.short(item.text)).rstrip(".") in urgent, (name, item.text)
        for item in made.before_starting:
            if item.kind == "known":
                assert one_line(voice.short(item.what)).rstrip(".") in urgent, (name, item.what)


def test_contraception_that_is_not_stated_is_asked_before_the_next_dose() -> None:
    seen = 0
    for name, made, text in patients():
        if any(warning.code == "contraception_not_stated" for warning in made.warnings):
            urgent = one_line(text.partition("\nGIVE")[0].partition("\nTODAY")[0].partition("\nWHY")[0])
            assert re.search("! ask today (contraception|childbearing potential) not stated", urgent), name
            assert len(re.findall("(Contraception|Childbearing potential) not stated", one_line_as_is(text))) == 1, name
            seen += 1
    assert seen


def test_everything_the_first_dose_waits_for_is_on_it() -> None:
    for name, made, text in patients():
        voice, told = Voice(made, shipped_knowledge(), 2), one_line(text)
        # Where room is short, what holds no dose back is left to the whole plan, and that is said.
        short = one_line(voice.say("before_elsewhere")) in told
        needed = [b for b in made.before_starting if b.blocks or b.kind != "confirm" or not short]
        # Among others in a row a second sentence stands in brackets.
        parts = [(b, part) for b in needed for part in one_line(voice.short(asked(b, shipped_knowledge()))).split(". ")]
        missing = [b.what for b, part in parts if part.rstrip(".") not in told]
        assert not missing, name


def test_the_answer_stands_within_the_first_lines() -> None:
    for name, made, text in patients():
        head = one_line(" ".join(text.splitlines()[:FIRST]))
        voice = Voice(made, shipped_knowledge(), 2)
        mine = [i for i in made.schedule if made.next is not None and i.therapy == made.next.therapy and not i.hold_point]
        if made.next is not None and not any(b.kind == "known" for b in made.before_starting):
            assert f"{voice.name(made.next.therapy)} from".lower() in head, name
            assert (mine[0].date if mine else made.start) in head, name
        elif made.next is not None:
            assert "undated" in head or CLEARED in text.splitlines()[0], name
        else:
            assert any(word in head for word in ("today ", "why ", "! ")), name


def test_a_first_dose_that_waits_for_a_result_is_not_promised_for_a_day() -> None:
    seen = 0
    for name, made, text in patients():
        waits = any(b.blocks and b.kind == "order" for b in made.before_starting)
        dated = made.next is not None and not any(b.kind == "known" for b in made.before_starting)
        assert ("at the earliest, after results" in one_line(text)) is (waits and dated), name
        seen += waits and dated
    assert seen


def test_a_dose_that_a_result_of_today_holds_back_says_so() -> None:
    seen = 0
    for name, made, text in patients():
        settled = shipped_knowledge().say("waits_limit", text="")
        held = [i for i in made.schedule if i.dose_text and any(c.startswith(settled) for c in i.conditional_on)]
        told = one_line(text)
        if held and f": {Voice(made, shipped_knowledge(), 2).name(held[0].therapy)} {held[0].dose_text}".lower() in told:
            assert "before the result above is in order" in told, name
            seen += 1
    assert seen


def test_each_limit_names_its_drugs_and_none_that_is_stopped_today() -> None:
    """A figure stands with the drugs that it stops or holds, and with no other."""
    limits = shipped_knowledge().limits.limits
    for name, made, text in patients():
        voice = Voice(made, shipped_knowledge(), 2)
        block = one_line(text.partition("\nLIMITS")[2].partition("\nINSTEAD")[0].partition("\nSKIN")[0].partition("\ncase ")[0])
        block = block.replace(voice.say("elsewhere").lower(), "")
        names = {voice.name(t).lower(): t for t in limits}
        stopped = {u.therapy for u in made.urgent if u.action == "stop"}
        for tier, drugs in re.findall(r"\b(stop|hold) ([a-z][^:;.<]*):", block):
            for drug in drugs.split(", "):
                assert drug in names, (name, tier, drug)
                assert names[drug] not in stopped, (name, drug)
                assert any(applied.limit.tier == tier for applied in limits[names[drug]]), (name, drug)


def test_no_figure_of_a_limit_is_lost_where_the_limits_are_told() -> None:
    """A figure that stops at the test that holds stands in brackets there; none goes missing on the way."""
    seen = 0
    for name, made, text in patients():
        voice = Voice(made, shipped_knowledge(), 2)
        block = one_line(text.partition("\nLIMITS")[2].partition("\nINSTEAD")[0].partition("\nSKIN")[0].partition("\ncase ")[0])
        if not block or one_line(voice.say("elsewhere")) in block:
            continue
        stopped = {u.therapy for u in made.urgent if u.action == "stop"}
        for (tier, who), results in limits_of(voice).items():
            assert not stopped & set(who), name
            figures = [figure for result in results for figure in re.findall(r"[<>]=? [\d.]+", result)]
            assert all(figure in block for figure in figures), (name, tier, figures)
            seen += len(figures)
    assert seen


def test_limits_take_two_lines_and_begin_with_the_next_therapy() -> None:
    first = 0
    for name, made, text in patients():
        block = text.partition("\nLIMITS   ")[2].splitlines()
        assert sum(1 for _ in takewhile(lambda line: line.startswith("  "), block[1:])) <= 1, name
        if (
            block
            and made.next is not None
            and any(made.next.therapy in who for _, who in limits_of(Voice(made, shipped_knowledge(), 2)))
        ):
            first += 1
            drugs = re.match("(?:STOP|HOLD) ([^:]+):", block[0])
            assert drugs is None or Voice(made, shipped_knowledge(), 2).name(made.next.therapy) in drugs[1].split(", "), name
    assert first


def test_limits_begin_with_the_drug_whose_dose_goes_up() -> None:
    seen = 0
    for name, made, text in patients():
        risen = {item.therapy for item in made.actions if item.action == "step_up"} if made.next is None else set()
        if risen & {therapy for _, who in limits_of(Voice(made, shipped_knowledge(), 2)) for therapy in who}:
            block = text.partition("\nLIMITS   ")[2]
            names = [Voice(made, shipped_knowledge(), 2).name(therapy or "") for therapy in risen]
            drugs = re.match("(?:STOP|HOLD) ([^:]+):", block)
            assert drugs is None or any(drug in drugs[1].split(", ") for drug in names), name
            seen += 1
    assert seen


def test_where_limits_are_cut_what_holds_a_drug_stands_for_what_stops_it_at_the_same_test(knowledge: Knowledge) -> None:
    course = {"therapy": "methotrexate", "dose": "15 mg weekly", "start": "2026-10-06"}
    block = one_line(shown(plan_of({"treatments": [course]}, knowledge)).partition("\nLIMITS")[2])
    assert "neutrophils < 1.5" in block
    assert "< 0.5" not in block
    assert "cells: 10^9/l. more: --full." in block
    beside = {"therapy": "mmf", "dose": "1.5 g twice daily", "start": "2026-10-06"}
    block = one_line(shown(plan_of({"treatments": [course, beside]}, knowledge)).partition("\nLIMITS")[2])
    # At the stricter figure of one drug what shares its risk is held with it.
    assert re.match("hold (mtx, mmf|mmf, mtx): neutrophils < 1.5; platelets < 100;", block)


def test_a_repeat_on_a_day_of_routine_tests_is_told_once() -> None:
    seen = 0
    for name, _, text in patients():
        block = " ".join(text.partition("\nDATES")[2].partition("\nLIMITS")[0].split())
        lines = re.split(r" (?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4})", block)
        for again in [line for line in lines if " again (" in line]:
            seen += 1
            day, tests = re.findall(r"(\S+): (.*) again \(", again)[0]
            days = [line for line in lines if line != again and day in line.partition(": ")[0] and "JUDGE" not in line]
            told = {test for line in days for test in line.partition(": ")[2].split(", ")}
            assert not told & set(tests.split(", ")), (name, again, days)
    assert seen


def test_the_reader_is_sent_to_another_prescriber_only_for_what_is_not_of_the_skin(knowledge: Knowledge) -> None:
    course = {"therapy": "methotrexate", "dose": "20 mg weekly", "start": "2026-01-01"}
    base = {"as_of": "2026-12-01", "patient": {"age": 50, "weight_kg": 60}, "disease": {"skin_active": True}}
    case = {**base, "labs": [{"date": "2026-11-30", "egfr": 25}]}
    told = [shown(plan_of({**case, "treatments": [{**course, **more}]}, knowledge)) for more in ({}, {"indication": "other"})]
    assert ["TELL ITS PRESCRIBER" in text for text in told] == [False, True]
    assert all("Creatinine clearance < 30 mL/min: stop MTX" in " ".join(text.split()) for text in told)


def test_what_makes_a_sign_off_necessary_is_named_on_the_shortest_screen() -> None:
    seen = 0
    for name, made, _ in patients():
        # What is held or stopped today says so before who agrees to its return.
        paused = {u.therapy for u in made.urgent if u.action != "refer"}
        for item in made.urgent:
            agreed = "sign-off" in item.text
            if agreed and item.therapy not in {None, *paused} and item.because:
                voice = Voice(made, shipped_knowledge(), -4)
                least = one_line(" ".join(row.text for row in urgent_block(voice).rows))
                assert one_line(voice.short(item.because[0].text)).rstrip(".")[:30] in least, name
                seen += 1
    assert seen


def test_the_title_says_whenever_somebody_is_to_be_referred_today() -> None:
    for name, made, text in patients():
        voice = Voice(made, shipped_knowledge(), 2)
        if any(item.action == "refer" and sends(voice, item) for item in made.urgent):
            head = text.partition("as of")[0]
            assert "REFER" in head or "ASK ABOUT" in head or "DECIDE TODAY" in head, name


def test_who_is_referred_today_is_told_to_whom_also_where_room_is_short() -> None:
    seen = 0
    limits = {a.limit.id: a.limit for applied in shipped_knowledge().limits.limits.values() for a in applied}
    for name, made, text in patients():
        urgent = one_line(text.partition("\nGIVE")[0].partition("\nTODAY")[0].partition("\nWHY")[0])
        voice = Voice(made, shipped_knowledge(), 2)
        for item in made.urgent:
            for limit in (limits[r.rule] for r in item.because if item.action != "refer" and r.rule in limits):
                if limit.refer:
                    assert one_line(voice.short(limit.text)).rstrip(".") in urgent, (name, limit.id)
                    seen += 1
    assert seen


def test_no_referral_is_told_where_nobody_is_named(knowledge: Knowledge) -> None:
    course = {"therapy": "methotrexate", "dose": "15 mg weekly", "start": "2026-10-06"}
    labs = [{"date": "2026-10-01", "neutrophils": 3.2}, {"date": "2026-11-30", "neutrophils": 1.5}]
    text = shown(plan_of({"treatments": [course], "labs": labs}, knowledge))
    assert "STOP MTX TODAY" in text
    assert "REFER" not in text.partition("\nTODAY")[0].partition("\nGIVE")[0].partition("\nWHY")[0]


def test_of_two_skin_drugs_that_clash_the_title_asks_for_a_decision(knowledge: Knowledge) -> None:
    for therapies in (("azathioprine", "mmf"), ("tofacitinib", "rituximab")):
        courses = [{"therapy": therapy, "indication": "skin", "start": "2026-11-03"} for therapy in therapies]
        text = shown(plan_of({"treatments": courses}, knowledge))
        assert text.startswith("DECIDE TODAY: "), text
        assert "! DECIDE " in text
        assert "REFER" not in text.partition("\nCAUTIONS")[0]


def test_rituximab_that_a_count_holds_is_judged_after_it_is_resumed(knowledge: Knowledge) -> None:
    given = [{"date": "2026-09-15", "dose": "1 g"}, {"date": "2026-09-29", "dose": "1 g"}]
    for neutrophils, held in ((0.8, True), (0.4, True), (1.9, False)):
        course = {"therapy": "rituximab", "start": "2026-09-15", "given": given}
        labs = [{"date": "2026-11-30", "neutrophils": neutrophils, "platelets": 250, "hemoglobin": 13, "wbc": 6}]
        text = one_line(shown(plan_of(merged(BASES["refractory"], {"treatments": [course], "labs": labs}), knowledge)))
        assert ("judge rituximab after it is resumed" in text) is held, text
        assert ("tue 2027-03-02: judge rituximab" in text) is not held, text


def test_pairs_of_which_the_same_is_to_be_decided_share_a_line() -> None:
    """Six drugs run, and of two pairs one has to stop."""
    name = "a partial response that runs is insufficient on the day its window ends"
    case = next(entry["case"] for _, entry in CASES if entry["name"] == name)
    text = shown(plan_of(merged({**BASES["refractory"], "facts": {}}, case), shipped_knowledge()))
    row = one_line(text.partition("! DECIDE ")[2].partition("\n!")[0])
    pairs = "tofacitinib with azathioprine; tofacitinib with ruxolitinib"
    assert row == f"{pairs}: do not combine. decide today which one stops."


def test_every_place_to_refer_to_has_a_line_and_the_plan_once_cleared_books_nothing() -> None:
    seen = 0
    for name, made, text in patients():
        places = [item for item in made.urgent if item.action == "refer" and item.therapy is None]
        assert len(re.findall(r"^! REFER", text, re.MULTILINE)) >= len(places), name
        later = [item for item in made.instead if item.cleared]
        assert ("only after clearance" in one_line(text)) is bool(later), name
        if later:
            seen += 1
            voice = Voice(made, shipped_knowledge(), 2)
            assert "no dose is booked" in one_line(text), name
            assert "\nGIVE" not in text, name
            taken = {part.therapy for part in made.regimen}
            assert not {item.therapy for item in made.schedule} - taken, name
            then = one_line(text.partition("\nTHEN")[2])
            assert later[0].therapy is None or voice.name(later[0].therapy).lower() in then, name
    assert seen


def test_where_one_member_of_the_line_is_left_the_reason_says_so() -> None:
    """And does not praise the one that is closed."""
    seen = {"start": 0, "alone": 0}
    for name, made, text in patients():
        if made.next is not None and made.next.line == "primary":
            options = {o.therapy: o.status for o in made.options if o.line == "primary"}
            closed = ("exhausted", "contraindicated", "declined", "not_feasible")
            alone = all(status in closed for therapy, status in options.items() if therapy != made.next.therapy)
            assert ("only this one is open" in one_line(text)) is alone, name
            seen["alone" if alone else "start"] += 1
    assert all(seen.values())


def test_a_drug_that_was_given_for_something_else_is_not_told_as_failed_in_the_skin(knowledge: Knowledge) -> None:
    course = {"therapy": "methotrexate", "weeks": 26, "dose": "20 mg weekly", "outcome": "inadequate"}
    case = {"as_of": "2026-12-01", "patient": {"age": 50, "weight_kg": 60}, "disease": {"skin_active": True}}
    told = [shown(plan_of({**case, "treatments": [{**course, **more}]}, knowledge)) for more in ({"indication": "other"}, {})]
    assert ["MTX (not for the skin)" in text for text in told] == [True, False]


def test_a_course_after_its_judgement_is_given_only_after_improvement() -> None:
    seen = 0
    for name, made, text in patients():
        for point in made.checkpoints:
            waits = f"improvement at the judgement of {point.date}"
            days = [
                i.date for i in made.schedule if i.course is not None and i.therapy == point.therapy and waits in i.conditional_on
            ]
            if days:
                assert re.search(
                    f"from {days[0]} on only after improvement|{days[0]}\\b[^:]*: ivig [^:]*, only after improvement",
                    one_line(text),
                ), name
                seen += 1
    assert seen


def test_what_is_overdue_is_due_today() -> None:
    overdue = [t for _, made, t in patients() if any(x.overdue_since for day in made.monitoring for x in day.tests)]
    assert overdue
    assert all("! OVERDUE, TODAY " in text for text in overdue)


def test_a_title_counts_each_test_once(knowledge: Knowledge) -> None:
    declined = {"access": {"declined": ["ivig", "mmf"]}}
    made = plan_of(merged({**BASES["refractory"], "facts": {}}, declined), knowledge)
    ordered = [b.fact for b in made.before_starting if b.blocks and b.kind == "order"]
    # One screen for tuberculosis settles two of them.
    assert {"active_tuberculosis", "latent_tuberculosis"} < {*ordered}
    assert shown(made).startswith(f"ORDER {len(ordered) - 1} TESTS, THEN TOFACITINIB")


def test_what_is_read_aloud_makes_sense() -> None:
    """A screen reader reads line after line: letters, figures and signs that it has a word for; each box has its item, each
    label its text, and no line is made of signs alone."""
    for name, _, text in patients():
        assert re.fullmatch(r"[\w\s.,;:!?|/%^+=<>()\[\]{}'\"&*#@~`$\\-]*", text), (name, set(re.sub(r"[\w\s]", "", text)))
        for line in text.splitlines():
            assert not line or re.search(r"\w", line), (name, line)
            assert not re.search(r"\[ \](?! \S)|  [-=]{3,}|[A-Z]{3,} {2,}$", line), (name, line)


def test_nothing_is_said_twice() -> None:
    """But for the values behind two limits that are reached by one result."""
    for name, _, text in patients():
        sentences = [
            s
            for s in re.split(r"(?<=[.?]) |; ", one_line(" ".join(text.splitlines()[1:])))
            if len(s) > 40 and not s.startswith(("here: ", "here "))
        ]
        twice = {s for s in sentences if sentences.count(s) > 1}
        assert not twice, name


def test_the_first_day_to_conceive_is_told_and_is_no_day_of_judgement() -> None:
    seen = 0
    for name, made, text in patients():
        for point in made.checkpoints:
            if point.kind == "conceive":
                seen += 1
                voice = Voice(made, shipped_knowledge(), 2)
                assert f"{point.date}: first day to conceive after {voice.name(point.therapy)}".lower() in one_line(text), name
                said = one_line(text)
                assert f"{point.date}: judge {voice.name(point.therapy)}".lower() not in said, name
    assert seen


def test_a_dose_of_the_past_is_no_warning_to_act_on(knowledge: Knowledge) -> None:
    course = {"therapy": "hydroxychloroquine", "dose": "400 mg daily", "start": "2026-01-01"}
    base = {"as_of": "2026-12-01", "patient": {"age": 50, "weight_kg": 60}, "disease": {"skin_active": True}}
    past = plan_of({**base, "treatments": [{**course, "stop": "2026-10-01", "outcome": "inadequate"}]}, knowledge)
    runs = plan_of({**base, "treatments": [course]}, knowledge)
    said = "above the maximum"
    assert [said in one_line(shown(made)) for made in (past, runs)] == [False, True]
    assert [any(w.code == "dose_above_maximum" for w in made.warnings) for made in (past, runs)] == [True, True]


def test_a_course_of_uneven_days_and_a_dose_that_rises_read_as_said(knowledge: Knowledge) -> None:
    voice = Voice(plan_for(0), knowledge, 2)
    assert voice.given(["30 g", "30 g", "25 g"]) == "30 g a day for 2 days, then 25 g on the last day"
    text = next(text for _, made, text in patients() if made.next is not None and made.next.therapy == "mmf" and "GIVE" in text)
    assert "begin with 500 mg twice daily" in one_line(text)


def test_old_knowledge_says_so_first(knowledge: Knowledge) -> None:
    case = {"as_of": "2028-11-30", "patient": {"age": 50, "sex": "female"}, "disease": {"dermatomyositis": True}}
    assert "! OLD KNOWLEDGE" in shown(plan_of(case, knowledge))
    case["as_of"] = "2028-11-29"
    assert "OLD KNOWLEDGE" not in shown(plan_of(case, knowledge))


def test_colour_only_repeats_the_words() -> None:
    number = next(n for n in range(len(PATIENTS)) if plan_for(n).urgent)
    colored = shown(plan_for(number), color=True)
    assert re.search(r"\x1b\[1;31m!\x1b\[0m \x1b\[1;7m[A-Z ]+\x1b\[0m ", colored)
    # Words keep the terminal's own colours: no other is readable on dark and on light ground.
    assert all(sign == "!" for sign in re.findall(r"\x1b\[[0-9;]*3[0-7]m(.*?)\x1b", colored))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == screen(number)


def test_text_of_a_case_cannot_steer_the_terminal(knowledge: Knowledge) -> None:
    made = plan_of({"id": "a\u202eb", "as_of": "2026-12-01", "patient": {"age": 50}}, knowledge)
    assert "\u202e" not in shown(made)


def test_words_wrap_fold_and_pack() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("abcdefgh", 3) == ["abc", "def", "gh"]
    assert wrapped("\u8840\u8840\u8840", 4) == ["\u8840\u8840", "\u8840"]
    assert packed(["aa", "bb", "cc"], 7) == ["aa   bb", "cc"]
    # Nothing stands beside the end of what was broken.
    assert packed(["aa bb cc", "d"], 6) == ["aa bb", "cc", "d"]
    assert as_case({"patient": {"age": 50}}, shipped_knowledge()).stated


def test_a_title_names_the_lower_dose_of_what_is_asked_about(knowledge: Knowledge) -> None:
    course = {"therapy": "baricitinib", "dose": "4 mg daily", "start": "2026-09-10", "outcome": "partial"}
    text = shown(
        plan_of({"patient": {"age": 38, "sex": "male"}, "treatments": [course], "facts": {"smoker": "current"}}, knowledge)
    )
    assert text.startswith("ASK ABOUT BARICITINIB TODAY, REDUCE BARICITINIB")
    assert "Lower baricitinib to 2 mg" in one_line_as_is(text)


def test_what_comes_instead_waits_for_a_count_that_keeps_it_from_starting(knowledge: Knowledge) -> None:
    course = {"therapy": "mmf", "dose": "1 g twice daily", "start": "2026-10-01"}
    case = {
        "treatments": [*BASES["refractory"]["treatments"], course],
        "labs": [{"date": "2026-11-30", "neutrophils": 0.3, "egfr": 90}],
    }
    told = one_line(shown(plan(as_case(merged(BASES["refractory"], case), knowledge), knowledge)))
    assert "declined: tofacitinib, once cleared to start." in told


def test_what_comes_instead_says_that_a_specialist_has_to_agree(knowledge: Knowledge) -> None:
    for facts, told in (
        ({"thrombosis_recent": True}, "if declined: ivig, only with specialist sign-off."),
        ({"thrombosis_recent": False, "iv_infusion": None}, "if declined: mmf."),
    ):
        case = as_case(merged(BASES["refractory"], {"facts": facts}), knowledge)
        assert told in one_line(shown(plan(case, knowledge))), facts


def test_a_stop_of_a_patient_of_whom_little_is_stated_fits_and_leaves_rates_before_limits(knowledge: Knowledge) -> None:
    failed = {"therapy": "hydroxychloroquine", "dose": "400 mg daily", "weeks": 26, "outcome": "inadequate"}
    counts = {"neutrophils": 0.3, "platelets": 160, "wbc": 1.9, "hemoglobin": 11, "alt": 900, "creatinine": 80}
    document = {
        "as_of": "2026-12-01",
        "patient": {"age": 58, "sex": "female", "weight_kg": 66},
        "disease": {"dermatomyositis": True, "subtype": "classic", "skin_active": True},
        "treatments": [failed, {"therapy": "methotrexate", "start": "2026-07-01", "dose": "20 mg weekly"}],
        "labs": [{"date": "2026-11-30", **counts}],
    }
    made = plan(as_case(document, knowledge), knowledge)
    told = shown(made)
    assert len(told.splitlines()) <= MOST_LINES
    assert "stop mtx" in one_line(told)
    rates = [
        "volume and rates: --full" in one_line("\n".join(first_screen_at(made, depth))) for depth in (NO_RATES + 1, NO_RATES)
    ]
    assert rates == [False, True]
