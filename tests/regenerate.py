"""Writes what the repository keeps of the program's own output: the JSON Schemas of its results and what the pages show.

    python tests/regenerate.py

Tests hold the files against what this would write; read the difference before committing it.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import python_page
from dmcli.cli.pages import explained

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "dmcli" / "schemas" / "plan.schema.json"
ROADMAP_SCHEMA = ROOT / "dmcli" / "schemas" / "roadmap.schema.json"
SUMMARY_SCHEMA = ROOT / "dmcli" / "schemas" / "summary.schema.json"
REFUSED_SCHEMA = ROOT / "dmcli" / "schemas" / "refused.schema.json"
COHORT_SCHEMA = ROOT / "dmcli" / "schemas" / "cohort.schema.json"
ALGORITHM = ROOT / "docs" / "algorithm.svg"
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]
# A mark that says what is shown, and the block with it that follows.
_SHOWN = re.compile(
    r"(?P<head><!-- (?P<kind>output|errors|file): (?P<args>[^>]*?) -->\n```(?:text|yaml|python)\n)(?P<body>.*?)(?P<tail>```\n)",
    re.DOTALL,
)
# A mark that names a list of codes, and what stands from there to the mark of its end.
_CODES = re.compile(r"(?P<head><!-- codes: (?P<name>\w+) -->\n).*?(?P<tail><!-- end -->\n)", re.DOTALL)


def schema(record: type, ident: str) -> str:
    """The JSON Schema of a result, with the codes of the shipped knowledge."""
    from dmcli.knowledge.codes import OWN_WARNINGS
    from dmcli.knowledge.shapes import json_schema

    known = shipped().codes
    lists = {"warnings": [*known.warnings, *OWN_WARNINGS], "indications": list(known.indications)}
    return json.dumps(json_schema(record, ident, lists), indent=1) + "\n"


def plan_schema() -> str:
    from dmcli.result.plan import Plan

    return schema(Plan, "urn:dmcli:plan:2")


def roadmap_schema() -> str:
    from dmcli.roadmap.roadmap import Roadmap

    return schema(Roadmap, "urn:dmcli:roadmap:1")


def summary_schema() -> str:
    from dmcli.batch.summary import Summary

    return schema(Summary, "urn:dmcli:summary:1")


def refused_schema() -> str:
    from dmcli.batch.summary import Refused

    return schema(Refused, "urn:dmcli:refused:1")


@cache
def shipped() -> Any:
    """The shipped knowledge, built from its files."""
    from dmcli.knowledge.contents import read_files
    from dmcli.knowledge.load import build

    return build(read_files(ROOT / "data"), "data")


def codes(name: str) -> str:
    """A list of codes of the knowledge as a page explains it, an entry a line."""
    listed = getattr(shipped().codes, name)
    return "".join(f"{explained(code)}\n" for code in listed.values())


def cohort_schema() -> str:
    from dmcli.batch.report import Report

    return schema(Report, "urn:dmcli:cohort:1")


def output(args: str, fails: bool = False) -> str:
    """What the program prints at 80 columns; with `fails` what it says on stderr when it refuses."""
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "dmcli", *shlex.split(args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=False)
    if bool(done.returncode) is not fails:
        raise SystemExit(f"dmcli {args}: exit {done.returncode}\n{done.stderr}")
    return done.stderr if fails else done.stdout


def cut(text: str, first: str, last: str) -> str:
    """The part of a text from one line on and up to another, each told by what it says without its indent."""
    lines = text.splitlines()
    told = [line.strip() for line in lines]
    begin = told.index(first) if first else 0
    end = told.index(last, begin + 1) if last else len(lines)
    return textwrap.dedent("\n".join(lines[begin:end])).rstrip() + "\n"


def shown(kind: str, args: str) -> str:
    """What a mark stands for: the output of a command, what it refuses with, or a file; whole, or `from LINE` and `until LINE`."""
    args, _, last = args.partition(" until ")
    args, _, first = args.partition(" from ")
    whole = (ROOT / args).read_text(encoding="utf-8") if kind == "file" else output(args, fails=kind == "errors")
    return without_hash(cut(whole, first, last))


def page(text: str) -> str:
    """A page with everything it shows made anew."""
    text = _CODES.sub(lambda mark: mark["head"] + codes(mark["name"]) + mark["tail"], text)
    return _SHOWN.sub(lambda mark: mark["head"] + shown(mark["kind"], mark["args"]) + mark["tail"], text)


def without_hash(text: str) -> str:
    """The knowledge's hash changes with every edit of the data; pages show none."""
    return re.sub(r"\b[0-9a-f]{12}\b", "............", text)


if __name__ == "__main__":
    SCHEMA.write_text(plan_schema(), encoding="utf-8")
    ROADMAP_SCHEMA.write_text(roadmap_schema(), encoding="utf-8")
    SUMMARY_SCHEMA.write_text(summary_schema(), encoding="utf-8")
    REFUSED_SCHEMA.write_text(refused_schema(), encoding="utf-8")
    COHORT_SCHEMA.write_text(cohort_schema(), encoding="utf-8")
    ALGORITHM.write_text(output("algorithm --format svg"), encoding="utf-8")
    for path in PAGES:
        path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
    python_page.PAGE.write_text(python_page.page(python_page.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
