"""`dmcli therapy`, `evidence`, `facts` and `check`: what the knowledge says, and whether it is sound."""

from pathlib import Path
from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.errors import Problem, UsageProblem, nearest


@takes("therapy", "data", "format", "output", "color", "no_color")
def therapy_command(
    name: Annotated[str | None, typer.Argument(help="A therapy or a synonym; none lists the catalogue.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything about the therapy, with sources, not one screen.")] = False,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="A long answer is not shown in a pager.")] = False,
    *,
    settings: Settings,
) -> None:
    """The catalogue, or one therapy: line, dosing, safety, monitoring, evidence."""
    from dmcli.knowledge.tables import plain

    knowledge = settings.knowledge()
    if name is None:
        settings.show("catalogue", None, knowledge)
        return
    names = knowledge.therapy_names
    found = names.get(plain(name))
    if found is None:
        raise _unknown("therapy", name, nearest(plain(name), list(names)), "dmcli therapy")
    settings.show("therapy" if full else "card", found, knowledge, paged=not no_pager)


@takes("evidence", "data", "format", "output", "color", "no_color")
def evidence_command(
    ident: Annotated[
        str | None, typer.Argument(help="A fact of the topic (I02) or a source; none lists them.", metavar="[ID]")
    ] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="Every choice of this tool that no source makes.")] = False,
    conflicts: Annotated[bool, typer.Option("--conflicts", help="Where sources disagree, and which one is used.")] = False,
    changes: Annotated[bool, typer.Option("--changes", help="What your own file changes in the shipped knowledge.")] = False,
    *,
    settings: Settings,
) -> None:
    """Facts, sources, disagreements between sources, and the tool's own defaults."""
    knowledge = settings.knowledge()
    kinds = {"defaults": defaults, "conflicts": conflicts, "changes": changes}
    asked = [kind for kind, wanted in kinds.items() if wanted]
    if len(asked) + (ident is not None) > 1:
        text = "one at a time: an id, --defaults, --conflicts or --changes"
        raise UsageProblem([Problem("dmcli evidence", 0, 0, "", "usage", text)])
    if asked:
        settings.show(asked[0], None, knowledge)
    elif ident is None:
        settings.show("evidence", None, knowledge)
    else:
        known = {i.lower(): i for i in (*knowledge.sources.topic_facts, *knowledge.sources.sources)}
        if ident.lower() not in known:
            raise _unknown("source", ident, nearest(ident.lower(), list(known)), "dmcli evidence")
        settings.show("source", known[ident.lower()], knowledge)


@takes("facts", "data", "format", "output", "color", "no_color")
def facts_command(
    name: Annotated[str | None, typer.Argument(help="One fact; none lists all.")] = None,
    *,
    settings: Settings,
) -> None:
    """Every fact a case may state: type, unit, range, question, codes."""
    knowledge = settings.knowledge()
    if name is None:
        settings.show("facts", None, knowledge)
        return
    known = {s: f.id for f in knowledge.facts.values() for s in (f.id, *f.synonyms)}
    wanted = name.lower().replace("-", "_")
    if wanted not in known:
        raise _unknown("fact", name, nearest(wanted, list(known)), "dmcli facts")
    settings.show("fact", known[wanted], knowledge)


@takes("check", "data", "format", "quiet")
def check_command(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A knowledge folder, or a file of your own; none checks what is in use.", metavar="[DIR]"),
    ] = None,
    *,
    settings: Settings,
) -> None:
    """Validate and lint a knowledge folder; every problem as path:line:col."""
    from dmcli.knowledge.contents import read_files, read_override
    from dmcli.knowledge.folder import find
    from dmcli.knowledge.lint import lint
    from dmcli.knowledge.load import build

    place = settings.place if folder is None else settings.keep(find(folder))
    # Never from the cache: what is checked are the files themselves.
    override = read_override(place.override) if place.override is not None else None
    knowledge = build(read_files(place.folder), place.shown, override)
    if settings.format not in (None, "text") or not settings.quiet:
        settings.show("soundness", lint(knowledge), knowledge)


def _unknown(kind: str, name: str, hint: str, command: str) -> UsageProblem:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:40]
    text = f"unknown {kind} '{shown}'{hint}; '{command}' lists them"
    return UsageProblem([Problem(command, 0, 0, "", f"unknown_{kind}", text)])
