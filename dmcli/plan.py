"""The planner's front door: one case and the knowledge to one whole plan. Pure: no files, no clock, no printing."""

from datetime import date, timedelta

from dmcli import __version__
from dmcli.actions import because_next, build_actions, build_regimen, warned_targets
from dmcli.assess.assess import Assessment, assess
from dmcli.before import before_starting
from dmcli.calcinosis import build_calcinosis
from dmcli.case.model import Case
from dmcli.checkpoints import build_checkpoints, judgement_days
from dmcli.decide.arguments import shown_facts
from dmcli.decide.decide import Decision, decide
from dmcli.decide.gate import gate_state
from dmcli.entries import (
    BeforeStarting,
    CitedSource,
    HistoryItem,
    KnowledgeId,
    Next,
    OtherReading,
    Reading,
    Reason,
    ScheduleItem,
    Supportive,
    Tool,
    Traced,
)
from dmcli.events import changed_doses
from dmcli.honesty import assumptions, conflicts, defaults_used, unknowns, warnings
from dmcli.knowledge.model import Knowledge
from dmcli.monitor import build_monitoring, no_tests_needed
from dmcli.overdue import after_safety, default_taken, missed_tests, overdue_actions
from dmcli.record import Record
from dmcli.regimen import ChosenRegimen, choose_regimen, other_regimens
from dmcli.rest import given_items, rest_of, titration_origin
from dmcli.result import SCHEMA, Plan
from dmcli.review.review import review
from dmcli.running import clashes, dose_changes, reason
from dmcli.safety_actions import sources_of
from dmcli.schedule import Origin, build_schedule, continued_dose
from dmcli.scores import build_responses, build_scores
from dmcli.summary import build_summary


def plan(
    case: Case, knowledge: Knowledge, *, start: date | None = None, horizon_weeks: int | None = None, reading: str | None = None
) -> Plan:
    """The plan for one case at its as-of date.

    `start` is day 0 of the chosen therapy (default: the as-of date; never before it), `horizon_weeks` how far the
    schedule and the monitoring reach, `reading` one of the gate's readings.
    """
    a = assess(case, knowledge)
    used = reading or knowledge.algorithm.gate.default
    reviews = review(a)
    d = decide(a, reviews, used)
    day_zero = max(start or case.as_of, case.as_of)
    horizon = horizon_weeks or int(knowledge.algorithm.settings["horizon_weeks"].value)
    chosen = choose_regimen(a, d.chosen) if d.chosen else None
    if chosen is not None:
        day_zero = max(day_zero, case.as_of + timedelta(days=chosen.regimen.wait_days))
    before = before_starting(a, d.chosen, chosen) if d.chosen else ()
    schedule = _schedule(a, d, chosen, day_zero, horizon, before)
    started = _started(a, d, day_zero)
    checkpoints = build_checkpoints(a, d, started)
    because = because_next(a, d) if d.chosen else ()
    missed = missed_tests(a, started)
    monitoring = build_monitoring(a, started, missed, d.chosen, schedule, day_zero, horizon)
    known = _next(a, d, because)
    valid = case.as_of + timedelta(weeks=int(knowledge.algorithm.settings["valid_weeks"].value))
    draft = Plan(
        schema=SCHEMA,
        tool=Tool(__version__),
        knowledge=KnowledgeId(knowledge.version, knowledge.sha256),
        case_id=case.id,
        as_of=case.as_of.isoformat(),
        start=day_zero.isoformat(),
        status=d.status.status,
        status_because=(reason(d.status),),
        summary=(),
        valid_until=valid.isoformat(),
        next=known,
        actions=after_safety(build_actions(a, d, chosen, because, schedule), overdue_actions(a, missed)),
        regimen=build_regimen(a, d, chosen, schedule),
        before_starting=before,
        schedule=schedule,
        given=tuple(g for r in reviews.items.values() for g in given_items(r)),
        date_rule=knowledge.algorithm.date_rule,
        other_regimens=other_regimens(a, d.chosen, chosen) if d.chosen else (),
        monitoring=monitoring,
        no_tests_needed=no_tests_needed(a, started, monitoring),
        checkpoints=checkpoints,
        options=d.options,
        history=_history(a),
        scores=build_scores(a),
        responses=build_responses(a),
        calcinosis=build_calcinosis(a),
        supportive=_supportive(a, d) if d.status.status != "out_of_scope" else (),
        reading=_reading(a, d),
        unknowns=unknowns(a, d, before),
        assumptions=assumptions(a),
        defaults_used=tuple(dict.fromkeys((*defaults_used(a, d, chosen), *default_taken(a, missed)))),
        conflicts=conflicts(a, d, warned_targets(a, d)),
        warnings=warnings(a, d),
        trace=_trace(a),
        sources={},
    )
    done = draft.changed(summary=build_summary(draft, a))
    return done.changed(sources=_cited(done, knowledge))


def _next(patient: Assessment, decision: Decision, because: tuple[Reason, ...]) -> Next | None:
    if decision.chosen is None or decision.action is None:
        return None
    entry = patient.knowledge.therapies[decision.chosen]
    grade = entry.grade.text if entry.grade else None
    return Next(decision.chosen, entry.name, decision.action, entry.line, grade, because, sources_of(because))


def _schedule(
    patient: Assessment,
    decision: Decision,
    chosen: ChosenRegimen | None,
    start: date,
    horizon: int,
    before: tuple[BeforeStarting, ...],
) -> tuple[ScheduleItem, ...]:
    """The doses of the new therapy, the rest of those that run, and the doses that change."""
    end = start + timedelta(weeks=horizon)
    changes = dose_changes(patient, decision)
    items = list(changed_doses(patient, changes, decision.chosen, start))
    advanced = patient.knowledge.algorithm.advanced
    # Of two that clash neither dose goes up, or on, before their prescribers have answered.
    clashing = {t for _, left, right in clashes(patient) for t in (left, right)}
    for therapy, reviewed in decision.reviews.items.items():
        scheduled = reviewed.rule.targets == (therapy,) or patient.knowledge.therapies[therapy].line in advanced
        if (
            scheduled
            and therapy not in clashing
            and decision.standings.get(therapy) != "contraindicated"
            and therapy not in decision.leaving
            and all(c.therapy != therapy for c in changes)
        ):
            items += rest_of(patient, reviewed, end, decision.overlapping)
    if decision.chosen is not None and chosen is not None:
        going_on = (
            continued_dose(patient, decision.chosen, start)
            if decision.action == "retry" and decision.chosen in patient.continuing
            else ()
        )
        waits = tuple(b.what for b in before if b.blocks)
        days = judgement_days(patient, decision.chosen, start)
        origin = Origin(start, start, 0, waits, days[0] if days else None)
        items += going_on or build_schedule(patient, decision.chosen, chosen, origin, end)
    order = list(dict.fromkeys([decision.chosen, *(i.therapy for i in items)]))
    return tuple(sorted(items, key=lambda i: (i.date, order.index(i.therapy))))


def _started(patient: Assessment, decision: Decision, start: date) -> dict[str, date]:
    """Day 0 of every therapy that is monitored: the new one, and running ones, from today where the start is not stated."""
    started = {decision.chosen: start} if decision.chosen else {}
    for therapy in patient.continuing:
        judged = patient.history.running(therapy)
        if therapy not in started and therapy not in decision.leaving:
            began = judged.course.start.last if judged and judged.course.start else patient.case.as_of
            reviewed = decision.reviews.items.get(therapy)
            started[therapy] = max(began, titration_origin(patient, reviewed) or began) if reviewed is not None else began
    return started


def _history(patient: Assessment) -> tuple[HistoryItem, ...]:
    statements = patient.knowledge.algorithm.statements
    found = []
    for j in patient.history.judged:
        because = (reason(j.rule),) if j.rule else (reason(statements["unjudged"]),)
        found.append(HistoryItem(j.course.therapy, j.course.number, j.verdict, str(j.weeks) if j.weeks else None, because))  # type: ignore[arg-type]
    return tuple(found)


def _supportive(patient: Assessment, decision: Decision) -> tuple[Supportive, ...]:
    """Adjuncts that fit: shown with every in-scope plan, save what is contraindicated or declined."""
    found = []
    for entry in patient.knowledge.therapies.values():
        if entry.line != "supportive" or decision.standings[entry.id] in ("contraindicated", "declined"):
            continue
        if entry.shown_when is not None and patient.find(entry.shown_when).value is not True:
            continue
        found.append(Supportive(entry.id, entry.name, entry.summary.text, entry.summary.sources))
    return tuple(found)


def _reading(patient: Assessment, decision: Decision) -> Reading:
    gate = patient.knowledge.algorithm.gate
    other_reading = None
    for other in gate.readings:
        if other != decision.reading and gate_state(patient, other).passed is not decision.gate.passed:
            swapped = decide(patient._replace(trace=[]), decision.reviews, other)
            if (swapped.status.status, swapped.chosen) != (decision.status.status, decision.chosen):
                name = patient.knowledge.therapies[swapped.chosen].name if swapped.chosen else None
                answer = name or patient.knowledge.texts[f"status_{swapped.status.status}"]
                text = patient.knowledge.algorithm.statements["other_reading"].text.format(reading=other, answer=answer)
                other_reading = OtherReading(other, swapped.status.status, swapped.chosen, text)
    text = gate.bypass_text if decision.gate.bypassed else gate.text
    return Reading(decision.reading, text, gate.sources, other_reading)


def _trace(patient: Assessment) -> tuple[Traced, ...]:
    """Every rule that was decisive or open, in the order of evaluation."""
    found = [Traced(ident, f.value, shown_facts(f.facts)) for ident, f in patient.trace]
    found += [Traced(rule, True, {}) for rule in patient.facts.derived.values()]
    found += [Traced(j.rule.id, True, shown_facts(j.facts)) for j in patient.history.judged if j.rule]
    found += [Traced(j.scored.rule.id, True, shown_facts(j.scored.finding.facts)) for j in patient.history.judged if j.scored]
    for safety in patient.safety.values():
        for fired in (*safety.contraindications, *safety.cautions, *safety.feasibility, *safety.stops):
            found.append(Traced(fired.rule.id, fired.finding.value, shown_facts(fired.finding.facts)))
        found += [Traced(pair.id, True, {f"current({other})": True}) for pair, other in safety.pairs]
    found += [Traced(f.rule.id, True, shown_facts(f.finding.facts)) for fired_ in patient.limits.values() for f in fired_]
    return tuple({t.rule: t for t in found}.values())


def _cited(done: Plan, knowledge: Knowledge) -> dict[str, CitedSource]:
    """Every source the plan names, with its citation."""
    named: set[str] = set()
    _collect(done, named)
    table: dict[str, CitedSource] = {}
    for ident in sorted(named):
        if ident in knowledge.sources.topic_facts:
            table[ident] = CitedSource(knowledge.sources.topic_facts[ident].text, "topic")
        else:
            source = knowledge.sources.sources[ident]
            table[ident] = CitedSource(source.citation, source.level)
    return table


def _collect(done: Record, named: set[str]) -> None:
    """The sources of every record inside one."""
    waiting: list[Record] = [done]
    while waiting:
        for name, inner in waiting.pop().__dict__.items():
            if type(inner) is tuple:
                if name == "sources":
                    named.update(inner)
                elif inner and isinstance(inner[0], Record):
                    waiting += inner
            elif isinstance(inner, Record):
                waiting.append(inner)
