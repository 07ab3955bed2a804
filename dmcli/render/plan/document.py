"""The order in which a plan is told: that of the first screen, then what was considered and what it rests on."""

from collections.abc import Iterator

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Document, Item, Section, alert, cited, line
from dmcli.render.footing import HASH_SHOWN, changes_foot
from dmcli.render.plan.calcinosis_section import calcinosis_section
from dmcli.render.plan.dates_section import dates_section
from dmcli.render.plan.honesty_sections import honesty_sections, sources_section, trace_section, unknown_section
from dmcli.render.plan.monitoring_section import limits_section
from dmcli.render.plan.next_sections import (
    before_section,
    cautions_section,
    give_section,
    instead_section,
    today_section,
    why_section,
)
from dmcli.render.plan.notes import with_notes
from dmcli.render.plan.options_section import history_section, options_section, supportive_section
from dmcli.render.plan.scores_section import scores_section
from dmcli.render.plan.told import once, uncited
from dmcli.render.registry import View
from dmcli.render.screen.patient import patient_line
from dmcli.render.screen.title import title
from dmcli.render.screen.urgent import urgent_block
from dmcli.render.screen.voice import Voice
from dmcli.render.wording import day, with_weekdays
from dmcli.result.plan import Plan

# The first screen with all its reasons.
_DEPTH = 2


def plan_document(plan: Plan, knowledge: Knowledge, view: View) -> Document:
    """The plan as a document. With `view.explain` every argument, default, position, rule, note and source is in it."""
    explain = view.explain
    voice = Voice(plan, knowledge, _DEPTH)
    sections = [s for s in _sections(plan, knowledge, explain) if not s.empty]
    if explain:
        sections = with_notes(sections, knowledge)
        sections += [trace_section(plan, knowledge), sources_section(plan, knowledge, cited(sections))]
    else:
        sections = once(map(uncited, sections), _urgent_texts(plan, knowledge))
    shown = tuple(s for s in sections if not s.empty)
    title_ = knowledge.say("head_plan", title=title(voice), date=day(knowledge, plan.as_of))
    return Document(title_, _lead(voice), shown, _foot(plan, knowledge, explain))


def _sections(plan: Plan, knowledge: Knowledge, explain: bool) -> list[Section]:
    """What is acted on, as on the first screen; then what was considered, and what the plan rests on."""
    questions = unknown_section(plan, knowledge)
    # Where nothing new is started, what is missing may be why.
    early, late = ([questions], []) if plan.next is None else ([], [questions])
    return [
        give_section(plan, knowledge),
        today_section(plan, knowledge, explain),
        why_section(plan, knowledge, explain),
        *early,
        before_section(plan, knowledge, explain),
        cautions_section(plan, knowledge, explain),
        dates_section(plan, knowledge),
        limits_section(plan, knowledge),
        supportive_section(plan, knowledge),
        instead_section(plan, knowledge),
        calcinosis_section(plan, knowledge),
        history_section(plan, knowledge),
        scores_section(plan, knowledge),
        options_section(plan, knowledge, explain),
        *late,
        *honesty_sections(plan, knowledge, explain),
    ]


def _urgent_texts(plan: Plan, knowledge: Knowledge) -> Iterator[str]:
    """What the lines at the top of the page have said, with and without the values of today."""
    limits = {a.limit.id: a.limit.text for applied in knowledge.limits.limits.values() for a in applied}
    for item in plan.urgent:
        for reason in item.because:
            yield reason.text
            yield limits.get(reason.rule or "", reason.text)


def _lead(voice: Voice) -> tuple[Item, ...]:
    """The patient, and what is urgent or stands in the way."""
    overdue = f"! {voice.say('mark_overdue')}"
    urgent = [
        Item(line(alert(row.mark), f" {row.text}"), bullet=False) for row in urgent_block(voice).rows if row.mark != overdue
    ]
    # Here there is room for the age of what is on file.
    late = [a for a in voice.plan.actions if (a.action, a.therapy) == ("test", None)]
    urgent += [Item(line(alert("! "), with_weekdays(voice.knowledge, a.text)), bullet=False) for a in late]
    return (Item(line(patient_line(voice)), bullet=False), *urgent)


def _foot(plan: Plan, knowledge: Knowledge, explain: bool) -> tuple[Item, ...]:
    voice = Voice(plan, knowledge, _DEPTH)
    text = knowledge.say(
        "footer",
        case=voice.say("end_case", case=plan.case_id) if plan.case_id is not None else voice.say("end_no_case"),
        date=day(knowledge, plan.as_of),
        until=day(knowledge, plan.valid_until),
        tool=plan.tool.version,
        knowledge=plan.knowledge.version,
        hash=plan.knowledge.sha256[:HASH_SHOWN],
    )
    more = [] if explain else [knowledge.say("footer_more", conflicts=len(plan.conflicts), defaults=len(plan.defaults_used))]
    return (*(Item(line(told), bullet=False) for told in (plan.date_rule, text, *more)), *changes_foot(knowledge))
