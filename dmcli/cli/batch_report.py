"""The cohort report at the end of a batch, on stderr: tables on a terminal, lines elsewhere."""

import sys

from dmcli.batch.report import Table, Tally, counted, tables
from dmcli.cli.messages import note
from dmcli.cli.streams import tell
from dmcli.render.literal import literal

_ROWS = 10


def tell_report(tally: Tally, color: bool) -> None:
    """What the cohort comes to, the urgent first."""
    found = tables(tally, _ROWS)
    if sys.stderr is not None and sys.stderr.isatty():
        _tables(found, color)
    else:
        for table in found:
            # Two columns tell what they are; more do not.
            heads = f" ({', '.join(table.heads)})" if table.rows and len(table.heads) > 2 else ""
            note(f"{table.title}{heads}{':' if table.rows else ''}", quiet=False)
            for row in table.rows:
                note("  " + "  ".join(cell for cell in row if cell), quiet=False)
    note(counted(tally), quiet=False)


def _tables(found: list[Table], color: bool) -> None:
    from io import StringIO

    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    shown = StringIO()
    width = Console(stderr=True).width
    console = Console(file=shown, width=width, force_terminal=color, highlight=False)
    for table in found:
        drawn = Drawn(*table.heads, title=Text(table.title), title_justify="left")
        for row in table.rows:
            drawn.add_row(*(Text(literal(cell)) for cell in row))
        console.print(drawn if table.rows else Text(table.title))
    tell(shown.getvalue())
