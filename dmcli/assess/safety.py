"""What speaks against each therapy for this patient, and what is missing to know it."""

from collections.abc import Container
from typing import Any, Literal, NamedTuple

from dmcli.assess.checked import Checked
from dmcli.assess.history import History, class_closer
from dmcli.assess.limits import Reached
from dmcli.case.model import Case
from dmcli.knowledge.algorithm import Pair
from dmcli.knowledge.evaluate import Scope
from dmcli.knowledge.model import Knowledge


class Safety(NamedTuple):
    """Rules of one therapy that hold or are open. `pairs` are (pair, running therapy or other drug), `stops` the stop
    limits a result of the running therapy is beyond, `confirmed` the ids of what the prescriber has agreed to;
    `ending`: it runs and ends by plan."""

    contraindications: tuple[Checked, ...]
    cautions: tuple[Checked, ...]
    feasibility: tuple[Checked, ...]
    pairs: tuple[tuple[Pair, str], ...]
    stops: tuple[Reached, ...] = ()
    confirmed: frozenset[str] = frozenset()
    ending: bool = False

    @property
    def excluded(self) -> bool | None:
        """Whether the therapy is contraindicated now: True, False, or None where a fact is missing."""
        if not (self.contraindications or self.pairs or self.stops):
            return False
        if self.stops:
            return True
        truth: bool | None = False
        for checked in self.contraindications:
            if checked.value is True:
                return True
            if checked.rule.unknown != "note":
                truth = None
        return True if any(pair.effect == "excludes" for pair, _ in self.pairs) else truth

    @property
    def kinds(self) -> tuple[tuple[Checked, ...], tuple[Checked, ...], tuple[Checked, ...]]:
        """The contraindications, cautions and rules of feasibility."""
        return self.contraindications, self.cautions, self.feasibility

    @property
    def silent(self) -> bool:
        """Whether nothing speaks against the therapy, and nothing is open."""
        return not (self.pairs or self.stops or any(self.kinds))

    @property
    def infeasible(self) -> tuple[Checked, ...]:
        return tuple([c for c in self.feasibility if c.value is True]) if self.feasibility else ()

    @property
    def severe(self) -> tuple[Checked, ...]:
        return tuple([c for c in self.weighing if c.rule.severity == "severe"]) if self.cautions else ()

    @property
    def weighing(self) -> tuple[Checked, ...]:
        """The cautions that hold and that nobody has agreed to yet."""
        return tuple([c for c in self.cautions if c.value is True and c.rule.id not in self.confirmed])

    @property
    def to_confirm(self) -> tuple[tuple[Pair, str], ...]:
        """The pairs that the prescriber has to agree to, each with the partner."""
        return tuple((p, t) for p, t in self.pairs if p.effect == "sign_off" and p.id not in self.confirmed)


_Numbered = tuple[int, Checked]
_UNOBJECTED = Safety((), (), (), ())


def objections(running: Container[str], scope: Scope, knowledge: Knowledge) -> dict[str, Safety]:
    """What speaks against every therapy by itself, whatever it would be given with."""
    prepared = knowledge.prepared
    if prepared is None or prepared.therapies != knowledge.therapies.keys():
        return {t: _examine(t, t in running, scope, knowledge) for t in knowledge.therapies}
    found: dict[str, tuple[list[_Numbered], list[_Numbered], list[_Numbered]]] = {}
    # Nearly all conditions are false, and most therapies have nothing that speaks against them.
    for text, value in prepared.of_safety(scope.facts.get, scope.functions):
        for rule, start_only, places in prepared.places.get(text, ()):
            checked = Checked(rule, value, scope, knowledge)
            for therapy, kind, number in places:
                if not start_only or therapy not in running:
                    if therapy not in found:
                        found[therapy] = ([], [], [])
                    found[therapy][kind].append((number, checked))
    safety = dict.fromkeys(knowledge.therapies, _UNOBJECTED)
    for therapy, (excluding, cautions, feasibility) in found.items():
        safety[therapy] = Safety(_in_order(excluding), _in_order(cautions), _in_order(feasibility), ())
    return safety


def paired(alone: dict[str, Safety], partners: tuple[str, ...], knowledge: Knowledge) -> dict[str, Safety]:
    """The safety of every therapy beside the partners it would have."""
    prepared = knowledge.prepared
    pairs: dict[str, list[tuple[Pair, str]]] = {}
    for other in partners:
        known = prepared is not None and alone.keys() == prepared.therapies
        mine = prepared.pairs.get(other, {}) if prepared is not None and known else _pairs_with(other, knowledge)
        for therapy, with_other in mine.items():
            pairs.setdefault(therapy, []).extend([(pair, other) for pair in with_other])
    return {**alone, **{t: alone[t]._replace(pairs=tuple(found)) for t, found in pairs.items()}}


def _pairs_with(other: str, knowledge: Knowledge) -> dict[str, list[Pair]]:
    """The pairs of each therapy with a partner."""
    about = knowledge.about
    found = {therapy: [pair for pair, others in about[therapy].pairs if other in others] for therapy in knowledge.therapies}
    return {therapy: pairs for therapy, pairs in found.items() if pairs}


def _in_order(found: list[_Numbered]) -> tuple[Checked, ...]:
    if len(found) > 1:
        found.sort(key=_number)
    return tuple([checked for _, checked in found])


def _number(found: _Numbered) -> int:
    return found[0]


def _examine(therapy: str, running: bool, scope: Scope, knowledge: Knowledge) -> Safety:
    """Evaluate every safety rule of one therapy; rules that are false are left out."""
    entry, about = knowledge.therapies[therapy], knowledge.about[therapy]
    excluding = (*entry.contraindications, *about.contraindications)
    return Safety(
        contraindications=_applying([rule for rule in excluding if not (running and rule.start_only)], scope, knowledge),
        cautions=_applying((*entry.cautions, *about.cautions), scope, knowledge),
        feasibility=_applying(about.feasibility, scope, knowledge),
        pairs=(),
    )


def _applying(rules: Any, scope: Scope, knowledge: Knowledge) -> tuple[Checked, ...]:
    known = scope.known or {}
    found = []
    for rule in rules:
        # Nearly all are known by now, and false.
        value = known[rule.when] if rule.when in known else knowledge.value(rule.when, scope)
        if value is not False:
            found.append(Checked(rule, value, scope, knowledge))
    return tuple(found)


def ruled_out(
    therapy: str, safety: Safety, case: Case, history: History, knowledge: Knowledge
) -> Literal["contraindicated", "declined", "not_feasible"] | None:
    """Why a therapy cannot be given to this patient, whatever it could do, the strongest reason first; None where it can."""
    if safety.excluded is True or history.verdict(therapy) == "contraindicated":
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
