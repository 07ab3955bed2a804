"""A pager for an answer that is longer than the terminal, chosen as git chooses it: PAGER, else less.

So the title of an answer is what is seen first, not its foot.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable

# Colours as they are, no pager for what fits, and what was read stays on the terminal.
_LESS = "FRX"


def paged(text: str, write: Callable[[str], None]) -> None:
    """Show the text in a pager where it does not fit on the terminal; else, or without a pager, `write` it."""
    command = shlex.split(os.environ.get("PAGER", "less"))
    fits = len(text.splitlines()) < shutil.get_terminal_size().lines
    # On a dumb terminal less asks before it shows anything.
    dumb = os.environ.get("TERM", "dumb") == "dumb"
    if fits or dumb or not command or command == ["cat"] or shutil.which(command[0]) is None:
        write(text)
        return
    environment = {"LESS": _LESS, **os.environ}
    # An interrupt is for the pager, which has the terminal.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as pager:
            pager.communicate(text.encode(sys.stdout.encoding or "utf-8", "backslashreplace"))
    finally:
        signal.signal(signal.SIGINT, before)
