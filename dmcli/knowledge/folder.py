"""Where the shipped knowledge is."""

from pathlib import Path


def shipped() -> Path:
    """The knowledge folder that came with the program: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "data"
    return inside if inside.is_dir() else package.parent / "data"
