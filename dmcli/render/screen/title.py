"""The title of the first screen: what is to be done, in capitals."""

from collections.abc import Iterable, Iterator

from dmcli.knowledge.codes import GOES_ON
from dmcli.render.screen.before import asked, questions, tests_of
from dmcli.render.screen.urgent import sends, to_decide
from dmcli.render.screen.voice import Voice
from dmcli.result.actions import ActionItem

_NAMED = 3
# Changes of what runs, in the order in which a title names them; what just goes on is named only where nothing else is.
_CHANGES = (
    "stop", "planned", "switch", "step_up", "resume", "restart", "retry", "change_schedule", "shorten_interval",
    "extend_interval", "reduce", "taper", "repeat", "test",
)  # fmt: skip
_TESTS = ("repeat", "test")


def title(voice: Voice) -> str:
    """The action as a clinician would say it; a referral and what must stop or pause come first."""
    parts = [*_urgent(voice), *_next(voice), *_running(voice)]
    return ", ".join(parts or [*_overdue(voice), *_nothing_new(voice)]).upper()


def _urgent(voice: Voice) -> Iterator[str]:
    plan = voice.plan
    told: set[str | None] = set()
    paused: set[str | None] = set()
    for action in ("stop", "hold", "refer"):
        names = [u.therapy for u in plan.urgent if u.action == action and u.therapy is not None and u.therapy not in told]
        told |= set(names)
        paused |= set(names) if action != "refer" else set()
        if names and action == "refer":
            yield from _asked(voice, names)
        elif names:
            yield voice.say(f"title_{action}", names=_named(voice, names))
    if plan.status in ("refer", "out_of_scope"):
        yield voice.say(f"title_{plan.status}")
    elif any(u.action == "refer" and (u.therapy is None or u.therapy in paused) and sends(voice, u) for u in plan.urgent):
        yield voice.say("title_refer")


def _asked(voice: Voice, names: list[str]) -> Iterator[str]:
    """What is to be decided between two drugs of this plan, and of what else its prescriber is asked."""
    pairs = [pair for pair in to_decide(voice) if {*pair} <= {*names}]
    decided = list(dict.fromkeys(therapy for pair in pairs for therapy in pair))
    if pairs:
        named = voice.say("title_or").join(map(voice.name, decided))
        yield voice.say("title_decide", names=named if len(pairs) == 1 else voice.say("title_drugs", count=len(decided)))
    others = [name for name in names if name not in decided]
    if others:
        yield voice.say("title_ask", names=_named(voice, others))


def _next(voice: Voice) -> Iterator[str]:
    plan = voice.plan
    if plan.next is None:
        return
    name = voice.name(plan.next.therapy)
    told = voice.say(f"title_{plan.next.action}", names=name)
    waits = [b for b in plan.before_starting if b.blocks]
    ordered = [b for b in waits if b.kind == "order"]
    if any(b.kind == "known" for b in waits):
        yield voice.say("title_once_cleared", name=name)
    elif ordered:
        first = voice.short(asked(ordered[0], voice.knowledge))
        tests = first if len(ordered) == 1 else voice.say("title_tests", count=len({*tests_of(voice, ordered)}))
        yield voice.say("title_order", tests=tests, then=name)
    else:
        yield told


def _running(voice: Voice) -> Iterator[str]:
    plan = voice.plan
    told = {u.therapy for u in plan.urgent if u.action != "refer"} | ({plan.next.therapy} if plan.next else set())
    changed: dict[str, list[str]] = {}
    for item in plan.actions:
        if item.therapy is not None and item.therapy not in told:
            # A test that says its own reason is a result to repeat, another one the check before the next step.
            action: str = "repeat" if item.action == "test" and "reason" in item.says else item.action
            # What ends by plan ends on a day of its own, whether or not something takes its place.
            action = "planned" if item.priority == "planned" and action in ("stop", "switch") else action
            changed.setdefault(action, []).append(item.therapy)
    named: set[str] = set()
    for action in _CHANGES:
        if action in changed and (action != "switch" or plan.next is None):
            # A drug that is named already is not named again for its tests.
            again = action in _TESTS and set(changed[action]) <= named
            if not again:
                yield voice.say(f"title_{action}", names=_named(voice, changed[action]))
            elif action == "repeat":
                yield voice.say("title_repeat_too")
            named |= set(changed[action])


def _overdue(voice: Voice) -> Iterator[str]:
    if any(_is_overdue(a) for a in voice.plan.actions):
        yield voice.say("title_overdue")


def _is_overdue(item: ActionItem) -> bool:
    return item.action == "test" and item.therapy is None


def _nothing_new(voice: Voice) -> Iterator[str]:
    plan = voice.plan
    urgent = {u.therapy for u in plan.urgent}
    goes_on = [a.therapy for a in plan.actions if a.action == "continue" and a.therapy is not None and a.therapy not in urgent]
    if plan.status in GOES_ON and goes_on:
        yield voice.say("title_continue", names=_named(voice, goes_on))
    elif plan.status == "conventional_therapy" and any(questions(voice)):
        # Nothing is chosen before the answer.
        yield voice.say("title_needs_fact")
    else:
        yield voice.say(f"title_{plan.status}")


def _named(voice: Voice, targets: Iterable[str]) -> str:
    """Up to three names; more are counted, and named in the lines below."""
    names = list(dict.fromkeys(targets))
    return voice.names(names) if len(names) <= _NAMED else voice.say("title_drugs", count=len(names))
