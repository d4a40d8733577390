"""Patterns mean what they mean to git."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from daytona_tui.transfer.ignoring import Ignoring


def _is_left_out(ignoring: Ignoring, path: str) -> bool:
    parts = tuple(path.rstrip("/").split("/"))
    return any(
        ignoring.because(parts[:depth], is_dir=depth < len(parts) or path.endswith("/"))
        for depth in range(1, len(parts) + 1)
    )


PATHS = [
    "a.log", "keep.log", "sub/a.log", "sub/deep/a.log", "build/out", "src/build/out", "docs/x.txt", "docs/deep/x.txt",
    "a/b/c", "a/x/y/c", "foo bar", "[odd]", "x1", "x2", "x-", "!bang", "#hash", "trail ", "UPPER.LOG", "star*",
]  # fmt: skip

LISTS = [
    ["*.log", "!keep.log"],
    ["build/"],
    ["/build/"],
    ["docs/*.txt"],
    ["docs/**/x.txt"],
    ["**/c"],
    ["a/**"],
    ["a/**/c"],
    ["sub", "!sub/a.log"],
    ["x[0-9]"],
    ["x[!0-9]"],
    ["x[!1]"],
    [r"\#hash", r"\!bang", r"\[odd\]"],
    ["foo?bar"],
    ["# comment", "", "   ", "trail\\ "],
    ["*", "!*.log", "!sub/"],
    ["sub/*", "!sub/deep"],
    [r"star\*"],
    ["[odd", "x["],
]


@pytest.mark.parametrize("lines", LISTS, ids=" ".join)
def test_patterns_are_those_of_git(tmp_path: Path, lines: list[str]) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    for path in PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / ".git" / "info" / "exclude").write_text("\n".join(lines) + "\n")
    command = ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "--others", "--ignored", "--exclude-standard"]
    told = subprocess.run([*command, "-z"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    ignoring = Ignoring(lines, usual=False)

    assert {path for path in PATHS if _is_left_out(ignoring, path)} == set(told.split("\0")) - {""}


def test_the_usual_is_left_out_and_can_be_had_all_the_same() -> None:
    assert _is_left_out(Ignoring(), "web/node_modules/left-pad/index.js")
    assert not _is_left_out(Ignoring(), "node_modules"), "a file of that name is nobody's cache"
    assert not _is_left_out(Ignoring(["!node_modules"]), "web/node_modules/left-pad/index.js")
    assert not _is_left_out(Ignoring(usual=False), "web/node_modules/left-pad/index.js")
    assert Ignoring().pruned
    assert not Ignoring(["!node_modules"]).pruned


def test_a_file_of_patterns_speaks_of_its_own_directory_and_the_deeper_one_decides() -> None:
    ignoring = Ignoring(["*.own"])
    ignoring.add_file((), "*.log\n/top\n*.own\n")
    ignoring.add_file(("sub",), "!a.log\n/top\n!x.own\n")

    assert _is_left_out(ignoring, "a.log")
    assert not _is_left_out(ignoring, "sub/a.log")
    assert _is_left_out(ignoring, "sub/b.log")
    assert _is_left_out(ignoring, "top")
    assert _is_left_out(ignoring, "sub/top")
    assert not _is_left_out(ignoring, "other/top")
    assert _is_left_out(ignoring, "sub/x.own"), "what was asked for by name decides"


def test_a_hostile_pattern_takes_no_time() -> None:
    ignoring = Ignoring(["a**" * 500 + "b"], usual=False)

    assert not _is_left_out(ignoring, "a" * 200)
