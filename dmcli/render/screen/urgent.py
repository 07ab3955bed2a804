"""What is urgent or stands in the way, grouped by action: each line begins with the word for it."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import zip_longest

from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import Voice
from dmcli.render.wording import for_today
from dmcli.result.actions import Urgent
from dmcli.result.reasons import Reason

_OLD_YEARS = 2


def urgent_block(voice: Voice) -> Block:
    """Stops, holds and referrals of today, known obstacles, what is overdue, red flags that are not stated."""
    rows = [
        *_old(voice),
        *_grouped(voice, _actions(voice)),
        *_questions(voice),
        *_obstacles(voice),
        *_overdue(voice),
        *_red_flags(voice),
    ]
    return Block("", tuple(rows), "urgent")


def _grouped(voice: Voice, rows: Iterable[Row]) -> list[Row]:
    """Of pairs of drugs of which the same is to be decided, all in one row."""
    mark, found = f"! {voice.say('mark_decide')}", list[Row]()
    for row in rows:
        pair, of_them, said = row.text.partition(": ")
        same = next((n for n, r in enumerate(found) if r.mark == mark == row.mark and r.text.endswith(of_them + said)), None)
        if same is None or not of_them:
            found.append(row)
        else:
            pairs = found[same].text.removesuffix(of_them + said)
            found[same] = found[same]._replace(text=f"{pairs}; {voice.inside(pair)}{of_them}{said}")
    return found


def _row(voice: Voice, key: str, text: str) -> Iterator[Row]:
    if text:
        yield Row(text, f"! {voice.say(key)}", "urgent")


def _old(voice: Voice) -> Iterator[Row]:
    """Knowledge that was written long before the day that is asked about."""
    dated, asked = date.fromisoformat(voice.knowledge.algorithm.dated), date.fromisoformat(voice.plan.as_of)
    if (asked.year, asked.month, asked.day) > (dated.year + _OLD_YEARS, dated.month, dated.day):
        yield from _row(voice, "mark_old", voice.say("old_knowledge", date=dated.isoformat()))


def _actions(voice: Voice) -> Iterator[Row]:
    """Each action once for all therapies that it is due for by the same reason."""
    stops = {u.therapy for u in voice.plan.urgent if u.action == "stop"}
    paused = stops | {u.therapy for u in voice.plan.urgent if u.action == "hold"}
    referred = {u.therapy: u for u in voice.plan.urgent if u.action == "refer"}
    groups: dict[tuple[str, str], list[Urgent]] = {}
    for item in voice.plan.urgent:
        # What is stopped needs no hold beside it, and a referral for it is told by the same line.
        elsewhere = stops if item.action == "hold" else paused if item.action == "refer" else set()
        if item.therapy is None or item.therapy not in elsewhere:
            groups.setdefault((item.action, item.because[0].text if item.because else item.text), []).append(item)
    decided = {therapy for pair in to_decide(voice) for therapy in pair}
    for (action, _), items in groups.items():
        therapies = list(dict.fromkeys(i.therapy for i in items if i.therapy is not None))
        both = [referred[therapy] for therapy in therapies if therapy in referred] if action != "refer" else []
        told = _told(voice, therapies, items, both)
        # Of several drugs first when each is taken again, then when they stop.
        ends = [text for texts in zip_longest(*(item.goes_on for item in items), fillvalue="") for text in texts if text]
        more = voice.sentences([*ends, *_agreed(voice, both)]) if action == "hold" else ""
        mark = "decide" if action == "refer" and decided and decided >= {*therapies} and therapies else action
        yield from _row(voice, f"mark_{mark}", f"{told} {more}".strip())


def _agreed(voice: Voice, referred: list[Urgent]) -> Iterator[str]:
    """What is to be agreed before a drug on hold is taken again, and where there is room why."""
    for item in referred:
        if not sends(voice, item):
            yield item.text
        if voice.depth > 0:
            yield from (reason.text for reason in item.because)


def _told(voice: Voice, therapies: list[str], items: list[Urgent], referred: list[Urgent]) -> str:
    """For whom and why; names that the reason says itself stand there only. Of what is contraindicated its prescriber is
    told; a result or an event says itself to whom it is referred."""
    who, why = voice.names(therapies), voice.sentences(_reasons(voice, items))
    said = voice.knowledge.algorithm.statements["refer_now"].text
    known = {said.format(name=voice.knowledge.name(therapy)) for therapy in therapies}
    sent = [item for item in referred if sends(voice, item)]
    if sent:
        asked = any(item.text in known for item in sent) and not _by_limit(voice, items)
        # Whom a result, an event or a line of its own does not name is whoever treats the cause.
        named = _by_limit(voice, items) or any(u.action == "refer" and u.therapy is None for u in voice.plan.urgent)
        who = voice.say("tell_prescriber" if asked else "refer_too" if named else "refer_cause", names=who)
    itself = items[0].action == "refer" and all(voice.name(therapy).lower() in why.lower() for therapy in therapies)
    return why if itself else f"{who}: {why}" if why else who


def _by_limit(voice: Voice, items: list[Urgent]) -> bool:
    """Whether a result or an event among the reasons sends somewhere."""
    return any(reason.rule in voice.limits and voice.limits[reason.rule].refer for item in items for reason in item.because)


def sends(voice: Voice, item: Urgent) -> bool:
    """Whether a referral sends somewhere: not where a specialist, who may be the reader, agrees to what is on hold, nor where
    a drug of this plan stops for results alone that name nobody."""
    statements, name = voice.knowledge.algorithm.statements, voice.knowledge.name(item.therapy or "")
    if item.text == statements["agree_held"].text.format(name=name):
        return False
    if item.text != statements["refer_stopped"].text.format(name=name):
        return True
    alone = (statements[key].id for key in ("change_baseline", "hold_again", "hold_too_long", "stop_earlier"))
    beside = {*alone, *_always_told(voice)}
    return _by_limit(voice, [item]) or any(r.rule not in voice.limits and r.rule not in beside for r in item.because)


def to_decide(voice: Voice) -> list[tuple[str, str]]:
    """The pairs of running drugs of which this plan, and no other prescriber, decides which one stops."""
    said, name = voice.knowledge.algorithm.statements["clash_own"].text, voice.knowledge.name
    items = [u for u in voice.plan.urgent if u.action == "refer" and u.therapy is not None]
    told = {u.text for u in items}
    therapies = list(dict.fromkeys(u.therapy or "" for u in items))
    return [(a, b) for a in therapies for b in therapies if said.format(left=name(a), right=name(b)) in told]


def _reasons(voice: Voice, items: list[Urgent]) -> list[str]:
    """What one group says, with the values behind it, then what else is known; the action itself is in the mark."""
    first = min(items, key=lambda item: len(item.text))
    computed = voice.knowledge.algorithm.statements["change_baseline"].text
    # How a therapy is tapered is no reason for its end.
    entry = voice.knowledge.therapies.get(first.therapy or "")
    advice = {a.id for a in entry.advice} if entry is not None else set()
    limits = {a.limit.id: a.limit for applied in voice.knowledge.limits.limits.values() for a in applied}
    always = _always_told(voice)
    reasons = [r for r in first.because if r.text != computed and r.rule not in advice and r.rule not in always]
    # A contraindication by the result of a limit is told with it, and with today's value.
    results = [f"{limits[r.rule].result}:" for r in reasons if r.rule in limits]
    reasons = [r for r in reasons if r.rule in limits or not any(r.text.startswith(result) for result in results)]
    because = [r.text for r in reasons]
    says = first.action == "refer" or not because or because[0] in first.text
    # Whatever sends somewhere is told as it is, and so is what a harm tells beside every limit.
    beside = list(dict.fromkeys(r.text for item in items for r in item.because if r.rule in always))
    sending = [r.text for r in reasons if r.rule in limits and limits[r.rule].refer and r.text not in first.text]
    told = [first.text, *sending] if says else sending or because[:1]
    more = [text for text in because if not any(text in said for said in told)]
    # What makes an agreement necessary is told in any case; of two drugs that clash the first sentence names both.
    agreed = (voice.knowledge.algorithm.statements[key].text for key in ("agree_running", "agree_held"))
    name = voice.knowledge.name(first.therapy or "")
    if voice.depth > 0 or first.text in {text.format(name=name) for text in agreed}:
        return [*told, *more, *beside]
    # Where room is scarce the further results stand without what each asks for: what sends somewhere has said it.
    return [*told, "; ".join(_result(voice, r) for r in reasons if r.text in more and first.action != "refer"), *beside]


def _always_told(voice: Voice) -> set[str]:
    """The rules that a harm tells with a hold or stop for its values, whatever figure a drug has of its own."""
    return {rule.id for harm in voice.knowledge.toxicities.values() for rule in harm.always}


def _result(voice: Voice, reason: Reason) -> str:
    """A result with its value, without what it asks for."""
    limits = {a.limit.id: a.limit for applied in voice.knowledge.limits.limits.values() for a in applied}
    limit = limits.get(reason.rule or "")
    if limit is None or not reason.text.startswith(limit.text):
        return voice.inside(reason.text).rstrip(".")
    seen = reason.text.removeprefix(limit.text).strip().rstrip(".")
    return f"{limit.result} ({voice.inside(seen)})" if seen else limit.result


def _questions(voice: Voice) -> Iterator[Row]:
    """What is not known of a drug that is taken and must be asked before its next dose."""
    taken = {course.therapy for course in voice.plan.patient.running}
    if taken <= {item.therapy for item in voice.plan.urgent if item.action == "stop"}:
        return
    asked = (warning.text for warning in voice.plan.warnings if for_today(voice.knowledge, warning.code))
    yield from _row(voice, "mark_ask_today", voice.sentences(asked))


def _obstacles(voice: Voice) -> Iterator[Row]:
    """What is on record and keeps the next therapy from starting."""
    found = [b.what for b in voice.plan.before_starting if b.kind == "known"]
    if found:
        yield from _row(voice, "mark_known", voice.sentences(found))


def _overdue(voice: Voice) -> Iterator[Row]:
    tests = [t for d in voice.plan.monitoring for t in d.tests if t.overdue_since is not None]
    since: dict[str, list[str]] = {}
    for test in tests:
        since.setdefault(test.overdue_since or "", []).append(test.name)
    told = "; ".join(voice.say("overdue_since", tests=voice.short(", ".join(names)), date=day) for day, names in since.items())
    yield from _row(voice, "mark_overdue", told)


def _red_flags(voice: Voice) -> Iterator[Row]:
    flags, known = voice.knowledge.algorithm.roles.red_flags, voice.plan.patient.facts
    names = [f.short or f.name for f in voice.knowledge.facts.values() if f.group == flags and f.id not in known]
    yield from _row(voice, "mark_ask", ", ".join(names))
