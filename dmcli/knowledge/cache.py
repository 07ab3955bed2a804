"""The checked knowledge kept compiled between runs, so that a plan does not parse and check it anew.

The cache is keyed by the content of every knowledge file and by the program's own version, holds plain
JSON under a checksum, is only read when it belongs to this user and nobody else can write it, and is never needed: whatever
is wrong with it, the knowledge is built from its files.
"""

import gc
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dmcli import __version__
from dmcli.knowledge import shipped
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.changes import Overrides
from dmcli.knowledge.codes import Codes
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.construct import construct
from dmcli.knowledge.files import AlgorithmFile, Catalogue, SourcesFile
from dmcli.knowledge.layout import layout
from dmcli.knowledge.load import build, digest, read_files, read_override
from dmcli.knowledge.model import Knowledge, assembled
from dmcli.record import default_of, fields_of, is_record

_LARGEST = 32_000_000


def load_knowledge(folder: Path, shown_as: str, cache_dir: Path | None, override: Path | None = None) -> Knowledge:
    """The knowledge of a folder: as it came compiled with the program, from the cache where that is safe and fresh, else from
    its files.

    Raises InvalidKnowledge. `shown_as` is the folder as problems name it, `override` a clinic's file over it.
    """
    contents = read_files(folder)
    clinic = read_override(override) if override is not None else None
    sha256 = digest(contents, clinic)
    file = cache_dir / f"{_key(sha256)}.json" if cache_dir else None
    with _collecting_nothing():
        compiled = shipped.read(sha256) or (_read(file, sha256) if file else None)
    if compiled is not None:
        return compiled
    knowledge = build(contents, shown_as, clinic)
    if file is not None:
        _write(file, knowledge)
    return knowledge


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


def _key(sha256: str) -> str:
    """One key for this content, this program and this layout of its classes."""
    whole = f"{sha256} {__version__} {sys.version_info[:2]} {layout()}"
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _seal(file: Path, payload: bytes) -> str:
    """The checksum of a file's content and its name: what was kept for another program or knowledge does not fit."""
    return hashlib.sha256(file.stem.encode() + b"\n" + payload).hexdigest()


def _counts(data: dict[str, Any]) -> dict[str, int]:
    """How many entries each part has, so that a part that lost some is seen although the file is sealed."""
    found = {}
    for name, part in data.items():
        if isinstance(part, dict):
            found[name] = len(part)
            if name in ("codes", "catalogue", "algorithm", "sources"):
                found |= {f"{name}.{key}": len(inner) for key, inner in part.items() if isinstance(inner, (dict, list, tuple))}
    return found


def _read(file: Path, sha256: str) -> Knowledge | None:
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
            checksum, _, payload = stream.read().partition(b"\n")
        if checksum.decode() != _seal(file, payload):
            return None
        data = json.loads(payload)
        counts = data.pop("counts")
        if data["sha256"] != sha256 or counts != _counts(data):
            return None
        return assembled(
            sha256,
            {k: construct(Fact, v) for k, v in data["facts"].items()},
            construct(Codes, data["codes"]),
            construct(SourcesFile, data["sources"]),
            construct(Catalogue, data["catalogue"]),
            construct(AlgorithmFile, data["algorithm"]),
            data["texts"],
            {k: _tree(v) for k, v in data["trees"].items()},
            construct(Overrides, data["overrides"]) if data["overrides"] is not None else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _private(status: os.stat_result) -> bool:
    mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
    return mine and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _write(file: Path, knowledge: Knowledge) -> None:
    """Whole or not at all, readable by the owner only; a place that cannot be written is no error."""
    import tempfile

    data = {
        "sha256": knowledge.sha256,
        "facts": _plain(knowledge.facts),
        "codes": _plain(knowledge.codes),
        "sources": _plain(knowledge.sources),
        "catalogue": _plain(knowledge.catalogue),
        "algorithm": _plain(knowledge.algorithm),
        "texts": knowledge.texts,
        "trees": knowledge.trees,
        "overrides": _plain(knowledge.overrides),
    }
    data["counts"] = _counts(data)
    payload = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_seal(file, payload).encode() + b"\n" + payload)
            os.replace(name, file)
        except OSError:
            os.unlink(name)
    except OSError:
        return


def _plain(value: Any) -> Any:
    """Plain data; fields that hold their default are left out."""
    if is_record(value):
        kept = ((name, getattr(value, name)) for name in fields_of(value))
        return {name: _plain(v) for name, v in kept if v != default_of(value, name)}
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _tree(data: Any) -> Node:
    kind, value, args = data
    return Node(kind, value, tuple(_tree(a) for a in args))
