"""A plan as one line of JSON, put together from the texts of its parts: what is told of every other patient is written once."""

import json
from json.encoder import encode_basestring
from typing import Any

from dmcli.record import Record, pattern, text_of, texts_of
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
    if kind is int:
        return str(value)
    return _other(value)


def _list(values: Any) -> str:
    if type(values[0]) in _KEPT:
        texts = texts_of(values, json_text)
    else:
        texts = [_string(inner) if type(inner) is str else json_text(inner) for inner in values]
    return f"[{', '.join(texts)}]"


def _dict(values: dict[str, Any]) -> str:
    parts = []
    for key, inner in values.items():
        # Facts are told by name, and most are a yes or no.
        text = _WORDS[inner] if inner is True or inner is False or inner is None else json_text(inner)
        parts.append(f"{_string(key)}: {text}")
    return f"{{{', '.join(parts)}}}"


def _record(value: Record) -> str:
    held, texts = value.__dict__, []
    for name in value._fields:
        inner = held[name]
        kind = type(inner)
        # Most fields hold a text, nothing, or records that keep theirs.
        if kind is str:
            quoted = encode_basestring(inner)
            texts.append(quoted if quoted.isascii() and _DELETE not in quoted else escaped(quoted))
        elif inner is None:
            texts.append("null")
        elif kind is tuple:
            texts.append(_list(inner) if inner else "[]")
        else:
            texts.append(json_text(inner))
    return pattern(type(value)) % tuple(texts)


def _string(text: str) -> str:
    quoted = encode_basestring(text)
    return quoted if quoted.isascii() and _DELETE not in quoted else escaped(quoted)


def _other(value: Any) -> str:
    """A number with a fraction, and several codes at once."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else json.dumps(value)
    return json_text(list(value))
