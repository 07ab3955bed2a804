"""What every datum of the knowledge has: an id, a sentence, its sources and how well it is known."""

from typing import Literal, NewType, get_args

from dmcli.record import Model

Level = Literal["topic", "label", "guideline", "study", "secondary", "local", "default", "unverified"]
LEVELS: tuple[Level, ...] = get_args(Level)

# An expression of the condition language, kept as its text; the checked tree stands in `Knowledge.trees`.
Expr = NewType("Expr", str)


class Statement(Model):
    """A sentence for the reader and where it is written. `sources` are ids of `data/sources.yaml`; `note` is what a
    reviewer of the knowledge should know beside."""

    id: str
    text: str
    sources: tuple[str, ...] = ()
    level: Level
    note: str | None = None


class Rule(Statement):
    """A statement that holds when its condition does."""

    when: Expr


class Position(Model):
    """What one side of a disagreement says; `note` is what a reviewer of the knowledge should know beside."""

    text: str
    sources: tuple[str, ...]
    level: str
    note: str | None = None


class Conflict(Model):
    """Sources that disagree, and which one the planner used, and why. With `facts` it is shown where one of them
    is stated; `note` is as in a statement."""

    id: str
    text: str
    targets: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    positions: tuple[Position, ...]
    used: str
    level: str = "default"
    note: str | None = None
