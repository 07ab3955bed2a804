"""Command-line flags as the same document a case file is, laid over it; the one validator then reads both."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dmcli.case.spellings import parts, word
from dmcli.errors import Problem, UsageProblem
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.codes import CLOSING
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import plain
from dmcli.yamlfile import Document, Path

_BETWEEN_FACTS = re.compile(r",(?=[^,=]+=)")
# Flags that state one value: flag, then where it goes in the document.
SINGLE: dict[str, Path] = {
    "age": ("patient", "age"),
    "sex": ("patient", "sex"),
    "weight": ("patient", "weight_kg"),
    "height": ("patient", "height_cm"),
}


def overlay(document: Document | None, values: dict[str, Any], knowledge: Knowledge) -> Document:
    """A document with the flags laid over it; flags win, wherever the file states the same fact.

    `values` holds the SINGLE flags and `fact`, `failed`, `current`, `courses`, `declined`, `drug` (lists),
    `no_iv_access`. Every statement of a flag becomes what a file would say, and is read as that. Raises UsageProblem for a
    flag that cannot be read.
    """
    facts = knowledge.facts
    data = dict(document.data) if document and isinstance(document.data, dict) else {}
    base = document or Document("flags", data, {}, [])
    if document is not None and not isinstance(document.data, dict):
        return document
    merged = base._replace(data=data, flags={}, problems=list(base.problems))
    for flag, where in SINGLE.items():
        if values.get(flag) is not None:
            _put(merged, where, _typed(values[flag]), f"--{flag}", facts)
    if values.get("no_iv_access"):
        _put(merged, ("access", "iv_infusion"), False, "--no-iv-access", facts)
    for text in _each(values.get("fact"), _BETWEEN_FACTS.split):
        name, value = _named(text, "--fact", "egfr=88")
        _put(merged, ("facts", name), _typed(value), "--fact", facts)
    _lists(merged, values, knowledge.code_lists["outcomes"].words)
    for text in _each(values.get("courses"), _BETWEEN_FACTS.split):
        _count(merged, *_named(text, "--courses", "THERAPY=7"), knowledge.therapy_names)
    return merged


def _each(texts: list[str] | None, split: Callable[[str], list[str]]) -> Iterator[str]:
    """Every entry of a flag that may be repeated, and may hold several at once."""
    for text in texts or ():
        yield from split(text)


def _named(text: str, flag: str, example: str) -> tuple[str, str]:
    """`NAME=VALUE` as its two sides."""
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise _usage(flag, f"'{_short(text)}' is not NAME=VALUE, as {flag} {example}")
    return name.strip(), value.strip()


def _count(merged: Document, name: str, number: str, therapies: Mapping[str, str]) -> None:
    """The courses of the last treatment with a therapy."""
    treatments = merged.data.get("treatments")
    entries = treatments if isinstance(treatments, list) else []
    meant = therapies.get(plain(name), plain(name))
    for place in reversed(range(len(entries))):
        stated = entries[place].get("therapy") if isinstance(entries[place], dict) else None
        if isinstance(stated, str) and therapies.get(plain(stated), plain(stated)) == meant:
            changed = {**entries[place], "courses": _typed(number)}
            merged.data["treatments"] = [*entries[:place], changed, *entries[place + 1 :]]
            merged.flags[("treatments", place, "courses")] = "--courses"
            return
    text = f"no treatment with '{_short(name)}' is stated; add --failed {_short(name)} or --current {_short(name)}"
    raise _usage("--courses", text)


def _lists(merged: Document, values: dict[str, Any], outcomes: Mapping[str, str]) -> None:
    """What flags add to the lists of the document."""
    for flag in ("failed", "current"):
        for text in _each(values.get(flag), parts):
            _append(merged, ("treatments",), _course(text, flag, outcomes), f"--{flag}")
    for text in _each(values.get("declined"), parts):
        _append(merged, ("access", "declined"), text, "--declined")
    for text in _each(values.get("drug"), parts):
        if text.lower() == "none":
            merged.data["other_drugs"] = []
        else:
            _append(merged, ("other_drugs",), {"name": text}, "--drug")


def _course(text: str, flag: str, outcomes: Mapping[str, str]) -> dict[str, Any]:
    """`THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]` as the entry of `treatments` that says the same; `outcomes` are words for one."""
    therapy, *rest = [part.strip() for part in text.split(":", 3)]
    outcome, weeks, dose = (*rest, "", "", "")[:3]
    course: dict[str, Any] = {"therapy": therapy}
    if outcome or flag == "failed":
        course["outcome"] = outcome or "inadequate"
    stated = {"weeks": _typed(weeks), "dose": dose}
    course |= {key: value for key, value in stated.items() if value not in (None, "")}
    if flag == "current":
        return {**course, "running": True}
    # Whoever says that it failed looks back, whatever response there was.
    said = word(course["outcome"])
    closing = outcomes.get(said, said) in CLOSING
    return course if closing else {**course, "running": False}


def _typed(text: Any) -> Any:
    from dmcli.yamlfile import scalar

    return scalar(text, plain=True) if isinstance(text, str) else text


def _put(document: Document, where: Path, value: Any, flag: str, facts: Mapping[str, Fact]) -> None:
    """State a fact in its section, and nowhere else."""
    section, named = str(where[0]), str(where[1])
    wanted = plain(named)
    meant = next((f for f in facts.values() if wanted in {plain(name) for name in (f.id, *f.synonyms)}), None)
    spelt = {plain(name) for name in ((meant.id, *meant.synonyms) if meant else (named,))}
    for other in ("patient", "disease", "access", "facts"):
        stated = document.data.get(other)
        if isinstance(stated, dict):
            document.data[other] = {k: v for k, v in stated.items() if plain(str(k)) not in spelt}
    stated = document.data.get(section)
    if stated is not None and not isinstance(stated, dict):
        return  # the reader refuses the section as the file has it
    document.data[section] = {**(stated or {}), named: value}
    document.flags[where] = flag


def _append(document: Document, where: Path, value: Any, flag: str) -> None:
    parent = document.data
    for part in where[:-1]:
        inner = parent.get(part)
        if inner is not None and not isinstance(inner, dict):
            return  # the reader refuses it as the file has it
        parent[part] = dict(inner or {})
        parent = parent[part]
    entries = parent.get(where[-1])
    if entries is not None and not isinstance(entries, list):
        return
    entries = entries or []
    document.flags[(*where, len(entries))] = flag
    parent[where[-1]] = [*entries, value]


def _short(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)[:40]


def _usage(flag: str, text: str) -> UsageProblem:
    return UsageProblem([Problem(flag, 0, 0, "", "usage", text)])
