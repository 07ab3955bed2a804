"""What the first dose waits for, as lists to tick: questions apart from orders and agreements. And what to be wary of."""

from collections.abc import Iterable, Iterator

from dmcli.knowledge.model import Knowledge
from dmcli.render.instead import after_clearance, instead_sentences
from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import LEAST, NO_INSTEAD, RUN_IN, SHORTEST, Voice, stopped
from dmcli.render.theme import Tone
from dmcli.render.wording import among_cautions
from dmcli.result.monitoring import BeforeStarting

_KINDS = ("ask", "order", "confirm")


def before_block(voice: Voice) -> Block:
    """All of it: what blocks the first dose, then what does not."""
    rows = [*_lists(voice, True), *_lists(voice, False)]
    # What is agreed to is a caution of the therapy as well, and is not said again.
    voice.sentences(r.text for b in voice.plan.before_starting if b.kind == "confirm" for r in b.because)
    return Block(voice.say("label_before"), _joined(voice, rows))


def _lists(voice: Voice, blocks: bool) -> Iterator[Row]:
    if not blocks and voice.depth <= 0:
        open_items = [b for b in voice.plan.before_starting if not b.blocks]
        shown = () if voice.depth <= SHORTEST else ("ask", "order") if voice.depth <= LEAST else _KINDS
        short = [b for b in open_items if b.kind in shown]
        more = [voice.say("before_elsewhere")] if len(short) < len(open_items) else []
        ticks = tuple(item for item in (*(voice.once(asked(b, voice.knowledge)) for b in short), *more) if item)
        yield from _list(voice, "also_confirm", "plain", ticks)
        return
    for kind in _KINDS:
        found = [b for b in voice.plan.before_starting if b.kind == kind and b.blocks is blocks]
        items = [voice.once(asked(b, voice.knowledge)) for b in found]
        if voice.depth <= SHORTEST and kind == "confirm":
            items = [item.partition(". ")[0] for item in items]
        ticks = tuple(item for item in items if item)
        yield from _list(voice, f"before_{kind}" if blocks else f"also_{kind}", "must" if blocks else "plain", ticks)


def _joined(voice: Voice, rows: list[Row]) -> tuple[Row, ...]:
    """Rows of sentences as they are, or where room is shortest in one."""
    if voice.depth > SHORTEST or not rows:
        return tuple(rows)
    return (Row(" ".join(f"{row.mark} {row.text}".strip() for row in rows)),)


def _list(voice: Voice, key: str, tone: Tone, ticks: tuple[str, ...]) -> Iterator[Row]:
    """Items with a box each, or where room is short one after the other."""
    if ticks and voice.depth <= RUN_IN:
        yield Row(stopped("; ".join(_in_a_row(voice, item.rstrip(".")) for item in ticks)), voice.say(key), tone)
    elif ticks:
        yield Row("", voice.say(key), tone, ticks)


def _in_a_row(voice: Voice, item: str) -> str:
    """An item among others: a second sentence of its own would look like their end."""
    first, _, more = item.partition(". ")
    told = voice.inside(first)
    return f"{told} ({voice.inside(more)})" if more else told


def asked(item: BeforeStarting, knowledge: Knowledge) -> str:
    """A question by what it is about, an order by the test, what is to be seen to as it is."""
    entry = knowledge.facts.get(item.fact or "")
    # What has a sentence of its own is asked in it.
    if entry is None or item.id != item.fact or "reason" in item.says:
        return item.what.rstrip(".")
    # A test of one word is named for what it tells.
    return entry.settle if item.kind == "order" and entry.settle is not None and " " in entry.settle else entry.name


def tests_of(voice: Voice, items: Iterable[BeforeStarting]) -> Iterator[str]:
    """The tests that some items of the lists before the first dose ask for."""
    chosen = voice.plan.next.therapy if voice.plan.next else ""
    before = {b.id: b.tests for b in voice.knowledge.therapies[chosen].before} if chosen else {}
    for item in items:
        settling = [test.id for test in voice.knowledge.catalogue.tests.values() if item.fact in test.settles]
        yield from before.get(item.id, () if settling else (item.id,))
        yield from settling


def questions_block(voice: Voice) -> Block:
    """Where a missing fact decides what comes next: what to ask."""
    plan = voice.plan
    if plan.next is not None or plan.status not in ("needs_fact", "conventional_therapy", "out_of_scope", "safety_hold"):
        return Block("", ())
    ticks = tuple(item for item in (voice.once(question) for question in questions(voice)) if item)
    return Block(voice.say("label_ask"), (Row("", "", "must", ticks),) if ticks else ())


def questions(voice: Voice) -> Iterator[str]:
    """What the status or the gate needs, and what is not stated of running therapies, each field once for all of them."""
    algorithm = voice.knowledge.algorithm
    flags = {f.id for f in voice.knowledge.facts.values() if f.group == algorithm.roles.red_flags}
    decisive = {algorithm.gate.id, *(reason.rule for reason in voice.plan.status_because)}
    fields: dict[str, list[str]] = {}
    for unknown in voice.plan.unknowns:
        _, _, course = unknown.fact.partition("treatments.")
        if course:
            therapy, _, field = course.partition(".")
            fields.setdefault(field, []).append(therapy)
    for field, therapies in fields.items():
        key = f"settle_course_{field}"
        if key in voice.knowledge.texts:
            yield voice.knowledge.say(key, name=voice.names(therapies))
    for unknown in voice.plan.unknowns:
        if set(unknown.needed_for) & decisive and unknown.fact not in flags:
            yield unknown.question


def instead_block(voice: Voice) -> Block:
    """What comes instead; where room is short only what a refusal leads to: what else would close the next therapy is among
    the questions above. What comes once red flags are cleared, or where a hold becomes a stop, is told in any case."""
    later, plan = after_clearance(voice.plan), voice.plan
    if voice.depth <= NO_INSTEAD and plan.next is not None:
        if voice.depth <= SHORTEST:
            return Block("", ())
        refused = tuple(item for item in plan.instead if item.fact is None)
        plan = plan.changed(instead=refused)
    told = " ".join(instead_sentences(plan, voice.knowledge, voice.short))
    if len(plan.instead) < len(voice.plan.instead):
        told = f"{told} {voice.say('elsewhere')}"
    return Block(voice.say("label_then" if later else "label_instead"), (Row(told),) if told else ())


def cautions_block(voice: Voice) -> Block:
    """Cautions that hold for this patient, warnings, and what the next therapy is boxed for."""
    plan = voice.plan
    rows = []
    for caution in plan.cautions:
        text = voice.once(caution.text)
        if text:
            rows.append(_about(voice, caution.therapy, text))
    for boxed in plan.next.boxed_warning if plan.next else ():
        text = voice.once(boxed.text)
        if text:
            rows.append(Row(stopped(text)))
    # A dose of the past is checked in the record, not acted on.
    warned = voice.sentences(w.text for w in plan.warnings if among_cautions(voice.knowledge, w.code) and w.past is None)
    rows += [Row(warned)] if warned else []
    return Block(voice.say("label_cautions"), _joined(voice, rows))


def _about(voice: Voice, therapy: str, text: str) -> Row:
    name = voice.name(therapy)
    return Row(stopped(text if name.lower() in text.lower() else f"{name}: {text}"))
