"""The knowledge that came with the program, compiled when the program was built, so that its first start is as fast as any.

It stands in the package and is trusted as the code beside it is. It is for the files it was made from: where one of them
was edited, it is passed over and the knowledge is built from the files. A checkout has none.
"""

import os

from dmcli import __version__
from dmcli.knowledge import packed
from dmcli.knowledge.contents import sealed
from dmcli.knowledge.model import Knowledge

NAME = "knowledge.marshal"
FILE = os.path.join(os.path.dirname(os.path.dirname(__file__)), NAME)


def read(mark: str) -> Knowledge | None:
    """The compiled knowledge of the files with this mark; None where there is none, or it is of other files or another
    program."""
    try:
        with open(FILE, "rb") as stream:
            if stream.readline().rstrip() != _key(mark):
                return None
            content = stream.read()
    except OSError:
        return None
    found = packed.read(content)
    return found if isinstance(found, Knowledge) else None


def write(knowledge: Knowledge, mark: str, file: str) -> None:
    """Compile the knowledge of the files with this mark into a file. Raises OSError."""
    with open(file, "wb") as stream:
        stream.write(_key(mark) + b"\n")
        stream.write(packed.written(knowledge))


def _key(mark: str) -> bytes:
    """One key for these files and this program, whatever Python runs it."""
    return sealed(f"{mark} {__version__}".encode()).encode()
