"""The files of a knowledge folder as bytes, and the mark by which the same bytes are known again."""

import os
from pathlib import Path
from typing import NamedTuple

from dmcli.errors import InvalidKnowledge, Problem
from dmcli.knowledge.files import FILES
from dmcli.knowledge.folder import THERAPIES

try:
    # `hashlib` has the same function, but loads OpenSSL first, which takes longer than a whole plan.
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

_EXPECTED = f"{', '.join(FILES)} and {THERAPIES}/<id>.yaml"
_YAML = (".yaml", ".yml")
_BYTES = 16


class OverrideFile(NamedTuple):
    """A clinic's file over the shipped knowledge: its path as problems name it, and its bytes."""

    path: str
    content: bytes

    @property
    def name(self) -> str:
        """The file's name without its folder, which is nobody else's business."""
        return Path(self.path).name


def read_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every knowledge file, those of the therapies by name.

    A missing file is a problem, not a default, and so is YAML that would not be read; notes and the like may stand beside.
    """
    problems: list[Problem] = []
    strays = [name for name in _names(folder, "", problems) if name.lower().endswith(_YAML) and name not in FILES]
    therapies = []
    for name in _names(folder, f"{THERAPIES}/", problems):
        if name.endswith(".yaml"):
            therapies.append(name)
        elif name.lower().endswith(_YAML):
            strays.append(name)
    for name in strays:
        text = f"is no file of a knowledge folder, which has {_EXPECTED}; rename it or put it elsewhere"
        problems.append(Problem(f"{folder}/{name}", 0, 0, "", "stray_file", text))
    contents = {}
    for name in (*FILES, *therapies):
        try:
            with open(f"{folder}/{name}", "rb") as stream:
                contents[name] = stream.read()
        except OSError as error:
            text = f"cannot be read ({error.strerror}); a knowledge folder has {_EXPECTED}"
            problems.append(Problem(f"{folder}/{name}", 0, 0, "", "unreadable", text))
    if problems:
        raise InvalidKnowledge(problems)
    return contents


def _names(folder: Path, under: str, problems: list[Problem]) -> list[str]:
    """The files of a folder by name, hidden ones apart; one that is not there has none."""
    try:
        return sorted(under + name for name in os.listdir(f"{folder}/{under}") if not name.startswith("."))
    except OSError as error:
        if under:
            text = f"cannot be read ({error.strerror}); it holds one file for each therapy"
            problems.append(Problem(f"{folder}/{under.rstrip('/')}", 0, 0, "", "unreadable", text))
        return []


def read_override(path: Path) -> OverrideFile:
    """A clinic's file over the shipped knowledge. Raises InvalidKnowledge."""
    try:
        return OverrideFile(str(path), path.read_bytes())
    except OSError as error:
        text = f"cannot be read ({error.strerror}); name a folder, or a file that changes the shipped knowledge"
        raise InvalidKnowledge([Problem(str(path), 0, 0, "", "unreadable", text)]) from None


def mark(contents: dict[str, bytes], override: OverrideFile | None = None) -> str:
    """What the same files are known by, whoever asks on whatever machine; not the hash that plans tell, which takes longer."""
    whole = blake2b(digest_size=_BYTES)
    for name in sorted(contents):
        whole.update(name.encode() + b"\0" + contents[name] + b"\0")
    if override is not None:
        whole.update(override.name.encode() + b"\0" + override.content + b"\0")
    return whole.hexdigest()


def sealed(*parts: bytes) -> str:
    """A checksum over some bytes, in letters and digits."""
    whole = blake2b(digest_size=_BYTES)
    for part in parts:
        whole.update(part)
    return whole.hexdigest()
