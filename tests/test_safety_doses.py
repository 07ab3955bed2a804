"""The doses of the data against the table written from the specification: neither has a line that the other lacks."""

from safety_doses import DOCUMENT, differences

from conftest import shipped_knowledge

KNOWLEDGE = shipped_knowledge()


def test_the_data_and_the_table_have_the_same_doses() -> None:
    unpinned, lost = differences(KNOWLEDGE)
    told = [f"not in the table: {line}" for line in unpinned] + [f"not in the data: {line}" for line in lost]
    assert not told, "\n".join(told)


def test_no_line_of_the_table_stands_twice() -> None:
    assert not DOCUMENT.problems
