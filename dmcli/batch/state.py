"""How far a run has come, kept in a small file beside its output, so that a run that was cut off can go on."""

import hashlib
import json
import os
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dmcli.errors import Problem, UsageProblem
from dmcli.record import Record, fields_of

_SCHEMA = "dmcli.batch-state/1"
# What a run may not change between two halves of its output, and how a difference is told.
_PARTS = {"input": "the input", "options": "the options", "knowledge": "the knowledge", "program": "the version of dmcli"}


class Kept(Record):
    """The state of a run after `done` cases: where each of its files ends, and what was counted. `whole`: nothing is
    left to do but giving the files their names."""

    run: dict[str, str]
    done: int = 0
    ends: dict[str, int] = {}
    tally: dict[str, Any] = {}
    whole: bool = False


def fingerprint(text: str) -> str:
    """A short digest of what a run depends on."""
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


class State:
    """The state file of one output, and the file of ids beside it."""

    def __init__(self, output: Path) -> None:
        self.file = output.with_name(output.name + ".state")
        self.ids = output.with_name(output.name + ".ids")

    def load(self, run: Mapping[str, str]) -> Kept | None:
        """What an earlier run left; None where there was none. Raises UsageProblem where it was another run."""
        try:
            data = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise self._refused(f"cannot be read ({type(error).__name__})") from None
        if not isinstance(data, dict) or data.pop("schema", None) != _SCHEMA or data.keys() != fields_of(Kept).keys():
            raise self._refused("is no state of this version of dmcli")
        changed = [told for part, told in _PARTS.items() if data["run"].get(part) != run[part]]
        if changed:
            raise self._refused(f"{' and '.join(changed)} changed since the run began, so its halves would not fit")
        return Kept(**data)

    def save(self, kept: Kept) -> None:
        """Whole or not at all, and on the disk before anything else is written. Raises OSError."""
        fresh = self.file.with_name(self.file.name + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # As one text: written piece by piece it takes ten times as long.
        text = json.dumps({"schema": _SCHEMA, **{name: getattr(kept, name) for name in fields_of(Kept)}})
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self.file)

    def remember(self, idents: Sequence[int], before: int) -> None:
        """The ids of the cases that follow `before` earlier ones. Raises OSError."""
        descriptor = os.open(self.ids, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.truncate(8 * before)
            stream.seek(8 * before)
            stream.write(array("Q", idents).tobytes())

    def remembered(self, done: int) -> "array[int]":
        """The ids of the cases that are done."""
        found = array("Q")
        try:
            with self.ids.open("rb") as stream:
                found.frombytes(stream.read(8 * done))
        except (OSError, ValueError):
            raise self._refused(f"does not fit {self.ids.name}") from None
        return found

    def discard(self) -> None:
        """The run is over."""
        self.file.unlink(missing_ok=True)
        self.ids.unlink(missing_ok=True)

    def _refused(self, why: str) -> UsageProblem:
        text = f"{why}; run without --resume, which begins anew, after deleting this file"
        return UsageProblem([Problem(str(self.file), 0, 0, "", "state", text)])
