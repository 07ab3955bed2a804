"""Whether the tests of the clinical content notice an edit of the data: each is made alone, until one of them fails.

    python benchmarks/mutate.py [--sample N] [--seed S] [--only WORD] [--most CASES] [--processes N]

An edit flips a comparison, moves a number by its smallest step (of a condition, of a dose or its days), negates a condition,
drops a rule or swaps a drug.
Tried in this order: the checks of the knowledge; the tables that are written by hand and held against the data both ways;
then at most `--most` cases and pinned lines, those that concern the rule first. A case that fails with the data as they
are kills nothing. Prints the count as it goes, every survivor, and the share of each kind and section.
"""

import argparse
import gc
import hashlib
import json
import multiprocessing
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import lru_cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "benchmarks")]

import safety_doses  # noqa: E402
import test_bad_files  # noqa: E402
import test_safety_facts  # noqa: E402
import test_safety_pairs  # noqa: E402
import test_safety_rules  # noqa: E402
from edits import WORD, Edit, edits  # noqa: E402
from safety_lines import BEFORE, LINES, held_by_lines, to_be_pinned  # noqa: E402
from safety_table import differences  # noqa: E402

import test_cases  # noqa: E402
from conftest import as_case  # noqa: E402
from dmcli import yamlfile  # noqa: E402
from dmcli.assess.snapshots import stated_behind  # noqa: E402
from dmcli.case.read import read_case  # noqa: E402
from dmcli.errors import DmcliError, InvalidCase  # noqa: E402
from dmcli.knowledge import checks, load  # noqa: E402
from dmcli.knowledge.contents import read_files  # noqa: E402
from dmcli.knowledge.model import Knowledge  # noqa: E402
from dmcli.planner import plan  # noqa: E402
from dmcli.result.plan import Plan  # noqa: E402
from expectations import merged, mismatches  # noqa: E402


def _built_unchecked(contents: dict[str, bytes]) -> Knowledge:
    """The knowledge without the checks that look across files, which take most of the time of a build."""
    checked = checks.cross_check
    checks.cross_check = lambda *_: []
    try:
        return load.build(contents, "data")
    finally:
        checks.cross_check = checked


class Suspect(NamedTuple):
    """A case that may kill an edit, with its words; `drug` is that of a pinned rule. `plan` is None where none is made."""

    name: str
    drug: str | None
    words: frozenset[str]
    passes: Callable[[Knowledge], bool]
    plan: Callable[[Knowledge], Plan] | None


def suspects() -> list[Suspect]:
    """The cases and the pinned safety rules."""
    found = []
    for stem, entry in test_cases.CASES:
        words = frozenset(WORD.findall(json.dumps([entry.get("case"), entry["expect"]]))) | _ids(entry["expect"])
        passes = partial(_case_passes, entry)
        found.append(Suspect(f"{stem}: {entry['name']}", None, words, passes, partial(_case_plan, entry)))
    for therapy, kind, line in LINES:
        words = frozenset(WORD.findall(json.dumps(line))) | {therapy, *line.get("by", ())}
        made = None if kind == "before" else partial(test_safety_rules.planned, therapy, kind, line)
        found.append(Suspect(f"{therapy} {kind}: {json.dumps(line)}", therapy, words, partial(_line, therapy, kind, line), made))
    for path in test_bad_files.FILES:
        text = path.read_text(encoding="utf-8")
        words = frozenset(WORD.findall(text)) | {path.stem}
        found.append(Suspect(f"refused: {path.stem}", None, words, partial(_is_refused, text), None))
    return found


def _is_refused(text: str, knowledge: Knowledge) -> bool:
    """Whether a case that contradicts itself is refused with the errors that its first lines name."""
    try:
        read_case(yamlfile.parse(text, "case.yaml"), knowledge, None, test_bad_files.AS_OF)
    except InvalidCase as error:
        return [(p.line, p.col, p.field, p.code) for p in error.problems] == [w[:4] for w in test_bad_files.expected(text)]
    return False


def _ids(expect: dict[str, Any]) -> frozenset[str]:
    return frozenset(re.findall(r'"([a-z0-9-]+)"', json.dumps(expect)))


def _case_plan(entry: dict[str, Any], knowledge: Knowledge) -> Plan:
    document = merged(test_cases.BASES[entry.get("base", "refractory")], entry.get("case") or {})
    options = dict(entry.get("options") or {})
    if "start" in options:
        options["start"] = date.fromisoformat(options["start"])
    return plan(as_case(document, knowledge), knowledge, **options)


def _case_passes(entry: dict[str, Any], knowledge: Knowledge) -> bool:
    return not mismatches(_case_plan(entry, knowledge), entry["expect"])


def _line(therapy: str, kind: str, line: Any, knowledge: Knowledge) -> bool:
    test_safety_rules.check(therapy, kind, line, knowledge)
    return True


class Trial:
    """Edits of one knowledge folder, each tried against the tests that concern it."""

    def __init__(self, folder: Path, most: int) -> None:
        self.contents = read_files(folder)
        self.knowledge = load.build(self.contents, "data")
        self.suspects = suspects()
        self.most = most
        self.reached: dict[str, frozenset[str]] = {}
        self._sound: dict[str, bool] = {}
        self._derived = {rule.fact for rule in self.knowledge.algorithm.derived}
        self._common = Counter(word for suspect in self.suspects for word in suspect.words)

    def edits(self) -> list[Edit]:
        """Every edit, in an order that does not depend on where a rule stands."""
        return sorted(edits(self.contents, tuple(sorted(self.knowledge.planned))), key=lambda edit: edit.key)

    def reach(self, suspect: Suspect) -> frozenset[str]:
        """The rules that hold in the plan of a case."""
        made = suspect.plan(self.knowledge) if suspect.plan else None
        return frozenset(traced.rule for traced in made.trace if traced.truth is True) if made else frozenset()

    def killed(self, edit: Edit) -> str | None:
        """What notices the edit: the checks of the knowledge, a table or a case; None if it survives."""
        contents = edit.made_in(self.contents)
        try:
            mutant = _built_unchecked(contents)
            if self._tables_differ(edit, mutant):
                return "a table"
            for suspect in self._concerned(edit):
                if not self._passes(suspect, mutant) and self._is_sound(suspect):
                    return suspect.name
            if self._unpinned(edit, mutant):
                return "a rule that no pinned line holds"
        except DmcliError:
            return "the checks of the knowledge"
        # Dear, and few edits come so far.
        try:
            load.build(contents, "data")
        except DmcliError:
            return "the checks of the knowledge"
        return None

    def _tables_differ(self, edit: Edit, mutant: Knowledge) -> bool:
        """Whether a table that is written by hand and held against the data both ways fails."""
        if {therapy for therapy, entry in mutant.therapies.items() if entry.before} != set(BEFORE):
            return True
        if any(safety_doses.differences(mutant)):
            return True
        if edit.file == "limits.yaml" or edit.section in ("limits", "start_limits"):
            return any(any(differences(therapy, mutant)) for therapy in mutant.planned)
        if edit.section == "derived":
            return any(test_safety_facts.breaches(line, mutant) for line in test_safety_facts.LINES)
        if edit.section == "pairs":
            return bool(test_safety_pairs.stated(mutant) ^ test_safety_pairs.pinned(mutant.therapies))
        return False

    def _unpinned(self, edit: Edit, mutant: Knowledge) -> bool:
        """Whether the edit leaves an exclusion or a caution that holds for no patient of the pinned lines."""
        if edit.section not in ("contraindications", "cautions"):
            return False
        about = [therapy for therapy in mutant.therapies if edit.rule in to_be_pinned(therapy, mutant)]
        return any(edit.rule not in held_by_lines(therapy, mutant) for therapy in about)

    def _passes(self, suspect: Suspect, knowledge: Knowledge) -> bool:
        try:
            return suspect.passes(knowledge)
        # Data that the checks across files would refuse may break a plan in any way: what fails, fails.
        except Exception:
            return False

    def _is_sound(self, suspect: Suspect) -> bool:
        """Whether the case passes with the data as they are."""
        if suspect.name not in self._sound:
            self._sound[suspect.name] = self._passes(suspect, self.knowledge)
        return self._sound[suspect.name]

    def _concerned(self, edit: Edit) -> list[Suspect]:
        """What is pinned of its drug about the same facts, and the cases with the rarest words of the rule, by turns.

        Before all come those in which the rule is known to hold, or that speak of it.
        """
        facts = stated_behind({w for w in edit.words if w in self.knowledge.facts or w in self._derived}, self.knowledge)
        members = {member for word in edit.words for member in self.knowledge.members(word)}
        named = edit.words | facts | members
        own = Path(edit.file).stem
        # A common rule holds in thousands, of which the first few are as good as the next.
        holding = [suspect for suspect in self.suspects if edit.rule in self.reached.get(suspect.name, ())]

        def weight(suspect: Suspect) -> float:
            return sum(1 / self._common[word] for word in suspect.words & named)

        ranked = sorted(((weight(s), s) for s in self.suspects), key=lambda pair: pair[0], reverse=True)
        by_words = [suspect for found, suspect in ranked if found]
        pinned = [s for s in self.suspects if s.drug in {own} | members and s.words & facts]
        # A rule of one drug is held by that drug's lines first; those that share its harm come after.
        pinned.sort(key=lambda suspect: suspect.drug != own)
        holding.sort(key=weight, reverse=True)
        speaking = [suspect for suspect in by_words if edit.rule in suspect.words]
        befores = [suspect for suspect in self.suspects if suspect.plan is None and suspect.drug in {own} | members]
        if "contradictions" in edit.section:
            return [suspect for suspect in by_words if suspect.plan is None][: self.most]
        turns = [found for three in zip_longest(holding, pinned, by_words) for found in three if found is not None]
        return list(dict.fromkeys((*speaking[:20], *befores[:5], *turns)))[: self.most]


_TRIAL: Trial


def _reach(index: int) -> frozenset[str]:
    return _TRIAL.reach(_TRIAL.suspects[index])


def _try(edit: Edit) -> tuple[Edit, str | None]:
    return edit, _TRIAL.killed(edit)


def _sample(every: list[Edit], size: int, seed: int) -> list[Edit]:
    """By a hash of the seed and of what each edit is, so that it stays when others come and go."""
    return sorted(every, key=lambda edit: hashlib.sha256(f"{seed} {edit.key}".encode()).digest())[:size]


def main() -> None:
    global _TRIAL
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="edits of files, sections or rules with this in their name")
    parser.add_argument("--most", type=int, default=120, help="cases and lines that are tried for one edit")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    gc.set_threshold(100_000, 50, 100)
    # Files of the same bytes are parsed once: an edit changes one.
    load._document = lru_cache(maxsize=100)(load._document)  # type: ignore[assignment]
    _TRIAL = Trial(ROOT / "data", asked.most)
    every = [e for e in _TRIAL.edits() if any(asked.only in name for name in (e.file, e.section, e.rule))]
    chosen = _sample(every, asked.sample, asked.seed)
    print(
        f"{len(chosen)} of {len(every)} edits, at most {asked.most} of {len(_TRIAL.suspects)} cases and lines for one", flush=True
    )
    forked = multiprocessing.get_context("fork")
    _TRIAL.reached = _reached_of_all(forked, asked.processes)
    with forked.Pool(asked.processes) as pool:
        _report(pool.imap_unordered(_try, chosen), len(chosen))


def _reached_of_all(forked: Any, processes: int) -> dict[str, frozenset[str]]:
    """The rules that hold in each case, kept for the next run on the same data."""
    kept = Path(tempfile.gettempdir()) / f"dmcli-mutate-{_TRIAL.knowledge.sha256}.json"
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    missing = [at for at, suspect in enumerate(_TRIAL.suspects) if suspect.name not in known and suspect.plan is not None]
    with forked.Pool(processes) as pool:
        for at, rules in zip(missing, pool.imap(_reach, missing, chunksize=20), strict=True):
            known[_TRIAL.suspects[at].name] = sorted(rules)
    kept.write_text(json.dumps(known), encoding="utf-8")
    return {name: frozenset(rules) for name, rules in known.items()}


def _report(results: Any, total: int) -> None:
    tried: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    began = time.monotonic()
    alive = 0
    for count, (edit, killer) in enumerate(results, start=1):
        alive += killer is None
        of = (f"kind {edit.kind}", f"section {edit.section}")
        tried.update(of)
        killed.update(of if killer is not None else ())
        if killer is None:
            print(f"SURVIVES {edit.told(_TRIAL.contents)}", flush=True)
        if count % 10 == 0 or count == total:
            share = 100 * (count - alive) / count
            print(f"{count} tried, {count - alive} killed ({share:.0f} %), {time.monotonic() - began:.0f} s", flush=True)
    for name in sorted(tried):
        print(f"  {name}: {killed[name]} of {tried[name]}")


if __name__ == "__main__":
    main()
