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
_DOSE = "is no dose; write amount, unit and rhythm, as '500 mg twice daily', '1 g/kg', '10 mg + 20 mg daily'"


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
            elif key in ("round", "max") and isinstance(value, str):
                beside[key] = _quantity(value)
            elif key in _SPELLINGS and isinstance(value, (str, list)):
                out.update(_SPELLINGS[key](value))
            else:
                out[key] = value
        except _Unread as unread:
            wrong.append(Misspelt((*where, key), str(unread)))
    if isinstance(out.get("dose"), dict):
        _complete(out, beside, where, wrong)
    whole = out.get("course_max")
    return {**out, "course_max": whole["dose"]} if isinstance(whole, dict) and "dose" in whole else out


def _complete(out: dict[str, Any], beside: dict[str, Quantity], where: Path, wrong: list[Misspelt]) -> None:
    """Rounding, maximum and form stand beside a dose and belong to it."""
    dose = out["dose"]
    mass = str(dose.get("unit", "")).partition("/")[0]
    if "form" in out:
        dose["form"] = out.pop("form")
    for key, quantity in beside.items():
        if quantity.unit != mass:
            wrong.append(Misspelt((*where, key), f"the dose is in {mass}; write this in {mass} too"))
            continue
        dose["round_to" if key == "round" else "max"] = quantity.amount
        if quantity.down:
            dose["rounding"] = "down"


def _dose(text: Any) -> dict[str, Any]:
    """A dose of a step."""
    found = parse_regimen_dose(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"'{text}' {_DOSE}")
    dose: dict[str, Any] = {"amounts": list(found.amounts), "unit": found.unit}
    return {"dose": dose if found.per_days is None else {**dose, "per_days": found.per_days}}


def _limit(text: Any) -> dict[str, Any]:
    """An amount within days, with the weeks it is to last where that is said."""
    lasting = _LASTING.fullmatch(text) if isinstance(text, str) else None
    found = parse_regimen_dose(lasting[1]) if lasting else None
    if lasting is None or found is None or found.per_days is None:
        raise _Unread(f"'{text}' is no dose within a time; write it as '20 mg weekly', '3 g daily', '15 mg weekly for 12 weeks'")
    limit = {"amount": round(sum(found.amounts), 6), "unit": found.unit, "per_days": found.per_days}
    return {**limit, "weeks": int(lasting[2])} if lasting[2] else limit


def _at_most(text: Any) -> dict[str, Any]:
    limit = _limit(text)
    return {"max": limit["amount"], "unit": limit["unit"], "per_days": limit["per_days"]}


def _days(text: Any) -> dict[str, Any]:
    found = _DAYS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"'{text}' are no days; write the first and the last, as '0 to 13', or 'day: 14' alone")
    return {"day": int(found[1]), "until_day": int(found[2])}


def _every(text: Any) -> dict[str, Any]:
    found = _EVERY.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise _Unread(f"'{text}' is no rhythm; write '4 weeks' or '10 days'")
    return {"every_days": int(found[1]) * (7 if found[2] == "week" else 1)}


def _hold(tests: Any) -> dict[str, Any]:
    if not isinstance(tests, list):
        raise _Unread("a hold names its tests in a list, as [cbc, renal, liver]")
    return {"hold_point": True, "tests": tests}


def _quantity(text: str) -> Quantity:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise _Unread(f"'{text}' is no quantity; write a number and its unit, as '5 g', or '25 mg down' for a rounding")
    amount = float(found[1])
    return Quantity(int(amount) if amount.is_integer() else amount, found[2], bool(found[3]))


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
