"""One case as it came out of a source, not yet read as a case: its place and its content, or what is wrong with it."""

from typing import NamedTuple

from dmcli.errors import Origin, Problem
from dmcli.yamlfile import Document


class Place(NamedTuple):
    """Where a case begins: its source, and the line or row from 1; 0 where the source has none."""

    path: str
    line: int

    def problem(self, code: str, text: str, field: str = "") -> Problem:
        """A problem with the whole case."""
        return Problem(self.path, self.line, 1 if self.line else 0, field, code, text)


class Entry(NamedTuple):
    """A case to plan: `content` is its text, or its document where it comes from a table; None with problems."""

    place: Place
    content: str | Document | None
    origin: Origin = Origin()
    problems: tuple[Problem, ...] = ()

    @property
    def size(self) -> int:
        """About how much there is to read, in characters."""
        return len(self.content) if isinstance(self.content, str) else 1000


def bad(place: Place, code: str, text: str) -> Entry:
    """An entry that is nothing but its problem."""
    return Entry(place, None, problems=(place.problem(code, text),))
