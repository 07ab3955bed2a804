"""What dmcli[dask] adds: a batch on a cluster of processes, also when one of them is killed. Run by .ci/thorough."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from distributed import Client, LocalCluster

from cohort import written
from conftest import run
from dmcli.batch.cluster import planned
from dmcli.batch.outcomes import Question, outcome
from dmcli.batch.reading import entries
from dmcli.batch.sources import Source
from dmcli.knowledge.model import Knowledge

Call = Callable[..., tuple[int, str, str]]


def test_a_cluster_gives_the_bytes_that_one_process_gives(tmp_path: Path) -> None:
    path = written(tmp_path / "cohort.ndjson", 60, bad_every=7)
    alone = run("batch", str(path), "--workers", "1", "-q")
    here = run("batch", str(path), "--workers", "2", "-q", "--dask", "local")
    assert (here.returncode, here.stdout) == (5, alone.stdout)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        there = run("batch", str(path), "-q", "--dask", cluster.scheduler_address)
    assert (there.returncode, there.stdout) == (5, alone.stdout)


def test_a_killed_worker_loses_no_case(tmp_path: Path, knowledge: Knowledge) -> None:
    path = written(tmp_path / "cohort.ndjson", 200)
    source = [Source(str(path), "ndjson")]
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        pids = client.run(os.getpid)
        killed = threading.Event()

        def kill() -> None:
            time.sleep(0.7)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
            killed.set()

        thread = threading.Thread(target=kill)
        thread.start()
        found = list(planned(entries(source), Question(), knowledge, cluster.scheduler_address, 2))
        thread.join()
    assert killed.is_set()
    assert found == [outcome(entry, Question(), knowledge) for entry in entries(source)]


def test_an_address_where_nobody_answers_is_told(dmcli: Call) -> None:
    code, out, err = dmcli("batch", "examples/ivig-start.yaml", "--dask", "nonsense://x")
    assert (code, out) == (2, "")
    assert "no scheduler answers there" in err
