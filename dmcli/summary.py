"""The short answer: at most twelve lines a clinician can act on first. Sentences come from the knowledge."""

from dmcli.assess.assess import Assessment
from dmcli.entries import ActionItem, Next
from dmcli.result import Plan

MAX_LINES = 12
_SHOWN = 4


def build_summary(plan: Plan, patient: Assessment) -> tuple[str, ...]:
    """What is next and why, dose and dates, what blocks the first dose, the first checks, when to judge."""
    k = patient.knowledge
    status = k.say("sum_status", status=k.texts[f"status_{plan.status}"], reason=plan.status_because[0].text)
    because = {r.text for r in plan.status_because}
    urgent = [w for w in plan.actions if w.priority == "now" and w.action in ("stop", "hold", "refer") and w.text not in because]
    # What must stop or be asked today stands before everything else.
    lines = [*_urgent(patient, urgent), status]
    overdue = [w for w in plan.actions if w.action == "test" and w.therapy is None]
    lines += [k.say("sum_urgent", text=w.text) for w in overdue]
    overlapping = {p.therapy for p in plan.regimen if p.role == "overlap"}
    if plan.next:
        lines += _next_lines(plan, patient)
    else:
        said = (*urgent, *overdue)
        lines += [_do(patient, i) for i in plan.actions if i not in said and i.text not in because][:3]
    if plan.next:
        others = (i for i in plan.actions if i not in urgent and i.therapy not in (None, plan.next.therapy))
        beside = [i.text for i in others if i.therapy in overlapping or i.action != "continue"]
        lines += [k.say("sum_overlap", text=text) for text in beside[:2]]
    lines += _coming(plan, patient)
    lines += _before_lines(plan, patient)
    if plan.monitoring:
        tests = [k.say("sum_overdue", test=t.name) if t.overdue_since else t.name for t in plan.monitoring[0].tests]
        lines.append(k.say("sum_checks", date=plan.monitoring[0].date, tests=_listed(tests, patient)))
    if plan.checkpoints:
        first = plan.checkpoints[0]
        lines.append(k.say("sum_judge", date=first.date, name=k.name(first.therapy)))
    if not plan.next and plan.unknowns:
        lines.append(k.say("sum_unknown", questions=" ".join(u.question for u in plan.unknowns[:_SHOWN])))
    if plan.reading.other_reading:
        lines.append(k.say("sum_note", text=plan.reading.other_reading.text))
    lines += [k.say("sum_warning", text=w.text) for w in plan.warnings if k.say("sum_urgent", text=w.text) not in lines]
    return tuple(lines[:MAX_LINES])


def _urgent(patient: Assessment, urgent: list[ActionItem]) -> list[str]:
    """What must be done today; the first line about a therapy says why."""
    found: dict[str, None] = {}
    told: set[str] = set()
    for item in urgent[:_SHOWN]:
        why = next((r.text for r in item.because if r.text not in item.text), None)
        if why is None or why in told:
            found[patient.knowledge.say("sum_urgent", text=item.text)] = None
        else:
            told.add(why)
            found[patient.knowledge.say("sum_urgent_why", text=item.text.removesuffix("."), why=why)] = None
    return list(found)


def _coming(plan: Plan, patient: Assessment) -> list[str]:
    """The days of the next course of each running therapy."""
    chosen = plan.next.therapy if plan.next else None
    courses: dict[str, dict[int, list[str]]] = {}
    for item in plan.schedule:
        if item.course is not None and item.therapy != chosen:
            courses.setdefault(item.therapy, {}).setdefault(item.course, []).append(item.date)
    first = {therapy: next(iter(found.values())) for therapy, found in courses.items()}
    return [
        patient.knowledge.say("sum_course", name=patient.knowledge.name(t), dates=", ".join(dates)) for t, dates in first.items()
    ]


def _do(patient: Assessment, item: ActionItem) -> str:
    """What to do, and why where the sentence does not say it itself."""
    if item.text.endswith(".") or not item.because:
        return patient.knowledge.say("sum_do", text=item.text)
    return patient.knowledge.say("sum_do_why", text=item.text, why=item.because[0].text)


def _next_lines(plan: Plan, patient: Assessment) -> list[str]:
    k, found = patient.knowledge, plan.next
    if found is None:
        return []
    action = next(i for i in plan.actions if i.therapy == found.therapy and i.action == found.action)
    lines = [k.say("sum_next", action=action.text), k.say("sum_because", text=_why(plan, found))]
    mine = [i for i in plan.schedule if i.therapy == found.therapy and not i.hold_point]
    if not mine:
        return [*lines, k.say("sum_dose", text=action.dose or "")]
    dates = list(dict.fromkeys(i.date for i in mine))
    more = k.say("sum_more", count=len(dates) - _SHOWN) if len(dates) > _SHOWN else ""
    if mine[0].event == "course":
        lines.append(k.say("sum_dose", text=f"{action.dose}: {mine[0].arithmetic or mine[0].text}"))
        return [*lines, k.say("sum_dates", dates=", ".join(dates[:_SHOWN]), more=more)]
    lines.append(
        k.say("sum_dose", text=f"{action.dose}: {mine[0].arithmetic}" if mine[0].arithmetic else action.dose or mine[0].text)
    )
    steps = "; ".join(k.say("sum_step", date=i.date, dose=i.dose_text or i.text) for i in mine[:_SHOWN])
    return [*lines, k.say("sum_dates", dates=steps, more=more)]


def _why(plan: Plan, found: Next) -> str:
    """Why not what stands before it in its line; for the first of a line, why the line."""
    before = [o for o in plan.options if o.line == found.line]
    before = before[: [o.therapy for o in before].index(found.therapy)]
    reasons = [r.text for o in before for r in found.because if r.text.startswith(f"{o.name}:")]
    return " ".join(r[:1].upper() + r[1:] for r in reasons) if reasons else found.because[1].text


def _before_lines(plan: Plan, patient: Assessment) -> list[str]:
    k = patient.knowledge
    blocking = [b for b in plan.before_starting if b.blocks]
    signed = sum(b.kind == "sign_off" for b in blocking)
    items = ([k.say("sum_sign_off", count=signed)] if signed else []) + [b.what for b in blocking if b.kind != "sign_off"]
    return [k.say("sum_before", count=len(blocking), items=_listed(items, patient))] if blocking else []


def _listed(names: list[str], patient: Assessment) -> str:
    shown = "; ".join(n.rstrip(".") for n in names[:_SHOWN])
    rest = len(names) - _SHOWN
    return shown + (patient.knowledge.say("sum_and_more", count=rest) if rest > 0 else "")
