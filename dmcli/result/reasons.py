"""A sentence of the knowledge as a reason."""

from dmcli.knowledge.statements import Level, Statement
from dmcli.record import Record, made_once


class Reason(Record):
    """A sentence with where it is written. `about` is the therapy it is about, where that is not the one it is told of."""

    text: str
    sources: tuple[str, ...]
    level: Level
    rule: str | None = None
    about: str | None = None


def reason(statement: Statement, text: str | None = None) -> Reason:
    """A statement of the knowledge as a reason; `text` where its blanks are filled."""
    if text:
        return Reason(text, statement.sources, statement.level, statement.id)
    return made_once(statement, "reason", lambda: Reason(statement.text, statement.sources, statement.level, statement.id))


def sources_of(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    """The sources of some reasons, each once."""
    return tuple(dict.fromkeys([source for found in reasons for source in found.sources]))
