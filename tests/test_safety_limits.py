"""The limits of the data against the table written from the specification: neither has a line that the other lacks."""

import pytest
from safety_table import differences, says, therapies

from conftest import shipped_knowledge

KNOWLEDGE = shipped_knowledge()


@pytest.mark.parametrize("therapy", list(KNOWLEDGE.planned))
def test_the_data_and_the_table_have_the_same_limits(therapy: str) -> None:
    unpinned, lost = differences(therapy, KNOWLEDGE)
    assert not unpinned, "limits of the data that the specification does not pin"
    assert not lost, "lines of the specification that the data lost"


def test_a_drug_s_own_figure_stands_in_the_place_of_the_general_one() -> None:
    for therapy in KNOWLEDGE.planned:
        lines = [
            (a.limit.tier, a.limit.confirmed, says(KNOWLEDGE.tree(a.limit.when), therapy))
            for a in KNOWLEDGE.limits.limits[therapy]
        ]
        assert len(lines) == len(set(lines)), f"{therapy} states a limit twice"


def test_the_table_speaks_of_no_stranger() -> None:
    assert set(therapies()) <= set(KNOWLEDGE.planned)
