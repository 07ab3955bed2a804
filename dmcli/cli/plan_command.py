"""`dmcli plan`: one patient from a file, stdin or flags to one plan."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmcli.cli.options import DataOption, FormatOption, NoColorOption, OutputOption, QuietOption, Settings, read_text
from dmcli.errors import Problem, UsageProblem

if TYPE_CHECKING:
    from dmcli.case.model import Case
    from dmcli.knowledge.model import Knowledge

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
_PATIENT = "Patient, instead of or on top of a case file"


class Reading(StrEnum):
    BOTH = "both"
    EITHER = "either"


def plan_command(
    context: typer.Context,
    case: Annotated[
        str | None, typer.Argument(help="Case file (.yaml, .json) or - for stdin; or flags alone.", metavar="[CASE]")
    ] = None,
    age: Annotated[str | None, typer.Option(help="Age in years.", rich_help_panel=_PATIENT)] = None,
    sex: Annotated[str | None, typer.Option(help="female or male.", rich_help_panel=_PATIENT)] = None,
    weight: Annotated[str | None, typer.Option(help="70, 70kg or 154lb.", rich_help_panel=_PATIENT)] = None,
    height: Annotated[str | None, typer.Option(help="165, 165cm or 65in.", rich_help_panel=_PATIENT)] = None,
    failed: Annotated[
        list[str] | None, typer.Option(help="THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]; repeat.", rich_help_panel=_PATIENT)
    ] = None,
    current: Annotated[
        list[str] | None, typer.Option(help="The same, for what is taken now; repeat.", rich_help_panel=_PATIENT)
    ] = None,
    declined: Annotated[
        list[str] | None, typer.Option(help="A therapy the patient declines; repeat.", rich_help_panel=_PATIENT)
    ] = None,
    drug: Annotated[
        list[str] | None, typer.Option(help="Another drug that is taken, or none; repeat.", rich_help_panel=_PATIENT)
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE; names: dmcli facts; repeat.", rich_help_panel=_PATIENT)
    ] = None,
    no_iv_access: Annotated[
        bool, typer.Option("--no-iv-access", help="Intravenous infusion is not possible.", rich_help_panel=_PATIENT)
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="The day the question is asked, YYYY-MM-DD.")] = None,
    start: Annotated[str | None, typer.Option(help="Day 0 of the new therapy, YYYY-MM-DD.")] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Weeks of schedule and monitoring.", metavar="WEEKS", min=1, max=_LONGEST_HORIZON)
    ] = None,
    refractory_if: Annotated[Reading | None, typer.Option(help="What refractory asks for; default both.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Every argument, rule and default.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with a code that tells the status.")] = False,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
    quiet: QuietOption = False,
) -> int:
    """Plan one patient: next therapy, dated schedule, safety monitoring, each with reason and source."""
    from dmcli import render
    from dmcli.plan import plan

    settings: Settings = context.obj.override(data, fmt, output, no_color, quiet)
    flags: dict[str, Any] = {
        "age": age, "sex": sex, "weight": weight, "height": height, "failed": failed, "current": current,
        "declined": declined, "drug": drug, "fact": fact, "no_iv_access": no_iv_access,
    }  # fmt: skip
    if case is None and not any(flags.values()):
        raise UsageProblem(
            [
                Problem(
                    "dmcli plan",
                    0,
                    0,
                    "",
                    "usage",
                    "no patient; name a case file, or give flags such as --age 52 (dmcli plan --help)",
                )
            ]
        )
    knowledge = settings.knowledge()
    patient = read_patient(case, flags, _one_day("--as-of", as_of), knowledge)
    begin = _one_day("--start", start)
    if begin is not None and begin < patient.as_of:
        text = f"the start {begin} lies before the as-of date {patient.as_of}; a schedule is never in the past"
        raise UsageProblem([Problem("--start", 0, 0, "", "usage", text)])
    made = plan(patient, knowledge, start=begin, horizon_weeks=horizon, reading=refractory_if.value if refractory_if else None)
    text = render.render(settings.kind.value, made, knowledge, width=settings.width(), color=settings.color(), explain=explain)
    settings.write(text)
    return EXIT_CODES[made.status] if exit_code else 0


def read_patient(path: str | None, flags: dict[str, Any], as_of: date | None, knowledge: "Knowledge") -> "Case":
    """The case of a file, of flags, or of both. Raises InvalidInput with every error."""
    from dmcli import yamlfile
    from dmcli.case.flags import overlay
    from dmcli.case.read import read_case

    document = yamlfile.parse(read_text(path), "stdin" if path == "-" else path) if path is not None else None
    document = overlay(document, flags, knowledge.facts)
    return read_case(document, knowledge, as_of, date.today())


def _one_day(flag: str, text: str | None) -> date | None:
    if text is None:
        return None
    from dmcli.dates import parse_date

    days = parse_date(text, None)
    if days is None or not days.exact:
        raise UsageProblem([Problem(flag, 0, 0, "", "usage", "not a day of the calendar; write YYYY-MM-DD")])
    return days.first
