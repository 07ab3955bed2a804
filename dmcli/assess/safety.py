"""What speaks against each therapy for this patient, and what is missing to know it."""

from collections.abc import Container
from typing import Literal, NamedTuple

from dmcli.assess.checked import Checked
from dmcli.assess.history import History, class_closer
from dmcli.assess.limits import Reached
from dmcli.assess.objections import CAUTION, CONTRAINDICATION, FEASIBILITY, Kinds, Objections, objected
from dmcli.case.model import Case
from dmcli.knowledge.algorithm import Pair
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.model import Knowledge


class Safety(NamedTuple):
    """What speaks against one therapy: of the `objections` to every therapy its own rules, which hold or are open. `pairs`
    are (pair, running therapy or other drug), `stops` the stop limits a result of the running therapy is beyond,
    `confirmed` the ids of what the prescriber has agreed to; `ending`: it runs and ends by plan."""

    therapy: str
    objections: Objections
    pairs: tuple[tuple[Pair, str], ...] = ()
    stops: tuple[Reached, ...] = ()
    confirmed: frozenset[str] = frozenset()
    ending: bool = False

    @property
    def contraindications(self) -> tuple[Checked, ...]:
        return self.objections.of(self.therapy).contraindications

    @property
    def cautions(self) -> tuple[Checked, ...]:
        return self.objections.of(self.therapy).cautions

    @property
    def feasibility(self) -> tuple[Checked, ...]:
        return self.objections.of(self.therapy).feasibility

    @property
    def barred(self) -> bool:
        """Whether the therapy is known to be contraindicated now."""
        return (
            bool(self.stops)
            or self.objections.holds(self.therapy, CONTRAINDICATION)
            or (bool(self.pairs) and any(pair.effect == "excludes" for pair, _ in self.pairs))
        )

    @property
    def excluded(self) -> bool | None:
        """Whether the therapy is contraindicated now: True, False, or None where a fact is missing."""
        if self.barred:
            return True
        return None if any(checked.rule.unknown != "note" for checked in self.contraindications) else False

    @property
    def kinds(self) -> Kinds:
        """The contraindications, cautions and rules of feasibility."""
        return self.objections.of(self.therapy)

    @property
    def infeasible(self) -> bool:
        return self.objections.holds(self.therapy, FEASIBILITY)

    @property
    def severe(self) -> tuple[Checked, ...]:
        held = self.objections.holding(self.therapy, CAUTION)
        return tuple([c for c in held if c.rule.severity == "severe" and c.rule.id not in self.confirmed]) if held else ()

    @property
    def contraindicating(self) -> list[Checked]:
        """The contraindications that hold."""
        return self.objections.holding(self.therapy, CONTRAINDICATION)

    @property
    def hindering(self) -> list[Checked]:
        """What holds and makes the therapy not feasible."""
        return self.objections.holding(self.therapy, FEASIBILITY)

    @property
    def cautioning(self) -> list[Checked]:
        """The cautions that hold."""
        return self.objections.holding(self.therapy, CAUTION)

    @property
    def weighing(self) -> tuple[Checked, ...]:
        """The cautions that hold and that nobody has agreed to yet."""
        held = self.cautioning
        return tuple([c for c in held if c.rule.id not in self.confirmed]) if held else ()

    @property
    def to_confirm(self) -> tuple[tuple[Pair, str], ...]:
        """The pairs that the prescriber has to agree to, each with the partner."""
        return tuple((p, t) for p, t in self.pairs if p.effect == "sign_off" and p.id not in self.confirmed)


def objections(running: Container[str], scope: Scope, knowledge: Knowledge) -> dict[str, Safety]:
    """What speaks against every therapy by itself, whatever it would be given with."""
    found = objected(running, scope, knowledge)
    return {therapy: Safety(therapy, found) for therapy in knowledge.therapies}


def ruled_by_safety(safety: dict[str, Safety]) -> set[str]:
    """The therapies that something known may rule out: all others are neither contraindicated nor unfeasible."""
    return {t for t, one in safety.items() if one.pairs or one.stops}.union(_shared(safety).ruling_out())


def looked_at(safety: dict[str, Safety]) -> dict[str, list[Checked]]:
    """The rules of safety that hold or are open by therapy, of those that have some."""
    return _shared(safety).every()


def _shared(safety: dict[str, Safety]) -> Objections:
    """What speaks against every therapy by itself: all of one patient share it."""
    return next(iter(safety.values())).objections


def paired(alone: dict[str, Safety], partners: tuple[str, ...], knowledge: Knowledge) -> dict[str, Safety]:
    """The safety of every therapy beside the partners it would have."""
    prepared = knowledge.prepared
    known = prepared.pairs if prepared is not None and alone.keys() == prepared.therapies else None
    pairs: dict[str, list[tuple[Pair, str]]] = {}
    for other in partners:
        mine = known.get(other, {}) if known is not None else _pairs_with(other, knowledge)
        for therapy, with_other in mine.items():
            pairs.setdefault(therapy, []).extend([(pair, other) for pair in with_other])
    return {**alone, **{t: alone[t]._replace(pairs=tuple(found)) for t, found in pairs.items()}}


def _pairs_with(other: str, knowledge: Knowledge) -> dict[str, list[Pair]]:
    """The pairs of each therapy with a partner."""
    about = knowledge.about
    found = {therapy: [pair for pair, others in about[therapy].pairs if other in others] for therapy in knowledge.therapies}
    return {therapy: pairs for therapy, pairs in found.items() if pairs}


def ruled_out(
    therapy: str, safety: Safety, case: Case, history: History, knowledge: Knowledge
) -> Literal["contraindicated", "declined", "not_feasible"] | None:
    """Why a therapy cannot be given to this patient, whatever it could do, the strongest reason first; None where it can."""
    if safety.barred or history.verdict(therapy) == "contraindicated":
        return "contraindicated"
    if history.closing and class_closer(history, therapy, knowledge) is not None:
        return "contraindicated"
    if therapy in case.declined:
        return "declined"
    return "not_feasible" if safety.infeasible else None


def on_board(case: Case, knowledge: Knowledge) -> tuple[str, ...]:
    """Every therapy of the catalogue that is running, whatever it is given for."""
    running = [c.therapy for c in case.courses if c.running]
    others = [d.known for d in case.other_drugs or () if d.known in knowledge.planned]
    running += others
    return tuple(dict.fromkeys(running))


def other_drugs(case: Case, knowledge: Knowledge) -> tuple[str, ...]:
    """Every known drug on board that is not a therapy of the catalogue."""
    known = (d.known for d in case.other_drugs or ())
    return tuple(dict.fromkeys(name for name in known if name in knowledge.catalogue.substances))
