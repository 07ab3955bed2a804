"""The patient on the command line: the flags that several commands share, and the case they make with a file."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmcli.cli.options import read_text
from dmcli.errors import Problem, UsageProblem

if TYPE_CHECKING:
    from dmcli.case.model import Case
    from dmcli.knowledge.model import Knowledge

_PATIENT = "Patient, instead of or on top of a case file"


class Reading(StrEnum):
    BOTH = "both"
    EITHER = "either"


CaseArgument = Annotated[
    str | None, typer.Argument(help="Case file (.yaml, .json) or - for stdin; or flags alone.", metavar="[CASE]")
]
AgeOption = Annotated[str | None, typer.Option(help="Age in years.", rich_help_panel=_PATIENT)]
SexOption = Annotated[str | None, typer.Option(help="female or male.", rich_help_panel=_PATIENT)]
WeightOption = Annotated[str | None, typer.Option(help="70, 70kg or 154lb.", rich_help_panel=_PATIENT)]
HeightOption = Annotated[str | None, typer.Option(help="165, 165cm or 65in.", rich_help_panel=_PATIENT)]
FailedOption = Annotated[
    list[str] | None, typer.Option(help="THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]; repeat.", rich_help_panel=_PATIENT)
]
CurrentOption = Annotated[
    list[str] | None, typer.Option(help="The same, for what is taken now; repeat.", rich_help_panel=_PATIENT)
]
DeclinedOption = Annotated[
    list[str] | None, typer.Option(help="A therapy the patient declines; repeat.", rich_help_panel=_PATIENT)
]
DrugOption = Annotated[
    list[str] | None, typer.Option(help="Another drug that is taken, or none; repeat.", rich_help_panel=_PATIENT)
]
FactOption = Annotated[list[str] | None, typer.Option(help="NAME=VALUE; names: dmcli facts; repeat.", rich_help_panel=_PATIENT)]
NoIvAccessOption = Annotated[
    bool, typer.Option("--no-iv-access", help="Intravenous infusion is not possible.", rich_help_panel=_PATIENT)
]
AsOfOption = Annotated[str | None, typer.Option(help="The day the question is asked, YYYY-MM-DD.")]
StartOption = Annotated[str | None, typer.Option(help="Day 0 of the new therapy, YYYY-MM-DD.")]
RefractoryOption = Annotated[Reading | None, typer.Option(help="What refractory asks for; default both.")]


def read_patient(path: str | None, flags: dict[str, Any], as_of: str | None, knowledge: "Knowledge") -> "Case":
    """The case of a file, of flags, or of both. Raises InvalidInput with every error."""
    from dmcli import yamlfile
    from dmcli.case.flags import overlay
    from dmcli.case.read import read_case

    asked = _one_day("--as-of", as_of)
    document = yamlfile.parse(read_text(path), "stdin" if path == "-" else path) if path is not None else None
    document = overlay(document, flags, knowledge.facts)
    return read_case(document, knowledge, asked, date.today())


def require_patient(path: str | None, flags: dict[str, Any], command: str) -> None:
    """Raise UsageProblem where neither a file nor a flag says anything of a patient."""
    if path is None and not any(flags.values()):
        text = f"no patient; name a case file, or give flags such as --age 52 ({command} --help)"
        raise UsageProblem([Problem(command, 0, 0, "", "usage", text)])


def first_day(text: str | None, as_of: date) -> date | None:
    """Day 0 as `--start` gives it. Raises UsageProblem."""
    day = _one_day("--start", text)
    if day is not None and day < as_of:
        told = f"the start {day} lies before the as-of date {as_of}; a schedule is never in the past"
        raise UsageProblem([Problem("--start", 0, 0, "", "usage", told)])
    return day


def _one_day(flag: str, text: str | None) -> date | None:
    if text is None:
        return None
    from dmcli.values.dates import parse_date

    days = parse_date(text, None)
    if days is None or not days.exact:
        raise UsageProblem([Problem(flag, 0, 0, "", "usage", "not a day of the calendar; write YYYY-MM-DD")])
    return days.first
