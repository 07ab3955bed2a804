"""One entry of `treatments` to a `Course`: dates, doses, outcome, and what cannot be true of a course."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from dmcli.case import course_time, shape
from dmcli.case.model import Course, Given, Pause
from dmcli.case.reader import Reader
from dmcli.case.values import boolean, code, count, interval, name, quoted, shown, weeks
from dmcli.knowledge.codes import GOOD, RELAPSES, Listed
from dmcli.values.dosetext import UNDERSTOOD, WrittenDose
from dmcli.yamlfile import Path

_GIVEN = dict.fromkeys(("date", "dose"))


class Beside(NamedTuple):
    """What a course is read beside: whether the skin is active, as stated, and the therapies of the courses after it."""

    active: object
    later: tuple[str | None, ...]


def read_course(reader: Reader, where: Path, entry: Any, counts: dict[str, int], beside: Beside) -> Course | None:
    """One course, or None if its therapy is not known. Problems go to the reader."""
    fields = reader.mapping(where, entry, shape.COURSE)
    if entry is None:
        reader.wrong(where, "type", "nothing stands where a mapping is due; write therapy: NAME")
    if not isinstance(entry, dict):
        return None
    if "therapy" not in fields:
        reader.wrong(where, "missing", "the therapy is missing; write therapy: NAME")
        return None
    treatment = reader.treatment((*where, "therapy"), fields.pop("therapy"), _called(reader, where, fields))
    values = _values(reader, where, fields)
    if treatment is None:
        return None
    therapy, values["name"] = treatment
    _check_dates(reader, where, values)
    if _came_back(values) and values.get("outcome") in (None, "partial", *GOOD):
        # Whoever tells of a relapse has told how it went in the end.
        values["outcome"] = "relapse"
    counts[therapy] = counts.get(therapy, 0) + 1
    values |= course_time.state(values, reader.as_of or date.max, beside.active, therapy not in beside.later)
    return Course(therapy=therapy, number=counts[therapy], **values)


def _values(reader: Reader, where: Path, fields: dict[str, Any]) -> dict[str, Any]:
    """Every field but the therapy and its name, through the reader of its kind."""
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if value is None:
            continue
        if key == "relapse":
            _relapse(reader, (*where, key), value, values)
        else:
            values[key] = _FIELDS[key](reader, (*where, key), value, values)
    values["trial_accepted"] = bool(values.get("trial_accepted"))
    return values


def _called(reader: Reader, where: Path, fields: dict[str, Any]) -> str | None:
    stated = fields.pop("name", None)
    called: str | None = reader.take((*where, "name"), name, stated) if stated is not None else None
    return called


def _came_back(values: dict[str, Any]) -> bool:
    return any(values.get(key) is not None for key in ("relapse_day", "relapse_after", "relapse_below"))


def _dose(reader: Reader, where: Path, value: Any, values: dict[str, Any], single: bool = False) -> WrittenDose | None:
    """A dose; one that is not understood is kept as written and counts as not known, so that it costs nobody the case."""
    if not isinstance(value, str):
        reader.wrong(where, "dose", f"{shown(value)} is not understood as a dose; write amount, unit and rhythm, as {UNDERSTOOD}")
        return None
    written = reader.dose(value)
    if written is None and single:
        # A single dose needs no rhythm: '70 g' is what was given that day. It has none, then: `per_days` is 0.
        once = reader.dose(f"{value} daily")
        written = once._replace(per_days=0, text=value.strip()) if once is not None else None
    if written is not None and written.amount > 0:
        return written
    values["unclear"] = (*values.get("unclear", ()), quoted(value))
    return None


def _relapse(reader: Reader, where: Path, value: Any, values: dict[str, Any]) -> None:
    fields = reader.mapping(where, value, ("date", "after", "below"))
    if fields.get("date") is not None:
        values["relapse_day"] = reader.day((*where, "date"), fields["date"])
    if fields.get("after") is not None:
        values["relapse_after"] = reader.take((*where, "after"), code, fields["after"], RELAPSES)
    if fields.get("below") is not None:
        values["relapse_below"] = _dose(reader, (*where, "below"), fields["below"], values)


def _pause(reader: Reader, where: Path, value: Any, _: dict[str, Any]) -> Pause | None:
    fields = reader.mapping(where, value, ("since", "until"))
    if fields.get("since") is None:
        reader.wrong(where, "missing", "the day since which it is held is missing; write {since: YYYY-MM-DD}")
        return None
    since = reader.day((*where, "since"), fields["since"])
    until = None
    if fields.get("until") is not None:
        until = reader.day((*where, "until"), fields["until"])
    if since is not None and until is not None and until.last < since.first:
        reader.wrong((*where, "until"), "stop_before_start", f"until {until} lies before since {since}; correct one of them")
    return Pause(since, until) if since is not None else None


def _doses(reader: Reader, where: Path, value: Any, values: dict[str, Any]) -> tuple[Given, ...]:
    out = []
    for at, entry in reader.items(where, value):
        fields = reader.mapping(at, entry, _GIVEN)
        if fields.get("date") is None:
            reader.wrong(at, "missing", "the date is missing; write {date: YYYY-MM-DD, dose: ...}")
            continue
        when = reader.day((*at, "date"), fields["date"])
        written = None
        if fields.get("dose") is not None:
            written = _dose(reader, (*at, "dose"), fields["dose"], values, single=True)
        if when is not None:
            out.append(Given(when, written))
    return tuple(out)


def _taking(read: Callable[..., Any], *known: Any) -> "_Field":
    return lambda reader, where, value, _: reader.take(where, read, value, *known)


def _field(kind: tuple[str, ...] | str) -> "_Field":
    """The reader of a kind of field."""
    if isinstance(kind, tuple):
        return _taking(code, kind)
    if isinstance(kind, Listed):
        return lambda reader, where, value, _: reader.code(where, value, kind)
    return _READERS[kind]


# Given the fields that are read so far, where a dose leaves what is not understood.
_Field = Callable[[Reader, Path, Any, dict[str, Any]], Any]
_READERS: dict[str, _Field] = {
    "date": lambda reader, where, value, _: reader.day(where, value),
    "dose": _dose,
    "doses": _doses,
    "pause": _pause,
    "count": _taking(count),
    "weeks": _taking(weeks),
    "interval": _taking(interval),
    "boolean": _taking(boolean),
}
_FIELDS = {key: _field(kind) for key, kind in shape.COURSE.items() if key not in ("therapy", "name", "relapse")}


def _check_dates(reader: Reader, where: Path, values: dict[str, Any]) -> None:
    start, stop = values.get("start"), values.get("stop")
    if start is not None and stop is not None and stop.last < start.first:
        text = f"stop {stop} lies before start {start}; correct one of them"
        reader.wrong((*where, "stop"), "stop_before_start", text)
    clash = course_time.contradiction(values)
    if clash is not None:
        reader.wrong((*where, clash[0]), "contradiction", clash[1])
    if values.get("weeks") is not None and start is not None and stop is not None:
        reader.wrong((*where, "weeks"), "contradiction", "weeks and start with stop say the duration twice; keep one")
    for key in ("given", "steps"):
        for i, item in enumerate(values.get(key) or ()):
            if start is not None and item.day.last < start.first:
                text = f"{item.day} lies before the start {start}; correct one of them"
                reader.wrong((*where, key, i), "before_start", text)
            if stop is not None and item.day.first > stop.last:
                text = f"{item.day} lies after the stop {stop}; correct one of them"
                reader.wrong((*where, key, i), "after_stop", text)
