"""Where a case comes from, as the one document the reader reads: a file's bytes, text, or Python data."""

from collections.abc import Mapping
from datetime import date, datetime
from numbers import Integral, Real
from pathlib import Path as FilePath
from typing import Any

from dmcli import yamlfile
from dmcli.errors import InvalidCase, Problem
from dmcli.yamlfile import MAX_DEPTH, Document, Path

# What `dmcli batch` reads beside case files, and what it does not read.
_TABLES = (".csv", ".tsv", ".parquet", ".ndjson", ".jsonl")
_SHEETS = (".xlsx", ".xls", ".ods")


def unreadable(path: str, error: OSError) -> InvalidCase:
    """The error that names a file which cannot be read, with the system's reason."""
    text = f"cannot be read ({error.strerror}); name a .yaml or .json file, or - for stdin"
    return InvalidCase([Problem(path, 0, 0, "", "unreadable", text)])


def no_case(path: str) -> InvalidCase | None:
    """The error for what holds many patients or is no text, told by its name, with what takes it."""
    kind = FilePath(path.lower().removesuffix(".gz")).suffix
    if kind in _TABLES:
        text = f"is a table of patients, not one case; plan them with: dmcli batch {path}"
    elif kind in _SHEETS:
        text = "is a spreadsheet; save it as CSV, then plan its patients with: dmcli batch FILE.csv"
    elif FilePath(path).is_dir():
        text = f"is a folder; plan every case in it with: dmcli batch {path}"
    else:
        return None
    return InvalidCase([Problem(path, 0, 0, "", "many_cases", text)])


def decoded(raw: bytes, path: str) -> str:
    """The text of a file. Raises InvalidCase for what is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise InvalidCase([Problem(path, 0, 0, "", "encoding", text)]) from None


def file_document(path: str) -> Document:
    """A case file as a document. Raises InvalidCase for one that cannot be read or is not UTF-8."""
    try:
        with FilePath(path).open("rb") as stream:
            raw = stream.read(yamlfile.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise unreadable(path, error if isinstance(error, OSError) else OSError(0, str(error))) from None
    return yamlfile.parse(decoded(raw, path), path)


def data_document(data: Mapping[Any, Any], name: str) -> Document:
    """Python data as a document without lines, so that its problems have the place 0:0.

    Dates become text, tuples lists, numbers of other libraries plain numbers; anything else than plain values is
    a problem.
    """
    document = Document(name, None, {}, [])
    return document._replace(data=_plain(data, (), document))


def _plain(value: Any, where: Path, document: Document) -> Any:
    if len(where) > MAX_DEPTH:
        return _wrong(document, where, "too_deep", f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, Mapping):
        return {key: _plain(v, (*where, key), document) for key, v in value.items() if _word(key, where, document)}
    if isinstance(value, (list, tuple)):
        return [_plain(v, (*where, i), document) for i, v in enumerate(value)]
    return _scalar(value, where, document)


def _scalar(value: Any, where: Path, document: Document) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    text = f"a Python {type(value).__name__} is no value of a case; give text, a number, True, False, a date, a list or a dict"
    return _wrong(document, where, "type", text)


def _word(key: Any, where: Path, document: Document) -> bool:
    if not isinstance(key, str):
        _wrong(document, where, "key", f"a key must be text, not a Python {type(key).__name__}; write the name of the field")
    return isinstance(key, str)


def _wrong(document: Document, where: Path, code: str, text: str) -> None:
    document.problems.append(document.problem(where, code, text))
