"""The commands. Each is thin: read, call one function of the planner, render, exit."""

from typing import Annotated

import typer

from dmcli.cli import (
    algorithm_command,
    batch_command,
    case_commands,
    help_command,
    knowledge_commands,
    plan_command,
    roadmap_command,
)
from dmcli.cli.declared import takes
from dmcli.cli.options import Settings

app = typer.Typer(
    name="dmcli",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Treatment planner for adults with refractory cutaneous dermatomyositis. Decision support, not an order.",
    epilog="Try: dmcli plan CASE.yaml  |  dmcli case new > case.yaml  |  dmcli help",
)


def _version(wanted: bool) -> None:
    if wanted:
        from dmcli.cli.streams import answer
        from dmcli.cli.version import version_line

        answer(version_line())
        raise typer.Exit


def _show_completion(wanted: bool) -> None:
    if wanted:
        from dmcli.cli.shells import script
        from dmcli.cli.streams import answer

        answer(script())
        raise typer.Exit


def _install_completion(wanted: bool) -> None:
    if wanted:
        from dmcli.cli.shells import install
        from dmcli.cli.streams import tell

        tell(install())
        raise typer.Exit


@app.callback()
@takes(None, "data", "format", "output", "no_color", "quiet")
def common(
    context: typer.Context,
    settings: Settings,
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tool and knowledge version.")] = False,
    _install: Annotated[
        bool,
        typer.Option(
            "--install-completion", callback=_install_completion, is_eager=True, help="Complete names in this shell from now on."
        ),
    ] = False,
    _show: Annotated[
        bool,
        typer.Option(
            "--show-completion", callback=_show_completion, is_eager=True, help="The script for bash, zsh or fish (SHELL)."
        ),
    ] = False,
) -> None:
    """Options that every command takes, before or after its name."""
    context.obj = settings


for _name, _command in {
    "plan": plan_command.plan_command,
    "batch": batch_command.batch_command,
    "roadmap": roadmap_command.roadmap_command,
    "algorithm": algorithm_command.algorithm_command,
    "therapy": knowledge_commands.therapy_command,
    "evidence": knowledge_commands.evidence_command,
    "facts": knowledge_commands.facts_command,
    "check": knowledge_commands.check_command,
    "help": help_command.help_command,
}.items():
    app.command(_name, cls=help_command.Helped)(_command)
app.add_typer(case_commands.app, name="case")
