"""What comes instead is the planner's own answer for the patient with that fact, or without that therapy."""

import pytest

from conftest import as_case, each
from dmcli.case.model import Case, Stated
from dmcli.decide.instead import cleared, decided, red_flags, stopped
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from expectations import merged
from test_cases import BASES, CASES, planned

# Every twelfth case is enough to meet each line of the algorithm.
SAMPLE = list(range(0, len(CASES), each(12)))


@pytest.mark.parametrize("index", SAMPLE, ids=lambda i: CASES[i][1]["name"])
def test_each_answer_is_that_of_the_changed_patient(index: int, knowledge: Knowledge) -> None:
    entry = CASES[index][1]
    case = as_case(merged(BASES[entry.get("base", "refractory")], entry.get("case") or {}), knowledge)
    made = planned(index, knowledge) if "options" not in entry else plan(case, knowledge)
    # Of what is given for another disease its prescriber says what comes instead.
    ours = {course.therapy for course in case.courses if course.running and course.for_skin}
    held = made.status == "safety_hold" and any(part.limit == "hold" and part.therapy in ours for part in made.regimen)
    raised = {flag for flag in red_flags(knowledge) if made.patient.facts.get(flag) is (flag != "skin_is_main_problem")}
    # What refers beside a red flag refers still once it is cleared.
    promised = (
        made.status == "refer"
        and bool(raised)
        and not decided(cleared(case, tuple(raised), knowledge), knowledge, made.reading.used).referrals
    )
    assert bool(made.instead) is (made.next is not None or held or promised)
    for told in made.instead:
        if told.cleared:
            assert set(told.cleared) == raised
            then = cleared(case, told.cleared, knowledge)
            other = plan(stopped(then, told.stopped) if told.stopped else then, knowledge)
            answer = (other.status, other.next.therapy if other.next else None, other.next.action if other.next else None)
            assert (told.status, told.therapy, told.action) == answer
            continue
        if told.stopped:
            other = plan(stopped(case, told.stopped), knowledge)
            assert (told.status, told.therapy) == (other.status, other.next.therapy if other.next else None)
            continue
        other = plan(changed(case, told.fact, told.value, made.next.therapy if made.next else ""), knowledge)
        answer = (other.status, other.next.therapy if other.next else None, other.next.action if other.next else None)
        assert (told.status, told.therapy, told.action) == answer
        assert made.next is not None
        assert told.therapy != made.next.therapy


def changed(case: Case, fact: str | None, value: bool | str | None, therapy: str) -> Case:
    if fact is None or value is None:
        return case.changed(declined=(*case.declined, therapy))
    return case.changed(stated={**case.stated, fact: (Stated(value),)})


def test_dapsone_says_what_a_deficiency_leads_to(knowledge: Knowledge) -> None:
    data = merged(
        BASES["refractory"],
        {
            "treatments": [
                {"therapy": "hydroxychloroquine", "weeks": 26, "outcome": "inadequate"},
                {"therapy": "methotrexate", "dose": "20 mg weekly", "weeks": 26, "outcome": "inadequate"},
                {"therapy": "ivig", "weeks": 26, "courses": 6, "outcome": "inadequate"},
                {"therapy": "mmf", "dose": "1 g twice daily", "weeks": 26, "outcome": "inadequate"},
                {"therapy": "tofacitinib", "weeks": 26, "outcome": "inadequate"},
                {"therapy": "apremilast", "weeks": 26, "outcome": "inadequate"},
            ],
            "facts": {"g6pd_deficiency": None},
        },
    )
    made = plan(as_case(data, knowledge), knowledge)
    assert [(i.fact, i.value, i.therapy) for i in made.instead] == [
        ("g6pd_deficiency", True, "azathioprine"),
        (None, None, "azathioprine"),
    ]
