"""A clinic's own file over the shipped knowledge: what it changes is what is planned, told, hashed and checked."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, plan_of, shipped_knowledge
from dmcli.assess.assess import assess
from dmcli.dose.lowered import common_step, lowered_dose
from dmcli.errors import InvalidCase, InvalidKnowledge, Problem
from dmcli.interface import read_case
from dmcli.knowledge.cache import load_knowledge
from dmcli.knowledge.contents import OverrideFile, read_files
from dmcli.knowledge.folder import find
from dmcli.knowledge.lint import outdated
from dmcli.knowledge.load import build
from dmcli.knowledge.model import Knowledge
from dmcli.values.dosetext import parse_dose

SHIPPED = read_files(ROOT / "data")
VERSION = shipped_knowledge().version
HEAD = f"extends: shipped\nbase: {VERSION}\n"
HOUSE = HEAD + "sources: {house: {citation: 'Our protocol 12', level: local}}\n"
FROM = "sources: [house], level: local"
LIMIT = f"change:\n  mmf-limit-neutrophils-hold: {{when: neutrophils < 1.5, text: 'Below 1.5: hold.', {FROM}}}\n"
SHARED = f"change:\n  marrow-repeat-mcv: {{when: mcv > 100, text: 'Above 100: repeat.', {FROM}}}\n"
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "clinic.md").read_text(encoding="utf-8"), re.DOTALL)
PATIENT = {
    "as_of": "2026-12-01",
    "facts": {
        "dermatomyositis": True, "age": 50, "sex": "male", "skin_active": True, "weight_kg": 80, "height_cm": 180, "muscle": "none",
    },
    "treatments": [
        {"therapy": "hydroxychloroquine", "start": "2025-01-01", "stop": "2025-06-30", "outcome": "inadequate"},
        {"therapy": "methotrexate", "start": "2025-07-01", "stop": "2026-03-01", "outcome": "inadequate", "dose": "20 mg weekly"},
    ],
}  # fmt: skip


def changed(text: str, name: str = "house.yaml") -> Knowledge:
    """The shipped knowledge under a clinic's file."""
    return build(SHIPPED, "data", OverrideFile(f"/clinic/{name}", text.encode()))


def refused(text: str) -> tuple[Problem, ...]:
    with pytest.raises(InvalidKnowledge) as caught:
        changed(text)
    return caught.value.problems


def entry(knowledge: Knowledge, ident: str) -> Any:
    from dmcli.record import walk

    roots = (knowledge.catalogue, knowledge.algorithm, knowledge.facts)
    return next(item for root in roots for _, item in walk(root) if getattr(item, "id", None) == ident)


def test_a_file_that_changes_nothing_leaves_the_knowledge_as_shipped() -> None:
    made, shipped = changed(HEAD), shipped_knowledge()
    assert made.overrides is not None
    assert made.overrides.changes == ()
    assert made.changed(sha256=shipped.sha256, overrides=None) == shipped.changed(prepared=None)
    assert made.sha256 != shipped.sha256


def limits(knowledge: Knowledge, therapy: str) -> dict[str, Any]:
    """What holds for one therapy, its own limits and the shared ones, by their ids."""
    return {applied.limit.id: applied.limit for applied in knowledge.limits.limits[therapy]}


@pytest.mark.parametrize(
    ("text", "ident", "when", "shipped", "said", "where"),
    [
        (
            LIMIT,
            "mmf-limit-neutrophils-hold",
            "neutrophils < 1.5",
            "neutrophils < 1.3",
            "Below 1.5: hold.",
            "therapies.mmf.limits",
        ),
        (SHARED, "marrow-repeat-mcv", "mcv > 100", "mcv > 105", "Above 100: repeat.", "toxicities.marrow.limits"),
    ],
    ids=["a therapy's own", "a shared one"],
)
def test_a_limit_is_changed_by_its_id(text: str, ident: str, when: str, shipped: str, said: str, where: str) -> None:
    made = changed(HOUSE + text)
    limit = entry(made, ident)
    assert (limit.when, limit.text, limit.sources, limit.level) == (when, said, ("house",), "local")
    assert (limit.tier, limit.analyte) == (entry(shipped_knowledge(), ident).tier, entry(shipped_knowledge(), ident).analyte)
    assert limits(made, "mmf")[ident] == limit
    assert made.tree(limit.when) == made.trees[when]
    assert made.overrides is not None
    change = next(change for change in made.overrides.changes if change.field == "when")
    assert (change.kind, change.shipped, change.now) == ("changed", shipped, when)
    assert change.entry == f"{where}[{ident}]"
    assert made.overrides.entries == 2


def test_a_shared_limit_is_changed_for_every_drug_that_states_no_figure_of_its_own() -> None:
    made, shipped = changed(HOUSE + SHARED), shipped_knowledge()
    sharing = {therapy for therapy in shipped.limits.limits if "marrow-repeat-mcv" in limits(shipped, therapy)}
    assert {"mmf", "azathioprine", "methotrexate"} <= sharing
    assert {limits(made, therapy)["marrow-repeat-mcv"].when for therapy in sharing} == {"mcv > 100"}
    assert {therapy for therapy in made.limits.limits if "marrow-repeat-mcv" in limits(made, therapy)} == sharing


def test_a_limit_of_a_start_is_changed_by_its_id() -> None:
    own = f"mmf-start-neutrophils: {{when: neutrophils < 1.4, text: Below 1.4., {FROM}}}"
    shared = f"marrow-start-platelets: {{when: platelets < 110, text: Below 110., {FROM}}}"
    made = changed(f"{HOUSE}change:\n  {own}\n  {shared}\n")
    start = {limit.id: limit.when for limit in made.limits.start["mmf"]}
    assert (start["mmf-start-neutrophils"], start["marrow-start-platelets"]) == ("neutrophils < 1.4", "platelets < 110")


@pytest.mark.parametrize("therapy", ["mmf", "sirolimus"])
def test_a_limit_of_its_own_is_added_to_one_drug_in_place_of_the_shared_one(therapy: str) -> None:
    new = f"{{id: house-mcv, tier: repeat, analyte: mcv, when: mcv > 100, text: 'Above 100: repeat.', {FROM}}}"
    made = changed(f"{HOUSE}therapies: {{{therapy}: {{limits: [{new}]}}}}\n")
    assert limits(made, therapy)["house-mcv"].when == "mcv > 100"
    assert "marrow-repeat-mcv" not in limits(made, therapy)
    assert limits(made, "azathioprine")["marrow-repeat-mcv"].when == "mcv > 105"


def test_the_interval_of_blood_tests_is_changed_in_its_section() -> None:
    text = f"{HOUSE}therapies:\n  mmf:\n    monitoring:\n    - {{id: mmf-monitor-counts-label, text: Every 3 weeks., phases: [{{every_weeks: 3, from_week: 3}}], {FROM}}}\n"
    made = changed(text)
    (phase,) = entry(made, "mmf-monitor-counts-label").phases
    assert (phase.every_weeks, phase.from_week) == (3, 3)
    assert entry(made, "mmf-monitor-counts-label").tests == entry(shipped_knowledge(), "mmf-monitor-counts-label").tests
    assert limits(made, "mmf") == limits(shipped_knowledge(), "mmf")
    others = [m.id for m in made.therapies["mmf"].monitoring]
    assert others == [m.id for m in shipped_knowledge().therapies["mmf"].monitoring]


def test_a_warning_is_added_and_shown() -> None:
    text = f"{HOUSE}notices:\n- {{id: house-chair, code: local, when: 'true', text: Book the chair., {FROM}}}\n"
    made = changed(text)
    assert made.algorithm.notices[-1].id == "house-chair"
    warnings = plan_of(PATIENT, made).warnings
    assert [w.text for w in warnings if w.code == "local"] == ["Book the chair."]


def test_an_entry_is_added_before_another() -> None:
    first = shipped_knowledge().algorithm.notices[0].id
    text = f"{HOUSE}notices:\n- {{id: house-chair, before: {first}, code: local, when: 'true', text: x, {FROM}}}\n"
    assert [n.id for n in changed(text).algorithm.notices[:2]] == ["house-chair", first]


def test_a_fact_is_added_and_asked_for() -> None:
    text = f"""{HOUSE}facts:
  needle_fear: {{type: boolean, group: patient, question: Is the patient afraid of needles?, {FROM}}}
notices:
- {{id: house-needles, code: local, when: needle_fear, text: Offer tablets., {FROM}}}
"""
    made = changed(text)
    stated = {**PATIENT, "facts": {**PATIENT["facts"], "needle_fear": True}}  # type: ignore[dict-item]
    assert "Offer tablets." in [w.text for w in plan_of(stated, made).warnings]
    assert "Offer tablets." not in [w.text for w in plan_of(PATIENT, made).warnings]


THERAPY = f"""{HOUSE}therapies:
  housimab:
    name: housimab
    classes: [tnf_inhibitor]
    line: pool
    route: oral
    summary: {{id: housimab-summary, text: Used here., {FROM}}}
    label_status: {{id: housimab-label, text: Off-label., {FROM}}}
    no_dose: {{id: housimab-dose, text: Per local protocol., {FROM}}}
    no_monitoring: {{id: housimab-tests, text: None., {FROM}}}
lines:
- id: line-pool
  members: [housimab, apremilast, dapsone, azathioprine, cyclosporine, tacrolimus, sirolimus, rituximab, leflunomide, thalidomide, tamoxifen, anastrozole]
  sources: [house]
  level: local
"""


def test_a_therapy_is_added_and_is_an_option() -> None:
    made = changed(THERAPY)
    assert "housimab" in [o.therapy for o in plan_of(PATIENT, made).options]
    assert made.therapy_names["housimab"] == "housimab"
    assert made.overrides is not None
    assert [c.entry for c in made.overrides.changes if c.kind == "added"] == ["sources.house", "therapies.housimab"]


def test_a_therapy_without_a_line_is_told_in_the_clinics_file() -> None:
    (problem,) = refused(THERAPY.partition("lines:")[0])
    assert "housimab" in problem.text


def test_a_clinic_may_give_infusions_on_weekends() -> None:
    made = changed(f"{HOUSE}settings:\n  weekends: {{value: 1, text: Weekends too., {FROM}}}\n")
    saturday = {**PATIENT, "as_of": "2026-12-05"}
    days = [[item.date for item in plan_of(saturday, knowledge).schedule][:2] for knowledge in (shipped_knowledge(), made)]
    assert days == [["2026-12-07", "2026-12-08"], ["2026-12-05", "2026-12-06"]]


def test_whether_infusions_fall_on_weekends_is_yes_or_no() -> None:
    problems = refused(f"{HOUSE}settings:\n  weekends: {{value: 2, text: x, {FROM}}}\n")
    assert "outside 0 to 1" in str(problems[0])


def test_settings_and_the_reading_of_the_gate_are_changed() -> None:
    text = f"{HOUSE}gate: {{default: either, {FROM}}}\nsettings:\n  horizon_weeks: {{value: 13, text: Shown for 13 weeks., {FROM}}}\n"
    made = changed(text)
    assert made.algorithm.gate.default == "either"
    assert made.algorithm.settings["horizon_weeks"].value == 13
    assert made.algorithm.gate.requirements == shipped_knowledge().algorithm.gate.requirements


def test_a_dose_is_written_as_people_write_it() -> None:
    first = f"{{id: mmf-500, was: {{dose: 500 mg twice daily}}, dose: 250 mg twice daily, text: 250 mg twice daily., {FROM}}}"
    regimen = f"{{id: mmf-titration, steps: [{first}]}}"
    made = changed(f"{HOUSE}therapies: {{mmf: {{regimens: [{regimen}], max_dose: 2 g daily}}}}\n")
    step = made.therapies["mmf"].regimens[0].steps[0]
    assert step.dose is not None
    assert (step.dose.amounts, step.until_day, step.level) == ((250, 250), 13, "local")
    assert made.therapies["mmf"].max_dose is not None
    assert made.overrides is not None
    dose = next(change for change in made.overrides.changes if change.field == "dose")
    assert (dose.shipped, dose.now, dose.pinned) == ("500 mg twice daily", "250 mg twice daily", True)


def test_a_step_without_its_own_source_is_answered_for_by_its_regimen() -> None:
    step = "{id: mmf-500, dose: 250 mg twice daily, text: x}"
    problems = refused(f"{HOUSE}therapies: {{mmf: {{regimens: [{{id: mmf-titration, steps: [{step}]}}]}}}}\n")
    assert {p.code for p in problems} == {"no_source"}


@pytest.mark.parametrize("ident", ["marrow-repeat-mcv", "mmf-limit-creatinine"])
def test_an_entry_is_removed(ident: str) -> None:
    made = changed(HEAD + f"remove: [{ident}]\n")
    assert ident in limits(shipped_knowledge(), "mmf")
    assert not [therapy for therapy in made.limits.limits if ident in limits(made, therapy)]
    assert made.overrides is not None
    assert [c.kind for c in made.overrides.changes] == ["removed"]


def test_where_a_drugs_own_limit_is_removed_the_shared_one_holds() -> None:
    made = changed(HEAD + "remove: [mmf-limit-neutrophils-hold]\n")
    assert "marrow-hold-neutrophils" not in limits(shipped_knowledge(), "mmf")
    assert limits(made, "mmf")["marrow-hold-neutrophils"].when == "neutrophils < 1.0"


def test_a_therapy_that_is_removed_and_still_named_is_refused() -> None:
    assert any("apremilast" in p.text for p in refused(HEAD + "remove: [apremilast]\n"))


BAD: dict[str, tuple[str, str, str]] = {
    "nothing": ("", "house.yaml:1:1: ", "the file is empty; a knowledge file"),
    "a list": ("[]", "house.yaml:1:1: extends: ", "has 'extends: shipped' at its head"),
    "no head": ("remove: []\n", "house.yaml:1:1: extends: ", "has 'extends: shipped' at its head"),
    "no base": ("extends: shipped\n", "house.yaml:1:1: base: ", "write 'base: 2026.12.1'"),
    "another knowledge": (HEAD.replace("shipped", "shiped"), "house.yaml:1:1: extends: ", "write 'shipped'"),
    "a base that is no version": ("extends: shipped\nbase: 2026.11\n", "house.yaml:2:1: base: ", "as 2026.12.1"),
    "an unknown section": (HEAD + "notises: []\n", "house.yaml:3:1: notises: ", "(did you mean 'notices'?)"),
    "a schema": (HEAD + "schema: dmcli.facts/1\n", "house.yaml:3:1: schema: ", "unknown key"),
    "an unknown id": (HEAD + "change:\n  mmf-limit-neutrophil-hold: {when: age > 1}\n", "house.yaml:4:3: change.mmf-limit-neutrophil-hold: ",
        "(did you mean 'mmf-limit-neutrophils-hold'?)"),
    "an id of two entries": (HEAD + "change:\n  calcinosis: {a: 1}\n", "house.yaml:4:3: ", "calcinosis"),
    "a removed id that is unknown": (HEAD + "remove: [marrow-repeat-mvc]\n", "house.yaml:3:10: remove[0]: ", "(did you mean 'marrow-repeat-mcv'?)"),
    "something else to remove": (HEAD + "remove: marrow-repeat-mcv\n", "house.yaml:3:1: remove: ", "a list of ids"),
    "something else to change": (HEAD + "change: [a]\n", "house.yaml:3:1: change: ", "a mapping is needed"),
    "no fields": (HEAD + "change: {marrow-repeat-mcv: 1}\n", "house.yaml:3:10: change.marrow-repeat-mcv: ", "a mapping is needed"),
    "no source": (HEAD + "change: {marrow-repeat-mcv: {when: mcv > 110, text: x, level: local}}\n", "house.yaml:3:10: ",
        "states 'sources' anew"),
    "no level": (HEAD + "change: {marrow-repeat-mcv: {when: mcv > 110, text: x, sources: [bsr-2017]}}\n", "house.yaml:3:10: ",
        "states 'level' anew"),
    "no sentence": (HOUSE + f"change: {{marrow-repeat-mcv: {{when: mcv > 110, {FROM}}}}}\n", "house.yaml:4:10: ", "now it is: MCV > 105 fL"),
    "no sentence of a drug's own limit": (HOUSE + f"change: {{mmf-limit-neutrophils-hold: {{when: neutrophils < 1.5, {FROM}}}}}\n",
        "house.yaml:4:10: ", "now it is: Neutrophils < 1.3 x 10^9/L"),
    "no source of a drug's own limit": (HEAD + "change: {mmf-limit-neutrophils-hold: {when: neutrophils < 1.5, text: x, level: local}}\n",
        "house.yaml:3:10: ", "states 'sources' anew"),
    "a misspelt limit in its section": (HOUSE + f"toxicities: {{marrow: {{limits: [{{id: marrow-repeat-mvc, when: mcv > 100, text: x, {FROM}}}]}}}}\n",
        "house.yaml:4:32: toxicities.marrow.limits[marrow-repeat-mvc]: ", "(did you mean 'marrow-repeat-mcv'?); a new entry needs analyte, tier too"),
    "a member of a toxicity that is nobody": (HOUSE + "toxicities: {marrow: {members: [mff]}}\n", "house.yaml:4:23: ", "(did you mean 'mmf'?)"),
    "a tier that is none": (HOUSE + f"change: {{marrow-repeat-mcv: {{tier: repet, text: x, {FROM}}}}}\n", "house.yaml:4:30: ",
        "(did you mean 'repeat'?)"),
    "another id": (HOUSE + f"change: {{marrow-repeat-mcv: {{id: other, text: x, {FROM}}}}}\n", "house.yaml:4:30: ", "an id stays as it is"),
    "an entry without an id": (HEAD + "notices: [{text: x}]\n", "house.yaml:3:11: notices[0]: ", "named by its 'id'"),
    "an entry twice": (HOUSE + f"notices:\n- {{id: not-tnf, text: x, {FROM}}}\n- {{id: not-tnf, text: y, {FROM}}}\n", "house.yaml:6:3: ",
        "stands twice"),
    "an entry that is misspelt": (HEAD + "notices:\n- {id: not-tfn, text: x}\n", "house.yaml:4:3: notices[not-tfn]: ",
        "(did you mean 'not-tnf'?); a new entry needs"),
    "before nobody": (HOUSE + f"notices:\n- {{id: a, before: not-tfn, code: local, when: 'true', text: x, {FROM}}}\n", "house.yaml:5:11: ",
        "(did you mean 'not-tnf'?)"),
    "another shipped value": (HOUSE + f"change: {{marrow-repeat-mcv: {{was: {{when: mcv > 104}}, when: mcv > 110, text: x, {FROM}}}}}\n",
        "house.yaml:4:36: ", "the shipped value is now mcv > 105"),
    "a value of no shape": (HOUSE + f"change: {{marrow-repeat-mcv: {{was: mcv, when: mcv > 110, text: x, {FROM}}}}}\n", "house.yaml:4:30: ",
        "a mapping is needed"),
    "an unknown fact in a condition": (HOUSE + f"change: {{marrow-repeat-mcv: {{when: mvc > 110, text: x, {FROM}}}}}\n", "house.yaml:4:36: ",
        "(did you mean 'mcv'?)"),
    "a source of nobody": (HOUSE + "change: {marrow-repeat-mcv: {text: x, sources: [hous], level: local}}\n", "house.yaml:4:39: ",
        "(did you mean 'house'?)"),
    "a local level without a source": (HEAD + "change: {marrow-repeat-mcv: {text: x, sources: [], level: local}}\n", "house.yaml:3:39: ",
        "level 'local' needs a source"),
    "a number out of range": (HOUSE + f"settings: {{horizon_weeks: {{value: 900, text: x, {FROM}}}}}\n", "house.yaml:4:28: ",
        "900 is outside 1 to 260 weeks"),
    "an unknown key": (HOUSE + f"change: {{marrow-repeat-mcv: {{whem: mcv > 110, text: x, {FROM}}}}}\n", "house.yaml:4:30: ",
        "(did you mean 'when'?)"),
    "a section of nothing": (HEAD + "facts:\n", "house.yaml:3:1: facts: ", "a mapping is needed"),
    "a section of another kind": (HEAD + "therapies: []\n", "house.yaml:3:1: therapies: ", "a mapping is needed"),
    "a therapy of nothing": (HEAD + "therapies: {mmf: }\n", "house.yaml:3:13: therapies.mmf: ", "a mapping is needed"),
    "a new therapy of nothing": (HEAD + "therapies: {housimab: }\n", "house.yaml:3:13: therapies.housimab: ", "a mapping is needed"),
    "a dose that is none": (HEAD + "therapies: {mmf: {max_dose: much}}\n", "house.yaml:3:19: therapies.mmf.max_dose: ", "is no dose within a time"),
    "a misspelt key of dosing": (HEAD + "therapies: {mmf: {regimen: []}}\n", "house.yaml:3:19: therapies.mmf.regimen: ", "(did you mean 'regimens'?)"),
    "a misspelt key of a therapy": (HEAD + "therapies: {mmf: {synonym: []}}\n", "house.yaml:3:19: synonym: ", "(did you mean 'synonyms'?)"),
    "an anchor": (HEAD + "remove: &a []\n", "house.yaml:3:9: ", "write the value out"),
    "bad YAML": (HEAD + "remove: [\n", "house.yaml:4:1: ", "not valid YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "place", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_told_in_the_clinics_file(text: str, place: str, words: str) -> None:
    told = [str(problem) for problem in refused(text)]
    assert [t for t in told if t.startswith(f"/clinic/{place}") and words in t], told


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = HEAD.replace("shipped", "x") + "notises: 1\nremove: [a]\nchange: {b: {}, marrow-repeat-mcv: {when: mcv > 1}}\n"
    assert {p.code for p in refused(text)} == {"unknown_value", "unknown_key", "unknown_id", "no_source", "no_text"}


def test_a_changed_entry_that_states_what_was_shipped_is_not_to_be_read_again() -> None:
    old = HOUSE.replace(VERSION, "2020.1.1")
    pinned = f"change:\n  mmf-limit-neutrophils-hold: {{was: {{when: neutrophils < 1.3}}, when: neutrophils < 1.5, text: 'Low: hold.', {FROM}}}\n"
    notes = outdated(changed(old + pinned))
    assert [n for n in notes if "limits[mmf-limit-neutrophils-hold].text" in n and "2020.1.1" in n]
    assert not [n for n in notes if "limits[mmf-limit-neutrophils-hold].when" in n]
    assert len(outdated(changed(HOUSE + pinned))) == 1


def test_a_change_that_is_the_shipped_value_can_be_taken_out() -> None:
    same = f"change:\n  marrow-repeat-mcv: {{when: mcv > 105, text: 'y: z', {FROM}}}\n"
    assert [
        n for n in outdated(changed(HOUSE + same)) if n.endswith("limits[marrow-repeat-mcv].when' is as shipped; take it out")
    ]


def test_which_folder_is_what(tmp_path: Path) -> None:
    file = tmp_path / "any name.yaml"
    file.write_text(HEAD, encoding="utf-8")
    assert find(None).override is None
    assert find(tmp_path).override == find(file).override == file
    assert find(ROOT / "data").override is None
    assert find(tmp_path / "nowhere").folder == tmp_path / "nowhere"
    (tmp_path / "facts.yaml").write_text("", encoding="utf-8")
    assert (find(tmp_path).folder, find(tmp_path).override) == (tmp_path, None)


def test_the_cache_knows_the_clinics_file(tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(HOUSE + LIMIT, encoding="utf-8")
    kept = tmp_path / "cache"
    first = load_knowledge(ROOT / "data", "data", kept, file)
    assert load_knowledge(ROOT / "data", "data", kept, file) == first
    file.write_text(HOUSE + LIMIT.replace("1.5", "1.6"), encoding="utf-8")
    second = load_knowledge(ROOT / "data", "data", kept, file)
    assert entry(second, "mmf-limit-neutrophils-hold").when == "neutrophils < 1.6"
    assert load_knowledge(ROOT / "data", "data", kept).overrides is None
    assert len(list(kept.iterdir())) == 3


@pytest.mark.parametrize("example", DOCUMENTED, ids=[str(i) for i in range(len(DOCUMENTED))])
def test_the_documented_examples_are_sound(example: str) -> None:
    assert changed(example).overrides is not None


def test_the_first_documented_example_is_five_lines_and_works(tmp_path: Path, dmcli: Callable[..., Any]) -> None:
    assert len(DOCUMENTED[0].splitlines()) == 5
    (tmp_path / "house.yaml").write_text(DOCUMENTED[0], encoding="utf-8")
    code, out, err = dmcli("check", str(tmp_path))
    assert (code, err) == (0, "")
    assert "house.yaml changes entries: 2" in out
    code, out, err = dmcli("evidence", "--changes", "--data", str(tmp_path))
    assert (code, err) == (0, "")
    assert "neutrophils < 1.5 (shipped: neutrophils < 1.3)" in out
    assert "[house; local protocol]" in out


def test_the_first_documented_example_changes_a_plan() -> None:
    running = {"therapy": "mmf", "start": "2026-09-01", "dose": "1 g twice daily"}
    facts = {**PATIENT["facts"], "neutrophils": 1.4}  # type: ignore[dict-item]
    case = {**PATIENT, "facts": facts, "treatments": [*PATIENT["treatments"], running]}
    assert plan_of(case, shipped_knowledge()).status == "continue_current"
    assert plan_of(case, changed(DOCUMENTED[0])).status == "safety_hold"


def test_every_answer_names_the_clinics_file_and_not_its_folder(
    tmp_path: Path, dmcli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "house.yaml").write_text(HOUSE + LIMIT, encoding="utf-8")
    monkeypatch.setenv("DMCLI_DATA", str(tmp_path))
    for command in ("plan", "roadmap"):
        asked = (command, "examples/ivig-start.yaml", *(("--depth", "1") if command == "roadmap" else ()))
        _, out, _ = dmcli(*asked, "--format", "json")
        used = json.loads(out)["knowledge"]["overrides"]
        assert (used["file"], used["base"], used["changes"], len(used["sha256"])) == ("house.yaml", VERSION, 2, 64)
        for form in ("text", "markdown"):
            _, out, _ = dmcli(*asked, "--format", form)
            assert "Changed by house.yaml (entries: 2" in " ".join(out.split())
            assert str(tmp_path) not in out
    _, out, _ = dmcli("plan", "examples/ivig-start.yaml", "--data", "data", "--format", "json")
    assert json.loads(out)["knowledge"]["overrides"] is None


def test_without_a_file_there_are_no_changes_to_list(dmcli: Callable[..., Any]) -> None:
    assert "No file changes the shipped knowledge." in dmcli("evidence", "--changes")[1]
    assert json.loads(dmcli("evidence", "--changes", "--format", "json")[1]) is None


def test_one_page_of_evidence_at_a_time(dmcli: Callable[..., Any]) -> None:
    assert dmcli("evidence", "--changes", "--defaults")[0] == 2


HOUSE_RULE = "text: 'Not with us.', unknown: note, " + FROM


@pytest.mark.parametrize(
    "rules",
    [
        "contraindications:\n  - {id: house-none, targets: [], when: age > 40, " + HOUSE_RULE + "}\n",
        "classes: {house_class: {name: House class}}\nsubstances: {house_drug: {name: House drug, classes: [house_class]}}\n"
        "contraindications:\n  - {id: house-drug, targets: [house_class], when: age > 40, " + HOUSE_RULE + "}\n",
    ],
)
def test_a_rule_that_is_about_no_therapy_stops_no_batch(rules: str) -> None:
    knowledge = changed(HOUSE + rules)
    assert plan_of(PATIENT, knowledge.for_many()) == plan_of(PATIENT, knowledge)


def test_a_limit_that_asks_about_a_course_stands_in_the_way_of_no_start() -> None:
    limit = f"{{id: house-zoster, tier: hold, analyte: herpes_zoster, when: on_treatment(herpes_zoster), text: 'Shingles: hold.', {FROM}}}"
    knowledge = changed(f"{HOUSE}therapies:\n  ivig:\n    limits:\n      - {limit}\n")
    patient = {**PATIENT, "facts": {**PATIENT["facts"], "herpes_zoster": True}}
    assert plan_of(patient, knowledge.for_many()) == plan_of(patient, knowledge)


@pytest.mark.parametrize(("stated", "told"), [({}, True), ({"height_cm": None}, True), ({"height_cm": 180}, False)])
def test_a_contradiction_may_ask_whether_something_is_known(stated: dict[str, Any], told: bool) -> None:
    rule = "{id: house-height, field: patient.height_cm, when: age > 40 and not known(height_cm), text: State it., " + FROM + "}"
    knowledge = changed(f"{HOUSE}contradictions:\n  - {rule}\n")
    facts = {key: value for key, value in PATIENT["facts"].items() if key != "height_cm"}
    patient = {**PATIENT, "facts": {**facts, **stated}}
    if told:
        with pytest.raises(InvalidCase, match="State it"):
            plan_of(patient, knowledge)
    else:
        assert plan_of(patient, knowledge).status


@pytest.mark.parametrize(
    ("doses", "step"),
    [
        (("1.25", "2.5"), "1.25"),
        (("0.05", "0.02"), "0.01"),
        (("10", "20"), "10"),
        (("12.5", "6.25"), "6.25"),
        (("0.0001",), "0.0001"),
    ],
)
def test_a_dose_comes_down_to_what_the_doses_of_a_therapy_are_multiples_of(doses: tuple[str, ...], step: str) -> None:
    assert common_step([Decimal(dose) for dose in doses]) == Decimal(step)


def test_a_dose_of_which_nothing_could_be_given_is_lowered_to_none() -> None:
    knowledge = shipped_knowledge()
    written = parse_dose("0.1 mg twice daily")
    assert written is not None
    patient = assess(read_case(PATIENT, knowledge), knowledge, None)
    assert lowered_dose(patient, "cyclosporine", written, "25 %") is None
