"""The cases notice an edit of the data: a few edits, always the same ones, through the script that tries hundreds."""

import random
import sys

from conftest import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import mutate

SEED = 5
SECTIONS = ("-contra-", "-caution-", "-limit-", "-hold-", "-stop-", "-repeat-", "-reduce-", "-start-")


def test_nine_of_ten_edits_of_the_data_are_noticed() -> None:
    trial = mutate.Trial(ROOT / "data", most=40)
    edits = [edit for edit in trial.edits() if any(part in edit.rule for part in SECTIONS)]
    chosen = random.Random(SEED).sample(edits, 10)
    survivors = [(edit.rule, edit.kind, edit.new) for edit in chosen if trial.killed(edit) is None]
    assert len(survivors) <= 1, survivors
