"""Cases written as text, taken out of their source one by one: YAML, JSON and lines of JSON."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from dmcli.batch.entries import Entry, Place, bad
from dmcli.errors import Origin
from dmcli.yamlfile import MAX_BYTES

_TOO_LARGE = f"the case is larger than {MAX_BYTES} bytes; correct or leave out what makes it so large"
_MARK = b"---"
_BOM = b"\xef\xbb\xbf"


def lines_of_json(stream: BinaryIO, name: str) -> Iterator[Entry]:
    """One case a line; empty lines are none."""
    for number, raw, whole in bounded_lines(stream):
        place = Place(name, number)
        if not whole:
            yield bad(place, "too_large", _TOO_LARGE)
        elif raw.strip():
            yield _entry(raw.rstrip(b"\r\n"), place)


def yaml_documents(stream: BinaryIO, name: str) -> Iterator[Entry]:
    """One case a document; a line that begins with `---` begins the next, as YAML has it everywhere."""
    kept = _Kept(1)
    told = 0
    for number, raw, whole in bounded_lines(stream):
        if _begins(raw) and kept.said:
            yield kept.entry(name)
            told += 1
        if _begins(raw):
            kept = _Kept(number)
        kept.add(raw, whole)
    # A mark at the very end begins nothing; a file without any case is a case that is empty.
    if kept.said > _begins(kept.lines[0] if kept.lines else b"") or not told:
        yield kept.entry(name)


class _Kept:
    """The lines of one document so far, as far as they are no larger than a case may be; `said` counts those that are
    more than a comment."""

    def __init__(self, first: int) -> None:
        self.first, self.lines, self.size, self.said, self.fits = first, list[bytes](), 0, 0, True

    def add(self, raw: bytes, whole: bool) -> None:
        self.size += len(raw)
        self.said += not _comment(raw) or not whole
        self.fits = self.fits and whole and self.size <= MAX_BYTES
        if self.fits:
            self.lines.append(raw)

    def entry(self, name: str) -> Entry:
        place = Place(name, self.first)
        return _entry(b"".join(self.lines), place) if self.fits else bad(place, "too_large", _TOO_LARGE)


def json_values(stream: BinaryIO, name: str) -> Iterator[Entry]:
    """The one case of a file, or each of an array."""
    raw = stream.read(MAX_BYTES + 1)
    begins = raw.removeprefix(_BOM).lstrip()[:1]
    if begins != b"[":
        yield bad(Place(name, 1), "too_large", _TOO_LARGE) if len(raw) > MAX_BYTES else _entry(raw, Place(name, 1))
    elif len(raw) > MAX_BYTES:
        yield bad(Place(name, 1), "too_large", f"the array is larger than {MAX_BYTES} bytes; use NDJSON, one case a line")
    else:
        yield from _array(raw, name)


def told_by_content(start: bytes) -> str:
    """The format of a source that has no name, by its first bytes."""
    text = start.removeprefix(_BOM).lstrip()
    if text[:1] == b"[":
        return "json"
    if text[:1] != b"{":
        return "yaml"
    line, end, _ = text.partition(b"\n")
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        # A first line that ends within an object belongs to an object of several lines.
        return "json" if end and not line.rstrip().endswith(b"}") else "ndjson"
    return "ndjson"


def _begins(raw: bytes) -> bool:
    return raw.startswith(_MARK) and raw[len(_MARK) :][:1] in (b"", b" ", b"\t", b"\r", b"\n")


def _comment(raw: bytes) -> bool:
    text = raw.removeprefix(_BOM).strip()
    return not text or text.startswith((b"#", b"%")) or text == b"..."


def _array(raw: bytes, name: str) -> Iterator[Entry]:
    """The values of an array up to the first place that is no JSON, where the rest is one entry with its problem."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield bad(Place(name, 1), "encoding", f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
        return
    decoder, at = json.JSONDecoder(), _blank(text, text.index("[") + 1)
    line, start = 1, 0
    while at < len(text) and text[at] != "]":
        line, start = line + text.count("\n", start, at), at
        place, left = Place(name, line), at - text.rfind("\n", 0, at) - 1
        try:
            _, end = decoder.raw_decode(text, at)
            following = _blank(text, end)
            if text[following : following + 1] not in (",", "]"):
                raise ValueError
        except (ValueError, RecursionError):
            yield bad(place, "syntax", "from here on this is no array of JSON values; mend it, or use NDJSON, one case a line")
            return
        yield Entry(place, text[at:end], Origin(line - 1, left))
        at = _blank(text, following + 1) if text[following] == "," else following
    if text[at:].strip() != "]":
        line += text.count("\n", start, at)
        yield bad(Place(name, line), "syntax", "the array does not end where it should; the file may be cut off")


def _blank(text: str, at: int) -> int:
    """Behind the white space that stands here."""
    while text[at : at + 1] in (" ", "\t", "\r", "\n") and at < len(text):
        at += 1
    return at


def _entry(raw: bytes, place: Place) -> Entry:
    try:
        return Entry(place, raw.decode("utf-8-sig"), Origin(max(place.line - 1, 0)))
    except UnicodeDecodeError as error:
        return bad(place, "encoding", f"is not UTF-8 text (byte {error.start} of the case); save it as UTF-8")


def bounded_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Each line with its number; what is longer than any case is read past, and not kept."""
    number = 0
    while raw := stream.readline(MAX_BYTES + 1):
        number += 1
        whole = len(raw) <= MAX_BYTES
        while not raw.endswith(b"\n") and len(raw) > MAX_BYTES and (more := stream.readline(MAX_BYTES)):
            if more.endswith(b"\n"):
                break
        yield number, raw if whole else b"", whole
