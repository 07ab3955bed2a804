"""The rules that speak against each therapy by itself, whatever it would be given with."""

from collections.abc import Collection, Container, Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from dmcli.assess.checked import Checked
from dmcli.knowledge.evaluate import Scope, Value
from dmcli.knowledge.model import Knowledge

if TYPE_CHECKING:
    from dmcli.knowledge.prepared import Prepared

CONTRAINDICATION, CAUTION, FEASIBILITY = range(3)
_Numbered = tuple[int, Checked]


class Kinds(NamedTuple):
    """The rules of one therapy that hold or are open, each kind in the order of the knowledge."""

    contraindications: tuple[Checked, ...] = ()
    cautions: tuple[Checked, ...] = ()
    feasibility: tuple[Checked, ...] = ()


_NONE = Kinds()
_number = itemgetter(0)


class Objections:
    """What speaks against every therapy of one patient, looked at when somebody asks for it; rules that are false are left
    out."""

    __slots__ = ("_kinds", "knowledge", "running", "scope")

    def __init__(self, running: Container[str], scope: Scope, knowledge: Knowledge) -> None:
        self.running, self.scope, self.knowledge = running, scope, knowledge
        self._kinds: dict[str, Kinds] = {}

    def of(self, therapy: str) -> Kinds:
        """Every rule of a therapy that holds or is open."""
        kinds = self._kinds.get(therapy)
        if kinds is None:
            kinds = self._kinds[therapy] = self._looked_at(therapy)
        return kinds

    def look_at_all(self) -> None:
        """Look at what speaks against every therapy, for whoever asks for all of it."""

    def ruling_out(self) -> Collection[str]:
        """The therapies of which a contraindication holds, or what makes them unfeasible."""
        kinds = (CONTRAINDICATION, FEASIBILITY)
        return [therapy for therapy in self.knowledge.therapies if any(self.holding(therapy, kind) for kind in kinds)]

    def holding(self, therapy: str, kind: int) -> list[Checked]:
        """The rules of a kind that hold."""
        return [checked for checked in self.of(therapy)[kind] if checked.value is True]

    def _looked_at(self, therapy: str) -> Kinds:
        entry, about = self.knowledge.therapies[therapy], self.knowledge.about[therapy]
        excluding = (*entry.contraindications, *about.contraindications)
        running = therapy in self.running
        return Kinds(
            contraindications=self._applying([rule for rule in excluding if not (running and rule.start_only)]),
            cautions=self._applying((*entry.cautions, *about.cautions)),
            feasibility=self._applying(about.feasibility),
        )

    def _applying(self, rules: Any) -> tuple[Checked, ...]:
        scope, knowledge, found = self.scope, self.knowledge, []
        known = scope.known or {}
        for rule in rules:
            # Nearly all are known by now, and false.
            value = known[rule.when] if rule.when in known else knowledge.value(rule.when, scope)
            if value is not False:
                found.append(Checked(rule, value, scope, knowledge))
        return tuple(found)


class PreparedObjections(Objections):
    """The same with all conditions asked at once: of most therapies nobody asks more than what holds, which is little."""

    __slots__ = ("_checked", "_holding", "_prepared", "_values")

    def __init__(self, running: Container[str], scope: Scope, knowledge: Knowledge, prepared: "Prepared") -> None:
        super().__init__(running, scope, knowledge)
        self._prepared = prepared
        self._values: dict[str, Value] = dict(prepared.of_safety(scope.facts.get, scope.functions))
        self._checked: dict[str, list[Checked]] = {}
        self._holding = self._placed([text for text, value in self._values.items() if value is True])

    def look_at_all(self) -> None:
        for text in self._values:
            # What its rules rest on is the same for each of them.
            first, *others = self._of(text)
            for checked in others:
                checked.rest_on(first.found)
        self._kinds = dict.fromkeys(self.knowledge.therapies, _NONE)
        for therapy, found in self._placed(self._values).items():
            self._kinds[therapy] = Kinds(*[tuple(_in_order(numbered)) for numbered in found])

    def ruling_out(self) -> Collection[str]:
        return [therapy for therapy, found in self._holding.items() if found[CONTRAINDICATION] or found[FEASIBILITY]]

    def holding(self, therapy: str, kind: int) -> list[Checked]:
        found = self._holding.get(therapy)
        return _in_order(found[kind]) if found is not None else []

    def _placed(self, texts: Iterable[str]) -> dict[str, tuple[list[_Numbered], ...]]:
        """The rules of some conditions by therapy and kind, each with its number there."""
        found: dict[str, tuple[list[_Numbered], ...]] = {}
        places, running = self._prepared.places, self.running
        for text in texts:
            for (_, start_only, mine), checked in zip(places.get(text, ()), self._of(text), strict=True):
                for therapy, kind, number in mine:
                    if not start_only or therapy not in running:
                        if therapy not in found:
                            found[therapy] = ([], [], [])
                        found[therapy][kind].append((number, checked))
        return found

    def _of(self, text: str) -> list[Checked]:
        """The rules of a condition, which therapies share."""
        found = self._checked.get(text)
        if found is None:
            value, scope, knowledge = self._values[text], self.scope, self.knowledge
            rules = self._prepared.places.get(text, ())
            found = self._checked[text] = [Checked(objection.rule, value, scope, knowledge) for objection in rules]
        return found

    def _looked_at(self, therapy: str) -> Kinds:
        mine = self._prepared.against[therapy]
        texts = mine.keys() & self._values.keys()
        if not texts:
            return _NONE
        found: tuple[list[_Numbered], ...] = ([], [], [])
        running = therapy in self.running
        for text in texts:
            rules = self._of(text)
            for place, start_only, kind, number in mine[text]:
                if not (start_only and running):
                    found[kind].append((number, rules[place]))
        return Kinds(*[tuple(_in_order(numbered)) for numbered in found])


def objected(running: Container[str], scope: Scope, knowledge: Knowledge) -> Objections:
    """What speaks against every therapy of the knowledge."""
    prepared = knowledge.prepared
    if prepared is None or prepared.therapies != knowledge.therapies.keys():
        return Objections(running, scope, knowledge)
    return PreparedObjections(running, scope, knowledge, prepared)


def _in_order(found: list[_Numbered]) -> list[Checked]:
    if len(found) > 1:
        found.sort(key=_number)
    return [checked for _, checked in found]
