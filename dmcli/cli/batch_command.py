"""`dmcli batch`: many cases from files, folders or stdin, one result each."""

import errno
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from dmcli.cli.batch_options import InputOptions, OutputOptions, WorkOptions
from dmcli.cli.declared import takes
from dmcli.cli.files import STDIO
from dmcli.cli.options import Settings
from dmcli.errors import DmcliError, Problem, UsageProblem

if TYPE_CHECKING:  # no command loads the planner before it runs
    from dmcli.batch.report import Tally
    from dmcli.batch.run import Repeated, Run
    from dmcli.batch.state import Kept, State
    from dmcli.cli.batch_inputs import Work
    from dmcli.cli.batch_outputs import Results

    Held = Callable[[], AbstractContextManager[None]]

FAILED_CASES = 5
_MOST_REPEATED = 20
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


@takes("batch", "data", "output", "color", "no_color", "quiet")
def batch_command(inputs: InputOptions, outputs: OutputOptions, work: WorkOptions, *, settings: Settings) -> int:
    """Plan many cases: one result each, in the order of the input; a bad case is one line with its error."""
    from dmcli.batch.rubbish import collect_seldom
    from dmcli.cli.interrupts import Interrupted, Interrupts

    if inputs.template is not None:
        return _template(settings)
    collect_seldom()
    with Interrupts() as interrupts:
        try:
            return _planned(inputs, outputs, work, settings, interrupts.held)
        except Interrupted as ended:
            return ended.exit_code


def _template(settings: Settings) -> int:
    """A header row with its map beside it; where both go to stdout, the row is a comment of the map."""
    from dmcli.batch.template import column_map, header

    knowledge = settings.knowledge()
    row, columns = header(knowledge), column_map(knowledge)
    if settings.output is None or settings.output == STDIO:
        settings.write(f"# {row}{columns}")
        return 0
    settings.write(row)
    settings.run.write(columns, str(Path(settings.output).with_suffix(".map.yaml")))
    return 0


def _planned(inputs: InputOptions, outputs: OutputOptions, work: WorkOptions, settings: Settings, held: "Held") -> int:
    """Plan, write, report. Raises UsageProblem where the results can be written nowhere."""
    from dmcli.batch.report import Tally
    from dmcli.batch.run import settle
    from dmcli.batch.state import Kept
    from dmcli.cli.batch_inputs import settled
    from dmcli.cli.batch_outputs import Results

    asked = settled(inputs, outputs, work, settings)
    results = Results(outputs, settings)
    state = results.state(asked, work.resume)
    earlier = results.earlier(state, asked, work.resume)
    try:
        if earlier is not None and earlier.whole:
            settle(results.paths)
            tally = Tally(earlier.tally)
        else:
            kept = earlier or Kept(asked.fingerprints(outputs) if state else {})
            tally = _written(asked, results, work, _Start(state, kept, earlier is not None, held), settings)
    except OSError as error:
        raise _unwritable(error, results.output) from None
    _tell(tally, asked, results, settings)
    if state is not None:
        state.discard()
    return FAILED_CASES if tally.failed else 0


class _Start:
    """Where a run starts: `begun` behind an earlier one."""

    def __init__(self, state: "State | None", kept: "Kept", begun: bool, held: "Held") -> None:
        self.state, self.kept, self.begun, self.held = state, kept, begun, held


def _written(asked: "Work", results: "Results", work: WorkOptions, start: _Start, settings: Settings) -> "Tally":
    from dmcli.batch.reading import Meter
    from dmcli.batch.run import Run
    from dmcli.cli.batch_progress import progress
    from dmcli.cli.messages import note

    if start.state is not None:
        start.state.save(start.kept)
    run = Run(results.writers(start.kept, start.begun), start.kept, asked.shard, start.held, start.state)
    meter = Meter(asked.sources)
    told = progress(settings.quiet, meter)
    try:
        run.write(asked.outcomes(run.done, work, meter), _repeated(run, settings), told.step)
    except DmcliError:
        if not run.done:
            run.abandon()
        raise
    finally:
        told.end()
        run.close()
    if meter.empty:
        note(f"{meter.empty} of {len(asked.sources)} sources hold no case", settings.quiet)
    return run.tally


def _repeated(run: "Run", settings: Settings) -> "Callable[[Repeated], None]":
    """Who is told of ids that stand more than once; nobody is told the ids."""
    from dmcli.cli.messages import note

    def warn(found: "Repeated") -> None:
        if run.tally.duplicates <= _MOST_REPEATED:
            place = found.outcome.place
            note(f"{place.path}:{place.line}: case {found.number}: an earlier case has the same id", settings.quiet)
        elif run.tally.duplicates == _MOST_REPEATED + 1:
            note("more ids stand more than once; they are counted at the end", settings.quiet)

    return warn


def _tell(tally: "Tally", asked: "Work", results: "Results", settings: Settings) -> None:
    """The report at the end, the file first."""
    from dmcli.batch.report import as_json, as_markdown
    from dmcli.cli.batch_outputs import REPORTS
    from dmcli.cli.batch_report import tell_report

    path = results.options.report
    if path:
        write = as_json if path.endswith(REPORTS[0]) else as_markdown
        settings.run.write(write(tally, asked.knowledge), path)
    if not settings.quiet:
        tell_report(tally, settings.colored(True))


def _unwritable(error: OSError, output: str | None) -> UsageProblem:
    mend = "make room" if error.errno in _NO_ROOM else "see to that"
    hint = f"; what is finished is safe: {mend}, and give --resume" if output else ""
    path = str(error.filename or output or "stdout")
    return UsageProblem([Problem(path, 0, 0, "", "unwritable", f"cannot be written ({error.strerror}){hint}")])
