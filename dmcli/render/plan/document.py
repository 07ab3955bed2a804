"""The order in which a plan is told: the short answer, what to do, why, when, what else was considered."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Document, Item, cited, labelled, line
from dmcli.render.footing import HASH_SHOWN, changes_foot
from dmcli.render.plan.calcinosis_section import calcinosis_section
from dmcli.render.plan.honesty_sections import honesty_sections, sources_section, trace_section
from dmcli.render.plan.monitoring_section import checkpoints_section, limits_section, monitoring_section
from dmcli.render.plan.next_sections import (
    before_section,
    cautions_section,
    instead_section,
    next_section,
    now_section,
    warnings_section,
)
from dmcli.render.plan.options_section import history_section, options_section, supportive_section
from dmcli.render.plan.schedule_section import given_section, schedule_section
from dmcli.render.plan.scores_section import scores_section
from dmcli.render.registry import View
from dmcli.render.wording import capital, day, with_weekdays
from dmcli.result.actions import SummaryLine
from dmcli.result.plan import Plan


def plan_document(plan: Plan, knowledge: Knowledge, view: View) -> Document:
    """The plan as a document. With `view.explain` every argument, default, position and rule is in it."""
    explain = view.explain
    plain = [
        warnings_section(plan, knowledge),
        now_section(plan, knowledge),
        next_section(plan, knowledge),
        cautions_section(plan, knowledge),
        before_section(plan, knowledge),
        instead_section(plan, knowledge),
        given_section(plan, knowledge),
        schedule_section(plan, knowledge),
        monitoring_section(plan, knowledge),
        limits_section(plan, knowledge),
        checkpoints_section(plan, knowledge),
        scores_section(plan, knowledge),
        calcinosis_section(plan, knowledge),
    ]
    considered = [
        options_section(plan, knowledge, explain),
        history_section(plan, knowledge),
        supportive_section(plan, knowledge),
        *honesty_sections(plan, knowledge, explain),
    ]
    if explain:
        considered.append(trace_section(plan, knowledge))
    # What is to be done can be checked on the spot; the rest of the citations only where all is asked for.
    sources = sources_section(plan, knowledge, cited([*plain, *considered] if explain else plain), explain)
    shown = tuple(s for s in (*plain, *considered, sources) if not s.empty)
    return Document(_title(plan, knowledge), _lead(plan, knowledge), shown, _foot(plan, knowledge))


def _title(plan: Plan, knowledge: Knowledge) -> str:
    as_of = day(knowledge, plan.as_of)
    if plan.case_id is None:
        return knowledge.say("head_plan", date=as_of)
    return knowledge.say("head_plan_case", case=plan.case_id, date=as_of)


def _lead(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    return tuple(_summary_item(knowledge, told) for told in plan.summary)


def _summary_item(knowledge: Knowledge, told: SummaryLine) -> Item:
    text = with_weekdays(knowledge, told.text)
    if told.label is None:
        return Item(line(capital(text)))
    return Item(labelled(capital(with_weekdays(knowledge, told.label)), text))


def _foot(plan: Plan, knowledge: Knowledge) -> tuple[Item, ...]:
    text = knowledge.say(
        "footer",
        date=day(knowledge, plan.as_of),
        until=day(knowledge, plan.valid_until),
        tool=plan.tool.version,
        knowledge=plan.knowledge.version,
        hash=plan.knowledge.sha256[:HASH_SHOWN],
    )
    return (Item(line(plan.date_rule), bullet=False), Item(line(text), bullet=False), *changes_foot(knowledge))
