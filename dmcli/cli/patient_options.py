"""The patient on the command line: the flags that several commands share, and the case they make with a file."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from dmcli.cli.files import STDIO
from dmcli.cli.options import Settings
from dmcli.errors import Problem, UsageProblem
from dmcli.record import Record, fields_of

if TYPE_CHECKING:  # no command loads the planner before it runs
    from dmcli.case.model import Case
    from dmcli.knowledge.model import Knowledge

_PATIENT = "Patient, instead of or on top of a case file"


class Reading(StrEnum):
    BOTH = "both"
    EITHER = "either"


class PatientFlags(Record):
    """The patient in flags."""

    age: Annotated[str | None, typer.Option(help="Age in years.", rich_help_panel=_PATIENT)] = None
    sex: Annotated[str | None, typer.Option(help="female (F) or male (M).", rich_help_panel=_PATIENT)] = None
    weight: Annotated[str | None, typer.Option(help="70, 70kg or 154lb.", rich_help_panel=_PATIENT)] = None
    height: Annotated[str | None, typer.Option(help="165, 165cm or 65in.", rich_help_panel=_PATIENT)] = None
    failed: Annotated[
        list[str] | None, typer.Option(help="THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]; commas or repeat.", rich_help_panel=_PATIENT)
    ] = None
    current: Annotated[
        list[str] | None, typer.Option(help="The same, for what is taken now; repeat.", rich_help_panel=_PATIENT)
    ] = None
    courses: Annotated[
        list[str] | None, typer.Option(help="Courses given, THERAPY=N; commas or repeat.", rich_help_panel=_PATIENT)
    ] = None
    declined: Annotated[
        list[str] | None, typer.Option(help="A therapy the patient declines; commas or repeat.", rich_help_panel=_PATIENT)
    ] = None
    drug: Annotated[
        list[str] | None, typer.Option(help="Another drug that is taken, or none; commas or repeat.", rich_help_panel=_PATIENT)
    ] = None
    fact: Annotated[list[str] | None, typer.Option(help="NAME=VALUE; names: dmcli facts; repeat.", rich_help_panel=_PATIENT)] = (
        None
    )
    no_iv_access: Annotated[
        bool, typer.Option("--no-iv-access", help="Intravenous infusion is not possible.", rich_help_panel=_PATIENT)
    ] = False

    @property
    def flags(self) -> dict[str, Any]:
        """What was said beside a file, by the name of its flag."""
        return {name: getattr(self, name) for name in fields_of(PatientFlags)}


class PatientOptions(PatientFlags):
    """The patient: a case file, flags, or both."""

    case: Annotated[
        str | None, typer.Argument(help="Case file (.yaml, .json) or - for stdin; or flags alone.", metavar="[CASE]")
    ] = None


class QuestionOptions(Record):
    """The day and the reading for which the planner is asked."""

    as_of: Annotated[str | None, typer.Option(help="The day the question is asked, YYYY-MM-DD.")] = None
    start: Annotated[str | None, typer.Option(help="Day 0 of the new therapy, YYYY-MM-DD.")] = None
    refractory_if: Annotated[Reading | None, typer.Option(help="What refractory asks for; default both.")] = None
    weekends: Annotated[bool, typer.Option("--weekends", help="Infusions may be booked on weekends.")] = False

    @property
    def reading(self) -> str | None:
        """The reading by its name in the knowledge."""
        return self.refractory_if.value if self.refractory_if else None


class Asked(NamedTuple):
    """One question to the planner. `start` is None where the therapy may start on the day of the case, `weekends` where
    the knowledge says whether infusions are given on them."""

    case: "Case"
    knowledge: "Knowledge"
    start: date | None
    reading: str | None
    weekends: bool | None


def ask(command: str, patient: PatientOptions, question: QuestionOptions, settings: Settings) -> Asked:
    """The question of a command line, with the knowledge it is asked of.

    Raises UsageProblem where it names no patient, or for a flag; InvalidCase with every error of the case.
    """
    if patient.case is None and not any(patient.flags.values()):
        text = f"no patient; name a case file, or give flags such as --age 52 (dmcli {command} --help)"
        raise UsageProblem([Problem(f"dmcli {command}", 0, 0, "", "usage", text)])
    from dmcli.case.outside import with_recorded

    knowledge = settings.knowledge()
    case = _read(patient, question.as_of, settings, knowledge)
    first = _first_day(question.start, case.as_of)
    return Asked(case, with_recorded(case, knowledge), first, question.reading, question.weekends or None)


def _read(patient: PatientOptions, as_of: str | None, settings: Settings, knowledge: "Knowledge") -> "Case":
    """The case of a file, of flags, or of both."""
    from dmcli import yamlfile
    from dmcli.case.flags import overlay
    from dmcli.case.read import read_case

    asked = one_day("--as-of", as_of)
    path = patient.case
    document = None if path is None else yamlfile.parse(settings.run.read_text(path), "stdin" if path == STDIO else path)
    document = overlay(document, patient.flags, knowledge)
    return read_case(document, knowledge, asked, date.today())


def _first_day(text: str | None, as_of: date) -> date | None:
    day = one_day("--start", text)
    if day is not None and day < as_of:
        told = f"the start {day} lies before the as-of date {as_of}; a schedule is never in the past"
        raise UsageProblem([Problem("--start", 0, 0, "", "usage", told)])
    return day


def one_day(flag: str, text: str | None) -> date | None:
    """The day a flag names. Raises UsageProblem for what is none."""
    if text is None:
        return None
    from dmcli.values.dates import parse_date

    days = parse_date(text, None)
    if days is None or not days.exact:
        raise UsageProblem([Problem(flag, 0, 0, "", "usage", "not a day of the calendar; write YYYY-MM-DD")])
    return days.first
