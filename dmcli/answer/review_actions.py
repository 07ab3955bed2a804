"""The action of each therapy that runs, as its review says it."""

from datetime import date, timedelta

from dmcli.assess.assess import Assessment
from dmcli.assess.course_days import course_step
from dmcli.assess.doses import present_dose
from dmcli.case.pauses import open_hold
from dmcli.decide.decide import Decision
from dmcli.result.actions import Action, ActionItem, Priority, Said, action_item
from dmcli.result.events import ScheduleItem
from dmcli.result.reasons import Reason, reason
from dmcli.review.infusion_days import slots
from dmcli.review.progress import held_before
from dmcli.review.recovery import dose_spared
from dmcli.review.resumed_dose import resumed_as, resumed_dose
from dmcli.review.review import Reviewed, not_given
from dmcli.schedule.judgements import judged_next

# What waits until the next visit; everything else is for today.
_PLANNED = ("continue", "extend_interval")
# Sentences that begin with the word for their action, and those that tell the dose.
_BY_NAME = ("continue", "judged", "open", "add", "stop", "taper", "resume", "resume_held")
_SAYS: dict[str, tuple[Said, ...]] = {
    "review_step_up": ("dose",),
    "planned": ("action",),
    **{f"review_{key}": ("action",) for key in _BY_NAME},
}
# What is said of a therapy that should be replaced where nothing new is opened yet.
_PENDING = {"refer": "review_left_referred", "needs_fact": "review_left"}
# Of a therapy whose dose changes anyway nothing is said of these.
_CHANGED = ("continue", "step_up", "test", "reduce")
# What rests on the tests before the next step, and names what they leave out.
_ON_TESTS = ("step_up", "test")
_YEAR = timedelta(weeks=52)
_WEEK = 7


def review_actions(
    patient: Assessment, decision: Decision, schedule: tuple[ScheduleItem, ...], silent: set[str], changed: set[str]
) -> list[ActionItem]:
    """The action of every reviewed therapy, but for those of which something more urgent was said; of one whose dose
    changes already, only what ends it or adds to it."""
    found = []
    for therapy, reviewed in decision.reviews.items.items():
        action = _what(decision, reviewed)
        if therapy in silent or therapy == decision.chosen or (therapy in changed and action in _CHANGED):
            continue
        because = (*_why(patient, decision, reviewed, action), *_on_ending(patient, reviewed, action))
        key, text = _said(patient, decision, reviewed, action, schedule)
        if reviewed.rule.planned:
            key, text = "planned", _planned_end(patient, decision, reviewed, schedule)
        if action in _ON_TESTS and reviewed.progress.titration is not None:
            text = _with_missing(patient, text, not_given(patient, therapy, reviewed.progress.titration))
        says: tuple[Said, ...] = _SAYS.get(key, ())
        priority: Priority = "planned" if action in _PLANNED or reviewed.rule.planned else "now"
        found.append(action_item(priority, action, therapy, text, _dose(patient, reviewed, schedule, action), because, says))
    return found


def _with_missing(patient: Assessment, text: str, missing: tuple[str, ...]) -> str:
    """A sentence with the names of the values that are missing."""
    return patient.knowledge.say("values_not_given", text=text, facts=", ".join(missing)) if missing else text


def _what(decision: Decision, reviewed: Reviewed) -> Action:
    """The rule's action as far as this plan carries it out.

    What failed is switched when another therapy is chosen, stopped when others carry on, and left as it is where
    neither is decided. What gets a partner goes on itself.
    """
    action: Action = reviewed.rule.action
    if action == "switch":
        return "switch" if decision.chosen else "stop" if reviewed.therapy in decision.leaving else "continue"
    return "continue" if action == "add" else action


def _planned_end(patient: Assessment, decision: Decision, reviewed: Reviewed, schedule: tuple[ScheduleItem, ...]) -> str:
    """When a therapy ends by plan, and from which day on the body is free of it."""
    k, washout = patient.knowledge, patient.knowledge.therapies[reviewed.therapy].washout
    weeks = washout.weeks if washout is not None else 0
    last = next((date.fromisoformat(i.date) for i in schedule if i.therapy == reviewed.therapy and i.event == "end"), None)
    key = "review_planned_open" if last is None else "review_planned" if decision.chosen else "review_planned_alone"
    return k.say(
        key,
        name=k.name(reviewed.therapy),
        next=k.name(decision.chosen) if decision.chosen else "",
        last=last or "",
        weeks=weeks,
        free=last + timedelta(weeks=weeks) if last is not None else "",
    )


def _pending(decision: Decision, reviewed: Reviewed) -> bool:
    """Whether the rule asks for another therapy and this plan brings none."""
    return decision.chosen is None and reviewed.rule.action in ("switch", "add") and reviewed.therapy not in decision.leaving


def _why(patient: Assessment, decision: Decision, reviewed: Reviewed, action: str) -> tuple[Reason, ...]:
    """The rule, unless this plan cannot follow it; then the verdict, and why nothing new is opened."""
    verdict = reviewed.progress.judged.rule
    told = (reason(verdict),) if verdict is not None else ()
    held = reason(patient.knowledge.algorithm.statements["line_held"])
    alone = decision.status.status == "continue_current"
    if _pending(decision, reviewed):
        return (*told, held if alone else reason(decision.status))
    rule = reason(reviewed.rule)
    if action == "resume":
        return (resumed_as(patient, reviewed.progress), rule)
    if action not in ("stop", "switch"):
        return (rule,)
    if decision.chosen is None:
        # The rule may promise what comes next; what does not rest on the verdict is told by the rule alone.
        why = told if told and not reviewed.rule.regardless else (rule,)
        return (*why, held) if alone else why
    # That it is not tolerated the rule has said.
    harmed = reviewed.progress.judged.verdict in patient.knowledge.algorithm.harmful
    return (rule,) if harmed else (rule, *told)


def _on_ending(patient: Assessment, reviewed: Reviewed, action: str) -> tuple[Reason, ...]:
    """What the knowledge says of ending the therapy."""
    if action not in ("stop", "switch"):
        return ()
    return tuple(reason(advice) for advice in patient.knowledge.therapies[reviewed.therapy].advice if advice.about == "ending")


def _said(
    patient: Assessment, decision: Decision, reviewed: Reviewed, action: str, schedule: tuple[ScheduleItem, ...]
) -> tuple[str, str]:
    """The key of the sentence, and the sentence."""
    k, interval, rule = patient.knowledge, reviewed.progress.interval, reviewed.rule
    mine = [i for i in schedule if i.therapy == reviewed.therapy and not i.hold_point]
    day = judged_next(patient, reviewed) if reviewed.therapy not in decision.leaving else None
    key = f"review_{action}"
    if _pending(decision, reviewed):
        key = _PENDING.get(decision.status.status, "review_continue")
    elif action == "resume" and open_hold(reviewed.progress.judged.course) is not None:
        key = "review_resume_held"
    elif rule.action == "add":
        key = "review_add"
    elif action == "continue" and day is not None:
        open_today = reviewed.progress.judged.verdict == "unknown" and day == patient.case.as_of
        key = "review_open" if open_today else "review_judged"
    weeks = held_before(patient, reviewed.progress) if rule.action == "shorten_interval" else (interval.weeks if interval else 0)
    return key, k.say(
        key,
        name=k.name(reviewed.therapy),
        next=k.name(decision.chosen) if decision.chosen else "",
        judged=day.isoformat() if day else "",
        now=interval.weeks if interval else "",
        weeks=weeks + (rule.lengthen_weeks or 0),
        date=mine[0].date if mine else _next_day(patient, reviewed) or k.texts["not_dated"],
        dose=mine[0].dose_text if mine and mine[0].dose_text else "",
    )


def _next_day(patient: Assessment, reviewed: Reviewed) -> str | None:
    """The day of the next course where it lies beyond the horizon."""
    chosen = reviewed.progress.chosen
    step = course_step(chosen.regimen) if chosen is not None else None
    if step is None:
        return None
    return next((s.day.isoformat() for s in slots(patient, reviewed, step, patient.case.as_of + _YEAR)), None)


def _dose(patient: Assessment, reviewed: Reviewed, schedule: tuple[ScheduleItem, ...], action: str) -> str | None:
    """The dose after the action: the first of the schedule, else the one taken now; none of what ends, and none of what is to
    be lowered to a dose that is not known."""
    mine = [i.dose_text for i in schedule if i.therapy == reviewed.therapy and i.dose_text]
    if action in ("stop", "switch", "reduce"):
        return None
    where = reviewed.progress
    if where.interval is not None and where.chosen is not None:
        # The name of a regimen tells its rhythm, which is not that of a lengthened interval.
        step = course_step(where.chosen.regimen)
        as_named = step is not None and step.every_days == where.interval.weeks * _WEEK
        return where.chosen.regimen.name if as_named and action != "extend_interval" else None
    written = present_dose(where.judged.course)
    waits = action in ("test", "continue") and where.titration is not None
    if mine and not waits:
        return mine[0]
    if action == "resume":
        again = resumed_dose(patient, where, spared=dose_spared(patient, where.judged))
        if again.way != "same":
            return again.dose.text if again.dose is not None else None
    return written.text if written is not None else None
