"""Every therapy of the catalogue with its status and the reason that decided it; what was tried; what goes along."""

from typing import get_args

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Line, Section, labelled, line, strong
from dmcli.render.wording import capital, cite, facts, reasoned, word
from dmcli.result.courses import HistoryItem
from dmcli.result.options import Argument, CalcinosisOption, Option, OptionStatus
from dmcli.result.plan import Plan
from dmcli.result.reasons import Reason

# The codes that can have led to a status, the strongest first. What is not here is told by `_KINDS`.
_DECISIVE: dict[str, tuple[str, ...]] = {
    "recommended": ("worked_before", "brought_forward", "grade", "line"),
    "needs_fact": ("fact_blocks",),
    "alternative": ("severe_caution", "grade", "line"),
    "inadequate_trial": ("proper_trial",),
    "exhausted": ("failed", "not_tolerated"),
    "contraindicated": ("contraindicated", "interaction", "recorded_contraindicated", "class_closed", "limit_reached"),
    "not_feasible": ("no_iv_access", "cost"),
    "declined": ("declined",),
    "current": ("running",),
    "reserved": ("gate_closed", "line_not_reached", "not_now"),
}
# What goes along with every plan has a section of its own, and so has what is given.
_ALONG, _TOLD = ("adjunct",), ("recommended", "current")
_KINDS = ("excludes", "needs", "against", "for")


def options_section(plan: Plan, knowledge: Knowledge, explain: bool) -> Section:
    """The catalogue by status. Therapies with one and the same reason share a line, unless all is explained."""
    parts = []
    for status in get_args(OptionStatus):
        left_out = _ALONG if explain else (*_ALONG, *_TOLD)
        options = [o for o in plan.options if o.status == status and status not in left_out]
        if options:
            items = _explained(knowledge, options) if explain else _decided(knowledge, options)
            parts.append(Section(f"{word(knowledge, 'option', status)} ({len(options)})", items))
    return Section(knowledge.texts["head_options"], (), tuple(parts))


def _decided(knowledge: Knowledge, options: list[Option]) -> tuple[Item, ...]:
    names: dict[Line, list[str]] = {}
    for option in options:
        argument = decisive(option)
        said = _said(knowledge, argument) if argument else ()
        names.setdefault(said, []).append(option.name)
    return tuple(Item(_named(capital(", ".join(same)), said)) for said, same in names.items())


def _named(names: str, said: Line) -> Line:
    """Therapies with what is said of them; a sentence that begins with its drug names it itself."""
    if not said:
        return line(strong(names))
    return said if said[0].text.startswith(names) else labelled(names, said)


def decisive(option: Option | CalcinosisOption) -> Argument | None:
    """The argument that led to the status of an option."""
    for code in _DECISIVE.get(option.status, ()):
        for argument in option.arguments:
            if argument.code == code:
                return argument
    return next((a for kind in _KINDS for a in option.arguments if a.kind == kind), None)


def _said(knowledge: Knowledge, argument: Argument) -> Line:
    return line(argument.text, cite(knowledge, argument.sources, argument.level, argument.rule))


def _explained(knowledge: Knowledge, options: list[Option]) -> tuple[Item, ...]:
    items = []
    for option in options:
        under = tuple(
            Item(
                labelled(
                    word(knowledge, "kind", a.kind), _said(knowledge, a), f" ({facts(knowledge, a.facts)})" if a.facts else ""
                )
            )
            for a in option.arguments
        )
        items.append(Item(line(strong(capital(option.name)), f", {word(knowledge, 'line', option.line)}"), under))
    return tuple(items)


def history_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What was tried before or is taken, and what each course counts as."""
    return Section(knowledge.texts["head_history"], tuple(_tried(knowledge, h) for h in plan.history))


def _tried(knowledge: Knowledge, item: HistoryItem) -> Item:
    name = knowledge.say("course_of", name=capital(knowledge.name(item.therapy)), number=item.course)
    weeks = knowledge.say("for_weeks", weeks=item.weeks) if item.weeks else knowledge.texts["for_unknown_weeks"]
    verdict = strong(word(knowledge, "verdict", item.verdict))
    because = [part for reason in item.because for part in line(" ", _further(knowledge, reason, item))]
    return Item(labelled(name, verdict, f", {weeks}.", because))


def _further(knowledge: Knowledge, reason: Reason, item: HistoryItem) -> Line:
    """A reason of a verdict; of one that says the verdict in the same words only where it comes from."""
    if reason.text.rstrip(".").lower() != word(knowledge, "verdict", item.verdict).lower():
        return reasoned(knowledge, reason)
    return line(cite(knowledge, reason.sources, reason.level, reason.rule))


def supportive_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What goes along with every plan."""
    items = tuple(Item(labelled(capital(s.name), s.text, cite(knowledge, s.sources))) for s in plan.supportive)
    return Section(knowledge.texts["head_supportive"], items)
