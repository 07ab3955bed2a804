"""A commented case file to fill in, made from the vocabulary of the knowledge."""

from dmcli.case import shape
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.codes import RELAPSES, SCOPES
from dmcli.knowledge.model import Knowledge
from dmcli.values.units import readable

_HEAD = """\
# A case for dmcli. Delete what you do not know: what is not stated is unknown, never "no".
# No names and no record numbers. Dates: YYYY-MM-DD, YYYY-MM, YYYY, or back from as_of (-13w, -90d).
# Check it with: dmcli case check FILE
id: case-01
as_of: 2026-12-01              # the day the question is asked
"""
_SHORT_HEAD = """\
# Delete what you do not know: what is not stated is unknown, never "no". No names, no record numbers.
# Check it: dmcli case check FILE. Every field: dmcli case new --full. What they mean: dmcli facts
id: case-01
as_of: 2026-12-01              # the day the question is asked
"""
_SHORT_TREATMENTS = """\
treatments:                    # each entry is a course; without a stop it is running. Names: dmcli therapy
#  - {{therapy: NAME, dose: 20 mg weekly, start: 2026-01-10, stop: 2026-06-01, outcome: inadequate}}
#    outcome: {outcomes}
other_drugs:                   # [] if there are none; else - {{name: NAME, dose: 10 mg daily}}
labs:                          # results with their day
#  - {{date: 2026-11-20, NAME: VALUE}}
"""
_TREATMENTS = """\
treatments:                    # each entry is a course; with a start and no stop it is running
#  - therapy: NAME             # dmcli therapy lists them; other, with name: NAME, for any other treatment
#    running: yes              # where no date says it
#    indication: {indications}
#    dose: 20 mg weekly        # amount, unit and rhythm
#    start: 2026-01-10
#    stop: 2026-06-01          # or weeks: 20 (26w, 3 months) instead of dates
#    outcome: {outcomes}
#    stop_reason: {stop_reasons}
#    reason: {harms}
#    scope: {scopes}          # schedule: only the rhythm is not tolerated
#    relapse: {{date: 2026-05-01, after: {relapses}, below: 20 mg daily}}
#    given: [{{date: 2026-01-10, dose: 70 g}}]              # infusions really given
#    steps: [{{date: 2026-01-10, dose: 500 mg twice daily}}]    # doses of a titration really taken
#    courses: 3                # instead of given
#    interval_weeks: 5         # or every five weeks: between courses now; interval_courses: how many were given at it
#    last_held_interval_weeks: 4
#    held: {{since: 2026-11-01, until: 2026-11-20}}        # not given for a time because a result held it
#    dose_limit: {dose_limits}  # why the dose is not higher
#    trial_accepted: no        # yes: the clinician counts a short or low trial as failed
"""


def short_template(knowledge: Knowledge) -> str:
    """YAML text with what matters most: the facts that come first, a course, other drugs, a result."""
    sections = {name: shape.facts_of_section(name, knowledge) for name in ("patient", "disease")}
    placed = {name for names in sections.values() for name in names}
    first = [fact for fact in knowledge.facts.values() if fact.first]
    parts = [_SHORT_HEAD]
    for section, names in sections.items():
        parts.append(f"{section}:\n{''.join(_line(knowledge, fact) for fact in first if fact.id in names)}")
    parts.append(_SHORT_TREATMENTS.format(outcomes=" | ".join(knowledge.codes.outcomes)))
    parts.append(f"facts:\n{''.join(_line(knowledge, fact) for fact in first if fact.id not in placed)}")
    return "".join(parts)


def template(knowledge: Knowledge) -> str:
    """YAML text in which every fact stands as a comment with its question, type, unit and range."""
    parts = [_HEAD]
    for section in ("patient", "disease", "access"):
        parts.append(
            f"{section}:\n" + "".join(_line(knowledge, knowledge.facts[n]) for n in shape.facts_of_section(section, knowledge))
        )
    parts[-1] += "#  declined: []              # therapies the patient declines\n"
    prefixed = shape.prefixed_facts(knowledge)
    parts.append(f"{shape.PREFIXED}:\n" + "".join(_line(knowledge, knowledge.facts[f], key=k) for k, f in prefixed.items()))
    for section in shape.DATED:
        lines = "".join(_line(knowledge, knowledge.facts[n], indent="#    ") for n in shape.facts_of_section(section, knowledge))
        parts.append(f"{section}:\n#  - date: 2026-11-20\n{lines}")
    parts.append(
        _TREATMENTS.format(
            **{name: " | ".join(listed.codes) for name, listed in knowledge.code_lists.items()},
            scopes=" | ".join(SCOPES),
            relapses=" | ".join(RELAPSES),
        )
    )
    parts.append(
        "other_drugs:                   # [] if there are none\n#  - {name: NAME, dose: 10 mg daily}\n"
        "confirmed: []                  # ids of what a plan asked to confirm and you agree to\n"
    )
    parts.append("facts:\n" + _grouped(knowledge))
    return "\n".join(parts)


def _grouped(knowledge: Knowledge) -> str:
    placed = {shape.PREFIXED, *(group for groups in shape.SECTIONS.values() for group in groups)}
    lines, group = [], ""
    for fact in knowledge.facts.values():
        if fact.group in placed:
            continue
        if fact.group != group:
            group = fact.group
            lines.append(f"#  -- {group.replace('_', ' ')} --\n")
        lines.append(_line(knowledge, fact))
    return "".join(lines)


def _line(knowledge: Knowledge, fact: Fact, indent: str = "#  ", key: str | None = None) -> str:
    name = key or fact.id
    if fact.type == "boolean":
        kind = "yes | no"
    elif fact.type == "code":
        kind = (", ".join(fact.codes) + " (several: [a, b])") if fact.several else " | ".join(fact.codes)
    else:
        unit = f" {knowledge.texts.get(f'unit_{fact.unit}', readable(fact.unit))}".rstrip()
        kind = f"{fact.min:g} to {fact.max:g}{unit}" if fact.min is not None and fact.max is not None else unit.strip()
    return f"{indent}{name}:{' ' * max(1, 26 - len(name))}# {kind}. {fact.question}\n"
