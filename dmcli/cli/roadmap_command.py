"""`dmcli roadmap`: what comes at each judgement, whatever the response."""

from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions, first_day, read_patient, require_patient

# As in `dmcli.roadmap`, which is not imported before the command runs.
_DEPTH, _DEEPEST = 3, 5


@takes("roadmap", "data", "format", "output", "no_color", "quiet")
def roadmap_command(
    patient: PatientOptions,
    depth: Annotated[
        int, typer.Option(help="How many lines of therapy are followed.", metavar="LINES", min=1, max=_DEEPEST)
    ] = _DEPTH,
    *,
    question: QuestionOptions,
    settings: Settings,
) -> None:
    """The road ahead: what comes if the response is none, partial or complete, or it is not tolerated."""
    from dmcli.roadmap import roadmap

    require_patient(patient, "dmcli roadmap")
    knowledge = settings.knowledge()
    case = read_patient(patient, question.as_of, settings, knowledge)
    begin = first_day(question.start, case.as_of)
    made = roadmap(case, knowledge, depth=depth, start=begin, reading=question.reading)
    settings.show("roadmap", made, knowledge)
