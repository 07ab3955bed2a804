"""A dose as people write it ("20 mg weekly", "1 g twice daily", "2 g/kg every 4 weeks") to amount and rhythm.

The whole text must be understood: a word that is not known may change the dose, so it makes it unclear.
"""

import re
from typing import NamedTuple

UNDERSTOOD = "'20 mg weekly', '1 g twice daily', '400 mg daily', '2 g/kg every 4 weeks', '11 mg XR daily', '20mg/wk'"
_MILLIGRAMS = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001}
# Words of form and route that leave the amount as it is.
_FORMS = "xr|er|ir|mr|sr|cr|extended[- ]release|immediate[- ]release|oral|orally|po|by mouth|iv|sc|im"
_FORMS += "|intravenous(?:ly)?|subcutaneous(?:ly)?|tablets?|capsules?"
_COUNTS = {"once": 1, "twice": 2, "thrice": 3, "one": 1, "two": 2, "three": 3, "four": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_COUNT = r"(?:(?P<count>once|twice|thrice)|(?P<times>one|two|three|four|[1-4])\s*(?:x|times))"
_UNIT_OF_TIME = (
    r"(?P<period>daily|weekly|fortnightly|monthly|(?:a|per|/|each|every)\s*(?:day|week|wk|d|w)\b|(?:day|week|wk|d|w)\b)"
)
_COUNTS_OF_WORD = {
    "other": 2, "second": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12,
}  # fmt: skip
_EVERY = (
    rf"(?:every|each|q)\s*(?P<number>[0-9]{{1,3}}|{'|'.join(_COUNTS_OF_WORD)})?\s*"
    r"(?P<span>days?|d|weeks?|wk|w|months?)"
)
_LATIN = {"od": 1, "qd": 1, "bid": 2, "b.i.d.": 2, "bd": 2, "tid": 3, "tds": 3, "qid": 4}
# Compiled at the first dose that a case states: a start without one need not wait for it.
_DOSE = (
    rf"(?:(?P<multiple>[1-4])\s*x\s*)?"
    rf"(?P<amount>[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?|[0-9]{{1,6}},[0-9]{{1,2}})\s*(?P<unit>mg|g|mcg|ug)(?:/(?P<per>kg|m2|m²))?"
    rf"(?:\s+(?:{_FORMS})\b)*(?:\s+over\s+[0-9]+(?:\s+consecutive)?\s+days)?"
    rf"\s*(?:/\s*(?P<slash>day|d|week|wk|w)|(?P<latin>{'|'.join(map(re.escape, _LATIN))})"
    rf"|{_EVERY}|{_COUNT}?\s*{_UNIT_OF_TIME})(?:,?\s+(?:{_FORMS}))*\.?"
)
_TWO = r"(?P<first>[0-9]{1,6}(?:\.[0-9]{1,4})?)\s*mg \+ (?P<second>[0-9]{1,6}(?:\.[0-9]{1,4})?)\s*mg\b"
_NAMED_PERIODS = {"fortnightly": 14, "monthly": 28}
_DAYS = {"d": 1, "w": 7, "m": 28}


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
    """The dose a text states, or None if amount, unit or rhythm is missing or any of it is unclear.

    Of two doses of one day ("10 mg + 20 mg daily") the sum is one dose.
    """
    plain = " ".join(text.lower().split())
    if two := re.match(_TWO, plain):
        plain = f"{float(two['first']) + float(two['second']):g} mg{plain[two.end() :]}"
    found = re.fullmatch(_DOSE, plain)
    if found is None:
        return None
    times, days = _rhythm(found)
    times *= int(found["multiple"] or 1)
    if not days:
        return None
    per = found["per"].replace("²", "2") if found["per"] else None
    amount = float(found["amount"].replace(",", ".")) * _MILLIGRAMS[found["unit"]]
    return WrittenDose(amount, per, times, days, text.strip())


def _rhythm(found: re.Match[str]) -> tuple[int, int]:
    """How often, in how many days; 0 days where that makes no sense. A month is four weeks."""
    if found["latin"]:
        return _LATIN[found["latin"]], 1
    if found["slash"]:
        return 1, _DAYS[found["slash"][0]]
    if found["span"]:
        number = found["number"] or "1"
        count = _COUNTS_OF_WORD.get(number) or int(number)
        return 1, count * _DAYS[found["span"][0]]
    times = _COUNTS[found["count"] or found["times"] or "once"]
    return times, _days_of(found["period"])


def _days_of(period: str) -> int:
    if period in _NAMED_PERIODS:
        return _NAMED_PERIODS[period]
    return 7 if "w" in period else 1


class RegimenDose(NamedTuple):
    """The dose of a regimen as it is written: each administration in its own unit (UCUM), within `per_days` days; None
    where it is given once."""

    amounts: tuple[float, ...]
    unit: str
    per_days: int | None


_PART = r"(?P<amount>[0-9]+(?:\.[0-9]+)?) (?P<unit>mg|g|IU|applications?)(?P<per>/(?:kg|m2))?(?= |$)"
_UCUM = {"IU": "[IU]", "application": "{application}", "applications": "{application}"}


def parse_regimen_dose(text: str) -> RegimenDose | None:
    """The dose a regimen states, as '500 mg twice daily', '10 mg + 20 mg daily', '375 mg/m2'; None where it is unclear."""
    amounts: list[float] = []
    units: set[str] = set()
    rest = text
    while found := re.match(_PART, rest):
        amounts.append(float(found["amount"]))
        units.add(_UCUM.get(found["unit"], found["unit"]) + (found["per"] or ""))
        rest = rest[found.end() :]
        if not rest.startswith(" + "):
            break
        rest = rest.removeprefix(" + ")
    if not amounts or len(units) != 1 or (rest and not rest.startswith(" ")):
        return None
    unit = units.pop()
    if not rest:
        return RegimenDose(tuple(amounts), unit, None) if len(amounts) == 1 else None
    # Any amount does to read the rhythm that follows it.
    rhythm = parse_dose(f"1 mg{rest}")
    if rhythm is None or (rhythm.times > 1 and len(amounts) > 1):
        return None
    return RegimenDose(tuple(amounts * rhythm.times), unit, rhythm.per_days)


_PERCENT = r"([0-9]{1,2}) %"


def is_share(by: str) -> bool:
    """Whether a dose is lowered by a share of it, whatever its unit."""
    found = re.fullmatch(_PERCENT, by)
    return found is not None and int(found[1]) > 0


def lowered(written: WrittenDose, by: str) -> float | None:
    """Milligrams (per kg or m2) of each administration after a dose is lowered by '5 mg weekly' or '25 %'; None where
    nothing would be left, or `by` is neither or has another unit."""
    if percent := re.fullmatch(_PERCENT, by):
        return written.amount * (100 - int(percent[1])) / 100
    step = parse_dose(by)
    if step is None or step.per != written.per:
        return None
    left = written.total(written.per_days) - step.total(written.per_days)
    return left / written.times if left > 0 else None
