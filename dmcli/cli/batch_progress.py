"""How far a batch is, on a terminal only."""

import sys
import time

from dmcli.cli.streams import tell

_SECONDS = 0.2


class Silent:
    """Says nothing."""

    def step(self) -> None:
        """One more case is done."""

    def end(self) -> None:
        """No more cases come."""


class Line(Silent):
    """One line that is written over: cases so far and how many a second."""

    def __init__(self, done: int) -> None:
        self.before = self.done = done
        self.begin = self.last = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        if now - self.last >= _SECONDS:
            self.last = now
            tell(f"\r\x1b[K{self.done} cases, {(self.done - self.before) / (now - self.begin):.0f}/s")

    def end(self) -> None:
        tell("\r\x1b[K")


def progress(quiet: bool, done: int) -> Silent:
    """What to tell the progress to; it starts behind `done` cases."""
    return Silent() if quiet or sys.stderr is None or not sys.stderr.isatty() else Line(done)
