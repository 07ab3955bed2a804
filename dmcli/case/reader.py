"""What the readers of a case share: where they are, and the problems they found, each with its place."""

from collections.abc import Collection
from datetime import date
from typing import Any

from dmcli.case.values import Wrong, code, day, quoted, shown
from dmcli.errors import MOST_PROBLEMS, Problem, listed, nearest
from dmcli.knowledge.codes import Listed
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import plain
from dmcli.values.dates import Days
from dmcli.values.dosetext import WrittenDose, parse_dose
from dmcli.yamlfile import Document, Path

# Where all names of a case file stand.
_ALL_NAMES = "dmcli facts"
# What a case writes for a therapy that the catalogue does not have; `name` says which.
_UNLISTED = "other"


class Reader:
    """Collects problems with their places while a document is read. `stated_at` and `course_at` say where a
    fact, by its section and its key there, and each course stand."""

    def __init__(self, document: Document, knowledge: Knowledge, as_of: date | None) -> None:
        self.document, self.knowledge, self.as_of = document, knowledge, as_of
        self.problems: list[Problem] = list(document.problems)
        self.stated_at: dict[str, tuple[Path, str]] = {}
        self._spelt: dict[Path, str | int] = {}
        self.course_at: list[Path] = []
        self.therapies, self.drugs = knowledge.therapy_names, knowledge.drug_names

    def wrong(self, where: Path, code_: str, text: str) -> None:
        as_written = tuple(self._spelt.get(where[: depth + 1], part) for depth, part in enumerate(where))
        self.problems.append(self.document.problem(as_written, code_, text))

    def place_of(self, fact: str) -> Path | None:
        """Where a fact is stated last."""
        if fact not in self.stated_at:
            return None
        where, key = self.stated_at[fact]
        return (*where, key)

    def take(self, where: Path, reader: Any, value: Any, *args: Any) -> Any:
        """A value through its reader; what is wrong becomes a problem at its place and None."""
        try:
            return reader(value, *args)
        except Wrong as wrong:
            self.wrong(where, wrong.code, wrong.text)
            return None

    def day(self, where: Path, value: Any) -> Days | None:
        """A date; of the many cases of a batch each that is one day is read once."""
        prepared = self.knowledge.prepared
        if prepared is not None and value.__class__ is str and self.as_of is not None:
            known = prepared.day(value)
            if known is not None and known.last <= self.as_of:
                return known
        found: Days | None = self.take(where, day, value, self.as_of)
        return found

    def code(self, where: Path, value: Any, kind: Listed) -> str | None:
        """A code of a list of the knowledge, or another word for it; of many cases each word is read once."""
        codes = self.knowledge.code_lists[kind]
        if value.__class__ is not str:
            self.take(where, code, value, *codes)
            return None
        found: str | None = self.knowledge.once(("code", kind, value), lambda: self.take(where, code, value, *codes))
        return found

    def dose(self, text: str) -> WrittenDose | None:
        """A dose as it is written; of the many cases of a batch each way to write one is read once."""
        prepared = self.knowledge.prepared
        return parse_dose(text) if prepared is None else prepared.dose(text)

    def mapping(self, where: Path, value: Any, known: Collection[str]) -> dict[str, Any]:
        """A mapping with known keys only, each as it is spelt here; empty when it is none."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(where, "type", f"{shown(value)} stands where a mapping is due; keys: {listed(tuple(known), _ALL_NAMES)}")
            return {}
        if isinstance(known, dict) and value.keys() <= known.keys():
            return value.copy()
        found: dict[str, Any] = {}
        for key, inner in value.items():
            name = key if key in known else next((name for name in known if plain(name) == plain(key)), None)
            if name is None:
                # What is not told any more needs no hint either.
                hint = nearest(key, tuple(known)) if len(self.problems) < MOST_PROBLEMS else ""
                self.wrong((*where, key), "unknown_key", f"unknown key{hint}; known: {listed(tuple(known), _ALL_NAMES)}")
            elif name in found:
                self.wrong((*where, key), "duplicate_key", f"'{name}' is stated twice here; keep one")
            else:
                found[name] = inner
                if name is not key:
                    self._spelt[(*where, name)] = key
        return found

    def items(self, where: Path, value: Any) -> list[tuple[Path, Any]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(where, "type", f"{shown(value)} stands where a list is due; write '- ' before each entry")
            return []
        return [((*where, i), item) for i, item in enumerate(value)]

    def treatment(self, where: Path, value: Any, name: str | None) -> tuple[str, str | None] | None:
        """The therapy of a course, and the name of one outside the catalogue; None where it is not known."""
        called, written = value, plain(value) if isinstance(value, str) else ""
        if written == _UNLISTED:
            called, written = name, plain(name or "")
        if called is None:
            self.wrong(where, "missing", "the name of the treatment is missing; write {therapy: other, name: NAME}")
            return None
        known = self.therapies.get(written)
        if known is not None and not (self.knowledge.therapies[known].recorded and known == self.knowledge.outside.id):
            return known, None
        if isinstance(called, str):
            if (drug := self.drugs.get(written)) in self.knowledge.catalogue.substances:
                return drug, quoted(called)
            if called is name:
                return self._own(quoted(called)), quoted(called)
        found = self.therapy(where, called)
        return (found, None) if found is not None else None

    def _own(self, name: str) -> str:
        """The id of a treatment that only this case has: its name, unless the knowledge calls something else so."""
        k = self.knowledge
        taken = (k.groups, k.partners, k.catalogue.classes, k.catalogue.tests, k.catalogue.substances)
        return f"{name} (other)" if any(name in ids for ids in (*taken, k.catalogue.substance_groups)) else name

    def therapy(self, where: Path, value: Any) -> str | None:
        if not isinstance(value, str):
            self.wrong(where, "type", f"{shown(value)} is no therapy name")
            return None
        found = self.therapies.get(plain(value))
        if found is None:
            hint = nearest(plain(value), list(self.therapies))
            self.wrong(where, "unknown_therapy", f"unknown therapy {shown(value)}{hint}; 'dmcli therapy' lists them")
        return found
