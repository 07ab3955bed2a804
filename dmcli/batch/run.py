"""One run: outcomes to their writers, counted, with a state that is always true of what is on the disk."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

from dmcli.batch.idents import Idents
from dmcli.batch.outcomes import Outcome
from dmcli.batch.report import Tally
from dmcli.batch.shards import Shard
from dmcli.batch.state import Kept, State
from dmcli.batch.writers import Result, Writer, part_of

# How many cases may have to be planned again after a run was killed.
_EVERY = 100


class Repeated(NamedTuple):
    """A case whose id an earlier case has."""

    number: int
    outcome: Outcome


class Run:
    """What is written of a run and how far it has come. `held` keeps interrupts away while both are changed."""

    def __init__(
        self,
        writers: dict[str, Writer],
        kept: Kept,
        shard: Shard,
        held: Callable[[], AbstractContextManager[None]],
        state: State | None = None,
    ) -> None:
        self.writers, self.kept, self.shard, self.held, self.state = writers, kept, shard, held, state
        self.done = kept.done
        self.tally = Tally(kept.tally)
        self.idents = Idents(state.remembered(kept.done) if state and kept.done else ())
        self._fresh: list[int] = []

    def write(self, outcomes: Iterable[Outcome], repeated: Callable[[Repeated], None], step: Callable[[], None]) -> None:
        """Write every outcome. What is finished is safe however this ends. Raises OSError for what cannot be written."""
        try:
            for found in outcomes:
                with self.held():
                    self._put(found, repeated)
                step()
        except OSError:
            # Nothing more can be written; the state is that of the last time all was well.
            raise
        except BaseException:
            with self.held():
                self._keep()
            raise
        with self.held():
            self._finish()

    def _put(self, found: Outcome, repeated: Callable[[Repeated], None]) -> None:
        result = Result(self.shard.number(self.done), found)
        for writer in self.writers.values():
            writer.put(result)
        self.tally.add(result.number, found)
        if not self.idents.add(found.ident):
            self.tally.duplicates += 1
            repeated(Repeated(result.number, found))
        self._fresh.append(found.ident)
        self.done += 1
        if self.state is None:
            self._fresh.clear()
        elif self.done % _EVERY == 0:
            self._keep()

    def _keep(self, whole: bool = False) -> None:
        """Bring the files to the disk, and then the state that says so."""
        ends = {name: writer.end() for name, writer in self.writers.items()}
        safe = {name: end for name, end in ends.items() if end is not None}
        if self.state is None or safe.keys() != ends.keys():
            return
        self.state.remember(self._fresh, self.kept.done)
        self.kept = Kept(self.kept.run, self.done, safe, self.tally.as_dict(), whole)
        self.state.save(self.kept)
        self._fresh.clear()

    def _finish(self) -> None:
        for writer in self.writers.values():
            writer.complete()
        self._keep(whole=True)
        self.close()
        settle([writer.path for writer in self.writers.values() if writer.path])

    def abandon(self) -> None:
        """A run that never came to a case leaves nothing behind."""
        self.close()
        for part in (part_of(writer.path) for writer in self.writers.values() if writer.path):
            rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        if self.state is not None:
            self.state.discard()

    def close(self) -> None:
        """The files are closed, whatever is in them."""
        for writer in self.writers.values():
            writer.close()


def settle(paths: Sequence[Path]) -> None:
    """Give what is whole its name."""
    for path in paths:
        part = part_of(path)
        if part.exists():
            part.replace(path)
