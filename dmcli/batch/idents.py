"""The ids met so far, as 64-bit hashes in one flat table: a million of them take 16 MB."""

from array import array
from collections.abc import Iterable

_SMALLEST = 1 << 10


class Idents:
    """A set of hashes, none of which is 0."""

    def __init__(self, known: Iterable[int] = ()) -> None:
        self._slots = array("Q", bytes(8 * _SMALLEST))
        self._count = 0
        for ident in known:
            self.add(ident)

    def add(self, ident: int) -> bool:
        """Whether it is new; 0 stands for no id, and is always new."""
        if ident == 0:
            return True
        at = self._place(self._slots, ident)
        if self._slots[at]:
            return False
        self._slots[at] = ident
        self._count += 1
        if self._count * 4 > len(self._slots) * 3:
            self._grow()
        return True

    @staticmethod
    def _place(slots: "array[int]", ident: int) -> int:
        """The slot of a hash, or the empty one where it belongs."""
        mask = len(slots) - 1
        at = ident & mask
        while slots[at] and slots[at] != ident:
            at = (at + 1) & mask
        return at

    def _grow(self) -> None:
        larger = array("Q", bytes(16 * len(self._slots)))
        for ident in self._slots:
            if ident:
                larger[self._place(larger, ident)] = ident
        self._slots = larger
