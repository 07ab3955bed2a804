"""What can have no effect: an error where a rule could never hold or the order of the variants is left open, else a note."""

from collections.abc import Callable

import pytest

from conftest import ROOT
from dmcli.errors import InvalidKnowledge
from dmcli.knowledge.contents import read_files
from dmcli.knowledge.idle import hidden_rules, idle
from dmcli.knowledge.lint import lint
from dmcli.knowledge.load import build
from dmcli.knowledge.model import Knowledge

SHIPPED = read_files(ROOT / "data")


def changed(file: str, old: str, new: str) -> Knowledge:
    text = SHIPPED[file].decode()
    assert old in text, f"the data no longer have the text {old!r}"
    return build({**SHIPPED, file: text.replace(old, new, 1).encode()}, "data")


def problem(change: Callable[[], Knowledge]) -> str:
    with pytest.raises(InvalidKnowledge) as refused:
        change()
    return str(refused.value)


def test_a_group_without_a_member_is_refused_where_it_stands() -> None:
    told = problem(lambda: changed("substances.yaml", "substance_groups:\n", "substance_groups:\n  nobody: {name: nobody}\n"))
    assert "substance_groups.nobody" in told
    assert "nothing belongs to this group" in told


def test_a_drug_of_an_unknown_group_or_class_is_refused() -> None:
    told = problem(lambda: changed("substances.yaml", "classes: [jak_inhibitor]", "classes: [jak_inhibitors]"))
    assert "unknown name 'jak_inhibitors' (did you mean 'jak_inhibitor'?)" in told


def test_variants_that_hold_together_without_an_order_are_refused() -> None:
    told = problem(lambda: changed("regimens.yaml", "        before: [ivig-two-weekly]\n", ""))
    assert "'ivig-five-days' and 'ivig-two-weekly' can hold together" in told


def test_variants_that_exclude_each_other_need_no_order(knowledge: Knowledge) -> None:
    severe = next(r for r in knowledge.therapies["azathioprine"].regimens if r.id == "azathioprine-renal-severe")
    assert "azathioprine-renal" not in severe.before


def test_an_order_names_later_variants_only() -> None:
    told = problem(lambda: changed("regimens.yaml", "before: [ivig-two-weekly]", "before: [ivig-two-weekly, ivig-monthly]"))
    assert "'ivig-monthly' is no later variant" in told


def test_what_ends_the_time_on_board_is_a_fact() -> None:
    told = problem(lambda: changed("therapies/leflunomide.yaml", "unless: leflunomide_washed_out", "unless: leflunomide_washed"))
    assert "unknown fact 'leflunomide_washed' (did you mean 'leflunomide_washed_out'?)" in told


def test_a_rule_that_another_always_hides_is_listed(knowledge: Knowledge) -> None:
    hidden = dict(hidden_rules(knowledge))
    assert hidden["jak-active-tb"] == "jak-infection"
    assert "jak-infection" not in hidden
    assert "ver-relapse-assumed-on" not in hidden, "the rule before it is about one therapy"
    again = changed("therapies/mmf.yaml", "    when: hgprt_deficiency\n", "    when: pregnancy and hgprt_deficiency\n")
    assert dict(hidden_rules(again))["mmf-caution-hgprt"] == "mmf-contra-pregnancy"


def test_facts_tests_and_drugs_that_nothing_uses_are_listed(knowledge: Knowledge) -> None:
    assert [note for note in idle(knowledge) if note.startswith(("no rule uses", "nothing asks for"))] == [
        note for note in lint(knowledge)["notes"] if note.startswith(("no rule uses", "nothing asks for"))
    ]
    unseen = changed("substances.yaml", "substances:\n", "substances:\n  paracetamol: {name: paracetamol}\n")
    assert "no rule sees the drug 'paracetamol'" in idle(unseen)


def test_a_drug_that_is_only_recorded_is_not_listed_as_unseen() -> None:
    old = "  folic_acid: {name: folic acid, recorded_only: true}\n"
    listed = "no rule sees the drug 'paracetamol'"
    plain = changed("substances.yaml", old, f"{old}  paracetamol: {{name: paracetamol}}\n")
    recorded = changed("substances.yaml", old, f"{old}  paracetamol: {{name: paracetamol, recorded_only: true}}\n")
    assert [listed in idle(known) for known in (plain, recorded)] == [True, False]
    assert not any("folic_acid" in note for note in idle(plain))
