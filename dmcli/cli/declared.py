"""Options that are declared once: a command names a record of them as a parameter, and gets it filled in.

Typer reads one parameter of a function for each option and has no way to share them between commands.
`takes` gives Typer the function it wants, and calls the one that was written with what Typer found.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import typer

from dmcli.cli.options import Settings, shared_options
from dmcli.record import default_of, fields_of, is_record

Command = Callable[..., Any]


class _Part(NamedTuple):
    """One parameter of a command as written: the parameters Typer reads for it, and how its value is made of theirs."""

    parameters: tuple[inspect.Parameter, ...]
    make: Callable[[typer.Context, dict[str, Any]], Any]


def takes(command: str | None, *shared: str) -> Callable[[Command], Command]:
    """Declares a function to be the command of this name; None for what stands before all commands.

    Of its parameters, a record becomes an option for each field, with the field's annotation and default; one of type
    `Settings` the named `shared` options, settled with what was said before the command; a context itself.
    """

    def declare(function: Command) -> Command:
        given = inspect.signature(function, eval_str=True).parameters
        parts = {name: _part(parameter, command, shared) for name, parameter in given.items()}

        def called(context: typer.Context, **values: Any) -> Any:
            return function(**{name: part.make(context, _own(part, values)) for name, part in parts.items()})

        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
        parameters = [context, *(p for part in parts.values() for p in part.parameters)]
        # Typer asks for the signature and, apart from it, for the types.
        called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        called.__annotations__ = {p.name: p.annotation for p in parameters}
        called.__name__, called.__doc__ = function.__name__, function.__doc__
        return called

    return declare


def _own(part: _Part, values: dict[str, Any]) -> dict[str, Any]:
    return {p.name: values[p.name] for p in part.parameters}


def _part(parameter: inspect.Parameter, command: str | None, shared: tuple[str, ...]) -> _Part:
    kind = parameter.annotation
    if kind is typer.Context:
        return _Part((), lambda context, _: context)
    if kind is Settings:
        options = shared_options(command)
        return _Part(
            tuple(_option(name, *options[name]) for name in shared),
            lambda context, values: (context.obj or Settings()).settled(command, values),
        )
    if is_record(kind):
        fields = tuple(_option(name, annotation, default_of(kind, name)) for name, annotation in fields_of(kind).items())
        return _Part(fields, lambda _, values: kind(**values))
    return _Part((parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY),), partial(_value, parameter.name))


def _value(name: str, _context: typer.Context, values: dict[str, Any]) -> Any:
    return values[name]


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
