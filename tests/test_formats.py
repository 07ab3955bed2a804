"""The registry of answers and formats: what each command offers, and that every place in it is there."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from dmcli.render.registry import FORMATS, KINDS, NAMES, View, commands_with, formats_of, render

Call = Callable[..., tuple[int, str, str]]
EXAMPLE = "examples/ivig-start.yaml"
# Pinned: a format that is lost, or gained by accident, is seen here.
OFFERED = {
    "plan": ("text", "json", "yaml", "markdown"),
    "roadmap": ("text", "json", "yaml", "markdown", "mermaid"),
    "algorithm": ("text", "json", "yaml", "markdown", "mermaid", "svg"),
    "therapy": ("text", "json", "yaml", "markdown"),
    "evidence": ("text", "json", "yaml", "markdown"),
    "facts": ("text", "json", "yaml", "markdown"),
    "check": ("text", "json", "yaml"),
}
PLACES = [
    *((f.writer, ["content", "view"]) for f in FORMATS),
    *((place, ["subject", "knowledge", "view"]) for kind in KINDS.values() for place in kind.builders.values()),
]


def test_each_command_offers_what_its_answers_have() -> None:
    assert {command: formats_of(command) for command in dict.fromkeys(k.command for k in KINDS.values())} == OFFERED
    assert formats_of("case new") == ()
    assert commands_with("mermaid") == ("roadmap", "algorithm")
    assert commands_with("svg") == ("algorithm",)
    assert commands_with("pdf") == ()


@pytest.mark.parametrize(("place", "roles"), PLACES, ids=lambda v: v if isinstance(v, str) else "")
def test_every_place_of_the_registry_is_a_function_of_the_one_signature(place: str, roles: list[str]) -> None:
    module, _, name = place.partition(":")
    function = getattr(import_module(f"dmcli.render.{module}"), name)
    assert len(inspect.signature(function).parameters) == len(roles)


def test_every_shape_has_a_format_and_no_format_is_there_twice() -> None:
    shapes = {shape for kind in KINDS.values() for shape in kind.builders}
    assert shapes == {f.shape for f in FORMATS}
    assert len({(f.name, f.shape) for f in FORMATS}) == len(FORMATS)


def test_a_format_that_an_answer_has_not_is_refused() -> None:
    with pytest.raises(KeyError, match="plan has no format mermaid"):
        render("plan", "mermaid", None, None, View())  # type: ignore[arg-type]


@pytest.mark.parametrize("command", OFFERED)
def test_the_help_and_the_error_list_what_a_command_offers(dmcli: Call, command: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    names = OFFERED[command]
    assert f"<{'|'.join(names)}>" in dmcli(command, "--help")[1]
    case = [EXAMPLE] if command in ("plan", "roadmap") else []
    for line in ([command, *case, "-f", "pdf"], ["-f", "pdf", command, *case]):
        code, out, err = dmcli(*line)
        assert (code, out) == (2, "")
        listed = NAMES if line[0] == "-f" else names
        assert f"choose {', '.join(listed[:-1])} or {listed[-1]}" in err


def test_a_format_of_another_command_is_refused_with_its_name(dmcli: Call) -> None:
    for line in (["plan", EXAMPLE, "-f", "mermaid"], ["-f", "mermaid", "plan", EXAMPLE]):
        code, out, err = dmcli(*line)
        assert (code, out) == (2, "")
        assert (
            "'mermaid' is no format of dmcli plan; choose text, json, yaml or markdown (mermaid: dmcli roadmap, algorithm)" in err
        )
    assert "choose text or json" in dmcli("case", "check", EXAMPLE, "-f", "yaml")[2]


@pytest.mark.parametrize("name", OFFERED["check"])
def test_the_report_on_a_folder_can_be_had_in_each_of_its_formats(dmcli: Call, name: str) -> None:
    code, out, err = dmcli("check", "-f", name)
    assert (code, err) == (0, "")
    assert "therapies" in out
    assert out.endswith("\n")
