"""What speaks against each therapy for this patient, and what is missing to know it."""

from typing import Any, NamedTuple

from dmcli.case.model import Case
from dmcli.dates import Days
from dmcli.evaluate import Finding, Scope, evaluate
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.statements import Rule


class Change(NamedTuple):
    """A change of a fact `of` since a therapy began, computed from two of its values, the second the newest."""

    fact: str
    of: str
    value: float
    baseline: float
    first: Days
    newest: float
    last: Days


class Fired(NamedTuple):
    """A rule with what came of it: True it holds, None it cannot be told; and the changes it rests on that were not
    stated but computed."""

    rule: Any
    finding: Finding
    changes: tuple[Change, ...] = ()


class Safety(NamedTuple):
    """Rules of one therapy that hold or are open. `pairs` are (pair, running therapy or other drug), `stops` the stop
    limits a result of the running therapy is beyond."""

    contraindications: tuple[Fired, ...]
    cautions: tuple[Fired, ...]
    feasibility: tuple[Fired, ...]
    pairs: tuple[tuple[Any, str], ...]
    stops: tuple[Fired, ...] = ()

    @property
    def excluded(self) -> bool | None:
        """Whether the therapy is contraindicated now: True, False, or None where a fact is missing."""
        if self.stops or any(f.finding.value is True for f in self.contraindications):
            return True
        if any(pair.effect == "excludes" for pair, _ in self.pairs):
            return True
        return None if any(f.rule.unknown != "note" for f in self.contraindications) else False

    @property
    def infeasible(self) -> tuple[Fired, ...]:
        return tuple(f for f in self.feasibility if f.finding.value is True)

    @property
    def blocked(self) -> tuple[Fired, ...]:
        return tuple(f for f in self.contraindications if f.finding.value is None and f.rule.unknown == "block")

    @property
    def severe(self) -> tuple[Fired, ...]:
        return tuple(f for f in self.cautions if f.finding.value is True and f.rule.severity == "severe")


def examine(therapy: str, partners: tuple[str, ...], scope: Scope, knowledge: Knowledge) -> Safety:
    """Evaluate every safety rule of one therapy, beside the partners it would have; rules that are false are left out."""
    entry, about = knowledge.therapies[therapy], knowledge.about[therapy]
    return Safety(
        contraindications=_fired((*entry.contraindications, *about.contraindications), scope, knowledge),
        cautions=_fired((*entry.cautions, *about.cautions), scope, knowledge),
        feasibility=_fired(about.feasibility, scope, knowledge),
        pairs=tuple((pair, other) for other in partners for pair, others in about.pairs if other in others),
    )


def _fired(rules: Any, scope: Scope, knowledge: Knowledge) -> tuple[Fired, ...]:
    found = (Fired(r, evaluate(knowledge.tree(r.when), scope)) for r in rules if isinstance(r, Rule))
    return tuple(f for f in found if f.finding.value is not False)


def on_board(case: Case, knowledge: Knowledge) -> tuple[str, ...]:
    """Every therapy of the catalogue that is running, whatever it is given for."""
    running = [c.therapy for c in case.courses if c.running]
    others = [d.known for d in case.other_drugs or () if d.known in knowledge.planned]
    running += others
    return tuple(dict.fromkeys(running))


def other_drugs(case: Case, knowledge: Knowledge) -> tuple[str, ...]:
    """Every known drug on board that is not a therapy of the catalogue."""
    known = (d.known for d in case.other_drugs or ())
    return tuple(dict.fromkeys(name for name in known if name in knowledge.regimens.substances))
