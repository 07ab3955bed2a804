"""Calcinosis, told apart from the plan for the inflammation: where it stands, what is advised, what can be tried."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Section, labelled, line
from dmcli.render.plan.options_section import decisive
from dmcli.render.wording import capital, cite, reasoned, word
from dmcli.result.options import Calcinosis, CalcinosisOption
from dmcli.result.plan import Plan

# For these the agent itself is told; for the others what excludes it.
_OPEN = ("alternative", "current", "specialist_only", "avoid", "not_recommended")


def calcinosis_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Empty for a patient without calcinosis."""
    texts = knowledge.texts
    if plan.calcinosis is None:
        return Section(texts["head_calcinosis"], ())
    block = plan.calcinosis
    said = [Item(labelled(word(knowledge, "calcinosis", block.status), reasoned(knowledge, block.because[0])))]
    said += [Item(reasoned(knowledge, advice)) for advice in block.advice]
    said += [Item(labelled(texts["word_caution"], reasoned(knowledge, warning))) for warning in block.warnings]
    return Section(texts["head_calcinosis"], tuple(said), tuple(_groups(block, knowledge)))


def _groups(block: Calcinosis, knowledge: Knowledge) -> list[Section]:
    found = []
    for status in dict.fromkeys(o.status for o in block.options):
        options = [o for o in block.options if o.status == status]
        found.append(
            Section(f"{word(knowledge, 'option', status)} ({len(options)})", tuple(_item(o, knowledge) for o in options))
        )
    return found


def _item(option: CalcinosisOption, knowledge: Knowledge) -> Item:
    argument = None if option.status in _OPEN else decisive(option)
    if argument is None:
        return Item(labelled(capital(option.name), reasoned(knowledge, option.told)))
    said = line(argument.text, cite(knowledge, argument.sources, argument.level))
    return Item(labelled(capital(option.name), said))
