"""Problems with a place, and the errors that carry them to the exit code.

A problem is for the person who must mend it: where, which field, what is wrong,
why it matters and what to do. Nothing here prints.
"""

from typing import NamedTuple


class Origin(NamedTuple):
    """Where a document begins within its file: the lines above it, and what stands left of it on its first line."""

    above: int = 0
    left: int = 0

    def moved(self, line: int, col: int) -> tuple[int, int]:
        """A place of the document as a place of its file."""
        return line + self.above, col + (self.left if line == 1 else 0)


class Problem(NamedTuple):
    """One thing to mend. `line` and `col` count from 1; 0 means the input has no lines (a flag)."""

    path: str
    line: int
    col: int
    field: str
    code: str
    text: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}:{self.col}" if self.line else self.path
        return f"{where}: {self.field}: {self.text}" if self.field else f"{where}: {self.text}"

    def as_dict(self) -> dict[str, object]:
        return dict(self._asdict())


class DmcliError(Exception):
    """An error that is shown to the user without a traceback."""

    exit_code = 1

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.path, p.line, p.col)))
        super().__init__("; ".join(str(p) for p in self.problems))


class UsageProblem(DmcliError):
    exit_code = 2


class InvalidCase(DmcliError):
    exit_code = 3


class InvalidKnowledge(DmcliError):
    exit_code = 4


class OutputClosed(Exception):
    """Whoever read the output went away."""


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """The known name a misspelt word most likely meant, as a hint to append; empty when none is near."""
    from difflib import get_close_matches  # only a mistake pays for this import

    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{found[0]}'?)" if found else ""
