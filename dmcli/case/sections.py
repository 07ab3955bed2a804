"""The keys of the sections of a case, each with the fact that it states."""

from collections.abc import Callable
from typing import Any

from dmcli.case import shape
from dmcli.case.model import Stated
from dmcli.case.spellings import word
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge
from dmcli.record import made
from dmcli.values.dates import Days

# The classes of what an entry has among its words.
WORDS, _NUMBERS = frozenset((bool, str)), frozenset((int, float))
_YES_AND_NO = {True: Stated(True), False: Stated(False)}
_NO_WORDS: dict[Any, Stated] = {}


class Entry:
    """A fact as a section states it: `words` is what states it as plainly as it can be, yes and no or the codes that mean
    themselves as they are written, each with what it states of today; `low` and `high` the range of a number, an empty one
    where it has not both. Without these nothing is plain."""

    __slots__ = ("fact", "high", "low", "name", "words")

    def __init__(
        self, fact: Fact, words: dict[Any, Stated] = _NO_WORDS, low: float | None = None, high: float | None = None
    ) -> None:
        bound = low is not None and high is not None
        self.fact, self.name, self.words = fact, fact.id, words
        self.low, self.high = low if bound else 1.0, high if bound else 0.0

    def taken(self, value: Any, day: Days | None) -> Stated | None:
        """A value that is written as plainly as it can be; None for any other, which may be right as well."""
        kind = type(value)
        if kind in WORDS:
            known = self.words.get(value)
            if known is None or day is None:
                return known
        elif kind not in _NUMBERS or not self.low <= value <= self.high:
            return None
        else:
            value = float(value)
        stated: Stated = made(Stated, {"value": value, "day": day})
        return stated


def keys_of(section: str, knowledge: Knowledge) -> dict[str, Entry | None]:
    """The keys of a section, synonyms as well, each with the fact that it states, None where it states none; of knowledge
    that is prepared for many cases they are kept, with what is plain for each."""
    prepared = knowledge.prepared
    if prepared is None:
        return _keys(section, knowledge, Entry)
    keys = prepared.sections.get(section)
    if keys is None:
        keys = prepared.sections[section] = _keys(section, knowledge, _plain)
    return keys


def _keys(section: str, knowledge: Knowledge, entry: Callable[[Fact], Entry]) -> dict[str, Entry | None]:
    facts = knowledge.facts
    if section == shape.PREFIXED:
        return {key: entry(facts[fact]) for key, fact in shape.prefixed_facts(knowledge).items()}
    extra = ("date",) if section in shape.DATED else ("declined",) if section == "access" else ()
    none: dict[str, Entry | None] = dict.fromkeys(extra)
    stated = {name: entry(facts[name]) for name in shape.facts_of_section(section, knowledge)}
    synonyms = {synonym: one for one in stated.values() for synonym in one.fact.synonyms}
    return {**none, **stated, **synonyms, **none}


def _plain(fact: Fact) -> Entry:
    if fact.type == "boolean":
        return Entry(fact, _YES_AND_NO)
    if fact.type == "code":
        exact = (code for code in fact.codes if word(code) == code and code not in fact.words and not fact.several)
        return Entry(fact, {code: Stated(code) for code in exact})
    return Entry(fact, low=fact.min, high=fact.max)
