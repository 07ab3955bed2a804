"""Summaries as Parquet: a folder of parts of equal size, so that a run that was cut off goes on behind its last part."""

import os
from pathlib import Path
from typing import Any

from dmcli.batch.rows import need_pyarrow
from dmcli.batch.writers import COLUMNS, Result, cells, part_of

PART_ROWS = 1000


class ParquetFolder:
    """A folder of numbered parts. What is not a whole part yet is kept in memory. `begun`: what is in the unfinished
    folder is of this run."""

    path: Path | None

    def __init__(self, path: Path, begun: bool, done: int = 0) -> None:
        self.arrow, self.parquet = need_pyarrow()
        self.path, self.folder = path, part_of(path)
        self.folder.mkdir(mode=0o700, exist_ok=begun)
        self.parts, self.rows = done // PART_ROWS, list[dict[str, str]]()

    def put(self, result: Result) -> None:
        self.rows.append(cells(result))
        if len(self.rows) == PART_ROWS:
            self._write()

    def complete(self) -> None:
        """The last part, which may be smaller; a cohort without any case has an empty one."""
        if self.rows or not self.parts:
            self._write()

    def end(self) -> int | None:
        """The number of parts; None within one."""
        return None if self.rows else self.parts

    def close(self) -> None:
        """Every part is closed when it is written."""

    def _write(self) -> None:
        target = self.folder / f"part-{self.parts:05d}.parquet"
        with target.open("wb") as stream:
            self.parquet.write_table(table(self.arrow, self.rows), stream)
            stream.flush()
            os.fsync(stream.fileno())
        self.parts += 1
        self.rows.clear()


def table(arrow: Any, rows: list[dict[str, str]]) -> Any:
    """Rows of text as an Arrow table with the columns of a summary."""
    schema = arrow.schema([(name, arrow.string()) for name in COLUMNS])
    return arrow.Table.from_pylist(rows, schema=schema)
