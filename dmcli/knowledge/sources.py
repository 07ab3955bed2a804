"""Where the knowledge comes from: the facts of the treatment topic, and labels, guidelines and studies."""

from dmcli.knowledge.statements import Level
from dmcli.record import Model


class TopicFact(Model):
    """A fact of the source topic in this project's words; `reading` says how an unclear wording is taken."""

    id: str
    text: str
    reading: str | None = None


class Source(Model):
    """A document. `seen` says in which form it was read; a digest is not the text itself."""

    id: str
    citation: str
    level: Level
    seen: str | None = None
    note: str | None = None
    url: str | None = None
