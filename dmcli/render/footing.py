"""The line at the foot of a page that says that a clinic's own file changed the knowledge."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, line

HASH_SHOWN = 12


def changed_by(knowledge: Knowledge) -> tuple[str, ...]:
    """Which file changed the knowledge, and in how many entries; nothing where none did."""
    made = knowledge.overrides
    if made is None:
        return ()
    return (knowledge.say("footer_changes", file=made.file, hash=made.sha256[:HASH_SHOWN], count=made.entries),)


def changes_foot(knowledge: Knowledge) -> tuple[Item, ...]:
    """The same as the foot of a document."""
    return tuple(Item(line(text), bullet=False) for text in changed_by(knowledge))
