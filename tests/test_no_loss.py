"""Where flags meet a file and where the answer goes: nothing is lost on the way, and nothing is replaced that is no file."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from dmcli.errors import InvalidKnowledge
from dmcli.knowledge.contents import read_files
from dmcli.knowledge.files import FILES
from dmcli.knowledge.load import build

Call = Any
EXAMPLE = "examples/ivig-start.yaml"


@pytest.mark.parametrize(
    ("section", "flags"),
    [
        ("patient: [1]", ("--age", "50")),
        ("treatments: {therapy: methotrexate}", ("--failed", "hydroxychloroquine")),
        ("access: nonsense", ("--declined", "mmf")),
        ("access: {declined: mmf}", ("--declined", "ivig")),
        ("access: 7", ("--no-iv-access",)),
    ],
)
def test_a_flag_does_not_hide_what_is_wrong_in_the_file(dmcli: Call, section: str, flags: tuple[str, ...]) -> None:
    code, out, err = dmcli("plan", "-", *flags, stdin=f"as_of: 2026-12-01\n{section}\n")
    assert (code, out) == (3, "")
    assert "stands where a" in err
    assert "stdin:2:" in err


def test_what_is_no_ordinary_file_is_never_replaced(dmcli: Call, tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for place in (pipe, link):
        code, out, err = dmcli("plan", EXAMPLE, "-o", str(place))
        assert (code, out) == (2, "")
        assert "not an ordinary file" in err
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert link.is_symlink()
    assert {p.name for p in tmp_path.iterdir()} == {"pipe", "link"}


def test_an_answer_written_through_a_link_leaves_the_link(dmcli: Call, tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before", encoding="utf-8")
    link.symlink_to(file)
    assert dmcli("plan", EXAMPLE, "-o", str(link)) == (0, "", "")
    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == dmcli("plan", EXAMPLE)[1]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("when: sex == male and pregnancy", "when: tried(ivig)", "'tried' has no answer yet"),
        ("unknown: require\n    when: thrombosis_recent", "unknown: require\n    when: excluded(mmf)", "'excluded' has no"),
        ("when: known(crcl)", "when: passed(ivig)", "'passed' has no answer yet"),
        ("status: recommendation\n    when: 'true'", "status: recommendation\n    when: age > 200", "the last status must always hold"),
        ("  line: conventional\n", "  line: conventionel\n", "unknown line 'conventionel' (did you mean 'conventional'?)"),
        ("[tofacitinib, ruxolitinib, baricitinib]", "[tofacitinib, ruxolitinib]", "'baricitinib' of the line 'second'"),
    ],
)  # fmt: skip
def test_a_rule_that_could_not_be_answered_is_refused_when_it_is_loaded(old: str, new: str, told: str) -> None:
    contents = read_files(ROOT / "data")
    text = contents["algorithm.yaml"].decode()
    assert old in text
    changed = {**contents, "algorithm.yaml": text.replace(old, new, 1).encode()}
    assert set(changed) >= set(FILES)
    with pytest.raises(InvalidKnowledge, match=told.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        build(changed, "data")
