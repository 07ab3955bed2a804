"""Records of the knowledge from plain data that was checked: fresh from pydantic, or kept in the cache."""

import types
import typing
from typing import Any

from dmcli.record import fields_of, is_record, made

_How = tuple[str, Any]
# For each class the fields that are more than plain data, and how many fields there are.
_SHAPES: dict[type, tuple[list[tuple[str, _How]], int]] = {}


def construct(cls: Any, data: dict[str, Any]) -> Any:
    """One record; fields that the data leave out take their default. Raises TypeError for missing or unknown fields."""
    known = _SHAPES.get(cls)
    if known is None:
        fields = fields_of(cls)
        inner = ((name, _inner(hint)) for name, hint in fields.items())
        known = _SHAPES[cls] = ([(name, how) for name, how in inner if how is not None], len(fields))
    shape, count = known
    values = {**cls._defaults, **data}
    if len(values) != count:
        return cls(**values)  # which says what is missing or unknown
    for name, (kind, of) in shape:
        value = values[name]
        if value is None:
            continue
        if kind == "one":
            values[name] = construct(of, value)
        elif kind == "map":
            values[name] = {k: construct(of, v) for k, v in value.items()}
        else:
            values[name] = tuple([construct(of, v) for v in value]) if of is not None else tuple(value)
    return made(cls, values)


def _inner(hint: Any) -> _How | None:
    """How a field is built: ('one' | 'many' | 'map', class), or None where plain data stands."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return next((found for found in map(_inner, args) if found is not None), None)
    if origin is tuple:
        return ("many", args[0] if is_record(args[0]) else None)
    if origin is dict:
        return ("map", args[1]) if is_record(args[1]) else None
    return ("one", hint) if is_record(hint) else None
