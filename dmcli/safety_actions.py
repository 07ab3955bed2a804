"""What safety asks for of the therapies that run: stops, results beyond a limit, clashes, agreement of a specialist."""

from dmcli.assess.assess import Assessment, left_to_prescriber
from dmcli.assess.safety import Fired
from dmcli.entries import ActionItem, Reason
from dmcli.knowledge.statements import Statement
from dmcli.running import clashes, limit_said, reason, stopped_now

# What a limit asks for while the therapy goes on; beyond a stop limit it does not.
_ON_LIMIT = {"call": "test", "hold": "hold", "stop": "refer"}


def sources_of(reasons: tuple[Reason, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for r in reasons for s in r.sources))


def action_item(
    priority: str, action: str, therapy: str | None, text: str, dose: str | None, because: tuple[Reason, ...]
) -> ActionItem:
    """An action with the sources of its reasons."""
    return ActionItem(priority, action, therapy, text, dose, because, sources_of(because))  # type: ignore[arg-type]


def safety_actions(patient: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """What is urgent of therapies that run, whatever else is decided; `staying` are those that go on."""
    return [*_stops(patient), *_limits(patient), *_clashes(patient), *_agreements(patient, staying)]


def _stops(patient: Assessment) -> list[ActionItem]:
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    items = []
    for therapy, because, asked in stopped_now(patient):
        name = k.therapies[therapy].name
        text = statements["ask_prescriber" if asked else "stop_now"].text.format(name=name)
        if not asked:
            items.append(action_item("now", "stop", therapy, text, None, because))
            text = statements["refer_now"].text.format(name=name)
        items.append(action_item("now", "refer", therapy, text, None, because))
    return items


def _limits(patient: Assessment) -> list[ActionItem]:
    """Every limit that a result is beyond; of a therapy that stops today, those that did not stop it."""
    items = []
    for therapy in patient.running:
        for fired in patient.limits[therapy]:
            if therapy in patient.continuing or fired.rule.action != "stop":
                text, because = limit_said(patient, fired)
                items.append(action_item("now", _ON_LIMIT[fired.rule.action], therapy, text, None, because))
    return items


def _clashes(patient: Assessment) -> list[ActionItem]:
    said = patient.knowledge.algorithm.statements["clash"].text
    name = patient.knowledge.name
    return [
        action_item("now", "refer", therapy, said.format(left=name(left), right=name(right)), None, (reason(pair),))
        for pair, left, right in clashes(patient)
        for therapy in (left, right)
        if therapy in patient.knowledge.therapies
    ]


def _agreements(patient: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """A therapy that goes on although something weighs against it is agreed to by a named specialist."""
    said = patient.knowledge.algorithm.statements["agree_running"].text
    items = []
    for therapy in staying:
        rules = signed(patient, therapy, staying)
        if rules:
            severe = any(f.rule in rules for f in patient.safety[therapy].severe)
            text = said.format(name=patient.knowledge.name(therapy))
            because = tuple(reason(rule) for rule in rules)
            items.append(action_item("now" if severe else "next_visit", "refer", therapy, text, None, because))
    return items


def signed(patient: Assessment, therapy: str, staying: tuple[str, ...]) -> tuple[Statement, ...]:
    """Cautions and pairs of a running therapy that ask for a specialist's agreement; each pair once, at the therapy
    that stands first."""
    if (
        left_to_prescriber(therapy, patient.knowledge)
        or therapy not in patient.history.therapies_running
        or therapy not in staying
    ):
        return ()
    found: list[Statement] = [f.rule for f in patient.safety[therapy].cautions if _weighs(f)]
    order = list(staying)
    for pair, other in patient.safety[therapy].pairs:
        first = other not in order or order.index(therapy) < order.index(other)
        if pair.effect == "sign_off" and first and (other in order or other not in patient.knowledge.therapies):
            found.append(pair)
    return tuple(dict.fromkeys(found))


def _weighs(fired: Fired) -> bool:
    return fired.finding.value is True and (fired.rule.sign_off or fired.rule.severity == "severe")
