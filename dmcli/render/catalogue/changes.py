"""What a clinic's own file changed, beside what the shipped knowledge says."""

from dmcli.knowledge.changes import Change
from dmcli.knowledge.model import Knowledge
from dmcli.render.catalogue.parts import footing
from dmcli.render.document import Document, Item, Line, labelled, line, strong
from dmcli.render.registry import View
from dmcli.render.wording import cite


def changes_page(_subject: None, knowledge: Knowledge, _view: View) -> Document:
    """Every entry that was changed, with its shipped and its present value, source and level."""
    texts, made = knowledge.texts, knowledge.overrides
    title = texts["head_changes"]
    if made is None:
        return Document(title, (Item(line(texts["changes_none"]), bullet=False),), (), footing(knowledge))
    lead = Item(line(knowledge.say("changes_base", file=made.file, base=made.base)), bullet=False)
    entries: dict[str, list[Change]] = {}
    for change in made.changes:
        entries.setdefault(change.entry, []).append(change)
    items = tuple(Item(line(strong(entry)), _items(knowledge, changes)) for entry, changes in entries.items())
    return Document(title, (lead, *items), (), footing(knowledge))


def _items(knowledge: Knowledge, changes: list[Change]) -> tuple[Item, ...]:
    found = [Item(_line(knowledge, change)) for change in changes]
    first = changes[0]
    if first.level is not None:
        found.append(Item(line(knowledge.texts["changes_origin"], cite(knowledge, first.sources, first.level))))
    return tuple(found)


def _line(knowledge: Knowledge, change: Change) -> Line:
    word = knowledge.texts[f"change_{change.kind}"]
    if change.kind == "changed":
        shipped = knowledge.texts["unknown"] if change.shipped is None else change.shipped
        said = knowledge.say("change_values", shipped=shipped, now=change.now or "")
        return labelled(change.field or word, said)
    return labelled(word, (change.now if change.kind == "added" else change.shipped) or "")
