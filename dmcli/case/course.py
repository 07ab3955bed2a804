"""One entry of `treatments` to a `Course`: dates, doses, outcome, and what cannot be true of a course."""

from typing import Any

from dmcli.case import shape
from dmcli.case.model import Course, Given
from dmcli.case.reader import Reader
from dmcli.case.values import Wrong, boolean, code, count, day, dose, interval
from dmcli.knowledge.codes import HARMS, RELAPSES
from dmcli.values.dosetext import parse_dose
from dmcli.yamlfile import Path


def read_course(reader: Reader, where: Path, entry: Any, counts: dict[str, int]) -> Course | None:
    """One course, or None if its therapy is not known. Problems go to the reader."""
    fields = reader.mapping(where, entry, tuple(shape.COURSE))
    if entry is None:
        reader.wrong(where, "type", "nothing stands where a mapping is due; write therapy: NAME")
    if not isinstance(entry, dict):
        return None
    if "therapy" not in fields:
        reader.wrong(where, "missing", "the therapy is missing; write therapy: NAME")
        return None
    therapy = reader.therapy((*where, "therapy"), fields["therapy"])
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key == "therapy" or value is None:
            continue
        if shape.COURSE[key] == "relapse":
            _relapse(reader, (*where, key), value, values)
        else:
            values[key] = _value(reader, (*where, key), shape.COURSE[key], value)
    if therapy is None:
        return None
    _check_dates(reader, where, values)
    counts[therapy] = counts.get(therapy, 0) + 1
    values["trial_accepted"] = bool(values.get("trial_accepted"))
    return Course(therapy=therapy, number=counts[therapy], running=_running(values), **values)


def _running(values: dict[str, Any]) -> bool:
    """Whether nothing says that the course ended."""
    if any(values.get(key) is not None for key in ("stop", "weeks", "stop_reason")):
        return False
    # A harm without any date is a record of the past; with a start and no end it is still taken.
    return values.get("start") is not None or values.get("outcome") not in HARMS


def _value(reader: Reader, where: Path, kind: tuple[str, ...] | str, value: Any) -> Any:
    """One field of a course through the reader of its kind."""
    if isinstance(kind, tuple):
        return reader.take(where, code, value, kind)
    if kind == "date":
        return reader.take(where, day, value, reader.as_of)
    if kind == "doses":
        return _doses(reader, where, value)
    return reader.take(where, {"dose": dose, "count": count, "interval": interval, "boolean": boolean}[kind], value)


def _relapse(reader: Reader, where: Path, value: Any, values: dict[str, Any]) -> None:
    fields = reader.mapping(where, value, ("date", "after"))
    if fields.get("date") is not None:
        values["relapse_day"] = reader.take((*where, "date"), day, fields["date"], reader.as_of)
    if fields.get("after") is not None:
        values["relapse_after"] = reader.take((*where, "after"), code, fields["after"], RELAPSES)


def _doses(reader: Reader, where: Path, value: Any) -> tuple[Given, ...]:
    out = []
    for at, entry in reader.items(where, value):
        fields = reader.mapping(at, entry, ("date", "dose"))
        if fields.get("date") is None:
            reader.wrong(at, "missing", "the date is missing; write {date: YYYY-MM-DD, dose: ...}")
            continue
        when = reader.take((*at, "date"), day, fields["date"], reader.as_of)
        written = None
        if fields.get("dose") is not None:
            written = reader.take((*at, "dose"), _given_dose, fields["dose"])
        if when is not None:
            out.append(Given(when, written))
    return tuple(out)


def _given_dose(value: Any) -> Any:
    """A single dose needs no rhythm: '70 g' is what was given that day. It has none, then: `per_days` is 0."""
    try:
        return dose(value)
    except Wrong as wrong:
        single = parse_dose(f"{value} daily") if isinstance(value, str) else None
        if single is None or single.amount <= 0:
            raise wrong from None
        return single._replace(per_days=0, text=value.strip())


def _check_dates(reader: Reader, where: Path, values: dict[str, Any]) -> None:
    start, stop = values.get("start"), values.get("stop")
    if start is not None and stop is not None and stop.last < start.first:
        text = f"stop {stop} lies before start {start}; correct one of them"
        reader.wrong((*where, "stop"), "stop_before_start", text)
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
