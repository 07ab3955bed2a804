"""The column map of a table: which field of a case each column states, and which terms its values are."""

import re
from collections.abc import Iterator
from typing import Any

from dmcli import yamlfile
from dmcli.case.shape import TOP
from dmcli.case.values import shown
from dmcli.errors import InvalidCase, Problem, nearest
from dmcli.record import Record
from dmcli.yamlfile import Document

SCHEMA = "dmcli.map/1"
# Sections that are lists: what a row states of one is one entry of it.
LISTS = ("scores", "treatments", "other_drugs", "labs")
# Sections that are one value.
_PLAIN = ("id", "as_of")
_KEYS = ("schema", "patient", "columns", "ignore")
_COLUMN_KEYS = ("field", "values", "with")
_FIELD = re.compile(r"([a-z_]+)(?:\[([\w-]+)\])?((?:\.\w+)*)")


class Column(Record):
    """What one column states. `label` keeps apart several entries of one list in one row; `values` maps each text to
    its term, where not every text is one; `beside` holds what is true of the entry whenever the column says something."""

    section: str
    path: tuple[str, ...]
    label: str | None = None
    values: dict[str, Any] | None = None
    beside: dict[str, Any] = {}


class ColumnMap(Record):
    """A whole map; a column may state several fields. Rows that have one value in the column `patient` are one patient;
    None where each row is one."""

    patient: str | None
    columns: tuple[tuple[str, Column], ...]
    ignored: tuple[str, ...] = ()


def read_map(text: str, path: str) -> ColumnMap:
    """The map of a file. Raises InvalidCase with every problem of it."""
    document = yamlfile.parse(text, path)
    reader = _MapReader(document)
    found = reader.read(document.data)
    if reader.problems:
        raise InvalidCase(reader.problems)
    return found


def plain_map(header: list[str]) -> ColumnMap:
    """The map of a table whose columns are named as the fields they state."""
    columns = tuple((name, column) for name in header if (column := column_of(name)) is not None)
    return ColumnMap("id" if "id" in header else None, columns)


def column_of(field: str) -> Column | None:
    """A field as it is written, `section.key` or `section[label].key`; None for what is none."""
    match = _FIELD.fullmatch(field)
    if match is None or match[1] not in TOP:
        return None
    section, label = match[1], match[2]
    path = tuple(match[3].split(".")[1:])
    listed = section in LISTS
    if (label and not listed) or bool(path) is (section in _PLAIN):
        return None
    return Column(section, path, label)


class _MapReader:
    """Reads a map and keeps the problems of it."""

    def __init__(self, document: Document) -> None:
        self.document, self.problems = document, list[Problem](document.problems)

    def read(self, data: Any) -> ColumnMap:
        if not isinstance(data, dict):
            self._wrong((), "type", "nothing stands where a map is due; see dmcli batch --template csv")
            return ColumnMap(None, ())
        for key in data:
            if key not in _KEYS:
                self._wrong((key,), "unknown_key", f"unknown key{nearest(key, _KEYS)}; known: {', '.join(_KEYS)}")
        if data.get("schema") != SCHEMA:
            self._wrong(("schema",), "schema", f"the map does not say that it is one; write schema: {SCHEMA}")
        columns = self._mapping(("columns",), data.get("columns"))
        found = tuple((name, column) for name, entry in columns.items() for column in self._columns(name, entry))
        patient, ignored = data.get("patient"), data.get("ignore") or []
        if patient is not None and not isinstance(patient, str):
            self._wrong(("patient",), "type", f"{shown(patient)} is no name of a column")
        if not isinstance(ignored, list):
            self._wrong(("ignore",), "type", f"{shown(ignored)} stands where a list of columns is due")
        return ColumnMap(str(patient) if patient is not None else None, found, tuple(map(str, ignored)))

    def _columns(self, name: str, entry: Any) -> Iterator[Column]:
        """What a column states: one field, or several that have its value in common, such as a day."""
        where = ("columns", name)
        entry = {"field": entry} if isinstance(entry, (str, list)) else self._mapping(where, entry)
        for key in entry:
            if key not in _COLUMN_KEYS:
                self._wrong((*where, key), "unknown_key", f"unknown key; known: {', '.join(_COLUMN_KEYS)}")
        values = self._mapping((*where, "values"), entry["values"]) if entry.get("values") is not None else None
        beside = self._mapping((*where, "with"), entry["with"]) if entry.get("with") is not None else {}
        fields = entry.get("field")
        for field in fields if isinstance(fields, list) else [fields]:
            column = column_of(str(field))
            if column is None:
                told = f"{shown(field)} is no field; write section.key, or section[label].key for one of a list"
                self._wrong(where, "field", f"{told}; sections: {', '.join(TOP)}")
                continue
            if beside and column.section not in LISTS:
                self._wrong((*where, "with"), "field", f"only an entry of a list has something beside it: {', '.join(LISTS)}")
            yield column.changed(values=values, beside=beside)

    def _mapping(self, where: tuple[str, ...], value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            self._wrong(where, "type", f"{shown(value)} stands where a mapping is due")
            return {}
        return value

    def _wrong(self, where: tuple[str, ...], code: str, text: str) -> None:
        self.problems.append(self.document.problem(where, code, text))
