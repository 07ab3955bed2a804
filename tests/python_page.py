"""The page on the Python interface, with what its examples print: each block runs after the ones before it."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "python.md"
_BLOCK = re.compile(r"(?P<head>```python\n(?P<code>.*?)```\n\n```text\n)(?P<shown>.*?)(?P<tail>```\n)", re.DOTALL)
_RUN = """
import contextlib, io, json, sys
names, printed = {"__name__": "page"}, []
for number, code in enumerate(json.load(sys.stdin), start=1):
    with contextlib.redirect_stdout(io.StringIO()) as paper:
        exec(compile(code, f"python.md, block {number}", "exec"), names)
    printed.append(paper.getvalue())
json.dump(printed, sys.stdout)
"""


def blocks(text: str) -> list[str]:
    """The examples of the page, in their order."""
    return [found["code"] for found in _BLOCK.finditer(text)]


def printed(code: list[str]) -> list[str]:
    """What each example prints, all run by one new interpreter."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _RUN], input=json.dumps(code), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


def page(text: str) -> str:
    """The page with every output made anew."""
    outputs = iter(printed(blocks(text)))
    return _BLOCK.sub(lambda found: found["head"] + next(outputs) + found["tail"], text)
