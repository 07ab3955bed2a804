"""`dmcli plan`: one patient from a file, stdin or flags to one plan."""

from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions, ask
from dmcli.errors import Problem, UsageProblem

# With --exit-code: what the plan exits with when something must happen today, whatever its status.
URGENT = 30
# With --exit-code: what the status of any other plan exits with.
EXIT_CODES = {
    "recommendation": 0,
    "safety_hold": URGENT,
    "needs_fact": 10,
    "conventional_therapy": 11,
    "continue_current": 12,
    "no_active_disease": 13,
    "refer": 20,
    "out_of_scope": 21,
}
_LONGEST_HORIZON = 520


@takes("plan", "data", "format", "output", "color", "no_color", "quiet")
def plan_command(
    patient: PatientOptions,
    question: QuestionOptions,
    horizon: Annotated[
        int | None, typer.Option(help="Weeks of schedule and monitoring.", metavar="WEEKS", min=1, max=_LONGEST_HORIZON)
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Every date, test, limit and option, not one screen.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="As --full, with every argument, rule and default.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="A long answer is not shown in a pager.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with a code that tells the status.")] = False,
    *,
    settings: Settings,
) -> int:
    """Plan one patient: next therapy, dated schedule, safety monitoring, each with reason and source."""
    from dmcli.planner import plan

    settings = _as_json(settings) if as_json else settings
    asked = ask("plan", patient, question, settings)
    made = plan(
        asked.case, asked.knowledge, start=asked.start, horizon_weeks=horizon, reading=asked.reading, weekends=asked.weekends
    )
    kind = "plan" if full or explain else "screen"
    settings.show(kind, made, asked.knowledge, explain=explain, paged=not no_pager)
    if not exit_code:
        return 0
    return URGENT if made.urgent else EXIT_CODES[made.status]


def _as_json(settings: Settings) -> Settings:
    """The settings with the format JSON. Raises UsageProblem where another one is asked for."""
    if settings.format not in (None, "json"):
        text = f"--json and --format {settings.format} ask for two formats; keep one of them"
        raise UsageProblem([Problem("--json", 0, 0, "", "usage", text)])
    return settings.changed(format="json")
