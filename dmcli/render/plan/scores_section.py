"""Scores over time and the responses they tell, each in one item with what it rests on."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Item, Section, alert, labelled, line
from dmcli.render.wording import capital, cite, reasoned
from dmcli.result.courses import ResponseItem, ScoreItem
from dmcli.result.plan import Plan


def scores_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Empty for a patient without scores."""
    items = [_score(knowledge, s) for s in plan.scores] + [_response(knowledge, r) for r in plan.responses]
    return Section(knowledge.texts["head_scores"], tuple(items))


def _score(knowledge: Knowledge, item: ScoreItem) -> Item:
    """The band is cited where it is named; what the change is worth follows as a sentence."""
    bands, worth = item.because[: 1 if item.band else 0], item.because[1 if item.band else 0 :]
    band = [words for r in bands for words in cite(knowledge, r.sources, r.level)]
    said = [words for r in worth for words in line(" ", reasoned(knowledge, r))]
    return Item(labelled(capital(item.name), item.text, band, "." if said else "", said))


def _response(knowledge: Knowledge, item: ResponseItem) -> Item:
    name = knowledge.say("course_of", name=capital(knowledge.name(item.therapy)), number=item.course)
    mark = () if item.agrees else line(alert(knowledge.texts["word_disagree"]), ": ")
    said = [words for r in item.because for words in line(" ", reasoned(knowledge, r))]
    return Item(labelled(name, mark, f"{item.text}.", said))
