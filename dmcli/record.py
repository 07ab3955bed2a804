"""Frozen records: what a case, the knowledge and a plan are made of.

A plain class with annotations, made immutable, comparable and hashable by its base. The standard library's
dataclasses generate code for each class, which for the hundred records here would cost more at every start
than planning a patient does.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform, get_args

_MISSING = object()
# A record is made dozens of times for each case.
_new, _set = object.__new__, object.__setattr__
_PLAIN = frozenset((str, int, float, bool, type(None)))
_MOST_MADE = 12
Made = TypeVar("Made")


class _Frozen:
    """Fields are the annotations of a class and its bases, in order; a class attribute is a default.

    Beside its fields a record may keep what follows from them alone: its hash, its text as JSON, and what was made of it.
    None of this is a field, is compared, or goes to another process.
    """

    __slots__ = ("__dict__", "_hash", "_made", "_text")

    _hash: int
    _made: dict[Any, Any]
    _text: str
    _fields: ClassVar[dict[str, Any]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _carriers: ClassVar[tuple[str, ...] | None] = None
    _heads: ClassVar[tuple[str, ...] | None] = None

    def __init_subclass__(cls) -> None:
        own = cls.__annotations__
        inherited = [base for base in cls.__bases__ if issubclass(base, _Frozen)]
        cls._carriers = cls._heads = None
        cls._fields = {**{name: hint for base in inherited for name, hint in base._fields.items()}, **own}
        before = {name: value for base in inherited for name, value in base._defaults.items()}
        cls._defaults = {**before, **{name: cls.__dict__[name] for name in own if name in cls.__dict__}}

    def __init__(self, *args: Any, **values: Any) -> None:
        fields = self._fields
        if args:
            if not values and len(args) == len(fields):
                # As many as there are fields: to have that looked at once more takes half as long again.
                self.__dict__.update(zip(fields, args))  # noqa: B905
                return
            values.update(zip(fields, args, strict=False))
        if len(values) != len(fields):
            values = {**self._defaults, **values}
        if values.keys() != fields.keys():
            wrong = values.keys() ^ fields.keys()
            raise TypeError(f"{type(self).__name__}: missing or unknown fields: {', '.join(sorted(wrong))}")
        # The keywords are a mapping of its own already.
        _set(self, "__dict__", values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = hash(tuple([self.__dict__[name] for name in self._fields]))
            _set(self, "_hash", found)
            return found

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={self.__dict__[name]!r}" for name in self._fields)
        return f"{type(self).__name__}({shown})"

    def changed(self, **values: Any) -> Self:
        """The same record with some fields replaced."""
        return type(self)(**{**self.__dict__, **values})


@dataclass_transform(frozen_default=True)
class Record(_Frozen):
    """A record whose fields may be given by position."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Model(_Frozen):
    """A record of the knowledge: fields by name only, so that a subclass may add fields without defaults."""


def made(cls: Any, values: dict[str, Any]) -> Any:
    """A record of values that hold all its fields and nothing else, without looking at them once more."""
    record = _new(cls)
    _set(record, "__dict__", values)
    return record


def made_once(record: _Frozen, key: Hashable, make: Callable[[], Made]) -> Made:
    """What follows from a record and the key alone: made once, as long as little is made of the record, and never changed."""
    try:
        made = record._made
    except AttributeError:
        made = {}
        _set(record, "_made", made)
    found: Made | None = made.get(key)
    if found is None:
        if len(made) >= _MOST_MADE:
            made.clear()
        found = made[key] = make()
    return found


def text_of(record: _Frozen, write: Callable[[Any], str]) -> str:
    """The text of a record, written once."""
    try:
        return record._text
    except AttributeError:
        text = write(record)
        _set(record, "_text", text)
        return text


def texts_of(records: Sequence[Any], write: Callable[[Any], str]) -> list[str]:
    """The text of each of some records, of which most have theirs already."""
    texts = []
    for record in records:
        try:
            texts.append(record._text)
        except AttributeError:
            texts.append(write(record))
    return texts


def heads(cls: type[_Frozen]) -> tuple[str, ...]:
    """What stands before the text of each field of a record class as JSON; written once for each class."""
    if cls._heads is None:
        cls._heads = tuple([f'{", " if number else "{"}"{name}": ' for number, name in enumerate(cls._fields)])
    return cls._heads


def carriers(cls: type[_Frozen]) -> tuple[str, ...]:
    """The fields of a record class that are sources, or may hold records with such fields; looked up once for each class."""
    if cls._carriers is None:
        cls._carriers = tuple(name for name, hint in cls._fields.items() if name == "sources" or _holds_carriers(hint))
    return cls._carriers


def _holds_carriers(hint: Any) -> bool:
    """Whether a field may hold records that carry sources, by its annotation."""
    if isinstance(hint, type) and is_record(hint):
        return bool(carriers(hint))
    return any(_holds_carriers(inner) for inner in get_args(hint))


def is_record(value: object) -> bool:
    """Whether a value, or a class, is a record."""
    return issubclass(value, _Frozen) if isinstance(value, type) else isinstance(value, _Frozen)


def fields_of(value: Any) -> dict[str, Any]:
    """Field names of a record or record class, with their annotated types."""
    found: dict[str, Any] = value._fields
    return found


def walk(value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every record inside a value, with the path it has in its file."""
    inside: Iterable[tuple[str | int, Any]] = ()
    if is_record(value):
        yield where, value
        inside = ((name, getattr(value, name)) for name in fields_of(value))
    elif isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, tuple):
        inside = enumerate(value)
    for key, inner in inside:
        # Most of what a record holds is text and lists of words, which hold no record.
        kind = type(inner)
        if kind not in _PLAIN and not (kind is tuple and _PLAIN.issuperset(map(type, inner))):
            yield from walk(inner, (*where, key))


def default_of(value: Any, name: str) -> Any:
    """The default of a field, or a sentinel nothing equals."""
    return value._defaults.get(name, _MISSING)
