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
# What a reader gets who asks for no more: one screen.
FIRST_SCREENS = {
    "text": "dmcli.render.first_screen:render",
    "markdown": "dmcli.render.first_screen_markdown:render",
}


def render(
    name: str, plan: "Plan", knowledge: "Knowledge", *, width: int, color: bool, explain: bool = False, full: bool = False
) -> str:
    """The plan in the named format, ending in a newline: one screen, or the whole of it with `full` or `explain`.

    Formats for machines hold the whole plan and ignore how it is to be shown.
    """
    short = not (full or explain) and name in FIRST_SCREENS
    module, _, function = (FIRST_SCREENS if short else RENDERERS)[name].partition(":")
    renderer = getattr(import_module(module), function)
    return cast(str, renderer(plan, knowledge, width=width, color=color, explain=explain))
