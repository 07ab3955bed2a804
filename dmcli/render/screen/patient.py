"""The patient in a line: who, what was tried with its verdict in a word, what is taken, and the facts that decide."""

from collections.abc import Iterator
from typing import Any

from dmcli.render.screen.voice import Voice
from dmcli.render.wording import capital, unit
from dmcli.result.courses import HistoryItem

_NAMED, _OF_MANY = 5, 3
_SKIN = "skin"


def patient_line(voice: Voice) -> str:
    """Short sentences, each about one thing."""
    parts = [*_who(voice), *_tried(voice), *_taking(voice), *_declined(voice), *_deciding(voice)]
    return " ".join(f"{part}." for part in parts)


def _who(voice: Voice) -> Iterator[str]:
    """Sex, age and weight, and which of them are not given."""
    facts, algorithm = voice.plan.patient.facts, voice.knowledge.algorithm
    asked = (algorithm.roles.sex, algorithm.roles.age, algorithm.body["kg"])
    sex, age, weight = (facts.get(fact) for fact in asked)
    who = [] if sex is None else [voice.say(f"sex_{sex}")]
    if age is not None:
        who = [f"{who[0]} {age:g}"] if who else [voice.say("aged", years=f"{age:g}")]
    if weight is not None:
        who.append(voice.say("weight", weight=f"{weight:g}"))
    if who:
        yield capital(", ".join(who))
    missing = [voice.inside(voice.knowledge.fact_name(fact)) for fact in asked if facts.get(fact) is None]
    if missing:
        yield voice.say("not_given", names=", ".join(missing))


def _tried(voice: Voice) -> Iterator[str]:
    """Past courses, those with one verdict together; of several courses of a therapy each verdict once."""
    running = {(taken.therapy, taken.course) for taken in voice.plan.patient.running}
    found: dict[str, list[str]] = {}
    for item in voice.plan.history:
        if (item.therapy, item.course) not in running:
            found.setdefault(_verdict(voice, item), []).append(_named(voice, item))
    if not voice.plan.history:
        yield voice.say("tried_nothing")
    for verdict, names in found.items():
        yield voice.say("tried", verdict=verdict, names=", ".join(dict.fromkeys(names)))


def _taking(voice: Voice) -> Iterator[str]:
    verdicts = {(h.therapy, h.course): _verdict(voice, h) for h in voice.plan.history if not _beside(voice, h)}
    found: dict[str, list[str]] = {}
    for taken in voice.plan.patient.running:
        dose = f" {voice.short(taken.dose)}" if taken.dose is not None else ""
        verdict = verdicts.get((taken.therapy, taken.course), "")
        found.setdefault(verdict.lower(), []).append(voice.name(taken.therapy) + dose)
    told = (f"{', '.join(names)} ({verdict})" if verdict else ", ".join(names) for verdict, names in found.items())
    if found:
        yield voice.say("taking", names="; ".join(told))


def _named(voice: Voice, item: HistoryItem) -> str:
    """A drug that was given for something else says so: it did not fail in the skin."""
    name = voice.name(item.therapy)
    return name if item.indication in (None, _SKIN) else voice.say("not_skin", name=name)


def _verdict(voice: Voice, item: HistoryItem) -> str:
    if item.relapse_below is not None:
        return voice.say("tried_relapse_below", dose=voice.short(item.relapse_below))
    return voice.say(f"tried_{item.verdict}")


def _beside(voice: Voice, item: HistoryItem) -> bool:
    """Whether a course is of a therapy that is never chosen, so that no trial of it waits to be judged."""
    return item.therapy not in voice.knowledge.planned and item.verdict in ("too_early", "unknown")


def _declined(voice: Voice) -> Iterator[str]:
    if voice.plan.patient.declined:
        yield voice.say("declined", names=voice.names(voice.plan.patient.declined))


def _deciding(voice: Voice) -> Iterator[str]:
    """Facts that close therapies, with the therapies that each closes; where room is scarce without what an urgent line says
    of all of them."""
    urgent = [r.text for item in voice.plan.urgent for r in item.because] if voice.depth <= 0 else []
    closed: dict[str, list[str]] = {}
    for option in voice.plan.options:
        if option.status == "contraindicated":
            for argument in option.arguments:
                if argument.code == "contraindicated" and argument.text not in urgent:
                    for told in _facts(voice, argument.facts):
                        closed.setdefault(told, []).append(option.therapy)
    for fact, therapies in closed.items():
        names = voice.names(therapies)
        if len(therapies) > _NAMED:
            # What is taken or was had is known already; the rest stands in the order of the algorithm.
            had = {item.therapy for item in voice.plan.history}
            shown = sorted(therapies, key=lambda therapy: therapy in had)[:_OF_MANY]
            names = voice.say("closes_more", names=voice.names(shown), count=len(therapies) - _OF_MANY)
        yield voice.say("closes", fact=capital(fact), names=names)


def _facts(voice: Voice, facts: dict[str, Any]) -> Iterator[str]:
    stated = voice.plan.patient.facts
    for name, found in facts.items():
        if name not in stated or found is False or found is None:
            continue
        if found is True:
            yield voice.knowledge.fact_name(name)
        elif isinstance(found, str):
            yield f"{voice.knowledge.fact_name(name)} {found}"
        else:
            yield f"{voice.knowledge.fact_name(name)} {found:g} {unit(voice.knowledge, voice.knowledge.facts[name].unit)}".strip()
