"""How far a batch is, on a terminal only."""

import time

from dmcli.batch.reading import Meter
from dmcli.cli.streams import tell
from dmcli.cli.working import on_terminal

_SECONDS, _WIDTH, _MINUTES = 0.2, 20, 120
_TICK = 1e-6  # a coarse clock may not have moved since the begin


class Silent:
    """Says nothing."""

    def step(self) -> None:
        """One more case is done."""

    def end(self) -> None:
        """No more cases come."""


class Line(Silent):
    """One line that is written over: cases so far, how many a second, how much of the input is read, the time left."""

    def __init__(self, meter: Meter) -> None:
        self.meter, self.done = meter, 0
        self.begin = time.monotonic()
        self.last = float("-inf")  # the first case is told at once: a short run is seen too
        self.first: int | None = None

    def step(self) -> None:
        self.done += 1
        if self.first is None:
            self.first = self.meter.read  # what was done before is read past, and takes no time
        now = time.monotonic()
        if now - self.last >= _SECONDS:
            self.last = now
            tell(f"\r\x1b[K{self._told(max(now - self.begin, _TICK))}")

    def _told(self, seconds: float) -> str:
        text = f"{self.done} cases, {self.done / seconds:.0f}/s"
        read, whole = self.meter.read, self.meter.whole
        first = self.first or 0
        if not whole or read <= first:
            return text
        bar = "#" * (_WIDTH * read // whole)
        left = seconds * (whole - read) / (read - first)
        return f"[{bar:{_WIDTH}}] {100 * read // whole} %, {text}, {_time(left)} left"

    def end(self) -> None:
        tell("\r\x1b[K")


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < _MINUTES else f"{seconds / 60:.0f} min"


def progress(quiet: bool, meter: Meter) -> Silent:
    """What to tell of each case that is done."""
    return Line(meter) if not quiet and on_terminal() else Silent()
