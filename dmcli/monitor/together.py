"""One day for a test that two drugs ask for on days close to each other."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Statement
from dmcli.knowledge.therapies import Monitor


class Due(NamedTuple):
    """Tests of one monitor of one therapy, or before its first dose, due on a day; `since` is the day they are overdue
    from."""

    day: date
    therapy: str
    monitor: Statement
    tests: tuple[str, ...]
    since: date | None = None


def on_one_day(due: Iterable[Due], knowledge: Knowledge) -> list[Due]:
    """Each test by itself; one that is due again for another drug within some days of an earlier day is brought forward
    to that day, never put off. What is tied to a course, or to the days of a programme, stays where it is."""
    within = timedelta(days=knowledge.algorithm.settings["one_day"].value)
    single = [item._replace(tests=(test,)) for item in due for test in item.tests]
    staying: dict[str, list[Due]] = {}
    moved: dict[int, date] = {}
    for place, item in sorted(enumerate(single), key=lambda pair: (pair[1].day, _may_move(pair[1], knowledge))):
        anchors = staying.setdefault(item.tests[0], [])
        near = (a.day for a in anchors if timedelta(0) < item.day - a.day <= within and _serves(a, item))
        earlier = next(near, None) if _may_move(item, knowledge) else None
        if earlier is None:
            anchors.append(item)
        else:
            moved[place] = earlier
    return [item._replace(day=moved.get(place, item.day)) for place, item in enumerate(single)]


def _may_move(item: Due, knowledge: Knowledge) -> bool:
    tied = not isinstance(item.monitor, Monitor) or any(phase.before_each is not None for phase in item.monitor.phases)
    return not tied and not knowledge.catalogue.tests[item.tests[0]].own_day


def _serves(earlier: Due, later: Due) -> bool:
    """Whether the earlier test is another drug's, or one that a result asks for: a rhythm of its own is not shortened."""
    return earlier.therapy != later.therapy or not isinstance(earlier.monitor, Monitor)
