"""What safety asks for of the therapies that run: stops, results beyond a limit, clashes, agreement of a specialist."""

from dmcli.assess.assess import Assessment, left_to_prescriber, recorded
from dmcli.assess.checked import Change
from dmcli.assess.facts import Facts
from dmcli.assess.limits import BINDING, Reached, gravest, rests_on
from dmcli.assess.snapshots import View
from dmcli.decide.agreement import signed
from dmcli.decide.decide import open_clashes
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.limits import Limit, Tier
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Expr
from dmcli.result.actions import Action, ActionItem, action_item
from dmcli.result.reasons import Reason, reason
from dmcli.values.units import after_number

# What a limit asks for. A dose that is lowered has its action with the other doses that change.
_ON_LIMIT: dict[Tier, Action] = {"repeat": "test", "reduce": "test", "hold": "hold", "stop": "stop"}


def safety_actions(patient: Assessment, staying: tuple[str, ...], leaving: tuple[str, ...]) -> list[ActionItem]:
    """What is urgent of therapies that run, whatever else is decided; `staying` are those that go on, `leaving` those that
    end with the plan."""
    stopped = _stopped_now(patient)
    stopping = {therapy for therapy, _, asked in stopped if not asked or patient.safety[therapy].stops}
    limits = _limits(patient, stopping)
    return [*_stops(patient, stopped), *limits, *_clashes(patient, leaving), *_agreements(patient, staying)]


def _stops(patient: Assessment, stopped: list[tuple[str, tuple[Reason, ...], bool]]) -> list[ActionItem]:
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    items = []
    for therapy, because, asked in stopped:
        name = k.therapies[therapy].name
        text = statements["ask_prescriber" if asked else "stop_now"].text.format(name=name)
        if not asked:
            items.append(action_item("now", "stop", therapy, text, None, because))
            text = statements["refer_stopped" if for_skin_alone(patient, therapy) else "refer_now"].text.format(name=name)
        items.append(action_item("now", "refer", therapy, text, None, because, () if asked else ("action",)))
    return items


def for_skin_alone(patient: Assessment, therapy: str) -> bool:
    """Whether a running therapy is of this plan: nobody else prescribes it."""
    return all(c.for_skin for c in patient.case.courses if c.running and c.therapy == therapy)


def _limits(patient: Assessment, stopping: set[str]) -> list[ActionItem]:
    """Every limit that counts today, the gravest of a therapy first; those of what stops today are reasons of its stop."""
    k, items = patient.knowledge, []
    for therapy in patient.running:
        told: frozenset[str] = frozenset()
        for place, (reached, besides) in enumerate(
            _told_together(patient, () if therapy in stopping else patient.limits[therapy])
        ):
            text, because = _limit_said(patient, therapy, reached, told)
            # A further result keeps its value where it stands as a reason of the first.
            because = (reason(reached.rule, text), *because[1:]) if place else because
            because += tuple(reason(b.rule, _found(b, k)) for b in besides)
            because += () if place else _always(patient, patient.limits[therapy])
            told |= rests_on(reached, k)
            # What is not tolerated stops: that its event would only hold it is not told beside.
            if not (reached.tier == "hold" and patient.history.verdict(therapy) in k.algorithm.harmful):
                items.append(action_item("now", _ON_LIMIT[reached.tier], therapy, text, None, because, ("reason",)))
            if reached.refer:
                refer = k.algorithm.statements["refer_limit"].text.format(name=k.name(therapy))
                items.append(action_item("now", "refer", therapy, refer, None, because))
    return items


def _told_together(patient: Assessment, limits: tuple[Reached, ...]) -> list[tuple[Reached, tuple[Reached, ...]]]:
    """Each limit with what is told beside it: a therapy that is held is not told to lower its dose or to go on as it is,
    and a result that holds it is not told again."""
    holding = [reached for reached in limits if reached.tier in BINDING]
    if not holding:
        return [(reached, ()) for reached in limits]
    told = {fact for reached in holding for fact in rests_on(reached, patient.knowledge)}
    lesser = tuple(r for r in limits if r not in holding and rests_on(r, patient.knowledge) - told)
    return [(holding[0], lesser), *((reached, ()) for reached in holding[1:])]


def _clashes(patient: Assessment, leaving: tuple[str, ...]) -> list[ActionItem]:
    if not patient.clashes:
        return []
    statements, name = patient.knowledge.algorithm.statements, patient.knowledge.name
    ours = {therapy for therapy in patient.running if for_skin_alone(patient, therapy)}
    said = (
        (pair, left, right, "clash_own" if {left, right} <= ours else "clash")
        for pair, left, right in open_clashes(patient, leaving)
    )
    return [
        action_item(
            "now", "refer", therapy, statements[key].text.format(left=name(left), right=name(right)), None, (reason(pair),)
        )
        for pair, left, right, key in said
        for therapy in (left, right)
        if therapy in patient.knowledge.therapies
    ]


def _agreements(patient: Assessment, staying: tuple[str, ...]) -> list[ActionItem]:
    """A therapy that goes on, or is taken up again, although something weighs against it is agreed to by a specialist."""
    statements = patient.knowledge.algorithm.statements
    items = []
    for therapy in staying:
        rules = signed(patient, therapy, staying)
        if rules:
            severe = any(f.rule in rules for f in patient.safety[therapy].severe)
            held = gravest(patient.limits.get(therapy, ())) in BINDING
            text = statements["agree_held" if held else "agree_running"].text.format(name=patient.knowledge.name(therapy))
            because = tuple(reason(rule) for rule in rules)
            items.append(action_item("now" if severe else "next_visit", "refer", therapy, text, None, because))
    return items


def _stopped_now(patient: Assessment) -> list[tuple[str, tuple[Reason, ...], bool]]:
    """Running therapies that are contraindicated now; whether the stop is their own prescriber's decision."""
    found = []
    for therapy in patient.running:
        safety = patient.safety[therapy]
        because = [reason(f.rule) for f in safety.contraindicating]
        for reached in safety.stops:
            text, reasons = _limit_said(patient, therapy, reached)
            because += [reason(reached.rule, text), *reasons[1:]]
        judged = patient.history.running(therapy)
        if recorded(therapy, patient.history) and judged is not None and judged.rule is not None:
            because.append(reason(judged.rule))
        if because:
            because += [reason(r.rule, _seen(patient, therapy, r)) for r in _hidden(patient, therapy)]
            because += _always(patient, patient.limits.get(therapy, ()))
            found.append((therapy, tuple(because), left_to_prescriber(therapy, patient.knowledge)))
    return found


def _hidden(patient: Assessment, therapy: str) -> list[Reached]:
    """The results of a therapy that would hold it and of which its stop says nothing."""
    told = {fact for stop in patient.safety[therapy].stops for fact in rests_on(stop, patient.knowledge)}
    holds = (r for r in patient.limits[therapy] if r.tier == "hold" and r.of == therapy and isinstance(r.rule, Limit))
    return [reached for reached in holds if not told & rests_on(reached, patient.knowledge)]


def _seen(patient: Assessment, therapy: str, reached: Reached) -> str:
    """A result of what stops for another reason, with its values and without what it would ask for: what is contraindicated
    is neither held nor taken again."""
    asked = reached.rule.text
    return _limit_said(patient, therapy, reached)[0].replace(asked, f"{reached.rule.result}.", 1)


def _always(patient: Assessment, limits: tuple[Reached, ...]) -> tuple[Reason, ...]:
    """What is told with a hold or stop for the values of a harm, whatever figure the drug has of its own."""
    k, found = patient.knowledge, dict[str, Reason]()
    for reached in (r for r in limits if r.tier in BINDING and r.shared is not None):
        scope, behind = Scope(reached.seen.values, {}), rests_on(reached, k)
        for rule in k.toxicities[reached.shared or ""].always:
            if behind & k.stated_in(rule.when) and k.value(rule.when, scope) is True:
                found.setdefault(rule.id, reason(rule))
    return tuple(found.values())


def _limit_said(
    patient: Assessment, therapy: str, reached: Reached, told: frozenset[str] = frozenset()
) -> tuple[str, tuple[Reason, ...]]:
    """What a limit that is reached asks for, with the values behind it that are not `told`, and why."""
    k, statements = patient.knowledge, patient.knowledge.algorithm.statements
    text, because = reached.rule.text, [reason(reached.rule)]
    if reached.of != therapy:
        text = statements["held_with"].text.format(name=k.name(therapy), other=k.name(reached.of), text=text)
        because.append(reason(statements["held_with"], text))
    if reached.raised is not None:
        seen = reached.rule.result if isinstance(reached.rule, Limit) else text
        text = reached.raised.text.format(name=k.name(therapy), text=text, result=seen)
        if reached.rule.tier == "reduce" or reached.raised == statements["hold_on"]:
            # What has no lower dose is not told to lower it, and what an earlier result holds has no such result today.
            because = [reason(reached.rule, text)]
        because.append(reason(reached.raised, text))
    for number, change in enumerate(_moved(reached)):
        of_unit = after_number(k.facts[change.of].unit)
        text = k.say(
            "limit_change_too" if number else "limit_change",
            text=text,
            fact=k.fact_name(change.fact),
            change=_change(change, k),
            baseline=k.say("quantity", value=f"{change.baseline:g}", unit=of_unit),
            newest=k.say("quantity", value=f"{change.newest:g}", unit=of_unit),
            first=change.first,
            last=change.last,
        )
        because.append(reason(statements["change_baseline"]))
    values = _values(reached, k, told)
    if values:
        key = "limit_value_too" if _moved(reached) else "limit_value"
        text = k.say(key, text=text, values=", ".join(values))
    return text, tuple(dict.fromkeys(because))


def _found(reached: Reached, knowledge: Knowledge) -> str:
    """The results that a limit found, without what it asks for; an event has none but what it says."""
    changes = [knowledge.say("result", fact=knowledge.fact_name(c.fact), value=_change(c, knowledge)) for c in _moved(reached)]
    found = [*changes, *_values(reached, knowledge)]
    return knowledge.say("limit_besides", values=", ".join(found)) if found else reached.rule.text


def _moved(reached: Reached) -> list[Change]:
    """The changes behind a limit, without those that are none."""
    return [change for change in reached.changes if change.newest != change.baseline]


def _change(change: Change, knowledge: Knowledge) -> str:
    return knowledge.say("quantity", value=f"{change.value:.4g}", unit=after_number(knowledge.facts[change.fact].unit))


def _values(reached: Reached, knowledge: Knowledge, before: frozenset[str] = frozenset()) -> list[str]:
    """The results behind a limit that no change tells and that were not told before, each with its unit and day."""
    told = before | {name for change in reached.changes for name in (change.fact, change.of)} | reached.seen.changes.keys()
    # What nobody measures, such as the age, is no result.
    measured = knowledge.once("measured", lambda: _measured(knowledge))
    known = sorted((rests_on(reached, knowledge) & reached.seen.values.keys() & measured) - told)
    return [_value(reached.seen, fact, knowledge) for fact in known if knowledge.facts[fact].type == "number"]


def _measured(knowledge: Knowledge) -> frozenset[str]:
    return frozenset([fact for test in knowledge.catalogue.tests.values() for fact in (*test.settles, *test.also)])


def with_results(text: str, when: Expr, patient: Assessment) -> str:
    """A sentence with the results of today that its condition rests on, each with its unit and day."""
    k, seen = patient.knowledge, patient.facts
    measured = {fact for test in k.catalogue.tests.values() for fact in test.settles}
    known = sorted(k.stated_in(when) & seen.values.keys() & measured)
    values = [_value(seen, fact, k) for fact in known if k.facts[fact].type == "number"]
    return k.say("limit_value", text=text, values=", ".join(values)) if values else text


def _value(seen: View | Facts, fact: str, knowledge: Knowledge) -> str:
    """A result with its unit and day."""
    value, entry = seen.values[fact], knowledge.facts.get(fact)
    shown = (
        f"{value:.4g}"
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else knowledge.texts["yes" if value else "no"]
    )
    told = knowledge.say("quantity", value=shown, unit=after_number(entry.unit) if entry else "").strip()
    day = seen.days.get(fact)
    return knowledge.say("result" if day is None else "result_on", fact=knowledge.fact_name(fact), value=told, date=day)
