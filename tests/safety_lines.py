"""The lines of `safety_rules.yaml`, of the table of limits and of `safety_before.yaml`, and the rules that they hold."""

from collections.abc import Iterator
from typing import Any

from safety_table import patients, table, therapies

from conftest import as_case, shipped_knowledge
from dmcli.assess.assess import assess, left_to_prescriber
from dmcli.knowledge.model import Knowledge
from safety_patients import before_start
from test_cases import BASES

BASE = BASES["refractory"]
KNOWLEDGE = shipped_knowledge()
_STATED = {"facts", "labs", "then", "earlier", "drugs", "running", "past", "patient", "course"}
KEYS = {*_STATED, "tests", "waits", "asked", "talks", "says", "by"}
BEFORE = table("safety_before.yaml")
RULES = table("safety_rules.yaml")
# What a whole class shares is written once, and named by each of its members.
_CLASSES = ("jak_inhibitor",)


def _lines(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    for entry in entries:
        yield from _lines(entry) if isinstance(entry, list) else entry.items()


# Lines of the table that another rule of the specification goes before: anastrozole is excluded before the menopause,
# thalidomide without contraception, and ruxolitinib weighs platelets below 140.
_BEFORE_THE_TABLE = {
    ("anastrozole", "hold", "contraception"): "stop",
    ("anastrozole", "obstacle", "contraception"): "excluded",
    ("thalidomide", "obstacle", "contraception"): "excluded",
    ("ruxolitinib", "silent", "platelets"): "weighs",
    # Signs of agranulocytosis are seen today, whatever is done about the drug.
    ("rituximab", "hold", "agranulocytosis_signs"): "spent",
    # Hepatitis B needs hepatology today.
    ("rituximab", "hold", "hepatitis_b"): "spent",
}
# Who can become pregnant is before the menopause.
_BEFORE_THE_TABLE_SAYS = {("anastrozole", "excluded"): {"says": ["premenopausal"]}}
_NEVER_NEXT = ("specialist", "avoid")
# The kinds of lines that are about a start.
STARTS = {"excluded", "obstacle", "refers", "weighs", "silent", "severe", "waits", "checked"}


def _of_table() -> Iterator[tuple[str, str, Any]]:
    """Both sides of every figure of the table of limits, as lines."""
    for therapy in therapies():
        for tier, line in patients(therapy, BASE):
            kind = _kind(therapy, {"start": "obstacle", "free": "silent"}.get(tier, tier), line)
            if kind is not None:
                yield therapy, kind, line | _BEFORE_THE_TABLE_SAYS.get((therapy, kind), {})


def _kind(therapy: str, kind: str, line: Any) -> str | None:
    """What a line asks for, where the specification says more than the table; None: no patient can show it."""
    entry, about = KNOWLEDGE.therapies[therapy], {*line.get("labs", ()), *line.get("facts", ())}
    for (drug, instead_of, fact), rule in _BEFORE_THE_TABLE.items():
        if (drug, instead_of) == (therapy, kind) and fact in about:
            return rule
    # One antimalarial has failed in the base, so that another is never due; what is never chosen starts nowhere.
    if kind in STARTS and (entry.line in _NEVER_NEXT or therapy in KNOWLEDGE.members("antimalarial")):
        return None
    # What is never chosen asks for its specialist's agreement while it runs, whatever the result.
    if kind == "calm" and entry.line in _NEVER_NEXT and not left_to_prescriber(therapy, KNOWLEDGE):
        return None
    if left_to_prescriber(therapy, KNOWLEDGE) and kind != "calm":
        return "told"
    # A course that ends in intolerance stops, whatever its event would ask for; what was given for good cannot.
    if "outcome" in line.get("course", ()) and kind == "hold":
        return "stop"
    return {"hold": "paused", "stop": "spent"}.get(kind, kind) if entry.lasting else kind


LINES = [
    *((therapy, *found) for therapy, entries in RULES.items() if therapy not in _CLASSES for found in _lines(entries)),
    *_of_table(),
    *((therapy, "before", line) for therapy, line in BEFORE.items()),
]

# Cautions of what runs, each held by a case.
_OF_WHAT_RUNS = {
    "methotrexate-caution-leflunomide-on-board",
    "jak-rituximab-recent",
    "azathioprine-live-vaccine-running",
}


def held_by_lines(therapy: str, knowledge: Knowledge) -> set[str]:
    """The exclusions and cautions that hold for a patient of some line of the therapy."""
    found: set[str] = set()
    for _, kind, line in (of for of in LINES if of[0] == therapy):
        if kind in STARTS:
            safety = assess(as_case(before_start(BASE, therapy, line, knowledge), knowledge), knowledge).safety[therapy]
            found |= {checked.rule.id for checked in (*safety.contraindications, *safety.cautions)}
    return found


def to_be_pinned(therapy: str, knowledge: Knowledge) -> set[str]:
    """The exclusions and cautions of a therapy that a line has to hold."""
    entry, about = knowledge.therapies[therapy], knowledge.about[therapy]
    rules = (*entry.contraindications, *about.contraindications, *entry.cautions, *about.cautions)
    return {rule.id for rule in rules} - _OF_WHAT_RUNS
