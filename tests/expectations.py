"""What a clinical case in `cases/` may expect of a plan, and how a mismatch is told.

A case says `name`, `base` (a starting point), `case` (what differs), `options` and `expect`:

  status, next, action, line      the answer; `next: null` for none
  options: {therapy: status}      the status of options
  arguments: {therapy: [codes]}   codes that must be there; `no_arguments` that must not
  verdicts: {therapy: verdict}    of the last course (a list: of every course)
  actions: [{action, therapy, dose}]   each must be there; `no_actions: [...]` must not
  doses: [{date, therapy, value, unit, text, details}]  events of the schedule, with at least these details; `no_doses: [therapy]`
  steps: [ids]                    in the schedule, in this order; `no_steps`
  moved: {date or step: date}     events moved there (or of that step), from that day; `no_moved: true` for none at all
  given: [{date, therapy}]        what was really given
  waits: {step: words}            the first event of a step waits for something with these words
  before: [facts or words]        must be settled before the first dose; `not_before`
  blocks: [facts or words]        the same, and blocking; `not_blocks`
  kinds: {fact or words: kind}    known, ask, order or confirm
  tests: {date: [tests]}          due on a day; `no_tests: {date: [tests]}`
  overdue: {test: date}           overdue since that day; null: not overdue; {}: nothing is overdue
  limits: {test: [levels]}        limits shown with a test
  checkpoints: {therapy: [dates]}
  needs: {therapy: words}         what its first judgement needs where the dose is raised on days that are not told; null: nothing
  follows: {therapy: [{none, partial, complete}]}  what each answer leads to, judgement by judgement; null where it cannot be
  complete: {therapy: words}      what its judgement says of a complete response
  supportive: [therapies]; `not_supportive`
  warnings: [codes]; `no_warnings`
  unknowns: [facts]; `no_unknowns`
  conflicts: [ids]; no_conflicts; defaults: [rule ids]; rules: [rule ids true in the trace]; no_rules
  assumptions: [rule ids]
  reading: name; other_reading: {status, next} or null
  regimen: {therapy: role}; regimen_id: id of the chosen regimen
  calcinosis: {status, options: {therapy: status}, rules: [ids of advice and warnings]} or null
  scores: {fact: {change: -19, band: mild, baseline: {date, value}}}   what is told of a score; null if nothing
  responses: {therapy: {derived, used, stated, agrees}}   of its last course; null where scores tell no response
  limits_today: {therapy: tier}   the gravest tier a result or event of today puts a running therapy in; null: none
  instead: [{fact, value, limit, compared, obstructed, therapy, stopped, cleared}] what comes if a fact turns out so; fact: null, if the next therapy is
                                  declined, those of `stopped` are not back from their hold, or the red flags `cleared` are;
                                  []: nothing is told
  urgent: [{action, therapy}]     what must happen today; `no_urgent`
  urgent_texts: [words]           what must happen today of no single therapy, in this order, each by how it begins
  urgent_says: {therapy: [words]} among what is urgent of a therapy, its reasons and how a hold ends
  says: [words]                   anywhere in the summary; `never_says` anywhere in the plan
"""

import copy
import json
from typing import Any

from dmcli.record import fields_of
from dmcli.result.plan import Plan, as_data

MISSING = object()


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """The base with the changes of a case laid over it: mappings merge, lists and values replace; null removes."""
    out = copy.deepcopy(base)
    for key, value in change.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict) and isinstance(out.get(key), dict):
            out[key] = merged(out[key], value)
        else:
            out[key] = copy.deepcopy(value)
    return out


class _Data(dict[str, Any]):
    """A plan as plain data, of which only the parts are made that are looked at."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __missing__(self, part: str) -> Any:
        self[part] = as_data(getattr(self.plan, part))
        return self[part]

    def whole(self) -> dict[str, Any]:
        """All parts."""
        return {part: self[part] for part in fields_of(self.plan)}


def mismatches(plan: Plan, expect: dict[str, Any]) -> list[str]:
    """Every expectation that the plan does not meet, each as one readable line."""
    data = _Data(plan)
    found: list[str] = []
    for key, wanted in expect.items():
        check = _CHECKS.get(key)
        if check is None:
            raise KeyError(f"unknown expectation '{key}'; see the head of expectations.py")
        found += check(data, wanted)
    return found


def _equal(what: str, got: Any, wanted: Any) -> list[str]:
    return [] if got == wanted else [f"{what}: expected {wanted!r}, got {got!r}"]


def _all_in(what: str, wanted: Any, got: Any) -> list[str]:
    return [f"{what}: expected {w!r} among {list(got)!r}" for w in wanted if w not in got]


def _none_in(what: str, wanted: Any, got: Any) -> list[str]:
    return [f"{what}: {w!r} must not be there" for w in wanted if w in got]


def _next(data: dict[str, Any]) -> dict[str, Any]:
    return data["next"] or {"therapy": None, "action": None, "line": None}


def _options(data: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    got = {o["therapy"]: o["status"] for o in data["options"]}
    return [m for t, s in wanted.items() for m in _equal(f"option {t}", got.get(t), s)]


def _codes(data: dict[str, Any], therapy: str) -> list[str]:
    return [a["code"] for o in data["options"] if o["therapy"] == therapy for a in o["arguments"]]


def _verdicts(data: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    found = []
    for therapy, verdict in wanted.items():
        mine = [h["verdict"] for h in data["history"] if h["therapy"] == therapy]
        found += _equal(f"verdict {therapy}", mine if isinstance(verdict, list) else mine[-1] if mine else None, verdict)
    return found


def _limits_today(data: dict[str, Any], wanted: dict[str, str | None]) -> list[str]:
    got = {part["therapy"]: part["limit"] for part in data["regimen"]}
    return [m for therapy, tier in wanted.items() for m in _equal(f"limit today {therapy}", got.get(therapy, MISSING), tier)]


def _urgent(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    short = [(u["action"], u["therapy"]) for u in data["urgent"]]
    return [f"urgent: expected {w!r} among {short!r}" for w in wanted if not any(_subset(w, u) for u in data["urgent"])]


def _no_urgent(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    return [f"urgent: {w!r} must not be there" for w in wanted if any(_subset(w, u) for u in data["urgent"])]


def _urgent_says(data: dict[str, Any], wanted: dict[str, list[str]]) -> list[str]:
    found = []
    for therapy, words in wanted.items():
        mine = [u for u in data["urgent"] if u["therapy"] == therapy]
        said = " ".join(text for u in mine for text in (u["text"], *(r["text"] for r in u["because"]), *u["goes_on"]))
        found += [f"urgent of {therapy}: expected {w!r} in {said!r}" for w in words if w not in said]
    return found


def _urgent_texts(data: dict[str, Any], wanted: list[str]) -> list[str]:
    got = [u["text"] for u in data["urgent"] if u["therapy"] is None]
    begun = len(got) == len(wanted) and all(text.startswith(words) for text, words in zip(got, wanted, strict=True))
    return [] if begun else [f"urgent texts: expected {wanted!r}, got {got!r}"]


def _instead(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    got = data["instead"]
    if not wanted and got:
        return [f"instead: nothing was expected, got {got!r}"]
    return [f"instead: expected {w!r} among {got!r}" for w in wanted if not any(_subset(w, i) for i in got)]


def _subset(wanted: dict[str, Any], got: dict[str, Any]) -> bool:
    return all(got.get(k, MISSING) == v for k, v in wanted.items())


def _actions(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    short = [{k: a[k] for k in ("action", "therapy", "dose", "priority")} for a in data["actions"]]
    return [f"actions: expected {w!r} among {short!r}" for w in wanted if not any(_subset(w, a) for a in data["actions"])]


def _complete(data: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    told = {point["therapy"]: point["if_complete"] for point in data["checkpoints"] if point["kind"] == "judge"}
    return [line for therapy, words in wanted.items() for line in _equal(f"complete: {therapy}", told.get(therapy), words)]


def _follows(data: dict[str, Any], wanted: dict[str, list[dict[str, str | None]]]) -> list[str]:
    found = []
    for therapy, answers in wanted.items():
        points = [c for c in data["checkpoints"] if c["kind"] == "judge" and c["therapy"] == therapy]
        got = [{answer: point[f"if_{answer}"] for answer in ("none", "partial", "complete")} for point in points]
        found += _equal(f"follows: {therapy}", got, answers)
    return found


def _needs(data: dict[str, Any], wanted: dict[str, str | None]) -> list[str]:
    told = {point["therapy"]: point["needs"] for point in reversed(data["checkpoints"]) if point["kind"] == "judge"}
    return [line for therapy, words in wanted.items() for line in _equal(f"needs: {therapy}", told.get(therapy, MISSING), words)]


def _no_actions(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    return [f"actions: {w!r} must not be there" for w in wanted if any(_subset(w, a) for a in data["actions"])]


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    dose = item["dose"] or {}
    return {**item, "value": dose.get("value"), "unit": dose.get("unit")}


def _doses(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    got = [_flat(i) for i in data["schedule"]]
    found = []
    for w in wanted:
        words, details = w.get("text"), set(w.get("details") or ())
        rest = {k: v for k, v in w.items() if k not in ("text", "details")}
        if not any(_subset(rest, g) and (words is None or words in g["text"]) and details <= set(g["details"]) for g in got):
            short = [(g["date"], g["until"], g["therapy"], g["value"], g["unit"], g["text"][:40]) for g in got]
            found.append(f"doses: expected {w!r} among {short!r}")
    return found


def _steps(data: dict[str, Any], wanted: list[str]) -> list[str]:
    got = list(dict.fromkeys(i["step"] for i in data["schedule"]))
    return _equal("steps", [s for s in got if s in wanted], wanted)


def _moved(data: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    got = [i for i in data["schedule"] if i["moved_from"]]
    return [
        f"moved: expected {key} from {day} among {[(i['date'], i['step'], i['moved_from']) for i in got]!r}"
        for key, day in wanted.items()
        if not any(key in (i["date"], i["step"]) and i["moved_from"] == day for i in got)
    ]


def _given(data: dict[str, Any], wanted: list[dict[str, Any]]) -> list[str]:
    return [f"given: expected {w!r} among {data['given']!r}" for w in wanted if not any(_subset(w, g) for g in data["given"])]


def _waits(data: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    found = []
    for step, words in wanted.items():
        first = next((i for i in data["schedule"] if i["step"] == step), None)
        text = " | ".join(first["conditional_on"]) if first else ""
        if words not in text:
            found.append(f"waits: expected {words!r} for {step}, got {text!r}")
    return found


def _before(data: dict[str, Any], blocking: bool) -> str:
    items = [b for b in data["before_starting"] if b["blocks"] or not blocking]
    return " | ".join(f"{b['fact']} {b['what']}" for b in items)


def _kinds(data: dict[str, Any], wanted: dict[str, str]) -> list[str]:
    got = [(f"{b['fact']} {b['what']}", b["kind"]) for b in data["before_starting"]]
    return [
        f"kinds: expected {kind!r} for {words!r} in {got!r}"
        for words, kind in wanted.items()
        if not any(words in text and kind == its for text, its in got)
    ]


def _tests(data: dict[str, Any], wanted: dict[str, list[str]], there: bool) -> list[str]:
    got = {d["date"]: [t["test"] for t in d["tests"]] for d in data["monitoring"]}
    check = _all_in if there else _none_in
    return [m for day, tests in wanted.items() for m in check(f"tests on {day}", tests, got.get(day, []))]


def _overdue(data: dict[str, Any], wanted: dict[str, str | None]) -> list[str]:
    """Overdue tests stand once, on the as-of date and before what else is due on it."""
    got = [(day["date"], t["test"], t["overdue_since"]) for day in data["monitoring"] for t in day["tests"]]
    late = {test: since for _, test, since in got if since is not None}
    found = [m for test, since in wanted.items() for m in _equal(f"overdue {test}", late.get(test), since)]
    found += [] if wanted else _equal("overdue", late, {})
    today = [(test, since is not None) for day, test, since in got if day == data["as_of"]]
    found += _equal("overdue today", {test for test, is_late in today if is_late}, set(late))
    found += _equal("overdue first", [is_late for _, is_late in today], sorted((x for _, x in today), reverse=True))
    return found + _equal("tests of today", len(today), len(dict(today)))


def _limits(data: dict[str, Any], wanted: dict[str, list[str]]) -> list[str]:
    got: dict[str, set[str]] = {}
    for day in data["monitoring"]:
        for test in day["tests"]:
            got.setdefault(test["test"], set()).update(limit["level"] for limit in test["limits"])
    return [m for test, levels in wanted.items() for m in _all_in(f"limits of {test}", levels, got.get(test, set()))]


def _checkpoints(data: dict[str, Any], wanted: dict[str, list[str]]) -> list[str]:
    return [
        m
        for t, days in wanted.items()
        for m in _equal(f"checkpoints {t}", [c["date"] for c in data["checkpoints"] if c["therapy"] == t], days)
    ]


def _other_reading(data: dict[str, Any], wanted: Any) -> list[str]:
    got = data["reading"]["other_reading"]
    return _equal("other_reading", got and {k: got[k] for k in wanted or got}, wanted)


def _calcinosis(data: dict[str, Any], wanted: dict[str, Any] | None) -> list[str]:
    got = data["calcinosis"]
    if wanted is None or got is None:
        return _equal("calcinosis", got, wanted)
    found = _equal("calcinosis status", got["status"], wanted["status"]) if "status" in wanted else []
    statuses = {o["therapy"]: o["status"] for o in got["options"]}
    found += [m for t, s in (wanted.get("options") or {}).items() for m in _equal(f"calcinosis {t}", statuses.get(t), s)]
    told = [r["rule"] for r in (*got["advice"], *got["warnings"])]
    found += _all_in("calcinosis rules", wanted.get("rules") or (), told)
    return found + _none_in("calcinosis rules", wanted.get("no_rules") or (), told)


def _entries(what: str, got: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """Entries by name that must hold some values; null for an entry that must not be there."""
    found = []
    for name, values in wanted.items():
        mine = got.get(name)
        found += _equal(f"{what} {name}", mine and {k: mine.get(k, MISSING) for k in values or mine}, values)
    return found


_CHECKS: dict[str, Any] = {
    "limits_today": _limits_today,
    "urgent": _urgent,
    "urgent_says": _urgent_says,
    "urgent_texts": _urgent_texts,
    "instead": _instead,
    "no_urgent": _no_urgent,
    "status": lambda d, w: _equal("status", d["status"], w),
    "next": lambda d, w: _equal("next", _next(d)["therapy"], w),
    "action": lambda d, w: _equal("action", _next(d)["action"], w),
    "line": lambda d, w: _equal("line", _next(d)["line"], w),
    "options": _options,
    "arguments": lambda d, w: [m for t, c in w.items() for m in _all_in(f"arguments {t}", c, _codes(d, t))],
    "no_arguments": lambda d, w: [m for t, c in w.items() for m in _none_in(f"arguments {t}", c, _codes(d, t))],
    "verdicts": _verdicts,
    "complete": _complete,
    "follows": _follows,
    "needs": _needs,
    "actions": _actions,
    "no_actions": _no_actions,
    "doses": _doses,
    "no_doses": lambda d, w: _none_in("doses", w, [i["therapy"] for i in d["schedule"]]),
    "steps": _steps,
    "no_steps": lambda d, w: _none_in("steps", w, [i["step"] for i in d["schedule"]]),
    "moved": _moved,
    "no_moved": lambda d, w: _equal("no_moved", not any(i["moved_from"] for i in d["schedule"]), w),
    "given": _given,
    "waits": _waits,
    "before": lambda d, w: [f"before: expected {x!r} in {_before(d, False)!r}" for x in w if x not in _before(d, False)],
    "not_before": lambda d, w: [f"before: {x!r} must not be there" for x in w if x in _before(d, False)],
    "blocks": lambda d, w: [f"blocks: expected {x!r} in {_before(d, True)!r}" for x in w if x not in _before(d, True)],
    "not_blocks": lambda d, w: [f"blocks: {x!r} must not be there" for x in w if x in _before(d, True)],
    "kinds": _kinds,
    "tests": lambda d, w: _tests(d, w, True),
    "no_tests": lambda d, w: _tests(d, w, False),
    "overdue": _overdue,
    "limits": _limits,
    "checkpoints": _checkpoints,
    "supportive": lambda d, w: _all_in("supportive", w, [s["therapy"] for s in d["supportive"]]),
    "not_supportive": lambda d, w: _none_in("supportive", w, [s["therapy"] for s in d["supportive"]]),
    "warnings": lambda d, w: _all_in("warnings", w, [x["code"] for x in d["warnings"]]),
    "no_warnings": lambda d, w: _none_in("warnings", w, [x["code"] for x in d["warnings"]]),
    "unknowns": lambda d, w: _all_in("unknowns", w, [x["fact"] for x in d["unknowns"]]),
    "no_unknowns": lambda d, w: _none_in("unknowns", w, [x["fact"] for x in d["unknowns"]]),
    "conflicts": lambda d, w: _all_in("conflicts", w, [x["id"] for x in d["conflicts"]]),
    "no_conflicts": lambda d, w: _none_in("conflicts", w, [x["id"] for x in d["conflicts"]]),
    "scores": lambda d, w: _entries("score", {s["fact"]: s for s in d["scores"]}, w),
    "responses": lambda d, w: _entries("response", {r["therapy"]: r for r in d["responses"]}, w),
    "defaults": lambda d, w: _all_in("defaults", w, [x["rule"] for x in d["defaults_used"]]),
    "assumptions": lambda d, w: _all_in("assumptions", w, [x["rule"] for x in d["assumptions"]]),
    "rules": lambda d, w: _all_in("rules", w, [x["rule"] for x in d["trace"] if x["truth"] is True]),
    "no_rules": lambda d, w: _none_in("rules", w, [x["rule"] for x in d["trace"] if x["truth"] is True]),
    "reading": lambda d, w: _equal("reading", d["reading"]["used"], w),
    "other_reading": _other_reading,
    "regimen": lambda d, w: [
        m
        for t, r in w.items()
        for m in _equal(f"regimen {t}", next((p["role"] for p in d["regimen"] if p["therapy"] == t), None), r)
    ],
    "regimen_id": lambda d, w: _equal("regimen_id", next((p["regimen"] for p in d["regimen"] if p["role"] == "new"), None), w),
    "calcinosis": _calcinosis,
    "says": lambda d, w: [
        f"says: expected {x!r} in {d['summary']!r}"
        for x in w
        if x not in " ".join(f"{line['label']}: {line['text']}" for line in d["summary"])
    ],
    "never_says": lambda d, w: [
        f"never_says: {x!r} is there" for x in w if x in json.dumps({**d.whole(), "sources": {}}, ensure_ascii=False)
    ],
}
