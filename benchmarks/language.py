"""Measures how the sentences of the knowledge read: words a sentence, reading grade, provenance and forbidden phrases.

    python benchmarks/language.py                 this tree
    python benchmarks/language.py --tree DIR      another checkout, to see what a rewriting has changed
    python benchmarks/language.py --files         each file by itself as well

The files are read as YAML and the program is not imported, so that the tree may be of any version.
"""

import argparse
import re
import statistics
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]
Row = tuple[str, str]

# The keys under which the knowledge holds sentences; every value of `texts.yaml` is one besides.
SENTENCES = frozenset({"text", "used", "question", "reduced_text", "bypass_text", "use", "misuse", "date_rule"})
NOTE = "note"
# Not sentences of the program: what sources are called and what they say.
LEFT_OUT = frozenset({"sources.yaml"})
# A heading or a word of the program is none either.
LEAST_WORDS = 3
# The faster reader, where it is built.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Texts of the program whose very subject is where its knowledge comes from.
ABOUT_SOURCES = re.compile(r"(?:head|level|word|part|col|sources|footer|defaults)_\w+|no_source|cited_nowhere")

# What nobody says at a bedside, and the reader who is spoken of instead of spoken to.
FORBIDDEN = re.compile(
    r"\b(?:speaks? (?:strongly )?against|weighs (?:heavily|against)|asks for|asked for|rules (?:\w+ )?out|ruled out"
    r"|beside|counts? here|comes? in|(?:is|are) at stake|(?:is|are) dealt with|deal with|cannot be borne|pulled apart"
    r"|goes? as|goes on as|calls? for|is thought of|must be put right|takes? care|got (?:better|worse)"
    r"|is to be (?:avoided|stopped)|named specialist|call (?:the|its|your) prescriber|contact the prescriber)\b",
    re.IGNORECASE,
)
# Where a statement comes from, who chose it and what was read: `level`, `sources` and `note` say that. Whether a drug is
# off-label, or has a threshold in its label, is of the drug.
PROVENANCE = re.compile(
    r"\b(?:this (?:tool|planner|catalogue)|the (?:tool|planner|topic|catalogue)|tool's|planner's"
    r"|a choice|(?:chosen|planned|counted) here|by analogy|inference|inferred|footnote"
    r"|(?:was|were|is|are) (?:not )?(?:read|seen)|not seen|text read|(?:was|were) not (?:verified|found)"
    r"|guidelines?|guidance|leaflets?|SmPC|digest|sources?|(?:older|EU|UK|European) text|copy of"
    r"|BSR|EULAR|ACR|MHRA|AAD|AAO|EMA|FDA|NHS)\b"
    r"|(?<!off-)(?<!in the )\blabel(?:s|led)?\b",
    re.IGNORECASE,
)


class Said(NamedTuple):
    """A sentence of the knowledge: file below `data/`, line, id of its entry, key, text; `disputed` where it tells what
    sources disagree about."""

    file: str
    line: int
    id: str
    key: str
    text: str
    disputed: bool

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}: {self.id}: {self.text}"


def said_in(path: Path, data: Path) -> Iterator[Said]:
    """Every sentence of a file with its notes, in its order."""
    name = path.relative_to(data).as_posix()
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    everything = path.name == "texts.yaml"
    for key, node, owner, disputed in scalars(root, "", "", False):
        if key in SENTENCES or key == NOTE or (everything and key != "schema"):
            text = " ".join(node.value.split())
            if len(text.split()) >= LEAST_WORDS:
                yield Said(name, node.start_mark.line + 1, key if everything else owner, key, text, disputed)


def scalars(node: Any, key: str, owner: str, disputed: bool) -> Iterator[tuple[str, Any, str, bool]]:
    """Every scalar with its key, the id or name of the entry around it, and whether that entry is a disagreement."""
    if isinstance(node, yaml.MappingNode):
        fields = {name.value: value for name, value in node.value}
        owner = fields["id"].value if isinstance(fields.get("id"), yaml.ScalarNode) else owner
        for name, value in fields.items():
            within = name if isinstance(value, yaml.MappingNode) and "id" not in fields else owner
            yield from scalars(value, name, within, disputed or "positions" in fields)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from scalars(value, key, owner, disputed)
    else:
        yield key, node, owner, disputed


@cache
def said(tree: Path) -> tuple[Said, ...]:
    """Every sentence and note below `data/` of a checkout."""
    data = tree / "data"
    files = [path for path in sorted(data.rglob("*.yaml")) if path.name not in LEFT_OUT]
    return tuple(found for path in files for found in said_in(path, data))


def split(text: str) -> list[str]:
    """A text by its sentences; a figure with a point, and what follows a small letter, ends none."""
    return [part for part in re.split(r"(?<=[.!?])\s+(?=[A-Z0-9{\"(])", text) if words(part)]


def words(text: str) -> list[str]:
    return [word for word in text.split() if re.search(r"[A-Za-z0-9]", word)]


def syllables(word: str) -> int:
    """Groups of vowels, without a silent last e; a figure or an abbreviation counts as one."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", letters))
    silent = letters.endswith("e") and not letters.endswith("le") and groups > 1
    return max(1, groups - silent)


def grade(texts: Iterable[str]) -> float:
    """Flesch-Kincaid: years of school it takes to read."""
    parts = [part for text in texts for part in split(text)]
    everything = [word for part in parts for word in words(part)]
    spoken = sum(syllables(word) for word in everything)
    return 0.39 * len(everything) / len(parts) + 11.8 * spoken / len(everything) - 15.59


def without_origin(item: Said) -> bool:
    """Whether provenance would be out of place in it: not in a note, a disagreement or a heading about sources."""
    return not (item.key == NOTE or item.disputed or ABOUT_SOURCES.fullmatch(item.id))


def rows(found: list[Said]) -> Iterator[Row]:
    texts = [item.text for item in found if item.key != NOTE]
    lengths = [len(words(part)) for text in texts for part in split(text)]
    yield "statements", str(len(texts))
    yield "sentences", str(len(lengths))
    yield "words a sentence, median", f"{statistics.median(lengths):g}"
    yield "words a sentence, mean", f"{statistics.mean(lengths):.1f}"
    yield "words a sentence, most", str(max(lengths))
    yield "sentences above 15 words", str(sum(length > 15 for length in lengths))
    yield "sentences above 25 words", str(sum(length > 25 for length in lengths))
    yield "words a statement, mean", f"{statistics.mean(len(words(text)) for text in texts):.1f}"
    yield "reading grade", f"{grade(texts):.1f}"
    told = [item for item in found if without_origin(item)]
    yield "statements with provenance", str(sum(bool(PROVENANCE.search(item.text)) for item in told))
    yield "provenance words", str(sum(len(PROVENANCE.findall(item.text)) for item in told))
    yield "forbidden phrases", str(sum(len(FORBIDDEN.findall(text)) for text in texts))
    yield "notes", str(sum(item.key == NOTE for item in found))


def table(tree: Path, by_file: bool) -> str:
    found = said(tree)
    told = [("all", list(found))]
    if by_file:
        told += [(name, [item for item in found if item.file == name]) for name in dict.fromkeys(item.file for item in found)]
    lines = []
    for title, part in told:
        measured = list(rows(part))
        width = max(len(label) for label, _ in measured)
        lines += [f"{title}:", *(f"  {label:<{width}}  {value}" for label, value in measured)]
    return "\n".join(lines)


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description="Measures how the sentences of the knowledge read.")
    wanted.add_argument("--tree", type=Path, default=ROOT, help="the checkout to measure (default: this one)")
    wanted.add_argument("--files", action="store_true", help="each file by itself as well")
    asked = wanted.parse_args()
    print(table(asked.tree, asked.files))
