"""Whether the cases notice an edit of the data: each is made alone, and the cases that concern it are planned until one fails.

    python benchmarks/mutate.py [--sample N] [--seed S] [--only WORD] [--most CASES]

An edit flips a comparison, moves a number by its smallest step, negates a condition, drops a rule or swaps a drug.
Prints every survivor and the share that was killed; what the checks of the knowledge refuse counts as killed. A case
that fails with the data as they are kills nothing.
"""

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import test_safety_rules  # noqa: E402

import test_cases  # noqa: E402
from conftest import as_case  # noqa: E402
from dmcli.assess.snapshots import stated_behind  # noqa: E402
from dmcli.errors import DmcliError  # noqa: E402
from dmcli.knowledge.load import build, read_files  # noqa: E402
from dmcli.knowledge.model import Knowledge  # noqa: E402
from dmcli.planner import plan  # noqa: E402
from expectations import merged, mismatches  # noqa: E402

_ITEM = re.compile(r"^( *)- id: (\S+)\n", re.M)
_SECTION = re.compile(r"^([a-z_]+):", re.M)
_WHEN = re.compile(r"^ *when: (?:>-\n(?P<folded>(?: {8,}.*\n)+)|(?P<plain>.*)\n)", re.M)
_COMPARED = re.compile(r"(?<= )(<=|>=|==|!=|<|>)(?= )")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
_WORD = re.compile(r"[a-z][a-z0-9_]+")
_FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
# What only tells something decides nothing; so does a schedule of tests that no plan shows.
_TELLING = {"advice", "evidence", "conflicts", "statements", "scores", "settings", "calcinosis"}
_EDITED = ("algorithm.yaml", "limits.yaml", "therapies/")


class Edit(NamedTuple):
    """A replacement of a stretch of one file; `words` are those of the rule it is made in."""

    file: str
    rule: str
    kind: str
    start: int
    end: int
    new: str
    words: frozenset[str]


class Suspect(NamedTuple):
    """A case that may kill an edit, with its words; `drug` is that of a pinned rule."""

    name: str
    drug: str | None
    words: frozenset[str]
    passes: Callable[[Knowledge], bool]


def edits(contents: dict[str, bytes], therapies: tuple[str, ...]) -> Iterator[Edit]:
    """Every edit of the files that decide something."""
    for file, raw in contents.items():
        if file.startswith(_EDITED):
            text = raw.decode("utf-8")
            for rule, start, end in _rules(text):
                yield from _of_rule(file, rule, text, start, end, therapies)


def _rules(text: str) -> Iterator[tuple[str, int, int]]:
    """The items with an id, and where each begins and ends."""
    sections = [(m.start(), m.group(1)) for m in _SECTION.finditer(text)]
    for item in _ITEM.finditer(text):
        section = [name for at, name in sections if at < item.start()][-1]
        if section in _TELLING:
            continue
        deeper = re.compile(rf"^(?! {{{len(item.group(1)) + 1},}}\S|\n)", re.M)
        after = deeper.search(text, item.end())
        end = after.start() if after else len(text)
        if "    shown: false\n" not in text[item.start() : end]:
            yield item.group(2), item.start(), end


def _of_rule(file: str, rule: str, text: str, start: int, end: int, therapies: tuple[str, ...]) -> Iterator[Edit]:
    body = text[start:end]
    lines = [line for line in body.splitlines() if not re.match(r" *(text|note|sources|level):", line)]
    words = frozenset(_WORD.findall(" ".join(lines))) | {rule, Path(file).stem}

    def edit(kind: str, first: int, last: int, new: str) -> Edit:
        return Edit(file, rule, kind, first, last, new, words)

    yield edit("drop", start, end, "")
    when = _WHEN.search(text, start, end)
    if when is not None:
        first, last = when.span("folded" if when.group("folded") else "plain")
        condition = text[first:last].strip()
        opening = text[first:last].index(condition) + first
        yield edit("negate", opening, opening + len(condition), f"not ({condition})")
        for found in _COMPARED.finditer(text, first, last):
            yield edit("flip", *found.span(), _FLIPPED[found.group()])
        for found in _NUMBER.finditer(text, first, last):
            yield edit("number", *found.span(), _stepped(found.group()))
    for found in re.finditer(rf"\b({'|'.join(therapies)})\b", body):
        if _decides(body, found.start()):
            other = therapies[(therapies.index(found.group()) + 1) % len(therapies)]
            yield edit("swap", start + found.start(), start + found.end(), other)


def _decides(body: str, at: int) -> bool:
    """Whether a place is within a condition or names what a rule is about."""
    keys = re.findall(r"^ *(?:- )?([a-z_]+):", body[:at], re.M)
    return bool(keys) and keys[-1] in ("when", "left", "right", "targets", "members")


def _stepped(number: str) -> str:
    decimals = len(number.partition(".")[2])
    return f"{float(number) + 10**-decimals:.{decimals}f}"


def suspects() -> list[Suspect]:
    """The cases and the pinned safety rules."""
    found = []
    for stem, entry in test_cases.CASES:
        words = frozenset(_WORD.findall(json.dumps([entry.get("case"), entry["expect"]]))) | _ids(entry["expect"])
        found.append(Suspect(f"{stem}: {entry['name']}", None, words, _case(entry)))
    for therapy, kind, line in test_safety_rules.LINES:
        words = frozenset(_WORD.findall(json.dumps(line))) | {therapy}
        found.append(Suspect(f"{therapy} {kind}: {json.dumps(line)}", therapy, words, _line(therapy, kind, line)))
    return found


def _ids(expect: dict[str, Any]) -> frozenset[str]:
    return frozenset(re.findall(r'"([a-z0-9-]+)"', json.dumps(expect)))


def _case(entry: dict[str, Any]) -> Callable[[Knowledge], bool]:
    def passes(knowledge: Knowledge) -> bool:
        document = merged(test_cases.BASES[entry.get("base", "refractory")], entry.get("case") or {})
        options = {key: value for key, value in (entry.get("options") or {}).items() if key != "start"}
        return not mismatches(plan(as_case(document, knowledge), knowledge, **options), entry["expect"])

    return passes


def _line(therapy: str, kind: str, line: Any) -> Callable[[Knowledge], bool]:
    def passes(knowledge: Knowledge) -> bool:
        try:
            test_safety_rules.check(therapy, kind, line, knowledge)
        except AssertionError:
            return False
        return True

    return passes


class Trial:
    """Edits of one knowledge folder, each tried against the cases that concern it."""

    def __init__(self, folder: Path, most: int) -> None:
        self.contents = read_files(folder)
        self.knowledge = build(self.contents, "data")
        self.suspects = suspects()
        self.most = most
        self._sound: dict[str, bool] = {}
        self._derived = {rule.fact for rule in self.knowledge.algorithm.derived}
        self._common = Counter(word for suspect in self.suspects for word in suspect.words)

    def edits(self) -> list[Edit]:
        return list(edits(self.contents, tuple(sorted(self.knowledge.planned))))

    def killed(self, edit: Edit) -> str | None:
        """What notices the edit: a case, or the checks of the knowledge; None if it survives."""
        text = self.contents[edit.file].decode("utf-8")
        changed = text[: edit.start] + edit.new + text[edit.end :]
        try:
            mutant = build({**self.contents, edit.file: changed.encode()}, "data")
        except DmcliError:
            return "the checks of the knowledge"
        for suspect in self._concerned(edit):
            if not self._passes(suspect, mutant) and self._is_sound(suspect):
                return suspect.name
        return None

    def _passes(self, suspect: Suspect, knowledge: Knowledge) -> bool:
        try:
            return suspect.passes(knowledge)
        except (DmcliError, AssertionError, LookupError, StopIteration):
            return False

    def _is_sound(self, suspect: Suspect) -> bool:
        """Whether the case passes with the data as they are."""
        if suspect.name not in self._sound:
            self._sound[suspect.name] = self._passes(suspect, self.knowledge)
        return self._sound[suspect.name]

    def _concerned(self, edit: Edit) -> list[Suspect]:
        """The pinned rules of its drug about the same facts, then the cases with the rarest words of the rule."""
        facts = stated_behind({w for w in edit.words if w in self.knowledge.facts or w in self._derived}, self.knowledge)
        members = {member for word in edit.words for member in self.knowledge.members(word)}
        named = edit.words | facts | members

        def weight(suspect: Suspect) -> float:
            return sum(1 / self._common[word] for word in suspect.words & named)

        ranked = sorted(((weight(s), s) for s in self.suspects), key=lambda pair: pair[0], reverse=True)
        own = Path(edit.file).stem
        pinned = [s for s in self.suspects if s.drug in {own} | members and s.words & facts]
        # A rule of one drug is held by that drug's lines first; those that share its harm come after.
        pinned.sort(key=lambda suspect: suspect.drug != own)
        return [*pinned[: self.most], *(s for found, s in ranked if found and s not in pinned)][: 2 * self.most]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="edits of files or rules with this in their name")
    parser.add_argument("--most", type=int, default=200, help="cases that are tried for one edit")
    asked = parser.parse_args()
    trial = Trial(ROOT / "data", asked.most)
    every = [e for e in trial.edits() if asked.only in e.file or asked.only in e.rule]
    chosen = random.Random(asked.seed).sample(every, min(asked.sample, len(every)))
    survivors = 0
    for edit in chosen:
        killer = trial.killed(edit)
        if killer is None:
            survivors += 1
            old = trial.contents[edit.file].decode("utf-8")[edit.start : edit.end].strip().splitlines()
            print(f"SURVIVES {edit.file} {edit.rule}: {edit.kind} {old[0] if old else ''!r} -> {edit.new[:80]!r}", flush=True)
    share = 100 * (1 - survivors / max(1, len(chosen)))
    print(f"{len(chosen) - survivors} of {len(chosen)} killed ({share:.0f} %), of {len(every)} edits")


if __name__ == "__main__":
    main()
