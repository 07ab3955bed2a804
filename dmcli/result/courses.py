"""What was tried, and what scores tell of it."""

from dmcli.knowledge.codes import Degree, Indication, Outcome, Verdict
from dmcli.record import Record
from dmcli.result.reasons import Reason


class HistoryItem(Record):
    """A course and its verdict; `relapse_below` is the dose, as written, below which the disease came back; `indication`
    is what it was given for, null where that is not stated, which counts as the skin."""

    therapy: str
    course: int
    verdict: Verdict
    weeks: str | None
    relapse_below: str | None
    because: tuple[Reason, ...]
    indication: Indication | None = None


class ScorePoint(Record):
    """A value of a score and its day; a coarse date is written FIRST..LAST."""

    date: str
    value: float


class ScoreItem(Record):
    """One score over time. `baseline` is the value at the start of the running therapy `since`, else the earliest one;
    null where there is but one. `change` and `percent` are negative where the score fell; `percent` is null from a
    baseline of 0. `band` is that of the latest value; `because` tells the band, then what the change is worth.
    `fresh`: the latest value is not too old to count."""

    fact: str
    name: str
    since: str | None
    baseline: ScorePoint | None
    latest: ScorePoint
    change: float | None
    percent: float | None
    band: str | None
    fresh: bool
    text: str
    because: tuple[Reason, ...]
    sources: tuple[str, ...]


class ResponseItem(Record):
    """The response to a course by its scores. `stated` is the outcome of the case, or what the reason of the stop tells;
    it counts before `derived`. `agrees` is false where both are degrees of response and differ."""

    therapy: str
    course: int
    stated: Outcome | None
    derived: Degree
    used: Outcome
    agrees: bool
    fact: str
    baseline: ScorePoint
    latest: ScorePoint
    text: str
    because: tuple[Reason, ...]
    sources: tuple[str, ...]
