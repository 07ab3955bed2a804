"""dmcli: a treatment planner for adults with refractory cutaneous dermatomyositis, as a program and as a library.

    knowledge = dmcli.load_knowledge()
    case = dmcli.read_case("case.yaml", knowledge)
    plan = dmcli.plan(case, knowledge)

What stands in `__all__` is public; everything else may change from one version to the next. `docs/python.md` shows
how it is used. Nothing is loaded before it is asked for.
"""

__version__ = "0.1.0"

__all__ = [
    "Case",
    "DmcliError",
    "InvalidCase",
    "InvalidKnowledge",
    "Knowledge",
    "Plan",
    "Planner",
    "Problem",
    "__version__",
    "as_data",
    "load_knowledge",
    "plan",
    "read_case",
]

# The names above, by the module that has them.
_HOMES = {
    "dmcli.case.model": ("Case",),
    "dmcli.errors": ("DmcliError", "InvalidCase", "InvalidKnowledge", "Problem"),
    "dmcli.knowledge.model": ("Knowledge",),
    "dmcli.interface": ("load_knowledge", "read_case"),
    "dmcli.planner": ("Planner", "plan"),
    "dmcli.result.plan": ("Plan", "as_data"),
}

TYPE_CHECKING = False
if TYPE_CHECKING:  # what editors and type checkers see; when it runs, a name is loaded with its first use
    from dmcli.case.model import Case
    from dmcli.errors import DmcliError, InvalidCase, InvalidKnowledge, Problem
    from dmcli.interface import load_knowledge, read_case
    from dmcli.knowledge.model import Knowledge
    from dmcli.planner import Planner, plan
    from dmcli.result.plan import Plan, as_data
else:

    def __getattr__(name):
        home = next((module for module, names in _HOMES.items() if name in names), None)
        if home is None:
            raise AttributeError(f"module 'dmcli' has no attribute '{name}'")
        from importlib import import_module

        found = globals()[name] = getattr(import_module(home), name)
        return found

    def __dir__():
        return sorted({*globals(), *__all__})
