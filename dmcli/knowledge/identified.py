"""Entries of the knowledge by their ids, in the plain trees of its files."""

from typing import NamedTuple

from dmcli.knowledge.placed import Placed

# What names an entry of a list, the first of these that every entry has.
NAMED_BY = ("id", "fact", "therapy")


class Held(NamedTuple):
    """An entry and what holds it: a list, or a mapping under the entry's key."""

    holder: Placed
    entry: Placed
    key: str | None
    label: str


def named_by(entries: Placed) -> str | None:
    """The key by which the entries of a list are told apart; None for a list of plain values."""
    if not isinstance(entries.value, list) or not entries.value:
        return None
    if not all(isinstance(entry.value, dict) for entry in entries.value):
        return None
    return next((key for key in NAMED_BY if all(key in entry.value for entry in entries.value)), None)


def name_of(entry: Placed, key: str) -> str:
    """What an entry of a list is called."""
    return str(entry.value[key].plain)


def entries_by_id(root: Placed) -> dict[str, list[Held]]:
    """Every entry that has an id, or that stands under one in a mapping of entries, such as a fact or a setting."""
    found: dict[str, list[Held]] = {}
    _collect(root, "", found)
    for section, node in root.value.items():
        if isinstance(node.value, dict) and all(isinstance(entry.value, dict) for entry in node.value.values()):
            for key, entry in node.value.items():
                found.setdefault(key, []).append(Held(node, entry, key, f"{section}.{key}"))
    return found


def _collect(node: Placed, label: str, found: dict[str, list[Held]]) -> None:
    if isinstance(node.value, dict):
        for key, inner in node.value.items():
            name = inner.value.get("id") if isinstance(inner.value, dict) else None
            if name is not None:
                found.setdefault(str(name.plain), []).append(Held(node, inner, key, f"{label}{key}"))
            # Most values are words and numbers, which hold no entry.
            if isinstance(inner.value, (dict, list)):
                _collect(inner, f"{label}{key}.", found)
    elif isinstance(node.value, list):
        key = named_by(node)
        for inner in node.value if key else ():
            name_here = name_of(inner, key or "")
            place = f"{label.removesuffix('.')}[{name_here}]"
            if key == "id":
                found.setdefault(name_here, []).append(Held(node, inner, None, place))
            _collect(inner, f"{place}.", found)
