"""Where results go: files that grow beside a name which they get when they are whole, and stdout."""

import csv
import errno
import io
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from dmcli.batch.outcomes import Outcome, json_line
from dmcli.render.literal import literal

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")

Encode = Callable[["Result"], str]


class Result(NamedTuple):
    """An outcome with the number of its case in the input."""

    number: int
    outcome: Outcome

    @property
    def data(self) -> dict[str, Any]:
        """The case as data, whatever became of it."""
        return {**self.outcome.data, "case": self.number}


class Writer(Protocol):
    """A place for results; `path` is the name it gets when it is whole, None for a stream. Any method may raise OSError."""

    path: Path | None

    def put(self, result: Result) -> None: ...

    def complete(self) -> None:
        """Nothing more will be put."""

    def end(self) -> int | None:
        """Where it can be cut to have all that was put so far, which is on the disk by then; None where it cannot."""

    def close(self) -> None: ...


def ndjson(result: Result) -> str:
    """A result as a line: the plan where it was asked for, else the summary."""
    return (result.outcome.plan or json_line(result.data)) + "\n"


def errors(result: Result) -> str:
    """The problems of a case as a line; nothing for a case that has none."""
    return json_line(result.data) + "\n" if result.outcome.problems else ""


COLUMNS = (
    "case", "source", "line", "case_id", "as_of", "status", "next", "action", "line_of_therapy", "grade", "urgent", "actions",
    "before_starting", "first_doses", "holds_and_stops", "contraindicated", "warnings", "unknowns", "errors", "knowledge",
)  # fmt: skip


def cells(result: Result) -> dict[str, str]:
    """A result as one row of text, lists joined by semicolons."""
    data = result.data
    chosen = data.get("next") or {}
    row = {
        **{name: data.get(name) for name in ("case", "source", "line", "case_id", "as_of", "status", "knowledge")},
        "next": chosen.get("therapy"),
        "action": chosen.get("action"),
        "line_of_therapy": chosen.get("line"),
        "grade": chosen.get("grade"),
        "before_starting": [item["id"] for item in data.get("before_starting", ())],
        "errors": [str(problem) for problem in result.outcome.problems],
        **{name: data.get(name, []) for name in ("contraindicated", "warnings", "unknowns")},
        **{
            name: [_words(item) for item in data.get(name, ())]
            for name in ("urgent", "actions", "first_doses", "holds_and_stops")
        },
    }
    return {name: _text(row[name]) for name in COLUMNS}


def csv_line(values: Sequence[str]) -> str:
    """A row of CSV in which no cell is a formula."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([f"'{v}" if v.startswith(_FORMULA) else v for v in values])
    return line.getvalue()


def csv_row(result: Result) -> str:
    """A result as a row of CSV."""
    return csv_line(list(cells(result).values()))


def _words(item: dict[str, Any]) -> str:
    return " ".join(str(value) for value in item.values() if value is not None)


def _text(value: Any) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return literal(text)


class Stream:
    """Results to stdout as they come."""

    path: Path | None = None

    def __init__(self, write: Callable[[str], None], encode: Encode, head: str = "") -> None:
        self.write, self.encode = write, encode
        if head:
            write(head)

    def put(self, result: Result) -> None:
        self.write(self.encode(result))

    def complete(self) -> None:
        """Nothing is held back."""

    def end(self) -> int | None:
        """What went to a stream stays there."""
        return None

    def close(self) -> None:
        """The stream is not ours."""


class LineFile:
    """A file of lines. It grows as NAME.part, from `end` on where an earlier run left it."""

    path: Path | None

    def __init__(self, path: Path, encode: Encode, head: str = "", end: int | None = None) -> None:
        self.path, self.encode = path, encode
        self.stream: BinaryIO = grown(part_of(path), end)
        if end is None:
            self._write(head)

    def put(self, result: Result) -> None:
        self._write(self.encode(result))

    def _write(self, text: str) -> None:
        self.stream.write(text.encode("utf-8", "backslashreplace"))

    def complete(self) -> None:
        """Nothing is held back."""

    def end(self) -> int | None:
        return synced(self.stream)

    def close(self) -> None:
        closed(self.stream)


class SplitFolder:
    """A folder with one numbered file a case, and an index. No file is named for a patient. `begun`: what is in the
    unfinished folder is of this run."""

    path: Path | None

    def __init__(self, path: Path, begun: bool, done: int = 0, end: int | None = None) -> None:
        self.path, self.folder, self.count = path, part_of(path), done
        self.folder.mkdir(mode=0o700, exist_ok=begun)
        self.index: BinaryIO = grown(self.folder / "index.csv", end)
        if end is None:
            self._list(("file", "case", "source", "line", "status"))

    def put(self, result: Result) -> None:
        self.count += 1
        name = f"{self.count:07d}.json"
        descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(ndjson(result).encode("utf-8", "backslashreplace"))
            stream.flush()
            os.fsync(stream.fileno())
        data = result.data
        self._list((name, str(data["case"]), data["source"], str(data["line"]), data["status"]))

    def _list(self, row: Sequence[str]) -> None:
        self.index.write(csv_line(row).encode("utf-8", "backslashreplace"))

    def complete(self) -> None:
        """Nothing is held back."""

    def end(self) -> int | None:
        return synced(self.index)

    def close(self) -> None:
        closed(self.index)


def part_of(path: Path) -> Path:
    """What a file or folder is called until it is whole."""
    return path.with_name(path.name + ".part")


def grown(part: Path, end: int | None) -> BinaryIO:
    """A file to write to, which no other run writes: a new one, or an earlier one cut to where it was safe. Raises OSError."""
    flags = os.O_RDWR | (os.O_CREAT if end is None else 0)
    stream = os.fdopen(os.open(part, flags, 0o600), "r+b")
    try:
        _lock(stream, part)
        if stream.seek(0, os.SEEK_END) < (end or 0):
            raise OSError(errno.EIO, "it is shorter than it was", str(part))
        stream.truncate(end or 0)
        stream.seek(end or 0)
    except OSError:
        stream.close()
        raise
    return stream


def _lock(stream: BinaryIO, part: Path) -> None:
    """As long as it is open, this run has the file; where there are no locks, nobody is kept away."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OSError(errno.EBUSY, "another run writes it", str(part)) from None
    except OSError:
        return  # a file system without locks


def synced(stream: BinaryIO) -> int:
    """Where a file ends, with all of it on the disk."""
    stream.flush()
    os.fsync(stream.fileno())
    return stream.tell()


def closed(stream: BinaryIO) -> None:
    """Close a file, also where the disk does not take what is left of it: that is planned again."""
    with suppress(OSError):
        stream.close()
