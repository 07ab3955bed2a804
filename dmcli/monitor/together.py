"""One day for a test that two drugs ask for on days close to each other."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Monitor


class Due(NamedTuple):
    """Tests of one monitor of one therapy, or before its first dose, due on a day; `since` is the day they are overdue
    from, `may_wait`: they are of a routine day on which no dose of the therapy rests."""

    day: date
    therapy: str
    monitor: Statement
    tests: tuple[str, ...]
    since: date | None = None
    may_wait: bool = False


def on_one_day(due: Iterable[Due], knowledge: Knowledge) -> list[Due]:
    """Each test by itself; one that is due again for another drug within some days of an earlier day is brought forward
    to that day, never put off. What is tied to a course, or to the days of a programme, stays where it is."""
    within = knowledge.algorithm.settings["one_day"].value
    single = [
        item if len(item.tests) == 1 else Due(item.day, item.therapy, item.monitor, (test,), item.since, item.may_wait)
        for item in due
        for test in item.tests
    ]
    # Days as numbers: what stays before what may move, and each place as it came.
    ordered = sorted([(item.day.toordinal(), _may_move(item, knowledge), place) for place, item in enumerate(single)])
    staying: dict[str, list[tuple[int, Due]]] = {}
    for day, may_move, place in ordered:
        item = single[place]
        anchors = staying.setdefault(item.tests[0], [])
        earlier = _earlier(item, day, anchors, within) if may_move else None
        if earlier is None:
            anchors.append((day, item))
        else:
            single[place] = item._replace(day=earlier)
    return single


def after_courses(due: list[Due], knowledge: Knowledge, today: date) -> list[Due]:
    """What is due from today on; of what may wait, all tests of a day are put off together to the first day near it on which
    one of them is due after a course of another drug."""
    within = knowledge.algorithm.settings["one_day"].value
    tied = sorted((i for i in due if isinstance(i.monitor, Monitor) and i.monitor.after_course), key=lambda item: item.day)
    moved = (
        item._replace(day=_later(item, tied, within)) if tied and item.may_wait and _may_move(item, knowledge) else item
        for item in due
    )
    return [item for item in moved if item.day >= today]


def _later(item: Due, tied: list[Due], within: float) -> date:
    days = (
        other.day
        for other in tied
        if other.therapy != item.therapy
        and 0 < (other.day - item.day).days <= within
        and not set(item.tests).isdisjoint(other.tests)
    )
    return next(days, item.day)


def _earlier(item: Due, day: int, anchors: list[tuple[int, Due]], within: float) -> date | None:
    """The first of the days before an item, and near it, on which its test is due already."""
    for before, anchor in anchors:
        if 0 < day - before <= within and _serves(anchor, item):
            return anchor.day
    return None


def _may_move(item: Due, knowledge: Knowledge) -> bool:
    if not isinstance(item.monitor, Monitor) or any(knowledge.catalogue.tests[test].own_day for test in item.tests):
        return False
    return not any(phase.tied for phase in item.monitor.phases)


def _serves(earlier: Due, later: Due) -> bool:
    """Whether the earlier test is another drug's, or one that a result asks for: a rhythm of its own is not shortened."""
    return earlier.therapy != later.therapy or not isinstance(earlier.monitor, Monitor)
