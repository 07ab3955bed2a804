"""What is named on the command line as a list of sources: files, folders, patterns and stdin, each with its format."""

import gzip
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from dmcli.errors import Problem, UsageProblem

STDIN = "-"
_GZIP = ".gz"
PARQUET = "parquet"
FORMATS = {
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": PARQUET,
}
TABLES = ("csv", "tsv", PARQUET)
_BLOCK = 1 << 20


class Source(NamedTuple):
    """One file, or stdin. `format` is empty where only a look at the content tells it."""

    path: str
    format: str

    @property
    def name(self) -> str:
        """As problems name it."""
        return "stdin" if self.path == STDIN else self.path

    @property
    def once(self) -> bool:
        """Whether it can be read only once: stdin, or a pipe that has a name."""
        return self.path == STDIN or (Path(self.path).exists() and not Path(self.path).is_file())

    @property
    def packed(self) -> bool:
        """Whether its suffix says gzip."""
        return self.path.lower().endswith(_GZIP)


class Found(NamedTuple):
    """The sources in the order they are read, and how many files of folders have no format of a case."""

    sources: tuple[Source, ...]
    left_out: int


def find(paths: Sequence[str], forced: str | None = None) -> Found:
    """The sources that paths name: a folder's files in the order of their sorted paths, a pattern's likewise.

    `forced` is the format of what is named itself, whatever its suffix. Raises UsageProblem for a path that names
    nothing, and for a file whose format nothing tells.
    """
    sources: list[Source] = []
    left_out = 0
    for path in paths:
        if path == STDIN:
            sources.append(Source(path, forced or ""))
        elif Path(path).is_dir():
            inner = [file for file in sorted(Path(path).rglob("*")) if file.is_file() and not _hidden(file, Path(path))]
            sources += [Source(str(file), format_of(str(file))) for file in inner if format_of(str(file))]
            left_out += sum(not format_of(str(file)) for file in inner)
        else:
            sources += [_named(file, forced) for file in _matching(path)]
    if sum(source.path == STDIN for source in sources) > 1:
        raise _refused(STDIN, "stdin is named twice, and can be read once; name it once")
    if not sources:
        raise _refused(paths[0], f"no case is found there; files end in {', '.join(FORMATS)}, also with {_GZIP}")
    return Found(tuple(sources), left_out)


def format_of(path: str) -> str:
    """The format a file's name tells, gzipped or not; empty where it tells none."""
    suffixes = Path(path.lower()).suffixes
    if suffixes[-1:] == [_GZIP]:
        suffixes.pop()
    return FORMATS.get(suffixes[-1], "") if suffixes else ""


@contextmanager
def opened(source: Source, stdin: BinaryIO) -> Iterator[BinaryIO]:
    """The bytes of a source, unpacked by its suffix. Raises OSError, and EOFError for a gzip file that is cut."""
    if source.path == STDIN:
        yield stdin
    elif source.packed:
        with gzip.open(source.path, "rb") as packed:
            yield cast("BinaryIO", packed)
    else:
        with Path(source.path).open("rb") as stream:
            yield stream


def size(source: Source) -> int:
    """The bytes of a source on the disk; 0 for what has none."""
    try:
        return Path(source.path).stat().st_size
    except OSError:
        return 0


def digest(sources: Sequence[Source]) -> str:
    """One digest of the paths and contents of all sources; what cannot be read counts by its path."""
    whole = hashlib.blake2b(digest_size=16)
    for source in sources:
        whole.update(f"\0{source.path}\0{source.format}\0".encode("utf-8", "surrogateescape"))
        try:
            with Path(source.path).open("rb") as stream:
                while block := stream.read(_BLOCK):
                    whole.update(block)
        except OSError:
            whole.update(b"\0unreadable")
    return whole.hexdigest()


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _matching(path: str) -> list[str]:
    if os.path.lexists(path):
        return [path]
    found = sorted(file for file in glob(path, recursive=True) if Path(file).is_file()) if has_magic(path) else []
    if not found:
        raise _refused(path, "there is no such file or folder; name files, folders, patterns, or - for stdin")
    return found


def _named(path: str, forced: str | None) -> Source:
    found = forced or format_of(path)
    if not found:
        raise _refused(path, f"its name tells no format; end it in {', '.join(FORMATS)}, or give --from")
    return Source(path, found)


def _refused(path: str, text: str) -> UsageProblem:
    return UsageProblem([Problem(path, 0, 0, "", "usage", text)])
