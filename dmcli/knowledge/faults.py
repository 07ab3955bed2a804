"""What is wrong with the shape of a knowledge file, in words for whoever edits it: what, and what to write instead."""

import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from dmcli.errors import nearest
from dmcli.knowledge.ranges import range_of
from dmcli.record import fields_of, is_record

_LONGEST = 40


class Fault(NamedTuple):
    """`where` is the path in the file, `code` the kind of fault, `text` what is told of it."""

    where: tuple[str | int, ...]
    code: str
    text: str


def fault(kind: str, where: tuple[str | int, ...], value: Any, record: Any) -> Fault:
    """One fault of the checking library told in our own words; `value` is what stands at `where` in the record's data."""
    name = str(where[-1]) if where else ""
    if kind == "missing":
        return Fault(where, "missing", f"'{name}' is required here and missing; write it, as the shipped entries do")
    if kind == "extra_forbidden":
        known = list(fields_of(_hint(record, where[:-1])))
        hint = nearest(name, known)
        return Fault(where, "unknown_key", f"unknown key '{_cut(name)}'{hint}; known here: {', '.join(known)}")
    hint = _hint(record, where)
    if kind == "finite_number":
        return Fault(where, "not_finite", "a finite number is needed; leave out what is not known")
    if kind == "literal_error":
        return Fault(where, "unknown_value", _none_of(value, [str(v) for v in _literals(hint)]))
    if kind in _NEEDED:
        return Fault(where, "type", f"{_NEEDED[kind](hint)}; this is {_what(value)}")
    return Fault(where, "type", f"{_what(value)} does not fit here; compare the shipped entries")


# What is needed for each kind of wrong type.
_NEEDED: dict[str, Callable[[Any], str]] = {
    "string_type": lambda _: "a text is needed; put it in quotes",
    "int_type": lambda hint: f"a whole number (integer) is needed{_of(hint)}",
    "int_from_float": lambda hint: f"a whole number (integer) is needed{_of(hint)}",
    "float_type": lambda hint: f"a number is needed{_of(hint)}",
    "bool_type": lambda _: "a boolean is needed: true or false",
    "tuple_type": lambda _: "a list is needed, as [one, two]",
    "too_long": lambda hint: f"a list of {len(typing.get_args(hint))} is needed",
    "dict_type": lambda _: "a mapping is needed, as 'key: value' on lines of its own",
}


def _none_of(value: Any, known: list[str]) -> str:
    if len(known) == 1:
        return f"'{_cut(value)}' cannot be read by this program; write '{known[0]}'"
    return f"'{_cut(value)}' is none of {', '.join(repr(k) for k in known)}{nearest(str(value), known)}"


def _of(hint: Any) -> str:
    """The range of a number, to append to what is needed."""
    found = range_of(hint)
    return f", {found}" if found else ""


def _what(value: Any) -> str:
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {value:g}"
    if isinstance(value, str):
        return f"the text '{_cut(value)}'"
    return "nothing" if value is None else "a list" if isinstance(value, (list, tuple)) else "a mapping"


def _cut(value: Any) -> str:
    text = "".join(c if c.isprintable() else "?" for c in str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _literals(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint)


def _hint(record: Any, where: tuple[str | int, ...]) -> Any:
    """The declared type at a path below a record class; None itself is not told, only what else may stand there."""
    hint = record
    for part in where:
        hint = _inner(_some(hint), part)
    return _some(hint)


def _some(hint: Any) -> Any:
    """A type without the None that it may also be."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next(arg for arg in typing.get_args(hint) if arg is not type(None))
    return hint


def _inner(hint: Any, part: str | int) -> Any:
    if is_record(hint):
        return fields_of(hint).get(str(part), Any)
    args = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin is dict:
        return args[1]
    if origin is tuple:
        return args[part] if isinstance(part, int) and part < len(args) and Ellipsis not in args else args[0]
    return args[0] if origin is Annotated else Any
