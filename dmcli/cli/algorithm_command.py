"""`dmcli algorithm`: the algorithm as it is encoded, and the way of one patient on it."""

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.cli.patient_options import PatientOptions, QuestionOptions, ask


@takes("algorithm", "data", "format", "output", "color", "no_color", "quiet")
def algorithm_command(patient: PatientOptions, question: QuestionOptions, *, settings: Settings) -> None:
    """The algorithm: what is checked first, the gate, the lines in order; with a CASE the way that this patient took."""
    if patient.case is None and not any(patient.flags.values()):
        settings.show("algorithm", None, settings.knowledge())
        return
    from dmcli.planner import plan

    asked = ask("algorithm", patient, question, settings)
    made = plan(asked.case, asked.knowledge, start=asked.start, reading=asked.reading)
    settings.show("algorithm", made, asked.knowledge)
