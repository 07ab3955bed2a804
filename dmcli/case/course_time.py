"""Whether a course runs or is past, and the start that its weeks imply."""

from datetime import date, timedelta
from typing import Any

from dmcli.knowledge.codes import CLOSING, GOOD
from dmcli.values.dates import Days

_DATES = ("start", "given", "steps", "held")
_ENDED = ("stop", "stop_reason")


def state(values: dict[str, Any], as_of: date, active: object, last: bool) -> dict[str, Any]:
    """`running`, `perhaps_running` and, of a running course with weeks alone, its `start`.

    `values` are the stated fields of a course, `active` whether the skin is, `last` whether no other course of the same
    therapy stands after it.
    """
    running = _runs(values, active, last)
    found: dict[str, Any] = {"running": running, "perhaps_running": _perhaps(values, running)}
    if running and values.get("start") is None and values.get("weeks") is not None:
        day = as_of - timedelta(weeks=values["weeks"])
        found |= {"start": Days(day, day), "weeks": None, "start_implied": True}
    return found


def contradiction(values: dict[str, Any]) -> tuple[str, str] | None:
    """The field and the sentence of a course that is said to run and to have ended; None where nothing clashes."""
    if values.get("running") is not True:
        return None
    ended = next((key for key in _ENDED if values.get(key) is not None), None)
    if ended is not None:
        return ended, f"'{ended}' says that it ended, 'running: yes' that it did not; keep one of them"
    if values.get("weeks") is not None and values.get("start") is not None:
        return "weeks", "weeks and the start of a running course say the duration twice; keep one of them"
    return None


def _runs(values: dict[str, Any], active: object, last: bool) -> bool:
    if values.get("running") is not None:
        return bool(values["running"])
    if any(values.get(key) is not None for key in _ENDED):
        return False
    weeks = values.get("weeks") is not None
    if any(values.get(key) for key in _DATES):
        # A start with weeks says the end as well as a stop would.
        return not weeks
    closed = values.get("outcome") in CLOSING or (values.get("outcome") == GOOD[0] and active is True)
    return last and not closed


def _perhaps(values: dict[str, Any], running: bool) -> bool:
    """Whether a course that is taken as past may still run: it has a closing outcome, and no word of its time."""
    timed = any(values.get(key) is not None for key in ("running", "weeks", *_ENDED)) or any(values.get(k) for k in _DATES)
    return not running and not timed and values.get("outcome") in CLOSING
