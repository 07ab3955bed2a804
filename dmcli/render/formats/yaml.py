"""Plain data as YAML: the same as JSON, never wrapped."""

import re
from typing import Any

import yaml

from dmcli.render.literal import HIDDEN
from dmcli.render.registry import View

_NEVER_WRAPPED = 1_000_000


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Only the double-quoted style knows escapes.
    style = '"' if re.search(HIDDEN, text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def write(data: Any, _view: View) -> str:
    """Plain data as YAML. Hidden characters are written as escapes, which YAML reads back unchanged."""
    text = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_NEVER_WRAPPED)
    return "\n".join(re.sub(HIDDEN, _escape, line) for line in text.split("\n"))


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}"
