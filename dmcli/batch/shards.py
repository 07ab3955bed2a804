"""A part of the input for one of several machines: every n-th case, each with its number in the whole."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from dmcli.batch.entries import Entry


class Shard(NamedTuple):
    """The i-th of n shards, i from 1; the whole by default."""

    part: int = 1
    of: int = 1

    def entries(self, every: Iterable[Entry], done: int = 0) -> Iterator[Entry]:
        """The entries of this shard behind those that are done."""
        return islice(every, self.number(done) - 1, None, self.of)

    def number(self, position: int) -> int:
        """The number in the whole input, from 1, of a case at a position of this shard, from 0."""
        return self.part + position * self.of


def parse(text: str) -> Shard | None:
    """`i/n` as a shard; None for what is none."""
    part, slash, of = text.partition("/")
    if not slash or not part.isdecimal() or not of.isdecimal():
        return None
    shard = Shard(int(part), int(of))
    return shard if 1 <= shard.part <= shard.of else None
