"""The road ahead in every format it has."""

from importlib import import_module
from typing import TYPE_CHECKING

from dmcli.result.plan import as_data

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge
    from dmcli.roadmap.roadmap import Roadmap

FORMATS = ("text", "json", "yaml", "markdown", "mermaid")


def show(name: str, roadmap: "Roadmap", knowledge: "Knowledge", *, width: int, color: bool) -> str:
    """The roadmap in the named format, ending in a newline. Only text knows width and color."""
    # Imported on use: JSON loads neither rich nor yaml.
    module = import_module(f"dmcli.render.as_{name}")
    if name in ("json", "yaml"):
        return str(module.write(as_data(roadmap)))
    if name == "mermaid":
        return str(module.draw(roadmap, knowledge))
    from dmcli.render.roadmap_document import roadmap_document

    document = roadmap_document(roadmap, knowledge)
    return str(module.draw(document, width, color) if name == "text" else module.draw(document))
