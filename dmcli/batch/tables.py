"""Patients of a table: the rows of each as one document, in which every value is placed at its line and column."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any, NamedTuple

from dmcli.batch.columns import LISTS, Column, ColumnMap, plain_map
from dmcli.batch.entries import Entry, Place, bad
from dmcli.batch.idents import Idents
from dmcli.batch.rows import Broken, Row
from dmcli.case.values import shown
from dmcli.errors import Problem, field_name
from dmcli.yamlfile import Document, scalar

_MOST_ROWS = 5000
# Words and no values: whatever they look like, they stay text.
_WORDS = ("id", "name", "therapy", "dose")
# Lists of plain values, to which each column adds its own.
_GATHERED = (("access", "declined"),)

Where = tuple[str | int, ...]


class Layout(NamedTuple):
    """A map laid over the header of one table: where the patient's column is, and what each column states."""

    patient: int | None
    columns: list[tuple[int, Column]]


def patients(rows: Iterable[Row], given: ColumnMap | None, name: str, scattered: frozenset[int]) -> Iterator[Entry]:
    """One entry a patient. `scattered` are those whose rows are known not to stand together."""
    seen = Idents()
    try:
        found = iter(rows)
        header = next(found, None)
        layout = None if header is None else _layout(header, given, name)
        if layout is None:
            return
        if isinstance(layout, Entry):
            yield layout
            return
        for key, group in groupby(enumerate(found), lambda item: _key(item[0], item[1], layout)):
            mine = [row for _, row in islice(group, _MOST_ROWS + 1)]
            yield _entry(mine, layout, name, together=key not in scattered and seen.add(key))
    except Broken as broken:
        yield bad(Place(name, broken.line), "syntax", f"from here on the table cannot be read: {broken.why}")


def scattered(rows: Iterable[Row], given: ColumnMap | None, name: str) -> frozenset[int]:
    """The patients whose rows do not stand together, by hash of the column that tells them apart."""
    seen, found = Idents(), set[int]()
    try:
        header = next(iterator := iter(rows), None)
        layout = None if header is None else _layout(header, given, name)
        if layout is None or isinstance(layout, Entry) or layout.patient is None:
            return frozenset()
        for key, _ in groupby(_key(at, row, layout) for at, row in enumerate(iterator)):
            if not seen.add(key):
                found.add(key)
    except Broken:
        return frozenset(found)  # told where the rows are read
    return frozenset(found)


def _layout(header: Row, given: ColumnMap | None, name: str) -> Layout | Entry:
    """The map for this header, or an entry that says why there is none."""
    names = [cell.strip() for cell in header.cells]
    used = given or plain_map(names)
    place = Place(name, header.line)
    twice = sorted({cell for cell in names if names.count(cell) > 1})
    stated = dict.fromkeys(column for column, _ in used.columns)
    absent = [column for column in (*stated, *filter(None, [used.patient])) if column not in names]
    extra = [cell for cell in names if cell not in (*stated, *used.ignored, used.patient)]
    if twice:
        return bad(place, "header", f"the header names {_listed(twice)} twice; a column needs a name of its own")
    if absent:
        return bad(place, "header", f"the header has no {_listed(absent)}, which the map names; correct one of them")
    if _clash(used):
        return bad(place, "header", f"{_clash(used)} is stated by a column as a whole and by another in part; keep one of them")
    if extra:
        what = "add each to its columns or to its list 'ignore'" if given else "name columns as fields, or give --map"
        return bad(place, "header", f"nothing says what {_listed(extra)} states; {what}")
    columns = [(names.index(name), column) for name, column in used.columns]
    return Layout(names.index(used.patient) if used.patient else None, columns)


def _clash(used: ColumnMap) -> str:
    """A field that one column states and of which another states a part; empty where there is none."""
    stated = {(c.section, c.label, *c.path) for _, c in used.columns}
    stated |= {(c.section, c.label, key) for _, c in used.columns for key in c.beside}
    clash = next((path for path in stated if any(path == other[: len(path)] for other in stated - {path})), None)
    return field_name(tuple(part for part in clash if part)) if clash else ""


def _listed(names: list[str]) -> str:
    shown_ = ", ".join(shown(name) for name in names[:10])
    return shown_ if len(names) <= 10 else f"{shown_} and {len(names) - 10} more"


def _key(at: int, row: Row, layout: Layout) -> int:
    """What rows of one patient share; a row that names none is a patient by itself."""
    column = layout.patient
    text = row.cells[column].strip() if column is not None and column < len(row.cells) else ""
    raw = f"named {text}" if text else f"row {at}"
    return int.from_bytes(hashlib.blake2b(raw.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") or 1


def _entry(rows: list[Row], layout: Layout, name: str, together: bool) -> Entry:
    place = Place(name, rows[0].line)
    wrong = [Place(name, row.line).problem("row", row.wrong) for row in rows if row.wrong]
    if not together:
        told = "the rows of this patient do not stand together, and a part of them is no case; sort the table by patient"
        wrong.append(place.problem("scattered", told))
    if layout.patient is not None and not all(row.cells[layout.patient].strip() for row in rows if not row.wrong):
        wrong.append(place.problem("no_patient", "nothing says whose row this is; fill in the column of the patient"))
    if len(rows) > _MOST_ROWS:
        wrong.append(place.problem("too_large", f"the patient has more than {_MOST_ROWS} rows"))
    if wrong:
        return Entry(place, None, problems=tuple(wrong))
    patient = _Patient(name)
    for row in rows:
        patient.add(row, layout)
    return Entry(place, patient.document)


class _Patient:
    """The document of one patient, row by row."""

    def __init__(self, name: str) -> None:
        self.document = Document(name, {}, {}, [])
        self.opened: dict[tuple[str, str | None], int] = {}

    def add(self, row: Row, layout: Layout) -> None:
        self.opened.clear()
        self.document.places.setdefault((), (row.line, 1))
        for at, column in layout.columns:
            text = row.cells[at].strip()
            if text:
                self._state(column, text, (row.line, at + 1))
        for (section, _), at in sorted(self.opened.items(), key=lambda item: -item[1]):
            # A day on which nothing was found out is no entry.
            if at == len(self.document.data[section]) - 1 and self.document.data[section][at].keys() == {"date"}:
                self.document.data[section].pop()

    def _state(self, column: Column, text: str, place: tuple[int, int]) -> None:
        """One cell that is not empty."""
        where: Where = (column.section, *column.path)
        if column.values is not None and text not in column.values:
            known = ", ".join(column.values)
            self._wrong(
                where, place, "value", f"{shown(text)} has no term in the map, which knows {known}; add it, ~ for unknown"
            )
            return
        value = column.values[text] if column.values is not None else _typed(text, where)
        if value is None:
            return
        if column.section in LISTS:
            where = self._listed(column, place)
        if where in _GATHERED:
            parent = self._parent(where)
            parent[where[-1]] = [*parent.get(where[-1], ()), value]
            self.document.places[(*where, len(parent[where[-1]]) - 1)] = place
            return
        self._put(where, value, place)

    def _listed(self, column: Column, place: tuple[int, int]) -> Where:
        """The field in the entry of a list that this row is about, which begins with its first cell."""
        key = (column.section, column.label)
        entries = self.document.data.setdefault(column.section, [])
        if key not in self.opened:
            self.opened[key] = len(entries)
            entries.append({})
            self.document.places[(column.section, len(entries) - 1)] = place
        at = self.opened[key]
        for name, value in column.beside.items():
            self._put((column.section, at, name), value, place)
        return (column.section, at, *column.path)

    def _put(self, where: Where, value: Any, place: tuple[int, int]) -> None:
        parent = self._parent(where)
        before = parent.get(where[-1])
        if before is not None and before != value:
            text = f"{shown(value)} contradicts {shown(before)} of line {self.document.places[where][0]}; one of them is wrong"
            self._wrong(where, place, "contradiction", text)
            return
        parent[where[-1]] = value
        self.document.places.setdefault(where, place)

    def _parent(self, where: Where) -> Any:
        """The mapping in which the last part of a path stands."""
        parent = self.document.data
        for part in where[:-1]:
            parent = parent[part] if isinstance(part, int) else parent.setdefault(part, {})
        return parent

    def _wrong(self, where: Where, place: tuple[int, int], code: str, text: str) -> None:
        self.document.problems.append(Problem(self.document.path, *place, field_name(where), code, text))


def _typed(text: str, where: Where) -> Any:
    """A cell without a term: a number where the field is one, but words stay as they are written."""
    return text if where[-1] in _WORDS else scalar(text, plain=True)
