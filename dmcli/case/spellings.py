"""How people write what a case means: durations, rhythms and codes, each to the one value it stands for."""

import re

NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12,
}  # fmt: skip
_NUMBER = rf"(?P<number>[0-9]{{1,4}}|{'|'.join(NUMBERS)})"
# Compiled where a case first writes such a thing.
_DURATION = rf"{_NUMBER}\s*-?\s*(?P<unit>d|days?|w|wks?|weeks?|mo|mos|mths?|months?|y|yrs?|years?)"
_RHYTHM = rf"(?:every|q)\s*(?:{_NUMBER}\s*)?(?P<unit>w|wk|wks|weeks?|mo|mos|months?)"
_NAMED_RHYTHMS = {"weekly": 1, "fortnightly": 2, "monthly": 4, "every other week": 2, "every second week": 2}
_DAYS_A_WEEK, _WEEKS_A_YEAR = 7, 52


def word(text: str) -> str:
    """A word as codes are compared: lower case, one kind of separator."""
    return "_".join(text.lower().replace("-", " ").replace("_", " ").split())


def duration(text: str) -> int | None:
    """Completed weeks of '26w', '3mo', '3 months', '90 days' or '1 year'; None where it is no duration.

    Three months are 13 weeks, and so on in proportion, rounded down.
    """
    found = re.fullmatch(_DURATION, " ".join(text.lower().split()))
    if found is None:
        return None
    number, unit = _number(found["number"]), found["unit"]
    if unit.startswith("d"):
        return number // _DAYS_A_WEEK
    if unit.startswith("m"):
        return number * 13 // 3
    return number * (_WEEKS_A_YEAR if unit.startswith("y") else 1)


def rhythm(text: str) -> int | None:
    """Weeks from course to course of 'every four weeks', 'monthly' (4) or '5 weeks'; None where it is no rhythm."""
    plain = " ".join(text.lower().replace("-", " ").split())
    if plain in _NAMED_RHYTHMS:
        return _NAMED_RHYTHMS[plain]
    found = re.fullmatch(_RHYTHM, plain)
    if found is None:
        return duration(plain)
    number = _number(found["number"] or "1")
    return number * (4 if found["unit"].startswith("m") else 1)


def _number(text: str) -> int:
    return NUMBERS[text] if text in NUMBERS else int(text)


def parts(text: str) -> list[str]:
    """The entries of a list that was written in one text with commas; a comma within a dose is none between entries."""
    return [
        part.strip()
        for part in re.split(r",(?!\s*(?:[0-9]|oral|orally|sc|iv|im|po|subcutaneous|intravenous)\b)", text)
        if part.strip()
    ]
