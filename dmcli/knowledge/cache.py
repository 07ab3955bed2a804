"""The checked knowledge kept compiled between runs, so that a plan does not parse and check it anew.

The cache is keyed by the content of every knowledge file and by the program itself. It is only read when it belongs to this
user and nobody else can write it or its folder, since foreign bytes could do harm, and when its checksum fits. It is never
needed: whatever is wrong with it, the knowledge is built from its files.
"""

import gc
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dmcli import __version__
from dmcli.knowledge import packed, shipped
from dmcli.knowledge.contents import OverrideFile, mark, read_files, read_override, sealed
from dmcli.knowledge.model import Knowledge
from dmcli.record import is_record

_LARGEST = 32_000_000
_SUFFIX = ".marshal"
_FEW = 12
# What this program keeps or kept before; anything else in its folder is not touched.
_KEPT = "[0-9a-f]{32,64}[.](?:marshal|json)"
_SIZED = (dict, tuple, list)
_PACKAGE = os.path.dirname(os.path.dirname(__file__))
# What makes knowledge of files, by folder: where it was edited, what it made before is of no use.
_MAKERS = (_PACKAGE, os.path.join(_PACKAGE, "knowledge"), os.path.join(_PACKAGE, "values"))


def load_knowledge(folder: Path, shown_as: str, cache_dir: Path | None, override: Path | None = None) -> Knowledge:
    """The knowledge of a folder: as it came compiled with the program, from the cache where that is safe and fresh, else from
    its files.

    Raises InvalidKnowledge. `shown_as` is the folder as problems name it, `override` a clinic's file over it.
    """
    contents = read_files(folder)
    clinic = read_override(override) if override is not None else None
    marked = mark(contents, clinic)
    with _collecting_nothing():
        compiled = shipped.read(marked)
        file = cache_dir / f"{_key(marked)}{_SUFFIX}" if cache_dir and compiled is None else None
        compiled = _read(file) if file is not None else compiled
    if compiled is not None:
        return compiled
    knowledge = build(contents, shown_as, clinic)
    if file is not None:
        _write(file, knowledge)
    return knowledge


def build(contents: dict[str, bytes], shown_as: str, clinic: OverrideFile | None) -> Knowledge:
    """The knowledge from its files. Raises InvalidKnowledge."""
    from dmcli.knowledge import load  # what is kept is read without it

    return load.build(contents, shown_as, clinic)


@contextmanager
def _collecting_nothing() -> Iterator[None]:
    """Everything that is read is kept: looking through it for rubbish again and again takes a fifth of the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def default_dir(environment: Mapping[str, str]) -> Path | None:
    """Where this user's caches go; None where there is no such place."""
    base = environment.get("XDG_CACHE_HOME")
    if base and Path(base).is_absolute():
        return Path(base) / "dmcli"
    home = environment.get("HOME") or environment.get("USERPROFILE")
    return Path(home) / ".cache" / "dmcli" if home else None


def _key(marked: str) -> str:
    """One key for this content and this program, as it stands there, on this Python."""
    program = " ".join(stamp for folder in _MAKERS for stamp in _stamps(folder))
    return sealed(f"{marked} {__version__} {sys.hexversion} {program}".encode())


def _stamps(folder: str) -> list[str]:
    """Name, time and size of each module of a folder; none where the program is in no folder."""
    try:
        with os.scandir(folder) as entries:
            found = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
    except OSError:
        return []
    return sorted(f"{name} {status.st_mtime_ns} {status.st_size}" for name, status in found)


def _seal(file: Path, *payload: bytes) -> str:
    """The checksum of a file's content and its name: what was kept for another program or knowledge does not fit."""
    return sealed(file.stem.encode(), b"\n", *payload)


def _counts(knowledge: Knowledge) -> str:
    """How many entries each part has, so that a part that lost some is seen although the file is sealed."""
    parts = [knowledge, *(part for part in knowledge.__dict__.values() if is_record(part))]
    found = (f"{name}={len(value)}" for part in parts for name, value in part.__dict__.items() if isinstance(value, _SIZED))
    return " ".join(found)


def _read(file: Path) -> Knowledge | None:
    """The kept knowledge; None for a missing, foreign, writable-by-others, damaged or differing file."""
    try:
        # Without waiting: a pipe in its place must not hold the program up.
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST or not _private(status):
                return None
            if not _private(os.stat(file.parent)):
                return None
            checksum, counts = stream.readline(), stream.readline()
            payload = stream.read()
    except OSError:
        return None
    if checksum.rstrip() != _seal(file, counts, payload).encode():
        return None
    found = packed.read(payload)
    if not isinstance(found, Knowledge) or counts.rstrip() != _counts(found).encode():
        return None
    return found


def _private(status: os.stat_result) -> bool:
    mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return mine and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(file: Path, knowledge: Knowledge) -> None:
    """Whole or not at all, readable by the owner only; a place that cannot be written is no error."""
    import tempfile

    payload = _counts(knowledge).encode() + b"\n" + packed.written(knowledge)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_seal(file, payload).encode() + b"\n" + payload)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
        _leave_few(file.parent)
    except OSError:
        return


def _leave_few(folder: Path) -> None:
    """Removes what was kept longest ago: each edit of the knowledge or the program leaves a file that nobody reads again."""
    mine = [file for file in folder.iterdir() if re.fullmatch(_KEPT, file.name)]
    for file in sorted(mine, key=lambda file: file.lstat().st_mtime_ns, reverse=True)[_FEW:]:
        file.unlink(missing_ok=True)
