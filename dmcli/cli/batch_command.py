"""`dmcli batch`: many cases from files, folders or stdin, one result each."""

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from dmcli.cli.batch_options import Detail, InputOptions, OutputOptions, To, WorkOptions
from dmcli.cli.declared import takes
from dmcli.cli.files import STDIO
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import one_day
from dmcli.errors import Problem, UsageProblem

if TYPE_CHECKING:  # no command loads the planner before it runs
    from collections.abc import Callable, Iterator, Sequence

    from dmcli.batch.columns import ColumnMap
    from dmcli.batch.outcomes import Outcome, Question
    from dmcli.batch.report import Tally
    from dmcli.batch.run import Repeated, Run
    from dmcli.batch.shards import Shard
    from dmcli.batch.sources import Source
    from dmcli.batch.state import Kept, State
    from dmcli.batch.writers import Writer

FAILED_CASES = 5
_MOST_REPEATED = 20
_REPORTS = (".json", ".md")


@takes("batch", "data", "output", "no_color", "quiet")
def batch_command(inputs: InputOptions, outputs: OutputOptions, work: WorkOptions, *, settings: Settings) -> int:
    """Plan many cases: one result each, in the order of the input; a bad case is one line with its error."""
    import gc

    from dmcli.cli.interrupts import Interrupted, Interrupts

    if inputs.template is not None:
        return _template(settings)
    # This run may be long, and keeps next to nothing of what it makes.
    gc.enable()
    with Interrupts() as interrupts:
        try:
            return _Batch(inputs, outputs, work, settings).run(interrupts.held)
        except Interrupted as ended:
            return ended.exit_code


def _template(settings: Settings) -> int:
    """A header row with its map beside it; where both go to stdout, the row is a comment of the map."""
    from dmcli.batch.template import column_map, header

    knowledge = settings.knowledge()
    row, columns = header(knowledge), column_map(knowledge)
    if settings.output in (None, STDIO):
        settings.write(f"# {row}{columns}")
        return 0
    settings.write(row)
    settings.run.write(columns, str(Path(str(settings.output)).with_suffix(".map.yaml")))
    return 0


class _Batch:
    """One run of the command: its options settled, its files opened, its end told."""

    def __init__(self, inputs: InputOptions, outputs: OutputOptions, work: WorkOptions, settings: Settings) -> None:
        self.inputs, self.outputs, self.work, self.settings = inputs, outputs, work, settings
        self.output = None if settings.output in (None, STDIO) else settings.output
        self.sources = self._sources()
        self.columns = self._columns()
        self.shard = self._shard()
        self.knowledge = settings.knowledge()
        self.question = self._question()
        self._check()

    def run(self, held: "Callable[[], AbstractContextManager[None]]") -> int:
        """Plan, write, report. Raises UsageProblem where the results can be written nowhere."""
        state = self._state()
        kept = self._kept(state)
        try:
            tally = self._finished(kept) if kept.whole else self._written(kept, state, held)
        except OSError as error:
            raise self._unwritable(error) from None
        self._told(tally)
        if state is not None:
            state.discard()
        return FAILED_CASES if tally.failed else 0

    def _written(self, kept: "Kept", state: "State | None", held: "Callable[[], AbstractContextManager[None]]") -> "Tally":
        from dmcli.batch.run import Run
        from dmcli.cli.batch_progress import progress

        if state is not None:
            state.save(kept)
        run = Run(self._writers(kept), kept, self.shard, held, state)
        told = progress(self.settings.quiet, kept.done)
        try:
            run.write(self._outcomes(run), self._repeated(run), told.step)
        finally:
            told.end()
            run.close()
        return run.tally

    def _finished(self, kept: "Kept") -> "Tally":
        """What was whole but had not its name yet."""
        from dmcli.batch.report import Tally
        from dmcli.batch.run import settle

        settle([Path(path) for path in (self.outputs.errors, self.output) if path])
        return Tally(kept.tally)

    def _outcomes(self, run: "Run") -> "Iterator[Outcome]":
        from dmcli.batch.reading import entries
        from dmcli.batch.workers import cores, planned

        stdin = None if sys.stdin is None else sys.stdin.buffer
        mine = self.shard.entries(entries(self.sources, stdin, self.columns), run.done)
        return planned(mine, self.question, self.knowledge, self.work.workers or cores())

    def _repeated(self, run: "Run") -> "Callable[[Repeated], None]":
        from dmcli.cli.messages import note

        def warn(found: "Repeated") -> None:
            if run.tally.duplicates <= _MOST_REPEATED:
                place = found.outcome.place
                note(f"{place.path}:{place.line}: case {found.number}: an earlier case has the same id", self.settings.quiet)
            elif run.tally.duplicates == _MOST_REPEATED + 1:
                note("more ids stand more than once; they are counted at the end", self.settings.quiet)

        return warn

    def _told(self, tally: "Tally") -> None:
        """The report at the end, the file first."""
        from dmcli.batch.report import as_json, as_markdown
        from dmcli.cli.batch_report import tell_report

        if self.outputs.report:
            write = as_json if self.outputs.report.endswith(_REPORTS[0]) else as_markdown
            self.settings.run.write(write(tally, self.knowledge), self.outputs.report)
        if not self.settings.quiet:
            tell_report(tally)

    def _writers(self, kept: "Kept") -> "dict[str, Writer]":
        """The errors before the answer, so that where the answer has its name, all is whole."""
        from dmcli.batch.writers import LineFile, errors

        found: dict[str, Writer] = {}
        if self.outputs.errors:
            found["errors"] = LineFile(Path(self.outputs.errors), errors, end=kept.ends.get("errors"))
        found["answer"] = self._answer(kept)
        return found

    def _answer(self, kept: "Kept") -> "Writer":
        from dmcli.batch.parquet import ParquetFolder
        from dmcli.batch.writers import COLUMNS, LineFile, SplitFolder, Stream, csv_line, csv_row, ndjson
        from dmcli.cli.streams import answer

        encode, head = (csv_row, csv_line(COLUMNS)) if self.outputs.to is To.CSV else (ndjson, "")
        end = kept.ends.get("answer")
        if self.output is None:
            return Stream(answer, encode, head)
        if self.outputs.to is To.PARQUET:
            return ParquetFolder(Path(self.output), kept.done)
        if self.outputs.split:
            return SplitFolder(Path(self.output), kept.done, end)
        return LineFile(Path(self.output), encode, head, end)

    def _state(self) -> "State | None":
        """Where this run keeps how far it is; None where it cannot be resumed."""
        from dmcli.batch.state import State

        stdin = any(source.path == STDIO for source in self.sources)
        if self.output is not None and not stdin:
            return State(Path(self.output))
        if self.work.resume:
            raise _usage("--resume", "only files can be gone on with: name the cases as files, and the result with -o")
        return None

    def _kept(self, state: "State | None") -> "Kept":
        """What an earlier run left, or a beginning."""
        from dmcli.batch.state import Kept

        if state is None:
            return Kept({})
        run = self._fingerprints()
        if not self.work.resume:
            if state.file.exists():
                text = "an unfinished run is here; give --resume to go on with it, or delete this file to begin anew"
                raise _usage(str(state.file), text)
            return Kept(run)
        return state.load(run) or Kept(run)

    def _fingerprints(self) -> dict[str, str]:
        """What the result depends on, each part by itself."""
        from dmcli import __version__
        from dmcli.batch.sources import digest
        from dmcli.batch.state import fingerprint

        shape = (self.question, self.shard, self.outputs.to, self.outputs.split, self.outputs.errors, self.columns)
        return {
            "input": digest(self.sources),
            "options": fingerprint(repr(shape)),
            "knowledge": self.knowledge.sha256,
            "program": __version__,
        }

    def _sources(self) -> "Sequence[Source]":
        from dmcli.batch.sources import find
        from dmcli.cli.messages import note

        if not self.inputs.paths:
            raise _usage("dmcli batch", "no cases; name files, folders, patterns, or - for stdin (dmcli batch --help)")
        if STDIO in self.inputs.paths and (sys.stdin is None or sys.stdin.isatty()):
            raise _usage(STDIO, "no cases on stdin; pipe them in, or name files")
        found = find(self.inputs.paths, self.inputs.from_.value if self.inputs.from_ else None)
        if found.left_out:
            note(f"{found.left_out} files of the folders are left out: their names tell no format of cases", self.settings.quiet)
        return found.sources

    def _columns(self) -> "ColumnMap | None":
        from dmcli.batch.columns import read_map

        path = self.inputs.map_
        return read_map(self.settings.run.read_text(path), path) if path else None

    def _question(self) -> "Question":
        from dmcli.batch.outcomes import Question

        reading = self.inputs.refractory_if.value if self.inputs.refractory_if else None
        return Question(one_day("--as-of", self.inputs.as_of), self.inputs.horizon, reading, self.outputs.detail.value)

    def _shard(self) -> "Shard":
        from dmcli.batch.shards import Shard, parse

        shard = parse(self.work.shard) if self.work.shard else Shard()
        if shard is None:
            raise _usage("--shard", "it is no part of a whole; write i/n with i from 1 to n, as --shard 2/8")
        return shard

    def _check(self) -> None:
        """What does not go together, and files that would take the place of what is read."""
        outputs = self.outputs
        if outputs.split and (self.output is None or outputs.to is not To.NDJSON):
            raise _usage("--split", "it writes a folder of JSON files; name the folder with -o, and leave out --to")
        if outputs.detail is Detail.PLAN and outputs.to is not To.NDJSON:
            raise _usage("--detail", "a whole plan is no row of a table; use --to ndjson")
        if outputs.to is To.PARQUET and self.output is None:
            raise _usage("--to", "Parquet is a folder of parts; name it with -o")
        if outputs.report and not outputs.report.endswith(_REPORTS):
            raise _usage("--report", f"the report is JSON or Markdown; end its name in {' or '.join(_REPORTS)}")
        for source in self.sources:
            self.settings.run.keep_case(source.path)
        named = [path for path in (self.output, outputs.errors, outputs.report) if path]
        if len({os.path.realpath(path) for path in named}) < len(named):
            raise _usage(named[0], "two results would be written here; give each a name of its own")
        for path in named:
            if path == self.output and (outputs.split or outputs.to is To.PARQUET):
                if Path(path).exists():
                    raise _usage(path, "it is there already; name a folder that is to be made")
            else:
                self.settings.run.target(path)

    def _unwritable(self, error: OSError) -> UsageProblem:
        path = error.filename or self.output or "stdout"
        hint = "; what is finished is safe: make room, and give --resume" if self.output else ""
        return UsageProblem([Problem(str(path), 0, 0, "", "unwritable", f"cannot be written ({error.strerror}){hint}")])


def _usage(where: str, text: str) -> UsageProblem:
    return UsageProblem([Problem(where, 0, 0, "", "usage", text)])
