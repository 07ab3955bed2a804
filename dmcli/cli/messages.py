"""Problems on stderr: one line each, or JSON when JSON was asked for."""

import json
import sys
from collections.abc import Iterable, Sequence

from dmcli.errors import Problem
from dmcli.render.literal import literal


def wants_json(argv: Sequence[str]) -> bool:
    """Whether the output format asked for is JSON, read from the arguments even if they could not be parsed."""
    pairs = zip(argv, [*argv[1:], ""], strict=True)
    return any(
        arg in ("--format=json", "-fjson") or (arg in ("--format", "-f") and following == "json") for arg, following in pairs
    )


def report(problems: Iterable[Problem], argv: Sequence[str]) -> None:
    """Print every problem to stderr, shown literally."""
    if wants_json(argv):
        sys.stderr.write(json.dumps([p.as_dict() for p in problems], ensure_ascii=True, indent=2) + "\n")
        return
    for problem in problems:
        sys.stderr.write(literal(str(problem)) + "\n")


def note(text: str, quiet: bool) -> None:
    """A message beside the answer; silent with --quiet."""
    if not quiet:
        sys.stderr.write(literal(text) + "\n")
