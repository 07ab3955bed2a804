"""What comes first if a missing fact turns out badly, if the next therapy is declined, if what is on hold has to stop, or once
red flags are cleared; one answer, one sentence."""

from collections.abc import Callable

from dmcli.knowledge.model import Knowledge
from dmcli.result.actions import InsteadItem
from dmcli.result.plan import Plan

# What speaks so much against a therapy that somebody has to agree before it starts.
_AGREED = ("severe_caution", "sign_off")


def instead_sentences(plan: Plan, knowledge: Knowledge, spoken: Callable[[str], str] = str) -> list[str]:
    """A sentence for each answer, with all that leads to it; `spoken` says a name as the reader's page says names."""
    answers: dict[str, list[str]] = {}
    for item in plan.instead:
        if item.cleared:
            return [_once_cleared(plan, knowledge, spoken)]
        answers.setdefault(_answer(plan, item, knowledge, spoken), []).append(_if(item, knowledge, spoken))
    return [knowledge.say("screen_instead", cases=_either(knowledge, cases), answer=a) for a, cases in answers.items()]


def _answer(plan: Plan, item: InsteadItem, knowledge: Knowledge, spoken: Callable[[str], str]) -> str:
    """The therapy that comes instead, whether a specialist has to agree to it, and whether a result keeps it from starting."""
    if item.therapy is None:
        return spoken(knowledge.texts[f"status_{item.status}"])
    name = spoken(knowledge.name(item.therapy))
    arguments = (a for option in plan.options if option.therapy == item.therapy for a in option.arguments)
    signed = any(argument.code in _AGREED for argument in arguments)
    told = knowledge.say("screen_instead_signed", name=name) if signed else name
    return knowledge.say("screen_instead_obstructed", therapy=told) if item.obstructed else told


def after_clearance(plan: Plan) -> bool:
    """Whether what is told comes once red flags are cleared, and not instead of a therapy of today."""
    return any(item.cleared for item in plan.instead)


def _once_cleared(plan: Plan, knowledge: Knowledge, spoken: Callable[[str], str]) -> str:
    """What the plan will be then; nothing of it may be begun before."""
    flags = len(plan.instead[0].cleared)
    answers = [_then(plan, item, knowledge, spoken) for item in plan.instead]
    key, count = ("screen_cleared", {}) if flags == 1 else ("screen_cleared_all", {"count": flags})
    return knowledge.say(key, answer="; ".join(answers), **count)


def _then(plan: Plan, item: InsteadItem, knowledge: Knowledge, spoken: Callable[[str], str]) -> str:
    if item.therapy is not None:
        answer = knowledge.say("screen_cleared_therapy", name=_answer(plan, item, knowledge, spoken))
    else:
        answer = knowledge.texts[f"screen_cleared_{item.status}"]
    names = ", ".join(spoken(knowledge.name(therapy)) for therapy in item.stopped)
    return knowledge.say("screen_cleared_stopped", names=names, answer=answer) if names else answer


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
    if item.compared is not None:
        return knowledge.say(f"screen_instead_{item.compared}", name=name, limit=f"{item.limit:g}")
    return knowledge.say("screen_instead_is", name=name, value=item.value)
