"""The recipes of docs/knowledge.md, done on a copy of the data exactly as they are written, and what comes of them."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conftest import ROOT, plan_of
from dmcli.knowledge.contents import read_files
from dmcli.knowledge.lint import lint
from dmcli.knowledge.load import build
from dmcli.knowledge.model import Knowledge
from dmcli.result.plan import as_data
from expectations import merged
from test_cases import BASES

PAGE = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")
_EDIT = re.compile(
    r"<!-- (?P<how>replace|insert|new): (?P<file>[^ >]+)(?: (?P<side>before|after))? -->\n```yaml\n(?P<first>.*?)```\n"
    r"(?:(?P<between>[^`<]*?)```yaml\n(?P<second>.*?)```\n)?",
    re.DOTALL,
)
Folder = Callable[..., Path]
Call = Callable[..., tuple[int, str, str]]


class Edit(NamedTuple):
    how: str
    file: str
    side: str | None
    first: str
    second: str

    def done(self, folder: Path) -> None:
        path = folder / self.file
        if self.how == "new":
            path.write_text(self.first, encoding="utf-8")
            return
        text = path.read_text(encoding="utf-8")
        anchor = self.first if text.count(self.first) else self.first.strip("\n")
        assert text.count(anchor) == 1, f"{self.file} has this {text.count(anchor)} times:\n{anchor}"
        second = self.second if anchor == self.first else self.second.strip("\n")
        put = {"before": second + anchor, "after": anchor + second, None: second}[self.side]
        path.write_text(text.replace(anchor, put), encoding="utf-8")


def recipe(title: str) -> list[Edit]:
    section = PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    edits = [Edit(m["how"], m["file"], m["side"], m["first"], m["second"]) for m in _EDIT.finditer(section)]
    assert edits, f"no edits under '{title}'"
    return edits


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Knowledge]:
    def follow(*titles: str) -> Knowledge:
        folder = tmp_path / "data"
        shutil.copytree(ROOT / "data", folder)
        for title in titles:
            for edit in recipe(title):
                edit.done(folder)
        return build(read_files(folder), "data")

    return follow


def planned(knowledge: Knowledge, **changes: Any) -> dict[str, Any]:
    return as_data(plan_of(merged(BASES["refractory"], changes), knowledge))


def counts(plan: dict[str, Any]) -> list[str]:
    return [day["date"] for day in plan["monitoring"] if "cbc" in [item["test"] for item in day["tests"]]]


def test_change_the_mmf_blood_test_interval(changed: Callable[..., Knowledge], knowledge: Knowledge) -> None:
    no_infusion = {"access": {"iv_infusion": False}}
    before = counts(planned(knowledge, **no_infusion))
    after = counts(planned(changed("Change the MMF blood-test interval"), **no_infusion))
    assert set(after) > set(before)
    assert set(after) - set(before) == {"2027-01-05", "2027-01-19"}  # weeks 5 and 7


def test_add_a_therapy(changed: Callable[..., Knowledge]) -> None:
    more = changed("Add a therapy")
    status = {option["therapy"]: option["status"] for option in planned(more)["options"]}
    assert status["anifrolumab"] == "reserved"
    ladder = [m for line in more.algorithm.lines for m in line.members]
    last = planned(more, access={"declined": [therapy for therapy in ladder if therapy != "anifrolumab"]})
    assert last["next"]["therapy"] == "anifrolumab"
    harmed = planned(
        more,
        treatments=[
            *BASES["refractory"]["treatments"],
            {"therapy": "anifrolumab", "outcome": "intolerance", "reason": "hypersensitivity"},
        ],
    )
    assert {o["therapy"]: o["status"] for o in harmed["options"]}["anifrolumab"] == "contraindicated"


def test_add_a_fact_and_a_warning_that_uses_it(changed: Callable[..., Knowledge]) -> None:
    more = changed("Add a fact", "Add a warning")
    for outdoors, warned in ((True, 1), (False, 0)):
        texts = [warning["text"] for warning in planned(more, facts={"outdoor_work": outdoors})["warnings"]]
        assert sum(text.startswith("Works outdoors") for text in texts) == warned


def test_a_warning_has_a_code_of_its_own(changed: Callable[..., Knowledge], dmcli: Call, tmp_path: Path) -> None:
    changed("Add a fact", "Add a warning")
    algorithm = tmp_path / "data" / "algorithm.yaml"
    text = algorithm.read_text(encoding="utf-8")
    algorithm.write_text(
        text.replace("code: local\n    when: outdoor_work", "code: sun_exposure\n    when: outdoor_work"), encoding="utf-8"
    )
    more = build(read_files(tmp_path / "data"), "data")
    codes = [warning["code"] for warning in planned(more, facts={"outdoor_work": True})["warnings"]]
    assert codes.count("sun_exposure") == 1
    assert dmcli("help", "sun_exposure", "--data", str(tmp_path / "data"))[1] == (
        "- sun_exposure: the patient is outdoors for a living. (Warnings)\n"
    )
    assert dmcli("help", "sun_exposure")[0] == 2


def test_a_warning_that_no_notice_has_is_noted(changed: Callable[..., Knowledge]) -> None:
    assert "no notice has the code 'sun_exposure'" in lint(changed("Add a fact", "Add a warning"))["notes"]


def test_add_a_harm(changed: Callable[..., Knowledge], dmcli: Call, tmp_path: Path) -> None:
    more = changed("Add a harm")
    harmed = {"therapy": "ivig", "start": "2026-01-10", "stop": "2026-03-01", "outcome": "intolerance", "scope": "schedule"}
    for word in ("vein damage", "no veins"):
        plan = planned(more, treatments=[*BASES["refractory"]["treatments"], {**harmed, "reason": word}])
        rules = {argument["rule"] for o in plan["options"] if o["therapy"] == "ivig" for argument in o["arguments"]}
        assert "ivig-contra-veins" in rules
    folder = str(tmp_path / "data")
    schema = json.loads(dmcli("case", "schema", "--data", folder)[1])
    assert {"vein_damage", "no_veins"} <= set(schema["properties"]["treatments"]["items"]["properties"]["reason"]["enum"])
    assert "| vein_damage |" in dmcli("case", "new", "--full", "--data", folder)[1]
    assert dmcli("help", "vein-damage", "--data", folder)[1].startswith(
        "- vein_damage: veins that take no line any more; also no_veins."
    )


def test_a_fact_that_no_rule_uses_is_noted(changed: Callable[..., Knowledge]) -> None:
    assert any("outdoor_work" in note for note in lint(changed("Add a fact"))["notes"])


def test_the_conditions_of_the_page_are_conditions(tmp_path: Path) -> None:
    conditions = re.findall(r"^\| `(.+?)` \|", PAGE.partition("| condition |")[2].partition("\n\n")[0], re.MULTILINE)
    notices = [
        f'  - {{id: not-shown-{number}, code: local, when: "{condition}", text: Shown., level: default}}'
        for number, condition in enumerate(conditions)
    ]
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    Edit("insert", "algorithm.yaml", "after", "notices:\n", "\n".join([*notices, ""])).done(folder)
    assert len(conditions) > 3
    assert {f"not-shown-{number}" for number in range(len(conditions))} <= {
        n.id for n in build(read_files(folder), "data").algorithm.notices
    }


def test_every_recipe_of_the_page_is_done_here() -> None:
    assert len(_EDIT.findall(PAGE)) == PAGE.count("<!-- replace: ") + PAGE.count("<!-- insert: ") + PAGE.count("<!-- new: ")
