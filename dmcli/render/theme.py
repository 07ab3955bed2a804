"""What colour and weight mean, for every page on a terminal.

The names are those of the sixteen colours that a terminal chooses for itself, so they read on light and on dark. Nobody
has to tell red from green, and a word says whatever a colour says.
"""

from typing import Literal

# head: a title or a label; urgent: for today; must: before something else; done: nothing to do; quiet: for reference.
Tone = Literal["head", "urgent", "must", "done", "quiet", "plain"]

THEME: dict[Tone, str] = {"head": "bold blue", "urgent": "bold red", "must": "bold", "done": "cyan", "quiet": "dim", "plain": ""}
_CODES = {"bold": "1", "dim": "2", "red": "31", "blue": "34", "cyan": "36"}


def painted(text: str, tone: Tone, color: bool) -> str:
    """The text in its tone; as it is without colour."""
    if not (color and THEME[tone] and text):
        return text
    return f"\x1b[{';'.join(_CODES[word] for word in THEME[tone].split())}m{text}\x1b[0m"
