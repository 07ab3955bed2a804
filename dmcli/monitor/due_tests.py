"""Baseline and follow-up tests with dates, merged per day across therapies, each with its limits."""

from collections.abc import Iterator
from datetime import date, timedelta
from operator import itemgetter
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_ends import Ended, due_after, last_given
from dmcli.assess.limits import Reached, rests_on
from dmcli.assess.missed import Missed, due_weeks, known_since
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.therapies import Monitor
from dmcli.monitor.before_first_dose import open_before
from dmcli.monitor.together import Due, after_courses, on_one_day
from dmcli.record import made_once
from dmcli.result.events import ScheduleItem
from dmcli.result.monitoring import LimitItem, MonitoringDay, TestItem
from dmcli.result.reasons import Reason, reason
from dmcli.schedule.period import Period

# Kinds of test that are ordered, not asked.
_ORDERED = ("blood", "urine", "imaging")


_Told = tuple[LimitItem, frozenset[str]]


class Monitoring(NamedTuple):
    """Days with their tests; the therapies that are followed."""

    days: tuple[MonitoringDay, ...]
    followed: tuple[str, ...]


def build_monitoring(
    patient: Assessment,
    baseline_for: str | None,
    started: dict[str, date],
    missed: tuple[Missed, ...],
    schedule: tuple[ScheduleItem, ...],
    period: Period,
    undated: bool = False,
    raising: frozenset[str] = frozenset(),
) -> Monitoring:
    """Days with their tests, from the as-of date to the end of the period, first those that were `missed`. `started` gives
    each therapy its day 0; `undated`: the therapy that is new has none yet, and only what comes before it is due, today.
    The dose of those that are `raising` may go up from today on: their tests begin anew."""
    ends = {i.therapy: date.fromisoformat(i.date) for i in schedule if i.event == "end"}
    due = [Due(patient.case.as_of, m.therapy, monitor, (m.test,), m.since) for m in missed for monitor in m.monitors]
    done: list[Due] = []
    known = _Known(patient)
    # What was put off to a day still to come was due some days ago.
    reach = patient.case.as_of - timedelta(days=patient.knowledge.algorithm.settings["one_day"].value)
    for therapy, day_zero in started.items():
        new = therapy == baseline_for
        last = min(period.end, ends.get(therapy, period.end))
        # A dose rests on the tests of its day, as the first one does.
        dosed = {day_zero, *(date.fromisoformat(i.date) for i in schedule if i.therapy == therapy)}
        for monitor in _shown(patient, therapy):
            if new and undated:
                days = {patient.case.as_of} if monitor.baseline else set()
            elif new:
                days = {*_days(monitor, day_zero, period.end, schedule), *([day_zero] if monitor.baseline else [])}
            else:
                unknown = _before_an_unknown_course(patient, therapy, monitor, schedule)
                days = {*_days(monitor, day_zero, period.end, schedule, last_given(patient, therapy)), *unknown}
            if therapy in raising:
                days = _begun_anew(patient, days, {*_days(monitor, patient.case.as_of, period.end, schedule)})
            ahead = [d for d in days if reach <= d <= last]
            open_on = ((d, monitor.tests if new else known.open_on(d, monitor)) for d in ahead)
            due += [Due(d, therapy, monitor, tests, may_wait=d not in dosed) for d, tests in open_on if tests]
            done += _done(known, therapy, monitor, days)
        if new:
            first = patient.case.as_of if undated else day_zero
            due += [Due(first, therapy, item, item.tests) for item in open_before(patient, therapy) if item.tests]
    due = after_courses(due, patient.knowledge, patient.case.as_of)
    together = on_one_day([*done, *_repeats(patient, period.end), *due], patient.knowledge)
    still_due = [item for item in together if item.day >= patient.case.as_of]
    return Monitoring(tuple(_merged(patient, still_due)), tuple(started))


def _begun_anew(patient: Assessment, days: set[date], again: set[date]) -> set[date]:
    """Due days whose schedule begins again: those well before the first of the new ones, then the new ones."""
    within = timedelta(days=patient.knowledge.algorithm.settings["one_day"].value)
    return {day for day in days if day + within < min(again)} | again if again else days


def _shown(patient: Assessment, therapy: str) -> Iterator[Monitor]:
    """The monitoring that is shown for a therapy, unless its condition is known not to hold."""
    for monitor in patient.knowledge.therapies[therapy].monitoring:
        if monitor.shown and (monitor.when is None or patient.value(monitor.when) is not False):
            yield monitor


def _before_an_unknown_course(
    patient: Assessment, therapy: str, monitor: Monitor, schedule: tuple[ScheduleItem, ...]
) -> set[date]:
    """Where the day of the next course is not known its test is due before that course, which may be today; none where no
    course is feasible."""
    before_each = any(phase.before_each for phase in monitor.phases)
    dated = any(item.therapy == therapy for item in schedule)
    return {patient.case.as_of} if before_each and not dated and not patient.safety[therapy].infeasible else set()


class _Known:
    """The day of the newest result of each test, looked up once."""

    def __init__(self, patient: Assessment) -> None:
        self.patient, self._since = patient, dict[str, date | None]()

    def open_on(self, day: date, monitor: Monitor) -> tuple[str, ...]:
        """The tests of a monitor that no result stands for on a day: one of some days before it does, unless the test is
        tied to a course or to the days of a programme."""
        if any(phase.tied for phase in monitor.phases):
            return monitor.tests
        return tuple(test for test in monitor.tests if not self._stands_on(day, test))

    def _stands_on(self, day: date, test: str) -> bool:
        entry = self.patient.knowledge.catalogue.tests[test]
        within = self.patient.knowledge.algorithm.settings["one_day"].value
        if (day - self.patient.case.as_of).days > within or entry.own_day or entry.kind not in _ORDERED:
            return False
        stated, facts = self.patient.case.stated, (*entry.settles, *entry.stands)
        days = [value.day.first for fact in facts for value in stated.get(fact, ()) if value.day is not None]
        return bool(days) and (day - max(days)).days <= within

    def since(self, test: str) -> date | None:
        if test not in self._since:
            self._since[test] = known_since(self.patient, test)
        return self._since[test]


def _done(known: _Known, therapy: str, monitor: Monitor, days: set[date]) -> list[Due]:
    """The tests of the past days that have a result since: what was brought forward to one of them is done with it."""
    past = [day for day in days if day < known.patient.case.as_of]
    found: list[Due] = []
    for test in monitor.tests if past else ():
        since = known.since(test)
        if since is not None:
            found += [Due(day, therapy, monitor, (test,)) for day in past if day <= since]
    return found


def _repeats(patient: Assessment, end: date) -> Iterator[Due]:
    """A result beyond a limit is repeated today, of a therapy that stops as well, and again on the day that the limit
    names; what is not known yet of what the limit rests on is measured with it, and so is what the limit itself asks for."""
    for therapy, limits in patient.limits.items():
        today = list(_repeated_today(patient, therapy, limits))
        yield from today
        yield from (due for due in _rechecks(patient, therapy, limits, today) if due.day <= end)


def _repeated_today(patient: Assessment, therapy: str, limits: tuple[Reached, ...]) -> Iterator[Due]:
    tests = patient.knowledge.catalogue.tests
    about = {fact for reached in limits for fact in rests_on(reached, patient.knowledge)}
    told: set[str] = set()
    for monitor in patient.knowledge.therapies[therapy].monitoring:
        again = tuple(t for t in monitor.tests if about & {*tests[t].settles, *tests[t].also})
        if monitor.shown and again:
            told.update(again)
            yield Due(patient.case.as_of, therapy, monitor, again)
    for reached in limits:
        named, asked = rests_on(reached, patient.knowledge), _asked(reached, therapy, limits)
        # An infection that is there is over by what is seen of it: a screen for one that is not known is no test of that.
        seen = isinstance(reached.rule, Limit) and reached.rule.until_over
        open_ = tuple(t for t in tests if t not in told and (t in asked or (not seen and _measures(patient, t, named))))
        if open_:
            told.update(open_)
            yield Due(patient.case.as_of, therapy, reached.rule, open_)


def _asked(reached: Reached, therapy: str, limits: tuple[Reached, ...]) -> tuple[str, ...]:
    """The tests that a limit itself asks for; of a drug that stops nobody needs the level that a lesser limit asks for."""
    own = reached.of == therapy and reached.tier == limits[0].tier
    return reached.rule.tests if own and isinstance(reached.rule, Limit) else ()


def _rechecks(patient: Assessment, therapy: str, limits: tuple[Reached, ...], today: list[Due]) -> Iterator[Due]:
    """What is repeated today, once more on the day that its limit names; of several limits on the nearest day."""
    tests, told = patient.knowledge.catalogue.tests, set[str]()
    repeated = dict.fromkeys(test for due in today for test in due.tests)
    dated = [(reached.rule.recheck_days, reached) for reached in limits if reached.rule.recheck_days is not None]
    for days, reached in sorted(dated, key=lambda pair: pair[0]):
        named, asked = rests_on(reached, patient.knowledge), _asked(reached, therapy, limits)
        again = tuple(t for t in repeated if t not in told and (t in asked or named & {*tests[t].settles, *tests[t].also}))
        if again:
            told.update(again)
            yield Due(patient.case.as_of + timedelta(days=days), therapy, reached.rule, again)


def _measures(patient: Assessment, test: str, facts: frozenset[str]) -> bool:
    """Whether a test is one to order that finds out about some of the facts and has no result yet."""
    entry = patient.knowledge.catalogue.tests[test]
    unknown = any(fact not in patient.facts.values for fact in entry.settles)
    return entry.kind in _ORDERED and unknown and bool(facts & {*entry.settles, *entry.also})


def no_tests_needed(patient: Assessment, monitoring: Monitoring) -> tuple[Reason, ...]:
    """For each therapy of the plan without a test, where it is said that none is needed."""
    tested = {therapy for day in monitoring.days for test in day.tests for therapy in test.therapies}
    stated = (patient.knowledge.therapies[t].no_monitoring for t in monitoring.followed if t not in tested)
    return tuple(reason(s) for s in stated if s is not None)


def _days(
    monitor: Monitor, day_zero: date, end: date, schedule: tuple[ScheduleItem, ...], given: Ended | None = None
) -> Iterator[date]:
    yield from (day_zero + timedelta(weeks=week) for week in due_weeks(monitor, (end - day_zero).days // 7))
    for phase in monitor.phases:
        if phase.before_each is not None:
            yield from _first_days(phase.before_each, schedule)
    yield from due_after(monitor, schedule, given)


def _first_days(step: str, schedule: tuple[ScheduleItem, ...]) -> Iterator[date]:
    """The first day of each course of a step."""
    yield from (date.fromisoformat(i.date) for i in schedule if i.step == step and i.day_of_course in (None, 1))


def _merged(patient: Assessment, due: list[Due]) -> Iterator[MonitoringDay]:
    told: dict[str, tuple[_Told, ...]] = {}
    days: dict[date, dict[str, list[Due]]] = {}
    for item in due:
        # Each is of one test by now.
        days.setdefault(item.day, {}).setdefault(item.tests[0], []).append(item)
    for day, tests in sorted(days.items(), key=itemgetter(0)):
        yield MonitoringDay(day.isoformat(), tuple([_test(patient, test, mine, told) for test, mine in tests.items()]))


def _limits(patient: Assessment, therapy: str) -> tuple[_Told, ...]:
    """The limits of a therapy, each with the facts that it rests on."""
    limits = tuple(applied.limit for applied in patient.knowledge.limits.limits[therapy])
    stops = {limit.result: limit for limit in limits if limit.tier == "stop"}
    # What stops a drug does not hold it.
    gravest = ((stops.get(limit.result, limit) if limit.tier == "hold" else limit, limit) for limit in limits)
    return tuple(
        (
            _item(limit),
            patient.knowledge.stated_in(found.when),
        )
        for limit, found in gravest
    )


def _item(limit: Limit) -> LimitItem:
    return made_once(limit, "item", lambda: LimitItem(limit.tier, limit.result, limit.text, limit.when, limit.sources, limit.id))


def _test(patient: Assessment, test: str, due: list[Due], told: dict[str, tuple[_Told, ...]]) -> TestItem:
    """A test with who asks for it; of another patient for whom the same is asked it is the same one again."""
    prepared = patient.knowledge.prepared
    if prepared is None or any(d.therapy not in prepared.therapies for d in due):
        return _made(patient, test, due, told)
    content = (test, *[value for d in due for value in (d.therapy, d.monitor, d.since)])
    kept: TestItem | None = prepared.tests.get(content)
    return kept if kept is not None else prepared.tests.keep(content, _made(patient, test, due, told))


def _made(patient: Assessment, test: str, due: list[Due], told: dict[str, tuple[_Told, ...]]) -> TestItem:
    """The same, told anew; `told` are the limits of therapies that were asked for so far."""
    entry = patient.knowledge.catalogue.tests[test]
    facts = {*entry.settles, *entry.also}
    monitors = list(dict.fromkeys(d.monitor for d in due))
    overdue = [d.since for d in due if d.since is not None]
    followed = dict.fromkeys(d.therapy for d in due if isinstance(d.monitor, Monitor))
    told |= {therapy: _limits(patient, therapy) for therapy in followed if therapy not in told}
    limits = [limit for therapy in followed for limit, behind in told[therapy] if facts & behind]
    return TestItem(
        test=test,
        name=patient.knowledge.name(test),
        therapies=tuple(dict.fromkeys(d.therapy for d in due)),
        because=tuple(reason(monitor) for monitor in monitors),
        limits=tuple(dict.fromkeys(limits)),
        sources=tuple(dict.fromkeys(s for m in monitors for s in m.sources)),
        overdue_since=min(overdue).isoformat() if overdue else None,
    )
