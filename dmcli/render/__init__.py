"""What a plan looks like: one file an output format. A renderer decides nothing; it shows what the plan holds."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.result.plan import Plan

# Import paths and not functions, so that a format costs only its own imports: JSON loads neither rich nor yaml.
RENDERERS = {
    "text": "dmcli.render.as_text:render",
    "json": "dmcli.render.as_json:render",
    "yaml": "dmcli.render.as_yaml:render",
    "markdown": "dmcli.render.as_markdown:render",
}


def render(name: str, plan: "Plan", knowledge: "Knowledge", *, width: int, color: bool, explain: bool) -> str:
    """The plan in the named format, ending in a newline. Formats for machines ignore width, color and explain."""
    module, _, function = RENDERERS[name].partition(":")
    renderer = getattr(import_module(module), function)
    return cast(str, renderer(plan, knowledge, width=width, color=color, explain=explain))
