"""What a whole cohort comes to: counted case by case, kept with the state of a run, told at its end."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from dmcli.batch.outcomes import Outcome
from dmcli.batch.summary import Now
from dmcli.knowledge.codes import Status, WarningCode
from dmcli.knowledge.model import Knowledge
from dmcli.record import Record
from dmcli.result.plan import as_data

SCHEMA = "dmcli.cohort/1"
_MOST_LISTED = 1000
_COUNTED = ("status", "next", "contraindicated", "warnings", "errors", "unknown", "waits", "settles")


class Used(Record):
    """The knowledge that planned the cohort."""

    version: str
    sha256: str


class Listed(Record):
    """A case in which something is to be done today; `case` counts from 1 over the whole input."""

    case: int
    source: str
    line: int
    actions: tuple[Now, ...]


class Urgent(Record):
    """How many cases need something today, and the first of them."""

    cases: int
    listed: tuple[Listed, ...]


class Unknown(Record):
    """An unknown fact: how many cases it would settle by itself, how many wait for it, in how many it is unknown."""

    fact: str
    settles: int
    waits: int
    unknown: int


class Report(Record):
    """A whole cohort. What is counted by name counts cases, those first that are most: therapies by `next` and
    `contraindicated`, codes of problems by `errors`."""

    schema: str
    knowledge: Used
    urgent: Urgent
    cases: int
    failed: int
    repeated_ids: int
    status: dict[Status, int]
    next: dict[str, int]
    contraindicated: dict[str, int]
    warnings: dict[WarningCode, int]
    errors: dict[str, int]
    unknowns: tuple[Unknown, ...]


class Table(NamedTuple):
    """A part of the report: its heading, the heads of its columns, its rows."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


class Tally:
    """Counts of a cohort. Its size depends on the knowledge and not on the number of cases."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        kept = data or {}
        self.cases, self.failed = kept.get("cases", 0), kept.get("failed", 0)
        self.duplicates, self.urgent_cases = kept.get("duplicates", 0), kept.get("urgent_cases", 0)
        self.urgent: list[dict[str, Any]] = kept.get("urgent", [])
        self.counts = {name: Counter[str](kept.get("counts", {}).get(name)) for name in _COUNTED}

    def as_dict(self) -> dict[str, Any]:
        """The counts as plain data, from which a tally is made again."""
        names = ("cases", "failed", "duplicates", "urgent_cases", "urgent")
        return {**{name: getattr(self, name) for name in names}, "counts": {n: dict(c) for n, c in self.counts.items()}}

    def add(self, number: int, found: Outcome) -> None:
        """Count one case, the one of this number in the input."""
        self.cases += 1
        summary = found.data
        if found.problems:
            self.failed += 1
            self.counts["errors"].update({problem.code for problem in found.problems})
            return
        self.counts["status"][summary["status"]] += 1
        if summary["next"]:
            self.counts["next"][summary["next"]["therapy"]] += 1
        for name in ("contraindicated", "warnings"):
            self.counts[name].update(summary[name])
        self._urgent(number, found, summary)
        self._unknowns(summary)

    def _urgent(self, number: int, found: Outcome, summary: dict[str, Any]) -> None:
        if summary["urgent"]:
            self.urgent_cases += 1
            if len(self.urgent) < _MOST_LISTED:
                where = {"case": number, "source": found.place.path, "line": found.place.line}
                self.urgent.append({**where, "actions": summary["urgent"]})

    def _unknowns(self, summary: dict[str, Any]) -> None:
        """A fact settles a patient where it is the only one that the first dose, or the decision, waits for."""
        self.counts["unknown"].update(summary["unknowns"])
        waits = {
            item["fact"] for item in summary["before_starting"] if item["blocks"] and item["kind"] != "known" and item["fact"]
        }
        if not waits and summary["next"] is None and summary["status"] == "needs_fact":
            waits = set(summary["unknowns"])
        self.counts["waits"].update(waits)
        if len(waits) == 1:
            self.counts["settles"].update(waits)

    @property
    def unknowns(self) -> list[dict[str, Any]]:
        """The unknown facts, those first that would settle most patients."""
        settles, waits, unknown = (self.counts[name] for name in ("settles", "waits", "unknown"))
        ranked = sorted({*unknown, *waits}, key=lambda fact: (-settles[fact], -waits[fact], -unknown[fact], fact))
        return [{"fact": f, "settles": settles[f], "waits": waits[f], "unknown": unknown[f]} for f in ranked]


def as_json(tally: Tally, knowledge: Knowledge) -> str:
    """The report for programs."""
    listed = (Listed(**{**item, "actions": tuple(Now(**action) for action in item["actions"])}) for item in tally.urgent)
    counts: dict[str, Any] = {
        name: _ranked(tally.counts[name]) for name in ("status", "next", "contraindicated", "warnings", "errors")
    }
    report = Report(
        schema=SCHEMA,
        knowledge=Used(knowledge.version, knowledge.sha256),
        urgent=Urgent(tally.urgent_cases, tuple(listed)),
        cases=tally.cases,
        failed=tally.failed,
        repeated_ids=tally.duplicates,
        unknowns=tuple(Unknown(**unknown) for unknown in tally.unknowns),
        **counts,
    )
    return json.dumps(as_data(report), ensure_ascii=False, indent=2) + "\n"


def tables(tally: Tally, longest: int) -> list[Table]:
    """The report for people, the urgent first; `longest` is how many rows a table has at most."""
    urgent = [
        (str(item["case"]), f"{item['source']}:{item['line']}", "; ".join(_told(action) for action in item["actions"]))
        for item in tally.urgent
    ]
    unknown = [(u["fact"], str(u["settles"]), str(u["waits"]), str(u["unknown"])) for u in tally.unknowns]
    counted = [
        Table(title, (head, "cases"), [(name, str(count)) for name, count in _ranked(tally.counts[key]).items()])
        for title, head, key in (
            ("Cases by status", "status", "status"),
            ("Next therapy", "therapy", "next"),
            ("Contraindications met", "therapy", "contraindicated"),
            ("Warnings", "code", "warnings"),
            ("Cases with errors", "code", "errors"),
        )
    ]
    title = f"Hold, stop or refer today: {tally.urgent_cases} of {tally.cases} cases"
    ranked = Table("Unknown facts, by how many patients each would settle", ("fact", "settles", "waited for", "unknown"), unknown)
    found = [Table(title, ("case", "place", "what"), urgent), *counted, ranked]
    return [_cut(table, longest) for table in found if table.rows or table.title == title]


def as_markdown(tally: Tally, knowledge: Knowledge) -> str:
    """The report as a page."""
    lines = ["# Cohort report", "", f"{counted(tally)} Knowledge {knowledge.version}.", ""]
    for table in tables(tally, _MOST_LISTED):
        lines += [f"## {table.title}", ""]
        if table.rows:
            lines += [_row(table.heads), _row(("---",) * len(table.heads)), *map(_row, table.rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def counted(tally: Tally) -> str:
    """The counts in one sentence: in, planned, failed."""
    repeated = f" {tally.duplicates} ids stand more than once." if tally.duplicates else ""
    return f"{tally.cases} cases in, {tally.cases - tally.failed} plans and {tally.failed} errors out.{repeated}"


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _told(action: dict[str, Any]) -> str:
    return f"{action['action']} {action['therapy']}" if action["therapy"] else str(action["action"])


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _cut(table: Table, longest: int) -> Table:
    left = len(table.rows) - longest
    if left <= 0:
        return table
    more = (f"and {left} more", *("" for _ in table.heads[1:]))
    return table._replace(rows=[*table.rows[:longest], more])
