"""What weight and colour mean, for every page on a terminal.

A terminal chooses its sixteen colours for itself: of those of xterm, VS Code and Solarized none reaches a contrast of 4.5
on dark and on light ground. So words keep the terminal's own colours, bold or reversed. Only a sign is red, which stands
out by 3 to 1 or more on all of them, and the word beside it says what it says.
"""

from typing import Literal

# head: a title or a label; sign: the mark of what is urgent, urgent: its word; must: before something else; quiet: for
# reference.
Tone = Literal["head", "sign", "urgent", "must", "quiet", "plain"]

THEME: dict[Tone, str] = {"head": "bold", "sign": "bold red", "urgent": "bold reverse", "must": "bold", "quiet": "", "plain": ""}
_CODES = {"bold": "1", "reverse": "7", "red": "31"}


def painted(text: str, tone: Tone, color: bool) -> str:
    """The text in its tone; as it is without colour."""
    if not (color and THEME[tone] and text):
        return text
    return f"\x1b[{';'.join(_CODES[word] for word in THEME[tone].split())}m{text}\x1b[0m"
