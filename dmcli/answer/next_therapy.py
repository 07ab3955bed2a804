"""The next therapy with its reasons, why none before it, and what the other reading of the gate would give."""

from dmcli.answer.cautions import boxed_warnings
from dmcli.answer.options import Options
from dmcli.assess.assess import Assessment
from dmcli.decide.decide import Decision, decide
from dmcli.decide.gate import gate_state
from dmcli.decide.instead import Instead
from dmcli.result.actions import InsteadItem, Next
from dmcli.result.caveats import OtherReading, Reading
from dmcli.result.options import Argument
from dmcli.result.reasons import Reason, reason, sources_of

# Arguments of the chosen therapy that are told as reasons, beside its line.
_SPEAKING_FOR = ("worked_before", "brought_forward", "grade", "proper_trial")
# What passes a therapy over that nothing excludes.
_SPEAKING_AGAINST = ("severe_caution", "fact_blocks")


def build_next(patient: Assessment, decision: Decision, options: Options, reasons: bool = True) -> Next | None:
    """The chosen therapy, with why it is next or without; None where none is chosen."""
    if decision.chosen is None or decision.action is None:
        return None
    entry = patient.knowledge.therapies[decision.chosen]
    because = _because(patient, decision, options) if reasons else ()
    return Next(
        therapy=decision.chosen,
        name=entry.name,
        action=decision.action,
        line=entry.line,
        grade=entry.grade.grade if entry.grade else None,
        grade_text=entry.grade.text if entry.grade else None,
        boxed_warning=boxed_warnings(patient, decision) if reasons else (),
        because=because,
        sources=sources_of(because),
    )


def _because(patient: Assessment, decision: Decision, options: Options) -> tuple[Reason, ...]:
    """Why the chosen therapy is next, and why each therapy before it in the order is not."""
    found = [reason(decision.status)]
    line = next(line for line in patient.knowledge.algorithm.lines if decision.chosen in line.members)
    found.append(reason(line))
    if decision.chosen in decision.statuses:
        found += [_of(argument) for argument in options.of(decision.chosen).arguments if argument.code in _SPEAKING_FOR]
    found += [r for therapy in _passed_over(patient, decision) for r in _why_not(options, therapy)]
    return tuple(dict.fromkeys(found))


def _of(argument: Argument, about: str | None = None) -> Reason:
    return Reason(argument.text, argument.sources, argument.level, argument.rule, about)


def _passed_over(patient: Assessment, decision: Decision) -> list[str]:
    """Therapies that stand before the chosen one in the algorithm."""
    names: list[str] = []
    gate = patient.knowledge.algorithm.gate.line
    conventional = any(decision.chosen in requirement.members for requirement, _ in decision.gate.requirements)
    for line in patient.knowledge.algorithm.lines:
        if (line.name == gate) is conventional or (line.name == gate and decision.gate.passed is True):
            for member in line.members:
                if member == decision.chosen:
                    return names
                names.append(member)
    return names


def _why_not(options: Options, therapy: str) -> list[Reason]:
    """What excludes a therapy, else what speaks so much against it that it is passed over."""
    decisive = options.excluding(therapy)
    if decisive is None:
        decisive = next((a for a in options.of(therapy).arguments if a.code in _SPEAKING_AGAINST), None)
    return [_of(decisive, therapy)] if decisive is not None else []


def build_instead(found: tuple[Instead, ...]) -> tuple[InsteadItem, ...]:
    """What comes instead, each answer with the fact that leads to it; null for a refusal of the next therapy, where what
    is on hold has to stop, or where red flags are cleared."""
    return tuple(
        InsteadItem(
            fact=told.fact,
            value=told.value,
            status=told.decision.status.status,
            therapy=told.decision.chosen,
            action=told.decision.action,
            stopped=told.stopped,
            cleared=told.cleared,
            limit=told.beyond.limit if told.beyond is not None else None,
            compared=told.beyond.compared if told.beyond is not None else None,
            obstructed=bool(told.decision.obstacles),
        )
        for told in found
    )


def build_reading(patient: Assessment, decision: Decision) -> Reading:
    """How the gate was read, and the answer under the other reading where it differs."""
    gate = patient.knowledge.algorithm.gate
    text = decision.gate.bypass.text if decision.gate.bypass is not None else gate.text
    others = [r for r in gate.readings if r != decision.reading]
    found = (_other_reading(patient, decision, other) for other in others)
    return Reading(decision.reading, text, gate.sources, next((o for o in found if o is not None), None))


def _other_reading(patient: Assessment, decision: Decision, other: str) -> OtherReading | None:
    knowledge = patient.knowledge
    if gate_state(patient, other).passed is decision.gate.passed:
        return None
    swapped = decide(patient, decision.reviews, other)
    if (swapped.status.status, swapped.chosen) == (decision.status.status, decision.chosen):
        return None
    answer = knowledge.name(swapped.chosen) if swapped.chosen else knowledge.texts[f"status_{swapped.status.status}"]
    text = knowledge.algorithm.statements["other_reading"].text.format(
        needed=knowledge.texts[f"reading_{knowledge.algorithm.gate.readings[other]}"], answer=answer
    )
    return OtherReading(other, swapped.status.status, swapped.chosen, text)
