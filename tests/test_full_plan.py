"""`--full`: in the order of the first screen, nothing said twice, what repeats folded; `--explain` says where it is written."""

import re
from functools import cache

import pytest

from conftest import plan_of, shipped_knowledge
from dmcli.record import walk
from dmcli.render.document import Item, Section, line, strong
from dmcli.render.plan.told import once, uncited
from dmcli.render.registry import View, render
from dmcli.render.screen.urgent import sends
from dmcli.render.screen.voice import Voice
from dmcli.result.plan import Plan
from test_cases import CASES, planned

# Every plan is read by the tests of the first screen; here a sample does.
SAMPLE = range(0, len(CASES), 60)
SCREEN_LABELS = (
    "GIVE",
    "TODAY",
    "WHY",
    "BEFORE",
    "CAUTIONS",
    "DATES",
    "LIMITS",
    "SKIN CARE",
    "INSTEAD",
    "ONCE CLEARED",
    "CALCINOSIS",
)


@cache
def page(number: int, explain: bool = False) -> str:
    return render("plan", "text", planned(number, shipped_knowledge()), shipped_knowledge(), View(80, False, explain))


def heads(text: str) -> list[str]:
    return re.findall(r"^[A-Z][A-Z ]+$", text, re.MULTILINE)


@pytest.mark.parametrize("number", SAMPLE)
def test_it_is_ordered_as_the_first_screen_is(number: int) -> None:
    made, text = planned(number, shipped_knowledge()), page(number)
    found = [head for head in heads(text) if head in SCREEN_LABELS]
    assert found == [label for label in SCREEN_LABELS if label in found]
    screen = render("screen", "text", made, shipped_knowledge(), View(300))
    title = " ".join(text.partition("\n\n")[0].split())
    assert title.startswith(screen.partition("  ")[0])
    assert made.as_of in title
    urgent = text.partition("\nGIVE")[0].partition("\nTODAY")[0]
    marks = " ".join(re.findall("^! ([A-Z]+[A-Z ]*|[^:]*, REFER TODAY)", urgent, re.MULTILINE))
    sent = re.search(r"REFER\s+TODAY|PRESCRIBER\s+TODAY", urgent)
    voice = Voice(made, shipped_knowledge(), 2)
    unsent = [item for item in made.urgent if item.action == "refer" and ("! DECIDE" in urgent or not sends(voice, item))]
    assert all(item.action.upper() in marks or (item.action == "refer" and sent) or item in unsent for item in made.urgent)


@pytest.mark.parametrize("number", SAMPLE)
def test_nothing_is_said_twice_and_nothing_is_cited(number: int) -> None:
    # Two tests may share a limit, and two therapies a day of judgement, each in a line of its own.
    read = re.sub(r"\n(LIMITS|  Judgement)\n.*?\n\n", "\n", page(number), flags=re.DOTALL)
    text = " ".join(read.replace("- ", "").split())
    sentences = [s for s in re.split(r"(?<=[.?]) (?=[A-Z])", text) if len(s) > 60]
    assert {s for s in sentences if sentences.count(s) > 1} == set()
    assert not re.search(r"\[[A-Za-z0-9]", page(number))


HELD = [number for number, (_, entry) in enumerate(CASES) if "hold" in entry["name"]][::20]


@pytest.mark.parametrize("number", [*SAMPLE, *HELD])
def test_no_result_has_lost_its_figure_and_no_name_what_is_said_of_it(number: int) -> None:
    """Also where a line at the top has said it, and no rule is called by its id."""
    text = page(number)
    assert not re.search(r"^ +(?:stop|hold|reduce|repeat) *$", text, re.MULTILINE)
    why = text.partition("\nWHY\n")[2].partition("\n\n")[0]
    assert not re.search(r":\s*(?:\n  - |$)", why)
    ids = {rule for item in planned(number, shipped_knowledge()).unknowns for rule in item.needed_for if "-" in rule}
    assert not [rule for rule in ids if rule in " ".join(text.split())]


@pytest.mark.parametrize("number", SAMPLE[::8])
def test_explain_adds_where_it_is_written(number: int) -> None:
    text = page(number, explain=True)
    assert heads(text)[-2:] == ["TRACE", "SOURCES"]
    sources = text.rpartition("SOURCES")[2]
    made = planned(number, shipped_knowledge())
    assert all(f"- {reason.sources[0]}: " in sources for reason in made.status_because if reason.sources)
    assert all(f"- {conflict.id}: " in text for conflict in made.conflicts)


@pytest.mark.parametrize("number", SAMPLE[::8])
def test_only_explain_adds_the_note_of_a_statement_and_once(number: int) -> None:
    made, knowledge = planned(number, shipped_knowledge()), shipped_knowledge()
    known = {
        item.id: item.note
        for root in (knowledge.algorithm, knowledge.catalogue)
        for _, item in walk(root)
        if getattr(item, "note", None) and getattr(item, "id", None)
    }
    used = {argument.rule for option in made.options if option.status != "adjunct" for argument in option.arguments}
    used |= {caution.rule for caution in made.cautions} | {conflict.id for conflict in made.conflicts}
    told = [known[rule] for rule in used if rule in known]
    assert told
    text = " ".join(render("plan", "text", made, knowledge, View(4000, False, explain=True)).split())
    for note in told:
        assert 1 <= text.count(f"Note: {note}") <= list(known.values()).count(note)
    assert "Note: " not in page(number)


@pytest.mark.parametrize("number", SAMPLE)
def test_the_table_of_results_names_the_test_of_its_first_row(number: int) -> None:
    """The name stands there though the dates have told it."""
    rows = page(number).partition("When (result)\n")[2].splitlines()[1:2]
    assert all(re.match(r"  \w", row) for row in rows)


def test_one_line_a_test_and_one_for_courses_that_are_alike() -> None:
    made = next(
        p
        for p in map(planned_of, range(0, len(CASES), 7))
        if p.next is not None and p.next.therapy == "ivig" and len(p.schedule) > 8
    )
    text = render("plan", "text", made, shipped_knowledge(), View(120))
    tests = text.partition("\n  Tests\n")[2].partition("\n  Why")[0]
    names = [name for row in re.findall(r"^  - (.*?): [A-Z][a-z]{2} ", tests, re.MULTILINE) for name in row.split("; ")]
    assert len(names) == len(set(names))
    doses = text.partition("\n  Doses\n")[2].partition("\n  Tests")[0]
    assert len(re.findall("^  - ", doses, re.MULTILINE)) < 6
    assert all(item.date in doses for item in made.schedule)


def planned_of(number: int) -> Plan:
    return planned(number, shipped_knowledge())


def test_what_is_undated_has_no_dated_tests() -> None:
    undated = [p for p in map(planned_of, range(0, len(CASES), 5)) if any(b.kind == "known" for b in p.before_starting)]
    assert undated
    for made in undated:
        assert made.next is not None
        days = {d.date for d in made.monitoring for t in d.tests if set(t.therapies) == {made.next.therapy}}
        assert days <= {made.as_of}


def test_a_sentence_that_was_said_leaves_the_name_that_it_was_said_of() -> None:
    said = "The disease came back while the agent was taken"
    one = Section("One", (Item(line(said)),))
    two = Section("Two", (Item(line(strong("Name"), ": ", said)), Item(line(said), (Item(line("Something else.")),))))
    kept = once([one, two])[1]
    assert kept.blocks == (Item(line(strong("Name"))), Item(line("Something else.")))
    assert uncited(two) == two


@pytest.mark.parametrize("therapy", shipped_knowledge().therapies)
def test_the_page_of_a_therapy_has_every_note_and_every_limit_of_its_start(therapy: str) -> None:
    knowledge = shipped_knowledge()
    text = " ".join(render("therapy", "text", therapy, knowledge, View(4000)).split())
    noted = [item.note for _, item in walk(knowledge.therapies[therapy]) if getattr(item, "note", None)]
    told = [*noted, *(limit.text for limit in knowledge.limits.start[therapy])]
    assert [said for said in told if said not in text] == []


_FAILED = [{"therapy": therapy, "outcome": "inadequate"} for therapy in ("hydroxychloroquine", "methotrexate", "ivig", "mmf")]


def full_of(treatments: list[dict[str, object]], facts: dict[str, bool | str], labs: dict[str, object]) -> str:
    case = {
        "as_of": "2026-12-01",
        "patient": {"age": 68, "sex": "male", "weight_kg": 85},
        "treatments": treatments,
        "facts": facts,
        "labs": [{"date": "2026-11-29", **labs}],
    }
    return render("plan", "text", plan_of(case, shipped_knowledge()), shipped_knowledge(), View(80))


def test_a_caution_that_is_told_at_the_top_leaves_no_bare_name() -> None:
    running = {"therapy": "tofacitinib", "dose": "5 mg twice daily", "start": "2026-10-01"}
    text = full_of([*_FAILED, running], {"smoker": "current", "cardiovascular_risk": True}, {"neutrophils": 3.0})
    cautions = text.partition("\nCAUTIONS\n")[2].partition("\n\n")[0]
    assert "boxed warning" in text.partition("\nCAUTIONS\n")[0]
    assert cautions
    assert "- Tofacitinib\n" not in f"{cautions}\n"


def test_what_is_contraindicated_is_not_to_be_taken_again() -> None:
    running = {"therapy": "methotrexate", "dose": "20 mg weekly", "start": "2026-03-01"}
    labs = {"alt": 150, "ast": 90, "bilirubin": 14}
    held = full_of([_FAILED[0], running], {"alcohol_excess": False}, labs)
    stopped = full_of([_FAILED[0], running], {"alcohol_excess": True}, labs)
    # The table of limits holds for everybody.
    held, stopped = (" ".join(text.partition("\n\nWHY\n")[0].split()) for text in (held, stopped))
    assert "Restart 5 mg lower" in held
    assert "Restart 5 mg lower" not in stopped
    assert "ALT 150 U/L" in stopped


def test_a_referral_for_what_stops_a_drug_says_to_whom() -> None:
    running = {"therapy": "methotrexate", "dose": "20 mg weekly", "start": "2026-03-01"}
    nobody = full_of([_FAILED[0], running], {"alcohol_excess": True}, {"alt": 20})
    named = full_of([_FAILED[0], running], {"alcohol_excess": True, "suspected_cancer": True}, {"alt": 20})
    assert "REFER TODAY to whoever treats the cause" in " ".join(nobody.split())
    assert "to whoever treats the cause" not in " ".join(named.split())
    assert "refer to oncology today" in " ".join(named.split())
