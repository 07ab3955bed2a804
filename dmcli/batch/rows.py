"""The rows of a table as text: CSV with commas, semicolons or tabs, and Parquet. Nothing is guessed to be a number."""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from dmcli.batch.documents import bounded_lines
from dmcli.batch.sources import PARQUET
from dmcli.errors import Problem, UsageProblem

_MIDNIGHT = " 00:00:00"
_PARQUET_ROWS = 1000


class Row(NamedTuple):
    """One row: its line in the file, or its number where a file has no lines, its cells, and what is wrong with it."""

    line: int
    cells: list[str]
    wrong: str = ""


class Broken(Exception):
    """From here on the table cannot be read; `line` is the last that could."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line, self.why = line, why


def rows(stream: BinaryIO, form: str) -> Iterator[Row]:
    """The rows of a table, its header first. Raises Broken, and UsageProblem where Parquet cannot be read here."""
    return _parquet(stream) if form == PARQUET else _separated(stream, "\t" if form == "tsv" else "")


def _separated(stream: BinaryIO, delimiter: str) -> Iterator[Row]:
    lines = _texts(stream)
    first = next(lines, None)
    if first is None:
        return
    # As spreadsheets of many countries write it.
    delimiter = delimiter or (";" if ";" in first and "," not in first else ",")
    reader = csv.reader(_again(first, lines), delimiter=delimiter, strict=True)
    width = 0
    begin = 1
    try:
        for cells in reader:
            line, begin = begin, reader.line_num + 1
            if not any(cells):
                continue
            width = width or len(cells)
            wrong = "" if len(cells) == width else f"the row has {len(cells)} cells and the header {width}; mend it"
            if any("\udc80" <= character <= "\udcff" for cell in cells for character in cell):
                wrong = "is not UTF-8 text; save the table as UTF-8"
            yield Row(line, cells, wrong)
    except csv.Error as error:
        raise Broken(reader.line_num, str(error)) from None


def _texts(stream: BinaryIO) -> Iterator[str]:
    for number, raw, whole in bounded_lines(stream):
        if not whole:
            raise Broken(number, "the line is longer than any case")
        yield raw.decode("utf-8-sig" if number == 1 else "utf-8", "surrogateescape")


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _parquet(stream: BinaryIO) -> Iterator[Row]:
    arrow, parquet = need_pyarrow()
    try:
        file = parquet.ParquetFile(stream)
        yield Row(0, list(file.schema_arrow.names))
        number = 0
        for batch in file.iter_batches(_PARQUET_ROWS):
            for cells in zip(*[_text_column(arrow, column) for column in batch.columns], strict=True):
                number += 1
                yield Row(number, list(cells))
    except (arrow.ArrowException, OSError) as error:
        raise Broken(0, f"it is no Parquet that can be read as text ({type(error).__name__})") from None


def _text_column(arrow: Any, column: Any) -> list[str]:
    """A column as text: nothing where nothing is stated, and days without the hour they do not have."""
    texts = column.cast(arrow.string()).to_pylist()
    if arrow.types.is_timestamp(column.type):
        texts = [text and text.partition(_MIDNIGHT)[0] for text in texts]
    return ["" if text is None else text for text in texts]


def need_pyarrow() -> tuple[Any, Any]:
    """The two modules that Parquet needs. Raises UsageProblem where they are not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        text = "Parquet needs pyarrow; install dmcli[parquet], or use CSV"
        raise UsageProblem([Problem("dmcli batch", 0, 0, "", "missing", text)]) from None
    return pyarrow, pyarrow.parquet
