"""Three-valued (Kleene) logic: True, False, and None for unknown. Nothing else."""

from collections.abc import Iterable

Truth = bool | None


def negate(value: Truth) -> Truth:
    return (not value) if value is True or value is False else None


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


def implies(left: Truth, right: Truth) -> Truth:
    return any_of((negate(left), right))


def xor(left: Truth, right: Truth) -> Truth:
    return left is not right if isinstance(left, bool) and isinstance(right, bool) else None


class Codes(tuple[str, ...]):
    """Several codes that hold at once."""


def same(left: object, right: object) -> Truth:
    """Equality in which anything compared with unknown is unknown; of several codes one has to be equal."""
    if left is None or right is None:
        return None
    return right in left if isinstance(left, Codes) else left == right
