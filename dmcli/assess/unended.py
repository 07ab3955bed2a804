"""What earlier results of a course still ask for today: a stop that nobody carried out, and a hold that has not ended."""

from datetime import date, timedelta

from dmcli.assess.checked import with_values
from dmcli.assess.history import History, Judged
from dmcli.assess.limit_views import Functions, Running, World, beyond_on, scope_in, true_on
from dmcli.assess.limits import BINDING, Reached, gravest
from dmcli.assess.snapshots import View, at_for, result_days, stated_behind
from dmcli.case.model import Case
from dmcli.case.pauses import last_taken, open_hold
from dmcli.knowledge.conditions import facts_of
from dmcli.knowledge.limits import Limit, Tier
from dmcli.knowledge.model import Knowledge

_NOTHING = View({}, {}, {})


def with_unended(
    today: dict[str, tuple[Reached, ...]], case: Case, history: History, functions: Functions, knowledge: Knowledge
) -> dict[str, tuple[Reached, ...]]:
    """The limits of today, each therapy with what an earlier result still asks for, where that is more."""
    world = World(case, knowledge, functions)
    return {therapy: _whole(world, therapy, history.running(therapy), reached) for therapy, reached in today.items()}


def _whole(world: World, therapy: str, judged: Judged | None, reached: tuple[Reached, ...]) -> tuple[Reached, ...]:
    if judged is None or gravest(reached) == "stop" or world.knowledge.therapies[therapy].lasting:
        # What was given for good has no stop, and no end of a hold.
        return reached
    running = Running(therapy, judged, judged.course.start, _NOTHING, _NOTHING)
    limits = [a.limit for a in world.knowledge.limits.limits[therapy] if a.limit.tier in BINDING and not a.limit.event]
    days = _days(world, running, limits)
    found = _forgotten(world, running, limits, days)
    if found is None and gravest(reached) != "hold":
        found = _not_normal(world, running, limits, days) or _too_late(world, running, limits, days)
    return (found, *reached) if found is not None else reached


def _days(world: World, running: Running, limits: list[Limit]) -> list[date]:
    """The days of results that speak for a hold which may last: the last before it and all since; of one that is not on
    record those of as many weeks as a hold may last, and the last before the newest, where nothing was taken after them."""
    if running.judged is None or running.start is None:
        return []
    course = running.judged.course
    facts = {fact for limit in limits for fact in world.knowledge.stated_in(limit.when)}
    days, pause, again = result_days(world.case, facts, running.start), open_hold(course), last_taken(course)
    if pause is not None:
        before = [day for day in days if day <= pause.since.last]
        return [*before[-1:], *days[len(before) :]]
    recent = [day for day in days if world.case.as_of - day < _longest(world)]
    return [day for day in days[-max(len(recent), 2) :] if again is None or day >= again]


def _forgotten(world: World, running: Running, limits: list[Limit], days: list[date]) -> Reached | None:
    """A result that ended the therapy, though a later one is in order: what is stopped is not taken again."""
    stops = [limit for limit in limits if limit.tier == "stop"]
    earlier = days[:-1]
    if not any(beyond_on(world, running, stops, day) for day in earlier):
        return None
    for limit in stops:
        bound = [day for day in earlier if beyond_on(world, running, (limit,), day)]
        if len(bound) > limit.confirmed:
            return _as_seen(world, running, limit, bound[0], "stop", "stop_earlier")
    return None


def _not_normal(world: World, running: Running, limits: list[Limit], days: list[date]) -> Reached | None:
    """A hold that lasts until more is in order than its own limit."""
    for limit in limits:
        if limit.resume_when is None:
            continue
        bound = [day for day in days[:-1] if beyond_on(world, running, (limit,), day)]
        since = [day for day in days if bound and day > bound[-1]]
        if bound and not any(true_on(world, running, (limit.resume_when,), day) for day in since):
            late = _late(world, running, since[-1])
            return _as_seen(world, running, limit, since[-1], *(("stop", "hold_too_long") if late else ("hold", "hold_on")))
    return None


def _too_late(world: World, running: Running, limits: list[Limit], days: list[date]) -> Reached | None:
    """A hold on record whose results were not in order again within its weeks."""
    holds = [limit for limit in limits if limit.tier == "hold" and not limit.until_over]
    for limit in holds:
        bound = [day for day in days if beyond_on(world, running, (limit,), day)]
        first = next((day for day in days if bound and day > bound[-1]), None)
        if first is not None and _late(world, running, first):
            return _as_seen(world, running, limit, bound[-1], "stop", "hold_too_long")
    return None


def _late(world: World, running: Running, day: date) -> bool:
    """Whether a day is so long after the beginning of a hold on record that the therapy has ended by then."""
    pause = open_hold(running.judged.course) if running.judged is not None else None
    return pause is not None and day - pause.since.last >= _longest(world)


def _longest(world: World) -> timedelta:
    """How long a hold may last."""
    return timedelta(weeks=world.knowledge.algorithm.settings["hold_weeks"].value)


def _as_seen(world: World, running: Running, limit: Limit, day: date, tier: Tier, why: str) -> Reached:
    """A limit of today for the results of an earlier day; what those ask of others, and at once, is past."""
    k = world.knowledge
    seen = at_for((limit.when,), world.case, day, running.start, k)
    named = stated_behind(facts_of(k.tree(limit.when)), k)
    changes = tuple(change for name, change in seen.changes.items() if name in named)
    finding = with_values(k.finding(limit.when, scope_in(world, running, seen)), changes)
    return Reached(limit, tier, running.therapy, None, finding, seen, changes, k.algorithm.statements[why])
