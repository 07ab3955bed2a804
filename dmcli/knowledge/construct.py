"""Records of the knowledge from plain data that was checked: fresh from pydantic, or kept in the cache."""

import types
import typing
from typing import Any

from dmcli.record import fields_of, is_record

_SHAPES: dict[type, dict[str, Any]] = {}


def construct(cls: Any, data: dict[str, Any]) -> Any:
    """One record; fields that the data leave out take their default."""
    shape = _SHAPES.get(cls)
    if shape is None:
        shape = _SHAPES[cls] = {name: _inner(hint) for name, hint in fields_of(cls).items()}
    return cls(**{name: _value(shape[name], value) for name, value in data.items()})


def _inner(hint: Any) -> Any:
    """How a field is built: ('one' | 'many' | 'map', class), or None where plain data stands."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return next((found for found in map(_inner, args) if found is not None), None)
    if origin is tuple:
        return ("many", args[0] if is_record(args[0]) else None)
    if origin is dict:
        return ("map", args[1]) if is_record(args[1]) else None
    return ("one", hint) if is_record(hint) else None


def _value(how: Any, value: Any) -> Any:
    if how is None or value is None:
        return value
    kind, cls = how
    if kind == "one":
        return construct(cls, value)
    if kind == "map":
        return {k: construct(cls, v) for k, v in value.items()}
    return tuple(construct(cls, v) for v in value) if cls else tuple(value)
