"""What a condition came to, with what is told of it: kept where many plans are made."""

from typing import Any

from dmcli.knowledge.evaluate import Finding


class Found:
    """What a condition came to. Two are equal only where they are the same one: of many plans those that found the same
    in the same values have one in common, for which what is told of it is kept in `told`. Nothing of it is ever changed."""

    __slots__ = ("finding", "told")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.told: dict[Any, Any] = {}
