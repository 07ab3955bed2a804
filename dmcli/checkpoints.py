"""When each therapy is judged, and before which day calling it a failure is premature."""

from datetime import date, timedelta

from dmcli.assess.assess import Assessment
from dmcli.decide.decide import Decision
from dmcli.knowledge.regimens import Trial
from dmcli.result import Checkpoint


def judgement_days(a: Assessment, therapy: str, day_zero: date) -> tuple[date, ...]:
    """The day a missing response counts, then the day a partial one does; empty without a trial."""
    trial = a.knowledge.therapies[therapy].trial
    if trial is None:
        return ()
    limits = [trial.no_response] + ([trial.some_response] if trial.some_response else [])
    return tuple(dict.fromkeys(day_zero + timedelta(weeks=limit.weeks) for limit in limits))


def build_checkpoints(a: Assessment, d: Decision, started: dict[str, date]) -> tuple[Checkpoint, ...]:
    """Checkpoints of the new therapy and of running ones that are not to be judged yet, in date order."""
    found: list[Checkpoint] = []
    for therapy, day_zero in started.items():
        trial = a.knowledge.therapies[therapy].trial
        if trial is None or (therapy != d.chosen and therapy != d.continued):
            continue
        days = judgement_days(a, therapy, day_zero)
        for number, day in enumerate(days):
            # What runs and is past its date is judged today.
            found.append(_checkpoint(a, therapy, trial, max(day, a.case.as_of), days[0], full=number > 0))
    return tuple(sorted(found, key=lambda c: c.date))


def _checkpoint(a: Assessment, therapy: str, trial: Trial, day: date, first: date, full: bool) -> Checkpoint:
    said = a.knowledge.algorithm.statements["judge_full" if full else "judge_response"]
    question = said.text.format(name=a.knowledge.therapies[therapy].name)
    return Checkpoint(day.isoformat(), therapy, question, first.isoformat(), trial.sources, trial.level)
