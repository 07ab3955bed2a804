"""Doses, tests and judgements with their days."""

from dmcli.knowledge.model import Knowledge
from dmcli.render.document import Section
from dmcli.render.plan.monitoring_section import judgement_items, reasons_for_tests, test_items
from dmcli.render.plan.schedule_section import dose_items, given_items
from dmcli.result.events import ScheduleItem
from dmcli.result.plan import Plan


def dates_section(plan: Plan, knowledge: Knowledge) -> Section:
    """What was given, the doses to come, the tests with their reasons, and the days of judgement."""
    parts = (
        ("head_given", given_items(plan, knowledge)),
        ("head_doses", dose_items(plan, knowledge, first_of_next(plan))),
        ("head_monitoring", test_items(plan, knowledge)),
        ("head_monitoring_why", reasons_for_tests(plan, knowledge)),
        ("head_checkpoints", judgement_items(plan, knowledge)),
    )
    return Section(
        knowledge.texts["head_dates"], (), tuple(Section(knowledge.texts[head], items) for head, items in parts if items)
    )


def first_of_next(plan: Plan) -> ScheduleItem | None:
    """The first dose of the next therapy."""
    therapy = plan.next.therapy if plan.next is not None else None
    return next((item for item in plan.schedule if item.therapy == therapy and not item.hold_point), None)
