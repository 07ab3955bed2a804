"""The compiled knowledge: whatever lies in the cache, the answer is the one the files give, and nothing crashes."""

import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from conftest import DATA, ROOT, built_knowledge, run
from dmcli.knowledge import cache as knowledge_cache
from dmcli.knowledge import shipped
from dmcli.knowledge.cache import default_dir, load_knowledge
from dmcli.knowledge.load import read_files
from dmcli.knowledge.model import Knowledge
from test_manners import all_of

CASE = "examples/ivig-start.yaml"


def load(folder: Path) -> Knowledge:
    return load_knowledge(DATA, "data", folder)


def answers(folder: Path) -> bool:
    """Whether the knowledge is the one that the files give."""
    found = load(folder)
    return found == built_knowledge() and found.trees == built_knowledge().trees


@pytest.fixture(autouse=True)
def build_the_shipped_files_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built, shipped = knowledge_cache.build, read_files(DATA)
    monkeypatch.setattr(
        knowledge_cache,
        "build",
        lambda contents, shown, clinic: built_knowledge() if contents == shipped else built(contents, shown, clinic),
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder as the program leaves it."""
    folder = tmp_path_factory.mktemp("sound") / "dmcli"
    load(folder)
    return folder


@pytest.fixture
def kept(sound: Path, tmp_path: Path) -> Path:
    """The one sound file of a cache folder of its own."""
    copytree(sound, tmp_path / "dmcli")
    (file,) = (tmp_path / "dmcli").iterdir()
    return file


@pytest.fixture
def no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, knowledge comes from the cache or not at all."""

    def build(*_: Any) -> Knowledge:
        raise AssertionError("built from the files")

    monkeypatch.setattr(knowledge_cache, "build", build)


def test_the_cache_gives_the_same_knowledge(kept: Path, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("no_build")
    assert answers(kept.parent)


def test_the_cache_is_for_its_owner_only_and_nothing_else_is_left(kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [p.suffix for p in kept.parent.iterdir()] == [".json"]


def test_another_content_has_another_file(kept: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    copytree(DATA, data)
    for file in data.rglob("*.yaml"):
        file.write_bytes(file.read_bytes() + b"\n# another\n")
    other = load_knowledge(data, "data", kept.parent)
    assert other.sha256 != built_knowledge().sha256
    assert len(list(kept.parent.iterdir())) == 2
    assert load(kept.parent).sha256 == built_knowledge().sha256


def test_another_version_of_the_program_has_another_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_cache, "__version__", "0.0.0")
    assert answers(kept.parent)
    assert len(list(kept.parent.iterdir())) == 2


def sealed(payload: bytes) -> bytes:
    """The payload under a checksum that fits it, as the program writes it."""
    return hashlib.sha256(key().encode() + b"\n" + payload).hexdigest().encode() + b"\n" + payload


@cache
def key() -> str:
    """The name of the file that is kept for the shipped knowledge."""
    return knowledge_cache._key(built_knowledge().sha256)


def rewritten(change: Callable[[dict[str, Any]], object], seal: bool = False) -> Callable[[bytes], bytes]:
    def rewrite(raw: bytes) -> bytes:
        checksum, _, payload = raw.partition(b"\n")
        data = json.loads(payload)
        change(data)
        payload = json.dumps(data).encode()
        return sealed(payload) if seal else checksum + b"\n" + payload

    return rewrite


def always(data: dict[str, Any], *tree: Any) -> dict[str, Any]:
    """One tree in the place of every condition."""
    return dict.fromkeys(data["trees"], tree)


def first_therapy(data: dict[str, Any]) -> Any:
    return data["catalogue"]["therapies"]["ivig"]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "short by one byte": lambda raw: raw[:-1],
    "one more byte": lambda raw: raw + b"]",
    "binary": lambda _: bytes(range(256)) * 100,
    "no utf-8": lambda raw: raw.replace(b"IVIG", b"IV\xffG"),
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "a number": lambda _: b"1e999",
    "an empty object": lambda _: b"{}",
    "deeply nested": lambda _: b"[" * 200_000,
    "no checksum": lambda raw: raw.partition(b"\n")[2],
    "another checksum": lambda raw: b"0" * 64 + b"\n" + raw.partition(b"\n")[2],
    "only the checksum": lambda raw: raw.partition(b"\n")[0],
    "another hash": rewritten(lambda d: d.update(sha256="0" * 64)),
    "no trees": rewritten(lambda d: d.pop("trees")),
    "trees of nothing": rewritten(lambda d: d.update(trees={})),
    "a list of trees": rewritten(lambda d: d.update(trees=[])),
    "trees that are no trees": rewritten(lambda d: d.update(trees=always(d, 1, 2))),
    "trees of unknown kinds": rewritten(lambda d: d.update(trees=always(d, "shell", "rm", []))),
    "every rule true": rewritten(lambda d: d.update(trees=always(d, "lit", True, []))),
    "every rule false": rewritten(lambda d: d.update(trees=always(d, "lit", False, []))),
    "a fact without a type": rewritten(lambda d: d["facts"]["age"].pop("type")),
    "a fact of another type": rewritten(lambda d: d["facts"]["age"].update(type="boolean")),
    "a bound that is text": rewritten(lambda d: d["facts"]["weight_kg"].update(min="thirty")),
    "another bound": rewritten(lambda d: d["facts"]["weight_kg"].update(min=1.0)),
    "an unknown field": rewritten(lambda d: d["facts"]["age"].update(shell="ls")),
    "no facts": rewritten(lambda d: d.update(facts={})),
    "no contraindications": rewritten(lambda d: first_therapy(d).update(contraindications=[])),
    "another dose": rewritten(
        lambda d: d["catalogue"]["therapies"]["ivig"]["regimens"][0]["steps"][0]["dose"].update(amounts=[9.0])
    ),
    "a dose that is text": rewritten(
        lambda d: d["catalogue"]["therapies"]["ivig"]["regimens"][0]["steps"][0]["dose"].update(amounts=["a lot"])
    ),
    "a cycle of no days": rewritten(
        lambda d: d["catalogue"]["therapies"]["ivig"]["regimens"][0]["steps"][0].update(every_days=0)
    ),
    "another line": rewritten(lambda d: first_therapy(d).update(line="avoid")),
    "a therapy less": rewritten(lambda d: d["catalogue"]["therapies"].pop("mmf")),
    "no texts": rewritten(lambda d: d.update(texts={})),
    "another text": rewritten(lambda d: d["texts"].update(review_stop="Give everything: {name}")),
    "another sentence": rewritten(lambda d: d["algorithm"].update(title="Everything is safe")),
    "one bit": lambda raw: raw.replace(b"26", b"27", 1),
}


# Under a checksum that fits, so that only the check of its shape is left.
SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "null": lambda _: sealed(b"null"),
    "a list": lambda _: sealed(b"[]"),
    "an empty object": lambda _: sealed(b"{}"),
    "deeply nested": lambda _: sealed(b"[" * 200_000),
    "no json": lambda _: sealed(b"\xff"),
    "another hash": rewritten(lambda d: d.update(sha256="0" * 64), seal=True),
    "no trees": rewritten(lambda d: d.pop("trees"), seal=True),
    "a list of trees": rewritten(lambda d: d.update(trees=[]), seal=True),
    "trees that are no trees": rewritten(lambda d: d.update(trees=always(d, 1, 2)), seal=True),
    "a fact without a type": rewritten(lambda d: d["facts"]["age"].pop("type"), seal=True),
    "an unknown field": rewritten(lambda d: d["facts"]["age"].update(shell="ls"), seal=True),
    "trees of nothing": rewritten(lambda d: d.update(trees={}), seal=True),
    "a tree less": rewritten(lambda d: d["trees"].popitem(), seal=True),
    "no texts": rewritten(lambda d: d.update(texts={}), seal=True),
    "a text less": rewritten(lambda d: d["texts"].popitem(), seal=True),
    "no facts": rewritten(lambda d: d.update(facts={}), seal=True),
    "a therapy less": rewritten(lambda d: d["catalogue"]["therapies"].pop("mmf"), seal=True),
    "a statement less": rewritten(lambda d: d["algorithm"]["statements"].popitem(), seal=True),
    "a setting less": rewritten(lambda d: d["algorithm"]["settings"].popitem(), seal=True),
    "no statuses": rewritten(lambda d: d["algorithm"].update(statuses=[]), seal=True),
    "no counts": rewritten(lambda d: d.pop("counts"), seal=True),
    "counts of nothing": rewritten(lambda d: d.update(counts={}), seal=True),
    "facts that are no facts": rewritten(lambda d: d.update(facts={"age": 1}), seal=True),
}


@pytest.mark.parametrize("damage", [*DAMAGE.values(), *SHAPES.values()], ids=[*DAMAGE, *(f"sealed: {name}" for name in SHAPES)])
def test_a_file_with_other_content_changes_nothing(kept: Path, damage: Callable[[bytes], bytes]) -> None:
    sound = kept.read_bytes()
    bad = damage(sound)
    assert bad != sound
    kept.write_bytes(bad)
    assert answers(kept.parent)


def test_a_damaged_file_is_mended(kept: Path, request: pytest.FixtureRequest) -> None:
    kept.write_bytes(kept.read_bytes()[:1000])
    load(kept.parent)
    request.getfixturevalue("no_build")
    assert answers(kept.parent)


def poisoned(file: Path) -> bytes:
    """A file that changes the answer if it is read."""
    return rewritten(lambda d: d.update(trees=always(d, "lit", True, [])), seal=True)(file.read_bytes())


def test_the_poisoned_file_of_the_tests_below_would_change_the_answer(kept: Path) -> None:
    kept.write_bytes(poisoned(kept))
    assert not answers(kept.parent)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666, 0o777])
def test_a_file_that_others_may_write_is_not_read(kept: Path, mode: int) -> None:
    kept.write_bytes(poisoned(kept))
    kept.chmod(mode)
    assert answers(kept.parent)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777, 0o1777])
def test_a_file_in_a_folder_that_others_may_write_is_not_read(kept: Path, mode: int) -> None:
    kept.write_bytes(poisoned(kept))
    kept.parent.chmod(mode)
    assert answers(kept.parent)


def test_a_file_of_someone_else_is_not_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.write_bytes(poisoned(kept))
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert answers(kept.parent)


def test_a_link_is_not_followed_and_its_target_is_not_touched(kept: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    target.write_bytes(poisoned(kept))
    before = target.read_bytes()
    kept.unlink()
    kept.symlink_to(target)
    assert answers(kept.parent)
    assert target.read_bytes() == before


def test_a_folder_in_the_place_of_the_file(kept: Path) -> None:
    kept.unlink()
    kept.mkdir()
    assert answers(kept.parent)
    assert [p.name for p in kept.parent.iterdir()] == [kept.name]


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "dmcli").write_text("here")
    assert answers(tmp_path / "dmcli")
    assert (tmp_path / "dmcli").read_text() == "here"


def test_a_file_that_is_too_large_is_not_read(kept: Path) -> None:
    with kept.open("ab") as stream:
        stream.truncate(10**10)
    assert answers(kept.parent)


def test_a_pipe_in_the_place_of_the_file_does_not_hang(kept: Path) -> None:
    kept.unlink()
    os.mkfifo(kept)
    command = [sys.executable, "-m", "dmcli", "plan", CASE, "--format", "json"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "XDG_CACHE_HOME": str(kept.parent.parent)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0


def test_a_place_that_cannot_be_written_is_no_error() -> None:
    assert answers(Path("/proc/dmcli/cache"))
    assert answers(Path("/dev/null/dmcli"))


def test_where_the_cache_lies() -> None:
    assert default_dir({"XDG_CACHE_HOME": "/x", "HOME": "/h"}) == Path("/x/dmcli")
    assert default_dir({"XDG_CACHE_HOME": "relative", "HOME": "/h"}) == Path("/h/.cache/dmcli")
    assert default_dir({"XDG_CACHE_HOME": "", "HOME": "/h"}) == Path("/h/.cache/dmcli")
    assert default_dir({"USERPROFILE": "/u"}) == Path("/u/.cache/dmcli")
    assert default_dir({}) is None


FORMS = ("json", "text")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each format prints without a cache, when it is made, when it is read, and when it is damaged."""
    folder = tmp_path_factory.mktemp("told")

    def both(**environment: str) -> list[str]:
        done = all_of([["plan", CASE, "--format", form] for form in FORMS], XDG_CACHE_HOME=str(folder), **environment)
        *texts, rest = re.split(r"\nended: .* 0\n", done.stdout)
        assert (len(texts), rest, done.returncode) == (len(FORMS), "", 0), done.stderr
        assert re.fullmatch(r"(\nended: .* 0\n){2}[^\n]+\n", done.stderr), done.stderr
        return texts

    uncached = both(DMCLI_CACHE="off")
    assert list(folder.iterdir()) == []
    writing = both()
    (file,) = (folder / "dmcli").iterdir()
    reading = both()
    file.write_bytes(b"{" + file.read_bytes())
    return dict(zip(FORMS, map(list, zip(uncached, writing, reading, both(), strict=True)), strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_a_plan_from_the_cache_is_the_plan_from_the_files_byte_for_byte(told: dict[str, list[str]], form: str) -> None:
    assert len(told[form]) == 4
    assert set(told[form]) == {told[form][0]}
    assert told[form][0]


def test_what_a_command_refuses_it_refuses_with_the_cache_too(kept: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    copytree(DATA, data)
    with (data / "algorithm.yaml").open("a") as stream:
        stream.write("extra: 1\n")
    for _ in range(2):
        done = run("plan", CASE, "--data", str(data), XDG_CACHE_HOME=str(kept.parent.parent))
        assert (done.returncode, done.stdout) == (4, "")
    assert len(list(kept.parent.iterdir())) == 1


# --- the knowledge that came compiled with the program


@pytest.fixture
def came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The knowledge as a wheel carries it."""
    file = tmp_path / "knowledge.pickle"
    shipped.write(built_knowledge(), str(file))
    monkeypatch.setattr(shipped, "FILE", str(file))
    return file


def test_what_came_compiled_is_the_knowledge_of_the_files_and_nothing_is_kept_beside_it(
    came: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("no_build")
    assert came.exists()
    assert answers(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_an_edited_file_is_not_answered_by_what_came_compiled(came: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    copytree(DATA, data)
    (data / "texts.yaml").write_bytes((data / "texts.yaml").read_bytes() + b"\n# edited\n")
    found = load_knowledge(data, "data", None)
    assert found.sha256 != built_knowledge().sha256
    assert shipped.read(found.sha256) is None
    assert came.exists()


@pytest.mark.parametrize("cut", [0, 30, 65, 2000])
def test_what_came_damaged_is_built_from_the_files(came: Path, cut: int) -> None:
    came.write_bytes(came.read_bytes()[:cut])
    assert shipped.read(built_knowledge().sha256) is None
    assert load_knowledge(DATA, "data", None) == built_knowledge()


def test_what_came_with_another_program_is_built_from_the_files(came: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "__version__", "0.0.0")
    assert shipped.read(built_knowledge().sha256) is None
    assert came.exists()


def test_the_knowledge_for_many_cases_is_the_same_knowledge_with_its_conditions_as_functions() -> None:
    plain = built_knowledge()
    many = plain.for_many()
    assert many.prepared is not None
    assert many.prepared.asked.keys() == plain.trees.keys()
    assert many.for_many() is many
    assert many.changed(prepared=None) == plain
