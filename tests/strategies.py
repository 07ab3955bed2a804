"""Hypothesis strategies: whole valid case documents, made from the vocabulary of the knowledge itself.

Nothing here names a fact's meaning. Numbers are taken around the thresholds that the conditions of the
knowledge hold, durations around its trials and shelf lives, names from its catalogue and its synonyms; the
starting points are those of `cases/bases.yaml`. Whatever two statements of a case may not say together is
mended while the case is made; a contradiction that only the knowledge knows is discarded by who plans it.
"""

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from dmcli import yamlfile
from dmcli.case import shape
from dmcli.knowledge.codes import OUTCOMES, RELAPSES, SCOPES
from dmcli.knowledge.conditions import Node, facts_of
from dmcli.knowledge.model import Knowledge
from dmcli.knowledge.tables import plain

Document = dict[str, Any]
AS_OF = date(2026, 12, 1)
BASES: dict[str, Document] = yamlfile.parse(
    (Path(__file__).parent / "cases" / "bases.yaml").read_text(encoding="utf-8"), "bases.yaml"
).data
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_RHYTHMS = {1: "daily", 7: "weekly", 28: "every 4 weeks"}
# Days ago that matter to some rule: shelf lives of 4, 13, 26 and 52 weeks and half a year, each side of them.
_AGES = (0, 1, 27, 28, 29, 90, 91, 92, 181, 182, 183, 188, 189, 364, 365, 800)
_STRANGE_DRUGS = ("vitamin D", "Salbe ohne Namen", "[bold]x[/bold]", "=1+1", "\u202ereversed", "{name}", "naïve 5 %")
_FAILED: tuple[Document, ...] = (
    {"weeks": 40, "outcome": "inadequate", "trial_accepted": True},
    {"weeks": 40, "outcome": "inadequate"},
    {"outcome": "intolerance"},
    {"weeks": 40, "outcome": "partial", "running": False},
    {"weeks": 40, "outcome": "relapse", "relapse": {"after": "on_therapy"}},
)


class Words:
    """What the knowledge lets a case say, with the numbers its conditions ask about."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.facts = knowledge.facts
        deciding = (*knowledge.algorithm.statuses, *knowledge.algorithm.moves, *knowledge.algorithm.feasibility)
        self.deciding = sorted({f for rule in deciding for f in facts_of(knowledge.tree(rule.when)) if f in self.facts})
        self.ladder = tuple(m for line in knowledge.algorithm.lines for m in line.members)
        # The entry of what is outside the catalogue needs a name.
        self.therapies = tuple(t for t, entry in knowledge.therapies.items() if not entry.recorded)
        self.limits: dict[str, set[float]] = {}
        for tree in knowledge.trees.values():
            for asked, limit in _limits(tree):
                self.limits.setdefault(asked, set()).add(limit)
        for rule in knowledge.algorithm.derived:
            # A derived name that only repeats a fact hands its limits on to that fact.
            for fact in _facts(knowledge.tree(rule.value)):
                self.limits.setdefault(fact, set()).update(self.limits.get(rule.fact, ()))
        self.numbers = {name: self._numbers(name) for name, fact in self.facts.items() if fact.type == "number"}
        drugs = (*knowledge.catalogue.substances, *knowledge.catalogue.substance_groups, *self.therapies)
        self.drugs = (*drugs, *_STRANGE_DRUGS)
        self.days = {t: self._days(t) for t in self.therapies}
        self.doses = {t: self._doses(t) for t in self.therapies}
        codes = knowledge.codes
        self.details: dict[str, SearchStrategy[Any]] = {
            "indication": st.sampled_from(list(codes.indications)),
            "scope": st.sampled_from(SCOPES),
            "reason": st.sampled_from(list(codes.harms)),
            "stop_reason": st.sampled_from(list(codes.stop_reasons)),
            "dose_limit": st.sampled_from(list(codes.dose_limits)),
            "trial_accepted": st.booleans(),
            "running": st.booleans(),
            "courses": st.integers(0, 8),
            "interval_weeks": st.integers(1, 12),
            "last_held_interval_weeks": st.integers(1, 12),
        }

    def _numbers(self, name: str) -> tuple[float, ...]:
        """Each side of every threshold of a fact, its bounds and its middle, all within its range."""
        fact = self.facts[name]
        low, high = fact.min if fact.min is not None else 0.0, fact.max if fact.max is not None else 1000.0
        around = {round(limit + step, 2) for limit in self.limits.get(name, ()) for step in (-1, -0.1, 0, 0.1, 1)}
        return tuple(sorted(v for v in {*around, low, high, round((low + high) / 2)} if low <= v <= high))

    def _days(self, therapy: str) -> tuple[int, ...]:
        """Durations each side of the minimum trials of a therapy."""
        trial = self.knowledge.therapies[therapy].trial
        weeks = [limit.weeks for limit in (trial.no_response, trial.some_response) if limit] if trial else [12]
        return tuple(sorted({0, 400, *(7 * w + step for w in weeks for step in (-1, 0, 1))}))

    def _doses(self, therapy: str) -> tuple[str, ...]:
        """Doses each side of the minimum of a trial, of the maximum, and of what a rule asks of the weekly dose."""
        entry = self.knowledge.therapies[therapy]
        found = []
        for limit in (entry.trial.dose if entry.trial else None, entry.max_dose):
            if limit is not None:
                found += [_dose(limit.amount * factor, limit.unit, limit.per_days) for factor in (0.5, 0.99, 1, 1.5)]
        found += [_dose(limit + step, "mg", 7) for limit in self.limits.get(f"weekly_dose({therapy})", ()) for step in (-1, 0, 1)]
        return tuple(dict.fromkeys(found)) or ("100 mg daily", "1 g/kg every 4 weeks", "20 mg twice daily")

    def enough(self, therapy: str) -> str:
        """A dose at which a trial counts."""
        trial = self.knowledge.therapies[therapy].trial
        limit = trial.dose if trial else None
        return _dose(limit.amount, limit.unit, limit.per_days) if limit else self.doses[therapy][-1]


def _dose(amount: float, unit: str, per_days: int) -> str:
    return f"{amount:g} {unit} {_RHYTHMS.get(per_days, f'every {per_days} days')}"


def _limits(node: Node) -> Iterator[tuple[str, float]]:
    """Every number that a fact, or a function of one name, is compared with."""
    if node.kind in _COMPARISONS:
        for asked, limit in (node.args, node.args[::-1]):
            number = limit.value if limit.kind == "lit" else None
            if isinstance(number, (int, float)) and not isinstance(number, bool):
                yield from ((name, float(number)) for name in _asked(asked))
    for arg in node.args:
        yield from _limits(arg)


def _asked(node: Node) -> list[str]:
    if node.kind == "call":
        return [f"{node.value}({', '.join(str(a.value) for a in node.args)})"]
    return [str(node.value)] if node.kind == "fact" else []


def _facts(node: Node) -> set[str]:
    return {str(node.value)} if node.kind == "fact" else set()


# --- dates -------------------------------------------------------------------------------------------


def written_date(draw: DrawFn, as_of: date, ago: int, coarse: bool = True) -> str:
    """A day as a case may write it: exact, counted back, or as coarse as its month or year."""
    forms = ("day", "ago", "day", "month", "year") if coarse else ("day", "ago")
    form = draw(st.sampled_from(forms))
    day = as_of - timedelta(days=ago)
    if form == "ago":
        return f"-{ago // 7}w" if ago % 7 == 0 else f"-{ago}d"
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[form]]


# --- facts -------------------------------------------------------------------------------------------


def values(words: Words, name: str) -> SearchStrategy[Any]:
    """Every kind of value a fact may have."""
    fact = words.facts[name]
    if fact.type == "boolean":
        return st.sampled_from((True, False, True, False, "yes", "no", "unknown"))
    if fact.type == "code":
        return st.sampled_from((*fact.codes, "unknown"))
    low, high = fact.min if fact.min is not None else 0.0, fact.max if fact.max is not None else 1000.0
    anywhere = st.integers(int(low * 10) + 1, int(high * 10)).map(lambda v: v / 10)
    return st.one_of(st.sampled_from(words.numbers[name]), anywhere) if words.numbers[name] else anywhere


def _said(document: Document, words: Words) -> Iterator[tuple[Document, str, str]]:
    """Every statement of a fact: the mapping it stands in, its key there, and the fact."""
    synonyms = {spelt: name for name, fact in words.facts.items() for spelt in (name, *fact.synonyms)}
    keys = dict.fromkeys((*shape.SECTIONS, "facts"), synonyms) | {shape.PREFIXED: shape.prefixed_facts(words.knowledge)}
    for section, names in keys.items():
        entries = document.get(section) or ()
        for entry in (entries,) if isinstance(entries, dict) else entries:
            yield from ((entry, key, names[key]) for key in list(entry) if key in names)


def forget(document: Document, name: str, words: Words) -> None:
    """Take a fact out of every section, whatever it is called there."""
    for entry, key, fact in _said(document, words):
        if fact == name:
            del entry[key]


def stated(document: Document, words: Words) -> list[str]:
    """The facts a document states, in the order of the vocabulary."""
    said = {fact for _, _, fact in _said(document, words)}
    return [name for name in words.facts if name in said]


def put(document: Document, name: str, value: Any, words: Words) -> None:
    """State a fact, undated, in place of whatever was said of it."""
    forget(document, name, words)
    document.setdefault("facts", {})[name] = value


def _state(draw: DrawFn, document: Document, name: str, words: Words, as_of: date, coarse: bool) -> None:
    """State a fact in one of the ways a case allows."""
    fact, value = words.facts[name], draw(values(words, name))
    form = draw(st.sampled_from(("plain", "plain", "dated", "entry")))
    section = next((s for s, groups in shape.SECTIONS.items() if fact.group in groups), "facts")
    if form == "plain":
        put(document, name, value, words)
        return
    day = written_date(draw, as_of, draw(st.sampled_from(_AGES)), coarse)
    if form == "entry" and section in shape.DATED:
        document.setdefault(section, []).append({"date": day, name: value})
        return
    forget(document, name, words)
    long: Document = {"value": value, "date": day}
    if fact.type == "number" and fact.unit and not fact.unit.startswith("{"):
        long["unit"] = fact.unit
    document.setdefault("facts" if section in shape.DATED else section, {})[name] = long


# --- courses -----------------------------------------------------------------------------------------


def _timing(draw: DrawFn, therapy: str, words: Words, as_of: date, coarse: bool) -> tuple[Document, int, int]:
    """When a course was, with the days ago of its start and its end."""
    kind = draw(st.sampled_from(("running", "running", "both", "weeks", "stop", "none")))
    lasted = draw(st.sampled_from(words.days[therapy]))
    if kind == "none":
        return {}, 0, 0
    if kind == "weeks":
        return {"weeks": lasted // 7}, 0, 0
    if kind == "running":
        return {"start": written_date(draw, as_of, lasted, coarse)}, lasted, 0
    ended = draw(st.sampled_from((0, 7, 100, 200)))
    stop = {"stop": written_date(draw, as_of, ended, coarse)}
    if kind == "stop":
        return stop, ended, ended
    return {"start": written_date(draw, as_of, lasted + ended, coarse), **stop}, lasted + ended, ended


def _given(draw: DrawFn, therapy: str, words: Words, as_of: date, began: int, ended: int, coarse: bool) -> list[Document]:
    """Doses of a course, each on a day within it, first to last."""
    ages = sorted(draw(st.lists(st.integers(ended, began), min_size=1, max_size=4)), reverse=True)
    found = []
    for ago in ages:
        entry = {"date": written_date(draw, as_of, ago, coarse)}
        if draw(st.booleans()):
            entry["dose"] = draw(st.sampled_from(words.doses[therapy]))
        found.append(entry)
    return found


def running(course: Document) -> bool:
    """Whether a course is taken now, as far as it tells by itself: it says so, has a start and no end, or looks back on
    nothing."""
    if course.get("running") is not None:
        return bool(course["running"])
    if any(course.get(key) is not None for key in ("stop", "stop_reason")):
        return False
    if any(course.get(key) for key in ("start", "given", "steps")):
        return course.get("weeks") is None
    return course.get("outcome") not in ("inadequate", "relapse", "contraindicated", "intolerance")


def _course(draw: DrawFn, words: Words, as_of: date, coarse: bool) -> Document:
    """Any course of any therapy that a case may state."""
    therapy = draw(st.one_of(st.sampled_from(words.ladder), st.sampled_from(words.therapies)))
    timing, began, ended = _timing(draw, therapy, words, as_of, coarse)
    course: Document = {"therapy": therapy, **timing}
    if draw(st.sampled_from((True, True, False))):
        course["outcome"] = draw(st.sampled_from(OUTCOMES))
    if draw(st.booleans()):
        course["dose"] = draw(st.sampled_from(words.doses[therapy]))
    for key in sorted(draw(st.sets(st.sampled_from((*words.details, "relapse", "steps", "given")), max_size=3))):
        if key == "relapse":
            ago = draw(st.integers(0, max(began, ended)))
            relapse = {"date": written_date(draw, as_of, ago, coarse), "after": draw(st.sampled_from(RELAPSES))}
            course["relapse"] = {k: relapse[k] for k in draw(st.sampled_from((("date",), ("after",), ("date", "after"))))}
        elif key in ("steps", "given"):
            course[key] = _given(draw, therapy, words, as_of, began, ended, coarse)
        else:
            course[key] = draw(words.details[key])
    return course


def _pair(draw: DrawFn, words: Words) -> list[Document]:
    """Two therapies that are not to run together, both running; other drugs are drawn apart."""
    groups = words.knowledge.groups
    both = [(groups[p.left], groups[p.right]) for p in words.knowledge.algorithm.pairs if {p.left, p.right} <= groups.keys()]
    sides = draw(st.sampled_from(both))
    return [{"therapy": draw(st.sampled_from(side))} for side in sides]


def _ladder(draw: DrawFn, words: Words) -> list[Document]:
    """The first therapies of the algorithm, each with a way of having failed, as far as one gets."""
    reached = draw(st.sampled_from((0, 1, 2, 4, 4, 5, 6, 7, 9, 12, 15, len(words.ladder))))
    short = draw(st.integers(0, 3 * len(words.ladder)))
    found = []
    for place, therapy in enumerate(words.ladder[:reached]):
        failed = {"weeks": 4, "outcome": "inadequate"} if place == short else draw(st.sampled_from(_FAILED))
        course = {"therapy": therapy, **copy.deepcopy(failed)}
        if course["outcome"] == "inadequate":
            course["dose"] = words.enough(therapy)
        found.append(course)
    return found


# --- whole documents ---------------------------------------------------------------------------------


def _mend(document: Document, words: Words) -> None:
    """Take back what a case may not say together with the rest of it."""
    names = words.knowledge.therapy_names
    where = {name: _latest(document, name, words) for name in ("sex", "skin_active", "subtype")}
    if where["sex"] == "male":
        for name in ("pregnancy", "planning_pregnancy"):
            if _latest(document, name, words) in (True, "yes"):
                put(document, name, False, words)
    if where["subtype"] == "amyopathic" and _latest(document, "muscle", words) in ("active", "refractory"):
        put(document, "muscle", "controlled", words)
    if where["skin_active"] in (False, "no"):
        forget(document, "cdasi_activity", words)
    declined = (document.get("access") or {}).get("declined") or []
    for drug in document.get("other_drugs") or ():
        taken = names.get(plain(drug if isinstance(drug, str) else drug["name"]))
        if taken in declined:
            declined.remove(taken)
    for course in document.get("treatments") or ():
        _mend_course(course)
        if not running(course):
            continue
        if course["therapy"] in declined:
            declined.remove(course["therapy"])
        if course.get("outcome") == "complete" and where["skin_active"] in (True, "yes"):
            course["outcome"] = "near_complete"


def _mend_course(course: Document) -> None:
    """Take back what one course may not say together."""
    if course.get("running") and ({"stop", "stop_reason"} & set(course) or {"start", "weeks"} <= set(course)):
        del course["running"]
    worked = course.get("outcome") in ("complete", "near_complete")
    if worked:
        course.pop("trial_accepted", None)
    clash = "failure" if worked else "remission" if course.get("outcome") == "inadequate" else None
    if clash is not None and course.get("stop_reason") == clash:
        course["stop_reason"] = "other"
    if course.get("outcome") == "inadequate":
        course.pop("relapse", None)


def _latest(document: Document, name: str, words: Words) -> Any:
    """What the last place says of a fact."""
    found = None
    for entry, key, fact in _said(document, words):
        if fact == name:
            value = entry[key]["value"] if isinstance(entry[key], dict) else entry[key]
            found = value if value not in (None, "unknown") else found
    return found


def _start(draw: DrawFn, words: Words, bases: tuple[str, ...]) -> Document:
    """A starting point without its history, some of what it says forgotten."""
    document = copy.deepcopy(BASES.get(draw(st.sampled_from(bases)), {}))
    document.pop("treatments", None)
    known = stated(document, words)
    if known:
        for name in draw(st.sets(st.sampled_from(known), max_size=draw(st.sampled_from((0, 0, 3, 12))))):
            forget(document, name, words)
    return document


@st.composite
def documents(
    draw: DrawFn,
    words: Words,
    bases: tuple[str, ...] = ("refractory", "refractory", "untreated", "bare", ""),
    coarse: bool = True,
    deviations: int = 8,
) -> Document:
    """A whole valid case: a starting point, some facts, a history, other drugs, wishes, access, calcinosis.

    Without `coarse` every date in it is exact.
    """
    as_of = draw(st.one_of(st.just(AS_OF), st.dates(date(2020, 1, 1), date(2030, 12, 31))))
    document = _start(draw, words, bases)
    document["as_of"] = as_of.isoformat()
    for entry in document.get("labs") or ():
        entry["date"] = (as_of - timedelta(days=6)).isoformat()
    names = draw(st.sets(st.one_of(st.sampled_from(list(words.facts)), st.sampled_from(words.deciding)), max_size=deviations))
    for name in sorted(names):
        _state(draw, document, name, words, as_of, coarse)
    courses = _ladder(draw, words)
    for _ in range(draw(st.sampled_from((0, 1, 1, 2, 3)))):
        courses.append(_course(draw, words, as_of, coarse))
    if draw(st.sampled_from((*(False,) * 9, True))):
        courses += _pair(draw, words)
    if courses:
        document["treatments"] = courses
    drugs = draw(st.one_of(st.none(), st.lists(st.sampled_from(words.drugs), max_size=3)))
    if drugs is not None:
        dosed = draw(st.booleans())
        document["other_drugs"] = [{"name": d, "dose": "10 mg daily"} if dosed else d for d in drugs]
    declined = draw(st.lists(st.one_of(st.sampled_from(words.ladder), st.sampled_from(words.therapies)), max_size=2, unique=True))
    if declined:
        document.setdefault("access", {})["declined"] = declined
    if draw(st.sampled_from((False, False, True))):
        keys = shape.prefixed_facts(words.knowledge)
        drawn = draw(st.fixed_dictionaries({}, optional={key: values(words, name) for key, name in keys.items()}))
        document[shape.PREFIXED] = {key: drawn[key] for key in keys if key in drawn}
    _mend(document, words)
    return document


@st.composite
def treatable(draw: DrawFn, words: Words, coarse: bool = True) -> Document:
    """A case in which some therapy is likely to be next: an adult with active disease and few deviations."""
    document: Document = draw(documents(words, ("refractory", "refractory", "untreated", "bare"), coarse, 4))
    for name, value in (("age", 45), ("skin_active", True), ("dermatomyositis", True), ("skin_is_main_problem", True)):
        if _latest(document, name, words) is None or draw(st.sampled_from((True, True, False))):
            put(document, name, value, words)
    for course in document.get("treatments") or ():
        # A running advanced therapy would leave nothing to start; it has ended here.
        if running(course) and words.knowledge.therapies[course["therapy"]].line in words.knowledge.algorithm.advanced:
            course["stop_reason"] = "other"
    _mend(document, words)
    return document


# --- conditions --------------------------------------------------------------------------------------


def spans(low: int = 0, high: int = 60) -> SearchStrategy[tuple[int, int]]:
    """Two bounds, the first not above the second, often narrow."""
    return st.integers(low, high).flatmap(lambda a: st.integers(0, 5).map(lambda width: (a, a + width)))
