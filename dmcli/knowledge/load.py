"""The files of a knowledge folder to one checked `Knowledge`; every problem at once, each with its place."""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

from dmcli import yamlfile
from dmcli.errors import InvalidKnowledge, Problem
from dmcli.knowledge.changes import Overrides
from dmcli.knowledge.construct import construct
from dmcli.knowledge.model import (
    AlgorithmFile,
    FactsFile,
    Knowledge,
    RegimensFile,
    SourcesFile,
    TextsFile,
    drug_names,
    group_members,
    rules_about,
    therapy_names,
)

FILES: dict[str, type] = {
    "facts.yaml": FactsFile,
    "sources.yaml": SourcesFile,
    "regimens.yaml": RegimensFile,
    "algorithm.yaml": AlgorithmFile,
    "texts.yaml": TextsFile,
}
# Mappings whose keys are the ids of their entries.
_KEYED = (
    "facts",
    "topic_facts",
    "sources",
    "classes",
    "tests",
    "substance_groups",
    "substances",
    "therapies",
    "settings",
    "statements",
)


class OverrideFile(NamedTuple):
    """A clinic's file over the shipped knowledge: its path as problems name it, and its bytes."""

    path: str
    content: bytes

    @property
    def name(self) -> str:
        """The file's name without its folder, which is nobody else's business."""
        return Path(self.path).name


def read_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every knowledge file; a missing one is a problem, not a default."""
    contents, problems = {}, []
    for name in FILES:
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError as error:
            text = f"cannot be read ({error.strerror}); a knowledge folder has {', '.join(FILES)}"
            problems.append(Problem(str(folder / name), 0, 0, "", "unreadable", text))
    if problems:
        raise InvalidKnowledge(problems)
    return contents


def read_override(path: Path) -> OverrideFile:
    """A clinic's file over the shipped knowledge. Raises InvalidKnowledge."""
    try:
        return OverrideFile(str(path), path.read_bytes())
    except OSError as error:
        text = f"cannot be read ({error.strerror}); name a folder, or a file that changes the shipped knowledge"
        raise InvalidKnowledge([Problem(str(path), 0, 0, "", "unreadable", text)]) from None


def digest(contents: dict[str, bytes], override: OverrideFile | None = None) -> str:
    """One hash over all files, in a fixed order, and over a clinic's own file with its name."""
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(name.encode() + b"\0" + contents[name] + b"\0")
    if override is not None:
        whole.update(override.name.encode() + b"\0" + override.content + b"\0")
    return whole.hexdigest()


def build(contents: dict[str, bytes], folder: str, override: OverrideFile | None = None) -> Knowledge:
    """Parse, type-check and cross-check; raises InvalidKnowledge with every problem found.

    `contents` are the files of a whole knowledge folder, `override` a clinic's file that changes single entries of it.
    """
    from dmcli.knowledge import checks
    from dmcli.knowledge.trees import compile_all

    parsed = {}
    documents = {name: _document(contents[name], f"{folder}/{name}" if folder else name) for name in FILES}
    problems = [problem for document in documents.values() for problem in document.problems]
    overrides = None
    if override is not None and not problems:
        documents, overrides = _overridden(documents, override)
    for name, shape in FILES.items():
        if not documents[name].problems:
            parsed[name] = _typed(documents[name], shape, problems)
    if problems:
        raise InvalidKnowledge(problems)
    trees, more = compile_all(parsed, documents)
    groups = group_members(parsed["regimens.yaml"].therapies)
    knowledge = Knowledge(
        sha256=digest(contents, override),
        facts=parsed["facts.yaml"].facts,
        sources=parsed["sources.yaml"],
        regimens=parsed["regimens.yaml"],
        algorithm=parsed["algorithm.yaml"],
        texts=parsed["texts.yaml"].texts,
        trees=trees,
        groups=groups,
        about=rules_about(parsed["algorithm.yaml"], groups, parsed["regimens.yaml"].therapies),
        therapy_names=therapy_names(parsed["regimens.yaml"]),
        drug_names=drug_names(parsed["regimens.yaml"]),
        overrides=overrides,
    )
    more += checks.cross_check(knowledge, documents)
    if more:
        raise InvalidKnowledge(more)
    return knowledge


def _document(content: bytes, path: str) -> yamlfile.Document:
    """A file parsed; what is wrong with it is in the result."""
    try:
        return yamlfile.parse(content.decode("utf-8-sig"), path, yamlfile.KNOWLEDGE)
    except UnicodeDecodeError as error:
        text = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
        return yamlfile.Document(path, None, {}, [Problem(path, 0, 0, "", "encoding", text)])


def _overridden(documents: dict[str, yamlfile.Document], file: OverrideFile) -> tuple[dict[str, yamlfile.Document], Overrides]:
    """The documents under a clinic's file, and what it changed. Raises InvalidKnowledge with every problem of the file."""
    from dmcli.knowledge.overrides import override

    clinic = _document(file.content, file.path)
    if clinic.problems:
        raise InvalidKnowledge(clinic.problems)
    made = override(documents, clinic)
    if made.problems:
        raise InvalidKnowledge(made.problems)
    return made.documents, Overrides(file.name, hashlib.sha256(file.content).hexdigest(), made.base, made.changes)


def _typed(document: yamlfile.Document, shape: type, problems: list[Problem]) -> Any:
    from dmcli.knowledge.shapes import validate

    data = document.data
    if isinstance(data, dict):
        data = {k: _with_ids(v) if k in _KEYED and isinstance(v, dict) else v for k, v in data.items()}
    wrong = validate(data, shape)
    problems += [document.problem(where, code, text) for where, code, text in wrong]
    return None if wrong else construct(shape, data)


def _with_ids(entries: dict[str, Any]) -> dict[str, Any]:
    return {key: {**entry, "id": key} if isinstance(entry, dict) else entry for key, entry in entries.items()}
