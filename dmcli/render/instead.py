"""What comes first if a missing fact turns out badly, if the next therapy is declined, if what is on hold has to stop, or once
red flags are cleared; one answer, one sentence."""

from collections.abc import Callable

from dmcli.knowledge.model import Knowledge
from dmcli.result.actions import InsteadItem
from dmcli.result.plan import Plan


def instead_sentences(plan: Plan, knowledge: Knowledge, spoken: Callable[[str], str] = str) -> list[str]:
    """A sentence for each answer, with all that leads to it; `spoken` says a name as the reader's page says names."""
    answers: dict[str, list[str]] = {}
    for item in plan.instead:
        if item.cleared:
            return [_once_cleared(item, knowledge, spoken)]
        answer = knowledge.name(item.therapy) if item.therapy else knowledge.texts[f"status_{item.status}"]
        answers.setdefault(spoken(answer), []).append(_if(item, knowledge, spoken))
    return [knowledge.say("screen_instead", cases=_either(knowledge, cases), answer=a) for a, cases in answers.items()]


def after_clearance(plan: Plan) -> bool:
    """Whether what is told comes once red flags are cleared, and not instead of a therapy of today."""
    return any(item.cleared for item in plan.instead)


def _once_cleared(item: InsteadItem, knowledge: Knowledge, spoken: Callable[[str], str]) -> str:
    """What the plan will be then; nothing of it may be begun before."""
    if item.therapy is not None:
        answer = knowledge.say("screen_cleared_therapy", name=spoken(knowledge.name(item.therapy)))
    else:
        answer = knowledge.texts[f"screen_cleared_{item.status}"]
    key = "screen_cleared" if len(item.cleared) == 1 else "screen_cleared_all"
    return knowledge.say(key, answer=answer, **({} if len(item.cleared) == 1 else {"count": len(item.cleared)}))


def _either(knowledge: Knowledge, cases: list[str]) -> str:
    *others, last = cases
    return f"{', '.join(others)} {knowledge.texts['screen_instead_or']} {last}" if others else last


def _if(item: InsteadItem, knowledge: Knowledge, spoken: Callable[[str], str]) -> str:
    if item.stopped:
        return knowledge.say("screen_instead_stopped", names=", ".join(spoken(knowledge.name(t)) for t in item.stopped))
    if item.fact is None:
        return knowledge.texts["screen_instead_declined"]
    name = spoken(knowledge.fact_name(item.fact))
    if item.value is True:
        return name
    if item.value is False:
        return knowledge.say("screen_instead_not", name=name)
    value = f"{item.value:g}" if isinstance(item.value, float) else item.value
    return knowledge.say("screen_instead_is", name=name, value=value)
