"""Cases planned on a Dask cluster: the same chunks, the same outcomes, the same order as on one machine."""

import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from dmcli.batch.entries import Entry
from dmcli.batch.outcomes import Outcome, Question, outcome
from dmcli.batch.workers import Chunk, chunks
from dmcli.errors import DmcliError, Problem, UsageProblem
from dmcli.knowledge.model import Knowledge

LOCAL = "local"
_AHEAD = 4


def planned(entries: Iterable[Entry], question: Question, knowledge: Knowledge, address: str, workers: int) -> Iterator[Outcome]:
    """The outcome of every entry, in order. `address` is that of a scheduler, or `local` for `workers` processes here.

    Raises UsageProblem where Dask or the cluster is not there, DmcliError where workers die again and again.
    """
    with ExitStack() as opened:
        client = _client(address, workers, opened)
        # A task and no scattered data: when the worker that has it dies, another makes it again.
        start = pickle.dumps((question, knowledge), pickle.HIGHEST_PROTOCOL)
        asked = client.submit(ready, start, pure=False)
        out: deque[Any] = deque()
        most = _AHEAD * max(len(client.scheduler_info()["workers"]), 1)
        for chunk in chunks(entries):
            out.append(client.submit(plan_chunk, chunk, asked, pure=False))
            if len(out) >= most:
                yield from _result(out.popleft())
        while out:
            yield from _result(out.popleft())


def ready(start: bytes) -> tuple[Question, Knowledge]:
    """What a worker asks, and the knowledge as many cases need it."""
    question, knowledge = pickle.loads(start)
    return question, knowledge.for_many()


def plan_chunk(chunk: Chunk, asked: tuple[Question, Knowledge]) -> list[Outcome]:
    """What a worker does with a chunk."""
    return [outcome(entry, *asked) for entry in chunk]


def _result(future: Any) -> list[Outcome]:
    try:
        found: list[Outcome] = future.result()
    except Exception as error:
        text = f"the cluster gave up on some cases ({type(error).__name__}); see to its workers, and --resume"
        raise DmcliError([Problem("--dask", 0, 0, "", "worker", text)]) from None
    return found


def _client(address: str, workers: int, opened: ExitStack) -> Any:
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise _refused("Dask is not installed; install dmcli[dask]") from None
    if address == LOCAL:
        cluster = distributed.LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None)
        address = opened.enter_context(cluster)
    try:
        return opened.enter_context(distributed.Client(address, set_as_default=False))
    except (OSError, ValueError, TypeError) as error:
        raise _refused(f"no scheduler answers there ({type(error).__name__}); give HOST:PORT, or {LOCAL}") from None


def _refused(text: str) -> UsageProblem:
    return UsageProblem([Problem("--dask", 0, 0, "", "usage", text)])
