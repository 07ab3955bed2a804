"""Checks of what the knowledge counts: units that exist, amounts that fit their unit, spans that end after they begin."""

from collections.abc import Callable, Iterator
from typing import Any

from dmcli.errors import nearest
from dmcli.knowledge.algorithm import Fact, Overlap, Setting, Taper
from dmcli.knowledge.files import AlgorithmFile
from dmcli.knowledge.limits import Limit
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.ranges import AMOUNT, DOSES, SETTINGS, Asked, Range, range_of
from dmcli.knowledge.regimens import Cap, CourseLimit, Dose, DoseLimit, Response, Step
from dmcli.knowledge.therapies import Phase
from dmcli.record import fields_of
from dmcli.values.dosetext import is_share, parse_dose
from dmcli.values.units import canonical, known_units

# The field, the kind of fault and what is told of it.
Told = tuple[str, str, str]
_RANGES: dict[type, dict[str, Range]] = {}
# What doses are computed per, and the unit that the fact of the body must have.
_BODY_UNITS = {"kg": "kg", "m2": "m2"}


def quantity_faults(item: Any, knowledge: Knowledge) -> Iterator[Told]:
    """What does not fit among the numbers of one record."""
    yield from _out_of_range(item)
    yield from _listed_twice(item)
    for kinds, check in _CHECKS:
        if isinstance(item, kinds):
            yield from check(item)
    if isinstance(item, AlgorithmFile):
        yield from _settings(item)
        yield from _body(item, knowledge)


def _out_of_range(item: Any) -> Iterator[Told]:
    """A number outside the range that its field declares."""
    for field, wanted in _ranges(type(item)).items():
        value = getattr(item, field)
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None and not wanted.low <= number <= wanted.high:
                yield field, "range", f"{number:g} is outside {wanted}; check the number and its unit"


def _ranges(record: type) -> dict[str, Range]:
    if record not in _RANGES:
        found = {name: range_of(hint) for name, hint in fields_of(record).items()}
        _RANGES[record] = {name: wanted for name, wanted in found.items() if wanted}
    return _RANGES[record]


def _listed_twice(item: Any) -> Iterator[Told]:
    """A name, a day or a week that a list holds twice: a member would be chosen twice, a dose given twice."""
    if isinstance(item, Response):
        return
    for field in fields_of(item):
        values = getattr(item, field)
        if not isinstance(values, tuple) or field == "amounts" or field.endswith("rates"):
            continue
        seen: set[Any] = set()
        for value in values:
            if isinstance(value, (str, int)) and value in seen:
                yield field, "listed_twice", f"'{value}' is listed twice; keep one of them"
            elif isinstance(value, (str, int)):
                seen.add(value)


def _dose(dose: Dose) -> Iterator[Told]:
    if not dose.amounts:
        yield "amounts", "range", "a dose has at least one amount"
    for amount in dose.amounts:
        yield from _amount("amounts", amount, dose.unit)
    if dose.max is not None:
        yield from _amount("max", dose.max, dose.unit.partition("/")[0])


def _limited(item: Cap | CourseLimit | DoseLimit | Taper) -> Iterator[Told]:
    field = "max" if isinstance(item, Cap) else "amount"
    yield from _amount(field, getattr(item, field), item.unit)


def _overlap(item: Overlap) -> Iterator[Told]:
    stated = [item.amount is not None, item.unit is not None, item.per_days is not None]
    if any(stated) and not all(stated):
        yield "amount", "unit", "'amount', 'unit' and 'per_days' stand together or not at all"
    if item.amount is not None and item.unit is not None:
        yield from _amount("amount", item.amount, item.unit)


def _lowered(limit: Limit) -> Iterator[Told]:
    """Whether the doses that a limit names are understood: a plan would pass over one that is not, and lower nothing."""
    stated = [(field, text) for field in ("lower_by", "lower_to") if (text := getattr(limit, field)) is not None]
    if len(stated) > 1:
        yield "lower_to", "dose", "a dose is lowered by an amount or to one; keep 'lower_by' or 'lower_to'"
    if stated and limit.tier != "reduce":
        yield stated[0][0], "dose", f"a limit lowers a dose in the tier 'reduce', not in '{limit.tier}'"
    for field, text in stated:
        dose = parse_dose(text)
        if dose is not None and dose.amount > 0:
            yield from _amount(field, dose.amount, "mg" if dose.per is None else f"mg/{dose.per}")
        elif field == "lower_to" or not is_share(text):
            forms = "'5 mg twice daily'" if field == "lower_to" else "'5 mg weekly' or '25 %'"
            yield field, "dose", f"'{text}' is not understood; write it as {forms}"


def _amount(field: str, amount: float, unit: str) -> Iterator[Told]:
    """Whether the unit is one of a dose, and the amount one that can be given at once."""
    if unit not in DOSES:
        hint = nearest(unit, list(DOSES))
        yield "unit", "unit", f"unknown dose unit '{unit}'{hint}; one of {', '.join(DOSES)}"
    elif AMOUNT.low <= amount <= AMOUNT.high and not DOSES[unit].low <= amount <= DOSES[unit].high:
        yield field, "range", f"{amount:g} {unit} is outside {DOSES[unit]}; check the number and its unit"


def _step(step: Step) -> Iterator[Told]:
    if step.until_day is not None and step.until_day < step.day:
        yield "until_day", "range", f"the step ends on day {step.until_day}, before it begins on day {step.day}"
    if not step.on_days:
        yield "on_days", "range", "a course has at least one day; leave the field out for the first day alone"
    elif step.every_days is not None and max(step.on_days) >= step.every_days:
        yield "on_days", "range", f"a course of {max(step.on_days) + 1} days does not fit into every {step.every_days} days"
    if step.courses is not None and step.every_days is None:
        yield "courses", "range", "'courses' counts repeats; say after how many days with 'every_days'"


def _phase(phase: Phase) -> Iterator[Told]:
    if phase.until_week is not None and phase.until_week < phase.from_week:
        yield "until_week", "range", f"it ends in week {phase.until_week}, before it begins in week {phase.from_week}"


def _response(response: Response) -> Iterator[Told]:
    if response.first_weeks is not None and response.first_weeks[0] > response.first_weeks[1]:
        yield "first_weeks", "range", "the first week is after the last"


def _fact(fact: Fact) -> Iterator[Told]:
    if fact.type == "number" and fact.unit is None:
        text = f"the number '{fact.id}' has no unit; write one of {', '.join(known_units())} ({{ratio}} for a plain ratio)"
        yield "unit", "unit", text
    if fact.unit is not None and canonical(fact.unit) is None:
        yield "unit", "unit", f"unknown unit '{fact.unit}'{nearest(fact.unit, known_units())}"
    if fact.min is not None and fact.max is not None and fact.min >= fact.max:
        yield "min", "range", "min is not below max"
    for other in fact.converts:
        if canonical(other.unit) != other.unit or fact.unit is None or other.unit == fact.unit:
            yield "converts", "unit", f"'{other.unit}' is no other unit{nearest(other.unit, known_units())}"


_CHECKS: tuple[tuple[Any, Callable[[Any], Iterator[Told]]], ...] = (
    (Dose, _dose),
    ((Cap, CourseLimit, DoseLimit, Taper), _limited),
    (Overlap, _overlap),
    (Limit, _lowered),
    (Step, _step),
    (Phase, _phase),
    (Response, _response),
    (Fact, _fact),
)


def _settings(item: AlgorithmFile) -> Iterator[Told]:
    """Whether each setting that the program asks for is there, in its unit and range; it asks for no other."""
    for name, asked in SETTINGS.items():
        if name not in item.settings:
            yield "settings", "missing", f"the setting '{name}' is missing"
        else:
            yield from ((f"settings.{name}.{field}", code, text) for field, code, text in _setting(item.settings[name], asked))
    for name in sorted(item.settings.keys() - SETTINGS.keys()):
        yield f"settings.{name}", "unknown_name", f"no place uses the setting '{name}'{nearest(name, list(SETTINGS))}"


def _setting(setting: Setting, asked: Asked) -> Iterator[Told]:
    if setting.unit != asked.unit:
        yield "unit", "unit", f"'{setting.id}' is counted in {asked.unit or 'no unit'}; write its value so"
    if not asked.range.low <= setting.value <= asked.range.high:
        yield "value", "range", f"{setting.value:g} is outside {asked.range}"
    elif asked.whole and setting.value != int(setting.value):
        yield "value", "range", f"{setting.value:g} is no whole number; {asked.range} are expected"


def _body(item: AlgorithmFile, knowledge: Knowledge) -> Iterator[Told]:
    for per, unit in _BODY_UNITS.items():
        if per not in item.body:
            yield "body", "missing", f"the fact for doses per {per} is missing"
            continue
        fact = knowledge.facts.get(item.body[per])
        if fact is not None and fact.unit != unit:
            yield f"body.{per}", "unit", f"doses per {per} need a fact in {unit}; '{fact.id}' is in {fact.unit or 'no unit'}"
