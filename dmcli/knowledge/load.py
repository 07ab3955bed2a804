"""The files of a knowledge folder to one checked `Knowledge`; every problem at once, each with its place."""

import hashlib
from typing import Any

from dmcli import yamlfile
from dmcli.errors import InvalidKnowledge, Problem, nearest
from dmcli.knowledge.changes import Overrides
from dmcli.knowledge.construct import construct
from dmcli.knowledge.contents import OverrideFile
from dmcli.knowledge.files import FILES, Catalogue, TherapyFile
from dmcli.knowledge.folder import THERAPIES
from dmcli.knowledge.model import Knowledge, assembled
from dmcli.knowledge.spelling import read_change, read_spelling, written
from dmcli.knowledge.therapies import Therapy
from dmcli.record import fields_of

# Files whose doses and days are written as people write them.
_READERS = {"regimens.yaml": read_spelling, "algorithm.yaml": read_change}
# Mappings whose keys are the ids of their entries.
_KEYED = (
    "facts",
    "topic_facts",
    "sources",
    "classes",
    "tests",
    "substance_groups",
    "substances",
    "toxicities",
    "settings",
    "statements",
)


def shape_of(name: str) -> type:
    """The record that a file of a knowledge folder holds."""
    return FILES.get(name, TherapyFile)


def digest(contents: dict[str, bytes], override: OverrideFile | None = None) -> str:
    """One hash over all files, by name, and over a clinic's own file with its name."""
    whole = hashlib.sha256()
    for name in sorted(contents):
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

    documents = {name: _document(content, f"{folder}/{name}" if folder else name) for name, content in contents.items()}
    problems = [problem for document in documents.values() for problem in document.problems]
    overrides = None
    if override is not None and not problems:
        documents, overrides = _overridden(documents, override)
    parsed = {name: _typed(document, name, problems) for name, document in documents.items() if not document.problems}
    if not problems:
        problems += _unpaired(parsed, documents)
    if problems:
        raise InvalidKnowledge(problems)
    catalogue = _catalogue(parsed)
    trees, more = compile_all(parsed, catalogue, documents)
    knowledge = assembled(
        digest(contents, override),
        parsed["facts.yaml"].facts,
        parsed["codes.yaml"].codes,
        parsed["sources.yaml"],
        catalogue,
        parsed["algorithm.yaml"],
        parsed["texts.yaml"].texts,
        trees,
        overrides,
    )
    more += checks.cross_check(knowledge, parsed, documents)
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


def _typed(document: yamlfile.Document, name: str, problems: list[Problem]) -> Any:
    from dmcli.knowledge.shapes import validate

    data, shape = document.data, shape_of(name)
    if isinstance(data, dict):
        data = {key: _identified(key, section) for key, section in data.items()}
    data, misspelt = _READERS[name](data) if name in _READERS else (data, [])
    problems += [document.problem(where, "spelling", text) for where, text in misspelt]
    # What could not be read is not missing as well.
    unread = {where[:-1] for where, _ in misspelt}
    wrong = [w for w in validate(data, shape) if w.code != "missing" or w.where[:-1] not in unread]
    problems += [document.problem(written(where, document.data), code, text) for where, code, text in wrong]
    return None if wrong or misspelt else construct(shape, data)


def _identified(key: str, section: Any) -> Any:
    """A section of a file, with the id of each entry that stands under one; the codes are sections within one."""
    if key == "codes" and isinstance(section, dict):
        return {name: _with_ids(entries) for name, entries in section.items()}
    return _with_ids(section) if key in _KEYED else section


def _with_ids(entries: Any) -> Any:
    if not isinstance(entries, dict):
        return entries
    return {key: {**entry, "id": key} if isinstance(entry, dict) else entry for key, entry in entries.items()}


def _unpaired(parsed: dict[str, Any], documents: dict[str, yamlfile.Document]) -> list[Problem]:
    """Every therapy stands in the regimens and in a file of its own, which is named by its id."""
    dosed = parsed["regimens.yaml"].therapies
    told = {name: file.id for name, file in parsed.items() if name not in FILES}
    problems = [
        documents[name].problem(("id",), "file_name", f"the file of '{ident}' is named {ident}.yaml; rename one of them")
        for name, ident in told.items()
        if name != f"{THERAPIES}/{ident}.yaml"
    ]
    problems += [
        documents[name].problem(
            ("id",), "no_dosing", f"'{ident}' has no entry in regimens.yaml{nearest(ident, list(dosed))}; add it"
        )
        for name, ident in told.items()
        if ident not in dosed
    ]
    for ident in dosed:
        if ident not in told.values():
            text = f"'{ident}' has no file {THERAPIES}/{ident}.yaml{nearest(ident, list(told.values()))}; add it"
            problems.append(documents["regimens.yaml"].problem(("therapies", ident), "no_file", text))
    return problems


def _catalogue(parsed: dict[str, Any]) -> Catalogue:
    """The therapies in the order of the regimens, each put together from its two files."""
    substances = parsed["substances.yaml"]
    therapies = {}
    for ident, dosing in parsed["regimens.yaml"].therapies.items():
        profile = parsed[f"{THERAPIES}/{ident}.yaml"]
        values = {**profile.__dict__, **dosing.__dict__}
        therapies[ident] = Therapy(**{name: values[name] for name in fields_of(Therapy)})
    return Catalogue(
        classes=substances.classes,
        tests=parsed["limits.yaml"].tests,
        substance_groups=substances.substance_groups,
        substances=substances.substances,
        therapies=therapies,
        toxicities=parsed["limits.yaml"].toxicities,
    )
