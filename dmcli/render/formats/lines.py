"""Lines for a terminal, as they are."""

from dmcli.render.registry import View


def write(lines: list[str], _view: View) -> str:
    """Each line, ending in a newline."""
    return "\n".join(lines) + "\n"
