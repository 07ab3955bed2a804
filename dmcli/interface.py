"""The knowledge and a case for a program that imports dmcli: files are read here, the clock and the environment never."""

import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dmcli import yamlfile
from dmcli.case import read
from dmcli.case.model import Case
from dmcli.case.source import data_document, file_document
from dmcli.errors import InvalidCase, Problem
from dmcli.knowledge import cache as kept
from dmcli.knowledge.folder import find
from dmcli.knowledge.model import Knowledge
from dmcli.values.dates import parse_date
from dmcli.yamlfile import Document


def load_knowledge(folder: str | os.PathLike[str] | None = None, *, cache: str | os.PathLike[str] | None = None) -> Knowledge:
    """The medicine the planner works with, checked; load it once and plan any number of cases with it.

    `folder` is a knowledge folder, or a clinic's file (or the folder with it alone) that changes single entries of the
    knowledge that came with the program; without one, that knowledge itself. `cache` is a folder of
    yours in which the checked knowledge is kept compiled, which saves about a second at the next start; without one
    nothing is written. `Knowledge.version` and `Knowledge.sha256` say what it is.

    Raises InvalidKnowledge with every problem of the folder, each with its place.
    """
    place = find(None if folder is None else Path(folder))
    return kept.load_knowledge(place.folder, place.shown, None if cache is None else Path(cache), place.override)


def read_case(source: str | os.PathLike[str] | Mapping[str, Any], knowledge: Knowledge, as_of: date | str | None = None) -> Case:
    """One patient, validated as the command line validates a case file.

    `source` is a file's path, the text of a case (YAML or JSON: a `str` with a line break, or one that begins with
    `{`), or a mapping of the same shape with plain values, dates and lists in it. Ages are in years, weights in kg,
    heights in cm, other numbers in the unit of their fact (`dmcli facts NAME`) unless the case states one. What is
    not in the case is unknown, never "no".

    `as_of` is the day for which the question is asked, a date or YYYY-MM-DD; it wins over the case's own. There is
    no other: no clock is read.

    Raises InvalidCase. Its `problems` are all there are, each with path, line, col, field, code and text; line and
    col count from 1, and are 0 where the case has no lines, as in a mapping.
    """
    return read.read_case(_document(source), knowledge, _day(as_of), None)


def _document(source: str | os.PathLike[str] | Mapping[str, Any]) -> Document:
    if isinstance(source, Mapping):
        return data_document(source, "case")
    if isinstance(source, str) and ("\n" in source or source.lstrip().startswith("{")):
        return yamlfile.parse(source, "case")
    return file_document(os.fspath(source))


def _day(as_of: date | str | None) -> date | None:
    if as_of is None or isinstance(as_of, date):
        return as_of.date() if isinstance(as_of, datetime) else as_of
    days = parse_date(as_of, None)
    if days is None or not days.exact:
        raise InvalidCase([Problem("as_of", 0, 0, "as_of", "date", "not a day of the calendar; pass a date or YYYY-MM-DD")])
    return days.first
