"""Entry point: the fast answer to --version, and one place where errors become messages and exit codes."""

import gc
import os
import sys
from typing import NoReturn

from dmcli import __version__
from dmcli.errors import DmcliError, Problem

INTERNAL, INTERRUPTED, BROKEN_PIPE = 1, 130, 141


def main() -> NoReturn:
    """Run the command line and exit. Bad input never gets a traceback."""
    if sys.argv[1:] == ["--version"]:
        _version()
    if not sys.argv[1:]:
        sys.argv.append("--help")
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
    except BrokenPipeError:
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


def _unexpected(error: Exception) -> int:
    """A usage error of the command line's own, or a fault of this program, named without any patient data."""
    exit_code = getattr(error, "exit_code", None)
    if isinstance(exit_code, int) and type(error).__module__.startswith("typer"):
        show = getattr(error, "show", None)
        if show is not None:
            show(file=sys.stderr)
        return exit_code
    from dmcli.cli.messages import report

    text = f"internal error ({type(error).__name__}); no plan was made. Please report it with the command, without patient data"
    report((Problem("dmcli", 0, 0, "", "internal", text),), sys.argv[1:])
    if os.environ.get("DMCLI_TRACEBACK") == "1":
        raise error
    return INTERNAL
