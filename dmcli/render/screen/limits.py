"""The results that stop or hold each drug that is taken, in two lines: for each test the first figure, and what stops beyond
it where there is room."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby, takewhile
from typing import NamedTuple

from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import SHORTEST, Voice

_GRAVE = ("hold", "stop")
_RISING = ("step_up", "resume")
_LINES = 2
# A test, the side of its limit, and the figure.
_FIGURE = re.compile(r"(\D*?) ([<>]) ([\d.]+)")

# The drugs that some results put in a tier.
_Drugs = tuple[str, ...]
# Results as they are told, each with what it is about.
_Results = dict[str, str]
_Found = dict[tuple[str, _Drugs], _Results]


class _Phrase(NamedTuple):
    """A result that stops or holds some drugs, with the worse ones at the same test that stop them."""

    tier: str
    drugs: _Drugs
    result: str
    stops: tuple[str, ...] = ()


def limits_block(voice: Voice) -> Block:
    """The results that stop or hold each drug that is taken; what does not fit is left to the whole plan, and that is said."""
    whole, *shorter = _tellings(voice) or [""]
    return Block(voice.say("label_limits"), (Row(whole, shorter=tuple(shorter), most=_LINES),) if whole else ())


def _tellings(voice: Voice) -> list[str]:
    """From all of it over the first figure of each test to the first result alone."""
    found = _limits(voice)
    phrases, bare = list(_phrases(voice, found)), list(_first(voice, found))
    elsewhere = voice.say("elsewhere")
    shorter = [f"{_text(voice, bare[:count])} {elsewhere}" for count in range(len(bare), 0, -1)]
    if not phrases:
        return []
    if voice.depth > SHORTEST:
        return [_text(voice, phrases), *shorter, elsewhere]
    return [voice.say("limits_and_instead_elsewhere") if voice.plan.next is not None else elsewhere]


def _text(voice: Voice, phrases: list[_Phrase]) -> str:
    """Results of one tier and the same drugs together; all cell counts share one unit."""
    unit = voice.say("cells_unit")
    told = []
    for tier, of_tier in groupby(phrases, key=lambda phrase: phrase.tier):
        groups = (
            voice.say("limit_of", name=voice.names(drugs), results="; ".join(_said(voice, phrase) for phrase in same))
            for drugs, same in groupby(of_tier, key=lambda phrase: phrase.drugs)
        )
        told.append(f"{voice.say(f'limit_{tier}')} {'. '.join(groups)}.")
    text = " ".join(told)
    return f"{text.replace(unit, '')} {voice.say('cells')}" if unit in text else text


def _said(voice: Voice, phrase: _Phrase) -> str:
    if not phrase.stops:
        return phrase.result
    return voice.say("limit_worse", result=phrase.result, stops=voice.say("limit_or").join(phrase.stops))


def _first(voice: Voice, found: _Found) -> Iterator[_Phrase]:
    """Of each drug the first figure at each test alone; what holds it is reached before what stops it."""
    drugs: dict[tuple[str, str], dict[str, None]] = {}
    for therapy in dict.fromkeys(therapy for _, who in found for therapy in who):
        own: _Found = {}
        order = [voice.short(applied.limit.result) for applied in voice.knowledge.limits.limits[therapy]]
        told = {
            (tier, result): analyte
            for (tier, who), results in found.items()
            if therapy in who
            for result, analyte in results.items()
        }
        for tier, result in sorted(told, key=lambda key: order.index(key[1])):
            own.setdefault((tier, (therapy,)), {})[result] = told[(tier, result)]
        for phrase in _phrases(voice, own):
            drugs.setdefault((phrase.tier, phrase.result), {})[therapy] = None
    phrases = _strictest([_Phrase(tier, tuple(who), result) for (tier, result), who in drugs.items()])
    places = _sorted(voice, {(phrase.tier, phrase.drugs) for phrase in phrases})
    yield from sorted(phrases, key=lambda phrase: places.index((phrase.tier, phrase.drugs)))


def _strictest(phrases: list[_Phrase]) -> list[_Phrase]:
    """Of figures of one test at which several drugs are held the one that is reached first: what shares a risk is held with
    the drug that reaches its own."""
    together: dict[tuple[str, ...], list[tuple[float, _Phrase]]] = {}
    for phrase in phrases:
        found = _FIGURE.match(phrase.result)
        key: tuple[str, ...] = (phrase.tier, found[1], found[2]) if found else (phrase.tier, phrase.result)
        together.setdefault(key, []).append((float(found[3]) if found else 0, phrase))
    told = []
    for key, same in together.items():
        _, first = (max if key[-1] == "<" else min)(same, key=lambda found: found[0])
        told.append(first._replace(drugs=tuple(dict.fromkeys(drug for _, phrase in same for drug in phrase.drugs))))
    return told


def _phrases(voice: Voice, found: _Found) -> Iterator[_Phrase]:
    """What holds a drug, at which a worse result that stops it stands too, then what else stops it."""
    stops = {who: _told(voice, results) for (tier, who), results in found.items() if tier == "stop"}
    holds = {who: _told(voice, results) for (tier, who), results in found.items() if tier == "hold"}
    for who, results in holds.items():
        yield from _together(who, results, stops.get(who, {}))
    yield from (_Phrase("stop", who, result) for who, results in stops.items() for result in results)


def _told(voice: Voice, results: _Results) -> _Results:
    return {voice.inside(result): analyte for result, analyte in results.items()}


def _together(who: _Drugs, holds: _Results, stops: _Results) -> Iterator[_Phrase]:
    """The results that hold, each with those that stop at the same test, which are taken from `stops`."""
    worse: dict[str, list[str]] = {}
    for stop, analyte in list(stops.items()):
        shared = {hold: _shared(hold, stop) for hold in holds}
        # Of another analyte it has to begin with all the words before the figure.
        alike = [
            hold for hold, about in holds.items() if shared[hold] >= (1 if about == analyte else max(1, _shared(hold, hold)))
        ]
        if alike:
            hold = max(alike, key=lambda hold: shared[hold])
            worse.setdefault(hold, []).append(" ".join(stop.split(" ")[shared[hold] :]))
            del stops[stop]
    yield from (_Phrase("hold", who, hold, tuple(worse.get(hold, ()))) for hold in holds)


def _shared(one: str, other: str) -> int:
    """How many words two results begin with alike, without a sign or a figure."""
    pairs = zip(one.split(" "), other.split(" "), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and pair[0].isalpha(), pairs))


def _limits(voice: Voice) -> _Found:
    """For each tier the results with the drugs that each stops or holds, at each in the order of the knowledge."""
    tests = [test for monitored in voice.plan.monitoring for test in monitored.tests]
    stopped = {item.therapy for item in voice.plan.urgent if item.action == "stop"}
    taken = dict.fromkeys(t for test in tests if test.limits for t in test.therapies if t not in stopped)
    held = {t: {a.limit.id: a.limit for a in voice.knowledge.limits.limits[t]} for t in taken}
    said = {limit.rule: limit for test in tests for limit in test.limits if limit.level in _GRAVE}
    drugs: dict[tuple[str, str, str], dict[str, None]] = {}
    for therapy, asked in held.items():
        shown = [said[rule] for rule in asked if rule in said]
        # What stops a drug at a figure leaves nothing to hold at it.
        stops = {asked[limit.rule].when for limit in shown if limit.level == "stop"}
        for limit in shown:
            if limit.level == "stop" or asked[limit.rule].when not in stops:
                key = (limit.level, voice.short(limit.result), asked[limit.rule].analyte)
                drugs.setdefault(key, {})[therapy] = None
    found: _Found = {}
    for (level, result, analyte), therapies in drugs.items():
        found.setdefault((level, tuple(therapies)), {})[result] = analyte
    return {key: found[key] for key in _sorted(voice, found)}


def _sorted(voice: Voice, keys: Iterable[tuple[str, _Drugs]]) -> list[tuple[str, _Drugs]]:
    """What is of a therapy that begins or gets a higher dose first, there and in the rest what holds before what stops, then
    what is of many drugs."""
    chosen = {voice.plan.next.therapy} if voice.plan.next is not None else set()
    rising = chosen or {item.therapy or "" for item in voice.plan.actions if item.action in _RISING}
    return sorted(keys, key=lambda key: (not rising & {*key[1]}, _GRAVE.index(key[0]), -len(key[1]), key[1]))
