"""YAML text to plain data, with a place for every node.

Scalars are YAML 1.2 core, so `NO`, `1:30`, `0123` and dates stay text. Duplicate keys, anchors,
aliases, merge keys, tags and oversized or deeply nested documents are refused, all with their place.
"""

import json
import re
from math import isfinite
from typing import Any, NamedTuple

import yaml

from dmcli.errors import Origin, Problem, field_name

Path = tuple[str | int, ...]
MAX_BYTES = 4_000_000
MAX_DEPTH = 24
MAX_NODES = 200_000
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# Compiled where a text has brackets enough.
_LINE = r"(?:\r\n|[\n\r\x85\u2028\u2029])"
# Quoted text where a value may begin, or a bracket.
_BRACKET = r"""(?<![^\s\[{,:])(?:"(?:[^"\\]|\\.)*+"|'(?:[^']|'')*')|[\[\]{}]"""
_BaseLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class Kind(NamedTuple):
    """What a file is for, as far as the advice about it goes."""

    empty: str
    holds: str


_WHOLE = Origin()

CASE = Kind("write a case, or see 'dmcli case new'", "one file holds one case")
KNOWLEDGE = Kind("a knowledge file begins with its 'schema:' and has the keys of the shipped one", "split it by therapy")


class Document(NamedTuple):
    """Plain data and, for each path in it, the line and column (from 1) where it stands.

    `flags` names the command-line flag that put a node there instead, `files` the file that did.
    """

    path: str
    data: Any
    places: dict[Path, tuple[int, int]]
    problems: list[Problem]
    flags: dict[Path, str] = {}
    origin: Origin = _WHOLE
    files: dict[Path, str] = {}

    def file_of(self, where: Path) -> str:
        """The file in which a node stands."""
        return self.files.get(where, self.path)

    def problem(self, where: Path, code: str, text: str, shift: int = 0) -> Problem:
        """A problem at `where`, or at the nearest enclosing node that has a place."""
        at = where
        while at and at not in self.places and at not in self.flags:
            at = at[:-1]
        if at in self.flags:
            return Problem(self.flags[at], 0, 0, field_name(where), code, text)
        if not self.places:
            return Problem(self.file_of(at), 0, shift, field_name(where), code, text)
        line, col = self.origin.moved(*self.places.get(at, (1, 1)))
        return Problem(self.file_of(at), line, col + shift, field_name(where), code, text)


def scalar(text: str, plain: bool) -> Any:
    """A YAML 1.2 core scalar; everything that only looks like a value stays text."""
    if not plain:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    digits = text.lstrip("-+")
    if _INT.fullmatch(text) and not (len(digits) > 1 and digits[0] == "0") and len(digits) < 16:
        return int(text)
    if _FLOAT.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text) and not _INT.fullmatch(text):
        value = float(text)
        return value if isfinite(value) else text
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


class _Refused(Exception):
    def __init__(self, mark: Any, code: str, text: str, field: str = "") -> None:
        super().__init__(text)
        self.mark, self.code, self.text, self.field = mark, code, text, field


def parse(text: str, path: str, kind: Kind = CASE, origin: Origin = _WHOLE) -> Document:
    """Read one YAML or JSON document, which begins at `origin` in its file. Never raises for bad input: problems are in
    the result, with their places in the file."""
    document = _parsed(text, Document(path, None, {}, [], origin=origin), kind)
    places = [origin.moved(problem.line, problem.col) for problem in document.problems]
    moved = [p._replace(line=line, col=col) for p, (line, col) in zip(document.problems, places, strict=True)]
    return document._replace(problems=moved)


def _parsed(text: str, document: Document, kind: Kind) -> Document:
    """The document with problems placed as if it were a file of its own."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return _failed(document, 1, 1, "too_large", f"the file is larger than {MAX_BYTES} bytes; {kind.holds}")
    try:
        pairs = _pairs(text)
        node = _compose(re.sub(_PAIR, _character, text) if pairs else text, document)
        if node is None:
            return _failed(document, 1, 1, "empty", f"the file is empty; {kind.empty}")
        tagged = {(p.line, p.col) for p in document.problems if p.code == "tag"}
        data = _Reader(document, tagged).plain(node, ())
    except _Refused as refused:
        line, col = _position(refused.mark)
        return _failed(document, line, col, refused.code, refused.text, refused.field)
    except yaml.YAMLError as error:
        if document.problems:
            return document  # an alias of nothing was refused already
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "this is not valid YAML"
        line, col = _position(mark) if mark else _reader_place(text, getattr(error, "position", 0))
        return _failed(document, line, col, "syntax", f"not valid YAML: {what}")
    except (RecursionError, UnicodeError):
        return _failed(document, 1, 1, "syntax", "the document cannot be read: it is nested too deeply or not UTF-8")
    document = document._replace(data=data)
    return _shifted(document, pairs) if pairs else document


def _pairs(text: str) -> list[tuple[int, int]]:
    """Where JSON spells one character as two escapes, which YAML does not know: line and column of each."""
    if not text.lstrip().startswith("{"):
        return []
    return [_reader_place(text, found.start()) for found in re.finditer(_PAIR, text)]


def _character(pair: re.Match[str]) -> str:
    character = json.loads('"' + pair[0] + '"')
    return f"\\U{ord(character):08x}"


def _shifted(document: Document, pairs: list[tuple[int, int]]) -> Document:
    """Places as in the text that was read: each pair before them on their line was two characters longer."""

    def moved(line: int, col: int) -> tuple[int, int]:
        for at, start in pairs:
            if at == line and start < col:
                col += 2
        return line, col

    places = {where: moved(*place) for where, place in document.places.items()}
    problems = [p._replace(line=moved(p.line, p.col)[0], col=moved(p.line, p.col)[1]) for p in document.problems]
    return document._replace(places=places, problems=problems)


def _failed(document: Document, line: int, col: int, code: str, text: str, field: str = "") -> Document:
    document.problems.append(Problem(document.path, line, col, field, code, text))
    return document


def _position(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _reader_place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _compose(text: str, document: Document) -> Any:
    """The node tree. Events are checked first, so that depth and size never reach the composer."""
    end = _deep_line(text)
    if end is not None:
        _check_start(text[:end], document)
    _check(text, document)
    loader = _BaseLoader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _deep_line(text: str) -> int | None:
    """Behind the first bracket that may be too deep on its own line, None where there is none.

    A parser reads a line of brackets ahead before it tells the first of them, so it may meet a limit of its own there.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return None
    start, line_end = 0, re.compile(_LINE)
    for line in line_end.split(text):
        if line.count("[") + line.count("{") > MAX_DEPTH:
            depth = 0
            for found in re.finditer(_BRACKET, line):
                depth = depth + 1 if found[0] in "[{" else max(depth - 1, 0) if found[0] in "]}" else depth
                if depth > MAX_DEPTH:
                    return start + found.end()
        separator = line_end.match(text, start + len(line))
        start = separator.end() if separator else len(text)
    return None


def _check_start(text: str, document: Document) -> None:
    """Refuses what is too deep by the end of this part of a document; brackets that are words of a text are none."""
    part = document._replace(problems=[])
    try:
        _check(text, part)
    except _Refused:
        document.problems.extend(part.problems)
        raise
    except yaml.YAMLError:
        return  # it stops midway; the whole document is read next


def _check(text: str, document: Document) -> None:
    """Refuses anchors, aliases and tags, and stops at what is too deep or too large."""
    refused = "anchors and aliases are not accepted; write the value out"
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_BaseLoader), 1):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _failed(document, *_position(event.start_mark), "anchor", refused)
        tag = getattr(event, "tag", None)
        if tag:
            _failed(document, *_position(event.start_mark), "tag", f"the tag '{tag[:40]}' is not accepted; write a plain value")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _Refused(event.start_mark, "too_deep", f"nested more than {MAX_DEPTH} levels deep")
        if count > MAX_NODES:
            raise _Refused(event.start_mark, "too_large", f"more than {MAX_NODES} nodes")


class _Reader:
    """Plain data of a node tree. What an alias names is read once, and what has a tag not at all: both were
    refused already."""

    def __init__(self, document: Document, tagged: set[tuple[int, int]]) -> None:
        self.document, self.tagged, self.seen = document, tagged, set[int]()

    def plain(self, node: Any, where: Path) -> Any:
        place = _position(node.start_mark)
        self.document.places.setdefault(where, place)
        if id(node) in self.seen or place in self.tagged:
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return scalar(node.value, plain=node.style in (None, ""))
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(child, (*where, i)) for i, child in enumerate(node.value)]
        out: dict[str, Any] = {}
        for key, value in node.value:
            name = self._key(key, where, out)
            if name is not None:
                self.document.places[(*where, name)] = _position(key.start_mark)
                out[name] = self.plain(value, (*where, name))
                # Inside a folded text no column can be counted: only a text on one line has a place of its own.
                if isinstance(value, yaml.ScalarNode) and value.start_mark.line == value.end_mark.line:
                    line, col = _position(value.start_mark)
                    quoted = value.style in ("'", '"')
                    self.document.places[(*where, name, "=")] = (line, col + quoted)
        return out

    def _key(self, key: Any, where: Path, out: dict[str, Any]) -> str | None:
        """The name of a key, or None for one that is refused."""
        if not isinstance(key, yaml.ScalarNode):
            return self._refuse(key, where, "key", "a key must be one word")
        name = str(key.value)
        if name == "<<":
            return self._refuse(key, (*where, name), "merge_key", "merge keys are not accepted; write the entries out")
        if name in out:
            first = self.document.places[(*where, name)][0] + self.document.origin.above
            text = f"the key stands twice (first on line {first}); keep one of them"
            return self._refuse(key, (*where, name), "duplicate_key", text)
        return name

    def _refuse(self, key: Any, where: Path, code: str, text: str) -> str | None:
        line, col = _position(key.start_mark)
        self.document.problems.append(Problem(self.document.path, line, col, field_name(where), code, text))
        return None
