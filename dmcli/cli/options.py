"""Options that several commands share, and what they resolve to: knowledge, format, colour, output."""

import errno
import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dmcli.errors import InvalidInput, OutputClosed, Problem, UsageProblem

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    MARKDOWN = "markdown"
    MERMAID = "mermaid"


DataOption = Annotated[Path | None, typer.Option("--data", help="Use another knowledge folder.", metavar="DIR")]
FormatOption = Annotated[Format | None, typer.Option("--format", "-f", help="How the answer is written; mermaid: a roadmap.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to a file, whole or not at all.", metavar="FILE")
]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No messages beside the answer.")]

_NARROWEST, _WIDEST, _PIPED = 60, 120, 100


@dataclass(frozen=True)
class Settings:
    """What the global options say; a command's own option wins."""

    data: Path | None = None
    format: Format | None = None
    output: Path | None = None
    no_color: bool = False
    quiet: bool = False

    def override(
        self, data: Path | None, fmt: Format | None, output: Path | None, no_color: bool, quiet: bool, *, drawn: bool = False
    ) -> "Settings":
        """The settings of one command; `drawn` if it has an answer that can be drawn as a flowchart."""
        if (fmt or self.format) is Format.MERMAID and not drawn:
            text = "mermaid is for dmcli roadmap only; choose text, json, yaml or markdown"
            raise UsageProblem([Problem("--format", 0, 0, "", "usage", text)])
        return Settings(
            data or self.data, fmt or self.format, output or self.output, no_color or self.no_color, quiet or self.quiet
        )

    @property
    def kind(self) -> Format:
        return self.format or Format.TEXT

    def knowledge(self) -> "Knowledge":
        """The knowledge in use, from the compiled cache where possible. Raises InvalidKnowledge."""
        from dmcli.knowledge.cache import default_dir, load_knowledge
        from dmcli.knowledge.folder import shipped

        cache = None if os.environ.get("DMCLI_CACHE") == "off" else default_dir(os.environ)
        if self.data is not None:
            return load_knowledge(self.data, str(self.data), cache)
        return load_knowledge(shipped(), "data", cache)

    def color(self) -> bool:
        """Colour only on a terminal that wants it."""
        if self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or self.output:
            return False
        return sys.stdout.isatty()

    def width(self) -> int:
        """The terminal's width within what reads well; a fixed width when piped."""
        import shutil

        columns = shutil.get_terminal_size((_PIPED, 24)).columns if sys.stdout.isatty() or os.environ.get("COLUMNS") else _PIPED
        return max(_NARROWEST, min(columns, _WIDEST))

    def show(self, text: str, *, paged: bool) -> None:
        """To the reader: through a pager on a terminal where text is longer than it, else as `write` does."""
        if paged and self.kind is Format.TEXT and self.output is None and sys.stdout.isatty():
            from dmcli.cli.pager import paged as shown

            shown(text, self.write)
        else:
            self.write(text)

    def write(self, text: str) -> None:
        """To stdout, or to a file that is written whole or not at all and readable by its owner only."""
        if self.output is None:
            try:
                sys.stdout.write(text)
                sys.stdout.flush()
            except BrokenPipeError:
                raise OutputClosed from None
            except OSError as error:
                problem = Problem("stdout", 0, 0, "", "unwritable", f"cannot be written ({error.strerror})")
                raise UsageProblem([problem]) from None
            return
        import tempfile

        # Behind a link stands the file that is meant; a device or a pipe is nobody's to replace.
        target = Path(os.path.realpath(self.output))
        try:
            if self.output.exists() and not (self.output.is_file() or self.output.is_dir()):
                raise OSError(errno.EINVAL, "not an ordinary file")
            descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".dmcli-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
                    stream.write(text)
                os.replace(name, target)
            except OSError:
                os.unlink(name)
                raise
        except OSError as error:
            text = f"cannot be written ({error.strerror}); choose another file"
            raise UsageProblem([Problem(str(self.output), 0, 0, "", "unwritable", text)]) from None


def read_text(path: str) -> str:
    """A case file's text, or stdin for `-`. Raises InvalidInput."""
    from dmcli.yamlfile import MAX_BYTES

    try:
        if path == "-":
            if sys.stdin is None or sys.stdin.isatty():
                raise UsageProblem([Problem("-", 0, 0, "", "usage", "no case on stdin; pipe one in, or name a file")])
            raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        return raw.decode("utf-8-sig")
    except OSError as error:
        text = f"cannot be read ({error.strerror}); name a .yaml or .json file, or - for stdin"
        raise InvalidInput([Problem(path, 0, 0, "", "unreadable", text)]) from None
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise InvalidInput([Problem(path, 0, 0, "", "encoding", text)]) from None
