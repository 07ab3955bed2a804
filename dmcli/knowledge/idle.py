"""What stands in the knowledge and can have no effect."""

from collections.abc import Iterator
from typing import Any

from dmcli.knowledge.algorithm import Review, VerdictRule
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Rule
from dmcli.record import walk

# Rules that may be about some therapies only.
_TARGETED = (Review, VerdictRule)
_DRUG_FUNCTIONS = ("taking", "on_board", "current")


def idle(knowledge: Knowledge) -> list[str]:
    """What a reviewer should look at, one sentence each: facts, tests and drugs that nothing uses, rules that are hidden."""
    return [
        *(f"no rule uses the fact '{name}'" for name in _unused_facts(knowledge)),
        *(f"nothing asks for the test '{name}'" for name in _unused_tests(knowledge)),
        *(f"no notice has the code '{name}'" for name in _unused_warnings(knowledge)),
        *(f"no rule sees the drug '{name}'" for name in _unseen_drugs(knowledge)),
        *(f"'{hidden}' can never matter: '{by}' holds whenever it does" for hidden, by in hidden_rules(knowledge)),
    ]


def _unused_facts(knowledge: Knowledge) -> list[str]:
    used = set().union(*(facts_of(tree) for tree in knowledge.trees.values()))
    used |= {f.change_of for f in knowledge.facts.values() if f.change_of}
    used |= {score.fact for score in knowledge.algorithm.scores} | {knowledge.algorithm.calcinosis.present}
    used |= {fact for test in knowledge.catalogue.tests.values() for fact in (*test.settles, *test.also)}
    used |= {t.on_board.unless for t in knowledge.therapies.values() if t.on_board is not None and t.on_board.unless}
    return sorted(set(knowledge.facts) - used)


def _unused_tests(knowledge: Knowledge) -> list[str]:
    asked = {test for _, item in walk(knowledge.catalogue.therapies) for test in getattr(item, "tests", ())}
    return sorted(set(knowledge.catalogue.tests) - asked)


def _unused_warnings(knowledge: Knowledge) -> list[str]:
    return sorted(set(knowledge.codes.warnings) - {notice.code for notice in knowledge.algorithm.notices})


def _unseen_drugs(knowledge: Knowledge) -> list[str]:
    named = set().union(*(set(_drugs(tree)) for tree in knowledge.trees.values()))
    named |= {side for pair in knowledge.algorithm.pairs for side in (pair.left, pair.right)}
    drugs = knowledge.catalogue.substances.values()
    return sorted(d.id for d in drugs if not d.recorded_only and not named & {d.id, *d.groups, *d.classes})


def _drugs(node: Node) -> Iterator[str]:
    if node.kind == "call" and node.value in _DRUG_FUNCTIONS:
        yield str(node.args[0].value)
    for arg in node.args:
        yield from _drugs(arg)


def hidden_rules(knowledge: Knowledge) -> list[tuple[str, str]]:
    """Rules that another one always hides, each with that one.

    Where the first rule that holds is taken, an earlier one; of what excludes a therapy, another exclusion; of the
    cautions, an exclusion or a graver caution. Only what follows from the form of two conditions is found.
    """
    follows: dict[str, str] = {d.when: d.fact for d in knowledge.algorithm.derived if d.when is not None and d.value == "true"}
    found = [*_hidden_by_earlier(knowledge, follows), *_hidden_by_exclusion(knowledge, follows)]
    return list(dict.fromkeys(found))


def _hidden_by_earlier(knowledge: Knowledge, follows: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Rules of which the first that holds is taken, each with the first one before it that always holds too."""
    algorithm = knowledge.algorithm
    for ordered in (algorithm.verdicts, algorithm.statuses, algorithm.reviews):
        rules: tuple[Rule, ...] = tuple(ordered)
        for number, rule in enumerate(rules):
            for earlier in rules[:number]:
                if _reaches(earlier, rule, knowledge) and _implied(rule, earlier, knowledge, follows):
                    yield rule.id, earlier.id
                    break


def _hidden_by_exclusion(knowledge: Knowledge, follows: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What speaks against a therapy that another rule excludes whenever it holds."""
    for therapy in knowledge.therapies.values():
        about = knowledge.about[therapy.id]
        excluding: list[Any] = [*therapy.contraindications, *about.contraindications]
        for number, rule in enumerate(excluding):
            # What concerns a start alone hides nothing of a therapy that runs.
            alike = [r for r in excluding if r is not rule and (rule.start_only or not r.start_only)]
            others = [r for r in alike if _implied(rule, r, knowledge, follows)]
            mutual = [r for r in others if _implied(r, rule, knowledge, follows) and excluding.index(r) > number]
            yield from [(rule.id, by.id) for by in others if by not in mutual][:1]
        for caution in (*therapy.cautions, *about.cautions):
            yield from [(caution.id, r.id) for r in excluding if _implied(caution, r, knowledge, follows)][:1]


def _reaches(earlier: Rule, later: Rule, knowledge: Knowledge) -> bool:
    """Whether an earlier rule is about everything a later one is about."""
    if not isinstance(earlier, _TARGETED) or not isinstance(later, _TARGETED) or not earlier.targets:
        return True
    about = {t for target in earlier.targets for t in knowledge.members(target)}
    return bool(later.targets) and {t for target in later.targets for t in knowledge.members(target)} <= about


def _implied(rule: Rule, by: Rule, knowledge: Knowledge, follows: dict[str, str]) -> bool:
    """Whether the second condition holds whenever the first does, as far as their form tells."""
    return _implies(knowledge.tree(rule.when), knowledge.tree(by.when), follows)


def _implies(one: Node, other: Node, follows: dict[str, str]) -> bool:
    if one == other:
        return True
    if other.kind == "and":
        return all(_implies(one, part, follows) for part in other.args)
    if one.kind == "or":
        return all(_implies(part, other, follows) for part in one.args)
    if one.kind == "and" and any(_implies(part, other, follows) for part in one.args):
        return True
    if other.kind == "or" and any(_implies(one, part, follows) for part in other.args):
        return True
    return one.kind == "fact" and other == Node("fact", follows.get(str(one.value)), ())
