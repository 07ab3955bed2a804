"""Where the rules of safety stand: by their condition, which several share, and by therapy."""

from collections.abc import Mapping
from itertools import count
from typing import Any, NamedTuple

from dmcli.knowledge.files import Catalogue
from dmcli.knowledge.statements import Rule
from dmcli.knowledge.tables import About


class Objection(NamedTuple):
    """A rule of safety, whether it is about a start alone, and where it stands: for each therapy the kind of rule (0
    contraindication, 1 caution, 2 feasibility), and its number among all."""

    rule: Any
    start_only: bool
    places: tuple[tuple[str, int, int], ...]


class Against(NamedTuple):
    """A rule of safety of one therapy: its place among those of its condition, whether it is about a start alone, its kind
    and its number."""

    place: int
    start_only: bool
    kind: int
    number: int


def places_of(catalogue: Catalogue, about: Mapping[str, About]) -> dict[str, tuple[Objection, ...]]:
    """The rules of safety by their condition."""
    found: dict[str, dict[Rule, list[tuple[str, int, int]]]] = {}
    numbers = count()
    for therapy, entry in catalogue.therapies.items():
        own = about[therapy]
        kinds: tuple[tuple[Rule, ...], ...] = (
            (*entry.contraindications, *own.contraindications),
            (*entry.cautions, *own.cautions),
            own.feasibility,
        )
        for kind, rules in enumerate(kinds):
            for rule in rules:
                found.setdefault(rule.when, {}).setdefault(rule, []).append((therapy, kind, next(numbers)))
    return {
        text: tuple([Objection(rule, getattr(rule, "start_only", False), tuple(places)) for rule, places in rules.items()])
        for text, rules in found.items()
    }


def against_of(places: Mapping[str, tuple[Objection, ...]], catalogue: Catalogue) -> dict[str, dict[str, tuple[Against, ...]]]:
    """The rules of safety of each therapy by their condition."""
    found: dict[str, dict[str, tuple[Against, ...]]] = {therapy: {} for therapy in catalogue.therapies}
    for text, objections in places.items():
        for place, (_, start_only, mine) in enumerate(objections):
            for therapy, kind, number in mine:
                found[therapy][text] = (*found[therapy].get(text, ()), Against(place, start_only, kind, number))
    return found
