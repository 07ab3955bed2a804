"""Codes of the closed lists: what is named is there, a word means one thing, and the program finds what it looks at."""

import re
from collections.abc import Iterator

from dmcli.errors import nearest
from dmcli.knowledge.algorithm import Notice
from dmcli.knowledge.codes import NEEDED, OUTCOMES, OWN_WARNINGS, Code, Codes
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.names_of_lines import Found
from dmcli.knowledge.therapies import Advice
from dmcli.record import fields_of

# A code as a case, a condition and `dmcli help` write it; a synonym is compared in the same form.
_WORD = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


def notice_faults(notice: Notice, knowledge: Knowledge) -> Found:
    """The code of a notice."""
    return _unlisted("code", notice.code, "warnings", (*knowledge.codes.warnings, *OWN_WARNINGS))


def advice_faults(advice: Advice, knowledge: Knowledge) -> Found:
    """The subject of an advice."""
    return _unlisted("about", advice.about, "subjects", tuple(knowledge.codes.subjects))


def code_faults(codes: Codes, _knowledge: Knowledge) -> Found:
    """The lists themselves."""
    found: Found = []
    for name in fields_of(codes):
        listed: dict[str, Code] = getattr(codes, name)
        lacking = [code for code in NEEDED.get(name, ()) if code not in listed]
        found += [(name, "missing", f"'{code}' is missing, which the program itself looks at; add it") for code in lacking]
        found += [(f"{name}.{field}", code, text) for field, code, text in _spellings(listed)]
    for code in codes.outcomes:
        if code not in OUTCOMES:
            text = f"the program knows no outcome '{code}'{nearest(code, OUTCOMES)}; make it a synonym of one that it knows"
            found.append((f"outcomes.{code}", "unknown_value", text))
    for code in codes.warnings:
        if code in OWN_WARNINGS:
            found.append((f"warnings.{code}", "name", f"'{code}' is a warning of the program itself; take another word"))
    return found


def _spellings(listed: dict[str, Code]) -> Iterator[tuple[str, str, str]]:
    """Words that no case could write, and words that would mean two codes."""
    meant = dict.fromkeys(listed, "")
    for code in listed.values():
        if not _WORD.fullmatch(code.id):
            yield code.id, "name", f"'{code.id}' is no code; write small letters and digits, with _ between words"
        for word in code.synonyms:
            if not _WORD.fullmatch(word):
                yield f"{code.id}.synonyms", "name", f"'{word}' is no word of a case; write small letters, with _ between words"
            elif word in meant:
                other = f"a word for '{meant[word]}'" if meant[word] else "a code itself"
                yield f"{code.id}.synonyms", "spelling", f"'{word}' is {other} already; keep one of the two"
            meant.setdefault(word, code.id)


def _unlisted(field: str, code: str, name: str, known: tuple[str, ...]) -> Found:
    if code in known:
        return []
    text = f"'{code}' is none of the {name} in codes.yaml{nearest(code, known)}; add it there, or use one of {', '.join(known)}"
    return [(field, "unknown_value", text)]
