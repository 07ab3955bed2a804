"""Cases planned by several processes, with the results in the order of the input whatever their number.

A worker holds one chunk of cases at a time, so that neither side ever writes while nobody reads; how far the fast ones
may run ahead of the slowest is bounded, and memory with it.
"""

import gc
import os
import pickle
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from multiprocessing import connection, get_context
from typing import Any

from dmcli.batch.entries import Entry
from dmcli.batch.outcomes import Outcome, Question, outcome
from dmcli.batch.rubbish import collect_seldom
from dmcli.errors import DmcliError, Problem
from dmcli.knowledge.model import Knowledge

_MOST, _LARGEST = 16, 200_000
_AHEAD = 4
_TRIES = 3

Chunk = list[Entry]


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chunks(entries: Iterable[Entry]) -> Iterator[Chunk]:
    """Entries in chunks of bounded number and size."""
    chunk: Chunk = []
    size = 0
    for entry in entries:
        chunk.append(entry)
        size += entry.size
        if len(chunk) == _MOST or size >= _LARGEST:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def planned(entries: Iterable[Entry], question: Question, knowledge: Knowledge, workers: int) -> Iterator[Outcome]:
    """The outcome of every entry, in the order of the entries. Raises DmcliError where workers die again and again."""
    waiting = chunks(entries)
    first = list(islice(waiting, 2))
    if workers < 2 or len(first) < 2:
        knowledge = knowledge.for_many() if len(first) > 1 else knowledge
        for chunk in chain(first, waiting):
            for entry in chunk:
                yield outcome(entry, question, knowledge)
        return
    crew = _Crew(question, knowledge, workers)
    try:
        yield from crew.planned(chain(first, waiting))
    finally:
        crew.dismiss()


def _work(pipe: Any) -> None:
    """A worker: the knowledge and the question once, then chunks until nobody sends any more."""
    # An interrupt is for the process that has the results.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        question, knowledge = pickle.loads(pipe.recv_bytes())
        knowledge = knowledge.for_many()
        # What is there by now stays: rubbish is looked for among what single cases make.
        gc.freeze()
        collect_seldom()
        while True:
            pipe.send([outcome(entry, question, knowledge) for entry in pipe.recv()])
    except (EOFError, OSError):
        return  # whoever sent the chunks is gone


@contextmanager
def _deaf() -> Iterator[None]:
    """Whoever is started here hears no interrupt from its first moment on."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Worker:
    """A process, its pipe, and the chunk it is at."""

    def __init__(self, start: bytes) -> None:
        # Started anew and not forked: none of them inherits the pipe of another, and each ends when its own does.
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs,), daemon=True)
        with _deaf():
            self.process.start()
        theirs.close()
        self.at = -1
        self.tell(start)

    def tell(self, start: bytes) -> None:
        try:
            self.pipe.send_bytes(start)
        except OSError:
            return  # it died already, which is seen when its result is due

    def give(self, number: int, chunk: Chunk) -> None:
        self.at = number
        try:
            self.pipe.send(chunk)
        except OSError:
            return

    def result(self) -> list[Outcome] | None:
        """The outcomes of its chunk; None where it died over it."""
        try:
            found: list[Outcome] = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return found

    def end(self) -> None:
        self.pipe.close()
        self.process.terminate()
        self.process.join()


class _Crew:
    """Workers, started as they are needed, and the chunks they are at or have done."""

    def __init__(self, question: Question, knowledge: Knowledge, most: int) -> None:
        self.start = pickle.dumps((question, knowledge), pickle.HIGHEST_PROTOCOL)
        self.most = most
        self.busy: list[_Worker] = []
        self.idle: list[_Worker] = []
        # Chunks that are out, by number, and those whose worker died over them.
        self.out: dict[int, Chunk] = {}
        self.again: deque[int] = deque()
        self.tries: dict[int, int] = {}

    def planned(self, waiting: Iterator[Chunk]) -> Iterator[Outcome]:
        done: dict[int, list[Outcome]] = {}
        given = due = 0
        more = True
        while more or self.out:
            while (more or self.again) and len(self.busy) < self.most and (self.again or given - due < _AHEAD * self.most):
                if self.again:
                    self._give(self.again.popleft())
                    continue
                chunk = next(waiting, None)
                if chunk is None:
                    more = False
                    break
                self.out[given] = chunk
                self._give(given)
                given += 1
            if self.busy:
                done.update(self._collected())
            while due in done:
                yield from done.pop(due)
                due += 1

    def dismiss(self) -> None:
        for worker in (*self.busy, *self.idle):
            worker.end()

    def _give(self, number: int) -> None:
        worker = self.idle.pop() if self.idle else _Worker(self.start)
        self.busy.append(worker)
        worker.give(number, self.out[number])

    def _collected(self) -> Iterator[tuple[int, list[Outcome]]]:
        """The chunks that are done by now; waits for one."""
        ready = set(map(id, connection.wait([worker.pipe for worker in self.busy])))
        for worker in [worker for worker in self.busy if id(worker.pipe) in ready]:
            self.busy.remove(worker)
            found = worker.result()
            if found is None:
                worker.end()
                self._lost(worker.at)
                continue
            self.idle.append(worker)
            del self.out[worker.at]
            yield worker.at, found

    def _lost(self, number: int) -> None:
        """A chunk whose worker died: others try it, but not for ever."""
        self.tries[number] = self.tries.get(number, 1) + 1
        if self.tries[number] > _TRIES:
            text = f"{_TRIES} workers died over the same cases, for want of memory perhaps; give fewer --workers, and --resume"
            raise DmcliError([Problem("dmcli batch", 0, 0, "", "worker", text)])
        self.again.append(number)
