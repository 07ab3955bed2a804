"""`dmcli plan`: one patient from a file, stdin or flags to one plan."""

from typing import Annotated, Any

import typer

from dmcli.cli.options import DataOption, Format, FormatOption, NoColorOption, OutputOption, QuietOption, Settings
from dmcli.cli.patient_options import (
    AgeOption,
    AsOfOption,
    CaseArgument,
    CurrentOption,
    DeclinedOption,
    DrugOption,
    FactOption,
    FailedOption,
    HeightOption,
    NoIvAccessOption,
    RefractoryOption,
    SexOption,
    StartOption,
    WeightOption,
    first_day,
    read_patient,
    require_patient,
)
from dmcli.errors import Problem, UsageProblem

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


def plan_command(
    context: typer.Context,
    case: CaseArgument = None,
    age: AgeOption = None,
    sex: SexOption = None,
    weight: WeightOption = None,
    height: HeightOption = None,
    failed: FailedOption = None,
    current: CurrentOption = None,
    declined: DeclinedOption = None,
    drug: DrugOption = None,
    fact: FactOption = None,
    no_iv_access: NoIvAccessOption = False,
    as_of: AsOfOption = None,
    start: StartOption = None,
    horizon: Annotated[
        int | None, typer.Option(help="Weeks of schedule and monitoring.", metavar="WEEKS", min=1, max=_LONGEST_HORIZON)
    ] = None,
    refractory_if: RefractoryOption = None,
    full: Annotated[bool, typer.Option("--full", help="Every date, test, limit and option, not one screen.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="As --full, with every argument, rule and default.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="A long answer is not shown in a pager.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with a code that tells the status.")] = False,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
    quiet: QuietOption = False,
) -> int:
    """Plan one patient: next therapy, dated schedule, safety monitoring, each with reason and source."""
    from dmcli import render
    from dmcli.planner import plan

    settings: Settings = context.obj.override(data, _format(fmt, as_json), output, no_color, quiet)
    flags: dict[str, Any] = {
        "age": age, "sex": sex, "weight": weight, "height": height, "failed": failed, "current": current,
        "declined": declined, "drug": drug, "fact": fact, "no_iv_access": no_iv_access,
    }  # fmt: skip
    require_patient(case, flags, "dmcli plan")
    knowledge = settings.knowledge()
    patient = read_patient(case, flags, as_of, knowledge)
    begin = first_day(start, patient.as_of)
    made = plan(patient, knowledge, start=begin, horizon_weeks=horizon, reading=refractory_if.value if refractory_if else None)
    text = render.render(
        settings.kind.value, made, knowledge, width=settings.width(), color=settings.color(), explain=explain, full=full
    )
    settings.show(text, paged=(full or explain) and not no_pager)
    return EXIT_CODES[made.status] if exit_code else 0


def _format(named: Format | None, as_json: bool) -> Format | None:
    """The format that is asked for. Raises UsageProblem where two are."""
    if as_json and named not in (None, Format.JSON):
        text = f"--json and --format {named} ask for two formats; keep one of them"
        raise UsageProblem([Problem("--json", 0, 0, "", "usage", text)])
    return Format.JSON if as_json else named
