"""`dmcli algorithm`: every rule of the data is on the ladder, and a patient stands on one rung of it."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from conftest import ROOT, as_case, shipped_knowledge
from dmcli.planner import plan
from dmcli.render.algorithm.ladder import ladder
from dmcli.render.registry import View, render
from strategies import BASES
from test_manners import HARMLESS, HOSTILE

Call = Callable[..., tuple[int, str, str]]
KNOWLEDGE = shipped_knowledge()


def test_its_nodes_are_the_rules_of_the_data() -> None:
    algorithm, rungs = KNOWLEDGE.algorithm, ladder(None, KNOWLEDGE).rungs
    said = [rule.rule for rung in rungs for rule in rung.rules]
    assert len(said) == len(set(said))
    wanted = {rule.id for rule in (*algorithm.statuses, *algorithm.moves, *algorithm.gate.requirements, *algorithm.gate.bypasses)}
    assert set(said) == wanted
    lines = [rung for rung in rungs if rung.id in {line.id for line in algorithm.lines}]
    assert [(r.id, tuple(m.therapy for m in r.members)) for r in lines] == [(line.id, line.members) for line in algorithm.lines]
    assert {m.therapy for m in rungs[-1].members} == {
        t.id for t in KNOWLEDGE.therapies.values() if t.line in ("specialist", "avoid", "not_recommended")
    }
    assert [bool(rung.leads) for rung in rungs] == [True] * (len(rungs) - 1) + [False]


@pytest.mark.parametrize(
    ("base", "change", "here"),
    [
        ("untreated", {}, "line-conventional"),
        ("refractory", {}, "line-primary"),
        ("refractory", {"patient": {"age": 12}}, "first"),
    ],
)
def test_the_way_of_a_patient_ends_on_one_rung(base: str, change: dict[str, object], here: str) -> None:
    made = plan(as_case(BASES[base] | change, KNOWLEDGE), KNOWLEDGE)
    rungs = ladder(made, KNOWLEDGE).rungs
    states = [rung.state for rung in rungs]
    assert [rung.id for rung in rungs if rung.state == "here"] == [here]
    assert states == sorted(states, key=("passed", "here", "ahead").index)
    shown = render("algorithm", "text", made, KNOWLEDGE, View(80))
    assert shown.count("(HERE)") == 1
    statuses = {option.therapy: option.status for option in made.options}
    assert all(member.status == statuses[member.therapy] for rung in rungs for member in rung.members)


def test_every_format_is_written(dmcli: Call) -> None:
    for case in ([], ["examples/jak-failed.yaml"]):
        texts = {
            form: dmcli("algorithm", *case, "-f", form)[1] for form in ("text", "json", "yaml", "markdown", "mermaid", "svg")
        }
        assert all("apremilast" in text for text in texts.values())
        assert texts["mermaid"].startswith("flowchart TD\n")
        root = ElementTree.fromstring(texts["svg"])
        assert root.tag.endswith("svg")
        boxes = [box for box in root if box.tag.endswith("rect")][1:]
        assert len(boxes) == len(KNOWLEDGE.algorithm.lines) + 3
        bottoms = [float(box.get("y", "0")) + float(box.get("height", "0")) for box in boxes]
        tops = [float(box.get("y", "0")) for box in boxes]
        assert all(bottom < top for bottom, top in zip(bottoms, tops[1:], strict=False))
        assert len([box for box in boxes if box.get("class") == "h"]) == len(case)
    text = (ROOT / "docs" / "algorithm.svg").read_text(encoding="utf-8")
    assert text.isascii()


def test_text_of_a_case_is_no_markup(dmcli: Call) -> None:
    case = json.dumps({"id": HOSTILE, "as_of": "2026-12-01", "patient": {"age": 45}})
    for form in ("text", "svg", "mermaid"):
        code, out, err = dmcli("algorithm", "-", "-f", form, stdin=case)
        assert (code, err) == (0, "")
        assert not HARMLESS.search(out)
