"""Entry point: the fast answer to --version, and one place where errors become messages and exit codes.

Nothing is imported before `main` runs, so that an interrupt finds someone to catch it from the first moment on.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # what types need is not loaded before `main` runs
    from collections.abc import Sequence
    from typing import NoReturn

    from dmcli.errors import Problem

INTERNAL, USAGE, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141


def main() -> "NoReturn":
    """Run the command line and exit. Bad input never gets a traceback, an interrupt never a word."""
    try:
        code = _guarded()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def _guarded() -> int:
    from dmcli.cli import streams
    from dmcli.errors import DmcliError, OutputClosed

    streams.prepare()
    stdout = sys.stdout
    try:
        return _command()
    except DmcliError as error:
        _report(error.problems)
        if isinstance(error, streams.Unwritable):
            streams.silence(stdout)
        return error.exit_code
    except (BrokenPipeError, OutputClosed):
        streams.silence(stdout)
        return BROKEN_PIPE
    except SystemExit:
        # So the libraries that read the command line and print its help leave when the reader of the help went away.
        streams.silence(stdout)
        return BROKEN_PIPE
    except Exception as error:
        if isinstance(error, OSError) and streams.refused(error):
            _report(streams.Unwritable(error).problems)
            streams.silence(stdout)
            return USAGE
        return _unexpected(error)


def _command() -> int:
    """What the command line asks for."""
    import atexit
    import gc
    import os

    from dmcli.cli import streams

    if sys.argv[1:] == ["--version"]:
        from dmcli.cli.version import version_line

        streams.answer(version_line())
        return 0
    if "_DMCLI_COMPLETE" in os.environ:
        from dmcli.cli.app import command_line
        from dmcli.cli.completion import answers

        streams.answer("".join(f"{answer}\n" for answer in answers(command_line(), sys.argv[1:])))
        return 0
    if not sys.argv[1:]:
        sys.argv.append("--help")
    # One short run that keeps nearly all it makes: looking for rubbish would only cost time, and most of all at its end,
    # where the interpreter looks at everything once more unless it is told that all of it stays.
    gc.disable()
    atexit.register(gc.freeze)
    from dmcli.cli.app import command_line

    code = command_line()(prog_name="dmcli", standalone_mode=False)
    streams.answer("")
    return code if isinstance(code, int) else 0


def _report(problems: "Sequence[Problem]") -> None:
    from dmcli.cli.messages import report

    report(problems, sys.argv[1:])


def _unexpected(error: Exception) -> int:
    """A usage error of the command line's own, or a fault of this program, named without any patient data."""
    import os

    from dmcli.errors import Problem

    exit_code = getattr(error, "exit_code", None)
    if isinstance(exit_code, int) and type(error).__module__.startswith("typer"):
        from dmcli.cli.messages import usage

        usage(error, sys.argv[1:])
        return exit_code
    text = f"internal error ({type(error).__name__}); no plan was made. Please report it with the command, without patient data"
    _report((Problem("dmcli", 0, 0, "", "internal", text),))
    if os.environ.get("DMCLI_TRACEBACK") == "1":
        raise error
    return INTERNAL
