"""The wheel carries its knowledge compiled, so that a container, a CI job or a read-only home starts as fast as any other."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_COMPILE = """
import sys
from pathlib import Path
from dmcli.knowledge.contents import mark, read_files
from dmcli.knowledge.load import build
from dmcli.knowledge.shipped import write

contents = read_files(Path("data"))
write(build(contents, "data"), mark(contents), sys.argv[1])
"""


class Compiled(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Check and compile `data/`. Knowledge that is wrong makes no wheel, and a checkout keeps none: its data change."""
        if version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        made = Path(self.folder.name) / "knowledge.marshal"
        # The order within sets is part of the file: with one seed the same files make the same wheel.
        # pip tells an isolated build by this very variable where its requirements are.
        path = os.pathsep.join(filter(None, (self.root, os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": path}
        subprocess.run([sys.executable, "-c", _COMPILE, str(made)], cwd=self.root, env=environment, check=True)
        build_data["force_include"][str(made)] = "dmcli/knowledge.marshal"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if version != "editable":
            self.folder.cleanup()
