"""The pages of the documentation that came with the program, and what they say of a code or a command."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dmcli.record import fields_of

if TYPE_CHECKING:  # only named
    from dmcli.knowledge.codes import Code
    from dmcli.knowledge.model import Knowledge

# The page that says more of a command.
TOPICS = {
    "plan": "case-files", "batch": "batch", "roadmap": "how-a-plan-is-made", "algorithm": "how-a-plan-is-made",
    "therapy": "knowledge", "evidence": "knowledge", "facts": "case-files", "case": "case-files", "check": "knowledge",
    "help": "glossary",
}  # fmt: skip
_ENTRY = re.compile(r"^- `([\w-]+)`: .*(?:\n  .*)*", re.MULTILINE)


def _folder() -> Path:
    package = Path(__file__).resolve().parents[1]
    inside = package / "docs"
    return inside if inside.is_dir() else package.parent / "docs"


def names() -> list[str]:
    """The pages by name."""
    return sorted(path.stem for path in _folder().glob("*.md"))


def read(name: str) -> str:
    """The text of a page."""
    return (_folder() / f"{name}.md").read_text(encoding="utf-8")


def title(name: str) -> str:
    """The first line of a page, without its mark."""
    return read(name).partition("\n")[0].removeprefix("# ")


def contents() -> str:
    """A page that lists the pages."""
    rows = "\n".join(f"| {name} | {title(name)} |" for name in names())
    further = "`dmcli help CODE` explains a code, `dmcli COMMAND --help` a command."
    return f"# Pages\n\n| dmcli help | what it is about |\n|---|---|\n{rows}\n\n{further}\n"


def codes() -> dict[str, list[str]]:
    """For each code that a page explains its explanations, each with the headings it stands under."""
    found: dict[str, list[str]] = {}
    for name in names():
        for code, entry in _entries(read(name)):
            found.setdefault(code, []).append(entry)
    return found


def explained(code: "Code") -> str:
    """A code of the knowledge as a page explains it."""
    also = ", ".join(f"`{word}`" for word in code.synonyms)
    return f"- `{code.id}`: {code.text}{f'; also {also}' if also else ''}."


def codes_of(knowledge: "Knowledge") -> dict[str, list[str]]:
    """For each code of a closed list of this knowledge its explanations, each with what the list is called."""
    found: dict[str, list[str]] = {}
    for name in fields_of(knowledge.codes):
        listed: dict[str, Code] = getattr(knowledge.codes, name)
        for code in listed.values():
            found.setdefault(code.id, []).append(f"{explained(code)} ({name.replace('_', ' ').capitalize()})")
    return found


def _entries(text: str) -> Iterator[tuple[str, str]]:
    headings = [(match.start(), match[1]) for match in re.finditer(r"^#+ (.*)$", text, re.MULTILINE)]
    for match in _ENTRY.finditer(text):
        above = [heading for start, heading in headings if start < match.start()]
        yield match[1], f"{match[0]} ({above[-1]})"


def end_of_help(command: str) -> str:
    """What the help of a command ends with: the block that a page has for it, and the page that says more."""
    topic = TOPICS[command.partition(" ")[0]]
    block = re.search(rf"<!-- help: {command} -->\n```text\n(.*?)```", read(topic), re.DOTALL)
    return f"{block[1] if block else ''}More: dmcli help {topic}\n"
