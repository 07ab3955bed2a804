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


def safety_actions(a: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """What is urgent of therapies that run, whatever else is decided; `staying` are those that go on."""
    return [*_stops(a), *_limits(a), *_clashes(a), *_agreements(a, staying)]


def _stops(a: Assessment) -> list[ActionItem]:
    k, statements = a.knowledge, a.knowledge.algorithm.statements
    items = []
    for therapy, because, asked in stopped_now(a):
        name = k.therapies[therapy].name
        text = statements["ask_prescriber" if asked else "stop_now"].text.format(name=name)
        if not asked:
            items.append(action_item("now", "stop", therapy, text, None, because))
            text = statements["refer_now"].text.format(name=name)
        items.append(action_item("now", "refer", therapy, text, None, because))
    return items


def _limits(a: Assessment) -> list[ActionItem]:
    """Every limit that a result is beyond; of a therapy that stops today, those that did not stop it."""
    items = []
    for therapy in a.running:
        for fired in a.limits[therapy]:
            if therapy in a.continuing or fired.rule.action != "stop":
                text, because = limit_said(a, fired)
                items.append(action_item("now", _ON_LIMIT[fired.rule.action], therapy, text, None, because))
    return items


def _clashes(a: Assessment) -> list[ActionItem]:
    said = a.knowledge.algorithm.statements["clash"].text
    name = a.knowledge.name
    return [
        action_item("now", "refer", therapy, said.format(left=name(left), right=name(right)), None, (reason(pair),))
        for pair, left, right in clashes(a)
        for therapy in (left, right)
    ]


def _agreements(a: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """A therapy that goes on although something weighs against it is agreed to by a named specialist."""
    said = a.knowledge.algorithm.statements["agree_running"].text
    items = []
    for therapy in staying:
        rules = signed(a, therapy, staying)
        if rules:
            severe = any(f.rule in rules for f in a.safety[therapy].severe)
            text = said.format(name=a.knowledge.name(therapy))
            because = tuple(reason(rule) for rule in rules)
            items.append(action_item("now" if severe else "next_visit", "refer", therapy, text, None, because))
    return items


def signed(a: Assessment, therapy: str, staying: tuple[str, ...]) -> tuple[Statement, ...]:
    """Cautions and pairs of a running therapy that ask for a specialist's agreement; each pair once, at the therapy
    that stands first."""
    if left_to_prescriber(therapy, a.knowledge) or therapy not in a.history.therapies_running or therapy not in staying:
        return ()
    found: list[Statement] = [f.rule for f in a.safety[therapy].cautions if _weighs(f)]
    order = list(staying)
    for pair, other in a.safety[therapy].pairs:
        if pair.effect == "sign_off" and other in order and order.index(therapy) < order.index(other):
            found.append(pair)
    return tuple(dict.fromkeys(found))


def _weighs(fired: Fired) -> bool:
    return fired.finding.value is True and (fired.rule.sign_off or fired.rule.severity == "severe")
