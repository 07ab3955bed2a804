"""Flags: a patient without a file, and on top of one; dates, horizon and what is assumed."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from conftest import ROOT

Call = Callable[..., tuple[int, str, str]]
EXAMPLE = "examples/ivig-start.yaml"
TEXT = (ROOT / EXAMPLE).read_text(encoding="utf-8")
WOMAN = ("--age", "52", "--sex", "female", "--weight", "70kg", "--as-of", "2026-12-01", "--fact", "skin_active=yes")
FAILED = ("--failed", "hcq:inadequate:26w:400 mg daily", "--failed", "mtx:inadequate:26w:20mg/wk")


def planned(dmcli: Call, *args: str, stdin: str = "") -> dict[str, Any]:
    code, out, _ = dmcli("plan", *args, "--format", "json", stdin=stdin)
    assert code == 0
    found: dict[str, Any] = json.loads(out)
    return found


def test_flags_alone(dmcli: Call) -> None:
    found = planned(dmcli, *WOMAN, *FAILED)
    assert (found["status"], found["next"]["therapy"]) == ("recommendation", "ivig")
    assert [(h["therapy"], h["verdict"]) for h in found["history"]] == [
        ("hydroxychloroquine", "adequate_failure"),
        ("methotrexate", "adequate_failure"),
    ]
    assert "1 g/kg x 70 kg = 70 g" in json.dumps(found)
    assert planned(dmcli, *WOMAN, *FAILED, "--no-iv-access")["next"]["therapy"] == "mmf"
    assert planned(dmcli, *WOMAN, *FAILED, "--declined", "IVIG")["next"]["therapy"] == "mmf"
    assert planned(dmcli, *WOMAN)["status"] == "conventional_therapy"
    assert (
        planned(dmcli, *WOMAN, "--failed", "mtx:inadequate:26w:20mg/wk", "--refractory-if", "either")["status"]
        == "recommendation"
    )


def test_the_forms_of_a_course_in_a_flag(dmcli: Call) -> None:
    def verdicts(*flags: str) -> list[tuple[str, str]]:
        return [(h["therapy"], h["verdict"]) for h in planned(dmcli, *WOMAN, *flags)["history"]]

    assert verdicts("--failed", "mtx") == [("methotrexate", "unverified_failure")]
    assert verdicts("--failed", "mtx:inadequate:11w:20mg/wk") == [("methotrexate", "inadequate_trial")]
    assert verdicts("--failed", "mtx:inadequate:12w:20mg/wk") == [("methotrexate", "adequate_failure")]
    assert verdicts("--failed", "mtx:inadequate:12w:12.5mg/wk") == [("methotrexate", "inadequate_trial")]
    assert verdicts("--failed", "mtx:intolerance") == [("methotrexate", "intolerance")]
    assert verdicts("--failed", "mtx:contraindicated") == [("methotrexate", "contraindicated")]
    assert verdicts("--current", "mtx:inadequate:11w:20mg/wk") == [("methotrexate", "too_early")]
    assert verdicts("--current", "hcq:complete", "--fact", "skin_active=no") == [("hydroxychloroquine", "responding")]


def test_flags_win_over_the_file(dmcli: Call) -> None:
    text = "".join(line for line in TEXT.splitlines(keepends=True) if "cdasi_activity" not in line)
    assert "1 g/kg x 80 kg" in json.dumps(planned(dmcli, "-", "--weight", "80", stdin=text))
    assert "1 g/kg x 69.85 kg" in json.dumps(planned(dmcli, "-", "--weight", "154lb", stdin=text))
    assert planned(dmcli, "-", "--no-iv-access", stdin=text)["next"]["therapy"] == "mmf"
    assert planned(dmcli, "-", "--fact", "skin_active=no", stdin=text)["status"] == "no_active_disease"
    assert planned(dmcli, "-", "--age", "17", stdin=text)["status"] == "out_of_scope"
    assert planned(dmcli, "-", "--fact", "dysphagia=yes", stdin=text)["status"] == "refer"


@pytest.mark.parametrize(
    "stated",
    [
        "patient: {weight: 50}",
        "patient: {weight_kg: 50}",
        "facts: {weight_kg: 50}",
        "facts: {weight: 50}",
        "facts: {weight_kg: {value: 50, unit: kg}}",
    ],
)
def test_a_flag_wins_wherever_the_file_states_the_fact(dmcli: Call, stated: str) -> None:
    text = "as_of: 2026-12-01\n" + stated + "\n"
    found = planned(dmcli, "-", *WOMAN[:4], "--weight", "70", "--fact", "skin_active=yes", *FAILED, stdin=text)
    assert "1 g/kg x 70 kg" in json.dumps(found)
    assert (
        planned(dmcli, "-", "--fact", "weight_kg=70", "--fact", "age=50", "--fact", "skin_active=yes", *FAILED, stdin=text)[
            "next"
        ]["therapy"]
        == "ivig"
    )


def test_a_flag_wins_over_a_laboratory_value(dmcli: Call) -> None:
    found = planned(dmcli, EXAMPLE, "--fact", "egfr=20")
    assert found["next"]["therapy"] == "mmf"


def test_flags_add_to_the_lists_of_the_file(dmcli: Call) -> None:
    found = planned(dmcli, EXAMPLE, "--failed", "ivig", "--declined", "mmf", "--current", "dapsone")
    assert [h["therapy"] for h in found["history"]].count("hydroxychloroquine") == 1
    assert {h["therapy"] for h in found["history"]} == {"hydroxychloroquine", "methotrexate", "ivig", "dapsone"}
    assert {o["therapy"]: o["status"] for o in found["options"]}["mmf"] == "declined"


def test_the_as_of_flag_wins_and_its_day_is_the_day_of_every_date(dmcli: Call) -> None:
    found = planned(dmcli, EXAMPLE, "--as-of", "2026-12-08")
    assert (found["as_of"], found["schedule"][0]["date"]) == ("2026-12-08", "2026-12-08")
    code, out, err = dmcli("plan", EXAMPLE, "--as-of", "2026-11-01")
    assert (code, out) == (3, "")
    assert "lies after the as-of date 2026-11-01" in err


def test_without_an_as_of_date_today_is_assumed_and_said(dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(date):
        @classmethod
        def today(cls) -> "Clock":
            return cls(2026, 12, 3)

    monkeypatch.setattr("dmcli.cli.patient_options.date", Clock)
    text = "patient: {age: 45}\ndisease: {skin_active: true}\n"
    found = planned(dmcli, "-", stdin=text)
    assert found["as_of"] == "2026-12-03"
    said = "The question is taken as asked today"
    assert any(said in a["text"] for a in found["assumptions"])
    assert not any(said in a["text"] for a in planned(dmcli, EXAMPLE)["assumptions"])
    for form in ("text", "markdown"):
        assert said in " ".join(dmcli("plan", "-", "--full", "--format", form, stdin=text)[1].split())


def test_start_and_horizon(dmcli: Call) -> None:
    found = planned(dmcli, EXAMPLE, "--start", "2026-12-15", "--horizon", "8")
    days = [item["date"] for item in found["schedule"]]
    assert days[0] == "2026-12-15"
    # A course that begins within the horizon is shown to its end.
    assert max(days) == "2027-02-10"
    assert max(item["date"] for item in planned(dmcli, EXAMPLE, "--horizon", "26")["schedule"]) > "2027-02-10"


def test_a_drug_on_board_counts_and_none_says_that_there_is_no_other(dmcli: Any) -> None:
    base = ("plan", "--age", "50", "--failed", "hcq:inadequate:30w", "--as-of", "2026-12-01", "--format", "json")
    with_trimethoprim = json.loads(dmcli(*base, "--drug", "trimethoprim")[1])
    assert {o["therapy"]: o["status"] for o in with_trimethoprim["options"]}["methotrexate"] == "contraindicated"
    without = json.loads(dmcli(*base, "--drug", "none")[1])
    assert "other_drugs" not in {u["fact"] for u in without["unknowns"]}
    assert "other_drugs" in {u["fact"] for u in json.loads(dmcli(*base)[1])["unknowns"]}
