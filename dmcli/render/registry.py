"""Which answers there are, which formats each has, and how one becomes the other: the only list of either.

An answer is built into a shape (plain data, a document, a chart, lines, a screen, a drawing), and a format writes one
shape. What an answer can be written as follows from the shapes it has. All builders have one signature,
`build(subject, knowledge, view) -> content`, and all writers another, `write(content, view) -> str`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:  # the command line reads this list before it loads any knowledge
    from dmcli.knowledge.model import Knowledge

Shape = Literal["document", "data", "chart", "lines", "screen", "drawing"]


class View(NamedTuple):
    """How an answer is shown: columns of text, colour, and whether every argument, rule and default is in it."""

    width: int = 100
    color: bool = False
    explain: bool = False


class Format(NamedTuple):
    """A format writes one shape; `writer` is the place of its function."""

    name: str
    shape: Shape
    writer: str


class Kind(NamedTuple):
    """One kind of answer: the command that gives it, and the place of its builder for each shape it has."""

    command: str
    builders: dict[Shape, str]


# Places and not functions, so that an answer costs only its own imports: JSON loads neither rich nor yaml.
FORMATS = (
    Format("text", "document", "formats.text:write"),
    Format("text", "lines", "formats.lines:write"),
    Format("text", "screen", "screen.screen:write_text"),
    Format("json", "data", "formats.json:write"),
    Format("yaml", "data", "formats.yaml:write"),
    Format("markdown", "document", "formats.markdown:write"),
    Format("markdown", "screen", "screen.markdown:write"),
    Format("mermaid", "chart", "formats.mermaid:write"),
    Format("svg", "drawing", "formats.svg:write"),
)
KINDS: dict[str, Kind] = {
    "plan": Kind("plan", {"data": "whole:data", "document": "plan.document:plan_document"}),
    "screen": Kind("plan", {"data": "whole:data", "screen": "screen.screen:screens"}),
    "roadmap": Kind(
        "roadmap",
        {"data": "whole:data", "document": "roadmap.document:roadmap_document", "chart": "roadmap.chart:roadmap_chart"},
    ),
    "algorithm": Kind(
        "algorithm",
        {
            "data": "algorithm.ladder:data",
            "document": "algorithm.document:algorithm_document",
            "chart": "algorithm.drawn:algorithm_chart",
            "drawing": "algorithm.drawn:algorithm_drawing",
        },
    ),
    "catalogue": Kind("therapy", {"data": "catalogue.data:catalogue", "document": "therapy.document:therapy_list"}),
    "card": Kind("therapy", {"data": "catalogue.data:therapy", "document": "therapy.card:therapy_card"}),
    "therapy": Kind("therapy", {"data": "catalogue.data:therapy", "document": "therapy.document:therapy_page"}),
    "evidence": Kind("evidence", {"data": "catalogue.data:evidence", "document": "catalogue.evidence:evidence_list"}),
    "source": Kind("evidence", {"data": "catalogue.data:source", "document": "catalogue.evidence:evidence_page"}),
    "defaults": Kind("evidence", {"data": "catalogue.data:defaulted", "document": "catalogue.evidence:defaults_page"}),
    "conflicts": Kind("evidence", {"data": "catalogue.data:disputed", "document": "catalogue.evidence:conflicts_page"}),
    "changes": Kind("evidence", {"data": "catalogue.data:changed", "document": "catalogue.changes:changes_page"}),
    "facts": Kind("facts", {"data": "catalogue.data:facts", "document": "catalogue.facts:facts_list"}),
    "fact": Kind("facts", {"data": "catalogue.data:fact", "document": "catalogue.facts:facts_page"}),
    "soundness": Kind("check", {"data": "whole:data", "lines": "whole:lines"}),
}
NAMES = tuple(dict.fromkeys(f.name for f in FORMATS))


def formats_of(command: str) -> tuple[str, ...]:
    """The formats in which every answer of a command can be had, in their order."""
    kinds = [kind for kind in KINDS.values() if kind.command == command]
    return tuple(name for name in NAMES if kinds and all(_format(name, kind) for kind in kinds))


def commands_with(name: str) -> tuple[str, ...]:
    """The commands that offer a format."""
    commands = dict.fromkeys(kind.command for kind in KINDS.values())
    return tuple(command for command in commands if name in formats_of(command))


def render(kind: str, name: str, subject: Any, knowledge: "Knowledge", view: View) -> str:
    """An answer of a kind in the format `name`, ending in a newline.

    `subject` is what the answer is about: a plan or a roadmap, the id of a therapy, source or fact, which must exist,
    or None for a list. Raises KeyError for a kind that is not known, or a format that it does not have.
    """
    found = _format(name, KINDS[kind])
    if found is None:
        raise KeyError(f"{kind} has no format {name}")
    content = _function(KINDS[kind].builders[found.shape])(subject, knowledge, view)
    return str(_function(found.writer)(content, view))


def _format(name: str, kind: Kind) -> Format | None:
    return next((f for f in FORMATS if f.name == name and f.shape in kind.builders), None)


def _function(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(f"dmcli.render.{module}"), name)
    return function
