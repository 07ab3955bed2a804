"""Writes what the repository keeps of the program's own output: the JSON Schemas of its results and the README's examples.

    python tests/regenerate.py

Tests hold the files against what this would write; read the difference before committing it.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "dmcli" / "schemas" / "plan.schema.json"
ROADMAP_SCHEMA = ROOT / "dmcli" / "schemas" / "roadmap.schema.json"
README = ROOT / "README.md"
# A mark that names a command, and the text block with its output that follows it; `until X` leaves out what comes from X on.
_SHOWN = re.compile(r"(?P<head><!-- output: (?P<args>[^>]*?) -->\n```text\n)(?P<body>.*?)(?P<tail>```\n)", re.DOTALL)


def plan_schema() -> str:
    from dmcli.knowledge.shapes import json_schema
    from dmcli.result.plan import Plan

    return json.dumps(json_schema(Plan, "urn:dmcli:plan:1"), indent=1) + "\n"


def roadmap_schema() -> str:
    from dmcli.knowledge.shapes import json_schema
    from dmcli.roadmap.roadmap import Roadmap

    return json.dumps(json_schema(Roadmap, "urn:dmcli:roadmap:1"), indent=1) + "\n"


def output(args: str) -> str:
    """What the program prints at 80 columns, up to a heading if `until HEADING` stands behind the arguments."""
    args, _, heading = args.partition(" until ")
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dmcli", *args.split()], capture_output=True, text=True, cwd=ROOT, env=env, check=True
    )
    return done.stdout.partition(f"\n{heading}\n")[0] + "\n" if heading else done.stdout


def readme(text: str) -> str:
    """The README with every shown output made anew."""
    return _SHOWN.sub(lambda m: m["head"] + without_hash(output(m["args"])) + m["tail"], text)


def without_hash(text: str) -> str:
    """The knowledge's hash changes with every edit of the data; the README shows none."""
    return re.sub(r"\b[0-9a-f]{12}\b", "............", text)


if __name__ == "__main__":
    SCHEMA.write_text(plan_schema(), encoding="utf-8")
    ROADMAP_SCHEMA.write_text(roadmap_schema(), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
