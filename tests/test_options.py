"""Options that are declared once and used by several commands."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions
from dmcli.cli.plan_command import plan_command
from dmcli.cli.roadmap_command import roadmap_command
from dmcli.record import Record, fields_of

Call = Callable[..., tuple[int, str, str]]


class Size(Record):
    """Two options as one record."""

    width: Annotated[int, typer.Option("--width", help="Columns.")] = 3
    names: Annotated[list[str] | None, typer.Option("--name")] = None


def called(*args: str) -> list[Any]:
    """What a command written with records is called with."""
    seen: list[Any] = []

    @takes("plan", "quiet", "format")
    def command(size: Size, deep: Annotated[bool, typer.Option("--deep")] = False, *, settings: Settings) -> None:
        """What it does."""
        seen.extend((size, deep, settings))

    app = typer.Typer(add_completion=False)
    app.command("it")(command)
    typer.main.get_command(app)(list(args), standalone_mode=False)
    return seen


def test_a_record_is_filled_from_the_command_line() -> None:
    size, deep, settings = called("--width", "7", "--name", "a", "--name", "b", "--deep", "-q", "-f", "json")
    assert (size, deep) == (Size(7, ["a", "b"]), True)
    assert (settings.quiet, settings.format, settings.output) == (True, "json", None)


def test_what_is_not_said_is_the_records_default() -> None:
    size, deep, settings = called()
    assert (size.width, size.names or None, deep) == (3, None, False)
    assert (settings.quiet, settings.format) == (False, None)


def test_the_function_keeps_its_name_and_what_it_says_of_itself() -> None:
    assert plan_command.__name__ == "plan_command"
    assert plan_command.__doc__ is not None
    assert plan_command.__doc__.startswith("Plan one patient")


def test_plan_and_roadmap_take_the_same_patient() -> None:
    shared = [*fields_of(PatientOptions), *fields_of(QuestionOptions)]
    plan, roadmap = (inspect.signature(c).parameters for c in (plan_command, roadmap_command))
    assert [plan[name] for name in shared] == [roadmap[name] for name in shared]


def test_an_option_of_the_command_wins_over_the_one_before_it(dmcli: Call) -> None:
    before = dmcli("--format", "json", "facts", "egfr")
    assert before == dmcli("facts", "egfr", "--format", "json")
    assert dmcli("--format", "yaml", "facts", "egfr", "--format", "json") == before
