"""The line at the foot of a page that says that a clinic's own file changed the knowledge."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, line

HASH_SHOWN = 12


def changes_foot(knowledge: Knowledge) -> tuple[Item, ...]:
    """Which file changed the knowledge, and in how many entries; nothing where none did."""
    made = knowledge.overrides
    if made is None:
        return ()
    text = knowledge.say("footer_changes", file=made.file, hash=made.sha256[:HASH_SHOWN], count=made.entries)
    return (Item(line(text), bullet=False),)
