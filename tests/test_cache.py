"""The compiled knowledge: whatever lies in the cache, the answer is the one the files give, and nothing crashes."""

import marshal
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from conftest import DATA, ROOT, built_knowledge, run
from dmcli.knowledge import cache as knowledge_cache
from dmcli.knowledge import packed, shipped
from dmcli.knowledge.cache import default_dir, load_knowledge
from dmcli.knowledge.conditions import Node
from dmcli.knowledge.contents import mark, read_files
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
    assert [p.suffix for p in kept.parent.iterdir()] == [".marshal"]


def test_another_content_has_another_file(kept: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    copytree(DATA, data)
    for file in data.rglob("*.yaml"):
        file.write_bytes(file.read_bytes() + b"\n# another\n")
    other = load_knowledge(data, "data", kept.parent)
    assert other.sha256 != built_knowledge().sha256
    assert len(list(kept.parent.iterdir())) == 2
    assert load(kept.parent).sha256 == built_knowledge().sha256


def test_of_what_was_kept_long_ago_only_the_last_few_are_left(tmp_path: Path) -> None:
    """And nothing is removed that this program did not keep."""
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    old = [cache / f"{number:032x}.{'json' if number % 2 else 'marshal'}" for number in range(20)]
    others = [cache / "notes.json", cache / f"{7:032x}.txt"]
    for age, file in enumerate([*old, *others]):
        file.write_bytes(b"")
        os.utime(file, (1000 + age, 1000 + age))
    load_knowledge(DATA, "data", cache)
    left = {file.name for file in cache.iterdir()}
    assert {file.name for file in others} <= left
    assert {file.name for file in old[-11:]} <= left
    assert len(left) == 11 + 1 + len(others)


def test_another_version_of_the_program_has_another_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_cache, "__version__", "0.0.0")
    assert answers(kept.parent)
    assert len(list(kept.parent.iterdir())) == 2


def test_an_edited_module_of_the_program_has_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tables.py").write_text("one = 1\n")
    monkeypatch.setattr(knowledge_cache, "_MAKERS", (str(tmp_path), str(tmp_path / "missing")))
    before = knowledge_cache._key("mark")
    assert knowledge_cache._key("mark") == before
    (tmp_path / "tables.py").write_text("one = 10\n")
    assert knowledge_cache._key("mark") != before
    assert knowledge_cache._key("other mark") != knowledge_cache._key("mark")


def kinds(value: Any) -> Any:
    """A value with the type of everything in it, which a comparison passes over: 1 is True and 1.0."""
    if isinstance(value, dict):
        return [(key, kinds(inner)) for key, inner in value.items()]
    inside = value.__dict__ if hasattr(value, "__dict__") else value if isinstance(value, tuple) else ()
    return type(value).__name__, [kinds(inner) for inner in (inside.values() if isinstance(inside, dict) else inside)]


def test_what_is_packed_comes_back_of_the_same_types_and_in_the_same_order() -> None:
    found = packed.read(packed.written(built_knowledge()))
    assert found == built_knowledge()
    assert kinds(found) == kinds(built_knowledge())


def test_what_no_knowledge_is_made_of_is_not_packed() -> None:
    with pytest.raises(TypeError, match="date is no part of any knowledge"):
        packed.written(built_knowledge().changed(sha256=date(2026, 12, 1)))


def sealed(payload: bytes) -> bytes:
    """The payload under a checksum that fits it, as the program writes it."""
    return knowledge_cache._seal(Path(key()), payload).encode() + b"\n" + payload


@cache
def key() -> str:
    """The name of the file that is kept for the shipped knowledge."""
    return knowledge_cache._key(mark(read_files(DATA)))


def rewritten(change: Callable[[Any], object], seal: bool = False) -> Callable[[bytes], bytes]:
    """The file with another knowledge in it, beside the counts of the sound one."""

    def rewrite(raw: bytes) -> bytes:
        checksum, counts, payload = raw.split(b"\n", 2)
        knowledge = packed.read(payload)
        change(knowledge)
        payload = counts + b"\n" + packed.written(knowledge)
        return sealed(payload) if seal else checksum + b"\n" + payload

    return rewrite


def repacked(change: Callable[[list[Any]], object]) -> Callable[[bytes], bytes]:
    """The file with other groups of records in it, under a checksum that fits."""

    def rewrite(raw: bytes) -> bytes:
        _, counts, payload = raw.split(b"\n", 2)
        groups = marshal.loads(payload)
        change(groups)
        return sealed(counts + b"\n" + marshal.dumps(groups))

    return rewrite


def counted(payload: bytes) -> Callable[[bytes], bytes]:
    """Something else in the place of the knowledge, beside counts and under a checksum that fits."""
    return lambda raw: sealed(raw.split(b"\n", 2)[1] + b"\n" + payload)


def set_to(record: Any, **values: Any) -> None:
    """Fields of a frozen record, replaced where they stand."""
    record.__dict__.update(values)


def always(knowledge: Any, *node: Any) -> None:
    """One tree in the place of every condition."""
    knowledge.trees.update(dict.fromkeys(knowledge.trees, Node(*node, ())))


def first_dose(knowledge: Any) -> Any:
    return knowledge.therapies["ivig"].regimens[0].steps[0].dose


def group_of(groups: list[Any], name: str) -> int:
    return next(number for number, group in enumerate(groups) if group[1] == name)


def regrouped(groups: list[Any], name: str, place: int, value: Any) -> None:
    """A part of what is told of the first group of a class, replaced."""
    number = group_of(groups, name)
    groups[number] = (*groups[number][:place], value, *groups[number][place + 1 :])


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "truncated": lambda raw: raw[: len(raw) // 2],
    "short by one byte": lambda raw: raw[:-1],
    "one more byte": lambda raw: raw + b"]",
    "binary": lambda _: bytes(range(256)) * 100,
    "another text": lambda raw: raw.replace(b"IVIG", b"IV\xffG"),
    "nothing": lambda _: marshal.dumps(None),
    "a list": lambda _: marshal.dumps([]),
    "deeply nested": lambda _: b"(\x01\x00\x00\x00" * 200_000,
    "what another version kept": lambda _: b"0" * 64 + b"\n{}",
    "no checksum": lambda raw: raw.partition(b"\n")[2],
    "another checksum": lambda raw: b"0" * 32 + b"\n" + raw.partition(b"\n")[2],
    "only the checksum": lambda raw: raw.partition(b"\n")[0],
    "another hash": rewritten(lambda k: set_to(k, sha256="0" * 64)),
    "trees of nothing": rewritten(lambda k: set_to(k, trees={})),
    "every rule true": rewritten(lambda k: always(k, "lit", True)),
    "every rule false": rewritten(lambda k: always(k, "lit", False)),
    "a fact of another type": rewritten(lambda k: set_to(k.facts["age"], type="boolean")),
    "another bound": rewritten(lambda k: set_to(k.facts["weight_kg"], min=1.0)),
    "no facts": rewritten(lambda k: set_to(k, facts={})),
    "no contraindications": rewritten(lambda k: set_to(k.therapies["ivig"], contraindications=())),
    "another dose": rewritten(lambda k: set_to(first_dose(k), amounts=(9.0,))),
    "a dose that is text": rewritten(lambda k: set_to(first_dose(k), amounts=("a lot",))),
    "another line": rewritten(lambda k: set_to(k.therapies["ivig"], line="avoid")),
    "a therapy less": rewritten(lambda k: k.therapies.pop("mmf")),
    "no texts": rewritten(lambda k: set_to(k, texts={})),
    "another sentence": rewritten(lambda k: k.texts.update(review_stop="Give everything: {name}")),
    "another title": rewritten(lambda k: set_to(k.algorithm, title="Everything is safe")),
    "one bit": lambda raw: raw.replace(b"26", b"27", 1),
}


# Under a checksum that fits, so that only the check of its shape is left.
SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": counted(marshal.dumps(None)),
    "a list": counted(marshal.dumps([])),
    "a number": counted(marshal.dumps(7)),
    "no bytes": counted(b""),
    "deeply nested": counted(b"(\x01\x00\x00\x00" * 200_000),
    "no marshal": counted(b"\xff" * 100),
    "half of it": lambda raw: sealed(raw.partition(b"\n")[2][:200_000]),
    "a group less": repacked(lambda groups: groups.pop(3)),
    "groups the other way round": repacked(lambda groups: groups.reverse()),
    "only a part of it": repacked(lambda groups: groups.pop()),
    "numbers of nothing": repacked(lambda groups: groups[-1][4][0].update(facts=10**6)),
    "a group of two": repacked(lambda groups: groups.__setitem__(3, groups[3][:2])),
    "a class of elsewhere": repacked(lambda groups: regrouped(groups, "Fact", 0, "subprocess")),
    "a class of nowhere": repacked(lambda groups: regrouped(groups, "Fact", 0, "dmcli.knowledge.nowhere")),
    "a class that is none": repacked(lambda groups: regrouped(groups, "Fact", 1, "Literal")),
    "a class that is missing": repacked(lambda groups: regrouped(groups, "Fact", 1, "Fiction")),
    "other fields": repacked(lambda groups: regrouped(groups, "Fact", 2, ("id", "name"))),
    "a fact without a type": repacked(lambda groups: groups[group_of(groups, "Fact")][4][0].pop("type")),
    "an unknown field": repacked(lambda groups: groups[group_of(groups, "Fact")][4][0].update(shell="ls")),
    "trees of nothing": rewritten(lambda k: set_to(k, trees={}), seal=True),
    "a tree less": rewritten(lambda k: k.trees.popitem(), seal=True),
    "no texts": rewritten(lambda k: set_to(k, texts={}), seal=True),
    "a text less": rewritten(lambda k: k.texts.popitem(), seal=True),
    "no facts": rewritten(lambda k: set_to(k, facts={}), seal=True),
    "a therapy less": rewritten(lambda k: k.therapies.pop("mmf"), seal=True),
    "a statement less": rewritten(lambda k: k.algorithm.statements.popitem(), seal=True),
    "a setting less": rewritten(lambda k: k.algorithm.settings.popitem(), seal=True),
    "no statuses": rewritten(lambda k: set_to(k.algorithm, statuses=()), seal=True),
    "no rules about any therapy": rewritten(lambda k: set_to(k, about={}), seal=True),
    "no counts": lambda raw: sealed(raw.split(b"\n", 2)[2]),
    "counts of nothing": lambda raw: sealed(b"\n" + raw.split(b"\n", 2)[2]),
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
    return rewritten(lambda k: always(k, "lit", True), seal=True)(file.read_bytes())


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
    target = tmp_path / "target.marshal"
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
    file.write_bytes(b"0" + file.read_bytes())
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
    file = tmp_path / shipped.NAME
    shipped.write(built_knowledge(), mark(read_files(DATA)), str(file))
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
    assert shipped.read(mark(read_files(data))) is None
    assert came.exists()


@pytest.mark.parametrize("cut", [0, 30, 65, 2000])
def test_what_came_damaged_is_built_from_the_files(came: Path, cut: int) -> None:
    came.write_bytes(came.read_bytes()[:cut])
    assert shipped.read(mark(read_files(DATA))) is None
    assert load_knowledge(DATA, "data", None) == built_knowledge()


def test_what_came_with_another_program_is_built_from_the_files(came: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "__version__", "0.0.0")
    assert shipped.read(mark(read_files(DATA))) is None
    assert came.exists()


def test_the_knowledge_for_many_cases_is_the_same_knowledge_with_its_conditions_as_functions() -> None:
    plain = built_knowledge()
    many = plain.for_many()
    assert many.prepared is not None
    assert many.prepared.asked.keys() == plain.trees.keys()
    assert many.for_many() is many
    assert many.changed(prepared=None) == plain
