"""The scripts with which bash, zsh and fish ask for completions, and where each is kept."""

import os
from pathlib import Path
from typing import NamedTuple

from dmcli.cli.completion import VARIABLE
from dmcli.errors import Problem, UsageProblem

# Each asks the program, and offers files where it has no answer. Bash replaces only what stands behind a colon or an equals
# sign, so that much is taken off its answers.
_BASH = f"""\
_dmcli() {{
    local line=${{COMP_LINE:0:COMP_POINT}} words last head
    read -ra words <<< "$line"
    [[ $line == *" " ]] && words+=("")
    last=${{words[-1]}}
    head=${{last%"${{last##*[:=]}}"}}
    mapfile -t COMPREPLY < <({VARIABLE}=1 dmcli "${{words[@]:1}}" 2>/dev/null)
    COMPREPLY=("${{COMPREPLY[@]#"$head"}}")
    [[ ${{COMPREPLY[0]-}} == *= ]] && compopt -o nospace
    return 0
}}
complete -o default -F _dmcli dmcli
"""
_ZSH = f"""\
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
_dmcli() {{
    local -a found
    found=(${{(f)"$({VARIABLE}=1 dmcli "${{(@)words[2,CURRENT]}}" 2>/dev/null)"}})
    if (( $#found )); then compadd -- $found; else _files; fi
}}
compdef _dmcli dmcli
"""
_FISH = f"""\
complete -c dmcli -a '(env {VARIABLE}=1 dmcli (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'
"""


class _Shell(NamedTuple):
    """A shell's script, the file it is kept in, and the file of the shell that has to name it, below the home folder."""

    script: str
    kept: str
    start: str | None


_SHELLS = {
    "bash": _Shell(_BASH, ".local/share/dmcli/completion.bash", ".bashrc"),
    "zsh": _Shell(_ZSH, ".local/share/dmcli/completion.zsh", ".zshrc"),
    "fish": _Shell(_FISH, ".config/fish/completions/dmcli.fish", None),
}


def script() -> str:
    """The script for the shell of this session. Raises UsageProblem for another one than the three."""
    return _shell("--show-completion").script


def install() -> str:
    """Keeps the script where the shell finds it from its next start on, and says where; a second time changes nothing."""
    shell = _shell("--install-completion")
    kept = Path.home() / shell.kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(shell.script, encoding="utf-8")
        if shell.start is not None:
            _named(Path.home() / shell.start, f'source "{kept}"')
    except OSError as error:
        text = f"{error.filename}: cannot be written ({error.strerror}); --show-completion prints the script"
        raise UsageProblem([Problem("--install-completion", 0, 0, "", "unwritable", text)]) from None
    return f"Completion is in {kept}; it works in a new shell.\n"


def _named(start: Path, line: str) -> None:
    before = start.read_text(encoding="utf-8") if start.exists() else ""
    if line not in before.splitlines():
        with start.open("a", encoding="utf-8") as stream:
            stream.write(f"{'' if before.endswith(chr(10)) or not before else chr(10)}{line}\n")


def _shell(flag: str) -> _Shell:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _SHELLS:
        text = f"SHELL names none of {', '.join(_SHELLS)}; say which one, as in: SHELL=fish dmcli {flag}"
        raise UsageProblem([Problem(flag, 0, 0, "", "usage", text)])
    return _SHELLS[name]
