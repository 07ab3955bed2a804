"""`dmcli therapy`, `evidence`, `facts` and `check`: what the knowledge says, and whether it is sound."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dmcli.cli.options import DataOption, Format, FormatOption, NoColorOption, OutputOption, QuietOption, Settings
from dmcli.errors import Problem, UsageProblem, nearest

if TYPE_CHECKING:
    from dmcli.knowledge.model import Knowledge


def therapy_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="A therapy or a synonym; none lists the catalogue.")] = None,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """The catalogue, or one therapy: line, dosing, safety, monitoring, evidence."""
    from dmcli.knowledge.model import plain

    settings: Settings = context.obj.override(data, fmt, output, no_color, False)
    knowledge = settings.knowledge()
    if name is None:
        _show("therapy_list", settings, knowledge)
        return
    names = knowledge.therapy_names
    found = names.get(plain(name))
    if found is None:
        raise _unknown("therapy", name, nearest(plain(name), list(names)), "dmcli therapy")
    _show("therapy_page", settings, knowledge, found)


def evidence_command(
    context: typer.Context,
    ident: Annotated[
        str | None, typer.Argument(help="A fact of the topic (I02) or a source; none lists them.", metavar="[ID]")
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Every choice of this tool that no source makes.")] = False,
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Where sources disagree, and which one is used.")] = False,
    changes: Annotated[bool, typer.Option("--changes", help="What your own file changes in the shipped knowledge.")] = False,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Facts, sources, disagreements between sources, and the tool's own defaults."""
    settings: Settings = context.obj.override(data, fmt, output, no_color, False)
    knowledge = settings.knowledge()
    pages = {"defaults_page": defaults, "conflicts_page": conflicts, "changes_page": changes}
    asked = [page for page, wanted in pages.items() if wanted]
    if len(asked) + (ident is not None) > 1:
        text = "one at a time: an id, --defaults, --conflicts or --changes"
        raise UsageProblem([Problem("dmcli evidence", 0, 0, "", "usage", text)])
    if asked:
        _show(asked[0], settings, knowledge)
    elif ident is None:
        _show("evidence_list", settings, knowledge)
    else:
        known = {i.lower(): i for i in (*knowledge.sources.topic_facts, *knowledge.sources.sources)}
        if ident.lower() not in known:
            raise _unknown("source", ident, nearest(ident.lower(), list(known)), "dmcli evidence")
        _show("evidence_page", settings, knowledge, known[ident.lower()])


def facts_command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One fact; none lists all.")] = None,
    data: DataOption = None,
    fmt: FormatOption = None,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Every fact a case may state: type, unit, range, question, codes."""
    settings: Settings = context.obj.override(data, fmt, output, no_color, False)
    knowledge = settings.knowledge()
    if name is None:
        _show("facts_list", settings, knowledge)
        return
    known = {s: f.id for f in knowledge.facts.values() for s in (f.id, *f.synonyms)}
    wanted = name.lower().replace("-", "_")
    if wanted not in known:
        raise _unknown("fact", name, nearest(wanted, list(known)), "dmcli facts")
    _show("facts_page", settings, knowledge, known[wanted])


def check_command(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(help="A knowledge folder, or a file of your own; none checks what is in use.", metavar="[DIR]"),
    ] = None,
    data: DataOption = None,
    fmt: FormatOption = None,
    quiet: QuietOption = False,
) -> None:
    """Validate and lint a knowledge folder; every problem as path:line:col."""
    from dmcli.knowledge.folder import find
    from dmcli.knowledge.lint import lint
    from dmcli.knowledge.load import build, read_files, read_override

    settings: Settings = context.obj.override(data, fmt, None, False, quiet)
    place = find(folder or settings.chosen)
    # Never from the cache: what is checked are the files themselves.
    override = read_override(place.override) if place.override is not None else None
    knowledge = build(read_files(place.folder), str(place.folder), override)
    report = lint(knowledge)
    if settings.kind is Format.JSON:
        settings.write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    elif not settings.quiet:
        lines = [f"{key.replace('_', ' ')}: {value}" for key, value in report.items() if not isinstance(value, list)]
        lines += [f"note: {text}" for text in report["notes"]]
        settings.write("\n".join(lines) + "\n")


def _show(page: str, settings: Settings, knowledge: "Knowledge", *args: str) -> None:
    """One page of the catalogue in the format asked for."""
    from dmcli.render.catalogue import show

    text = show(page, settings.kind.value, knowledge, *args, width=settings.width(), color=settings.color())
    settings.write(text)


def _unknown(kind: str, name: str, hint: str, command: str) -> UsageProblem:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:40]
    text = f"unknown {kind} '{shown}'{hint}; '{command}' lists them"
    problem: Any = Problem(command, 0, 0, "", f"unknown_{kind}", text)
    return UsageProblem([problem])
