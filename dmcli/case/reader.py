"""What the readers of a case share: where they are, and the problems they found, each with its place."""

from datetime import date
from typing import Any

from dmcli.case.values import Wrong, shown
from dmcli.errors import MOST_PROBLEMS, Problem, listed, nearest
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import plain
from dmcli.yamlfile import Document, Path


class Reader:
    """Collects problems with their places while a document is read. `stated_at` and `course_at` say where a
    fact and each course stand."""

    def __init__(self, document: Document, knowledge: Knowledge, as_of: date | None) -> None:
        self.document, self.knowledge, self.as_of = document, knowledge, as_of
        self.problems: list[Problem] = list(document.problems)
        self.stated_at: dict[str, Path] = {}
        self.course_at: list[Path] = []
        self.therapies, self.drugs = knowledge.therapy_names, knowledge.drug_names

    def wrong(self, where: Path, code_: str, text: str) -> None:
        self.problems.append(self.document.problem(where, code_, text))

    def take(self, where: Path, reader: Any, value: Any, *args: Any) -> Any:
        """A value through its reader; what is wrong becomes a problem at its place and None."""
        try:
            return reader(value, *args)
        except Wrong as wrong:
            self.wrong(where, wrong.code, wrong.text)
            return None

    def mapping(self, where: Path, value: Any, known: tuple[str, ...]) -> dict[str, Any]:
        """A mapping with known keys only; empty when it is none."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(where, "type", f"{shown(value)} stands where a mapping is due; keys: {', '.join(known[:12])}")
            return {}
        for key in value:
            if key not in known:
                # What is not told any more needs no hint either.
                hint = nearest(key, known) if len(self.problems) < MOST_PROBLEMS else ""
                self.wrong((*where, key), "unknown_key", f"unknown key{hint}; known: {listed(known, 'dmcli facts')}")
        return {k: v for k, v in value.items() if k in known}

    def items(self, where: Path, value: Any) -> list[tuple[Path, Any]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(where, "type", f"{shown(value)} stands where a list is due; write '- ' before each entry")
            return []
        return [((*where, i), item) for i, item in enumerate(value)]

    def therapy(self, where: Path, value: Any) -> str | None:
        if not isinstance(value, str):
            self.wrong(where, "type", f"{shown(value)} is no therapy name")
            return None
        found = self.therapies.get(plain(value))
        if found is None:
            hint = nearest(plain(value), list(self.therapies))
            self.wrong(where, "unknown_therapy", f"unknown therapy {shown(value)}{hint}; 'dmcli therapy' lists them")
        return found
