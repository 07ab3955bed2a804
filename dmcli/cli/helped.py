"""The help of commands: plain text without a box or a colour, which any terminal shows and a screen reader reads."""

from typing import Any

from typer.core import TyperCommand, TyperGroup


class Helped(TyperCommand):
    """A command whose help has its options under their headings, and ends with its examples and the page that says more."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        parts: dict[str, list[tuple[str, str]]] = {"Arguments": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                plain = "Arguments" if parameter.param_type_name == "argument" else "Options"
                parts.setdefault(getattr(parameter, "rich_help_panel", None) or plain, []).append(record)
        for heading, records in parts.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from dmcli.cli.pages import end_of_help

        formatter.write(f"\n{end_of_help(_name(ctx))}")


class Grouped(TyperGroup):
    """A group of commands, each with its whole sentence."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help or "") for name, command in commands if command is not None])
        options = [found for parameter in self.get_params(ctx) if (found := parameter.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(options)


def _name(context: Any) -> str:
    """The command as it is called, as `case new`."""
    above = context.parent
    return f"{_name(above)} {context.info_name}".strip() if above is not None else ""
