"""The limits that results and events of running therapies are beyond today.

An unknown value fires nothing. A value that is too old to count still holds and stops until there is a later one.
"""

from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.changes import moved_by
from dmcli.assess.checked import Change, with_values
from dmcli.assess.doses import nothing_left
from dmcli.assess.facts import Facts, resolve
from dmcli.assess.history import History
from dmcli.assess.limit_views import Functions, Running, World, alternatives, beyond_on, scope_in
from dmcli.assess.snapshots import View, age_matters, aged_at, result_days, stated_behind, view
from dmcli.case.model import Case
from dmcli.case.pauses import open_hold
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.evaluate import Finding, Scope, Value, value_of
from dmcli.knowledge.limits import TIERS, Applied, Limit, Tier, TwoLines
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr, Statement

BINDING: tuple[Tier, ...] = ("hold", "stop")


class Reached(NamedTuple):
    """A limit that counts today for a therapy. `of` is the therapy whose limit it is; `shared` the toxicity through
    which it reaches others; `seen` are the values it was found in, which may be too old to count elsewhere; `raised`
    says why a hold has become a stop; `refer`: an urgent referral goes with it."""

    rule: Limit | TwoLines
    tier: Tier
    of: str
    shared: str | None
    finding: Finding
    seen: View
    changes: tuple[Change, ...] = ()
    raised: Statement | None = None
    refer: bool = False


class _Seen(NamedTuple):
    """A view, what its conditions ask, and the conditions of the limits that hold in it."""

    view: View
    scope: Scope
    holding: frozenset[str]


def gravest(reached: tuple[Reached, ...]) -> Tier | None:
    """The most severe tier among limits that are reached."""
    return max((r.tier for r in reached), key=TIERS.index, default=None)


def rests_on(reached: Reached, knowledge: Knowledge) -> frozenset[str]:
    """The facts a case may state that a limit rests on."""
    if isinstance(reached.rule, Limit):
        return knowledge.stated_in(reached.rule.when)
    return frozenset(stated_behind(set(reached.finding.facts), knowledge))


def limits_today(
    case: Case, facts: Facts, history: History, functions: Functions, on_board: tuple[str, ...], knowledge: Knowledge
) -> dict[str, tuple[Reached, ...]]:
    """For each therapy on board the limits that count for it today, its own first, the most severe first.

    What holds or stops one drug holds every other one that shares its toxicity.
    """
    world = World(case, knowledge, functions)
    by_age = [therapy for therapy in on_board if facts.stale and age_matters(_binding(therapy, knowledge), facts, knowledge)]
    aged = resolve(case, knowledge, aged=True, lacking=False) if by_age else facts
    own: dict[str, list[Reached]] = {}
    for therapy in on_board:
        judged = history.running(therapy)
        start = judged.course.start if judged else None
        now = view(case, facts, start, knowledge)
        old = view(case, aged, start, knowledge) if therapy in by_age else now
        own[therapy] = _of_therapy(world, Running(therapy, judged, start, now, old))
    return {t: tuple(sorted((*own[t], *_held_with(t, own, knowledge)), key=_gravest_first)) for t in on_board}


def _binding(therapy: str, knowledge: Knowledge) -> tuple[Expr, ...]:
    """The conditions that hold or stop a therapy, whatever the age of the values they are seen in."""
    return tuple([a.limit.when for a in knowledge.limits.limits[therapy] if a.limit.tier in BINDING])


def _gravest_first(reached: Reached) -> int:
    return -TIERS.index(reached.tier)


def _of_therapy(world: World, running: Running) -> list[Reached]:
    applied = world.knowledge.limits.limits[running.therapy]
    views = [running.now] if running.aged is running.now else [running.now, running.aged]
    row, limits = ("limits", running.therapy), [a.limit for a in applied]
    scopes = [scope_in(world, running, view) for view in views]
    seen = [_Seen(view, s, world.knowledge.holding(row, limits, s)) for view, s in zip(views, scopes, strict=True)]
    holding = frozenset[str]().union(*[one.holding for one in seen])
    found = [r for a in applied if a.limit.when in holding and (r := _fired(world, running, a, seen)) is not None]
    found += _two_lines(world, running, found)
    raised = [_for_good(world, running, _raised(world, running, r)) for r in found]
    return [r for r in raised if not any(_told_by(r, other) for other in raised)]


def _told_by(reached: Reached, other: Reached) -> bool:
    """Whether a graver limit of the same therapy says more about the same result."""
    if not isinstance(reached.rule, Limit) or not isinstance(other.rule, Limit) or reached.rule.analyte != other.rule.analyte:
        return False
    # A dose with nothing left to lower is held, but the limit that holds it by itself says so better.
    tier, graver = (found.rule.tier if _lowering(found) else found.tier for found in (reached, other))
    return TIERS.index(graver) > TIERS.index(tier)


def _fired(world: World, running: Running, applied: Applied, seen: list[_Seen]) -> Reached | None:
    limit, knowledge = applied.limit, world.knowledge
    found = next(one for one in seen if limit.when in one.holding)
    if limit.tier not in BINDING and found is not seen[0]:
        return None
    used, scope, _ = found
    if limit.tier == "repeat" and _all_stable(world, running, limit):
        return None
    if limit.confirmed and not _confirmed(world, running, limit):
        return None
    # Of an alternative that does not hold nothing is told.
    parts = [part for part in alternatives(knowledge.tree(limit.when)) if value_of(part, scope) is True]
    named = stated_behind(set().union(*map(facts_of, parts)), knowledge) if used.changes else ()
    told = tuple(c for name, c in used.changes.items() if name in named)
    finding = with_values(knowledge.finding(limit.when, scope), told)
    return Reached(limit, limit.tier, running.therapy, applied.toxicity, finding, used, told, None, limit.refer)


def _two_lines(world: World, running: Running, found: list[Reached]) -> list[Reached]:
    """That two cell lines are newly beyond their rows at once."""
    more = []
    for name in world.knowledge.limits.toxicities[running.therapy]:
        rule = world.knowledge.toxicities[name].two_lines
        rows = [r for r in found if isinstance(r.rule, Limit) and r.rule.line is not None and r.shared == name]
        if rule is not None and len({r.rule.line for r in rows if isinstance(r.rule, Limit)}) > 1:
            facts: dict[str, Value] = {}
            for row in rows:
                facts |= row.finding.facts
            changes = tuple(dict.fromkeys(c for row in rows for c in row.changes))
            more.append(Reached(rule, rule.tier, running.therapy, name, Finding(True, facts, frozenset()), running.now, changes))
    return more


def _held_with(therapy: str, own: dict[str, list[Reached]], knowledge: Knowledge) -> list[Reached]:
    """What holds this therapy because it holds or stops another one that shares the toxicity."""
    mine = {r.shared for r in own[therapy] if r.tier in BINDING}
    found: dict[str, Reached] = {}
    for other, reached in own.items():
        for r in reached:
            # What is held because its dose cannot be lowered asks nothing more of others.
            if other == therapy or r.tier not in BINDING or r.shared is None or r.shared in mine or _lowering(r):
                continue
            if r.shared in knowledge.limits.toxicities[therapy]:
                found.setdefault(r.shared, r._replace(tier="hold", raised=None, refer=False))
    return list(found.values())


def _lowering(reached: Reached) -> bool:
    return isinstance(reached.rule, Limit) and reached.rule.tier == "reduce"


def _raised(world: World, running: Running, reached: Reached) -> Reached:
    """A hold that has lasted too long, or comes for the second time, is a stop; a dose with nothing left to lower is held."""
    if reached.tier == "reduce" and nothing_left(running.judged.course if running.judged else None, reached.rule):
        return reached._replace(tier="hold", raised=world.knowledge.algorithm.statements["nothing_to_lower"])
    if reached.tier != "hold" or not isinstance(reached.rule, Limit) or running.judged is None:
        return reached
    settings, statements = world.knowledge.algorithm.settings, world.knowledge.algorithm.statements
    held = open_hold(running.judged.course)
    longest = timedelta.max if reached.rule.until_over else timedelta(weeks=settings["hold_weeks"].value)
    if held is not None and world.case.as_of - held.since.last >= longest:
        return reached._replace(tier="stop", raised=statements["hold_too_long"])
    if running.start is None:
        return reached
    episodes, newest = _episodes(world, running, reached.rule)
    if len(episodes) > 1:
        return reached._replace(tier="stop", raised=statements["hold_again"])
    # One old value that nobody repeated is no hold of weeks.
    if episodes and newest is not None and newest - episodes[-1] >= longest:
        return reached._replace(tier="stop", raised=statements["hold_too_long"])
    return reached


def _episodes(world: World, running: Running, limit: Limit) -> tuple[list[date], date | None]:
    """The first day of each time that results since the start have been beyond a limit, up to today's, and the day of the
    newest of them."""
    days = result_days(world.case, world.knowledge.stated_in(limit.when), running.start)
    beyond = [beyond_on(world, running, (limit,), day) for day in days]
    firsts = [day for day, before, now in zip(days, [False, *beyond], beyond, strict=False) if now and not before]
    return firsts, days[-1] if days else None


def _for_good(world: World, running: Running, reached: Reached) -> Reached:
    """What was given for good cannot be stopped: no more of it is given, and in the gravest tier it is referred."""
    if world.knowledge.therapies[running.therapy].lasting and reached.tier == "stop":
        return reached._replace(tier="hold", refer=True)
    return reached


def _confirmed(world: World, running: Running, limit: Limit) -> bool:
    """Whether the value before the newest, of another day, was beyond the limit too."""
    facts = {f for f in world.knowledge.stated_in(limit.when) if world.knowledge.facts[f].type == "number"}
    days = result_days(world.case, facts, None)
    undated = any(s.day is None for fact in facts for s in world.case.stated.get(fact, ()))
    before = days[-1:] if undated else days[-2:-1]
    return bool(before) and beyond_on(world, running, (limit,), before[0])


def _all_stable(world: World, running: Running, limit: Limit) -> bool:
    """Whether every result that is beyond a limit was so before the course began, long enough ago, and is about the same.

    Each part of an alternative counts for itself, so that an old result does not hide a new one.
    """
    if running.start is None:
        return False
    now = scope_in(world, running, running.now)
    parts = alternatives(world.knowledge.tree(limit.when))
    return all(_stable(world, running, limit, part) for part in parts if value_of(part, now) is True)


def _stable(world: World, running: Running, limit: Limit, part: Node) -> bool:
    named = facts_of(part)
    if running.start is None or named & set(running.now.changes):
        return False
    settings = world.knowledge.algorithm.settings
    facts = stated_behind(named, world.knowledge)
    newest = max((running.now.days[f].last for f in facts if f in running.now.days), default=world.case.as_of)
    long_ago = min(running.start.first, newest - timedelta(weeks=settings["stable_weeks"].value))
    before = aged_at((limit.when,), world.case, long_ago, world.knowledge)
    if not facts & before.days.keys():
        return False
    was = View(before.values, before.days, {})
    if value_of(part, scope_in(world, running, was)) is not True:
        return False
    return not moved_by(part, running.now.values, before.values, settings["stable_percent"].value)
