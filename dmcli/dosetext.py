"""A dose as people write it ("20 mg weekly", "1 g twice daily", "2 g/kg every 4 weeks") to amount and rhythm."""

import re
from typing import NamedTuple

UNDERSTOOD = "'20 mg weekly', '1 g twice daily', '400 mg daily', '2 g/kg every 4 weeks', '11 mg XR daily', '20mg/wk'"
_MILLIGRAMS = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001}
_AMOUNT = re.compile(r"([0-9]+(?:[.,][0-9]+)?)\s*(mg|g|mcg|ug)(/(?:kg|m2|m²))?\b")
_TIMES = {"once": 1, "twice": 2, "two times": 2, "three times": 3, "thrice": 3, "four times": 4}
_EVERY = re.compile(r"(?:every|each|q)\s*([0-9]+)?\s*(days?|d|weeks?|wk|w|months?)\b")
_SHORT = {"bid": 2, "bd": 2, "b.i.d.": 2, "tid": 3, "tds": 3, "od": 1, "qd": 1, "qid": 4}
_PER = {"daily": 1, "a day": 1, "per day": 1, "day": 1, "d": 1, "weekly": 7, "a week": 7, "per week": 7, "week": 7, "wk": 7, "w": 7}  # fmt: skip


class WrittenDose(NamedTuple):
    """`amount` in mg (or mg per kg or m2) each time, `times` within `per_days` days."""

    amount: float
    per: str | None
    times: int
    per_days: int
    text: str

    def total(self, per_days: int) -> float:
        """Milligrams (per kg or m2) in so many days."""
        return self.amount * self.times * per_days / self.per_days


def parse_dose(text: str) -> WrittenDose | None:
    """The dose a text states, or None if amount, unit or rhythm is missing or unclear."""
    words = " ".join(text.lower().split())
    amounts = list(_AMOUNT.finditer(words))
    if len(amounts) != 1:
        return None
    found = amounts[0]
    rest = (words[: found.start()] + " " + words[found.end() :]).strip()
    rhythm = _rhythm(rest)
    if rhythm is None:
        return None
    per = found[3][1:].replace("²", "2") if found[3] else None
    times, days = rhythm
    return WrittenDose(float(found[1].replace(",", ".")) * _MILLIGRAMS[found[2]], per, times, days, text.strip())


def _rhythm(rest: str) -> tuple[int, int] | None:
    times = 1
    for word, count in {**_TIMES, **_SHORT}.items():
        if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", rest):
            times = count
            if word in _SHORT:
                return times, 1
    if match := _EVERY.search(rest):
        number, unit = int(match[1] or 1), match[2][0]
        days = number * {"d": 1, "w": 7, "m": 28}[unit]
        return (times, days) if days else None
    for word, days in _PER.items():
        if re.search(rf"(?:^|[\s/]){re.escape(word)}(?:$|[\s,;.)])", rest):
            return times, days
    return None
