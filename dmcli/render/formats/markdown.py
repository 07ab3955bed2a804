"""A document for pasting into a record: Markdown with headings, lists and tables."""

import re

from dmcli.render.document import KEEP, Document, Item, Line, Role, Section, Table, Tree
from dmcli.render.literal import literal
from dmcli.render.registry import View

_AROUND: dict[Role, str] = {"plain": "", "strong": "**", "alert": "**", "quiet": "", "cite": ""}
_SPECIAL = re.compile(r"([\\`*_\[\]|~#$])")
# What would start a list, a quotation or a rule at the beginning of a line.
_LEADING = re.compile(r"^([-+=]+(?=\s|$)|[0-9]+(?=[.)](?:\s|$)))")


def write(document: Document, _view: View) -> str:
    """A document as Markdown; neither width nor colour matters to it."""
    blocks = [f"# {escaped(document.title)}", *_paragraphs(document.lead)]
    for section in document.sections:
        blocks += _section(section, "##")
    if document.foot:
        blocks += ["---", *_paragraphs(document.foot)]
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, hashes: str) -> list[str]:
    blocks = [f"{hashes} {escaped(section.title)}", *_paragraphs(section.blocks)]
    for part in section.parts:
        blocks += _section(part, hashes + "#")
    return blocks


def _paragraphs(blocks: tuple[Item | Table | Tree, ...]) -> list[str]:
    """Neighbouring bullets form one list, a tree is a nested one; everything else stands alone."""
    found: list[str] = []
    bullets: list[str] = []
    for block in (b.root if isinstance(b, Tree) else b for b in blocks):
        if isinstance(block, Item) and block.bullet:
            bullets += _item(block, "")
            continue
        if bullets:
            found.append("\n".join(bullets))
            bullets = []
        found.append(_table(block) if isinstance(block, Table) else _alone(block))
    return [*found, "\n".join(bullets)] if bullets else found


def _alone(item: Item) -> str:
    text = _line(item.line)
    return "\n\n".join([text, *_paragraphs(item.under)])


def _item(item: Item, indent: str) -> list[str]:
    lines = [f"{indent}- {_line(item.line)}"]
    for inner in item.under:
        lines += _item(inner, indent + "  ")
    return lines


def _table(table: Table) -> str:
    rows = [" | ".join(escaped(h) for h in table.head), " | ".join("---" for _ in table.head)]
    rows += [" | ".join(_line(cell) for cell in row) for row in table.rows]
    return "\n".join(f"| {row} |" for row in rows)


def _line(line: Line) -> str:
    text = ""
    for words in line:
        around, inner = _AROUND[words.role], escaped(words.text, first=not text)
        # Emphasis must touch the word it marks.
        bare = inner.strip()
        text += inner.replace(bare, f"{around}{bare}{around}", 1) if bare else inner
    return text


def escaped(text: str, first: bool = True) -> str:
    """Literal text that no Markdown reader takes for markup or HTML."""
    text = _SPECIAL.sub(r"\\\1", literal(text.replace(KEEP, " ")))
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LEADING.sub(_unmarked, text.lstrip()) if first else text


def _unmarked(found: re.Match[str]) -> str:
    return f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}"
