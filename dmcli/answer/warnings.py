"""Warnings: about what is taken now first, then what would change the answer, then the rest."""

from dmcli.answer.courses import disagreements
from dmcli.assess.assess import Assessment
from dmcli.assess.checked import Checked
from dmcli.assess.doses import present_dose
from dmcli.assess.maximum import passed_maximum
from dmcli.decide.decide import Decision
from dmcli.dose.wording import limit_text
from dmcli.knowledge.algorithm import Notice
from dmcli.knowledge.model import Knowledge
from dmcli.record import made_once
from dmcli.result.caveats import Warned


def warnings(patient: Assessment, decision: Decision, notices: tuple[Checked, ...]) -> tuple[Warned, ...]:
    """Every warning; notices that send somewhere stand first, what is only good to know last."""
    urgent, later = _of_notices(patient, decision, notices)
    return (
        *urgent,
        *_over_maximum(patient),
        *_unclear(patient),
        *_other_drugs(patient),
        *_stale(patient),
        *disagreements(patient),
        *later,
        *_red_flags(patient),
    )


def _of_notices(patient: Assessment, decision: Decision, notices: tuple[Checked, ...]) -> tuple[list[Warned], list[Warned]]:
    """The notices that hold, for therapies that run or are next: those that refer, then the others."""
    about = {*(c.therapy for c in patient.case.courses if c.running), *([decision.chosen] if decision.chosen else [])}
    urgent: list[Warned] = []
    later: list[Warned] = []
    for notice in [c.rule for c in notices if c.value is True]:
        if not notice.targets or any(patient.knowledge.concerns(notice.targets, therapy) for therapy in about):
            (urgent if notice.refer else later).append(_of_notice(notice))
    return urgent, later


def _of_notice(notice: Notice) -> Warned:
    return made_once(notice, "warned", lambda: Warned(notice.code, notice.text, notice.sources))


def _other_drugs(patient: Assessment) -> list[Warned]:
    """Drugs that are not known, and therapies that stand among the other drugs."""
    k, found = patient.knowledge, []
    outside = dict.fromkeys(c.therapy for c in patient.case.courses if c.running and c.name is not None)
    for name in (n for n in outside if n not in k.catalogue.substances):
        found.append(Warned("unknown_drug", k.algorithm.statements["unknown_drug"].text.format(name=name), ()))
    for drug in patient.case.other_drugs or ():
        if drug.known in k.therapies and k.therapies[drug.known].line in k.algorithm.advanced:
            text = k.algorithm.statements["therapy_among_other_drugs"].text.format(name=k.therapies[drug.known].name)
            found.append(Warned("therapy_among_other_drugs", text, ()))
        if drug.known is None:
            found.append(Warned("unknown_drug", k.algorithm.statements["unknown_drug"].text.format(name=drug.name), ()))
    return found


def _stale(patient: Assessment) -> list[Warned]:
    """Values that are too old to count, those of one age together."""
    ages: dict[tuple[int, int], list[str]] = {}
    for stale in patient.facts.stale:
        ages.setdefault((stale.weeks, stale.shelf_weeks), []).append(patient.knowledge.fact_name(stale.fact))
    said = patient.knowledge.algorithm.statements["stale_value"].text
    return [
        Warned("stale_value", said.format(name=", ".join(names), weeks=weeks, limit=limit), ())
        for (weeks, limit), names in ages.items()
    ]


def _red_flags(patient: Assessment) -> list[Warned]:
    """The red flags that the case does not state."""
    known, group = patient.facts.values, patient.knowledge.algorithm.roles.red_flags
    open_ = tuple([flag for flag in patient.knowledge.fact_groups.get(group, ()) if flag not in known])
    return [patient.knowledge.once(("red flags", open_), lambda: _open_flags(open_, patient.knowledge))] if open_ else []


def _open_flags(flags: tuple[str, ...], knowledge: Knowledge) -> Warned:
    said, names = knowledge.algorithm.statements["red_flags_open"], ", ".join(knowledge.facts[flag].name for flag in flags)
    return Warned("red_flags_not_stated", said.text.format(names=names), said.sources)


def _over_maximum(patient: Assessment) -> list[Warned]:
    """Stated doses above a maximum of their therapy."""
    said = patient.knowledge.algorithm.statements["over_maximum"]
    found = []
    for course in patient.case.courses:
        therapy, dose = patient.knowledge.therapies[course.therapy], present_dose(course)
        passed = passed_maximum(patient, therapy, dose) if dose is not None else None
        if dose is not None and passed is not None:
            shown = limit_text(patient.knowledge, passed.limit)
            text, past = (
                said.text.format(name=therapy.name, dose=dose.text, max=shown),
                None if course.running else course.therapy,
            )
            found.append(Warned("dose_above_maximum", text, (), past))
    return found


def _unclear(patient: Assessment) -> list[Warned]:
    """Doses that were not understood and count as not known."""
    said = patient.knowledge.algorithm.statements["dose_not_understood"].text
    doses = dict.fromkeys((patient.knowledge.name(c.therapy), dose) for c in patient.case.courses for dose in c.unclear)
    return [Warned("dose_not_understood", said.format(name=name, dose=dose), ()) for name, dose in doses]
