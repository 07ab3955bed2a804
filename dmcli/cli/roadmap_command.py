"""`dmcli roadmap`: what comes at each judgement, whatever the response."""

from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions, ask

# As in `dmcli.roadmap`, which is not imported before the command runs.
_DEPTH, _DEEPEST = 1, 5


@takes("roadmap", "data", "format", "output", "color", "no_color", "quiet")
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
    from dmcli.cli.working import Working
    from dmcli.roadmap.roadmap import roadmap

    asked = ask("roadmap", patient, question, settings)
    with Working(settings.quiet, "plans on the road ahead") as working:
        made = roadmap(
            asked.case,
            asked.knowledge,
            depth=depth,
            start=asked.start,
            reading=asked.reading,
            weekends=asked.weekends,
            made=working.step,
        )
    settings.show("roadmap", made, asked.knowledge)
