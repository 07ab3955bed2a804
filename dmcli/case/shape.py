"""The keys a case file may have, section by section, and what each of a course takes.

The facts of a section come from the vocabulary of the knowledge; this module owns the rest.
"""

from dmcli.knowledge.codes import SCOPES, Listed
from dmcli.knowledge.model import Knowledge

TOP = dict.fromkeys((
    "id", "as_of", "patient", "disease", "calcinosis", "scores", "treatments", "other_drugs", "labs", "facts", "confirmed",
    "access",
))  # fmt: skip
# Which fact groups a section may state; `facts` may state any.
SECTIONS = {"patient": ("patient",), "disease": ("disease",), "access": ("access",), "scores": ("scores",), "labs": ("labs",)}
DATED = ("scores", "labs")

# kind of each key of a course: a tuple of codes, a list of codes of the knowledge, or the name of a reader
COURSE: dict[str, tuple[str, ...] | str] = {
    "therapy": "therapy",
    "name": "name",
    "running": "boolean",
    "indication": Listed("indications"),
    "dose": "dose",
    "start": "date",
    "stop": "date",
    "weeks": "weeks",
    "outcome": Listed("outcomes"),
    "scope": SCOPES,
    "reason": Listed("harms"),
    "stop_reason": Listed("stop_reasons"),
    "dose_limit": Listed("dose_limits"),
    "trial_accepted": "boolean",
    "relapse": "relapse",
    "steps": "doses",
    "given": "doses",
    "courses": "count",
    "interval_weeks": "interval",
    "interval_courses": "count",
    "last_held_interval_weeks": "interval",
    "held": "pause",
}
# A section whose keys are fact names without the section's own name before them.
PREFIXED = "calcinosis"


def prefixed_facts(knowledge: Knowledge) -> dict[str, str]:
    """The keys of the prefixed section, each with the fact it states."""
    start = f"{PREFIXED}_"
    return {name.removeprefix(start): name for name, fact in knowledge.facts.items() if fact.group == PREFIXED}


def facts_of_section(section: str, knowledge: Knowledge) -> tuple[str, ...]:
    """The facts a section may state."""
    if section == "facts":
        return tuple(knowledge.facts)
    return tuple(name for group in SECTIONS[section] for name in knowledge.fact_groups.get(group, ()))
