"""One therapy on one screen: what it is for, its dose, what comes before, monitoring, limits and evidence, a line each."""

from collections.abc import Iterable, Iterator

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.therapies import Monitor, Therapy
from dmcli.render.catalogue.lookup import targeted
from dmcli.render.catalogue.parts import footing
from dmcli.render.document import Document, Item, labelled, line
from dmcli.render.registry import View
from dmcli.render.short_names import ShortNames
from dmcli.render.therapy.monitoring import phase_texts
from dmcli.render.wording import capital, word

_GRAVE = ("stop", "hold")
_NAMED = 12


def therapy_card(therapy: str, knowledge: Knowledge, _view: View) -> Document:
    """The therapy in a dozen lines; everything else is on its whole page."""
    entry, names = knowledge.therapies[therapy], ShortNames(knowledge)
    texts = knowledge.texts
    said: list[tuple[str, str]] = [
        (texts["word_line"], _line(knowledge, entry)),
        (texts["card_dose"], _dose(entry)),
        (texts["word_trial"], _judged(knowledge, entry)),
        # Its sentence names itself.
        ("", " ".join(a.text for a in entry.advice if a.about == "boxed_warning")),
        (texts["head_contraindications"], _excluded(knowledge, entry)),
        (texts["head_cautions"], _counted(knowledge, "card_cautions", len(entry.cautions))),
        (texts["head_before"], _before(names, entry)),
        (texts["head_monitoring"], _monitoring(knowledge, names, entry)),
        *((word(knowledge, "limit", tier).upper(), _limits(knowledge, names, entry, tier)) for tier in _GRAVE),
        (texts["head_evidence"], _evidence(knowledge, entry)),
    ]
    lead = (
        Item(line(entry.summary.text)),
        *(Item(labelled(capital(label), text) if label else line(text)) for label, text in said if text),
    )
    more = Item(line(knowledge.say("card_more", therapy=therapy)), bullet=False)
    title = capital(entry.name) if entry.name == therapy else f"{capital(entry.name)} ({therapy})"
    return Document(title, lead, (), (more, *footing(knowledge)))


def _line(knowledge: Knowledge, entry: Therapy) -> str:
    grade = entry.grade.short or entry.grade.text if entry.grade is not None else ""
    return "; ".join(part for part in (word(knowledge, "line", entry.line), grade, entry.route) if part)


def _judged(knowledge: Knowledge, entry: Therapy) -> str:
    trial = entry.trial
    return knowledge.say("for_weeks", weeks=trial.no_response.weeks) if trial is not None else ""


def _dose(entry: Therapy) -> str:
    """The regimens that may be chosen, the usual one first."""
    chosen = sorted((r for r in entry.regimens if r.use in ("standard", "variant")), key=lambda regimen: regimen.use)
    named = "; ".join(regimen.name for regimen in chosen)
    return named or (entry.no_dose.text if entry.no_dose is not None else "")


def _excluded(knowledge: Knowledge, entry: Therapy) -> str:
    """What excludes it by one fact, by name; how many rules more ask about several."""
    common = [r for r in knowledge.algorithm.contraindications if targeted(knowledge, r.targets, entry.id)]
    rules = [*entry.contraindications, *common]
    trees = [knowledge.tree(rule.when) for rule in rules]
    named = list(dict.fromkeys(knowledge.fact_name(str(tree.value)) for tree in trees if tree.kind == "fact"))
    return _listed(knowledge, named, sum(tree.kind != "fact" for tree in trees))


def _listed(knowledge: Knowledge, named: list[str], further: int) -> str:
    shown, further = named[:_NAMED], further + len(named[_NAMED:])
    more = [knowledge.say("card_further", count=further)] if further else []
    return ", ".join([*shown, *more])


def _counted(knowledge: Knowledge, key: str, count: int) -> str:
    return knowledge.say(key, count=count) if count else ""


def _before(names: ShortNames, entry: Therapy) -> str:
    """Tests by name, what else is to be done as it is written; what holds the first dose back first."""
    found = (
        text
        for item in sorted(entry.before, key=lambda before: not before.blocks)
        for text in (map(names.name, item.tests) if item.tests else [names.said(item.text.rstrip("."))])
    )
    return "; ".join(dict.fromkeys(found))


def _monitoring(knowledge: Knowledge, names: ShortNames, entry: Therapy) -> str:
    told = "; ".join(text for monitor in entry.monitoring if monitor.shown for text in _monitor(knowledge, names, monitor))
    return told or (entry.no_monitoring.text if entry.no_monitoring is not None else "")


def _monitor(knowledge: Knowledge, names: ShortNames, monitor: Monitor) -> Iterator[str]:
    due = dict.fromkeys(text for phase in monitor.phases for text in phase_texts(knowledge, phase))
    if due:
        yield f"{', '.join(map(names.name, monitor.tests))} {', '.join(due)}"


def _limits(knowledge: Knowledge, names: ShortNames, entry: Therapy, tier: str) -> str:
    results = (a.limit.result for a in knowledge.limits.limits[entry.id] if a.limit.tier == tier)
    return ", ".join(dict.fromkeys(names.inside(names.said(result)) for result in results))


def _evidence(knowledge: Knowledge, entry: Therapy) -> str:
    """How many reports, which way they point, and the largest."""
    if not entry.evidence:
        return ""
    count = {favours: _count(entry, favours) for favours in ("for", "against", "neither")}
    largest = max(entry.evidence, key=lambda found: found.patients or 0)
    told = knowledge.say("card_evidence", count=len(entry.evidence), **count)
    if largest.patients is None:
        return told
    return knowledge.say("card_largest", told=told, patients=largest.patients, design=largest.design)


def _count(entry: Therapy, favours: str) -> int:
    found: Iterable[str] = (evidence.favours for evidence in entry.evidence)
    return sum(which == favours for which in found)
