"""Ctrl-C and the request to end, which wait where a result and the state of a run are being written."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INTERRUPTED, TERMINATED = 130, 143


class Interrupted(BaseException):
    """The run is to end now; `exit_code` says who wants it."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Interrupts:
    """While it is entered, both signals raise Interrupted, at once or at the end of what is held together."""

    def __init__(self) -> None:
        self._holding, self._wanted = False, 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._told)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _told(self, number: int, _frame: object) -> None:
        self._wanted = INTERRUPTED if number == signal.SIGINT else TERMINATED
        if not self._holding:
            raise Interrupted(self._wanted)

    @contextmanager
    def held(self) -> Iterator[None]:
        """What happens inside is done as a whole."""
        before = self._wanted
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._wanted != before:
            raise Interrupted(self._wanted)
