"""A line on a terminal while something takes its time; silent in a pipe."""

import os
import sys
import time

from dmcli.cli.streams import tell

_SECONDS = 0.2


class Working:
    """Counts what is done, and says so on a line of its own that vanishes at the end."""

    def __init__(self, quiet: bool, what: str) -> None:
        self.what, self.done = what, 0
        self.told, self.last = False, time.monotonic()
        self.heard = not quiet and on_terminal()

    def __enter__(self) -> "Working":
        return self

    def __exit__(self, *_: object) -> None:
        if self.told:
            tell("\r\x1b[K")

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        if self.heard and now - self.last >= _SECONDS:
            self.told, self.last = True, now
            tell(f"\r\x1b[K{self.what}: {self.done}")


def on_terminal() -> bool:
    """Whether what is told on stderr is read on a terminal where a line can be written over."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
