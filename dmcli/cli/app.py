"""The commands. Each is thin: read, call one function of the planner, render, exit; only the one that is asked for is loaded."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.main import get_command

from dmcli.cli.declared import takes
from dmcli.cli.helped import Grouped, Helped
from dmcli.cli.options import Settings

# Where each command is, in the order of the help; a place without a function is a group of commands.
_PLACES = {
    "plan": "plan_command:plan_command",
    "batch": "batch_command:batch_command",
    "roadmap": "roadmap_command:roadmap_command",
    "algorithm": "algorithm_command:algorithm_command",
    "therapy": "knowledge_commands:therapy_command",
    "evidence": "knowledge_commands:evidence_command",
    "facts": "knowledge_commands:facts_command",
    "case": "case_commands",
    "check": "knowledge_commands:check_command",
    "help": "help_command:help_command",
}

_CONTEXT = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="dmcli",
    cls=Grouped,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=_CONTEXT,
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
@takes(None, "data", "format", "output", "color", "no_color", "quiet")
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


def command_line() -> Any:
    """The whole command line."""
    group: Any = get_command(app)
    group.commands = _Commands(dict.fromkeys(_PLACES))
    return group


class _Commands(dict[str, Any]):
    """The commands by name, each made when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        made = super().__getitem__(name)
        if made is None:
            made = _made(name)
            made.name = name
            self[name] = made
        return made

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]


def _made(name: str) -> Any:
    module, _, function = _PLACES[name].partition(":")
    place = import_module(f"dmcli.cli.{module}")
    if not function:
        return get_command(place.app)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, context_settings=_CONTEXT)
    alone.command(name, cls=Helped)(getattr(place, function))
    return get_command(alone)
