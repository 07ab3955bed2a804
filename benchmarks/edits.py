"""The edits of the data that `mutate.py` tries: each flips a comparison, moves a number of a condition or of a dose, negates
a condition, drops a rule or swaps a drug."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_ITEM = re.compile(r"^( *)- id: (\S+)\n", re.M)
_SECTION = re.compile(r"^([a-z_]+):", re.M)
# A folded condition goes on as long as its lines stand further in than its key.
_WHEN = re.compile(r"^(?P<key> *)when: (?:>-\n(?P<folded>(?:(?P=key) +\S.*\n)+)|(?P<plain>.*)\n)", re.M)
# What is given, when, and by how much it is lowered.
_DOSED = ("dose", "max", "round", "at_most", "day", "days", "on_days", "every", "courses", "lower_by", "to")
_COMPARED = re.compile(r"(?<= )(<=|>=|==|!=|<|>)(?= )")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
# What only tells something decides nothing; so does a schedule of tests that no plan shows.
_TELLING = {"advice", "evidence", "conflicts", "statements", "scores", "settings", "calcinosis"}
_EDITED = ("algorithm.yaml", "limits.yaml", "regimens.yaml", "therapies/")
WORD = re.compile(r"[a-z][a-z0-9_]+")


class Edit(NamedTuple):
    """A replacement of a stretch of one file, the `nth` of its kind in its rule; `words` are those of the rule."""

    file: str
    section: str
    rule: str
    kind: str
    nth: int
    start: int
    end: int
    new: str
    words: frozenset[str]

    @property
    def key(self) -> str:
        """What it is by content and not by place, so that a sample stays when other rules come and go."""
        return hashlib.sha256(f"{self.file} {self.rule} {self.kind} {self.nth}".encode()).hexdigest()

    def made_in(self, contents: dict[str, bytes]) -> dict[str, bytes]:
        """The files with the edit."""
        text = contents[self.file].decode("utf-8")
        return {**contents, self.file: (text[: self.start] + self.new + text[self.end :]).encode()}

    def told(self, contents: dict[str, bytes]) -> str:
        """The edit in one line."""
        old = contents[self.file].decode("utf-8")[self.start : self.end].split()
        change = "" if self.kind in ("drop", "negate") else f" {' '.join(old)!r} -> {self.new!r}"
        return f"{self.file} {self.section} {self.rule}: {self.kind} {self.nth}{change}"


def edits(contents: dict[str, bytes], therapies: tuple[str, ...]) -> Iterator[Edit]:
    """Every edit of the files that decide something."""
    for file, raw in contents.items():
        if file.startswith(_EDITED):
            text = raw.decode("utf-8")
            for section, rule, start, end in _rules(text):
                count: Counter[str] = Counter()
                for kind, first, last, new in _of_rule(text, start, end, therapies):
                    yield Edit(file, section, rule, kind, count[kind], first, last, new, _words(file, rule, text[start:end]))
                    count[kind] += 1


def _rules(text: str) -> Iterator[tuple[str, str, int, int]]:
    """The items with an id, their section, and where each begins and ends."""
    sections = [(m.start(), m.group(1)) for m in _SECTION.finditer(text)]
    for item in _ITEM.finditer(text):
        section = [name for at, name in sections if at < item.start()][-1]
        if section in _TELLING:
            continue
        deeper = re.compile(rf"^(?! {{{len(item.group(1)) + 1},}}\S|\n)", re.M)
        after = deeper.search(text, item.end())
        end = after.start() if after else len(text)
        if "    shown: false\n" not in text[item.start() : end]:
            yield section, item.group(2), item.start(), end


def _words(file: str, rule: str, body: str) -> frozenset[str]:
    lines = [line for line in body.splitlines() if not re.match(r" *(text|note|sources|level):", line)]
    return frozenset(WORD.findall(" ".join(lines))) | {rule, Path(file).stem}


def _of_rule(text: str, start: int, end: int, therapies: tuple[str, ...]) -> Iterator[tuple[str, int, int, str]]:
    body = text[start:end]
    yield "drop", start, end, ""
    when = _WHEN.search(text, start, end)
    if when is not None:
        first, last = when.span("folded" if when.group("folded") else "plain")
        condition = text[first:last].strip()
        opening = text[first:last].index(condition) + first
        yield "negate", opening, opening + len(condition), f"not ({condition})"
        for found in _COMPARED.finditer(text, first, last):
            yield "flip", *found.span(), _FLIPPED[found.group()]
        for found in _NUMBER.finditer(text, first, last):
            yield "number", *found.span(), _stepped(found.group())
    for line in _dosed(text, start, end):
        for found in _NUMBER.finditer(text, *line.span(1)):
            yield "dose", *found.span(), _stepped(found.group())
    for found in re.finditer(rf"\b({'|'.join(therapies)})\b", body):
        if _decides(body, found.start()):
            other = therapies[(therapies.index(found.group()) + 1) % len(therapies)]
            yield "swap", start + found.start(), start + found.end(), other


def _dosed(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The lines of an item itself that state a dose or its days; those of an item within it are that one's."""
    indent = text.index("-", start) - start + 2
    return re.compile(rf"^ {{{indent}}}(?:{'|'.join(_DOSED)}): (.*)$", re.M).finditer(text, start, end)


def _decides(body: str, at: int) -> bool:
    """Whether a place is within a condition or names what a rule is about."""
    keys = re.findall(r"^ *(?:- )?([a-z_]+):", body[:at], re.M)
    return bool(keys) and keys[-1] in ("when", "left", "right", "targets", "members")


def _stepped(number: str) -> str:
    decimals = len(number.partition(".")[2])
    return f"{float(number) + 10**-decimals:.{decimals}f}"
