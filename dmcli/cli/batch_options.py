"""The options of `dmcli batch`: what goes in, what comes out, and how the work is done."""

from enum import StrEnum
from typing import Annotated

import typer

from dmcli.cli.patient_options import Reading
from dmcli.record import Record

LONGEST_HORIZON = 520
_IN, _OUT, _WORK = "What goes in", "What comes out", "How the work is done"


class To(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


class From(StrEnum):
    YAML = "yaml"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    TSV = "tsv"


class Detail(StrEnum):
    SUMMARY = "summary"
    PLAN = "plan"


class Template(StrEnum):
    CSV = "csv"


class InputOptions(Record):
    """The cases, and what is asked of each."""

    paths: Annotated[list[str] | None, typer.Argument(help="Files, folders, patterns, or - for stdin.", metavar="PATH...")] = None
    from_: Annotated[
        From | None, typer.Option("--from", help="The format of stdin, or of files whatever their name.", rich_help_panel=_IN)
    ] = None
    map_: Annotated[
        str | None, typer.Option("--map", help="What the columns of a table are.", metavar="FILE", rich_help_panel=_IN)
    ] = None
    as_of: Annotated[
        str | None, typer.Option(help="The day the question is asked, YYYY-MM-DD; wins over the cases'.", rich_help_panel=_IN)
    ] = None
    horizon: Annotated[
        int | None,
        typer.Option(help="Weeks of schedule.", metavar="WEEKS", min=1, max=LONGEST_HORIZON, rich_help_panel=_IN),
    ] = None
    refractory_if: Annotated[
        Reading | None, typer.Option(help="What refractory asks for; default both.", rich_help_panel=_IN)
    ] = None
    weekends: Annotated[bool, typer.Option("--weekends", help="Infusions may be booked on weekends.", rich_help_panel=_IN)] = (
        False
    )
    template: Annotated[
        Template | None, typer.Option(help="Write a header row and a map to start from, and end.", rich_help_panel=_IN)
    ] = None


class OutputOptions(Record):
    """The results."""

    to: Annotated[To, typer.Option("--to", help="How results are written.", rich_help_panel=_OUT)] = To.NDJSON
    detail: Annotated[Detail, typer.Option(help="A summary of each plan, or all of it.", rich_help_panel=_OUT)] = Detail.SUMMARY
    split: Annotated[bool, typer.Option("--split", help="-o is a folder with one file a case.", rich_help_panel=_OUT)] = False
    errors: Annotated[
        str | None, typer.Option("--errors", help="Cases with errors here too.", metavar="FILE", rich_help_panel=_OUT)
    ] = None
    report: Annotated[
        str | None, typer.Option("--report", help="The cohort report, .json or .md.", metavar="FILE", rich_help_panel=_OUT)
    ] = None


class WorkOptions(Record):
    """The work."""

    workers: Annotated[int | None, typer.Option(help="Processes; default the cores.", min=1, max=512, rich_help_panel=_WORK)] = (
        None
    )
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask", help="Plan on a Dask cluster, or on one made here.", metavar="ADDRESS|local", rich_help_panel=_WORK
        ),
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run was cut off.", rich_help_panel=_WORK)] = False
    shard: Annotated[
        str | None, typer.Option("--shard", help="Only the i-th of n parts.", metavar="i/n", rich_help_panel=_WORK)
    ] = None
