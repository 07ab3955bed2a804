"""One entry of a clinic's file put into the shipped entry: fields by their names, lists of entries by their ids."""

import json
import re
from typing import Any, Literal, NamedTuple

from dmcli.errors import Problem, nearest
from dmcli.knowledge.changes import Change
from dmcli.knowledge.identified import NAMED_BY, name_of, named_by
from dmcli.knowledge.placed import Placed

# Where a change comes from: a changed entry states both anew, so that no shipped source is cited for a clinic's number.
_ORIGIN = ("sources", "level")
_DIGIT = re.compile("[0-9]")
_LONGEST = 40


class Draft(NamedTuple):
    """A change of what stands at a label, before it is known where it comes from."""

    kind: Literal["changed", "added", "removed"]
    label: str
    shipped: Any
    now: Any
    pinned: bool = False


class Merge:
    """Changes and problems that are found while entries are put in."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.problems: list[Problem] = []

    def put(self, holder: dict[str, Placed], key: str, node: Placed, label: str) -> list[Draft]:
        """Puts one node under a key; the changes for which nothing said yet where they come from."""
        shipped = holder.get(key)
        if shipped is not None and isinstance(shipped.value, dict) and isinstance(node.value, dict):
            return self.entry(shipped, node, label)
        name = named_by(shipped) if shipped is not None else None
        if shipped is not None and name is not None and isinstance(node.value, list):
            return self._entries(shipped, node, name, label)
        if shipped is not None and isinstance(shipped.value, dict):
            self.told(node, label, "type", "a mapping is needed, as 'key: value' on lines of its own")
            return []
        holder[key] = node
        if shipped is None and isinstance(node.value, dict):
            return self._added(node, label)
        return [Draft("changed", label, None if shipped is None else shipped.plain, node.plain)]

    def entry(self, shipped: Placed, node: Placed, label: str) -> list[Draft]:
        """Merges the fields of one entry. One that has a level answers for everything that is changed within it."""
        sourced = "level" in shipped.value or "level" in node.value
        pinned = self._pinned(shipped, node, label)
        drafts: list[Draft] = []
        for field, inner in node.value.items():
            if field in NAMED_BY and field in shipped.value and shipped.value[field].plain == inner.plain:
                continue
            if field == "id":
                self.told(inner, f"{label}.id", "id", "an id stays as it is; remove the entry and add another one")
            elif sourced and field in _ORIGIN:
                shipped.value[field] = inner
            elif field != "was":
                found = self.put(shipped.value, field, inner, f"{label}.{field}")
                drafts += [d._replace(pinned=d.pinned or field in pinned) for d in found]
        if not sourced:
            return drafts
        if drafts:
            self._origin(shipped, node, label, drafts)
        self.settle(label, drafts, node)
        return []

    def settle(self, label: str, drafts: list[Draft], node: Placed) -> None:
        """Keeps changes of one entry, with what the entry says of where they come from."""
        fields = node.value if isinstance(node.value, dict) else {}
        sources = fields["sources"].plain if "sources" in fields else None
        named = tuple(map(str, sources)) if isinstance(sources, list) else ()
        level = str(fields["level"].plain) if "level" in fields else None
        for draft in drafts:
            field = draft.label.removeprefix(label).removeprefix(".")
            shipped, now = _text(draft.shipped), _text(draft.now)
            self.changes.append(Change(draft.kind, label, field, shipped, now, named, level, draft.pinned))

    def told(self, node: Placed, field: str, code: str, text: str) -> None:
        """One more problem, at a node."""
        self.problems.append(Problem(node.file, *node.at, field, code, text))

    def _origin(self, shipped: Placed, node: Placed, label: str, drafts: list[Draft]) -> None:
        """A changed entry says anew where it comes from, and in its sentence what its numbers say."""
        for key in _ORIGIN:
            if key not in node.value:
                told = f"a changed entry states '{key}' anew, so that nothing shipped is cited for what a clinic decided"
                self.told(node, f"{label}.{key}", "no_source", told)
        numbers = any(_DIGIT.search(f"{_text(draft.shipped)} {_text(draft.now)}") for draft in drafts)
        if "text" in shipped.value and "text" not in node.value and numbers:
            told = f"a number is changed, so the sentence is stated anew; now it is: {_text(shipped.value['text'].plain)}"
            self.told(node, f"{label}.text", "no_text", told)

    def _added(self, node: Placed, label: str) -> list[Draft]:
        """A new entry; one with a level says itself where it comes from."""
        draft = Draft("added", label, None, node.plain)
        if "level" not in node.value:
            return [draft]
        self.settle(label, [draft], node)
        return []

    def _entries(self, shipped: Placed, node: Placed, name: str, label: str) -> list[Draft]:
        """Merges a list whose entries have names: known ones are changed, others are added."""
        at = {name_of(entry, name): entry for entry in shipped.value}
        seen: set[str] = set()
        drafts: list[Draft] = []
        for index, entry in enumerate(node.value):
            if not isinstance(entry.value, dict) or name not in entry.value:
                told = f"an entry of this list is named by its '{name}', which is missing here"
                self.told(entry, f"{label}[{index}]", "missing", told)
                continue
            called = name_of(entry, name)
            place = f"{label}[{called}]"
            if called in seen:
                self.told(entry, place, "duplicate_id", f"'{called[:_LONGEST]}' stands twice in this list; keep one of them")
            elif called in at:
                drafts += self.entry(at[called], entry, place)
            elif self._fits(entry, shipped, name, place) and self._inserted(shipped, entry, at, place):
                drafts += self._added(entry, place)
            seen.add(called)
        return drafts

    def _fits(self, entry: Placed, shipped: Placed, name: str, label: str) -> bool:
        """Whether a new entry has what every shipped one has; else it was meant to change one and is misspelt."""
        lacking = sorted(set.intersection(*(set(other.value) for other in shipped.value)) - set(entry.value))
        if lacking:
            called = name_of(entry, name)
            hint = nearest(called, [name_of(other, name) for other in shipped.value])
            told = f"unknown {name} '{called[:_LONGEST]}'{hint}; a new entry needs {', '.join(lacking)} too"
            self.told(entry, label, "unknown_id", told)
        return not lacking

    def _inserted(self, shipped: Placed, entry: Placed, at: dict[str, Placed], label: str) -> bool:
        """Adds an entry at the end, or before the one that it names: of many lists the first entry that holds counts."""
        before = entry.value.pop("before", None)
        if before is None:
            shipped.value.append(entry)
            return True
        named = str(before.plain)
        if named not in at:
            told = f"unknown entry '{named[:_LONGEST]}'{nearest(named, list(at))}; name one that the list has"
            self.told(before, f"{label}.before", "unknown_id", told)
            return False
        shipped.value.insert(next(i for i, other in enumerate(shipped.value) if other is at[named]), entry)
        return True

    def _pinned(self, shipped: Placed, node: Placed, label: str) -> set[str]:
        """The fields whose shipped values are as `was` states them; a differing one is a problem."""
        was = node.value.get("was")
        if was is None:
            return set()
        if not isinstance(was.value, dict):
            self.told(was, f"{label}.was", "type", "a mapping is needed, of each changed field to the value that was shipped")
            return set()
        for field, stated in was.value.items():
            there = shipped.value[field].plain if field in shipped.value else None
            if stated.plain != there:
                told = f"the shipped value is now {_text(there)}; read it, then mend 'was' or remove the change"
                self.told(stated, f"{label}.was.{field}", "was", told)
        return set(was.value)


def _text(value: Any) -> str | None:
    """A value as it is listed beside another: an entry by its sentence, if it has one."""
    if isinstance(value, dict) and "text" in value:
        return str(value["text"])
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
