"""Cases as registries write them, a line of JSON each, read without the places that only an error needs."""

import json
import re
from math import isfinite
from typing import Any

from dmcli.errors import Origin
from dmcli.yamlfile import MAX_DEPTH, Document

# Above this size, and from so many digits on, a text is read the long way.
_SMALL, _DIGITS = 100_000, 15
_WHOLE = Origin()
# YAML wants a colon on the line of its key and within 1,024 characters of its beginning.
_LINE_APART, _FAR_APART, _LONGEST_KEY = re.compile(r"\n *:"), " " * 512, 500


_NESTED, _NUMBERS, _LARGE = frozenset((dict, list)), frozenset((int, float)), 10 ** (_DIGITS - 1)


def plain_json(text: str, path: str, origin: Origin = _WHOLE) -> Document | None:
    """The document of a text that is small, plain JSON, in a tenth of the time and without places; None for any other
    text, and for what `yamlfile.parse` would refuse or read otherwise: what it
    gives is what that one gives."""
    if len(text) > _SMALL or text[:1] != "{" or "\\" in text or not _printable(text):
        return None
    if _FAR_APART in text or ("\n" in text and _LINE_APART.search(text)):
        return None
    try:
        data = _quickly(text)
        if data is None:
            data = json.loads(
                text, object_pairs_hook=_once, parse_int=_whole_number, parse_float=_fraction, parse_constant=_no_constant
            )
            if _depth(data) > MAX_DEPTH:
                return None
    except (ValueError, RecursionError):
        return None
    return Document(path, data, {}, [], origin=origin)


def _printable(text: str) -> bool:
    """Whether a text has no control characters but ends of lines, as far as it may be JSON at all."""
    if not text.isascii():
        return text.replace("\n", "").isprintable()
    # The others are no JSON, within a string or outside.
    return not ("\t" in text or "\r" in text or "\x7f" in text)


def _quickly(text: str) -> Any:
    """What a text says in which no key of a mapping can stand twice and every number is a plain one; None for another."""
    # A merge key, or a key apart from its colon, is read with care.
    if '"<<"' in text or " :" in text or ("\n" in text and "\n:" in text):
        return None
    data = json.loads(text)
    # Without escapes every key ends with these two characters, and little else does: one that was lost is missed.
    return data if _keys(data, 1) == text.count('":') else None


def _keys(data: Any, depth: int) -> int:
    """How many keys stand in a value; more than any text has where a key is too long, a number is no plain one, or
    something is nested too deep."""
    found = 0
    if type(data) is dict:
        if data and max(map(len, data)) > _LONGEST_KEY:
            return _SMALL
        found, data = len(data), data.values()
    if depth > MAX_DEPTH:
        return _SMALL
    for inner in data:
        kind = type(inner)
        if kind in _NUMBERS:
            if not -_LARGE < inner < _LARGE:
                return _SMALL
        elif kind in _NESTED:
            found += _keys(inner, depth + 1)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or "<<" in found or max(map(len, found), default=0) > _LONGEST_KEY:
        raise ValueError
    return found


def _whole_number(text: str) -> int:
    if len(text) >= _DIGITS:
        raise ValueError
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError
    return value


def _no_constant(text: str) -> float:
    raise ValueError(text)


def _depth(data: Any) -> int:
    kind = type(data)
    if kind is not dict and kind is not list:
        return 0
    deepest = 0
    for inner in data.values() if kind is dict else data:
        # Most of what stands inside is plain: that is not worth a call.
        if type(inner) in _NESTED:
            deepest = max(deepest, _depth(inner))
    return 1 + deepest
