"""Command-line flags as the same document a case file is, laid over it; the one validator then reads both."""

import re
from collections.abc import Mapping
from typing import Any

from dmcli.errors import Problem, UsageProblem
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.codes import HARMS
from dmcli.yamlfile import Document, Path

_WEEKS = re.compile(r"([0-9]{1,4})w")
# Flags that state one value: flag, then where it goes in the document.
SINGLE: dict[str, Path] = {
    "age": ("patient", "age"),
    "sex": ("patient", "sex"),
    "weight": ("patient", "weight_kg"),
    "height": ("patient", "height_cm"),
}


def overlay(document: Document | None, values: dict[str, Any], facts: Mapping[str, Fact]) -> Document:
    """A document with the flags laid over it; flags win, wherever the file states the same fact.

    Raises UsageProblem for a flag that cannot be read.

    `values` holds the SINGLE flags and `fact`, `failed`, `current`, `declined`, `drug` (lists), `no_iv_access`.
    """
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
    for text in values.get("fact") or ():
        name, value = _named(text)
        _put(merged, ("facts", name), _typed(value), "--fact", facts)
    _lists(merged, values)
    return merged


def _named(text: str) -> tuple[str, str]:
    """`NAME=VALUE` as its two sides."""
    name, found, value = text.partition("=")
    if not found or not name.strip():
        raise _usage("--fact", f"'{_short(text)}' is not NAME=VALUE, as --fact egfr=88")
    return name.strip(), value.strip()


def _lists(merged: Document, values: dict[str, Any]) -> None:
    """What flags add to the lists of the document."""
    for flag in ("failed", "current"):
        for text in values.get(flag) or ():
            _append(merged, ("treatments",), _course(text, flag), f"--{flag}")
    for text in values.get("declined") or ():
        _append(merged, ("access", "declined"), text, "--declined")
    for text in values.get("drug") or ():
        if text.strip().lower() == "none":
            merged.data["other_drugs"] = []
        else:
            _append(merged, ("other_drugs",), {"name": text}, "--drug")


def _course(text: str, flag: str) -> dict[str, Any]:
    """`THERAPY[:OUTCOME[:WEEKSw[:DOSE]]]` as an entry of `treatments`."""
    therapy, *rest = [part.strip() for part in text.split(":", 3)]
    outcome, weeks, dose = (*rest, "", "", "")[:3]
    course: dict[str, Any] = {"therapy": therapy}
    if outcome or flag == "failed":
        course["outcome"] = outcome or "inadequate"
    if weeks:
        match = _WEEKS.fullmatch(weeks)
        if not match:
            raise _usage(
                f"--{flag}", f"'{_short(weeks)}' is no duration in weeks; write 26w, as in THERAPY:inadequate:26w:20mg/wk"
            )
        if flag == "current":
            course["start"] = f"-{match[1]}w"
        else:
            course["weeks"] = int(match[1])
    if dose:
        course["dose"] = dose
    if flag == "failed" and not weeks and course["outcome"] not in HARMS:
        course["stop_reason"] = "failure"
    return course


def _typed(text: Any) -> Any:
    from dmcli.yamlfile import scalar

    return scalar(text, plain=True) if isinstance(text, str) else text


def _put(document: Document, where: Path, value: Any, flag: str, facts: Mapping[str, Fact]) -> None:
    """State a fact in its section, and nowhere else."""
    section, named = str(where[0]), str(where[1])
    meant = next((f for f in facts.values() if named == f.id or named in f.synonyms), None)
    spelt = {named, meant.id, *meant.synonyms} if meant else {named}
    for other in ("patient", "disease", "access", "facts"):
        stated = document.data.get(other)
        if isinstance(stated, dict):
            document.data[other] = {k: v for k, v in stated.items() if k not in spelt}
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
