"""Cohorts of patients who were never there: of every kind, no two alike, the same ones for the same seed.

    python benchmarks/cohorts.py COUNT [--seed N] [--repeated] > cohort.ndjson

Half of the patients are on an advanced therapy, with the doses given, an outcome and dated results; the others have failed
as much of the ladder as chance will have it and wait for their next therapy, or have tried nothing. What is stated of a
patient, and how often it is true, is drawn; no two statements of a case contradict each other. Hypothesis draws better
counterexamples, and takes a thousand times as long.

`unseen` draws each patient anew, so that nothing kept for one is of use for another; `repeated` has the same 200 over and
over, each time with another id.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dmcli import load_knowledge  # noqa: E402
from dmcli.knowledge.model import Knowledge  # noqa: E402

Case = dict[str, Any]
SEED = 20261201
REPEATED = 200
_LAST = date(2026, 12, 1)
# What every case of an adult with this disease begins with, and is drawn apart from the other facts.
_SECTIONS = ("patient", "disease", "access", "scores", "calcinosis")
# Red flags and other rare things are not true of most; these are.
_USUAL = ("skin_is_main_problem", "can_stay_upright")
# Mean and spread of a healthy adult's results; one in eight is drawn far off.
_PANEL: dict[str, tuple[float, float, int]] = {
    "egfr": (85, 18, 0), "wbc": (6.2, 1.4, 1), "neutrophils": (3.6, 0.9, 1), "lymphocytes": (1.6, 0.4, 1),
    "hemoglobin": (13.2, 1.2, 1), "platelets": (245, 50, 0), "mcv": (90, 4, 0), "alt": (26, 9, 0), "ast": (25, 8, 0),
    "albumin": (41, 3, 0), "eosinophils": (0.2, 0.1, 1), "creatinine": (72, 14, 0), "ck": (120, 50, 0),
}  # fmt: skip
# The doses of a therapy by the day of their step, and those of an infusion by the days of a course and its rhythm.
_STEPS: dict[str, tuple[tuple[int, str], ...]] = {
    "mmf": ((0, "500 mg twice daily"), (14, "1 g twice daily"), (28, "1.5 g twice daily")),
    "tofacitinib": ((0, "11 mg XR daily"),),
    "ruxolitinib": ((0, "10 mg twice daily"),),
    "baricitinib": ((0, "4 mg daily"),),
    "apremilast": ((0, "10 mg daily"), (1, "10 mg twice daily"), (3, "20 mg twice daily"), (5, "30 mg twice daily")),
    "dapsone": ((0, "25 mg twice daily"), (28, "50 mg twice daily")),
    "azathioprine": ((0, "50 mg daily"), (56, "100 mg daily"), (84, "125 mg daily"), (112, "175 mg daily")),
}
_INFUSED = {
    "ivig": ((28, (0, 1), "70 g"), (28, (0, 1, 2, 3, 4), "30 g"), (42, (0, 1), "70 g")),
    "rituximab": ((180, (0, 14), "1 g"),),
}
_RUNNING = ("ivig", "ivig", "ivig", "mmf", "mmf", *_STEPS, "rituximab")
_CONVENTIONAL = (
    ("hydroxychloroquine", ("200 mg daily", "400 mg daily")),
    ("methotrexate", ("15 mg weekly", "20 mg weekly", "25 mg weekly")),
)
_FAILED: tuple[Case, ...] = (
    {"outcome": "inadequate"}, {"outcome": "inadequate", "trial_accepted": True}, {"outcome": "partial"},
    {"outcome": "intolerance"}, {"outcome": "intolerance", "reason": "headache"},
    {"outcome": "intolerance", "reason": "infection"},
)  # fmt: skip
_SO_FAR: tuple[Case, ...] = (
    {}, {}, {"outcome": "inadequate"}, {"outcome": "partial"}, {"outcome": "partial"}, {"outcome": "near_complete"},
    {"outcome": "near_complete"}, {"outcome": "complete"}, {"outcome": "intolerance", "scope": "dose"},
)  # fmt: skip


class Cohort:
    """Patients by their number, the same for the same seed whichever others are asked for."""

    def __init__(self, seed: int = SEED, knowledge: Knowledge | None = None) -> None:
        knowledge = knowledge or load_knowledge()
        self.seed = seed
        facts = {name: fact for name, fact in knowledge.facts.items() if fact.group not in _SECTIONS}
        self.booleans = [name for name, fact in facts.items() if fact.type == "boolean"]
        self.pregnancy = {n for n in self.booleans if facts[n].group == "reproduction"}
        self.codes = {name: fact.codes for name, fact in facts.items() if fact.type == "code"}
        self.antibodies = knowledge.facts["antibody"].codes
        self.ranges = {name: (knowledge.facts[name].min or 0, knowledge.facts[name].max or 1000) for name in _PANEL}
        self.drugs = list(knowledge.catalogue.substances)
        self.ladder = [m for line in knowledge.algorithm.lines for m in line.members if m in _STEPS or m in _INFUSED]

    def lines(self, count: int, repeated: bool = False) -> Iterator[str]:
        """So many cases, a line of JSON each."""
        for number in range(count):
            case = self.case(number % REPEATED if repeated else number)
            yield json.dumps({"id": f"c{number:07d}", **case}) + "\n"

    def case(self, number: int) -> Case:
        """The patient of a number, without an id."""
        dice = random.Random(self.seed * 10_000_019 + number)
        today = _LAST - timedelta(days=dice.randrange(365))
        female, active = dice.random() < 0.7, dice.random() < 0.8
        case: Case = {
            "as_of": today.isoformat(),
            "patient": {
                "age": min(max(round(dice.gauss(52, 15)), 18), 90),
                "sex": "female" if female else "male",
                "weight_kg": min(max(round(dice.gauss(72 if female else 83, 14)), 38), 160),
                "height_cm": round(dice.gauss(165 if female else 178, 7)),
            },
        }
        subtype = dice.choice(("classic", "classic", "classic", "amyopathic", "postmyopathic"))
        muscle = "none" if subtype == "amyopathic" else dice.choice(("none", "controlled", "controlled", "active"))
        case["disease"] = {"subtype": subtype, "dermatomyositis": True, "skin_active": active, "muscle": muscle}
        if dice.random() < 0.6:
            case["disease"]["antibody"] = dice.choice(self.antibodies)
        kind = dice.random()
        case["treatments"] = [] if kind < 0.1 else self._failed(dice, today, kind < 0.5)
        began = self._running(dice, today, case["treatments"], active) if kind >= 0.5 else 0
        case["other_drugs"] = dice.sample(self.drugs, dice.choice((0, 0, 1, 2, 4)))
        case["labs"] = self._labs(dice, today, began)
        case["scores"] = _scores(dice, today, began, active)
        case["access"] = {"iv_infusion": dice.random() < 0.9, "cost_acceptable": dice.random() < 0.85}
        case["facts"] = self._facts(dice, female)
        return case

    def _failed(self, dice: random.Random, today: date, starts: bool) -> list[Case]:
        """What was tried before, the conventional therapies first, one after the other."""
        found, ended = [], dice.randrange(700, 1200)
        for therapy, doses in _CONVENTIONAL:
            began = ended + dice.randrange(40, 400)
            dates = (
                {"start": _ago(today, began), "stop": _ago(today, ended)}
                if dice.random() < 0.7
                else {"weeks": (began - ended) // 7}
            )
            found.append({"therapy": therapy, "dose": dice.choice(doses), **dates, **dice.choice(_FAILED)})
        reached = dice.choice((0, 1, 1, 2, 3, 4, 6)) if starts else dice.choice((0, 0, 0, 1, 2))
        for therapy in self.ladder[:reached]:
            began, ended = ended, ended - dice.randrange(20, 90)
            found.append({"therapy": therapy, "start": _ago(today, began), "stop": _ago(today, ended), **dice.choice(_FAILED)})
        return found

    def _running(self, dice: random.Random, today: date, courses: list[Case], active: bool) -> int:
        """One advanced therapy that is taken now, as it was given so far; the days since it began."""
        tried = {course["therapy"] for course in courses}
        therapy = dice.choice([t for t in _RUNNING if t not in tried])
        began = dice.randrange(3, 300)
        course: Case = {"therapy": therapy, "start": _ago(today, began), **dice.choice(_SO_FAR)}
        if active and course.get("outcome") == "complete":
            course["outcome"] = "near_complete"
        if therapy in _INFUSED:
            every, days, dose = dice.choice(_INFUSED[therapy])
            first = range(began, -1, -every)
            late = [max(day - dice.choice((0, 0, 0, 0, 2, 9)), 0) if day != began else day for day in first]
            given = sorted({day - offset for day in late for offset in days if day >= offset}, reverse=True)
            course["given"] = [{"date": _ago(today, day), "dose": dose} for day in given]
        else:
            taken = [(began - day, dose) for day, dose in _STEPS[therapy] if day <= began]
            kept = dice.randrange(1, len(taken) + 1)
            course["steps"] = [{"date": _ago(today, day), "dose": dose} for day, dose in taken[:kept]]
        courses.append(course)
        return began

    def _facts(self, dice: random.Random, female: bool) -> Case:
        """What was asked of, of which little is true."""
        asked = dice.choice((0.3, 0.8, 0.95))
        found: Case = {}
        for name in self.booleans:
            if dice.random() < asked:
                rare = dice.random() < 0.02 and (female or name not in self.pregnancy)
                found[name] = rare is not (name in _USUAL)
        for name, codes in self.codes.items():
            if dice.random() < asked:
                found[name] = codes[0] if dice.random() < 0.8 else dice.choice(codes)
        return found

    def _labs(self, dice: random.Random, today: date, began: int) -> list[Case]:
        """Results of the last weeks and, of who is treated, some from the start on."""
        days = sorted(
            {dice.randrange(60), *(dice.randrange(began + 30) for _ in range(dice.randrange(3)) if began)}, reverse=True
        )
        found = []
        for day in days:
            entry: Case = {"date": _ago(today, day)}
            for name, (mean, spread, digits) in _PANEL.items():
                if dice.random() < 0.8:
                    wide = spread * (4 if dice.random() < 0.125 else 1)
                    least, most = self.ranges[name]
                    entry[name] = round(min(max(dice.gauss(mean, wide), mean / 6, least), most), digits) or mean
            found.append(entry)
        return found


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()


def _scores(dice: random.Random, today: date, began: int, active: bool) -> list[Case]:
    found = []
    if began and (active or began > 60):
        found.append({"date": _ago(today, began), "cdasi_activity": dice.randrange(12, 45), "itch": dice.randrange(2, 10)})
    if active and dice.random() < 0.7:
        found.append(
            {
                "date": _ago(today, dice.randrange(min(began, 14) + 1)),
                "cdasi_activity": dice.randrange(5, 40),
                "itch": dice.randrange(10),
            }
        )
    return found


def written(path: Path, count: int, repeated: bool = False, seed: int = SEED) -> Path:
    """A cohort as a file of lines of JSON."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(Cohort(seed).lines(count, repeated))
    return path


def main() -> None:
    asked = argparse.ArgumentParser(description="Write a cohort to stdout, a line of JSON a case.")
    asked.add_argument("count", type=int)
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--repeated", action="store_true", help=f"the same {REPEATED} patients over and over")
    options = asked.parse_args()
    sys.stdout.writelines(Cohort(options.seed).lines(options.count, options.repeated))


if __name__ == "__main__":
    main()
