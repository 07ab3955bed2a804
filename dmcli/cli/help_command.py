"""`dmcli help`: the pages of the documentation and every code, offline."""

from typing import Annotated

import typer

from dmcli.cli.declared import takes
from dmcli.cli.options import Settings
from dmcli.errors import Problem, UsageProblem, nearest


@takes("help", "data", "output", "color", "no_color")
def help_command(
    topic: Annotated[str | None, typer.Argument(help="A page, a command or a code; none lists the pages.")] = None,
    no_pager: Annotated[bool, typer.Option("--no-pager", help="A long answer is not shown in a pager.")] = False,
    *,
    settings: Settings,
) -> None:
    """The pages of the documentation, and what each error, warning and argument code means."""
    from dmcli.cli import pages
    from dmcli.render.page import page_text

    known, codes = pages.names(), pages.codes()
    wanted = (topic or "").strip().lower().removesuffix(".md")
    if topic is None:
        text = pages.contents()
    elif wanted in known:
        text = pages.read(wanted)
    elif wanted.replace("-", "_") in codes:
        text = "\n".join(codes[wanted.replace("-", "_")])
    elif wanted in pages.TOPICS:
        text = pages.read(pages.TOPICS[wanted])
    else:
        # Only what no page explains needs the knowledge: a code that a clinic's own file has added.
        own = pages.codes_of(settings.knowledge())
        if wanted.replace("-", "_") not in own:
            raise _unknown(wanted, [*known, *codes, *own, *pages.TOPICS])
        text = "\n".join(own[wanted.replace("-", "_")])
    settings.write_paged(page_text(text, settings.view()), paged=not no_pager)


def _unknown(name: str, known: list[str]) -> UsageProblem:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:40]
    text = f"no page, command or code is called '{shown}'{nearest(name, known)}; 'dmcli help' lists the pages"
    return UsageProblem([Problem("dmcli help", 0, 0, "", "unknown_topic", text)])
