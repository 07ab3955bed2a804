"""The tests notice an edit of the data: ten edits, always the same ones, through the script that tries hundreds."""

import sys

from conftest import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import mutate

SECTIONS = ("-contra-", "-caution-", "-limit-", "-hold-", "-stop-", "-repeat-", "-reduce-", "-start-")


def test_ten_edits_of_the_data_are_noticed() -> None:
    trial = mutate.Trial(ROOT / "data", most=40)
    # In the order of a hash of what each is (file, rule, kind, number within the rule): the ten stay when rules come and go.
    chosen = [edit for edit in trial.edits() if any(part in edit.rule for part in SECTIONS)][:10]
    assert len(chosen) == 10
    assert [edit.told(trial.contents) for edit in chosen if trial.killed(edit) is None] == []
