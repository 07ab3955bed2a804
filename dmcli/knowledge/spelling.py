"""Doses, days and rhythms as a person writes them in the regimens, turned into what the records hold.

`dose: 500 mg twice daily`, `days: 0 to 13`, `every: 4 weeks`, `hold: [cbc, renal]`, `at_most: 20 mg weekly`.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from dmcli.values.dosetext import parse_regimen_dose
from dmcli.yamlfile import Path

_DAYS = re.compile(r"([0-9]{1,5}) to ([0-9]{1,5})")
_EVERY = re.compile(r"([0-9]{1,4}) (day|week)s?")
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?) (mg|g|IU)( down)?")
_LASTING = re.compile(r"(.+?)(?: for ([0-9]{1,4}) weeks?)?")
_LONGEST = 40
_DOSE = "is no dose; write amount, unit and rhythm, as '500 mg twice daily', '1 g/kg', '10 mg + 20 mg daily'"

# The keys a field may be written in where it has none of its own.
_WRITTEN = {
    "day": ("days",),
    "until_day": ("days",),
    "every_days": ("every",),
    "tests": ("hold",),
    "max": ("at_most",),
    "amount": ("to", "dose"),
    "unit": ("at_most", "to", "dose"),
    "per_days": ("at_most", "to", "dose"),
}


class Misspelt(NamedTuple):
    """What cannot be read, where it stands and what to write instead."""

    where: Path
    text: str


class Quantity(NamedTuple):
    """An amount in its unit; `down` where a dose is rounded down to it."""

    amount: float
    unit: str
    down: bool


class _Unread(Exception):
    """What to write instead of a text that cannot be read."""


def read_spelling(data: Any) -> tuple[Any, list[Misspelt]]:
    """The data of the regimens with every spelling turned into the fields of its record; what cannot be read is told."""
    wrong: list[Misspelt] = []
    return _read(data, (), wrong), wrong


def read_change(data: Any) -> tuple[Any, list[Misspelt]]:
    """The same for the algorithm, where only overlaps state doses."""
    wrong: list[Misspelt] = []
    if not isinstance(data, dict) or not isinstance(data.get("overlaps"), list):
        return data, wrong
    read = [_entry(item, ("overlaps", number), wrong) for number, item in enumerate(data["overlaps"])]
    return {**data, "overlaps": read}, wrong


def _read(data: Any, where: Path, wrong: list[Misspelt]) -> Any:
    if isinstance(data, list):
        return [_read(item, (*where, number), wrong) for number, item in enumerate(data)]
    if isinstance(data, dict):
        return _entry({key: _read(value, (*where, key), wrong) for key, value in data.items()}, where, wrong)
    return data


def _entry(entry: Any, where: Path, wrong: list[Misspelt]) -> Any:
    if not isinstance(entry, dict):
        return entry
    out: dict[str, Any] = {}
    beside: dict[str, Quantity] = {}
    for key, value in entry.items():
        try:
            if key == "dose" and "no_response" in entry:
                out["dose"] = _limit(value)
            elif key in ("round", "max", "above"):
                beside[key] = _quantity(value)
            elif key in _SPELLINGS:
                out.update(_SPELLINGS[key](value))
            else:
                out[key] = value
        except _Unread as unread:
            wrong.append(Misspelt((*where, key), str(unread)))
    if isinstance(out.get("dose"), dict):
        _complete(out, beside, where, wrong)
    if isinstance(out.get("course_max"), dict) and isinstance(out["course_max"].get("dose"), dict):
        out["course_max"] = _whole(out["course_max"]["dose"])
    return out


def _whole(dose: dict[str, Any]) -> dict[str, Any]:
    """The dose of a course as the most of it."""
    return {"amount": sum(dose["amounts"]), **{key: value for key, value in dose.items() if key != "amounts"}}


def _complete(out: dict[str, Any], beside: dict[str, Quantity], where: Path, wrong: list[Misspelt]) -> None:
    """Rounding, maximum, form and what a course may be above it stand beside a dose and belong to it."""
    dose = out["dose"]
    mass = str(dose.get("unit", "")).partition("/")[0]
    if "form" in out:
        dose["form"] = out.pop("form")
    for key, quantity in beside.items():
        if quantity.unit != mass:
            wrong.append(Misspelt((*where, key), f"the dose is in {mass}; write this in {mass} too"))
            continue
        dose["round_to" if key == "round" else key] = quantity.amount
        if quantity.down:
            dose["rounding"] = "down"


def _dose(text: Any) -> dict[str, Any]:
    """A dose of a step."""
    found = parse_regimen_dose(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"{_shown(text)} {_DOSE}")
    dose: dict[str, Any] = {"amounts": list(found.amounts), "unit": found.unit}
    return {"dose": dose if found.per_days is None else {**dose, "per_days": found.per_days}}


def _limit(text: Any) -> dict[str, Any]:
    """An amount within days, with the weeks it is to last where that is said."""
    lasting = _LASTING.fullmatch(text) if isinstance(text, str) else None
    found = parse_regimen_dose(lasting[1]) if lasting else None
    if lasting is None or found is None or found.per_days is None:
        raise _Unread(
            f"{_shown(text)} is no dose within a time; write it as '20 mg weekly', '3 g daily', '15 mg weekly for 12 weeks'"
        )
    limit = {"amount": round(sum(found.amounts), 6), "unit": found.unit, "per_days": found.per_days}
    return {**limit, "weeks": int(lasting[2])} if lasting[2] else limit


def _at_most(text: Any) -> dict[str, Any]:
    limit = _limit(text)
    return {"max": limit["amount"], "unit": limit["unit"], "per_days": limit["per_days"]}


def _days(text: Any) -> dict[str, Any]:
    found = _DAYS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"{_shown(text)} is no span of days; write the first and the last, as '0 to 13', or 'day: 14' alone")
    return {"day": int(found[1]), "until_day": int(found[2])}


def _every(text: Any) -> dict[str, Any]:
    found = _EVERY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"{_shown(text)} is no rhythm; write '4 weeks' or '10 days'")
    return {"every_days": int(found[1]) * (7 if found[2] == "week" else 1)}


def _hold(tests: Any) -> dict[str, Any]:
    if not isinstance(tests, list):
        raise _Unread("a hold names its tests in a list, as [cbc, renal, liver]")
    return {"hold_point": True, "tests": tests}


def _quantity(text: Any) -> Quantity:
    found = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"{_shown(text)} is no quantity; write a number and its unit, as '5 g', or '25 mg down' for a rounding")
    amount = float(found[1])
    return Quantity(int(amount) if amount.is_integer() else amount, found[2], bool(found[3]))


def written(where: Path, data: Any) -> Path:
    """The path of a field as its file writes it: `until_day` stands in `days`, the amounts of a dose in its text."""
    path: list[str | int] = []
    for part in where:
        if isinstance(data, str):
            beside = {"round_to": "round", "max": "max", "above": "above", "form": "form"}.get(str(part))
            return tuple(path) if beside is None else (*path[:-1], beside)
        if isinstance(data, dict) and part not in data:
            part = next((key for key in _WRITTEN.get(str(part), ()) if key in data), part)
        path.append(part)
        inside = (isinstance(data, dict) and part in data) or isinstance(data, list)
        data = data[part] if inside else None
    return tuple(path)


def _shown(value: Any) -> str:
    """What stands there, cut to what helps to find it; of a list or mapping only that it is one."""
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a mapping"
    if value is None:
        return "nothing"
    text = "".join(character if character.isprintable() else "?" for character in str(value))
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}...'"


_SPELLINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "dose": _dose,
    "step_up": lambda text: {"step_up": _limit(text)},
    "max_dose": lambda text: {"max_dose": _limit(text)},
    "to": _limit,
    "at_most": _at_most,
    "days": _days,
    "every": _every,
    "hold": _hold,
}
