"""A plan as one line of JSON, put together from the texts of its parts: what is told of every other patient is written once."""

import json
from json.encoder import encode_basestring
from math import isfinite
from typing import Any

from dmcli.record import Record, heads, text_of, texts_of
from dmcli.render.literal import escaped
from dmcli.result.caveats import CitedSource, Disagreement, Traced
from dmcli.result.monitoring import LimitItem, TestItem
from dmcli.result.options import Argument, Option
from dmcli.result.reasons import Reason

# What is told alike of many patients keeps its text.
_KEPT = frozenset((Argument, CitedSource, Disagreement, LimitItem, Option, Reason, TestItem, Traced))
# The one hidden character of ASCII that is no escape yet.
_DELETE = "\x7f"
_WORDS = {True: "true", False: "false", None: "null"}


def json_text(value: Any) -> str:
    """A result as one line of JSON in which nothing is hidden, without its end: what `json_line` makes of its plain data."""
    kind = type(value)
    if kind is str:
        return _string(value)
    if value is None or kind is bool:
        return _WORDS[value]
    if kind is tuple or kind is list:
        return _list(value) if value else "[]"
    if kind in _KEPT:
        return text_of(value, _record)
    if isinstance(value, Record):
        return _record(value)
    if kind is dict:
        return _dict(value)
    if kind is float:
        return _number(value)
    # Several codes at once are a list as well.
    return str(value) if kind is int else json_text(list(value))


def _list(values: Any) -> str:
    if type(values[0]) in _KEPT:
        texts = texts_of(values, json_text)
    else:
        texts = [_string(inner) if type(inner) is str else json_text(inner) for inner in values]
    # The whole may be long, and is put together once.
    texts[0] = f"[{texts[0]}"
    texts[-1] = f"{texts[-1]}]"
    return ", ".join(texts)


def _dict(values: dict[str, Any]) -> str:
    parts = []
    for key, inner in values.items():
        kind = type(inner)
        # Facts are told by name, and most are a yes or no, or a number; sources keep their text.
        if kind is bool or inner is None:
            text = _WORDS[inner]
        elif kind is float:
            text = _number(inner)
        elif kind in _KEPT:
            text = text_of(inner, _record)
        else:
            text = json_text(inner)
        quoted = encode_basestring(key)
        parts.append(f"{quoted if quoted.isascii() and _DELETE not in quoted else escaped(quoted)}: {text}")
    return f"{{{', '.join(parts)}}}"


def _record(value: Record) -> str:
    held, parts = value.__dict__, []
    for name, head in zip(value._fields, heads(type(value)), strict=True):
        inner = held[name]
        kind = type(inner)
        parts.append(head)
        # Most fields hold a text, nothing, or records that keep theirs.
        if kind is str:
            quoted = encode_basestring(inner)
            parts.append(quoted if quoted.isascii() and _DELETE not in quoted else escaped(quoted))
        elif inner is None:
            parts.append("null")
        elif kind is tuple:
            parts.append(_list(inner) if inner else "[]")
        else:
            parts.append(json_text(inner))
    parts.append("}")
    return "".join(parts)


def _string(text: str) -> str:
    quoted = encode_basestring(text)
    return quoted if quoted.isascii() and _DELETE not in quoted else escaped(quoted)


def _number(number: float) -> str:
    if number.is_integer():
        return str(int(number))
    return repr(number) if isfinite(number) else json.dumps(number)
