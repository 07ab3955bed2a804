"""`dmcli roadmap`: what comes at each judgement, whatever the response."""

from typing import Annotated, Any

import typer

from dmcli.cli.options import DataOption, FormatOption, NoColorOption, OutputOption, QuietOption, Settings
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

# As in `dmcli.roadmap`, which is not imported before the command runs.
_DEPTH, _DEEPEST = 3, 5


def roadmap_command(
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
    depth: Annotated[
        int, typer.Option(help="How many lines of therapy are followed.", metavar="LINES", min=1, max=_DEEPEST)
    ] = _DEPTH,
    as_of: AsOfOption = None,
    start: StartOption = None,
    refractory_if: RefractoryOption = None,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
    quiet: QuietOption = False,
) -> None:
    """The road ahead: what comes if the response is none, partial or complete, or it is not tolerated."""
    from dmcli.render.roadmaps import show
    from dmcli.roadmap.roadmap import roadmap

    settings: Settings = context.obj.override(data, fmt, output, no_color, quiet, drawn=True)
    flags: dict[str, Any] = {
        "age": age, "sex": sex, "weight": weight, "height": height, "failed": failed, "current": current,
        "declined": declined, "drug": drug, "fact": fact, "no_iv_access": no_iv_access,
    }  # fmt: skip
    require_patient(case, flags, "dmcli roadmap")
    knowledge = settings.knowledge()
    patient = read_patient(case, flags, as_of, knowledge)
    begin = first_day(start, patient.as_of)
    reading = refractory_if.value if refractory_if else None
    made = roadmap(patient, knowledge, depth=depth, start=begin, reading=reading)
    settings.write(show(settings.kind.value, made, knowledge, width=settings.width(), color=settings.color()))
