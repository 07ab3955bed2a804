"""What to give, and why: the dose of the next therapy, what becomes of each running drug, the reasons in a few lines."""

from collections.abc import Iterator

from dmcli.dose.infusion import infusion_lines
from dmcli.knowledge.algorithm import LineRule
from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import LEAST, NO_RATES, SHORTEST, Voice, awaits_results, stopped
from dmcli.render.wording import capital
from dmcli.result.actions import ActionItem
from dmcli.result.events import ScheduleItem

_PASSED_OVER = 3
_CONVENTIONAL = "conventional"
_OPEN = ("recommended", "alternative", "needs_fact", "inadequate_trial", "current")


def give_block(voice: Voice) -> Block:
    """The next therapy: dose with its arithmetic, how it is given, the other way to dose it."""
    plan = voice.plan
    if plan.next is None:
        return Block("", ())
    name = voice.name(plan.next.therapy)
    action = next(a for a in plan.actions if a.therapy == plan.next.therapy and a.action == plan.next.action)
    mine = [i for i in plan.schedule if i.therapy == plan.next.therapy and not i.hold_point]
    told = {"name": name, "dose": _dose(voice, action, mine)}
    if any(b.kind == "known" for b in plan.before_starting):
        rows = [Row(voice.say("give_undated", **told))]
    else:
        # What has no dose here has a first day all the same.
        day = voice.day(mine[0].date if mine else plan.start)
        rows = [Row(voice.say("give_earliest" if awaits_results(plan) else "give", **told, day=day))]
    rows += [Row(text) for text in _how(voice, mine[0])] if mine else []
    rows += [Row(voice.say("or", text=_other(voice, n))) for n in range(len(plan.other_regimens) if voice.depth > 0 else 0)][:2]
    return Block(voice.say("label_give"), tuple(rows))


def _dose(voice: Voice, action: ActionItem, mine: list[ScheduleItem]) -> str:
    """The regimen with its arithmetic; of a dose that is taken all along, first what is taken to begin with."""
    first = mine[0] if mine else None
    if first is None:
        # The line begins with the name.
        said = action.dose or voice.say("undosed")
        return said.removeprefix(f"{capital(voice.knowledge.name(action.therapy or ''))}: ")
    if first.course is not None:
        parts = [action.dose, first.arithmetic or first.dose_text]
    else:
        named = action.dose is not None and first.dose_text is not None and _says(action.dose, first.dose_text)
        rises = len({item.dose_text for item in mine}) > 1 and first.dose_text is not None and not named
        parts = [
            voice.say("begin", dose=first.dose_text) if rises else None if named else first.dose_text,
            None if first.dose_text is not None and _says(first.dose_text, action.dose) and not named else action.dose,
            first.arithmetic,
        ]
    return "; ".join(voice.short(part).strip() for part in dict.fromkeys(parts) if part)


def _how(voice: Voice, first: ScheduleItem) -> Iterator[str]:
    """Volume, rate and time of an infusion."""
    if first.infusion is not None:
        if voice.depth > NO_RATES:
            yield " ".join(infusion_lines(voice.knowledge, first.infusion))
        elif voice.depth > SHORTEST:
            yield voice.say("infusion_elsewhere")


def _other(voice: Voice, number: int) -> str:
    other = voice.plan.other_regimens[number]
    computed = other.arithmetic or other.dose_text
    if computed is not None and _says(computed, other.name):
        return voice.short(computed)
    if computed is not None and _says(other.name, computed):
        computed = None
    return voice.short(f"{other.name}: {computed}" if computed else other.name)


def _says(text: str, other: str | None) -> bool:
    """Whether a text has all words of another one in it, in whatever order."""
    return other is not None and set(other.replace("-", " ").split()) <= set(text.replace("-", " ").split())


def today_block(voice: Voice) -> Block:
    """What becomes of each running drug today, in the order of urgency; what just goes on stands together."""
    plan = voice.plan
    chosen = plan.next.therapy if plan.next else None
    urgent = {(u.action, u.therapy) for u in plan.urgent}
    items = [a for a in plan.actions if a.therapy not in (None, chosen) and (a.action, a.therapy) not in urgent]
    stopped_now = {u.therapy for u in plan.urgent if u.action == "stop"}
    items = [a for a in items if a.therapy not in stopped_now]
    ending = [a for a in items if a.action == "switch"] if chosen is not None else []
    if len(ending) > 1 and chosen is not None:
        names = voice.names(a.therapy or "" for a in ending)
        rows = [Row(stopped(voice.knowledge.say("review_switch", name=names, next=voice.name(chosen))))]
        items = [a for a in items if a not in ending]
    else:
        rows = []
    told: set[str] = set()
    rows += [Row(text) for text in (_doing(voice, a, told) for a in items if a.action != "continue") if text]
    # What is taken up again goes on by that.
    resumed = {a.therapy for a in items if a.action == "resume"}
    rows += list(_going_on(voice, [a for a in items if a.action == "continue" and a.therapy not in resumed]))
    return Block(voice.say("label_today"), tuple(rows))


def _doing(voice: Voice, item: ActionItem, told: set[str]) -> str:
    """What becomes of a drug and why; `told` are the rules that were given as a reason, with or without today's values."""
    # What makes an agreement necessary is told in any case.
    depth = len(item.because) if item.action == "refer" else max(0, voice.depth)
    why = [r for r in item.because[:depth] if r.rule is None or r.rule not in told]
    told |= {reason.rule for reason in item.because if reason.rule is not None}
    text = voice.once(item.text)
    if not text:
        return ""
    # A sentence that names its drug needs no name before it.
    name = voice.name(item.therapy or "")
    if name.lower() not in text.lower():
        text = f"{name}: {text}"
    if item.dose and "dose" not in item.says and item.dose not in item.text:
        text = voice.say("at_dose", text=text.removesuffix("."), dose=item.dose)
    if "reason" in item.says or not depth:
        return stopped(text)
    return f"{stopped(text)} {voice.sentences(r.text for r in why)}".strip()


def _going_on(voice: Voice, items: list[ActionItem]) -> Iterator[Row]:
    """Drugs that go on: each with what its review says, or together where there are many."""
    if voice.depth < 2 and len(items) > 1:
        yield Row(voice.say("go_on", names=voice.names(i.therapy or "" for i in items)))
        return
    untouched = [i for i in items if "reason" in i.says]
    yield from (Row(text) for text in (_doing(voice, i, set()) for i in items if i not in untouched) if text)
    if untouched:
        yield Row(voice.say("go_on", names=voice.names(i.therapy or "" for i in untouched)))


def why_block(voice: Voice) -> Block:
    """Why this, in two or three lines, with the grade and what the other reading of the gate would give."""
    plan = voice.plan
    rows = [Row(text) for text in (_why_next(voice) if plan.next else _why_nothing(voice)) if text]
    other = plan.reading.other_reading
    if other is not None and voice.depth > NO_RATES:
        rows.append(Row(voice.say("other_reading", text=voice.short(other.text), reading=other.reading)))
    return Block(voice.say("label_why"), tuple(rows))


def _why_nothing(voice: Voice) -> Iterator[str]:
    # What runs goes on: each drug has said why.
    if voice.plan.status != "continue_current":
        yield voice.sentences(r.text for r in voice.plan.status_because)


def _why_next(voice: Voice) -> Iterator[str]:
    found = voice.plan.next
    if found is None:
        return
    grade = voice.knowledge.therapies[found.therapy].grade
    # Of what failed, is declined or is urgent today the lines above have told why it is not next.
    told = {o.therapy for o in voice.plan.options if o.status in ("exhausted", "declined", "current")}
    told |= {u.therapy for u in voice.plan.urgent if u.therapy is not None}
    lines = {line.id: _of_line(voice, line) for line in voice.knowledge.algorithm.lines}
    told_first = {rule.id for rule in voice.knowledge.algorithm.statuses if rule.told}
    status, *others = found.because
    own = [lines.get(r.rule or "") or r.text for r in others if r.about is None and r.text != found.grade_text]
    first = [status.text] if status.rule in told_first else []
    short = voice.say("grade", grade=grade.short) if grade is not None and grade.short else found.grade_text or ""
    yield voice.sentences([*first, *own[: max(1, 1 + voice.depth)], short])
    passed: dict[str, list[str]] = {}
    for reason in found.because:
        if reason.about is not None and reason.about not in told and not _long_passed(voice, reason.about):
            passed.setdefault(reason.text, []).append(reason.about)
    shown = _PASSED_OVER if voice.depth > 0 else 1 if voice.depth > LEAST else 0
    for text, therapies in list(passed.items())[:shown]:
        why = voice.once(text)
        if why:
            names = voice.names(therapies)
            named = why.lower().startswith(f"{names.lower()} ")
            yield stopped(why) if named else voice.say("not_this", names=names, why=stopped(why))


def _of_line(voice: Voice, line: LineRule) -> str | None:
    """What a line says in short, of the next therapy alone where no other member is open."""
    others = (o for o in voice.plan.options if o.therapy in line.members and o.status in _OPEN)
    alone = voice.plan.next is not None and not any(o.therapy != voice.plan.next.therapy for o in others)
    return line.short_last or line.short if alone else line.short


def _long_passed(voice: Voice, therapy: str) -> bool:
    """Whether a therapy is of the conventional line, which is behind this patient, and it or one of its class was had."""
    found, therapies = voice.plan.next, voice.knowledge.therapies
    line = next((option.line for option in voice.plan.options if option.therapy == therapy), None)
    if found is None or line != _CONVENTIONAL or found.line == _CONVENTIONAL:
        return False
    had = {item.therapy for item in voice.plan.history}
    classes = {c for item in had if item in therapies for c in therapies[item].classes}
    return therapy in had or bool(classes & set(therapies[therapy].classes))
