"""The results that stop or hold each drug that is taken, a phrase for each test."""

from itertools import takewhile

from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import Voice

_GRAVE = ("stop", "hold")
# Where room is short: the depths at which the limits of other drugs than the next are left to the whole plan, and all are.
_OWN_ONLY, _NONE = -2, -5

# The drugs that some results put in a tier.
_Drugs = tuple[str, ...]
# Results as they are told, each with what it is about.
_Results = dict[str, str]
_Found = dict[tuple[str, _Drugs], _Results]


def limits_block(voice: Voice) -> Block:
    """The results that stop or hold each drug that is taken."""
    if not any(limit.level in _GRAVE for d in voice.plan.monitoring for t in d.tests for limit in t.limits):
        return Block("", ())
    every = found = _limits(voice)
    if voice.depth <= _OWN_ONLY:
        mine = voice.plan.next.therapy if voice.plan.next is not None and voice.depth > _NONE else None
        own = [((level, (mine,)), results) for (level, who), results in found.items() if mine in who]
        found = {}
        for key, results in own:
            found.setdefault(key, {}).update(results)
    ends = [voice.say("cells")] if any(voice.say("cells_unit") in told for results in found.values() for told in results) else []
    shown = {therapy for _, who in found for therapy in who}
    ends += [voice.say("limits_elsewhere")] if any(set(who) - shown for _, who in every) else []
    rows = _rows(voice, found)
    if rows:
        rows[-1] = rows[-1]._replace(text=" ".join([rows[-1].text, *ends]))
    elif ends:
        rows = [Row(" ".join(ends))]
    return Block(voice.say("label_limits"), tuple(rows))


def _rows(voice: Voice, found: _Found) -> list[Row]:
    """What stops a drug, then what holds it, at which a worse result that stops it stands too."""
    stops = {who: _told(voice, results) for (tier, who), results in found.items() if tier == "stop"}
    holds = {who: _told(voice, results) for (tier, who), results in found.items() if tier == "hold"}
    both = {who: _together(voice, results, stops.get(who, {})) for who, results in holds.items()}
    rows = []
    for level, groups in (("stop", {who: list(results) for who, results in stops.items()}), ("hold", both)):
        told = [
            voice.say("limit_of", name=voice.names(who), results="; ".join(results)) for who, results in groups.items() if results
        ]
        # Where there is room each drug has a line of its own.
        lines = told if voice.depth > 1 else [". ".join(told)] if told else []
        rows += [Row(f"{line}.", voice.say(f"limit_{level}"), "must") for line in lines]
    return rows


def _told(voice: Voice, results: _Results) -> _Results:
    """Results as they stand in a row, without the unit that all cell counts share."""
    unit = voice.say("cells_unit")
    return {voice.inside(result.replace(unit, "")): analyte for result, analyte in results.items()}


def _together(voice: Voice, holds: _Results, stops: _Results) -> list[str]:
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
    either = voice.say("limit_or")
    return [
        voice.say("limit_worse", result=hold, stops=either.join(worse[hold])) if hold in worse else hold for hold in holds
    ]  # fmt: skip


def _shared(one: str, other: str) -> int:
    """How many words two results begin with alike, without a sign or a figure."""
    pairs = zip(one.split(" "), other.split(" "), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and pair[0].isalpha(), pairs))


def _limits(voice: Voice) -> _Found:
    """For each tier the results with the drugs that each stops or holds; what several drugs share stands first."""
    tests = [test for monitored in voice.plan.monitoring for test in monitored.tests]
    stopped = {item.therapy for item in voice.plan.urgent if item.action == "stop"}
    taken = dict.fromkeys(t for test in tests if test.limits for t in test.therapies if t not in stopped)
    held = {t: {a.limit.id: a.limit for a in voice.knowledge.limits.limits[t]} for t in taken}
    drugs: dict[tuple[str, str, str], dict[str, None]] = {}
    for therapy, asked in held.items():
        shown = [limit for test in tests for limit in test.limits if limit.level in _GRAVE and limit.rule in asked]
        # What stops a drug at a figure leaves nothing to hold at it.
        stops = {asked[limit.rule].when for limit in shown if limit.level == "stop"}
        for limit in shown:
            if limit.level == "stop" or asked[limit.rule].when not in stops:
                key = (limit.level, voice.short(limit.result), asked[limit.rule].analyte)
                drugs.setdefault(key, {})[therapy] = None
    found: _Found = {}
    for (level, result, analyte), therapies in drugs.items():
        found.setdefault((level, tuple(therapies)), {})[result] = analyte
    return {key: found[key] for key in sorted(found, key=lambda key: -len(key[1]))}
