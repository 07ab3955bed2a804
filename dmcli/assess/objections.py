"""The rules that speak against each therapy by itself, whatever it would be given with."""

from collections.abc import Callable, Collection, Container
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from dmcli.assess.checked import Checked
from dmcli.knowledge.evaluate import Scope, Value
from dmcli.knowledge.found import Found
from dmcli.knowledge.model import Knowledge

if TYPE_CHECKING:
    from dmcli.knowledge.prepared import Prepared

CONTRAINDICATION, CAUTION, FEASIBILITY = range(3)
_Numbered = tuple[int, Checked]
# The number of a rule, a therapy that it is about, whether it is about its start alone, and the rule.
_Placed = tuple[int, str, bool, Checked]


class Kinds(NamedTuple):
    """The rules of one therapy that hold or are open, each kind in the order of the knowledge."""

    contraindications: tuple[Checked, ...] = ()
    cautions: tuple[Checked, ...] = ()
    feasibility: tuple[Checked, ...] = ()


_NONE = Kinds()
_number: Callable[[tuple[Any, ...]], int] = itemgetter(0)


class Objections:
    """What speaks against every therapy of one patient, looked at when somebody asks for it; rules that are false are left
    out."""

    __slots__ = ("_every", "_kinds", "knowledge", "running", "scope")

    def __init__(self, running: Container[str], scope: Scope, knowledge: Knowledge) -> None:
        self.running, self.scope, self.knowledge = running, scope, knowledge
        self._kinds: dict[str, Kinds] = {}
        self._every: dict[str, list[Checked]] | None = None

    def of(self, therapy: str) -> Kinds:
        """Every rule of a therapy that holds or is open."""
        kinds = self._kinds.get(therapy)
        if kinds is None:
            kinds = self._kinds[therapy] = self._looked_at(therapy)
        return kinds

    def every(self) -> dict[str, list[Checked]]:
        """Every rule that holds or is open, by therapy, of all kinds in their order."""
        if self._every is None:
            self._every = self._by_therapy()
        return self._every

    def ruling_out(self) -> Collection[str]:
        """The therapies of which a contraindication holds, or what makes them unfeasible."""
        kinds = (CONTRAINDICATION, FEASIBILITY)
        return [therapy for therapy in self.knowledge.therapies if any(self.holds(therapy, kind) for kind in kinds)]

    def holds(self, therapy: str, kind: int) -> bool:
        """Whether some rule of a kind holds."""
        return bool(self.holding(therapy, kind))

    def holding(self, therapy: str, kind: int) -> list[Checked]:
        """The rules of a kind that hold."""
        return [checked for checked in self.of(therapy)[kind] if checked.value is True]

    def _by_therapy(self) -> dict[str, list[Checked]]:
        return {therapy: [rule for kind in self.of(therapy) for rule in kind] for therapy in self.knowledge.therapies}

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
        for rule in rules:
            value = knowledge.value(rule.when, scope)
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
        # Of each kind the number of a rule, its place among those of its condition, and the condition.
        self._holding: dict[str, tuple[list[tuple[int, int, str]], ...]] = {}
        for text, value in self._values.items():
            if value is True:
                self._hold(text)

    def _by_therapy(self) -> dict[str, list[Checked]]:
        placed: list[_Placed] = []
        for text in self._values:
            found = self._prepared.found(text, self.scope)
            placed += found.placed or self._place(text, found)
        placed.sort(key=_number)
        by_therapy: dict[str, list[Checked]] = {}
        for _, therapy, start_only, rule in placed:
            if not (start_only and therapy in self.running):
                if therapy not in by_therapy:
                    by_therapy[therapy] = []
                by_therapy[therapy].append(rule)
        return by_therapy

    def _place(self, text: str, found: Found) -> list[_Placed]:
        """The rules of a condition where they stand; kept with what was found, which is all of the patient that they tell."""
        placed: list[_Placed] = []
        for rule, start_only, places in self._prepared.places.get(text, ()):
            checked = Checked.resting_on(found, rule)
            placed += [(number, therapy, start_only, checked) for therapy, _, number in places]
        found.placed = placed
        return placed

    def ruling_out(self) -> Collection[str]:
        return [therapy for therapy, found in self._holding.items() if found[CONTRAINDICATION] or found[FEASIBILITY]]

    def holds(self, therapy: str, kind: int) -> bool:
        found = self._holding.get(therapy)
        return found is not None and bool(found[kind])

    def holding(self, therapy: str, kind: int) -> list[Checked]:
        found = self._holding.get(therapy)
        if found is None:
            return []
        return [self._of(text)[place] for _, place, text in sorted(found[kind])]

    def _hold(self, text: str) -> None:
        holding, running = self._holding, self.running
        for place, (_, start_only, places) in enumerate(self._prepared.places.get(text, ())):
            for therapy, kind, number in places:
                if not start_only or therapy not in running:
                    mine = holding.get(therapy)
                    if mine is None:
                        mine = holding[therapy] = ([], [], [])
                    mine[kind].append((number, place, text))

    def _of(self, text: str) -> list[Checked]:
        """The rules of a condition, which therapies share."""
        found = self._checked.get(text)
        if found is None:
            value, scope, knowledge = self._values[text], self.scope, self.knowledge
            rules = self._prepared.places.get(text, ())
            found = self._checked[text] = [Checked(rule, value, scope, knowledge) for rule, _, _ in rules]
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
