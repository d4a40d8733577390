"""``push`` puts things where cp would, says what it did, and copies nothing twice."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from tests.cli.conftest import Run, finish, start

from daytona_tui.cli.subcommands.push import how_to_go_on, meant


def _local(tmp_path: Path) -> None:
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "a").write_bytes(b"one")
    (tmp_path / "tree" / "sub" / "b.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "tree" / "sub" / "b.sh").chmod(0o755)
    (tmp_path / "single").write_bytes(b"\0\xff alone")


async def _shown(run: Run, script: str) -> list[str]:
    outcome = await run("exec", "scratch", "--", script)
    assert outcome.code == 0, outcome.err
    return outcome.out.decode().splitlines()


async def test_files_and_directories_go_where_cp_would_put_them(run: Run, tmp_path: Path) -> None:
    _local(tmp_path)

    inside = await run("push", "tree", "single", "scratch:box/")
    contents = await run("push", "tree/", "scratch:plain")
    renamed = await run("push", "single", "scratch:~/renamed")

    assert [each.code for each in (inside, contents, renamed)] == [0, 0, 0], inside.err
    assert inside.out.startswith(b"scratch:/")
    assert "3 files" in inside.err
    assert await _shown(run, "find box plain renamed -type f | sort; stat -c %a box/tree/sub/b.sh; cat box/tree/a") == [
        "box/single",
        "box/tree/a",
        "box/tree/sub/b.sh",
        "plain/a",
        "plain/sub/b.sh",
        "renamed",
        "755",
        "one",
    ]


async def test_what_is_there_is_not_copied_again_and_what_differs_is_asked_about(run: Run, tmp_path: Path) -> None:
    _local(tmp_path)
    assert (await run("push", "tree", "scratch:box/")).code == 0
    (tmp_path / "tree" / "a").write_bytes(b"another")

    planned = json.loads((await run("push", "tree", "scratch:box/", "--dry-run", "--json")).out)
    refused = await run("push", "tree", "scratch:box/", "--json")
    pushed = json.loads((await run("push", "tree", "scratch:box/", "--overwrite", "--json")).out)

    assert (planned["is_dry_run"], planned["equal"], len(planned["conflicts"])) == (True, 1, 1)
    assert (refused.code, json.loads(refused.out)["error"]["code"]) == (6, "not_copied")
    assert (pushed["files"], pushed["equal"], pushed["direction"]) == (1, 1, "push")
    assert await _shown(run, "cat box/tree/a") == ["another"]


async def test_standard_input_becomes_a_file(run: Run, tmp_path: Path, env: dict[str, str]) -> None:
    contents = os.urandom(3_000_000)
    words = ("push", "-", "scratch:box/in.bin", "--json")
    process = await start(*words, cwd=tmp_path, env=env, stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(contents)
    process.stdin.close()

    outcome = await finish(process)

    assert outcome.code == 0, outcome.err
    assert json.loads(outcome.out)["size_bytes"] == len(contents)
    assert (await run("cat", "scratch:box/in.bin")).out == contents


async def test_what_cannot_be_pushed_is_refused_before_anything_is_asked(run: Run, tmp_path: Path) -> None:
    _local(tmp_path)

    for words in (["-", "scratch"], ["-", "single", "scratch:x"], ["-", "scratch:x", "--dry-run"], ["single", ":x"]):
        outcome = await run("push", *words, "--json", DAYTONA_API_URL="http://127.0.0.1:9/api")
        assert (outcome.code, json.loads(outcome.out)["error"]["code"]) == (2, "usage"), words
    assert (await run("push", "nowhere", "scratch:box/")).code == 6
    assert (await run("--read-only", "push", "single", "scratch:box/")).code == 2
    assert (await run("--read-only", "push", "single", "scratch:box/", "--dry-run")).code == 0


def test_the_last_word_is_the_place() -> None:
    assert meant(["a", "b/", "box:c:d/"]) == (["a", "b/"], ("box", "c:d/"))
    assert meant(["a:b", "box"]) == (["a:b"], ("box", ""))


def test_how_an_interrupted_push_is_gone_on_with() -> None:
    assert how_to_go_on(["tree"], gives_name=False).endswith("the same command does the rest")
    assert how_to_go_on(["tree/"], gives_name=True).endswith("the same command does the rest")
    assert how_to_go_on(["tree"], gives_name=True).endswith("the same command with tree/ does the rest")
