"""What is to be known before the first dose, and the tests that are due."""

from typing import Literal

from dmcli.knowledge.limits import Tier
from dmcli.knowledge.statements import Level
from dmcli.record import Record
from dmcli.result.actions import Said
from dmcli.result.reasons import Reason

# An obstacle on record; a question that is settled by asking; a test to order; what the prescriber agrees to or sees to.
BeforeKind = Literal["known", "ask", "order", "confirm"]


class BeforeStarting(Record):
    """What is to be done or known before the first dose. `blocks`: the first dose waits for it; `says`: whether `what`
    tells its first reason itself; `id` is a fact, a test or a rule: what is to be confirmed is cleared by it in `confirmed`."""

    kind: BeforeKind
    id: str
    what: str
    fact: str | None
    because: tuple[Reason, ...]
    sources: tuple[str, ...]
    level: Level
    blocks: bool
    says: tuple[Said, ...] = ()


class LimitItem(Record):
    """A result that asks for action: `result` is what is seen, `text` that and what to do."""

    level: Tier
    result: str
    text: str
    condition: str
    sources: tuple[str, ...]
    rule: str


class TestItem(Record):
    """A test that is due; `overdue_since` is the day on which it was due without a result till now."""

    test: str
    name: str
    therapies: tuple[str, ...]
    because: tuple[Reason, ...]
    limits: tuple[LimitItem, ...]
    sources: tuple[str, ...]
    overdue_since: str | None


class MonitoringDay(Record):
    date: str
    tests: tuple[TestItem, ...]
