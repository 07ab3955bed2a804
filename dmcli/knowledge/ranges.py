"""The range of every number of the knowledge: one kind for each quantity, wide enough for any drug, too narrow for a slip.

A number out of its range would break a plan (a trial of a billion weeks) or falsify it (a rhythm of minus two weeks), so it
is refused where it stands.
"""

import typing
from typing import Annotated, Any, NamedTuple


class Range(NamedTuple):
    """What a number may be, both ends included, and how it is counted."""

    low: float
    high: float
    counted: str = ""

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g} {self.counted}".strip()


def range_of(hint: Any) -> Range | None:
    """The range that a field's declared type names, also within a list or beside None."""
    found = next((note for note in getattr(hint, "__metadata__", ()) if isinstance(note, Range)), None)
    return found or next(filter(None, map(range_of, typing.get_args(hint))), None)


Day = Annotated[int, Range(0, 3650, "days")]
Days = Annotated[int, Range(1, 3650, "days")]
Week = Annotated[int, Range(0, 520, "weeks")]
Weeks = Annotated[int, Range(1, 520, "weeks")]
MonthWeeks = Annotated[int, Range(4, 5, "weeks")]
Count = Annotated[int, Range(1, 1000)]
People = Annotated[int, Range(1, 10_000_000, "people")]
Minutes = Annotated[int, Range(1, 1440, "minutes")]
AMOUNT = Range(0.0001, 10_000_000)
Amount = Annotated[float, AMOUNT]
RoundingStep = Annotated[float, Range(0.001, 1000)]
GramsPerMl = Annotated[float, Range(0.001, 2, "g/mL")]
Rate = Annotated[float, Range(0.0001, 2, "mL/kg/min")]
Factor = Annotated[float, Range(0.000001, 1_000_000)]
Measured = Annotated[float, Range(-1_000_000, 1_000_000)]
SettingValue = Annotated[float, Range(0, 1_000_000)]

# The units a dose may have, each with the most that one administration could come to: milligrams written for grams are seen.
DOSES: dict[str, Range] = {
    "mg": Range(0.0001, 20_000, "mg"),
    "g": Range(0.0001, 500, "g"),
    "mg/kg": Range(0.0001, 1000, "mg/kg"),
    "g/kg": Range(0.0001, 10, "g/kg"),
    "mg/m2": Range(0.0001, 10_000, "mg/m2"),
    "{application}": Range(1, 50, "applications"),
    "[IU]": Range(0.1, 10_000_000, "IU"),
}


class Asked(NamedTuple):
    """What the program expects of a setting: its unit, its range, and whether it is a whole number."""

    unit: str | None
    range: Range
    whole: bool = True


# Settings of the algorithm that the program asks for.
SETTINGS: dict[str, Asked] = {
    "horizon_weeks": Asked("wk", Range(1, 260, "weeks")),
    "valid_weeks": Asked("wk", Range(1, 52, "weeks")),
    "quiet_cdasi": Asked("{score}", Range(0, 100, "points"), whole=False),
    "quiet_days": Asked("d", Range(1, 365, "days")),
    "stable_percent": Asked("%", Range(0, 100, "percent"), whole=False),
    "stable_weeks": Asked("wk", Range(1, 52, "weeks")),
    "recent_change_weeks": Asked("wk", Range(1, 52, "weeks")),
    "hold_weeks": Asked("wk", Range(1, 52, "weeks")),
    "retry_weeks": Asked("wk", Range(0, 52, "weeks")),
    "together_days": Asked("d", Range(0, 28, "days")),
    "one_day": Asked("d", Range(0, 6, "days")),
    "nearest_days": Asked("d", Range(0, 28, "days")),
    "missed_intervals": Asked(None, Range(1, 10, "intervals")),
    "implausible_doses": Asked(None, Range(1, 10, "times the maximum"), whole=False),
    "result_share": Asked(None, Range(0, 1, "of the interval"), whole=False),
    "baseline_weeks": Asked("wk", Range(1, 260, "weeks")),
    "weekends": Asked(None, Range(0, 1, "(no or yes)")),
    "score_lead_weeks": Asked("wk", Range(0, 52, "weeks")),
}
