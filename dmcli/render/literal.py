"""Text from a case or the knowledge, shown literally: nothing in it steers a terminal or a reader's eye."""

import json
import re

# Controls with newlines and escape sequences; marks that turn the reading direction; characters without
# a width, which hide a difference; line separators; lone surrogates and private characters.
# Compiled where some text may hold one of them: most starts need not wait for it.
HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ue000-\uf8ff\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


def escaped(text: str) -> str:
    """JSON text with every hidden character as an escape, which JSON reads back unchanged."""
    if text.isascii() and "\x7f" not in text:
        return text  # what is hidden among these is an escape already
    return re.sub(HIDDEN, lambda found: found[0] if found[0] == "\n" else json.dumps(found[0])[1:-1], text)


def literal(text: str) -> str:
    r"""The text with every hidden character spelt out as `\u{1b}`."""
    if text.isascii() and text.isprintable():
        return text
    return re.sub(HIDDEN, lambda found: f"\\u{{{ord(found[0]):x}}}", text)
