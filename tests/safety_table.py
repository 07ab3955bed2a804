"""`safety_limits.yaml`, the table of limits written from the specification: its lines, and a patient on either side of
each figure."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from conftest import as_yaml
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.limits import TIERS
from dmcli.knowledge.model import Knowledge

Line = dict[str, Any]
Atoms = frozenset[str]


def table(name: str) -> Any:
    """A table that stands beside this file."""
    return as_yaml((Path(__file__).parent / name).read_text(encoding="utf-8"))


_TABLE: dict[str, Any] = table("safety_limits.yaml")
_COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_COURSE = "course:"
_DRUG, _UNKNOWN = "drug:", "unknown "
# A member of a group of other drugs, or the drug itself.
_TAKEN_WITH = {
    "trimethoprim_antifolate": "trimethoprim",
    "xanthine_oxidase_inhibitors": "allopurinol",
    "cyclosporine_barred_statins": "simvastatin",
    "cyclosporine_barred_drugs": "dabigatran",
    "qt_prolonging_drugs": "citalopram",
    "strong_cyp3a4_inhibitors": "ketoconazole",
}
# What a condition says beside its figure: whether ALT counts for the liver, and what is known at all.
_BESIDE = ("liver_counts", "ggt_raised")
# A healthy adult before the drug, for what is a change since then; and values that stand for another.
_THEN = {"creatinine": 70.0, "hemoglobin": 14.0, "wbc": 6.0, "neutrophils": 3.0, "platelets": 250.0}
_MEASURED = {"transaminase_times_uln": ("alt", 40.0), "bilirubin_times_uln": ("bilirubin", 20.0), "clearance": ("egfr", 1.0)}
# How a drug is taken that is meant once a week: beyond the figure, and not.
_TAKEN = {"doses_a_week": ("2.5 mg daily", "2.5 mg weekly"), "weekly_dose": ("51 mg weekly", "50 mg weekly")}
# ALT stands for the higher of ALT and AST, as a figure and as a multiple.
_ANALYTES = {"alt": "transaminase", "transaminase_times_uln": "transaminase"}
_TWO_LINES = {"hemoglobin": 9.9, "wbc": 3.4}
_KIN = {
    "thrombosis_recent": {"thrombosis_history": True},
    "cardiovascular_event_recent": {"cardiovascular_history": True},
    "planning_pregnancy": {"childbearing_potential": True},
    "pregnancy": {"childbearing_potential": True},
    "pregnancy_possible_24_months": {"childbearing_potential": True},
    "heart_failure_severe": {"heart_failure": True},
}


class Pinned(NamedTuple):
    """A line of the table: `tier` is one of the four or `start`, `about` the value it speaks of first, `says` its
    alternatives as sets of what must hold."""

    tier: str
    about: str
    says: frozenset[Atoms]
    confirmed: bool
    place: str


def pinned(therapy: str) -> list[Pinned]:
    """The lines that hold for a therapy: its own, and of the general ones those whose value and tier it has no line for."""
    own = [_line(entry) for entry in _TABLE["drugs"].get(therapy, [])]
    taken = {(line.tier, line.about) for line in own}
    harms = [harm for harm in _TABLE["harms"].values() if therapy in harm["members"]]
    general = [_line(entry) for harm in harms for entry in harm["limits"]]
    return [*own, *(line for line in general if (line.tier, line.about) not in taken)]


def differences(therapy: str, knowledge: Knowledge) -> tuple[set[str], set[str]]:
    """The limits of the data that the table lacks, and the lines of the table that the data lack."""
    limits = knowledge.limits
    running = [(a.limit.tier, a.limit.confirmed, a.limit) for a in limits.limits[therapy]]
    starts = [("start", False, limit) for limit in limits.start[therapy]]
    data = {
        (tier, confirmed, says(knowledge.tree(limit.when), therapy)): limit.id for tier, confirmed, limit in (*running, *starts)
    }
    table = {(line.tier, line.confirmed, line.says): line.place for line in pinned(therapy)}
    return {data[key] for key in data.keys() - table.keys()}, {table[key] for key in table.keys() - data.keys()}


def therapies() -> list[str]:
    """Every therapy that the table has a line for."""
    return sorted({*_TABLE["drugs"], *(member for harm in _TABLE["harms"].values() for member in harm["members"])})


def _line(entry: dict[str, Any]) -> Pinned:
    (tier,) = set(entry) - {"from", "confirmed"}
    text = " ".join(entry[tier].split())
    denied = re.search(r"not (\w+)", text)
    about = denied.group(1) if denied else _ANALYTES.get(text.split()[0], text.split()[0])
    says = frozenset(_written(part.split(" and ")) for part in text.split(" or "))
    return Pinned(tier, about, says, entry.get("confirmed", False), entry["from"])


def _written(atoms: list[str]) -> Atoms:
    """Figures as numbers, so that 6 and 6.0 are the same."""
    return frozenset(" ".join((*parts[:2], f"{float(parts[2]):g}")) if len(parts := a.split()) == 3 else a for a in atoms)


def says(node: Node, therapy: str) -> frozenset[Atoms]:
    """What a condition of the data about a therapy says, in the words of the table."""
    return frozenset(_alternatives(node, therapy))


def _alternatives(node: Node, therapy: str) -> list[Atoms]:
    if node.kind == "or":
        return [found for part in node.args for found in _alternatives(part, therapy)]
    if node.kind == "and":
        found: list[Atoms] = [frozenset()]
        for part in node.args:
            found = [one | other for one in found for other in _alternatives(part, therapy)]
        return found
    return [frozenset(_atom(node, therapy))]


def _atom(node: Node, therapy: str) -> list[str]:
    if node.kind in _COMPARISONS:
        return [f"{node.args[0].value} {_COMPARISONS[node.kind]} {float(node.args[1].value):g}"]
    if node.kind == "fact":
        return [] if node.value in _BESIDE else [node.value]
    if node.kind == "not" and node.args[0].kind == "fact":
        return [f"not {node.args[0].value}"]
    if node.kind == "not" and node.args[0].value == "known":
        fact = _argument(node.args[0].args[0])
        return [] if fact in _BESIDE else [f"{_UNKNOWN}{fact}"]
    if node.kind == "call" and node.value == "on_treatment":
        return [str(_argument(node.args[0]))]
    if node.kind == "call" and node.value == "reacted":
        drug, reason = (str(_argument(argument)) for argument in node.args)
        return [f"{_COURSE} {reason}" if drug == therapy else f"{_COURSE} {reason} of {drug}"]
    if node.kind == "call" and node.value == "taking":
        return [f"{_DRUG} {_argument(node.args[0])}"]
    return []


def _argument(argument: Any) -> Any:
    return argument if isinstance(argument, str) else argument.value


def patients(therapy: str, base: dict[str, Any]) -> Iterator[tuple[str, Line]]:
    """For each line of a therapy the last patient whom it concerns and the first whom it does not, each with the tier
    that the whole table gives: `calm` where none is reached; `start` lines give `start` and `free`."""
    lines = pinned(therapy)
    seen = set()
    for line in lines:
        for patient in _about(line):
            said = _expected(line, lines, patient, base)
            key = (said, repr(patient))
            if key not in seen:
                seen.add(key)
                yield said, patient
    for harm in _TABLE["harms"].values():
        if "two_lines" in harm and therapy in harm["members"]:
            yield harm["two_lines"], {"labs": _TWO_LINES}


def _about(line: Pinned) -> Iterator[Line]:
    for atoms in sorted(line.says, key=sorted):
        inside = _joined([_inside(atom) for atom in sorted(atoms)])
        yield _twice(inside) if line.confirmed else inside
        for atom in sorted(atoms):
            if len(atom.split()) == 3:
                yield _fallen(atom, _joined([_outside(other) if other == atom else _inside(other) for other in sorted(atoms)]))


def _fallen(varied: str, line: Line) -> Line:
    """With the count itself varied, a value before the drug from which it still has fallen by half."""
    count = varied.split()[0]
    return {**line, "then": {count: 2 * line["labs"][count]}} if count in line.get("then", {}) else line


def _joined(parts: list[Line]) -> Line:
    found: Line = {}
    for part in parts:
        found = {key: {**found.get(key, {}), **part.get(key, {})} for key in {*found, *part}}
    return {key: found[key] for key in sorted(found)}


def _twice(line: Line) -> Line:
    return {**line, "earlier": line["labs"]}


def _inside(atom: str) -> Line:
    if atom.startswith(_COURSE):
        return {"course": {"outcome": "intolerance", "reason": atom.removeprefix(_COURSE).strip()}}
    if atom.startswith(_DRUG):
        drug = atom.removeprefix(_DRUG).strip()
        return {"drugs": {_TAKEN_WITH.get(drug, drug): True}}
    if len(atom.split()) == 3:
        return _measured(atom, inside=True)
    if atom.startswith(_UNKNOWN):
        return {"facts": {atom.removeprefix(_UNKNOWN): None}}
    if atom.startswith("not "):
        return {"facts": {atom.removeprefix("not "): False}}
    # What only follows from other facts cannot be stated itself.
    stated = {} if atom.startswith("pregnancy_possible") else {atom: True}
    return {"facts": {**stated, **_KIN.get(atom, {})}}


def _outside(atom: str) -> Line:
    return _measured(atom, inside=False)


def _measured(atom: str, inside: bool) -> Line:
    fact, comparison, figure = atom.split()
    if fact in _TAKEN:
        return {"course": {"dose": _TAKEN[fact][0 if inside else 1]}}
    limit, above = float(figure), comparison in (">", ">=")
    step = 0.0 if inside == (comparison in ("<=", ">=")) else 0.1 if above == inside else -0.1
    for ending, sign in (("_rise", 1), ("_fall_percent", -1), ("_fall", 0)):
        if fact.endswith(ending) and (of := fact.removesuffix(ending)) in _THEN:
            was = _THEN[of]
            now = was - limit - step if sign == 0 else was * (1 + sign * (limit + step) / 100)
            return {"labs": {of: _short(now)}, "then": {of: _short(was)}}
    measured, times = _MEASURED.get(fact, (fact, 1.0))
    more = {"bilirubin_uln": 20} if measured == "bilirubin" else {}
    key = "facts" if fact.endswith("_pressure") else "labs"
    return {key: {measured: _short(limit * times + step), **more}}


def _short(value: float) -> float:
    return int(value) if float(value).is_integer() else round(value, 2)


def _expected(line: Pinned, lines: list[Pinned], patient: Line, base: dict[str, Any]) -> str:
    values = _known(patient, base)
    if line.tier == "start":
        met = any(_met(other, values) for other in lines if other.tier == "start")
        return "start" if met else "free"
    running = [other for other in lines if other.tier != "start" and (not other.confirmed or "earlier" in patient)]
    return max((other.tier for other in running if _met(other, values)), key=lambda tier: TIERS.index(tier), default="calm")  # type: ignore[call-overload]


def _met(line: Pinned, values: dict[str, Any]) -> bool:
    return any(all(_holds(atom, values) for atom in atoms) for atoms in line.says)


def _holds(atom: str, values: dict[str, Any]) -> bool:
    parts = atom.split()
    if atom.startswith(_UNKNOWN):
        return values.get(parts[1]) is None
    if len(parts) != 3:
        return not values.get(parts[1]) if parts[0] == "not" else bool(values.get(atom))
    value, limit = values.get(parts[0]), float(parts[2])
    if value is None:
        return False
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[parts[1]]


def _known(patient: Line, base: dict[str, Any]) -> dict[str, Any]:
    """The values of a patient by the names of the table, changes and multiples among them."""
    labs = {**base["labs"][0], **patient.get("labs", {})}
    values = {**base["facts"], "contraception": True, **labs, **patient.get("facts", {})}
    values["pregnancy_possible_24_months"] = values.get("childbearing_potential")
    for of, was in patient.get("then", {}).items():
        values[f"{of}_rise"] = round(100 * (labs[of] / was - 1), 3)
        values[f"{of}_fall"] = round(was - labs[of], 3)
        values[f"{of}_fall_percent"] = round(100 * (1 - labs[of] / was), 3)
    values["transaminase_times_uln"] = round(max(labs["alt"], labs["ast"]) / 40, 4)
    values["bilirubin_times_uln"] = labs["bilirubin"] / labs["bilirubin_uln"] if "bilirubin" in labs else 0
    values["clearance"] = labs["egfr"]
    values |= {f"{_DRUG} {group}": True for group, drug in _TAKEN_WITH.items() if drug in patient.get("drugs", {})}
    values |= {f"{_DRUG} {drug}": True for drug in patient.get("drugs", {})}
    course = patient.get("course", {})
    if "reason" in course:
        values[f"{_COURSE} {course['reason']}"] = True
    if "dose" in course:
        values["doses_a_week"] = 7 if course["dose"].endswith("daily") else 1
        values["weekly_dose"] = float(course["dose"].split()[0]) * values["doses_a_week"]
    return values
