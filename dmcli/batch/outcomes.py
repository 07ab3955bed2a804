"""What becomes of one case: its summary and, where asked for, its whole plan, or what is wrong with it."""

import hashlib
import json
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from dmcli import yamlfile
from dmcli.batch.entries import Entry, Place
from dmcli.batch.summary import refused, summary
from dmcli.case.model import Case
from dmcli.case.plain_json import plain_json
from dmcli.case.read import read_case
from dmcli.errors import MOST_PROBLEMS, InvalidCase, Problem
from dmcli.knowledge.model import Knowledge
from dmcli.planner import decide_case, explain
from dmcli.record import Record
from dmcli.render.json_text import json_text
from dmcli.render.literal import escaped
from dmcli.result.plan import as_data
from dmcli.yamlfile import Document

_WRITE = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode


class Question(Record):
    """What is asked of every case. `as_of` wins over the case's own; `detail` is summary or plan."""

    as_of: date | None = None
    horizon_weeks: int | None = None
    reading: str | None = None
    weekends: bool | None = None
    detail: str = "summary"


class Outcome(NamedTuple):
    """The result of a case. `ident` is a hash of its id, 0 where it has none; `data` is its summary, or what refuses it,
    as plain data; `plan` is one line of JSON, None where none was asked for or made."""

    place: Place
    ident: int
    data: dict[str, Any]
    plan: str | None
    problems: tuple[Problem, ...]


def outcome(entry: Entry, question: Question, knowledge: Knowledge) -> Outcome:
    """The result of one case. Never raises: what goes wrong is the case's own problem."""
    try:
        if entry.problems:
            raise InvalidCase(list(entry.problems))
        case = _case(entry, question, knowledge)
        planned = question.detail == "plan"
        core = decide_case(
            case,
            knowledge,
            horizon_weeks=question.horizon_weeks,
            reading=question.reading,
            weekends=question.weekends,
            reasons=planned,
        )
        made = explain(core) if planned else None
        whole = json_text(made) if made is not None else None
        return Outcome(entry.place, _ident(case.id), as_data(summary(core, entry.place, made)), whole, ())
    except InvalidCase as error:
        return _refused(entry, _some(_within(error.problems, entry), entry.place))
    except Exception as error:
        # A fault of this program in one case: the others are planned. Its name holds no patient data, its text might.
        text = f"internal error ({type(error).__name__}); no plan was made of this case, please report it without patient data"
        return _refused(entry, (entry.place.problem("internal", text),))


def json_line(data: Any) -> str:
    """Plain data as one line of JSON in which nothing is hidden, without its end."""
    return escaped(_WRITE(data))


def _refused(entry: Entry, problems: tuple[Problem, ...]) -> Outcome:
    return Outcome(entry.place, 0, as_data(refused(problems, entry.place)), None, problems)


def _case(entry: Entry, question: Question, knowledge: Knowledge) -> Case:
    """The case of an entry. Raises InvalidCase, with every place."""
    plain = plain_json(entry.content, entry.place.path, entry.origin) if isinstance(entry.content, str) else None
    with suppress(InvalidCase):
        if plain is not None:
            return read_case(plain, knowledge, question.as_of, None)
    # Also what was refused without its places: it is refused again, with them.
    return read_case(_document(entry), knowledge, question.as_of, None)


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
    left = len(problems) - MOST_PROBLEMS
    if left <= 0:
        return problems
    return (*problems[:MOST_PROBLEMS], place.problem("more", f"and {left} more problems; mend these first"))


def _ident(case_id: str | None) -> int:
    """64 bits of an id, never 0."""
    if case_id is None:
        return 0
    raw = hashlib.blake2b(case_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(raw, "big") or 1
