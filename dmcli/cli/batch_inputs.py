"""What goes into a batch: its options settled into sources, a column map, a shard and a question."""

import sys
from collections.abc import Iterator
from typing import NamedTuple

from dmcli import __version__
from dmcli.batch import cluster, workers
from dmcli.batch.columns import ColumnMap, read_map
from dmcli.batch.outcomes import Outcome, Question
from dmcli.batch.reading import Meter, entries
from dmcli.batch.rows import need_pyarrow
from dmcli.batch.shards import Shard, parse
from dmcli.batch.sources import PARQUET, Source, digest, find
from dmcli.batch.state import fingerprint
from dmcli.cli.batch_options import InputOptions, OutputOptions, WorkOptions
from dmcli.cli.files import STDIO
from dmcli.cli.messages import note
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import one_day
from dmcli.errors import Problem, UsageProblem
from dmcli.knowledge.model import Knowledge


class Work(NamedTuple):
    """The cases and what is asked of each."""

    sources: tuple[Source, ...]
    columns: ColumnMap | None
    shard: Shard
    question: Question
    knowledge: Knowledge

    @property
    def once(self) -> bool:
        """Whether some cases can be read only once."""
        return any(source.once for source in self.sources)

    def outcomes(self, done: int, work: WorkOptions, meter: Meter) -> Iterator[Outcome]:
        """The outcome of every case of the shard behind those that are done."""
        stdin = None if sys.stdin is None else sys.stdin.buffer
        mine = self.shard.entries(entries(self.sources, stdin, self.columns, meter), done)
        count = work.workers or workers.cores()
        if work.dask:
            return cluster.planned(mine, self.question, self.knowledge, work.dask, count)
        return workers.planned(mine, self.question, self.knowledge, count)

    def fingerprints(self, outputs: OutputOptions) -> dict[str, str]:
        """What the results depend on, each part by itself."""
        shape = (self.question, self.columns, self.shard, outputs.to, outputs.split, outputs.errors)
        return {
            "input": digest(self.sources),
            "options": fingerprint(repr(shape)),
            "knowledge": self.knowledge.sha256,
            "program": __version__,
        }


def settled(inputs: InputOptions, outputs: OutputOptions, work: WorkOptions, settings: Settings) -> Work:
    """The work that the options describe. Raises UsageProblem, InvalidCase for a map, InvalidKnowledge."""
    sources = _sources(inputs, settings)
    shard = parse(work.shard) if work.shard else Shard()
    if shard is None:
        raise usage("--shard", "it is no part of a whole; write i/n with i from 1 to n, as --shard 2/8")
    reading = inputs.refractory_if.value if inputs.refractory_if else None
    asked = one_day("--as-of", inputs.as_of)
    question = Question(asked, inputs.horizon, reading, inputs.weekends or None, outputs.detail.value)
    path = inputs.map_
    columns = read_map(settings.run.read_text(path), path) if path else None
    return Work(sources, columns, shard, question, settings.knowledge())


def _sources(inputs: InputOptions, settings: Settings) -> tuple[Source, ...]:
    if not inputs.paths:
        raise usage("dmcli batch", "no cases; name files, folders, patterns, or - for stdin (dmcli batch --help)")
    if STDIO in inputs.paths and (sys.stdin is None or sys.stdin.isatty()):
        raise usage(STDIO, "no cases on stdin; pipe them in, or name files")
    found = find(inputs.paths, inputs.from_.value if inputs.from_ else None)
    if found.left_out:
        note(f"{found.left_out} files of the folders are left out: their names tell no format of cases", settings.quiet)
    if any(source.format == PARQUET for source in found.sources):
        need_pyarrow()
    for source in found.sources:
        settings.run.keep_case(source.path)
    return found.sources


def usage(where: str, text: str) -> UsageProblem:
    """An option that cannot be followed."""
    return UsageProblem([Problem(where, 0, 0, "", "usage", text)])
