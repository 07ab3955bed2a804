"""The keys of the sections of a case, each with the fact that it states."""

from typing import Any, NamedTuple

from dmcli.case import shape
from dmcli.case.model import Stated
from dmcli.case.spellings import word
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge
from dmcli.record import made
from dmcli.values.dates import Days

_YES, _NO = Stated(True), Stated(False)


class Entry(NamedTuple):
    """A fact as a section states it: `exact` are the codes that mean themselves as they are written; `low` and `high` the
    range of a number, None where it has not both."""

    fact: Fact
    exact: frozenset[str]
    low: float | None
    high: float | None

    def taken(self, value: Any, day: Days | None) -> Stated | None:
        """A value that is written as plainly as it can be; None for any other, which may be right as well."""
        kind, wanted = type(value), self.fact.type
        if wanted == "boolean":
            if kind is not bool:
                return None
            if day is None:
                return _YES if value else _NO
        elif wanted == "code":
            if kind is not str or value not in self.exact:
                return None
        elif kind not in (int, float) or self.low is None or self.high is None or not self.low <= value <= self.high:
            return None
        else:
            value = float(value)
        stated: Stated = made(Stated, {"value": value, "day": day})
        return stated


class Section(NamedTuple):
    """`keys` are all that the section may have, those that state no fact with None; of synonyms each with its fact."""

    keys: dict[str, Entry | None]


def section_of(name: str, knowledge: Knowledge) -> Section:
    """The keys of a section; of knowledge that is prepared for many cases they are kept."""
    prepared = knowledge.prepared
    if prepared is None:
        return _section(name, knowledge)
    if name not in prepared.sections:
        prepared.sections[name] = _section(name, knowledge)
    found: Section = prepared.sections[name]
    return found


def _section(name: str, knowledge: Knowledge) -> Section:
    if name == shape.PREFIXED:
        return Section({key: _entry(knowledge.facts[fact]) for key, fact in shape.prefixed_facts(knowledge).items()})
    extra = ("date",) if name in shape.DATED else ("declined",) if name == "access" else ()
    facts = [knowledge.facts[fact] for fact in shape.facts_of_section(name, knowledge)]
    entries = {fact.id: _entry(fact) for fact in facts}
    synonyms = {synonym: entries[fact.id] for fact in facts for synonym in fact.synonyms}
    none: dict[str, Entry | None] = dict.fromkeys(extra)
    return Section({**none, **entries, **synonyms, **none})


def _entry(fact: Fact) -> Entry:
    exact = frozenset(code for code in fact.codes if word(code) == code and code not in fact.words and not fact.several)
    return Entry(fact, exact, fact.min, fact.max)
