"""Checked knowledge as plain data that `marshal` writes, and the knowledge again, made in few steps.

Records, named tuples, and the tuples and mappings that hold one of them are numbered, and those inside of others come
first. A field that holds one of them has its number. What is made at once, by one class at one depth, is a group.
"""

import marshal
from importlib import import_module
from itertools import repeat
from typing import Any, NamedTuple

from dmcli.record import fields_of, is_record

_HOME = "dmcli.knowledge."
# Every Python that runs this program reads it.
_FORMAT = 4
_PLAIN = frozenset((str, int, float, bool, type(None)))
# The module and name of a class, the names of its fields, those that hold numbers, and what stands in the fields.
Group = tuple[str, str, tuple[str, ...], tuple[Any, ...], list[Any]]


class _Boxes(NamedTuple):
    """What is numbered, by identity: each with its depth, in the order in which it was met."""

    depths: dict[int, int]
    values: list[Any]


def written(value: Any) -> bytes:
    """A record of the knowledge with all that is in it, as bytes. Raises TypeError for what is no part of any knowledge."""
    return marshal.dumps(pack(value), _FORMAT)


def read(content: bytes | memoryview) -> Any:
    """The record of these bytes; None where they are no such record, or one of classes that differ.

    Bytes that somebody else made may bring down the interpreter: whoever calls this has looked at whose they are.
    """
    try:
        return unpack(marshal.loads(content))
    except (EOFError, ValueError, TypeError, LookupError, AttributeError, ImportError, RecursionError):
        return None


def pack(value: Any) -> list[Group]:
    """A record of the knowledge with all that is in it. Raises TypeError for what is no part of any knowledge."""
    boxes = _Boxes({}, [])
    _meet(value, boxes)
    groups: dict[tuple[int, str, str], list[Any]] = {}
    for box in boxes.values:
        place = type(box).__module__, type(box).__qualname__
        groups.setdefault((boxes.depths[id(box)], *place), []).append(box)
    ordered = [groups[key] for key in sorted(groups)]
    referring = [_referring(group, boxes) for group in ordered]
    # What stands beside one of them in the same place is numbered as well, before all others.
    beside = {
        id(inner): inner
        for group, names in zip(ordered, referring, strict=True)
        for box in group
        for name, inner in _items(box)
        if name in names and id(inner) not in boxes.depths
    }
    numbers = {ident: number for number, ident in enumerate((*beside, *(id(box) for group in ordered for box in group)))}
    known: dict[Any, Any] = {}
    packed: list[Group] = [("", "", (), (), [_same(inner, known) for inner in beside.values()])]
    for group, names in zip(ordered, referring, strict=True):
        rows = [
            {_same(name, known): numbers[id(inner)] if name in names else _same(inner, known) for name, inner in _items(box)}
            for box in group
        ]
        packed.append(_group(type(group[0]), names, rows))
    return packed


def _meet(value: Any, boxes: _Boxes) -> int:
    """The depth of a value: 0 where it holds nothing that is numbered."""
    if type(value) in _PLAIN:
        return 0
    if id(value) not in boxes.depths:
        deepest = max((_meet(inner, boxes) for _, inner in _items(value)), default=0)
        if not deepest and not _has_fields(type(value)):
            return 0
        boxes.depths[id(value)] = deepest + 1
        boxes.values.append(value)
    return boxes.depths[id(value)]


def _items(value: Any) -> list[tuple[Any, Any]]:
    """What is in a value, each by its name, key or place."""
    if is_record(value):
        return list(value.__dict__.items())
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, tuple) else []


def _has_fields(cls: type) -> bool:
    return is_record(cls) or (issubclass(cls, tuple) and hasattr(cls, "_fields"))


def _referring(group: list[Any], boxes: _Boxes) -> frozenset[Any]:
    """The names under which a value of the group holds what is numbered; all of them in a tuple or mapping."""
    found = (name for box in group for name, inner in _items(box) if id(inner) in boxes.depths or not _has_fields(type(box)))
    return frozenset(found)


def _group(cls: type, names: frozenset[Any], rows: list[dict[Any, Any]]) -> Group:
    fields = tuple(fields_of(cls)) if _has_fields(cls) else ()
    referring = tuple(name for name in rows[0] if name in names) if fields else ()
    kept = rows if issubclass(cls, dict) or is_record(cls) else [[*row.values()] for row in rows]
    return (cls.__module__, cls.__qualname__, fields, referring, kept)


def _same(value: Any, known: dict[Any, Any]) -> Any:
    """Plain data in which a text, and a list of texts, that stands in several places is one and the same."""
    kind = type(value)
    if kind is str:
        return known.setdefault(value, value)
    if kind is tuple:
        made = tuple([_same(inner, known) for inner in value])
        return known.setdefault(made, made) if all(type(inner) is str for inner in made) else made
    if kind is dict:
        return {_same(key, known): _same(inner, known) for key, inner in value.items()}
    if kind is frozenset:
        return frozenset([_same(inner, known) for inner in value])
    if kind not in _PLAIN:
        raise TypeError(f"{kind.__name__} is no part of any knowledge")
    return value


def unpack(groups: list[Group]) -> Any:
    """The record that was packed; the mappings of the groups become part of it.

    Raises ValueError, TypeError, KeyError, IndexError or AttributeError for what was packed by classes that differ.
    """
    made: list[Any] = []
    for module, name, fields, referring, rows in groups:
        if not module:
            made += rows
        elif name == "tuple":
            made += [tuple([made[number] for number in row]) for row in rows]
        elif name == "dict":
            made += [{key: made[number] for key, number in row.items()} for row in rows]
        else:
            cls = _class(module, name, fields)
            for place in referring:
                for row in rows:
                    row[place] = made[row[place]]
            made += _records(cls, rows, len(fields)) if is_record(cls) else map(tuple.__new__, repeat(cls), rows)
    return made[-1]


def _class(module: str, name: str, fields: tuple[str, ...]) -> Any:
    """A class of the knowledge that has these very fields."""
    if not module.startswith(_HOME):
        raise ValueError(f"{module} is no module of the knowledge")
    cls = getattr(import_module(module), name)
    if not _has_fields(cls) or tuple(fields_of(cls)) != fields:
        raise ValueError(f"{name} has other fields")
    return cls


def _records(cls: Any, rows: list[dict[str, Any]], count: int) -> list[Any]:
    if {*map(len, rows)} != {count}:
        raise ValueError(f"{cls.__name__} has other fields")
    records = [*map(object.__new__, repeat(cls, len(rows)))]
    # As `made` of the records does, for all of them in one go.
    for _ in map(object.__setattr__, records, repeat("__dict__"), rows):
        pass
    return records
