"""Problems on stderr: one line each, or JSON when JSON was asked for."""

from collections.abc import Iterable, Sequence

from dmcli.cli.streams import tell
from dmcli.errors import Problem, bounded

# How problems can be written, whatever the answer could have been.
FORMATS = ("text", "json")


def wants_json(argv: Sequence[str]) -> bool:
    """Whether the output format asked for is JSON, read from the arguments even if they could not be parsed."""
    pairs = zip(argv, [*argv[1:], ""], strict=True)
    return any(
        arg in ("--format=json", "-fjson") or (arg in ("--format", "-f") and following == "json") for arg, following in pairs
    )


def report(problems: Iterable[Problem], argv: Sequence[str]) -> None:
    """The problems on stderr, shown literally; of a file with very many the first ones."""
    problems = bounded(problems)
    if wants_json(argv):
        import json

        tell(json.dumps([p.as_dict() for p in problems], ensure_ascii=True, indent=2) + "\n")
        return
    tell("".join(_literal(str(problem)) for problem in problems))


def usage(error: Exception, argv: Sequence[str]) -> None:
    """What the command line itself found wrong: with its usage line, or as JSON where that was asked for."""
    show, text = getattr(error, "show", None), getattr(error, "message", "") or str(error)
    if wants_json(argv) or show is None:
        report((Problem("dmcli", 0, 0, "", "usage", text),), argv)
        return
    from io import StringIO

    shown = StringIO()
    show(file=shown)
    tell("".join(_literal(line) for line in shown.getvalue().splitlines()))


def note(text: str, quiet: bool) -> None:
    """A message beside the answer; silent with --quiet."""
    if not quiet:
        tell(_literal(text))


def _literal(text: str) -> str:
    from dmcli.render.literal import literal  # only what is said pays for this import

    return literal(text) + "\n"
