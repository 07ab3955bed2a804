"""What becomes of one case: its summary and, where asked for, its whole plan, or what is wrong with it."""

import hashlib
import json
from datetime import date
from typing import Any, NamedTuple

from dmcli import yamlfile
from dmcli.batch.entries import Entry, Place
from dmcli.case.read import read_case
from dmcli.errors import InvalidCase, Problem
from dmcli.knowledge.model import Knowledge
from dmcli.planner import plan
from dmcli.record import Record
from dmcli.render.literal import HIDDEN
from dmcli.result.monitoring import BeforeStarting
from dmcli.result.plan import Plan, as_data
from dmcli.yamlfile import Document

SCHEMA = "dmcli.summary/1"
# What a patient must be told of today, before anything else.
URGENT = ("hold", "stop")
_MOST_PROBLEMS = 50


class Question(Record):
    """What is asked of every case. `as_of` wins over the case's own; `detail` is summary or plan."""

    as_of: date | None = None
    horizon_weeks: int | None = None
    reading: str | None = None
    detail: str = "summary"


class Outcome(NamedTuple):
    """The result of a case. `ident` is a hash of its id, 0 where it has none; `plan` is one line of JSON."""

    place: Place
    ident: int
    summary: dict[str, Any] | None
    plan: str | None
    problems: tuple[Problem, ...]


def outcome(entry: Entry, question: Question, knowledge: Knowledge) -> Outcome:
    """The result of one case. Never raises: what goes wrong is the case's own problem."""
    try:
        if entry.problems:
            raise InvalidCase(list(entry.problems))
        case = read_case(_document(entry), knowledge, question.as_of, None)
        made = plan(case, knowledge, horizon_weeks=question.horizon_weeks, reading=question.reading)
        whole = json_line(as_data(made)) if question.detail == "plan" else None
        return Outcome(entry.place, _ident(case.id), _summary(made, entry.place), whole, ())
    except InvalidCase as error:
        return Outcome(entry.place, 0, None, None, _some(_within(error.problems, entry), entry.place))
    except Exception as error:
        # A fault of this program in one case: the others are planned. Its name holds no patient data, its text might.
        text = f"internal error ({type(error).__name__}); no plan was made of this case, please report it without patient data"
        return Outcome(entry.place, 0, None, None, (entry.place.problem("internal", text),))


def json_line(data: Any) -> str:
    """Plain data as one line of JSON in which nothing is hidden, without its end."""
    text = json.dumps(data, ensure_ascii=False)
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def refused(place: Place, problems: tuple[Problem, ...]) -> dict[str, Any]:
    """A case without a plan, as data."""
    told = [problem.as_dict() for problem in problems]
    return {"schema": SCHEMA, "source": place.path, "line": place.line, "status": "error", "errors": told}


def _document(entry: Entry) -> Document:
    if isinstance(entry.content, Document):
        return entry.content
    return yamlfile.parse(entry.content or "", entry.place.path, origin=entry.origin)


def _within(problems: tuple[Problem, ...], entry: Entry) -> tuple[Problem, ...]:
    """The problems of a case, none of them behind its last line: there the next case stands."""
    if not isinstance(entry.content, str):
        return problems
    last = entry.place.line + entry.content.count("\n")
    return tuple(problem._replace(line=min(problem.line, last)) for problem in problems)


def _some(problems: tuple[Problem, ...], place: Place) -> tuple[Problem, ...]:
    """The first problems, and how many more there are."""
    left = len(problems) - _MOST_PROBLEMS
    if left <= 0:
        return problems
    return (*problems[:_MOST_PROBLEMS], place.problem("more", f"and {left} more problems; mend these first"))


def _ident(case_id: str | None) -> int:
    """64 bits of an id, never 0."""
    if case_id is None:
        return 0
    raw = hashlib.blake2b(case_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") or 1


def _summary(made: Plan, place: Place) -> dict[str, Any]:
    """What a registry wants to know of a plan, about 1 kB of it."""
    chosen = made.next
    return {
        "schema": SCHEMA,
        "source": place.path,
        "line": place.line,
        "case_id": made.case_id,
        "as_of": made.as_of,
        "status": made.status,
        "next": {name: getattr(chosen, name) for name in ("therapy", "action", "line", "grade")} if chosen else None,
        "urgent": [
            {"action": a.action, "therapy": a.therapy} for a in made.actions if a.priority == "now" and a.action in URGENT
        ],
        "actions": [{"priority": a.priority, "action": a.action, "therapy": a.therapy, "dose": a.dose} for a in made.actions],
        "before_starting": [_before(item) for item in made.before_starting if item.kind != "act"],
        "first_doses": _first_doses(made),
        "holds_and_stops": [
            {"therapy": p.therapy, "role": p.role, "until": p.until} for p in made.regimen if p.role in URGENT
        ],
        "contraindicated": [option.therapy for option in made.options if option.status == "contraindicated"],
        "warnings": list(dict.fromkeys(warning.code for warning in made.warnings)),
        "unknowns": [unknown.fact for unknown in made.unknowns],
        "knowledge": made.knowledge.version,
    }  # fmt: skip


def _before(item: BeforeStarting) -> dict[str, Any]:
    """What the first dose waits for, by the name of its fact where it has one."""
    return {"kind": item.kind, "fact": item.fact, "what": None if item.fact else item.what, "blocks": item.blocks}


def _first_doses(made: Plan) -> list[dict[str, Any]]:
    """The first dated dose of each therapy."""
    first: dict[str, dict[str, Any]] = {}
    for item in made.schedule:
        if item.dose is not None:
            first.setdefault(item.therapy, {"therapy": item.therapy, "date": item.date, "dose": item.dose_text})
    return list(first.values())
