"""The sentences of the knowledge and their blanks: each sentence the program says is there, each blank is one it fills."""

from collections.abc import Iterator
from string import Formatter
from typing import Any

from dmcli.errors import Problem, nearest
from dmcli.knowledge import sentences
from dmcli.knowledge.model import Knowledge
from dmcli.yamlfile import Document, Path

# Sentences that are shown as they stand.
_SHOWN = ("text", "reduced_text", "told", "used", "name", "label", "question", "settle", "form", "note")


def sentence_problems(knowledge: Knowledge, documents: dict[str, Document]) -> list[Problem]:
    """Each sentence the program says is there and has no blank the program cannot fill."""
    statements = {key: s.text for key, s in knowledge.algorithm.statements.items()}
    return [
        *_contract(knowledge.texts, sentences.TEXTS, documents["texts.yaml"], ("texts",)),
        *_contract(statements, sentences.STATEMENTS, documents["algorithm.yaml"], ("statements",)),
    ]


def braces(item: Any, where: Path) -> Iterator[tuple[str, str, str]]:
    """A blank in a sentence that is shown as it stands: nobody would fill it."""
    if where[:1] == ("statements",):
        return
    for field in _SHOWN:
        text = getattr(item, field, None)
        if isinstance(text, str) and ("{" in text or "}" in text):
            yield field, "blank", "no blank is filled in this sentence; write it without braces"


def _contract(texts: dict[str, str], wanted: dict[str, tuple[str, ...]], document: Document, where: Path) -> list[Problem]:
    problems = []
    for key, blanks in wanted.items():
        if key not in texts:
            problems.append(document.problem(where, "missing_text", f"the text '{key}' is missing"))
            continue
        problems += [document.problem((*where, key), "blank", text) for text in _blanks(texts[key], blanks)]
    for key in sorted(set(texts) - set(wanted)):
        hint = nearest(key, list(wanted))
        problems.append(document.problem((*where, key), "unknown_text", f"no place uses the text '{key}'{hint}"))
    return problems


def _blanks(text: str, known: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the blanks of one sentence. A width or an attribute in one could hang or reveal, so none is read."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        yield f"the braces do not fit: {error}"
        return
    unknown: set[str] = set()
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if form or conversion or not (name.isidentifier() or name == ""):
            yield f"a blank is a name in braces and nothing else, as {{{known[0] if known else 'name'}}}"
        elif name not in known:
            unknown.add(name)
    for name in sorted(unknown):
        yield f"unknown blank '{{{name}}}'; known: {', '.join(known) or 'none'}{nearest(name, list(known))}"
