"""The action of each therapy that runs, as its review says it."""

from dmcli.assess.assess import Assessment
from dmcli.assess.history import present_dose
from dmcli.checkpoints import judged_next
from dmcli.decide.decide import Decision
from dmcli.result import ActionItem, Reason, ScheduleItem
from dmcli.review.progress import held_before
from dmcli.review.review import Reviewed
from dmcli.running import reason

# What waits until the next visit; everything else is for today.
_PLANNED = ("continue", "extend_interval", "add")


def review_actions(a: Assessment, d: Decision, schedule: tuple[ScheduleItem, ...], acted: set[str | None]) -> list[ActionItem]:
    """One action for every reviewed therapy that nothing more urgent was said about."""
    found = []
    for therapy, reviewed in d.reviews.items.items():
        if therapy in acted or therapy == d.chosen:
            continue
        action = _what(d, reviewed)
        because = (reason(reviewed.rule), *_verdict(reviewed))
        text = _said(a, d, reviewed, action, schedule)
        sources = tuple(dict.fromkeys(s for r in because for s in r.sources))
        priority = "planned" if action in _PLANNED else "now"
        dose = _dose(reviewed, schedule, action)
        found.append(ActionItem(priority, action, therapy, text, dose, because, sources))  # type: ignore[arg-type]
    return found


def _what(d: Decision, reviewed: Reviewed) -> str:
    """The rule's action as far as this plan carries it out.

    What failed is switched when another therapy is chosen, stopped when others carry on, and left as it is where
    neither is decided. What was to get a partner and gets none goes on.
    """
    action: str = reviewed.rule.action
    if action == "switch":
        return "switch" if d.chosen else "stop" if reviewed.therapy in d.leaving else "continue"
    if action == "add" and d.chosen is None:
        return "continue"
    return action


def _said(a: Assessment, d: Decision, reviewed: Reviewed, action: str, schedule: tuple[ScheduleItem, ...]) -> str:
    k, interval = a.knowledge, reviewed.progress.interval
    mine = [i for i in schedule if i.therapy == reviewed.therapy and not i.hold_point]
    day = judged_next(a, reviewed) if reviewed.therapy not in d.leaving else None
    left = action == "continue" and reviewed.rule.action in ("switch", "add")
    key = "review_left" if left else f"review_judged_{action}" if action == "continue" and day else f"review_{action}"
    rule = reviewed.rule
    weeks = held_before(reviewed.progress) if rule.action == "shorten_interval" else (interval.weeks if interval else 0)
    return k.say(
        key,
        name=k.name(reviewed.therapy),
        next=k.name(d.chosen) if d.chosen else "",
        judged=day.isoformat() if day else "",
        now=interval.weeks if interval else "",
        weeks=weeks + (rule.lengthen_weeks or 0),
        date=mine[0].date if mine else k.texts["not_dated"],
    )


def _dose(reviewed: Reviewed, schedule: tuple[ScheduleItem, ...], action: str) -> str | None:
    """The dose after the action: the first of the schedule, else the one taken now."""
    mine = [i.dose_text for i in schedule if i.therapy == reviewed.therapy and i.dose_text]
    if action in ("stop", "switch"):
        return None
    where = reviewed.progress
    if where.interval is not None and where.chosen is not None:
        # The name of a regimen tells its rhythm, which is not that of a lengthened interval.
        return where.chosen.regimen.name if where.interval.weeks <= where.interval.usual and action != "extend_interval" else None
    written = present_dose(where.judged.course)
    waits = action in ("test", "continue") and where.titration is not None
    if mine and not waits:
        return mine[0]
    return written.text if written is not None else None


def _verdict(reviewed: Reviewed) -> tuple[Reason, ...]:
    rule = reviewed.progress.judged.rule
    return (reason(rule),) if rule is not None else ()
