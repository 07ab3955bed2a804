"""The standard streams as they are found: open, closed, full, or with a reader that goes away."""

import errno
import io
import os
import sys
from typing import Any

from dmcli.errors import OutputClosed, Problem, UsageProblem


class Unwritable(UsageProblem):
    """The answer has no place to go."""

    def __init__(self, error: OSError) -> None:
        text = f"cannot be written ({error.strerror}); give it a place to go, or name a file with -o"
        super().__init__([Problem("stdout", 0, 0, "", "unwritable", text)])


class _Closed(io.TextIOBase):
    """Stands where no stream is: whoever writes is told so, and a command that writes nothing is not disturbed."""

    encoding = "utf-8"
    tried = False

    def writable(self) -> bool:
        return True

    def write(self, _text: str) -> int:
        self.tried = True
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def flush(self) -> None:
        if self.tried:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def prepare() -> None:
    """Streams that can always be asked to write."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _Closed())
        # A terminal that cannot show a character shows its escape instead of failing.
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def answer(text: str) -> None:
    """Text on stdout. Raises OutputClosed where the reader went away, Unwritable where it cannot be written."""
    try:
        if text:
            sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        raise Unwritable(error) from None


def tell(text: str) -> None:
    """Text on stderr; silent where nothing can be said."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def refused(error: OSError) -> bool:
    """Whether an error comes of a stream that cannot be written: that of a file would name the file."""
    return error.filename is None


def silence(stream: Any) -> None:
    """Let what is left in a stream vanish, or the interpreter would complain about it at its end."""
    if isinstance(stream, _Closed):
        stream.tried = False
        return
    try:
        descriptor = stream.fileno()
    except (OSError, AttributeError):
        return  # a stream within this process holds nothing back
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
