"""The least that reading and writing a cohort can cost: each line parsed and validated by pydantic, and dumped again.

The model is made of the same vocabulary that a case is checked against: every fact with its type, its codes and its range,
every key of a course, and nothing else allowed. It reads no unit, no date that is coarse and no dose, and plans nothing.
"""

import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, create_model

from dmcli.case.shape import COURSE, DATED, PREFIXED, SECTIONS, facts_of_section, prefixed_facts
from dmcli.knowledge.algorithm import Fact
from dmcli.knowledge.model import Knowledge

_STRICT = ConfigDict(extra="forbid")
_KINDS: dict[str, Any] = {"boolean": bool, "date": date, "weeks": float, "count": int, "interval": int}


def _typed(fact: Fact) -> Any:
    if fact.type == "boolean":
        return bool | None
    if fact.type == "code":
        return Literal[tuple(fact.codes)] | None
    return cast("Any", float | None)


def _fields(facts: dict[str, Fact]) -> dict[str, Any]:
    bounds = {name: {"ge": fact.min, "le": fact.max} if fact.type == "number" else {} for name, fact in facts.items()}
    return {name: (_typed(fact), Field(default=None, **bounds[name])) for name, fact in facts.items()}


def _made(name: str, fields: dict[str, Any]) -> Any:
    return create_model(name, __config__=_STRICT, **fields)


def model(knowledge: Knowledge) -> type[BaseModel]:
    """A model of a whole case."""
    dose = _made("Dose", {"date": (date, ...), "dose": (str | None, None)})
    course: dict[str, Any] = {}
    for key, kind in COURSE.items():
        plain = Literal[kind] if isinstance(kind, tuple) else list[dose] if kind == "doses" else _KINDS.get(kind, str)
        course[key] = (plain | None, None)
    course |= {"therapy": (str, ...), "relapse": (dict[str, str] | None, None), "held": (dict[str, date] | None, None)}
    fields: dict[str, Any] = {"id": (str | None, None), "as_of": (date | None, None)}
    for section in (*SECTIONS, "facts"):
        names = facts_of_section(section, knowledge)
        dated = {"date": (date | None, None)} if section in DATED else {}
        more = {"declined": (list[str], [])} if section == "access" else {}
        made = _made(section.title(), {**dated, **more, **_fields({name: knowledge.facts[name] for name in names})})
        fields[section] = (list[made] if dated else made | None, [] if dated else None)
    calcinosis = {key: knowledge.facts[name] for key, name in prefixed_facts(knowledge).items()}
    fields[PREFIXED] = (_made("Calcinosis", _fields(calcinosis)) | None, None)
    fields["treatments"] = (list[_made("Course", course)], [])
    fields |= {"other_drugs": (list[str | dict[str, str]], []), "confirmed": (list[str], [])}
    found: type[BaseModel] = _made("Case", fields)
    return found


def seconds_a_case(lines: Iterable[str], knowledge: Knowledge, times: int = 3) -> float:
    """The processor seconds of one case, the best of some rounds."""
    texts = list(lines)
    case = model(knowledge)
    return min(
        _seconds(lambda: [case.model_validate_json(text).model_dump_json(exclude_unset=True) for text in texts])
        for _ in range(times)
    ) / len(texts)


def _seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin
