"""Options that several commands share, and what they resolve to: knowledge, format, colour, output."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmcli.cli import messages
from dmcli.cli.files import STDIO, Files
from dmcli.errors import Problem, UsageProblem
from dmcli.knowledge.folder import Place, find
from dmcli.record import Record
from dmcli.render.registry import NAMES, View, commands_with, formats_of, render

if TYPE_CHECKING:  # no command loads the knowledge before it runs
    from dmcli.knowledge.model import Knowledge

_NARROWEST, _WIDEST, _PIPED = 60, 120, 100
_WHEN = ("auto", "always", "never")


def shared_options(command: str | None) -> dict[str, tuple[Any, Any]]:
    """Each shared option's annotation and default. `--format` offers what the command has; before one, everything."""
    return {
        "data": (
            Annotated[
                Path | None,
                typer.Option("--data", help="Your own knowledge folder, or a file that changes the shipped one.", metavar="DIR"),
            ],
            None,
        ),
        "format": (_format_option(offered(command)), None),
        "output": (
            Annotated[str | None, typer.Option("--output", "-o", help="Write to a file, whole or not at all.", metavar="FILE")],
            None,
        ),
        "color": (
            Annotated[
                str | None,
                typer.Option(
                    "--color",
                    help="When to use colour; always: in a pipe too.",
                    metavar=f"<{'|'.join(_WHEN)}>",
                    autocompletion=lambda: _WHEN,
                ),
            ],
            None,
        ),
        "no_color": (Annotated[bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")], False),
        "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="No messages beside the answer.")], False),
    }


def _format_option(names: tuple[str, ...]) -> Any:
    choices = f"<{'|'.join(names)}>"
    option = typer.Option("--format", "-f", help="How the answer is written.", metavar=choices, autocompletion=lambda: names)
    return Annotated[str | None, option]


def offered(command: str | None) -> tuple[str, ...]:
    """The formats of a command's answers; of its problems, where it answers with nothing else."""
    return NAMES if command is None else formats_of(command) or messages.FORMATS


class Settings(Record):
    """What the shared options say; a command's own option wins. `files` are those of the whole run."""

    data: Path | None = None
    format: str | None = None
    output: str | None = None
    color: str | None = None
    no_color: bool = False
    quiet: bool = False
    files: Files | None = None

    def settled(self, command: str | None, own: dict[str, Any]) -> "Settings":
        """The settings of one command with its own options. Raises UsageProblem for a format that it has not, and for a
        colour that is none of the three or is asked for in two ways."""
        said = {name: value for name, value in own.items() if value not in (None, False)}
        # What the command says of colour is said instead of what stands before it.
        before = self.changed(color=None, no_color=False) if {"color", "no_color"} & said.keys() else self
        found = before.changed(files=self.files or Files(), **said)
        if found.color is not None and (found.no_color or found.color not in _WHEN):
            raise _no_color(found.color)
        if "format" in own and found.format is not None and found.format not in offered(command):
            raise _no_format(found.format, command)
        return found

    @property
    def place(self) -> Place:
        """The knowledge that an option or the environment names, else the shipped one; no answer is written into it."""
        named = os.environ.get("DMCLI_DATA")
        return self.keep(find(self.data or (Path(named) if named else None)))

    def keep(self, place: Place) -> Place:
        """A knowledge that this run reads, which no answer of it may change."""
        self.run.keep_folder(place.folder)
        if place.override is not None:
            self.run.keep_folder(place.override)
        return place

    def knowledge(self) -> "Knowledge":
        """The knowledge in use, from the compiled cache where possible. Raises InvalidKnowledge."""
        from dmcli.knowledge.cache import default_dir, load_knowledge

        cache = None if os.environ.get("DMCLI_CACHE") == "off" else default_dir(os.environ)
        place = self.place
        return load_knowledge(place.folder, place.shown, cache, place.override)

    @property
    def run(self) -> Files:
        """The files of this run."""
        if self.files is None:
            raise RuntimeError("settings are settled before they are used")
        return self.files

    def colored(self, terminal: bool) -> bool:
        """Whether text is written in colour, where it goes to a terminal or not: what is asked for, else only on a terminal
        that wants it."""
        if self.color == "always":
            return True
        if self.no_color or self.color == "never" or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return terminal

    def width(self) -> int:
        """The terminal's width within what reads well; a fixed width when piped."""
        import shutil

        columns = shutil.get_terminal_size((_PIPED, 24)).columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else _PIPED
        return max(_NARROWEST, min(columns, _WIDEST))

    def show(self, kind: str, subject: Any, knowledge: "Knowledge", *, explain: bool = False, paged: bool = True) -> None:
        """An answer of a kind, in the format and at the place asked for; `paged`: through a pager on a terminal where text
        is longer than it."""
        name = self.format or NAMES[0]
        text = render(kind, name, subject, knowledge, self.view()._replace(explain=explain))
        self.write_paged(text, paged=paged and name == NAMES[0])

    def view(self) -> View:
        """How text is shown."""
        return View(self.width(), self.output in (None, STDIO) and self.colored(sys.stdout.isatty()))

    def write_paged(self, text: str, paged: bool) -> None:
        """Text to where the answer goes, `paged` through a pager where that is a terminal."""
        if paged and self.output is None and sys.stdout.isatty():
            from dmcli.cli.pager import paged as shown

            shown(text, self.write)
        else:
            self.write(text)

    def write(self, text: str) -> None:
        """Text to where the answer goes. Raises UsageProblem, OutputClosed."""
        self.run.write(text, self.output)


def _no_color(said: str) -> UsageProblem:
    shown = "".join(c if c.isprintable() else "?" for c in said)[:40]
    text = f"'{shown}' is none of {', '.join(_WHEN)}" if said not in _WHEN else "is given beside --no-color; give one of them"
    return UsageProblem([Problem("--color", 0, 0, "", "usage", text)])


def _no_format(name: str, command: str | None) -> UsageProblem:
    names = offered(command)
    shown = "".join(c if c.isprintable() else "?" for c in name)[:40]
    others = commands_with(name) if command is not None else ()
    hint = f" ({name}: dmcli {', '.join(others)})" if others else ""
    whose = f"dmcli {command}" if command else "any command"
    text = f"'{shown}' is no format of {whose}; choose {', '.join(names[:-1])} or {names[-1]}{hint}"
    return UsageProblem([Problem("--format", 0, 0, "", "usage", text)])
