"""`dmcli case new|check|schema`: a template to fill in, validation, and the schema for editors."""

from datetime import date
from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings

app = typer.Typer(help="Write and check case files.")


@app.command("new")
@takes("case new", "data", "output")
def new(settings: Settings) -> None:
    """A commented case file to fill in; what is left out stays unknown."""
    from dmcli.case.template import template

    settings.write(template(settings.knowledge()))


@app.command("check")
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


@app.command("schema")
@takes("case schema", "data", "output")
def schema(settings: Settings) -> None:
    """The JSON Schema of a case file, for editors and for other programs."""
    import json

    from dmcli.case.schema import case_schema

    settings.write(json.dumps(case_schema(settings.knowledge()), ensure_ascii=False, indent=2) + "\n")
