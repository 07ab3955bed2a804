"""`dmcli case new|check|schema`: a template to fill in, validation, and the schema for editors."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.helped import Grouped, Helped
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientFlags, one_day
from dmcli.errors import Problem, UsageProblem

if TYPE_CHECKING:  # no command loads the knowledge before it runs
    from dmcli.knowledge.model import Knowledge

app = typer.Typer(
    cls=Grouped,
    help="Write and check case files.",
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("new", cls=Helped)
@takes("case new", "data", "output")
def new(
    full: Annotated[bool, typer.Option("--full", help="Every field that a case may have.")] = False,
    from_flags: Annotated[bool, typer.Option("--from-flags", help="A case with what the flags below say.")] = False,
    as_of: Annotated[str | None, typer.Option(help="With --from-flags: the day of the case, YYYY-MM-DD; default today.")] = None,
    *,
    patient: PatientFlags,
    settings: Settings,
) -> None:
    """A commented case file to fill in; what is left out stays unknown."""
    knowledge = settings.knowledge()
    if from_flags:
        settings.write(_written(patient, one_day("--as-of", as_of) or date.today(), knowledge))
        return
    if as_of is not None or any(patient.flags.values()):
        text = "a template says nothing of a patient; add --from-flags to write a case with what the flags say"
        raise UsageProblem([Problem("dmcli case new", 0, 0, "", "usage", text)])
    from dmcli.case.template import short_template, template

    settings.write(template(knowledge) if full else short_template(knowledge))


def _written(patient: PatientFlags, as_of: date, knowledge: "Knowledge") -> str:
    """The case that the flags tell, as a file that says the same. Raises UsageProblem and InvalidCase for flags."""
    from dmcli.case.flags import overlay
    from dmcli.case.read import read_case
    from dmcli.render.formats.yaml import write
    from dmcli.render.registry import View

    document = overlay(None, patient.flags, knowledge)
    read_case(document, knowledge, as_of, as_of)
    return write({"as_of": as_of.isoformat(), **document.data}, View())


@app.command("check", cls=Helped)
@takes("case check", "data", "format", "quiet")
def check(
    cases: Annotated[list[str], typer.Argument(help="Case files, or - for stdin.", metavar="CASE...")],
    *,
    settings: Settings,
) -> None:
    """Validate case files; every error of every file, as path:line:col."""
    from dmcli import yamlfile
    from dmcli.case.read import read_case
    from dmcli.cli.messages import note
    from dmcli.errors import InvalidCase, Problem

    knowledge = settings.knowledge()
    problems: list[Problem] = []
    for path in cases:
        try:
            document = yamlfile.parse(settings.run.read_text(path), "stdin" if path == "-" else path)
            read_case(document, knowledge, None, date.today())
        except InvalidCase as error:
            problems += error.problems
            continue
        note(f"{path}: valid", settings.quiet)
    if problems:
        raise InvalidCase(problems)


@app.command("schema", cls=Helped)
@takes("case schema", "data", "output")
def schema(settings: Settings) -> None:
    """The JSON Schema of a case file, for editors and for other programs."""
    import json

    from dmcli.case.schema import case_schema

    settings.write(json.dumps(case_schema(settings.knowledge()), ensure_ascii=False, indent=2) + "\n")
