"""What safety asks for of the therapies that run: stops, results beyond a limit, clashes, agreement of a specialist."""

from dmcli.assess.assess import Assessment, clashes, left_to_prescriber, recorded
from dmcli.assess.limits import Reached, rests_on
from dmcli.decide.agreement import signed
from dmcli.knowledge.limits import Tier
from dmcli.result.actions import Action, ActionItem, action_item
from dmcli.result.reasons import Reason, reason
from dmcli.values.units import readable

# What a limit asks for. A dose that is lowered has its action with the other doses that change.
_ON_LIMIT: dict[Tier, Action] = {"repeat": "test", "reduce": "test", "hold": "hold", "stop": "stop"}


def safety_actions(patient: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """What is urgent of therapies that run, whatever else is decided; `staying` are those that go on."""
    return [*_stops(patient), *_limits(patient), *_clashes(patient), *_agreements(patient, staying)]


def _stops(patient: Assessment) -> list[ActionItem]:
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    items = []
    for therapy, because, asked in _stopped_now(patient):
        name = k.therapies[therapy].name
        text = statements["ask_prescriber" if asked else "stop_now"].text.format(name=name)
        if not asked:
            items.append(action_item("now", "stop", therapy, text, None, because))
            text = statements["refer_now"].text.format(name=name)
        items.append(action_item("now", "refer", therapy, text, None, because, () if asked else ("action",)))
    return items


def _limits(patient: Assessment) -> list[ActionItem]:
    """Every limit that counts today, the gravest of a therapy first; of what stops today only the stops are told."""
    k, items = patient.knowledge, []
    for therapy in patient.running:
        if patient.safety[therapy].stops:
            continue
        for reached in patient.limits[therapy]:
            text, because = _limit_said(patient, therapy, reached)
            # What is not tolerated stops: that its event would only hold it is not told beside.
            if not (reached.tier == "hold" and patient.history.verdict(therapy) in k.algorithm.harmful):
                items.append(action_item("now", _ON_LIMIT[reached.tier], therapy, text, None, because, ("reason",)))
            if reached.refer:
                refer = k.algorithm.statements["refer_limit"].text.format(name=k.name(therapy))
                items.append(action_item("now", "refer", therapy, refer, None, because))
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


def _stopped_now(patient: Assessment) -> list[tuple[str, tuple[Reason, ...], bool]]:
    """Running therapies that are contraindicated now; whether the stop is their own prescriber's decision."""
    found = []
    for therapy in patient.running:
        safety = patient.safety[therapy]
        because = [reason(f.rule) for f in safety.contraindications if f.holds]
        for reached in safety.stops:
            text, reasons = _limit_said(patient, therapy, reached)
            because += [reason(reached.rule, text), *reasons[1:]]
        judged = patient.history.running(therapy)
        if recorded(therapy, patient.history) and judged is not None and judged.rule is not None:
            because.append(reason(judged.rule))
        if because:
            found.append((therapy, tuple(because), left_to_prescriber(therapy, patient.knowledge)))
    return found


def _limit_said(patient: Assessment, therapy: str, reached: Reached) -> tuple[str, tuple[Reason, ...]]:
    """What a limit that is reached asks for, with the values behind it, and why."""
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    text, because = reached.rule.text, [reason(reached.rule)]
    if reached.of != therapy:
        text = statements["held_with"].text.format(name=k.name(therapy), other=k.name(reached.of), text=text)
        because.append(reason(statements["held_with"], text))
    if reached.raised is not None:
        text = reached.raised.text.format(name=k.name(therapy), text=text)
        because.append(reason(reached.raised, text))
    for change in reached.changes:
        unit, of_unit = readable(k.facts[change.fact].unit), readable(k.facts[change.of].unit)
        text = k.say(
            "limit_change",
            text=text,
            fact=k.fact_name(change.fact),
            change=k.say("quantity", value=f"{change.value:.4g}", unit=unit),
            baseline=k.say("quantity", value=f"{change.baseline:g}", unit=of_unit),
            newest=k.say("quantity", value=f"{change.newest:g}", unit=of_unit),
            first=change.first,
            last=change.last,
        )
        because.append(reason(statements["change_baseline"]))
    known = sorted(rests_on(reached, k) & patient.facts.values.keys())
    values = [_value(patient, fact) for fact in known if k.facts[fact].type == "number"]
    if values and not reached.changes:
        text = k.say("limit_value", text=text, values=", ".join(values))
    return text, tuple(dict.fromkeys(because))


def _value(patient: Assessment, fact: str) -> str:
    """A result with its unit and day."""
    k, value = patient.knowledge, patient.facts.values[fact]
    entry = k.facts.get(fact)
    shown = (
        f"{value:.4g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else k.texts["yes" if value else "no"]
    )
    told = k.say("quantity", value=shown, unit=readable(entry.unit) if entry else "").strip()
    day = patient.facts.days.get(fact)
    return k.say("result" if day is None else "result_on", fact=k.fact_name(fact), value=told, date=day)
