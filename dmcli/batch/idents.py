"""The ids met so far, as 64-bit hashes in sorted rows: a million of them take 11 MB, and grow without ever being copied whole."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

_ROWS = 1 << 10


class Idents:
    """A set of hashes, none of which is 0."""

    def __init__(self, known: Iterable[int] = ()) -> None:
        self._rows = [array("Q") for _ in range(_ROWS)]
        for ident in known:
            self.add(ident)

    def add(self, ident: int) -> bool:
        """Whether it is new; 0 stands for no id, and is always new."""
        if ident == 0:
            return True
        row = self._rows[ident % _ROWS]
        at = bisect_left(row, ident)
        if at < len(row) and row[at] == ident:
            return False
        row.insert(at, ident)
        return True
