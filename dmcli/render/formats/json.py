"""Plain data for programs: JSON, field by field, never wrapped."""

import json
from typing import Any

from dmcli.render.literal import escaped
from dmcli.render.registry import View


def write(data: Any, _view: View) -> str:
    """Plain data as JSON, one entry of each top-level list or mapping to a line.

    Hidden characters are written as escapes, which JSON reads back unchanged. Deeper indentation would take
    the encoder off its fast path, which costs more than planning the patient.
    """
    text = _top(data) if isinstance(data, dict) else json.dumps(data, ensure_ascii=False)
    return escaped(text) + "\n"


def _top(data: dict[str, Any]) -> str:
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {_entries(value)}" for key, value in data.items()) + "\n}"


def _entries(value: Any) -> str:
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"    {json.dumps(v, ensure_ascii=False)}" for v in value) + "\n  ]"
    if isinstance(value, dict) and value:
        entries = (f"    {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in value.items())
        return "{\n" + ",\n".join(entries) + "\n  }"
    return json.dumps(value, ensure_ascii=False)
