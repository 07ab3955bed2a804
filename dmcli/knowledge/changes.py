"""What a clinic's own file changed in the shipped knowledge."""

from typing import Literal

from dmcli.record import Record


class Change(Record):
    """One changed field of an entry, or an entry that was added or removed. `pinned`: its `was:` met the shipped value."""

    kind: Literal["changed", "added", "removed"]
    entry: str
    field: str
    shipped: str | None
    now: str | None
    sources: tuple[str, ...]
    level: str | None
    pinned: bool


class Overrides(Record):
    """The file that changed the knowledge: its name without its folder, its hash, the version it was written against."""

    file: str
    sha256: str
    base: str
    changes: tuple[Change, ...]

    @property
    def entries(self) -> int:
        """How many entries it changed, added or removed."""
        return len({change.entry for change in self.changes})
