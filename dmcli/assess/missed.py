"""Tests of running therapies whose due day has passed without a result: before the first dose, and since."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.assess.assess import Assessment
from dmcli.assess.course_ends import days_after_given, last_given, missed_after
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Before, Monitor
from dmcli.record import made_once
from dmcli.values.dates import Days

# Due weeks are worked out for so many at once.
_WEEKS = 260


class Missed(NamedTuple):
    """A test of one therapy that is overdue from `since`, its last due day, the first where it was never done, asked for by
    `monitors`; the facts it settles that have no result for the last due day are `lacking`."""

    test: str
    therapy: str
    since: date
    monitors: tuple[Statement, ...]
    lacking: tuple[str, ...]


class _Passed(NamedTuple):
    """A due day that has passed, the first day whose results belong to it, and the first due day of all."""

    day: date
    results_from: date
    first: date


def due_weeks(monitor: Monitor, last: int) -> list[int]:
    """The weeks after the start, up to `last`, in which a monitor's tests are due; before a course is no such week."""
    weeks: set[int] = set()
    for phase in monitor.phases:
        weeks.update(week for week in phase.at_weeks if week <= last)
        if phase.every_weeks is not None:
            until = last if phase.until_week is None else min(last, phase.until_week)
            weeks.update(range(phase.from_week or phase.every_weeks, until + 1, phase.every_weeks))
    return sorted(weeks)


def _due_weeks(monitor: Monitor, last: int) -> list[int]:
    """The same, kept with the monitor, and further than asked: where nobody minds weeks beyond the last."""
    beyond = (last // _WEEKS + 1) * _WEEKS
    return made_once(monitor, ("due", beyond), lambda: due_weeks(monitor, beyond))


def missed_tests(patient: Assessment, therapies: Iterable[str]) -> tuple[Missed, ...]:
    """The tests that are overdue at the as-of date, the longest overdue first."""
    found = [missed for therapy in therapies for missed in (*never_done(patient, therapy), *_followed(patient, therapy))]
    return tuple(sorted(found, key=lambda missed: missed.since))


def overdue_among(patient: Assessment, therapy: str, tests: tuple[str, ...]) -> bool:
    """Whether a follow-up of a running therapy that is one of some tests is overdue."""
    return bool(tests) and any(missed.test in tests for missed in _followed(patient, therapy))


def _start(patient: Assessment, therapy: str) -> Days | None:
    """The start of a therapy that goes on."""
    judged = patient.history.running(therapy)
    return judged.course.start if judged is not None and therapy in patient.continuing else None


def _followed(patient: Assessment, therapy: str) -> list[Missed]:
    start = _start(patient, therapy)
    return _of_course(patient, therapy, start) if start is not None else []


def never_done(patient: Assessment, therapy: str) -> Iterator[Missed]:
    """What the first dose should have waited for and no follow-up repeats, where nothing it settles was ever on file."""
    k, start = patient.knowledge, _start(patient, therapy)
    if start is None:
        return
    for item, test in k.of_therapy("waited for", therapy, lambda: _waited_for(therapy, k)):
        asked = start.last < patient.case.as_of and (item.when is None or patient.value(item.when) is not False)
        if asked and _never_known(patient, test):
            yield Missed(test, therapy, start.last, (item,), k.catalogue.tests[test].settles)


def _waited_for(therapy: str, knowledge: Knowledge) -> tuple[tuple[Before, str], ...]:
    """The blood tests that a first dose waits for, that no follow-up repeats, and of which a case may state a result: what
    is asked is no test to be late with."""
    entry, tests = knowledge.therapies[therapy], knowledge.catalogue.tests
    followed = {test for monitor in entry.monitoring for test in monitor.tests}
    blocking = (item for item in entry.before if item.blocks and item.level != "unverified")
    found = ((item, test) for item in blocking for test in item.tests if test not in followed)
    return tuple((item, test) for item, test in found if tests[test].kind == "blood" and tests[test].settles)


def _never_known(patient: Assessment, test: str) -> bool:
    """Whether nothing of what a test settles is known or was ever measured; a result of any age counts."""
    settles = patient.knowledge.catalogue.tests[test].settles
    return not any(fact in patient.facts.values for fact in settles) and known_since(patient, test) is None


def _of_course(patient: Assessment, therapy: str, start: Days) -> list[Missed]:
    """Of each test, the latest due day that was missed."""
    tests: dict[str, list[tuple[_Passed, Monitor]]] = {}
    known: dict[str, date | None] = {}
    share = patient.knowledge.algorithm.settings["result_share"].value
    for monitor in patient.knowledge.therapies[therapy].monitoring:
        # What no source was found for is said when it is due, and never called missed.
        if not monitor.shown or monitor.level == "unverified":
            continue
        if monitor.when is not None and patient.value(monitor.when) is False:
            continue
        for test in monitor.tests:
            if test not in known:
                known[test] = known_since(patient, test)
            passed = _after_course(patient, therapy, monitor, known[test]) or _missed(
                monitor, start, patient.case.as_of, known[test], share
            )
            if passed is not None and _waiting(patient, therapy, monitor, passed.day):
                # What was due before that day is late all the same.
                passed = _missed(monitor, start, passed.day, known[test], share)
            if passed is not None and patient.knowledge.catalogue.tests[test].settles:
                tests.setdefault(test, []).append((passed, monitor))
    found = []
    for test, all_missed in tests.items():
        passed = max(p for p, _ in all_missed)
        monitors = tuple(monitor for p, monitor in all_missed if p.day == passed.day)
        results = {fact: newest(patient, fact) for fact in patient.knowledge.catalogue.tests[test].settles}
        lacking = tuple(fact for fact, day in results.items() if day is None or day < passed.results_from)
        done = known[test]
        never = done is None or done < start.first
        since = min(p.first for p, _ in all_missed) if never else passed.day
        found.append(Missed(test, therapy, since, monitors, lacking))
    return found


def _waiting(patient: Assessment, therapy: str, monitor: Monitor, day: date) -> bool:
    """Whether tests due on a day that has passed are put off to one after a course of another drug that is still to come."""
    within = patient.knowledge.algorithm.settings["one_day"].value
    return not monitor.after_course and any(
        ahead >= patient.case.as_of and 0 < (ahead - day).days <= within
        for other in patient.continuing
        if other != therapy
        for ahead in days_after_given(patient, other, monitor.tests)
    )


def _after_course(patient: Assessment, therapy: str, monitor: Monitor, known_since: date | None) -> _Passed | None:
    """The day after the course given last, where no result since that course stands for it; one before it never does."""
    missed = missed_after(monitor, last_given(patient, therapy), patient.case.as_of)
    if missed is None or (known_since is not None and known_since >= missed.results_from):
        return None
    return _Passed(missed.day, missed.results_from, missed.day)


def _missed(monitor: Monitor, start: Days, as_of: date, known_since: date | None, share: float) -> _Passed | None:
    """The latest due day before the as-of date, if its result is missing for each day the start may have been.

    Of the due days that follow from a coarse start the last is told: on it the test was overdue in any case.
    """
    # Twice as far as needed, so that the first due day has one after it if that one is nearer than the start.
    weeks = _due_weeks(monitor, 2 * ((as_of - start.first).days // 7))
    latest = (date.min, date.min)
    for later in range((start.last - start.first).days + 1):
        began = start.first + timedelta(days=later)
        number = bisect_right(weeks, ((as_of - began).days - 1) // 7) - 1
        if number < 0:
            return None
        day, results_from = _due(weeks, number, began, share)
        if known_since is not None and known_since >= results_from:
            return None
        latest = max(latest, (day, results_from))
    return _Passed(*latest, start.last + timedelta(weeks=weeks[0]))


def _due(weeks: list[int], number: int, began: date, share: float) -> tuple[date, date]:
    """One of the due days, and the first day whose results belong to it."""
    gap = weeks[number] - (weeks[number - 1] if number else 0)
    if number == 0 and len(weeks) > 1:
        gap = min(gap, weeks[1] - weeks[0])
    day = began + timedelta(weeks=weeks[number])
    return day, day - timedelta(days=int(gap * 7 * share))


def known_since(patient: Assessment, test: str, surely: bool = False) -> date | None:
    """The day of the newest result of a test: what it did not report was taken all the same. Of a coarse day the last one,
    `surely` the first."""
    entry, derived = patient.knowledge.catalogue.tests[test], patient.facts.derived
    days = [newest(patient, fact, surely) for fact in (*entry.settles, *entry.also) if fact not in derived]
    return max([day for day in days if day is not None], default=None)


def newest(patient: Assessment, fact: str, surely: bool = False) -> date | None:
    """The day of the newest result; a derived or undated one is of today."""
    if fact in patient.facts.derived:
        return patient.case.as_of
    counting = patient.facts.days.get(fact)
    if counting is not None and not surely:
        return counting.last
    stated = patient.case.stated.get(fact)
    days = [(s.day.first if surely else s.day.last) if s.day else patient.case.as_of for s in stated or ()]
    return max(days, default=None)
