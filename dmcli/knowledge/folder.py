"""Where the knowledge is: the shipped folder, a clinic's own, or a clinic's file over the shipped one."""

from pathlib import Path
from typing import NamedTuple

# Beside the files of a whole knowledge, one for each therapy, named by its id.
THERAPIES = "therapies"


class Place(NamedTuple):
    """A whole knowledge folder, how problems name it, and the file that changes single entries of it, if there is one."""

    folder: Path
    shown: str
    override: Path | None = None


def shipped() -> Path:
    """The knowledge folder that came with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"


def find(chosen: Path | None) -> Place:
    """The knowledge that a person chose: none is the shipped one; a file, or a folder with one YAML file alone, changes
    single entries of the shipped one; any other folder is a whole knowledge."""
    if chosen is None:
        return Place(shipped(), "data")
    if chosen.is_file():
        return Place(shipped(), "data", chosen)
    files = sorted(chosen.rglob("*.yaml")) if chosen.is_dir() else []
    if len(files) == 1 and files[0].parent == chosen:
        return Place(shipped(), "data", files[0])
    return Place(chosen, str(chosen))
