"""Problems with a place, and the errors that carry them to the exit code.

A problem is for the person who must mend it: where, which field, what is wrong,
why it matters and what to do. Nothing here prints.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

# What is said of one file at once; who mends so many finds the others with the next run.
MOST_PROBLEMS = 50
_MOST_NAMES, _LONGEST = 40, 40


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
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.path, problem.line, problem.col)))
        super().__init__("; ".join(str(p) for p in self.problems))


class UsageProblem(DmcliError):
    exit_code = 2


class InvalidCase(DmcliError):
    exit_code = 3


class InvalidKnowledge(DmcliError):
    exit_code = 4


class OutputClosed(Exception):
    """Whoever read the output went away."""


def field_name(where: "tuple[str | int, ...]") -> str:
    """`('treatments', 0, 'dose')` as `treatments[0].dose`."""
    name = ""
    for part in where:
        name += f"[{part}]" if isinstance(part, int) else f".{_cut(part)}" if name else _cut(part)
    return name


def _cut(key: str) -> str:
    """A key as it is quoted: one that nobody knows may be a sentence about a patient."""
    return key if len(key) <= _LONGEST else f"{key[: _LONGEST - 3]}..."


def bounded(problems: Iterable[Problem]) -> list[Problem]:
    """The first problems of each file, and how many more it has."""
    shown: list[Problem] = []
    of_file: dict[str, int] = {}
    for problem in problems:
        count = of_file[problem.path] = of_file.get(problem.path, 0) + 1
        if count <= MOST_PROBLEMS:
            shown.append(problem)
    further = {path: count - MOST_PROBLEMS for path, count in of_file.items() if count > MOST_PROBLEMS}
    return [*shown, *(Problem(path, 0, 0, "", "more", f"and {n} more problems; mend these first") for path, n in further.items())]


def listed(names: Sequence[str], where: str) -> str:
    """Names in a row; where they are many, how many more there are and what lists them."""
    left = len(names) - _MOST_NAMES
    return ", ".join(names) if left <= 0 else f"{', '.join(names[:_MOST_NAMES])} and {left} more ({where} lists them)"


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """The known name a misspelt word most likely meant, as a hint to append; empty when none is near."""
    from difflib import get_close_matches  # only a mistake pays for this import

    found = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean '{found[0]}'?)" if found else ""
