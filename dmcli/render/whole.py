"""Answers that are shown as they are: every field, in the order of the fields."""

from typing import Any

from dmcli.knowledge.model import Knowledge
from dmcli.render.registry import View
from dmcli.result.plan import as_data


def data(result: Any, _knowledge: Knowledge, _view: View) -> Any:
    """A plan, a roadmap or a report as plain data; it always holds everything."""
    return as_data(result)


def lines(report: dict[str, Any], _knowledge: Knowledge, _view: View) -> list[str]:
    """A report of named values and notes, one to a line."""
    values = [f"{key.replace('_', ' ')}: {value}" for key, value in report.items() if not isinstance(value, list)]
    return [*values, *(f"note: {text}" for text in report["notes"])]
