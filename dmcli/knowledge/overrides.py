"""A clinic's own file over the shipped knowledge: single entries changed, added or removed, everything else as shipped.

What the file changes keeps its place in the file, so that whatever is wrong with the knowledge afterwards is told where it
can be mended.
"""

import re
from typing import NamedTuple

from dmcli.errors import Problem, nearest
from dmcli.knowledge.changes import Change
from dmcli.knowledge.identified import Held, entries_by_id
from dmcli.knowledge.joined import joined, parted
from dmcli.knowledge.merge import Draft, Merge
from dmcli.knowledge.placed import Placed, tree_of
from dmcli.yamlfile import Document

_HEAD = ("extends", "base", "change", "remove")
_VERSION = re.compile(r"[0-9]{4}\.[0-9]{1,2}\.[0-9]{1,3}")
# What only the shipped files say of themselves.
_SHIPPED_ONLY = ("schema", "version", "dated")
_LONGEST = 40


class Overridden(NamedTuple):
    """The changed documents by file name, the version the changes were written against, the changes, every problem."""

    documents: dict[str, Document]
    base: str
    changes: tuple[Change, ...]
    problems: list[Problem]


def override(documents: dict[str, Document], clinic: Document) -> Overridden:
    """The shipped documents, by file name, with a clinic's own file put over them."""
    merge, over = Merge(), tree_of(clinic)
    if not isinstance(over.value, dict) or "extends" not in over.value:
        told = "is no file that changes the shipped knowledge; such a file has 'extends: shipped' at its head; write it, if it is"
        merge.told(over, "extends", "missing", told)
        return Overridden(documents, "", (), merge.problems)
    trees = {name: tree_of(document) for name, document in documents.items()}
    root = joined(trees)
    known = entries_by_id(root)
    _head(merge, over)
    _by_id(merge, known, over.value.get("change"))
    _sections(merge, root, over)
    _removed(merge, known, over.value.get("remove"))
    base = over.value["base"].plain if "base" in over.value else ""
    made = documents if merge.problems else parted(root, trees)
    return Overridden(made, str(base), tuple(merge.changes), merge.problems)


def _head(merge: Merge, over: Placed) -> None:
    """What the file extends, and the version it was written against."""
    if "base" not in over.value:
        merge.told(over, "base", "missing", "'base' is required here and missing; write 'base: 2026.12.1'")
    extends, base = over.value["extends"], over.value.get("base")
    if extends.plain != "shipped":
        merge.told(extends, "extends", "unknown_value", "only the shipped knowledge can be extended; write 'shipped'")
    if base is not None and not (isinstance(base.plain, str) and _VERSION.fullmatch(base.plain)):
        told = "write the version of the knowledge that this file was written against, as 2026.12.1; 'dmcli check' tells it"
        merge.told(base, "base", "version", told)


def _by_id(merge: Merge, known: dict[str, list[Held]], node: Placed | None) -> None:
    """`change`: fields of entries that are found by their id, wherever they stand."""
    if node is None:
        return
    if not isinstance(node.value, dict):
        merge.told(node, "change", "type", "a mapping is needed, as 'id: {field: value, sources: [...], level: ...}'")
        return
    for ident, fields in node.value.items():
        held = _held(merge, known, ident, fields, f"change.{ident}")
        if held is not None and isinstance(fields.value, dict):
            merge.settle(held.label, merge.entry(held.entry, fields, held.label), fields)
        elif held is not None:
            merge.told(fields, f"change.{ident}", "type", "a mapping is needed, as '{field: value}'")


def _sections(merge: Merge, root: Placed, over: Placed) -> None:
    """The changes that stand where the shipped files have the entries."""
    known = [key for key in root.value if key not in _SHIPPED_ONLY]
    for key, node in over.value.items():
        if key in known:
            for label, draft in _by_entry(key, merge.put(root.value, key, node, key)):
                merge.settle(label, [draft], node)
        elif key not in _HEAD:
            hint = nearest(key, [*_HEAD, *known]) or f"; known here: {', '.join((*_HEAD, *known))}"
            told = f"unknown key '{key[:_LONGEST]}'{hint}"
            merge.told(node, key, "unknown_key", told)


def _by_entry(section: str, drafts: list[Draft]) -> list[tuple[str, Draft]]:
    """Each change with the entry of its section that it is about."""
    return [(".".join(draft.label.split(".")[:2]) if "." in draft.label else section, draft) for draft in drafts]


def _removed(merge: Merge, known: dict[str, list[Held]], node: Placed | None) -> None:
    """`remove`: entries that this clinic does without."""
    if node is None:
        return
    if not isinstance(node.value, list) or not all(isinstance(item.value, str) for item in node.value):
        merge.told(node, "remove", "type", "a list of ids is needed, as [one, two]")
        return
    for index, item in enumerate(node.value):
        held = _held(merge, known, str(item.plain), item, f"remove[{index}]")
        if held is None:
            continue
        if held.key is None:
            held.holder.value[:] = [entry for entry in held.holder.value if entry is not held.entry]
        else:
            held.holder.value.pop(held.key, None)
        merge.settle(held.label, [Draft("removed", held.label, held.entry.plain, None)], item)


def _held(merge: Merge, known: dict[str, list[Held]], ident: str, node: Placed, field: str) -> Held | None:
    """The one entry with this id; None, and a problem, where there is none or more than one."""
    held = known.get(ident, [])
    if len(held) == 1:
        return held[0]
    if held:
        told = f"'{ident}' names several entries ({', '.join(h.label for h in held)}); write the change in its section"
    else:
        told = f"unknown id '{ident[:_LONGEST]}'{nearest(ident, list(known))}; the shipped knowledge has no such entry"
    merge.told(node, field, "unknown_id", told)
    return None
