"""What is read and written: case files and stdin in, answers out, and no answer in the place of what was read."""

import errno
import os
import stat
import sys
from pathlib import Path

from dmcli.cli import streams
from dmcli.errors import Problem, UsageProblem

STDIO = "-"
# What a file in a knowledge folder is told by.
_KNOWLEDGE = (".yaml", ".yml")


class Files:
    """The files of one run. It remembers what was read, so that an answer never destroys a question."""

    def __init__(self) -> None:
        self._read: set[tuple[int, int]] = set()
        self._folders: list[Path] = []

    def read_text(self, path: str) -> str:
        """A case file's text, or stdin for `-`. Raises InvalidCase, and UsageProblem where no case is on stdin."""
        from dmcli.case.source import decoded, no_case, unreadable
        from dmcli.yamlfile import MAX_BYTES

        try:
            if path == STDIO:
                if sys.stdin is None or sys.stdin.isatty():
                    raise UsageProblem([Problem(STDIO, 0, 0, "", "usage", "no case on stdin; pipe one in, or name a file")])
                self._remember(sys.stdin)
                raw = sys.stdin.buffer.read(MAX_BYTES + 1)
            elif (error := no_case(path)) is not None:
                raise error
            else:
                with Path(path).open("rb") as stream:
                    self._remember(stream)
                    raw = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise unreadable(path, error) from None
        return decoded(raw, path)

    def keep_folder(self, folder: Path) -> None:
        """Let no answer become part of a knowledge folder."""
        self._folders.append(folder)

    def write(self, text: str, output: str | None) -> None:
        """To stdout, or to a file that is written whole or not at all and readable by its owner only.

        A link is followed to the file that is meant. Raises UsageProblem for what is nobody's to replace: a folder, a
        device, the case itself, the knowledge in use.
        """
        if output is None or output == STDIO:
            streams.answer(text)
            return
        try:
            _replace(self.target(output), text)
        except OSError as error:
            raise _refused(output, f"cannot be written ({error.strerror})") from None

    def keep_case(self, path: str) -> None:
        """Let no answer take the place of this file."""
        try:
            status = os.stat(path)
        except OSError:
            return  # what is not there cannot be destroyed
        self._read.add((status.st_dev, status.st_ino))

    def target(self, output: str) -> Path:
        """The file that is meant by a name. Raises UsageProblem for what is nobody's to replace, and OSError."""
        if output.endswith((os.sep, os.altsep or os.sep)):
            raise _refused(output, "is a folder by its name")
        target = Path(os.path.realpath(output))
        try:
            status = os.stat(output)
        except FileNotFoundError:
            status = None
        if status is not None and not stat.S_ISREG(status.st_mode):
            what = errno.EISDIR if stat.S_ISDIR(status.st_mode) else errno.EINVAL
            raise OSError(what, "Is a directory" if what == errno.EISDIR else "not an ordinary file")
        if status is not None and (status.st_dev, status.st_ino) in self._read:
            raise _refused(output, "is the case that was read, which an answer must not replace")
        if target.suffix in _KNOWLEDGE and any(target.is_relative_to(folder.resolve()) for folder in self._folders):
            raise _refused(output, "would be part of the knowledge in use, which an answer must not change")
        return target

    def _remember(self, stream: object) -> None:
        try:
            status = os.fstat(stream.fileno())  # type: ignore[attr-defined]
        except (OSError, AttributeError):
            return  # a stream within this process is no file
        if stat.S_ISREG(status.st_mode):
            self._read.add((status.st_dev, status.st_ino))


def _replace(target: Path, text: str) -> None:
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".dmcli-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        os.replace(name, target)
    except BaseException:  # an interrupt leaves no half a file behind either
        os.unlink(name)
        raise


def _refused(output: str, why: str) -> UsageProblem:
    return UsageProblem([Problem(output, 0, 0, "", "unwritable", f"{why}; choose another file")])
