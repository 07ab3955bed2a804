"""The shape of the knowledge in memory: what was kept by a program whose classes differ is of no use to this one."""

from typing import Any, get_args

from dmcli.knowledge.model import Knowledge
from dmcli.record import fields_of, is_record


def layout() -> str:
    """The fields of every class that knowledge is made of, as one text."""
    seen: dict[str, str] = {}
    waiting: list[Any] = [Knowledge]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and is_record(hint) and hint.__name__ not in seen:
            fields = fields_of(hint)
            seen[hint.__name__] = "/".join(fields)
            waiting += fields.values()
        waiting += get_args(hint)
    return ",".join(f"{name}:{fields}" for name, fields in sorted(seen.items()))
