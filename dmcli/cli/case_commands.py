"""`dmcli case new|check|schema`: a template to fill in, validation, and the schema for editors."""

import json
from datetime import date
from typing import Annotated

import typer

from dmcli.cli.options import DataOption, FormatOption, OutputOption, QuietOption, Settings, read_text

app = typer.Typer(help="Write and check case files.")


@app.command("new")
def new(context: typer.Context, data: DataOption = None, output: OutputOption = None) -> None:
    """A commented case file to fill in; what is left out stays unknown."""
    from dmcli.case.template import template

    settings: Settings = context.obj.override(data, None, output, False, False)
    settings.write(template(settings.knowledge()))


@app.command("check")
def check(
    context: typer.Context,
    cases: Annotated[list[str], typer.Argument(help="Case files, or - for stdin.", metavar="CASE...")],
    data: DataOption = None,
    fmt: FormatOption = None,
    quiet: QuietOption = False,
) -> None:
    """Validate case files; every error of every file, as path:line:col."""
    from dmcli import yamlfile
    from dmcli.case.read import read_case
    from dmcli.cli.messages import note
    from dmcli.errors import InvalidInput, Problem

    settings: Settings = context.obj.override(data, fmt, None, False, quiet)
    knowledge = settings.knowledge()
    problems: list[Problem] = []
    for path in cases:
        try:
            document = yamlfile.parse(read_text(path), "stdin" if path == "-" else path)
            read_case(document, knowledge, None, date.today())
        except InvalidInput as error:
            problems += error.problems
            continue
        note(f"{path}: valid", settings.quiet)
    if problems:
        raise InvalidInput(problems)


@app.command("schema")
def schema(context: typer.Context, data: DataOption = None, output: OutputOption = None) -> None:
    """The JSON Schema of a case file, for editors and for other programs."""
    from dmcli.case.schema import case_schema

    settings: Settings = context.obj.override(data, None, output, False, False)
    settings.write(json.dumps(case_schema(settings.knowledge()), ensure_ascii=False, indent=2) + "\n")
