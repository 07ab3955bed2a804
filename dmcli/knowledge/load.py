"""The files of a knowledge folder to one checked `Knowledge`; every problem at once, each with its place."""

import hashlib
from pathlib import Path
from typing import Any

from dmcli import yamlfile
from dmcli.errors import InvalidKnowledge, Problem
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
    pair_partners,
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


def digest(contents: dict[str, bytes]) -> str:
    """One hash over all files, in a fixed order."""
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(name.encode() + b"\0" + contents[name] + b"\0")
    return whole.hexdigest()


def build(contents: dict[str, bytes], folder: str) -> Knowledge:
    """Parse, type-check and cross-check; raises InvalidKnowledge with every problem found."""
    from dmcli.knowledge import checks
    from dmcli.knowledge.trees import compile_all

    parsed, documents = {}, {}
    problems: list[Problem] = []
    for name, shape in FILES.items():
        path = f"{folder}/{name}" if folder else name
        try:
            text = contents[name].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append(Problem(path, 0, 0, "", "encoding", f"is not UTF-8 text (byte {error.start}); save it as UTF-8"))
            continue
        document = yamlfile.parse(text, path, yamlfile.KNOWLEDGE)
        documents[name] = document
        problems += document.problems
        if not document.problems:
            parsed[name] = _typed(document, shape, problems)
    if problems:
        raise InvalidKnowledge(problems)
    trees, more = compile_all(parsed, documents)
    groups = group_members(parsed["regimens.yaml"].therapies)
    partners = pair_partners(groups, parsed["regimens.yaml"].substances)
    knowledge = Knowledge(
        sha256=digest(contents),
        facts=parsed["facts.yaml"].facts,
        sources=parsed["sources.yaml"],
        regimens=parsed["regimens.yaml"],
        algorithm=parsed["algorithm.yaml"],
        texts=parsed["texts.yaml"].texts,
        trees=trees,
        groups=groups,
        partners=partners,
        about=rules_about(parsed["algorithm.yaml"], groups, partners, parsed["regimens.yaml"].therapies),
        therapy_names=therapy_names(parsed["regimens.yaml"]),
        drug_names=drug_names(parsed["regimens.yaml"]),
    )
    more += checks.cross_check(knowledge, documents)
    if more:
        raise InvalidKnowledge(more)
    return knowledge


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
