"""Record batches of cases to record batches of summaries: for Spark, and for whatever else hands out Arrow."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from dmcli.batch.entries import Entry, Place
from dmcli.batch.outcomes import Question, outcome
from dmcli.batch.parquet import table
from dmcli.batch.rows import need_pyarrow
from dmcli.batch.writers import COLUMNS, Result, cells
from dmcli.knowledge.model import Knowledge

# For engines that want the columns of the result told: all of them are text.
DDL = ", ".join(f"`{name}` string" for name in COLUMNS)


def summaries(batches: Iterable[Any], knowledge: Knowledge, *, column: str = "case", as_of: date | None = None) -> Iterator[Any]:
    """A record batch with a row for each row of each batch, in order.

    `column` holds cases as text, JSON or YAML; `as_of` wins over theirs. A case that is refused has the status `error`
    and its problems in `errors`. The columns of the result are `COLUMNS`, all text; `case` counts rows from 1.
    Raises UsageProblem where pyarrow is not there, KeyError where a batch has no such column.
    """
    arrow, _ = need_pyarrow()
    question = Question(as_of)
    number = 0
    for batch in batches:
        rows = []
        for text in batch.column(column).to_pylist():
            number += 1
            found = outcome(Entry(Place(f"row {number}", 1), text or ""), question, knowledge)
            rows.append(cells(Result(number, found)))
        yield from table(arrow, rows).to_batches()
