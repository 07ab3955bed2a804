"""The pages of the catalogue, each in every format: therapies, evidence, defaults, disagreements, facts."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge

# The document of each page; its plain data is the function of the same name with `_data` in `catalogue_data`.
PAGES = {
    "therapy_list": "therapy_document",
    "therapy_page": "therapy_document",
    "evidence_list": "evidence_document",
    "evidence_page": "evidence_document",
    "defaults_page": "evidence_document",
    "conflicts_page": "evidence_document",
    "changes_page": "changes_document",
    "facts_list": "facts_document",
    "facts_page": "facts_document",
}


def show(page: str, name: str, knowledge: "Knowledge", *args: str, width: int, color: bool) -> str:
    """A page in the format `name`. `args` is the id of the therapy, source or fact; it must exist."""
    if name in ("json", "yaml"):
        data = _function("catalogue_data", f"{page}_data")(knowledge, *args)
        return str(_function(f"as_{name}", "write")(data))
    document = _function(PAGES[page], page)(knowledge, *args)
    draw = _function(f"as_{name}", "draw")
    return str(draw(document, width, color) if name == "text" else draw(document))


def _function(module: str, name: str) -> Callable[..., Any]:
    # Imported on use: a page of JSON loads neither rich nor yaml.
    function: Callable[..., Any] = getattr(import_module(f"dmcli.render.{module}"), name)
    return function
