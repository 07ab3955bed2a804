"""The tests notice an edit of the data: ten edits of rules and ten of doses, always the same ones, through the script that
tries hundreds."""

import sys

import pytest

from conftest import ROOT

sys.path.append(str(ROOT / "benchmarks"))
import mutate

SECTIONS = ("-contra-", "-caution-", "-limit-", "-hold-", "-stop-", "-repeat-", "-reduce-", "-start-")


@pytest.fixture(scope="module")
def trial() -> mutate.Trial:
    return mutate.Trial(ROOT / "data", most=40)


def noticed(trial: mutate.Trial, edits: list[mutate.Edit]) -> None:
    """The first ten by a hash of what each is (file, rule, kind, number within the rule): they stay when rules come and go."""
    assert len(edits[:10]) == 10
    assert [edit.told(trial.contents) for edit in edits[:10] if trial.killed(edit) is None] == []


def test_ten_edits_of_the_data_are_noticed(trial: mutate.Trial) -> None:
    noticed(trial, [edit for edit in trial.edits() if any(part in edit.rule for part in SECTIONS) and edit.kind != "dose"])


def test_ten_moved_doses_are_noticed(trial: mutate.Trial) -> None:
    noticed(trial, [edit for edit in trial.edits() if edit.kind == "dose"])
