"""What speaks against a therapy, what it may run beside, and what comes before its first dose."""

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Rule
from dmcli.knowledge.therapies import Caution, Therapy
from dmcli.render.catalogue.lookup import targeted
from dmcli.render.catalogue.parts import condition, noted
from dmcli.render.document import Item, Line, Section, alert, labelled, line, strong
from dmcli.render.wording import capital, cite, word


def contraindications_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """What excludes the therapy, of its own and of its class; and what makes it unfeasible."""
    algorithm = knowledge.algorithm
    rules: list[Rule] = [*entry.contraindications]
    rules += [r for r in algorithm.contraindications if targeted(knowledge, r.targets, entry.id)]
    rules += [r for r in algorithm.feasibility if targeted(knowledge, r.targets, entry.id)]
    return Section(knowledge.texts["head_contraindications"], tuple(_rule(knowledge, r) for r in rules))


def cautions_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """What speaks against the therapy, of its own and of its class; and what is said of it when it is given."""
    algorithm = knowledge.algorithm
    cautions: list[Caution] = [*entry.cautions]
    cautions += [c for c in algorithm.cautions if targeted(knowledge, c.targets, entry.id)]
    items = [_rule(knowledge, c, _severity(knowledge, c)) for c in cautions]
    items += [_rule(knowledge, n) for n in algorithm.notices if targeted(knowledge, n.targets, entry.id)]
    return Section(knowledge.texts["head_cautions"], tuple(items))


def _severity(knowledge: Knowledge, caution: Caution) -> Line:
    marks = [knowledge.texts["word_severe"]] if caution.severity == "severe" else []
    marks += [knowledge.texts["word_sign_off"]] if caution.sign_off else []
    return line(alert(", ".join(marks)), ": ") if marks else ()


def _rule(knowledge: Knowledge, rule: Rule, marks: Line = ()) -> Item:
    return Item(
        line(marks, rule.text, cite(knowledge, rule.sources, rule.level), noted(knowledge, rule), condition(knowledge, rule.when))
    )


def combinations_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """What is not to run beside it, or only with sign-off; and what happens to what runs when it starts."""
    items = []
    for pair in knowledge.algorithm.pairs:
        sides = [targeted(knowledge, (side,), entry.id) for side in (pair.left, pair.right)]
        if any(sides):
            label = f"{capital(knowledge.name(pair.left))}, {knowledge.name(pair.right)}"
            effect = f", {word(knowledge, 'pair', pair.effect)}: "
            items.append(
                Item(line(strong(label), effect, pair.text, cite(knowledge, pair.sources, pair.level), noted(knowledge, pair)))
            )
    for overlap in knowledge.algorithm.overlaps:
        if targeted(knowledge, (*overlap.starting, overlap.running), entry.id):
            label = capital(word(knowledge, "do", overlap.action))
            said = cite(knowledge, overlap.sources, overlap.level)
            items.append(Item(labelled(label, overlap.text, said, noted(knowledge, overlap), condition(knowledge, overlap.when))))
    return Section(knowledge.texts["head_combinations"], tuple(items))


def before_section(knowledge: Knowledge, entry: Therapy) -> Section:
    """What to do before the first dose; what blocks it says so."""
    items = []
    for before in entry.before:
        mark = line(alert(knowledge.texts["word_must"]), ": ") if before.blocks else ()
        said = cite(knowledge, before.sources, before.level)
        items.append(Item(line(mark, before.text, said, noted(knowledge, before), condition(knowledge, before.when))))
    if entry.interval is not None:
        said = cite(knowledge, entry.interval.sources, entry.interval.level)
        noted_at = noted(knowledge, entry.interval)
        items.append(Item(line(entry.interval.text, said, noted_at, condition(knowledge, entry.interval.when))))
    return Section(knowledge.texts["head_before"], tuple(items))
