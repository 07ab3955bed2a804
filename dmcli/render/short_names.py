"""The short names of therapies and tests, for where room is scarce."""

import re

from dmcli.knowledge.model import Knowledge


class ShortNames:
    """Says names, and sentences with names in them, the short way."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        tables = (knowledge.therapies, knowledge.catalogue.tests)
        self._short = {entry.name.lower(): entry.short for table in tables for entry in table.values() if entry.short}
        names = sorted(self._short, key=len, reverse=True)
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(name) for name in names)})(?!\w)", re.IGNORECASE)

    def name(self, target: str) -> str:
        """The short name of a therapy or test where it has one."""
        return self.said(self._knowledge.name(target))

    def said(self, text: str) -> str:
        """A sentence with the short names for the long ones."""
        return self._names.sub(lambda found: self._short[found[0].lower()], text) if self._short else text

    def inside(self, text: str) -> str:
        """What begins a sentence, as it stands within one; an abbreviation keeps its capital."""
        first = text.split(" ", 1)[0]
        kept = first[1:] != first[1:].lower() or first in self._knowledge.texts["screen_abbreviations"].split()
        return text if kept else f"{text[:1].lower()}{text[1:]}"
