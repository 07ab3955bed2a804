"""The keys a case file may have, section by section, and the codes they take.

The facts of a section come from the vocabulary of the knowledge; this module owns the rest.
"""

from dmcli.knowledge.codes import INDICATIONS, SCOPES, STOP_REASONS
from dmcli.knowledge.model import Knowledge

TOP = (
    "id", "as_of", "patient", "disease", "calcinosis", "scores", "treatments", "other_drugs", "labs", "facts", "confirmed",
    "access",
)  # fmt: skip
# Which fact groups a section may state; `facts` may state any.
SECTIONS = {"patient": ("patient",), "disease": ("disease",), "access": ("access",), "scores": ("scores",), "labs": ("labs",)}
DATED = ("scores", "labs")

DOSE_LIMITS = ("tolerance", "renal", "label")

# kind of each key of a course: a tuple of codes, or the name of a reader
COURSE: dict[str, tuple[str, ...] | str] = {
    "therapy": "therapy",
    "name": "name",
    "running": "boolean",
    "indication": INDICATIONS,
    "dose": "dose",
    "start": "date",
    "stop": "date",
    "weeks": "weeks",
    "outcome": "outcome",
    "scope": SCOPES,
    "reason": "harm",
    "stop_reason": STOP_REASONS,
    "dose_limit": DOSE_LIMITS,
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
