"""Sources to entries, one after the other: what cannot be read is an entry with its problem, and the next goes on."""

from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader, BytesIO
from typing import BinaryIO, cast
from zlib import error as DamagedGzip

from dmcli.batch.documents import json_values, lines_of_json, told_by_content, yaml_documents
from dmcli.batch.entries import Entry, Place, bad
from dmcli.batch.sources import TABLES, Source, opened

_DOCUMENTS = {"yaml": yaml_documents, "json": json_values, "ndjson": lines_of_json}
_PEEK = 65536


def entries(sources: Sequence[Source], stdin: BinaryIO | None = None) -> Iterator[Entry]:
    """Every case of every source, in order."""
    for source in sources:
        yield from _entries(source, stdin or BytesIO())


def _entries(source: Source, stdin: BinaryIO) -> Iterator[Entry]:
    line = 0
    try:
        with opened(source, stdin) as stream:
            for entry in _parsed(source, stream):
                yield entry
                line = entry.place.line
    except (OSError, EOFError, DamagedGzip) as error:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        behind = f" behind line {line}" if line else ""
        yield bad(Place(source.name, 0), "unreadable", f"cannot be read{behind} ({why}); the cases in it are not planned")


def _parsed(source: Source, stream: BinaryIO) -> Iterable[Entry]:
    if source.format in TABLES:
        raise NotImplementedError
    if source.format:
        return _DOCUMENTS[source.format](stream, source.name)
    peeking = stream if isinstance(stream, BufferedReader) else BufferedReader(cast("BufferedReader", stream))
    return _DOCUMENTS[told_by_content(peeking.peek(_PEEK))](cast("BinaryIO", peeking), source.name)
