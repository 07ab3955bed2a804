"""The dated doses. A course is told in full once; its repeats are one line each."""

from typing import NamedTuple

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Step
from dmcli.render.document import Item, Line, Section, Words, alert, labelled, line, strong
from dmcli.render.wording import capital, cite, day, days, with_weekdays
from dmcli.result.events import GivenItem, OtherRegimen, ScheduleItem
from dmcli.result.plan import Plan


class _Event(NamedTuple):
    """The days of one course, or one step; `step` is None where the event is no step of a regimen."""

    items: tuple[ScheduleItem, ...]
    step: Step | None
    repeat: bool

    @property
    def first(self) -> ScheduleItem:
        return self.items[0]


def schedule_section(plan: Plan, knowledge: Knowledge) -> Section:
    """Every event in calendar order, each with its dose, arithmetic, conditions and sources."""
    waited_for = {b.what for b in plan.before_starting if b.blocks}
    several = len({i.therapy for i in plan.schedule}) > 1
    items, conditions = [], dict[str, tuple[str, ...]]()
    for event in _events(plan, knowledge):
        changed = conditions.get(event.first.step) != event.first.conditional_on
        conditions[event.first.step] = event.first.conditional_on
        under = _waits(knowledge, event, waited_for) if changed else ()
        items.append(Item(_headline(knowledge, event, several), (*under, *_details(knowledge, event))))
    others = Section(knowledge.texts["head_other_regimens"], tuple(_other(knowledge, o) for o in plan.other_regimens))
    return Section(knowledge.texts["head_schedule"], tuple(items), () if others.empty else (others,))


def given_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What was really given of running therapies: the infusions course by course, the doses in their order."""
    told: dict[tuple[str, int | None], list[GivenItem]] = {}
    for item in plan.given:
        told.setdefault((item.therapy, item.course), []).append(item)
    return Section(knowledge.texts["head_given"], tuple(_given(knowledge, found) for found in told.values()))


def _given(knowledge: Knowledge, found: list[GivenItem]) -> Item:
    first = found[0]
    name = capital(knowledge.name(first.therapy))
    if first.course is not None:
        doses = dict.fromkeys(i.dose_text for i in found if i.dose_text)
        name = knowledge.say("course_of", name=name, number=first.course)
        return Item(labelled(name, ": ".join([days(knowledge, [i.date for i in found]), ", ".join(doses)]).removesuffix(": ")))
    steps = (knowledge.say("dose_since", dose=i.dose_text, date=day(knowledge, i.date)) for i in found)
    return Item(labelled(name, "; ".join(steps)))


def _other(knowledge: Knowledge, regimen: OtherRegimen) -> Item:
    """A regimen that is not scheduled, with what one dose of it would be."""
    computed = regimen.arithmetic or regimen.dose_text
    dose = f" {knowledge.texts['word_dose']}: {computed}." if computed else ""
    return Item(labelled(regimen.name, f"{regimen.text}{dose}", cite(knowledge, regimen.sources, regimen.level)))


def _events(plan: Plan, knowledge: Knowledge) -> list[_Event]:
    """The schedule with the days of each course taken together."""
    steps = {s.id: s for t in knowledge.therapies.values() for r in t.regimens for s in r.steps}
    open_courses: dict[str, list[ScheduleItem]] = {}
    grouped: list[list[ScheduleItem]] = []
    for item in plan.schedule:
        step = steps.get(item.step)
        course = open_courses.get(item.step)
        if course is None or course[0].course != item.course or len(course) == (len(step.on_days) if step else 1):
            course = open_courses[item.step] = []
            grouped.append(course)
        course.append(item)
    seen: set[str] = set()
    events = []
    for course in grouped:
        events.append(_Event(tuple(course), steps.get(course[0].step), course[0].step in seen))
        seen.add(course[0].step)
    return events


def _headline(knowledge: Knowledge, event: _Event, several: bool) -> Line:
    """The days, and on each the dose and what it is."""
    first = event.first
    parts: list[Words] = []
    for text, isos in _by_text(event).items():
        if parts:
            parts = [*parts[:-1], Words(f"{parts[-1].text.removesuffix('.')}; ")]
        parts += [strong(_when(knowledge, event, isos)), Words(": ")]
        if first.hold_point:
            parts += [alert(knowledge.texts["word_hold"]), Words(": ")]
        elif several:
            parts += [strong(capital(knowledge.name(first.therapy))), Words(": ")]
        each = knowledge.texts["each_day"] if len(isos) > 1 and first.dose else ""
        told = with_weekdays(knowledge, text)
        parts.append(Words(f"{told}, {each}" if each and event.repeat else told))
    if first.moved_from is not None:
        parts.append(Words(f" ({knowledge.say('moved_from', date=day(knowledge, first.moved_from))})"))
    return line(parts, () if event.repeat else cite(knowledge, first.sources, first.level))


def _by_text(event: _Event) -> dict[str, list[str]]:
    """Days with the same text; a repeat leaves out the step's own sentence."""
    found: dict[str, list[str]] = {}
    for item in event.items:
        text = item.text
        if event.repeat and event.step is not None:
            text = text.removesuffix(event.step.text).rstrip(" :") or text
        found.setdefault(text, []).append(item.date)
    return found


def _when(knowledge: Knowledge, event: _Event, isos: list[str]) -> str:
    first, step = event.first, event.step
    if first.until == first.date:
        return day(knowledge, first.date)
    if first.until is not None:
        return knowledge.say("day_span", first=day(knowledge, first.date), last=day(knowledge, first.until))
    lasting = step is not None and step.dose is not None and step.dose.per_days is not None and not step.every_days
    return knowledge.say("day_from", first=day(knowledge, first.date)) if lasting else days(knowledge, isos)


def _waits(knowledge: Knowledge, event: _Event, waited_for: set[str]) -> tuple[Item, ...]:
    """What the event waits for; the list of what blocks the first dose is pointed at, not repeated."""
    conditions = list(event.first.conditional_on)
    if waited_for and waited_for <= set(conditions):
        rest = [c for c in conditions if c not in waited_for]
        conditions = [
            knowledge.say("waits_before", must=knowledge.texts["word_must"], head=knowledge.texts["head_before"]),
            *rest,
        ]
    if not conditions:
        return ()
    label = knowledge.texts["word_from_here" if event.repeat else "word_only_after"]
    # Several conditions are one sentence: the full stops of all but the last would stand before a semicolon.
    shown = "; ".join([*(c.removesuffix(".") for c in conditions[:-1]), conditions[-1]])
    return (Item(labelled(label, with_weekdays(knowledge, shown))),)


def _details(knowledge: Knowledge, event: _Event) -> tuple[Item, ...]:
    if event.repeat:
        return ()
    first = event.first
    found = [Item(labelled(knowledge.texts["word_arithmetic"], first.arithmetic))] if first.arithmetic else []
    return (*found, *(Item(line(text)) for text in first.details))
