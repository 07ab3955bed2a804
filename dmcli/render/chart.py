"""A chart, whatever it is drawn as: boxes of text and labelled arrows between them. Every string here is raw."""

from typing import NamedTuple


class Box(NamedTuple):
    """One box. `texts` stand below each other; each may be broken into several lines."""

    name: str
    texts: tuple[str, ...]


class Arrow(NamedTuple):
    """From one box to another; `again` where it points at a box that is drawn elsewhere."""

    start: str
    label: str
    end: str
    again: bool = False


class Chart(NamedTuple):
    """Boxes in the order in which they are drawn, then arrows."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
