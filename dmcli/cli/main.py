"""Entry point: the fast answer to --version, and one place where errors become messages and exit codes."""

import gc
import io
import os
import sys
from typing import NoReturn

from dmcli import __version__
from dmcli.errors import DmcliError, OutputClosed, Problem

INTERNAL, INTERRUPTED, BROKEN_PIPE = 1, 130, 141


def main() -> NoReturn:
    """Run the command line and exit. Bad input never gets a traceback."""
    if sys.argv[1:] == ["--version"]:
        _version()
    if not sys.argv[1:]:
        sys.argv.append("--help")
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows its escape instead of failing.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # One short run that keeps nearly all it makes: collecting garbage would only cost time.
    gc.disable()
    try:
        from dmcli.cli.app import app

        code = app(standalone_mode=False)
        _flush()
        sys.exit(code if isinstance(code, int) else 0)
    except DmcliError as error:
        from dmcli.cli.messages import report

        report(error.problems, sys.argv[1:])
        sys.exit(error.exit_code)
    except (BrokenPipeError, OutputClosed):
        _broken_pipe()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        sys.exit(_unexpected(error))


def _version() -> NoReturn:
    """Tool and knowledge version, without importing the command line."""
    from dmcli.cli.version import knowledge_version

    try:
        print(f"dmcli {__version__} (knowledge {knowledge_version()})")
        sys.stdout.flush()
    except BrokenPipeError:
        _broken_pipe()
    sys.exit(0)


def _flush() -> None:
    sys.stdout.flush()


def _broken_pipe() -> NoReturn:
    # The reader went away; the interpreter's own flush at exit must not complain about it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(BROKEN_PIPE)


def _usage(error: Exception) -> None:
    """What the command line itself found wrong: with its usage line, or as JSON where that was asked for."""
    from dmcli.cli.messages import report, wants_json

    show, text = getattr(error, "show", None), getattr(error, "message", "") or str(error)
    if wants_json(sys.argv[1:]) or show is None:
        report((Problem("dmcli", 0, 0, "", "usage", text),), sys.argv[1:])
    else:
        show(file=sys.stderr)


def _unexpected(error: Exception) -> int:
    """A usage error of the command line's own, or a fault of this program, named without any patient data."""
    exit_code = getattr(error, "exit_code", None)
    if isinstance(exit_code, int) and type(error).__module__.startswith("typer"):
        _usage(error)
        return exit_code
    from dmcli.cli.messages import report

    text = f"internal error ({type(error).__name__}); no plan was made. Please report it with the command, without patient data"
    report((Problem("dmcli", 0, 0, "", "internal", text),), sys.argv[1:])
    if os.environ.get("DMCLI_TRACEBACK") == "1":
        raise error
    return INTERNAL
