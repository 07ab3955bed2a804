"""The dated doses. A step is told in full once; courses that repeat it alike are one line."""

from collections.abc import Iterator
from typing import NamedTuple

from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.regimens import Step
from dmcli.render.document import Item, Line, Words, alert, labelled, line, strong
from dmcli.render.screen.voice import Voice
from dmcli.render.wording import capital, cite, day, days, with_weekdays
from dmcli.result.events import GivenItem, ScheduleItem
from dmcli.result.plan import Plan

_Course = tuple[ScheduleItem, ...]


class _Event(NamedTuple):
    """One step or course, or courses that are given alike; `step` is None where the event is no step of a regimen.
    `again`: an earlier event of the step has told it in full."""

    courses: tuple[_Course, ...]
    step: Step | None
    again: bool

    @property
    def first(self) -> ScheduleItem:
        return self.courses[0][0]

    @property
    def days(self) -> list[str]:
        return [item.date for course in self.courses for item in course]


def dose_items(plan: Plan, knowledge: Knowledge, elsewhere: ScheduleItem | None) -> tuple[Item, ...]:
    """Every event in calendar order, each with its dose, arithmetic, conditions and sources; the arithmetic of the event
    `elsewhere` stands in another place."""
    voice = Voice(plan, knowledge, 2)
    waited_for = {b.what for b in plan.before_starting if b.blocks}
    checks = {item.text: item.date for item in plan.schedule if item.hold_point}
    items, conditions = [], dict[str, tuple[str, ...]]()
    for event in _events(plan, knowledge):
        changed = conditions.get(event.first.step) != event.first.conditional_on
        conditions[event.first.step] = event.first.conditional_on
        under = _waits(knowledge, event, waited_for, checks) if changed else ()
        told = event.again or event.first is elsewhere
        items.append(Item(_headline(voice, event), (*under, *(() if told else details(knowledge, event.first)))))
    return tuple(items)


def given_items(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    """What was really given of running therapies: the infusions course by course, the doses in their order."""
    told: dict[tuple[str, int | None], list[GivenItem]] = {}
    for item in plan.given:
        told.setdefault((item.therapy, item.course), []).append(item)
    return tuple(_given(knowledge, found) for found in told.values())


def _given(knowledge: Knowledge, found: list[GivenItem]) -> Item:
    first = found[0]
    name = capital(knowledge.name(first.therapy))
    if first.course is not None:
        doses = ", ".join(dict.fromkeys(i.dose_text for i in found if i.dose_text))
        name = knowledge.say("course_of", name=name, number=first.course)
        when = days(knowledge, [i.date for i in found])
        return Item(labelled(name, f"{when}: {doses}" if doses else when))
    steps = (knowledge.say("dose_since", dose=i.dose_text, date=day(knowledge, i.date)) for i in found)
    return Item(labelled(name, "; ".join(steps)))


def _events(plan: Plan, knowledge: Knowledge) -> list[_Event]:
    """The schedule with the days of each course taken together, and with courses that repeat one another."""
    steps = {s.id: s for t in knowledge.therapies.values() for r in t.regimens for s in r.steps}
    events: list[_Event] = []
    latest: dict[str, int] = {}
    for course in _courses(plan, steps):
        place = latest.get(course[0].step)
        if place is not None and events[place].again and _alike(events[place].courses[-1], course):
            events[place] = events[place]._replace(courses=(*events[place].courses, course))
            continue
        latest[course[0].step] = len(events)
        events.append(_Event((course,), steps.get(course[0].step), place is not None))
    return events


def _courses(plan: Plan, steps: dict[str, Step]) -> Iterator[_Course]:
    open_courses: dict[str, list[ScheduleItem]] = {}
    grouped: list[list[ScheduleItem]] = []
    for item in plan.schedule:
        step = steps.get(item.step)
        course = open_courses.get(item.step)
        if course is None or course[0].course != item.course or len(course) == (len(step.on_days) if step else 1):
            course = open_courses[item.step] = []
            grouped.append(course)
        course.append(item)
    yield from (tuple(course) for course in grouped)


def _alike(one: _Course, other: _Course) -> bool:
    """Whether two courses are told by one line."""
    same = one[0].conditional_on == other[0].conditional_on and [i.dose_text for i in one] == [i.dose_text for i in other]
    return same and one[0].course is not None and one[0].moved_from is None and other[0].moved_from is None


def _headline(voice: Voice, event: _Event) -> Line:
    """The days, the drug, and what is given."""
    knowledge, first = voice.knowledge, event.first
    name = capital(knowledge.name(first.therapy))
    moved = f" ({knowledge.say('moved_from', date=day(knowledge, first.moved_from))})" if first.moved_from is not None else ""
    if event.again and first.course is not None:
        numbers = list(dict.fromkeys(str(course[0].course) for course in event.courses))
        number = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        given = voice.given([i.dose_text or "" for i in event.courses[0]])
        told = voice.say("course", name=name, number=number, given=given).rstrip(" ,")
        return line(strong(days(knowledge, event.days)), ": ", told, moved)
    parts: list[Words] = []
    for place, (text, isos) in enumerate(_by_text(event).items()):
        lead = (Words("; "),) if place else ()
        # The sentence of an end names its drug itself.
        named = () if place or first.event == "end" else line(strong(name))
        who = line(alert(knowledge.texts["word_hold"])) if first.hold_point else named
        parts += line(lead, strong(_when(knowledge, event, isos)), ": ", who, ": " if who else "")
        told = with_weekdays(knowledge, text)
        parts.append(Words(told if who or place else capital(told)))
    return line(parts, moved, cite(knowledge, first.sources, first.level))


def _by_text(event: _Event) -> dict[str, list[str]]:
    """Days with the same text; where doses of a course differ, the first day tells the step and the others their dose."""
    found: dict[str, list[str]] = {}
    first = event.first
    for item in event.courses[0]:
        text = item.text if item.dose_text == first.dose_text else item.dose_text or item.text
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


def _waits(knowledge: Knowledge, event: _Event, waited_for: set[str], checks: dict[str, str]) -> tuple[Item, ...]:
    """What the event waits for; a check of the schedule and the list of what blocks the first dose are pointed at."""
    told = event.first.conditional_on
    conditions = [knowledge.say("waits_check", date=checks[c]) if c in checks else c for c in told]
    if waited_for and waited_for <= set(conditions):
        rest = [c for c in conditions if c not in waited_for]
        conditions = [
            knowledge.say("waits_before", must=knowledge.texts["word_must"], head=knowledge.texts["head_before"]),
            *rest,
        ]
    if not conditions:
        return ()
    label = knowledge.texts["word_from_here" if event.again else "word_only_after"]
    # Several conditions are one sentence: the full stops of all but the last would stand before a semicolon.
    shown = "; ".join([*(c.removesuffix(".") for c in conditions[:-1]), conditions[-1]])
    return (Item(labelled(label, with_weekdays(knowledge, shown))),)


def details(knowledge: Knowledge, first: ScheduleItem) -> tuple[Item, ...]:
    """The arithmetic of an event, and how it is given."""
    found = [Item(labelled(knowledge.texts["word_arithmetic"], first.arithmetic))] if first.arithmetic else []
    return (*found, *(Item(line(text)) for text in first.details))
