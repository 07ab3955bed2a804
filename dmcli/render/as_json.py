"""The plan for programs: JSON, field by field, never wrapped."""

import json
from typing import TYPE_CHECKING, Any

from dmcli.render.literal import HIDDEN
from dmcli.result.plan import as_data

if TYPE_CHECKING:
    from dmcli.result.plan import Plan


def render(plan: "Plan", *_knowledge: object, **_options: object) -> str:
    """The whole plan; it always holds everything, so nothing but the plan matters here."""
    return write(as_data(plan))


def write(data: Any) -> str:
    """Plain data as JSON, one entry of each top-level list or mapping to a line.

    Hidden characters are written as escapes, which JSON reads back unchanged. Deeper indentation would take
    the encoder off its fast path, which costs more than planning the patient.
    """
    text = _top(data) if isinstance(data, dict) else json.dumps(data, ensure_ascii=False)
    return HIDDEN.sub(lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text) + "\n"


def _top(data: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_entries(value)}" for key, value in data.items()) + "\n}"


def _entries(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {json.dumps(v, ensure_ascii=False)}" for v in value) + "\n  ]"
    if isinstance(value, dict) and value:
        entries = (f"    {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
        return "{\n" + ",\n".join(entries) + "\n  }"
    return json.dumps(value, ensure_ascii=False)
