"""A table to start from: the header row, and the map that says what its columns are."""

from dmcli.batch.columns import SCHEMA
from dmcli.batch.writers import csv_line
from dmcli.case.shape import facts_of_section
from dmcli.knowledge.model import Knowledge

_COURSE = ("therapy", "dose", "start", "stop", "outcome")
_SECTIONS = ("patient", "disease", "scores", "labs", "access")
_DATED = ("scores", "labs")
_NOTES = (
    "What each column of the table states: column: field. Leave out columns you do not have; columns that state nothing",
    "go to `ignore`. What is empty is unknown, never no. Values that are codes get their terms:",
    "  sex: {field: patient.sex, values: {1: female, 2: male}}",
    "  a_box___1: {field: facts.NAME, values: {1: yes, 0: ~}}      # ~ is unknown; names: dmcli facts",
    "Each row of a patient is one entry of each list it says something of; [a], [b] keep several in one row apart:",
    "  drug_a_dose: {field: 'treatments[a].dose', with: {therapy: NAME}}",
)


def header(knowledge: Knowledge) -> str:
    """The header row of a table whose columns are named as the fields they state."""
    return csv_line(_fields(knowledge))


def column_map(knowledge: Knowledge) -> str:
    """The map of that table, to be changed."""
    lines = [
        *(f"# {note}" for note in _NOTES),
        f"schema: {SCHEMA}",
        "patient: id          # rows with the same value are one patient",
    ]
    return "\n".join([*lines, "columns:", *(f"  {field}: {field}" for field in _fields(knowledge)), "ignore: []"]) + "\n"


def _fields(knowledge: Knowledge) -> list[str]:
    stated = [
        f"{section}.{name}"
        for section in _SECTIONS
        for name in (*(("date",) if section in _DATED else ()), *facts_of_section(section, knowledge))
    ]
    return ["id", "as_of", *stated, *(f"treatments.{key}" for key in _COURSE), "other_drugs.name"]
