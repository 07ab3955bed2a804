"""A short digest of every plan of the cases and examples: what a change of structure must not change.

    python tests/plan_digests.py check      names the plans that differ from the kept digests
    python tests/plan_digests.py keep       keeps today's

Left out is what a change of structure may change: the program, the knowledge and the schema, the trace and the summary.
"""

import hashlib
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from conftest import AS_OF, ROOT, built_knowledge
from dmcli import yamlfile
from dmcli.case.read import read_case
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.result.plan import Plan, as_data
from test_cases import CASES, planned

KEPT = Path(__file__).parent / "plan_digests.json"
# Fields that were added since; they are left out while nothing stands in them.
_LATER = ("instead", "boxed_warning", "goes_on", "needs", "if_none", "if_partial", "obstructed")
# What a sentence tells as well.
_ADDED = ("about", "says", "result", "past", "indication", "infusion", "cleared")
_LEFT_OUT = ("schema", "tool", "knowledge", "trace", "summary")


def digest(made: Plan) -> str:
    data = _as_first_kept({key: value for key, value in as_data(made).items() if key not in _LEFT_OUT}, made)
    # Disagreements follow the order of the files they stand in.
    data["conflicts"] = sorted(data["conflicts"], key=lambda conflict: conflict["id"])
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]


def _as_first_kept(data: Any, made: Plan) -> Any:
    """As the digests were first kept: a reason about another therapy began with its name, nothing said what a
    sentence tells itself, the grade was told in its sentence alone, and so was the result of a limit, no warning said
    whether it is about the past, no course what it was given for, and an infusion was told in sentences alone."""
    if isinstance(data, list):
        return [_as_first_kept(item, made) for item in data]
    if not isinstance(data, dict):
        return data
    found = {key: _as_first_kept(value, made) for key, value in data.items() if key not in _ADDED}
    found = {key: value for key, value in found.items() if value or key not in _LATER}
    if "grade_text" in found:
        found["grade"] = found.pop("grade_text")
    if data.get("about") is not None:
        name = next(option.name for option in made.options if option.therapy == data["about"])
        found["text"] = f"{name}: {found['text']}"
    return found


def digests(knowledge: Knowledge) -> dict[str, str]:
    found = {entry["name"]: digest(planned(index, knowledge)) for index, (_, entry) in enumerate(CASES)}
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        case = read_case(yamlfile.parse(path.read_text(encoding="utf-8"), path.name), knowledge, date(2026, 12, 1), AS_OF)
        found[f"example {path.name}"] = digest(plan(case, knowledge))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    today = digests(built_knowledge())
    if sys.argv[1:] == ["keep"]:
        KEPT.write_text(json.dumps(today, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    else:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        changed = [name for name in sorted({*kept, *today}) if kept.get(name) != today.get(name)]
        print("\n".join(changed) if changed else f"all {len(today)} plans as they were")
        sys.exit(bool(changed))
