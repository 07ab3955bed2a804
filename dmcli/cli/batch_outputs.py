"""What comes out of a batch: which results are written, where, and what of them an earlier run left."""

import os
from pathlib import Path

from dmcli.batch.parquet import ParquetFolder
from dmcli.batch.rows import need_pyarrow
from dmcli.batch.state import Kept, State
from dmcli.batch.writers import COLUMNS, LineFile, SplitFolder, Stream, Writer, csv_line, csv_row, errors, ndjson
from dmcli.cli.batch_inputs import Work, usage
from dmcli.cli.batch_options import Detail, OutputOptions, To
from dmcli.cli.files import STDIO
from dmcli.cli.options import Settings
from dmcli.cli.streams import answer

REPORTS = (".json", ".md")


class Results:
    """The files of a run. Raises UsageProblem for options that do not go together, and for files that are not ours."""

    def __init__(self, options: OutputOptions, settings: Settings) -> None:
        self.options = options
        self.output = None if settings.output in (None, STDIO) else settings.output
        self.folder = options.split or options.to is To.PARQUET
        self._check()
        self._check_files(settings)

    @property
    def paths(self) -> list[Path]:
        """The names that are given at the end, in this order: where the answer has its name, all is whole."""
        return [Path(path) for path in (self.options.errors, self.output) if path]

    def state(self, work: Work, resume: bool) -> State | None:
        """Where the run keeps how far it is; None where it cannot be gone on with."""
        if self.output is not None and not work.once:
            return State(Path(self.output))
        if resume:
            raise usage("--resume", "only files can be gone on with: name the cases as files, and the result with -o")
        return None

    def earlier(self, state: State | None, work: Work, resume: bool) -> Kept | None:
        """What an earlier run left; None where there was none."""
        if state is None:
            return None
        if resume:
            return state.load(work.fingerprints(self.options))
        if state.file.exists():
            raise usage(str(state.file), "an unfinished run is here; give --resume to go on, or delete this file to begin anew")
        return None

    def writers(self, kept: Kept, begun: bool) -> dict[str, Writer]:
        """Where results go; `begun`: behind what is there already."""
        found: dict[str, Writer] = {}
        if self.options.errors:
            found["errors"] = LineFile(Path(self.options.errors), errors, end=kept.ends.get("errors"))
        found["answer"] = self._answer(kept, begun)
        return found

    def _answer(self, kept: Kept, begun: bool) -> Writer:
        encode, head = (csv_row, csv_line(COLUMNS)) if self.options.to is To.CSV else (ndjson, "")
        end = kept.ends.get("answer")
        if self.output is None:
            return Stream(answer, encode, head)
        path = Path(self.output)
        if self.options.to is To.PARQUET:
            return ParquetFolder(path, begun, kept.done)
        return SplitFolder(path, begun, kept.done, end) if self.options.split else LineFile(path, encode, head, end)

    def _check(self) -> None:
        options = self.options
        if options.split and (self.output is None or options.to is not To.NDJSON):
            raise usage("--split", "it writes a folder of JSON files; name the folder with -o, and leave out --to")
        if options.detail is Detail.PLAN and options.to is not To.NDJSON:
            raise usage("--detail", "a whole plan is no row of a table; use --to ndjson")
        if options.to is To.PARQUET:
            need_pyarrow()
            if self.output is None:
                raise usage("--to", "Parquet is a folder of parts; name it with -o")
        if options.report and not options.report.endswith(REPORTS):
            raise usage("--report", f"the report is JSON or Markdown; end its name in {' or '.join(REPORTS)}")

    def _check_files(self, settings: Settings) -> None:
        named = [path for path in (self.output, self.options.errors, self.options.report) if path]
        if len({os.path.realpath(path) for path in named}) < len(named):
            raise usage(named[0], "two results would be written here; give each a name of its own")
        for path in named:
            if path == self.output and self.folder:
                # With a state beside it, it is the whole result of a run that was cut off right then.
                if os.path.lexists(path) and not State(Path(path)).file.exists():
                    raise usage(path, "it is there already; name a folder that is to be made")
            else:
                settings.run.target(path)
