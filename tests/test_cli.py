"""The command line as scripts and people rely on it: exit codes, streams, flags, files."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import jsonschema
import pytest

from conftest import ROOT, shipped_knowledge
from dmcli.render.registry import View, render

Call = Callable[..., tuple[int, str, str]]
EXAMPLE = "examples/ivig-start.yaml"
TEXT = (ROOT / EXAMPLE).read_text(encoding="utf-8")


def every_command() -> list[list[str]]:
    from dmcli.cli.app import command_line

    def names(command: Any, path: list[str]) -> list[list[str]]:
        inner = getattr(command, "commands", {})
        return [path, *(found for name in inner for found in names(inner[name], [*path, name]))]

    return names(command_line(), [])


@pytest.mark.parametrize("command", every_command(), ids=lambda c: " ".join(c) or "dmcli")
def test_every_command_has_help(dmcli: Call, command: list[str]) -> None:
    for flag in ("--help", "-h"):
        code, out, err = dmcli(*command, flag)
        assert (code, err) == (0, "")
        assert "Usage" in out


def test_the_commands_of_the_interface_are_there() -> None:
    found = {" ".join(command) for command in every_command()}
    assert {"plan", "roadmap", "therapy", "evidence", "facts", "case new", "case check", "case schema", "check"} <= found


def test_version(dmcli: Call) -> None:
    from dmcli import __version__
    from dmcli.cli.version import knowledge_version

    expected = f"dmcli {__version__} (knowledge {knowledge_version()})\n"
    assert knowledge_version() != "not found"
    assert dmcli("--version") == (0, expected, "")
    assert dmcli("--quiet", "--version") == (0, expected, "")


BASE = "as_of: 2026-12-01\npatient: {age: 45, sex: female, weight_kg: 70}\n"
HELD = """disease: {skin_active: true}
treatments: [{therapy: mmf, dose: 1 g twice daily, start: 2026-10-06}]
labs: [{date: 2026-11-28, neutrophils: 0.9}]
"""
STATUSES = [
    ("recommendation", 0, TEXT),
    ("needs_fact", 10, BASE + "disease: {skin_active: true}\ntreatments: [{therapy: ivig}]\n"),
    ("conventional_therapy", 11, BASE + "disease: {skin_active: true}\n"),
    ("no_active_disease", 13, BASE + "disease: {skin_active: false}\n"),
    ("refer", 30, BASE + "disease: {skin_active: true}\nfacts: {dysphagia: true}\n"),
    ("safety_hold", 30, BASE + HELD),
    ("out_of_scope", 21, "as_of: 2026-12-01\npatient: {age: 17}\n"),
    (
        "continue_current",
        12,
        "as_of: 2026-12-01\npatient: {age: 52}\ntreatments: [{therapy: ivig, start: 2026-10-06, outcome: partial}]\n",
    ),
]


@pytest.mark.parametrize(("status", "code", "text"), STATUSES, ids=[s[0] for s in STATUSES])
def test_the_exit_code_tells_the_status_when_asked_and_only_then(dmcli: Call, status: str, code: int, text: str) -> None:
    found, out, _ = dmcli("plan", "-", "--format", "json", "--exit-code", stdin=text)
    assert (found, json.loads(out)["status"]) == (code, status)
    assert dmcli("plan", "-", "--format", "json", stdin=text)[:2] == (0, out)


def test_the_exit_codes_are_those_of_the_interface() -> None:
    from dmcli.cli.plan_command import EXIT_CODES
    from dmcli.knowledge.codes import STATUSES

    assert EXIT_CODES == {
        "recommendation": 0, "safety_hold": 30, "needs_fact": 10, "conventional_therapy": 11, "continue_current": 12,
        "no_active_disease": 13, "refer": 20, "out_of_scope": 21,
    }  # fmt: skip
    assert set(EXIT_CODES) == set(STATUSES)


USAGE = [
    ["nonsense"], ["plan"], ["plan", "--format", "text"], ["plan", "a.yaml", "b.yaml"], ["plan", EXAMPLE, "--horizon", "x"],
    ["plan", EXAMPLE, "--horizon", "0"],
    ["plan", EXAMPLE, "--horizon", "-3"], ["plan", EXAMPLE, "--format", "pdf"], ["plan", EXAMPLE, "--refractory-if", "never"],
    ["plan", EXAMPLE, "--unknown"],
    ["plan", EXAMPLE, "--start", "2026-11-30"], ["plan", EXAMPLE, "--start", "2026-12"], ["plan", EXAMPLE, "--start", "soon"],
    ["plan", EXAMPLE, "--as-of", "2026-02-30"],
    ["plan", EXAMPLE, "--as-of", "2026"], ["plan", EXAMPLE, "--as-of", "-3w"], ["plan", EXAMPLE, "--fact", "egfr"],
    ["plan", EXAMPLE, "--fact", "=88"],
    ["plan", EXAMPLE, "-o", "/nowhere/at/all"],
    ["plan", EXAMPLE, "-o", "/"], ["therapy", "ivgi"], ["therapy", "a", "b"], ["facts", "egrf"], ["evidence", "I99"],
    ["evidence", "I02", "--defaults"],
    ["evidence", "--defaults", "--conflicts"], ["case", "check"], ["case", "nonsense"], ["--format", "jsn", "facts"],
]  # fmt: skip


@pytest.mark.parametrize("args", USAGE, ids=" ".join)
def test_a_usage_error_exits_with_2_says_why_and_leaves_stdout_alone(dmcli: Call, args: list[str]) -> None:
    code, out, err = dmcli(*args)
    assert (code, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err


def test_a_bare_command_shows_its_help_and_no_data(dmcli: Call) -> None:
    # Exit 2 is an error, and messages go to stderr; only help that was asked for is an answer.
    for args in ([], ["case"]):
        code, out, err = dmcli(*args)
        assert "Usage" in out + err
        assert (code, out) == (2, "") or code == 0


def json_errors(err: str) -> list[dict[str, Any]]:
    found = json.loads(err)
    assert found
    for entry in found:
        assert list(entry) == ["path", "line", "col", "field", "code", "text"]
    return list(found)


def test_a_usage_error_is_json_where_json_was_asked_for(dmcli: Call) -> None:
    for args in (
        ["plan"],
        ["plan", EXAMPLE, "--start", "2020-01-01"],
        ["plan", EXAMPLE, "--as-of", "2026-02-30"],
        ["therapy", "ivgi"],
        ["facts", "egrf"],
    ):
        code, out, err = dmcli("--format", "json", *args)
        assert (code, out) == (2, "")
        json_errors(err)


def test_a_command_line_that_cannot_be_parsed_is_json_too_where_json_was_asked_for(dmcli: Call) -> None:
    for args in (
        ["nonsense"],
        ["plan", "a", "b"],
        ["plan", EXAMPLE, "--horizon", "x"],
        ["plan", EXAMPLE, "--no-such-option"],
        ["case", "check"],
    ):
        code, out, err = dmcli("--format", "json", *args)
        assert (code, out) == (2, "")
        json_errors(err)


BAD = "as_of: 2026-12-01\npatient: {weight_kg: 29.9}\ndisease:\n  subtype: amyopatic\n"


def test_invalid_input_exits_with_3_and_every_error_with_its_place(dmcli: Call, tmp_path: Path) -> None:
    file = tmp_path / "case.yaml"
    file.write_text(BAD, encoding="utf-8")
    for path, stdin, shown in ((str(file), "", str(file)), ("-", BAD, "stdin")):
        for command in (["plan"], ["case", "check"]):
            code, out, err = dmcli(*command, path, stdin=stdin)
            assert (code, out) == (3, "")
            first, second = err.splitlines()
            assert first.startswith(f"{shown}:2:11: patient.weight_kg: 29.9 is outside 30 to 300")
            assert second.startswith(f"{shown}:4:3: disease.subtype: 'amyopatic' is none of classic, amyopathic")


@pytest.mark.parametrize("args", [["--format", "json"], ["--format=json"], ["-f", "json"], ["-fjson"]], ids=" ".join)
def test_invalid_input_is_json_on_stderr_where_json_was_asked_for(dmcli: Call, args: list[str]) -> None:
    for command in (["plan", "-", *args], [*args, "plan", "-"]):
        code, out, err = dmcli(*command, stdin=BAD)
        assert (code, out) == (3, "")
        found = json_errors(err)
        assert [(e["path"], e["line"], e["col"], e["field"], e["code"]) for e in found] == [
            ("stdin", 2, 11, "patient.weight_kg", "range"),
            ("stdin", 4, 3, "disease.subtype", "code"),
        ]


def test_an_error_in_a_flag_names_the_flag(dmcli: Call) -> None:
    code, out, err = dmcli(
        "plan", EXAMPLE, "--weight", "11 stone", "--failed", "metotrexate", "--fact", "egfr=abc", "--sex", "NO"
    )
    assert (code, out) == (3, "")
    starts = [
        "--fact: facts.egfr: ",
        "--failed: treatments[2].therapy: ",
        "--sex: patient.sex: ",
        "--weight: patient.weight_kg: ",
    ]
    assert [line[: len(start)] for line, start in zip(sorted(err.splitlines()), starts, strict=True)] == starts
    assert "did you mean 'methotrexate'?" in err
    _, _, err = dmcli("plan", EXAMPLE, "--weight", "11 stone", "--format", "json")
    assert [(e["path"], e["line"], e["field"], e["code"]) for e in json_errors(err)] == [
        ("--weight", 0, "patient.weight_kg", "unit")
    ]


@pytest.mark.parametrize(
    ("raw", "code_"),
    [
        (b"\xff\xfe", "encoding"),
        (b"as_of: \xe4\n", "encoding"),
        (b"", "empty"),
        (b"id: " + b"x" * 5_000_000, "too_large"),
        (b"a: \x00", "syntax"),
        (b"[" * 100_000, "too_deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_invalid_input(dmcli: Call, tmp_path: Path, raw: bytes, code_: str) -> None:
    file = tmp_path / "case.yaml"
    file.write_bytes(raw)
    for args, stdin in (([str(file)], b""), (["-"], raw)):
        code, out, err = dmcli("plan", *args, "--format", "json", stdin=stdin)
        assert (code, out) == (3, "")
        assert [e["code"] for e in json_errors(err)] == [code_]
        assert len(err) < 1000


@pytest.mark.parametrize("path", ["/nowhere/at/all.yaml", "/", "", "x" * 5000])
def test_a_path_that_is_no_file_is_invalid_input(dmcli: Call, path: str) -> None:
    code, out, err = dmcli("plan", path)
    assert (code, out) == (3, "")
    assert "internal" not in err


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(dmcli: Call) -> None:
    plain = dmcli("plan", "-", stdin=TEXT)
    assert dmcli("plan", "-", stdin=b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()) == plain


def test_a_file_stdin_and_json_give_one_plan(dmcli: Call, tmp_path: Path) -> None:
    from dmcli import yamlfile

    file = tmp_path / "case.json"
    file.write_text(json.dumps(yamlfile.parse(TEXT, "").data), encoding="utf-8")
    plain = dmcli("plan", EXAMPLE)
    assert plain[0] == 0
    assert dmcli("plan", "-", stdin=TEXT) == plain
    assert dmcli("plan", str(file)) == plain


def test_an_output_file_is_whole_and_its_owners_only(dmcli: Call, tmp_path: Path) -> None:
    _, plain, _ = dmcli("plan", EXAMPLE, "--format", "json")
    file = tmp_path / "plan.json"
    file.write_text("before", encoding="utf-8")
    file.chmod(0o644)
    assert dmcli("plan", EXAMPLE, "--format", "json", "-o", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8") == plain
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]


def test_an_error_leaves_the_output_file_as_it_was(dmcli: Call, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("before", encoding="utf-8")
    assert dmcli("plan", "-", "-o", str(file), stdin=BAD)[0] == 3
    assert dmcli("plan", EXAMPLE, "--start", "2020-01-01", "-o", str(file))[0] == 2
    assert dmcli("plan", EXAMPLE, "--data", str(tmp_path), "-o", str(file))[0] == 4
    (tmp_path / "folder").mkdir()
    assert dmcli("plan", EXAMPLE, "-o", str(tmp_path / "folder"))[0] == 2
    assert file.read_text(encoding="utf-8") == "before"
    assert {p.name for p in tmp_path.iterdir()} == {"folder", "plan.json"}


def test_case_check(dmcli: Call, tmp_path: Path) -> None:
    assert dmcli("case", "check", EXAMPLE) == (0, "", f"{EXAMPLE}: valid\n")
    assert dmcli("case", "check", EXAMPLE, "--quiet") == (0, "", "")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(BAD, encoding="utf-8")
    code, out, err = dmcli(
        "case", "check", str(tmp_path / "b.yaml"), EXAMPLE, str(tmp_path / "a.yaml"), str(tmp_path / "none.yaml")
    )
    assert (code, out) == (3, "")
    assert [sum(name in line for line in err.splitlines()) for name in ("a.yaml:", "b.yaml:", "none.yaml:")] == [2, 2, 1]


def test_a_new_case_is_a_valid_case(dmcli: Call) -> None:
    code, out, err = dmcli("case", "new")
    assert (code, err) == (0, "")
    assert dmcli("case", "check", "-", stdin=out)[0] == 0


def test_a_new_case_asks_for_what_matters_and_for_everything_where_that_is_wanted(dmcli: Call) -> None:
    short, whole = dmcli("case", "new")[1], dmcli("case", "new", "--full")[1]
    assert len(short.splitlines()) <= 25
    for text in (short, whole):
        uncommented = text.replace("\n#  - {date: 2026-11-20, NAME: VALUE}", "")
        assert dmcli("case", "check", "-", stdin=uncommented)[0] == 0
    assert all(f"#  {fact.id}:" in short for fact in shipped_knowledge().facts.values() if fact.first)
    assert all(f"{fact.id.removeprefix('calcinosis_')}:" in whole for fact in shipped_knowledge().facts.values())


def test_a_case_is_written_with_what_the_flags_say(dmcli: Call) -> None:
    flags = (
        "--age",
        "52",
        "--failed",
        "mtx:inadequate:26w:20mg/wk",
        "--current",
        "mmf::8w",
        "--fact",
        "egfr=88",
        "--no-iv-access",
    )
    code, out, err = dmcli("case", "new", "--from-flags", "--as-of", "2026-12-01", *flags)
    assert (code, err) == (0, "")
    plans = [dmcli("plan", *args, "--json", stdin=out)[1] for args in ((*flags, "--as-of", "2026-12-01"), ("-",))]
    assert plans[0] == plans[1]
    assert dmcli("case", "new", "--from-flags", "--weight", "11 stone")[:2] == (3, "")
    code, out, err = dmcli("case", "new", "--age", "52")
    assert (code, out) == (2, "")
    assert "--from-flags" in err


def test_what_holds_many_patients_is_told_what_takes_it(dmcli: Call, tmp_path: Path) -> None:
    for path in ("cohort.csv", "cohort.CSV.gz", "cohort.ndjson", str(tmp_path)):
        for command in (["plan"], ["roadmap"], ["case", "check"]):
            code, out, err = dmcli(*command, path)
            assert (code, out) == (3, "")
            assert f"dmcli batch {path}" in err
    assert "save it as CSV" in dmcli("plan", "cohort.xlsx")[2]


def test_a_therapy_is_one_screen_and_its_page_has_the_rest(dmcli: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for therapy in shipped_knowledge().therapies.values():
        card = render("card", "text", therapy.id, shipped_knowledge(), View(80))
        assert len(card.splitlines()) <= 40, therapy.id
        assert not re.search(r"\[[A-Z]", card), therapy.id
    _, card, _ = dmcli("therapy", "mmf")
    for label in ("Line", "Dose", "Judged", "Contraindications", "Before", "Tests", "STOP", "HOLD", "Evidence"):
        assert f"- {label}: " in card
    assert "dmcli therapy mmf --full" in card
    assert len(dmcli("therapy", "mmf", "--full")[1].splitlines()) > 200
    assert dmcli("therapy", "mmf", "--full", "-f", "json") == dmcli("therapy", "mmf", "-f", "json")


def test_the_schema_takes_the_examples_and_refuses_what_the_reader_refuses(dmcli: Call) -> None:
    from dmcli import yamlfile

    code, out, err = dmcli("case", "schema")
    assert (code, err) == (0, "")
    validator = jsonschema.Draft202012Validator(json.loads(out))
    validator.check_schema(json.loads(out))
    for file in sorted((ROOT / "examples").glob("*.yaml")):
        validator.validate(yamlfile.parse(file.read_text(encoding="utf-8"), "").data)
    for bad in (
        {"treatment": []},
        {"patient": {"weight_kg": 29.9}},
        {"facts": {"pregnacy": True}},
        {"treatments": [{"dose": "1 g daily"}]},
        {"treatments": {}},
    ):
        assert not validator.is_valid(bad), bad


def test_a_limit_names_the_tests_of_its_own_facts(dmcli: Call) -> None:
    page = dmcli("therapy", "thalidomide", "--full")[1]
    assert "pregnancy test" in page
    # Whether pregnancy is possible is concluded from the menopause, among others; nobody measures hormones for it.
    assert "oestradiol" not in page


def test_a_page_of_a_therapy_shows_the_notes_for_reviewers(dmcli: Call, tmp_path: Path) -> None:
    copytree(ROOT / "data", tmp_path, dirs_exist_ok=True)
    for name, ident in (
        ("therapies/mmf.yaml", "mmf-contra-planning"), ("therapies/mmf.yaml", "mmf-caution-gut"), ("therapies/mmf.yaml", "mmf-summary"),
        ("therapies/mmf.yaml", "mmf-before-vaccines"), ("therapies/mmf.yaml", "mmf-monitor-counts-bsr"), ("therapies/mmf.yaml", "mmf-limit-creatinine"),
        ("therapies/mmf.yaml", "mmf-advice-driving"), ("regimens.yaml", "mmf-titration"),
        ("therapies/mmf.yaml", "conflict-mmf-series-dose"), ("algorithm.yaml", "ove-mtx-above"),
        ("therapies/photoprotection.yaml", "photoprotection-no-monitoring"),
    ):  # fmt: skip
        file = tmp_path / name
        text = file.read_text(encoding="utf-8")
        changed = re.sub(rf"^( *)(- )?id: {ident}\n", rf"\g<0>\1@note: see {ident}\n", text, count=1, flags=re.M)
        # Within a list the keys of an entry stand two columns further in.
        changed = changed.replace("@", "  " if f"- id: {ident}\n" in text else "")
        assert changed != text
        file.write_text(changed, encoding="utf-8")
    for form in ("text", "markdown"):
        for therapy, notes in (("mmf", 10), ("photoprotection", 1)):
            code, out, err = dmcli("therapy", therapy, "--full", "--data", str(tmp_path), "--format", form)
            assert (code, err) == (0, "")
            assert " ".join(out.split()).replace("\\", "").count("Note: see ") == notes


def test_the_note_of_a_trial_and_of_a_position_of_a_conflict_is_shown(dmcli: Call) -> None:
    plan = ("plan", str(ROOT / "examples" / "ivig-start.yaml"), "--explain")
    for command, note in (
        (("therapy", "ciclosporin", "--full"), "Note: No source seen gives a time for the skin; both are a choice."),
        (("evidence", "--conflicts"), "Note: The defining sentence."),
        (plan, "Note: The defining sentence."),
    ):
        code, out, err = dmcli(*command)
        assert (code, err) == (0, "")
        assert note in " ".join(out.split())
