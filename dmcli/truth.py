"""Three-valued (Kleene) logic: True, False, and None for unknown. Nothing else."""

from collections.abc import Iterable

Truth = bool | None


def negate(a: Truth) -> Truth:
    return None if a is None else not a


def all_of(values: Iterable[Truth]) -> Truth:
    """False as soon as one is false, else unknown if one is unknown, else true."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """True as soon as one is true, else unknown if one is unknown, else false."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def implies(a: Truth, b: Truth) -> Truth:
    return any_of((negate(a), b))


def xor(a: Truth, b: Truth) -> Truth:
    return None if a is None or b is None else a is not b


def same(a: object, b: object) -> Truth:
    """Equality in which anything compared with unknown is unknown."""
    return None if a is None or b is None else a == b
