"""What may come next on a command line: commands, options, and the names of therapies, facts, sources, pages and codes."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dmcli.cli.options import Settings, offered

if TYPE_CHECKING:  # loaded where a name of it is asked for
    from dmcli.knowledge.model import Knowledge

# The variable of the environment with which a shell asks.
VARIABLE = "_DMCLI_COMPLETE"


def answers(command: Any, words: Sequence[str]) -> list[str]:
    """What the last of the words may become; the others stand before it, without the name of the program.

    `command` is the whole command line. Nothing where files are as good an answer.
    """
    *before, begun = words or [""]
    command, path = _reached(command, before)
    option = _waiting(command, before)
    if option is not None:
        found: Iterable[str] = _values(option.name or "", begun, path)
    elif begun.startswith("-"):
        found = [name for parameter in command.params for name in parameter.opts if name.startswith("--")]
    elif hasattr(command, "commands"):
        found = command.commands
    else:
        argument = next((p for p in command.params if p.param_type_name == "argument"), None)
        found = _values(argument.name or "", begun, path) if argument is not None else ()
    return sorted({answer for answer in found if answer.startswith(begun)})


def _reached(command: Any, before: list[str]) -> tuple[Any, list[str]]:
    """The command that words lead to, and how it is called."""
    path: list[str] = []
    for word in before:
        inner = getattr(command, "commands", {})
        if word in inner:
            command, path = inner[word], [*path, word]
    return command, path


def _waiting(command: Any, before: list[str]) -> Any:
    """The option that the next word is the value of."""
    if not before or not before[-1].startswith("-"):
        return None
    return next((p for p in command.params if before[-1] in p.opts and not getattr(p, "is_flag", False)), None)


def _values(name: str, begun: str, path: list[str]) -> Iterable[str]:
    """The values of an option or argument of a command."""
    if name == "format":
        return offered(" ".join(path) or None)
    reader = _READERS.get(name if name != "name" else f"{path[-1]} name")
    return reader(Settings().settled(None, {}).knowledge(), begun) if reader is not None else _FIXED.get(name, ())


def _topics(knowledge: "Knowledge", _begun: str) -> Iterable[str]:
    """Pages, commands and codes, those of the knowledge among them."""
    from dmcli.cli import pages

    return [*pages.names(), *pages.codes(), *pages.codes_of(knowledge), *pages.TOPICS]


def _therapies(knowledge: "Knowledge", begun: str) -> Iterable[str]:
    """Therapies by id; by a short synonym where one is begun that no id begins with."""
    ids = [therapy for therapy in knowledge.therapies if therapy.startswith(begun)]
    return ids or [s.lower() for t in knowledge.therapies.values() for s in t.synonyms if " " not in s]


def _courses(knowledge: "Knowledge", begun: str) -> Iterable[str]:
    """`THERAPY[:OUTCOME...]`."""
    therapy, colon, _ = begun.partition(":")
    return (f"{therapy}:{outcome}" for outcome in knowledge.codes.outcomes) if colon else _therapies(knowledge, begun)


def _stated(knowledge: "Knowledge", begun: str) -> Iterable[str]:
    """`NAME=VALUE`: the names, then the values of one."""
    name, equals, _ = begun.partition("=")
    fact = knowledge.facts.get(name)
    if not equals or fact is None:
        return (f"{known}=" for known in knowledge.facts)
    values = fact.codes or (("yes", "no") if fact.type == "boolean" else ())
    return (f"{name}={value}" for value in (*values, "unknown"))


def _facts(knowledge: "Knowledge", _begun: str) -> Iterable[str]:
    return knowledge.facts


def _sources(knowledge: "Knowledge", _begun: str) -> Iterable[str]:
    return (*knowledge.sources.topic_facts, *knowledge.sources.sources)


def _readings(knowledge: "Knowledge", _begun: str) -> Iterable[str]:
    return knowledge.algorithm.gate.readings


_READERS: dict[str, Callable[["Knowledge", str], Iterable[str]]] = {
    "failed": _courses,
    "current": _courses,
    "declined": _therapies,
    "therapy name": _therapies,
    "fact": _stated,
    "facts name": _facts,
    "ident": _sources,
    "refractory_if": _readings,
    "topic": _topics,
}
_FIXED = {"sex": ("female", "male")}
