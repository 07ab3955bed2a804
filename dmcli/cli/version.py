"""The version of the shipped knowledge, read from its first lines so that `--version` answers at once."""

from dmcli import __version__
from dmcli.knowledge.folder import shipped


def version_line() -> str:
    """Tool and knowledge version, as `--version` prints them."""
    return f"dmcli {__version__} (knowledge {knowledge_version()})\n"


def knowledge_version() -> str:
    """The `version:` of the shipped algorithm; 'not found' if the file is missing or has none."""
    try:
        with (shipped() / "algorithm.yaml").open(encoding="utf-8") as stream:
            for line in stream:
                if line.startswith("version:"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return "not found"
