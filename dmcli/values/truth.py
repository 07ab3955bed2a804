"""Three-valued (Kleene) logic: True, False, and None for unknown. Nothing else."""

from collections.abc import Iterable

Truth = bool | None


def negate(a: Truth) -> Truth:
    return (not a) if a is True or a is False else None


def all_of(values: Iterable[Truth]) -> Truth:
    """False as soon as one is false, else true if all are true, else unknown; what is no truth value is unknown."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is not True:
            result = None
    return result


def any_of(values: Iterable[Truth]) -> Truth:
    """True as soon as one is true, else false if all are false, else unknown; what is no truth value is unknown."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is not False:
            result = None
    return result


def implies(a: Truth, b: Truth) -> Truth:
    return any_of((negate(a), b))


def xor(a: Truth, b: Truth) -> Truth:
    return a is not b if isinstance(a, bool) and isinstance(b, bool) else None


def same(a: object, b: object) -> Truth:
    """Equality in which anything compared with unknown is unknown."""
    return None if a is None or b is None else a == b
