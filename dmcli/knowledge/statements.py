"""What every datum of the knowledge has: an id, a sentence, its sources and how well it is known."""

from dataclasses import dataclass
from typing import Literal, NewType, TypeVar, dataclass_transform

Level = Literal["topic", "label", "guideline", "study", "secondary", "default", "unverified"]
LEVELS: tuple[Level, ...] = ("topic", "label", "guideline", "study", "secondary", "default", "unverified")

# An expression of the condition language, kept as its text; the checked tree stands in `Knowledge.trees`.
Expr = NewType("Expr", str)
Number = float
T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def model(cls: type[T]) -> type[T]:
    """A frozen dataclass that pydantic checks strictly: no unknown keys, no guessed types, finite numbers.

    A dataclass and not a pydantic model, because a plan from the compiled knowledge then runs without
    importing pydantic, which is most of what a cold start would cost.
    """
    made = dataclass(frozen=True, kw_only=True)(cls)
    made.__pydantic_config__ = {"extra": "forbid", "strict": True, "allow_inf_nan": False}  # type: ignore[attr-defined]
    return made


@model
class Statement:
    """A sentence for the reader and where it is written. `sources` are ids of `data/sources.yaml`."""

    id: str
    text: str
    sources: tuple[str, ...] = ()
    level: Level


@model
class Rule(Statement):
    """A statement that holds when its condition does."""

    when: Expr
