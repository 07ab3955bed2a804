"""Problems on stderr: one line each, or JSON when JSON was asked for."""

import json
import sys
from collections.abc import Iterable, Sequence

from dmcli.errors import Problem
from dmcli.render.literal import literal


def wants_json(argv: Sequence[str]) -> bool:
    """Whether the output format asked for is JSON, read from the arguments even if they could not be parsed."""
    for i, arg in enumerate(argv):
        if arg == "--format=json" or (arg in ("--format", "-f") and argv[i + 1 : i + 2] == ["json"]):
            return True
    return False


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
