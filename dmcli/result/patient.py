"""The patient as the plan understood the case: what is known today, what is taken, what is declined."""

from typing import Any

from dmcli.record import Record


class Taken(Record):
    """A therapy that runs: its course, the dose of today as written, and the first day, where they are stated."""

    therapy: str
    course: int
    dose: str | None
    since: str | None


class PatientEcho(Record):
    """`facts` holds every stated fact that counts today. `other_drugs` is null where nothing is stated of them."""

    facts: dict[str, Any]
    running: tuple[Taken, ...]
    other_drugs: tuple[str, ...] | None
    declined: tuple[str, ...]
