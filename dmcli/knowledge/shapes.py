"""Records as pydantic sees them: strict checking of knowledge files, and the JSON Schemas that are published.

Imported only where knowledge is checked, never on the way of a plan from the compiled knowledge.
"""

import json
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired

from pydantic import ConfigDict, TypeAdapter, ValidationError, WithJsonSchema
from typing_extensions import TypedDict

from dmcli.knowledge.codes import Listed
from dmcli.knowledge.faults import Fault, fault
from dmcli.record import default_of, fields_of, is_record

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
# Called with a name made at run time, which type checkers do not follow.
_typed_dict: Any = TypedDict
_SHAPES: dict[Any, Any] = {}
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
_NAMED, _LISTED = "$named", "$listed"


def validate(data: Any, record: type) -> list[Fault]:
    """What is wrong with plain data that should make a record."""
    try:
        # In JSON mode a list is a tuple and a mapping a record, while `yes` is no number and 1 no boolean.
        _adapter(record).validate_json(json.dumps(data))
    except ValidationError as error:
        wrong = error.errors(include_context=False, include_url=False)
        return [fault(e["type"], e["loc"], e["input"], record) for e in wrong]
    return []


def _adapter(record: type) -> TypeAdapter[Any]:
    """What checks a record; made once for each kind of file, since making it costs more than the check."""
    if record not in _ADAPTERS:
        _ADAPTERS[record] = TypeAdapter(_shape(record))
    return _ADAPTERS[record]


def json_schema(record: type, ident: str, lists: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a record as plain data, every field present; `lists` are codes that the knowledge
    lists. A clinic may add to those, so that they are examples in the schema."""
    schema = _filled(TypeAdapter(_shape(record, complete=True)).json_schema(), lists)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": ident, **schema}


def _filled(schema: Any, lists: Mapping[str, Sequence[str]]) -> Any:
    """The schema with the codes of each list, and each record that is only named, since it holds itself, referred to."""
    if isinstance(schema, list):
        return [_filled(v, lists) for v in schema]
    if not isinstance(schema, dict):
        return schema
    if _NAMED in schema:
        return {"$ref": f"#/$defs/{schema[_NAMED]}"}
    if _LISTED in schema:
        return {"type": "string", "examples": list(lists[schema[_LISTED]])}
    return {k: _filled(v, lists) for k, v in schema.items()}


def _shape(record: Any, complete: bool = False) -> Any:
    key = (record, complete)
    if key not in _SHAPES:
        fields = {}
        for name, hint in fields_of(record).items():
            translated = _translated(hint, complete)
            required = complete or default_of(record, name) is default_of(record, "")
            fields[name] = translated if required else NotRequired[translated]
        shape: Any = _typed_dict(record.__name__, fields)
        shape.__pydantic_config__ = _STRICT
        shape.__doc__ = record.__doc__
        _SHAPES[key] = shape
    return _SHAPES[key]


def _translated(hint: Any, complete: bool) -> Any:
    """A field's type with every record in it replaced by its shape; a name stands for a record that holds itself."""
    if isinstance(hint, str):
        return Annotated[Any, WithJsonSchema({_NAMED: hint})]
    if isinstance(hint, type) and is_record(hint):
        return _shape(hint, complete)
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return typing.Union[tuple(_translated(a, complete) for a in args)]  # noqa: UP007 - built at run time
    if origin is Annotated:
        if complete and isinstance(args[1], Listed):
            return Annotated[str, WithJsonSchema({_LISTED: args[1]})]
        return _translated(args[0], complete)  # ranges are checked with the other numbers, so that all are told at once
    if origin is tuple:
        return _generic(tuple, *(a if a is ... else _translated(a, complete) for a in args))
    if origin is dict:
        return _generic(dict, args[0], _translated(args[1], complete))
    return hint


def _generic(container: Any, *args: Any) -> Any:
    return container[args]
