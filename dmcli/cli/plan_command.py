"""`dmcli plan`: one patient from a file, stdin or flags to one plan."""

from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions, ask

# With --exit-code: what the status of the plan exits with.
EXIT_CODES = {
    "recommendation": 0,
    "needs_fact": 10,
    "conventional_therapy": 11,
    "continue_current": 12,
    "no_active_disease": 13,
    "refer": 20,
    "out_of_scope": 21,
}
_LONGEST_HORIZON = 520


@takes("plan", "data", "format", "output", "no_color", "quiet")
def plan_command(
    patient: PatientOptions,
    question: QuestionOptions,
    horizon: Annotated[
        int | None, typer.Option(help="Weeks of schedule and monitoring.", metavar="WEEKS", min=1, max=_LONGEST_HORIZON)
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Every argument, rule and default.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with a code that tells the status.")] = False,
    *,
    settings: Settings,
) -> int:
    """Plan one patient: next therapy, dated schedule, safety monitoring, each with reason and source."""
    from dmcli.planner import plan

    asked = ask("plan", patient, question, settings)
    made = plan(asked.case, asked.knowledge, start=asked.start, horizon_weeks=horizon, reading=asked.reading)
    settings.show("plan", made, asked.knowledge, explain=explain)
    return EXIT_CODES[made.status] if exit_code else 0
