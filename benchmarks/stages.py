"""Where the time of a batch goes: the share of each stage, from a line of JSON to a line of JSON.

    python benchmarks/stages.py [--cases N] [--repeated] [--within MODULE]... [--functions N]

Each function that the planner and the batch call from another room is a stage; its time is its own, without that of the
stages it calls. `--within dmcli.assess.assess` takes what that module calls for stages too; `--functions 40` lists the
functions with most time of their own (cProfile, which slows small functions more than large ones).
"""

import argparse
import cProfile
import os
import pstats
import time
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from cohorts import REPEATED, Cohort
from dmcli import load_knowledge
from dmcli.batch import outcomes
from dmcli.batch.entries import Entry, Place
from dmcli.batch.outcomes import Question
from dmcli.knowledge.model import Knowledge

PLANNER = "dmcli.planner"
_WARM = 20
# What is called all over is no stage.
_EVERYWHERE = ("dmcli.record", "dmcli.values", "dmcli.errors")


class Stages:
    """Processor seconds and calls of each stage, without those of the stages within it."""

    def __init__(self) -> None:
        self.seconds, self.calls = Counter[str](), Counter[str]()
        self._within = [0.0]

    def timed(self, function: FunctionType) -> Callable[..., Any]:
        name = f"{function.__module__.removeprefix('dmcli.')}.{function.__name__}"

        def stage(*args: Any, **values: Any) -> Any:
            begin = time.process_time()
            self._within.append(0.0)
            try:
                return function(*args, **values)
            finally:
                took = time.process_time() - begin
                self.seconds[name] += took - self._within.pop()
                self.calls[name] += 1
                self._within[-1] += took

        return stage

    def watch(self, module: ModuleType, *own: str) -> None:
        """Take for stages what a module calls from elsewhere in the program, and these of its own functions."""
        for name, value in list(vars(module).items()):
            if not isinstance(value, FunctionType) or not value.__module__.startswith("dmcli."):
                continue
            elsewhere = value.__module__ != module.__name__ and not value.__module__.startswith(_EVERYWHERE)
            if elsewhere or name in own:
                setattr(module, name, self.timed(value))


def planned(lines: list[str], question: Question, knowledge: Knowledge) -> float:
    """The processor seconds that some cases take."""
    begin = time.process_time()
    for number, line in enumerate(lines, 1):
        found = outcomes.outcome(Entry(Place("lines", number), line), question, knowledge)
        assert not found.problems, found.problems
        assert outcomes.json_line(found.data)
    return time.process_time() - begin


def shares(lines: list[str], knowledge: Knowledge, stages: Stages) -> None:
    for detail in ("summary", "plan"):
        question = Question(detail=detail)
        planned(lines[:_WARM], question, knowledge)
        stages.seconds.clear()
        stages.calls.clear()
        whole = planned(lines, question, knowledge)
        stages.seconds["what is between them"] = whole - sum(stages.seconds.values())
        print(f"{detail}: {1000 * whole / len(lines):.2f} ms a case, {len(lines) / whole:.0f}/s")
        for name, seconds in stages.seconds.most_common():
            calls = stages.calls[name] / len(lines)
            print(f"  {seconds / whole:6.1%} {1000 * seconds / len(lines):8.3f} ms {calls:6.1f} calls  {name}")


def functions(lines: list[str], knowledge: Knowledge, most: int) -> None:
    for detail in ("summary", "plan"):
        profile = cProfile.Profile()
        profile.runcall(planned, lines, Question(detail=detail), knowledge)
        print(f"{detail}:")
        pstats.Stats(profile).sort_stats("tottime").print_stats(most)


def main() -> None:
    asked = argparse.ArgumentParser(description="The share of each stage of a batch.")
    asked.add_argument("--cases", type=int, default=500)
    asked.add_argument("--repeated", action="store_true", help=f"the same {REPEATED} cases over and over")
    asked.add_argument("--within", action="append", default=[], metavar="MODULE", help="what this module calls, too")
    asked.add_argument("--functions", type=int, metavar="N", help="the N functions with most time of their own")
    options = asked.parse_args()
    lines = list(Cohort().lines(options.cases, options.repeated))
    knowledge = load_knowledge().for_many()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    if options.functions:
        functions(lines, knowledge, options.functions)
        return
    stages = Stages()
    for module in (*options.within, PLANNER):
        stages.watch(import_module(module))
    stages.watch(outcomes, "json_line")
    shares(lines, knowledge, stages)


if __name__ == "__main__":
    main()
