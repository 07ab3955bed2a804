"""The plan for programs: JSON, field by field, never wrapped."""

import json
from typing import TYPE_CHECKING, Any

from dmcli.render.literal import HIDDEN
from dmcli.result import as_data

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.result import Plan


def render(plan: "Plan", knowledge: "Knowledge", *, width: int, color: bool, explain: bool) -> str:
    """The whole plan; it always holds everything, so nothing but the plan matters here."""
    return write(as_data(plan))


def write(data: Any) -> str:
    """Plain data as indented JSON. Hidden characters are written as escapes, which JSON reads back unchanged."""
    lines = json.dumps(data, ensure_ascii=False, indent=2).split("\n")
    return "\n".join(HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], line) for line in lines) + "\n"
