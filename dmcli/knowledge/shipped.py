"""The knowledge that came with the program, compiled when the program was built, so that its first start is as fast as any.

It stands in the package and is trusted as the code beside it is. It is for the files it was made from: where one of them
was edited, it is passed over and the knowledge is built from the files. A checkout has none.
"""

import hashlib
import os
from typing import BinaryIO

from dmcli import __version__
from dmcli.knowledge.layout import layout
from dmcli.knowledge.model import Knowledge

FILE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "knowledge.pickle")


def read(sha256: str) -> Knowledge | None:
    """The compiled knowledge of the files with this digest; None where there is none, or it is of other files or another
    program."""
    try:
        with open(FILE, "rb") as stream:
            if stream.readline().rstrip() != _key(sha256):
                return None
            found = _loaded(stream)
    except (OSError, EOFError):
        return None
    return found if found is not None and found.sha256 == sha256 else None


def _loaded(stream: BinaryIO) -> Knowledge | None:
    import pickle  # a checkout, which has no such file, starts without it

    try:
        found: Knowledge = pickle.load(stream)
    except pickle.UnpicklingError:
        return None
    return found


def write(knowledge: Knowledge, file: str) -> None:
    """Compile the knowledge into a file. Raises OSError."""
    import pickle

    with open(file, "wb") as stream:
        stream.write(_key(knowledge.sha256) + b"\n")
        pickle.dump(knowledge, stream, pickle.HIGHEST_PROTOCOL)


def _key(sha256: str) -> bytes:
    """One key for these files, this program and this layout of its classes, whatever Python runs it."""
    return hashlib.sha256(f"{sha256} {__version__} {layout()}".encode()).hexdigest().encode()
