"""Doses, tests and judgements on one timeline."""

from collections.abc import Iterator
from typing import NamedTuple

from dmcli.render.screen.before import tests_of
from dmcli.render.screen.paper import Block, Row
from dmcli.render.screen.voice import FIRST_TESTS, SHORTEST, Voice, awaits_results
from dmcli.render.wording import capital
from dmcli.result.events import Checkpoint, ScheduleItem
from dmcli.result.monitoring import TestItem

_FEW = 3
_PREFERRED = "primary"
_WEIGHING = {"caution", "severe_caution", "sign_off", "fact_needed", "fact_blocks"}


class _Entry(NamedTuple):
    """A line of the timeline: the day it begins on, its rank on that day, and what it says."""

    day: str
    rank: int
    text: str


def dates_block(voice: Voice) -> Block:
    """One line for each dose, each set of tests and each judgement, in calendar order."""
    tests = list(_tests(voice))
    routine, short = ([], _first_tests(voice, tests)) if voice.depth <= FIRST_TESTS else (tests, [])
    entries = [_Entry(at.first, 2, voice.say("step", day=at.days, text=voice.names(at.tests))) for at in routine]
    found = sorted([*_doses(voice), *entries, *_rechecks(voice), *_judgements(voice), *_first_days(voice)])
    rows = [Row(text) for text in (*(entry.text for entry in found), *_judged_later(voice), *short)]
    if found and voice.depth > 0 and awaits_results(voice.plan):
        rows.insert(0, Row(voice.say("dates_from", day=voice.day(voice.plan.start))))
    return Block(voice.say("label_dates"), tuple(rows))


def _doses(voice: Voice) -> Iterator[_Entry]:
    courses: dict[tuple[str, str], list[ScheduleItem]] = {}
    steps: dict[str, list[ScheduleItem]] = {}
    for item in voice.plan.schedule:
        if item.course is not None:
            courses.setdefault((item.therapy, item.step), []).append(item)
        elif not item.hold_point:
            steps.setdefault(item.therapy, []).append(item)
    for items in courses.values():
        yield from _courses(voice, items)
    # What the lines for today have said of a drug that is taken already.
    chosen = voice.plan.next.therapy if voice.plan.next is not None else None
    told = {(action.therapy, action.dose) for action in voice.plan.actions if action.therapy != chosen}
    steps = {t: items for t, items in steps.items() if len(items) > 1 or (t, items[0].dose_text) not in told}
    for therapy, items in steps.items():
        # Where room is short, the only dose of the next therapy is told where it is given.
        if therapy != chosen or len(items) > 1 or voice.depth > FIRST_TESTS:
            yield from _steps(voice, items)


def _steps(voice: Voice, items: list[ScheduleItem]) -> Iterator[_Entry]:
    """Few steps are a line each, for their tests fall between them; many are one line."""
    if len(items) <= _FEW and voice.depth > 1:
        for item in items:
            text = voice.say("step", day=voice.day(item.date), text=f"{_dose(voice, item)}{_checked(voice, [item])}")
            yield _Entry(item.date, 1 if item.conditional_on else 0, text)
        return
    first, *later = items
    text = voice.say("step", day=voice.day(first.date), text=_dose(voice, first))
    told = "; ".join([text, *(f"{i.date} {i.dose_text or voice.short(i.text)}" for i in later)])
    yield _Entry(first.date, 1, f"{told}{_checked(voice, items)}")


def _dose(voice: Voice, item: ScheduleItem) -> str:
    if item.dose_text is None:
        return voice.short(item.text)
    # Of two doses on one day, the one that waits for nothing says how long it goes on.
    same = [i for i in voice.plan.schedule if (i.therapy, i.date) == (item.therapy, item.date) and not i.hold_point]
    goes_on = len(same) > 1 and not item.conditional_on
    return f"{voice.name(item.therapy)} {voice.short(item.text) if goes_on else item.dose_text}"


def _checked(voice: Voice, items: list[ScheduleItem]) -> str:
    """What a step waits for: a result of today that allows no increase, else the check of a hold point."""
    conditions = {condition for item in items for condition in item.conditional_on}
    if conditions & {voice.knowledge.say("waits_limit", text=limit.text) for limit in voice.limits.values()}:
        return voice.say("settled" if len(items) == 1 else "each_settled")
    if conditions & {h.text for h in voice.plan.schedule if h.hold_point}:
        return voice.say("checked" if len(items) == 1 else "each_checked")
    return ""


def _courses(voice: Voice, items: list[ScheduleItem]) -> Iterator[_Entry]:
    """Courses that are given alike together: the first day of each, and what is given on how many days."""
    by_course: dict[int | None, list[ScheduleItem]] = {}
    for item in items:
        by_course.setdefault(item.course, []).append(item)
    judged = {voice.knowledge.say("waits_judgement", date=point.date) for point in voice.plan.checkpoints}
    alike: dict[tuple[str, ...], list[list[ScheduleItem]]] = {}
    for course in by_course.values():
        alike.setdefault(tuple(i.dose_text or "" for i in course), []).append(course)
    for doses, courses in alike.items():
        numbers = [str(course[0].course) for course in courses]
        number = numbers[0] if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"
        text = voice.say("course", name=voice.name(items[0].therapy), number=number, given=voice.given(doses))
        text, days = text.rstrip(" ,"), [course[0].date for course in courses]
        waiting = [course[0].date for course in courses if judged & {*course[0].conditional_on}]
        if waiting and waiting[0] == days[0]:
            text = voice.say("course_waits", course=text)
        elif waiting:
            text = voice.say("course_after", course=text, day=waiting[0])
        yield _Entry(days[0], 1, voice.say("step", day=voice.days(days), text=text))


class _Tested(NamedTuple):
    """Tests that fall on the same days: the first of them, and all as they are told."""

    first: str
    days: str
    tests: list[str]


def _tests(voice: Voice) -> Iterator[_Tested]:
    """Tests that fall on the same days together; what only the start asks for, and its lists order, is not told again, and
    neither is a day on which a result of today has its test repeated anyway."""
    ordered, chosen = set(tests_of(voice, voice.plan.before_starting)), {voice.plan.next.therapy} if voice.plan.next else set()
    days: dict[str, list[str]] = {}
    for monitored in voice.plan.monitoring:
        for test in monitored.tests:
            listed = test.test in ordered and monitored.date == voice.plan.start and set(test.therapies) <= chosen
            if test.overdue_since is None and not listed and not _asking(voice, monitored.date, test):
                days.setdefault(test.test, []).append(monitored.date)
    together: dict[tuple[str, str], list[str]] = {}
    for name, dates in days.items():
        together.setdefault((dates[0], voice.days(dates)), []).append(name)
    yield from (_Tested(first, told, tests) for (first, told), tests in together.items())


def _first_tests(voice: Voice, tests: list[_Tested]) -> list[str]:
    """Where room is short, the first day of each test in one line."""
    days: dict[str, list[str]] = {}
    for tested in sorted(tests):
        days.setdefault(tested.first, []).extend(tested.tests)
    told = "; ".join(voice.say("step", day=voice.day(day), text=voice.names(names)) for day, names in days.items())
    return [voice.say("first_tests", days=told)] if told else []


def _rechecks(voice: Voice) -> Iterator[_Entry]:
    """The tests that a result of today asks for on a later day, with that result."""
    for monitored in voice.plan.monitoring:
        together: dict[str, list[str]] = {}
        for test in monitored.tests:
            if results := _asking(voice, monitored.date, test):
                told = dict.fromkeys(voice.inside(result) for result in results)
                together.setdefault("; ".join(told), []).append(test.test)
        for shown, tests in together.items():
            text = voice.say("again", tests=voice.names(tests), results=shown)
            yield _Entry(monitored.date, 2, voice.say("step", day=voice.day(monitored.date), text=text))


def _asking(voice: Voice, day: str, test: TestItem) -> list[str]:
    """The results of today for which a test is due on a later day."""
    if day <= voice.plan.as_of:
        return []
    return [voice.results[r.rule].result for r in test.because if r.rule in voice.results]


def _judgements(voice: Voice) -> Iterator[_Entry]:
    """The first judgement of each therapy, with what follows; those of one day together."""
    by_therapy: dict[str, list[Checkpoint]] = {}
    chosen = voice.plan.next
    undated = any(item.kind == "known" for item in voice.plan.before_starting)
    for point in (p for p in voice.plan.checkpoints if p.kind == "judge"):
        # What has no first day yet has no day of judgement either.
        if chosen is not None and point.therapy == chosen.therapy and undated:
            continue
        by_therapy.setdefault(point.therapy, []).append(point)
    together: dict[tuple[str | None, ...], list[Checkpoint]] = {}
    for points in by_therapy.values():
        first = points[0]
        key = (first.date, first.if_none, first.if_partial, first.if_complete, first.needs)
        together.setdefault(key, []).append(first)
    for same in together.values():
        first, names = same[0], voice.names(point.therapy for point in same)
        told = voice.say("judge" if voice.depth > SHORTEST else "judge_short", day=voice.day(first.date), names=names)
        if first.needs is not None:
            told = voice.say("judge_needs", judge=told, needs=first.needs)
        # Where room is shortest its day is what cannot be missed.
        after = "; ".join(_answers(voice, same))
        yield _Entry(first.date, 3, f"{told}. {capital(after)}." if after else f"{told}.")


def _answers(voice: Voice, same: list[Checkpoint]) -> Iterator[str]:
    """What each answer leads to; one that cannot be any more is not told."""
    first = same[0]
    if first.if_none is not None and first.if_none == first.if_partial:
        yield voice.say("judge_either", then=_after_failure(voice, same))
    else:
        if first.if_none is not None:
            yield voice.say("judge_none", then=_after_failure(voice, same))
        if first.if_partial is not None:
            yield voice.say("judge_partial", then=voice.short(first.if_partial))
    if first.if_complete is not None:
        yield voice.say("judge_complete", then=voice.short(first.if_complete))


def _judged_later(voice: Voice) -> Iterator[str]:
    """That what is on hold before its judgement has no day of it till it is taken again."""
    held = {part.therapy for part in voice.plan.regimen if part.role == "hold"}
    open_ = {course.therapy for course in voice.plan.history if course.verdict in voice.knowledge.algorithm.to_judge}
    names = [therapy for therapy in voice.knowledge.therapies if therapy in held & open_]
    if names:
        yield voice.say("judge_held", names=voice.names(names))


def _first_days(voice: Voice) -> Iterator[_Entry]:
    """The first day to conceive after a therapy that ends or has ended."""
    for point in voice.plan.checkpoints:
        if point.kind == "conceive":
            yield _Entry(point.date, 3, voice.say("conceive", day=voice.day(point.date), name=voice.name(point.therapy)))


def _after_failure(voice: Voice, same: list[Checkpoint]) -> str:
    """What comes after no improvement, by name where another member of the preferred line is open and nothing weighs against
    it."""
    found, said = voice.plan.next, same[0].if_none or ""
    if found is None or [point.therapy for point in same] != [found.therapy] or found.line != _PREFERRED:
        return voice.short(said)
    open_ = [o for o in voice.plan.options if o.line == found.line and o.status == "alternative"]
    fit = [o.therapy for o in open_ if not {argument.code for argument in o.arguments} & _WEIGHING]
    return voice.name(fit[0]) if fit else voice.short(said)
