"""Sources to entries, one after the other: what cannot be read is an entry with its problem, and the next goes on."""

from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader, BytesIO
from typing import BinaryIO, cast
from zlib import error as DamagedGzip

from dmcli.batch.columns import ColumnMap
from dmcli.batch.documents import json_values, lines_of_json, told_by_content, yaml_documents
from dmcli.batch.entries import Entry, Place, bad
from dmcli.batch.rows import rows
from dmcli.batch.sources import TABLES, Source, opened, size
from dmcli.batch.tables import patients, scattered

_DOCUMENTS = {"yaml": yaml_documents, "json": json_values, "ndjson": lines_of_json}
_PEEK = 65536


class Meter:
    """How much of the sources is read, in bytes as they are on the disk; `whole` is 0 where nobody knows. `empty` counts
    those that hold no case."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.whole = 0 if any(source.once for source in sources) else sum(size(source) for source in sources)
        self.read = self.before = self.empty = 0


def entries(
    sources: Sequence[Source], stdin: BinaryIO | None = None, columns: ColumnMap | None = None, meter: Meter | None = None
) -> Iterator[Entry]:
    """Every case of every source, in order; `columns` is the map of those that are tables."""
    meter = meter or Meter(())
    for source in sources:
        held = False
        for entry in _entries(source, stdin or BytesIO(), columns, meter):
            held = True
            yield entry
        meter.empty += not held
        meter.before += size(source)
        meter.read = meter.before


def _entries(source: Source, stdin: BinaryIO, columns: ColumnMap | None, meter: Meter) -> Iterator[Entry]:
    line = 0
    try:
        with opened(source, stdin) as stream:
            for entry in _parsed(source, stream, columns):
                yield entry
                line = entry.place.line
                if meter.whole and not source.packed:
                    meter.read = meter.before + stream.tell()
    except (OSError, EOFError, DamagedGzip) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        behind = f" behind line {line}" if line else ""
        yield bad(Place(source.name, 0), "unreadable", f"cannot be read{behind} ({why}); the cases in it are not planned")


def _parsed(source: Source, stream: BinaryIO, columns: ColumnMap | None) -> Iterable[Entry]:
    if source.format in TABLES:
        apart = _scattered(source, columns)
        return patients(rows(stream, source.format), columns, source.name, apart)
    if source.format:
        return _DOCUMENTS[source.format](stream, source.name)
    peeking = stream if isinstance(stream, BufferedReader) else BufferedReader(cast("BufferedReader", stream))
    return _DOCUMENTS[told_by_content(peeking.peek(_PEEK))](cast("BinaryIO", peeking), source.name)


def _scattered(source: Source, columns: ColumnMap | None) -> frozenset[int]:
    """The patients of a table whose rows stand apart, found before any of them is planned."""
    if source.once:
        return frozenset()
    with opened(source, BytesIO()) as stream:
        return scattered(rows(stream, source.format), columns, source.name)
