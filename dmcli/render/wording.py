"""How recurring things are worded: days, sources, codes, facts. The words themselves are in the knowledge."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import KEEP, Item, Line, Words, line
from dmcli.result.reasons import Reason
from dmcli.values.units import readable

_SPAN_FROM = 3
_LINE_OF_ITS_OWN = "red_flags_not_stated"
_ISO = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def word(knowledge: Knowledge, kind: str, code: str) -> str:
    """The word for a code of a closed list, as `verdict_too_early`."""
    return knowledge.texts[f"{kind}_{code}"]


def among_cautions(knowledge: Knowledge, warning: str) -> bool:
    """Whether a page tells a warning, by its code, beside the cautions: not where it has a line of its own or is none to act
    on."""
    told = knowledge.codes.warnings.get(warning)
    return warning != _LINE_OF_ITS_OWN and (told is None or not (told.aside or told.today))


def for_today(knowledge: Knowledge, warning: str) -> bool:
    """Whether a page tells a warning, by its code, among what is urgent."""
    told = knowledge.codes.warnings.get(warning)
    return told is not None and told.today


def capital(text: str) -> str:
    """The text with a capital letter at its beginning, for names that start a line."""
    # A word that is written in its own way, such as eGFR, stays so.
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def day(knowledge: Knowledge, iso: str) -> str:
    """An ISO date with its weekday; a coarse one with that of its first and last day."""
    first, coarse, last = iso.partition("..")
    if coarse:
        return knowledge.say("day_between", first=day(knowledge, first), last=day(knowledge, last))
    names = knowledge.texts["weekdays"].split()
    return f"{names[date.fromisoformat(iso).weekday()]}{KEEP}{iso}"


def with_weekdays(knowledge: Knowledge, text: str) -> str:
    """A sentence of the plan with a weekday before each of its dates."""
    return _ISO.sub(lambda found: day(knowledge, found[0]), text)


def days(knowledge: Knowledge, isos: Iterable[str]) -> str:
    """Several days in order; days in a row become a span."""
    runs: list[list[str]] = []
    for iso in isos:
        coarse = ".." in iso or (runs and ".." in runs[-1][-1])
        if runs and not coarse and (date.fromisoformat(iso) - date.fromisoformat(runs[-1][-1])).days == 1:
            runs[-1].append(iso)
        else:
            runs.append([iso])
    shown: list[str] = []
    for run in runs:
        if len(run) < _SPAN_FROM:
            shown += [day(knowledge, iso) for iso in run]
        else:
            shown.append(knowledge.say("day_span", first=day(knowledge, run[0]), last=day(knowledge, run[-1])))
    return ", ".join(shown)


def cite(knowledge: Knowledge, sources: tuple[str, ...], level: str | None = None, rule: str | None = None) -> Line:
    """The sources of a statement and how well it is known, in brackets; nothing where there is neither."""
    parts = [", ".join(sources)] if sources else []
    parts += [word(knowledge, "level", level)] if level else []
    return line(Words(f" [{'; '.join(parts)}]", "cite", sources, rule)) if parts else ()


def note(knowledge: Knowledge, text: str | None) -> Words:
    """What a reviewer of a statement should know, behind its sources; nothing where it has no note."""
    return Words(f" {knowledge.texts['word_note']}: {text}" if text else "", "quiet")


def reasoned(knowledge: Knowledge, reason: Reason) -> Line:
    """A sentence with where it is written, after the name of the therapy it is about."""
    text = f"{knowledge.name(reason.about)}: {reason.text}" if reason.about is not None else reason.text
    return line(text, cite(knowledge, reason.sources, reason.level, reason.rule))


def reasons(knowledge: Knowledge, found: Iterable[Reason]) -> tuple[Item, ...]:
    """Reasons as items, each once."""
    return tuple(Item(reasoned(knowledge, r)) for r in dict.fromkeys(found))


def value(knowledge: Knowledge, found: Any) -> str:
    """A fact's value as it is read; None is not known."""
    if found is None:
        return knowledge.texts["unknown"]
    if isinstance(found, bool):
        return knowledge.texts["yes" if found else "no"]
    if isinstance(found, float):
        return f"{found:g}"
    return str(found)


def unit(knowledge: Knowledge, ucum: str | None) -> str:
    """A UCUM unit as it is read, `a` as years; it is not torn apart at the end of a line."""
    return knowledge.texts.get(f"unit_{ucum}", readable(ucum).replace(" ", KEEP))


def facts(knowledge: Knowledge, found: dict[str, Any]) -> str:
    """Facts with their values, as `name: no, other: 88`."""
    return ", ".join(f"{name}:{KEEP}{value(knowledge, v)}" for name, v in found.items())
