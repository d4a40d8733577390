"""Everything below a directory in one look, what git says of it, and what recipes lead to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.recipes import Recipe
from daytona_tui.domain.tree import GitMark
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import NotFoundError
from daytona_tui.operations import overview as looking
from daytona_tui.operations.git_look import git_marks
from daytona_tui.operations.overview import newest, overview
from daytona_tui.operations.recipe_look import served

ODD = ["two\nlines", " space ", "-rf", "naïve 漢字", "$(touch never)", "'quote'"]


def git(directory: Path, *words: str) -> None:
    told = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(["git", "-C", directory, *words], check=True, capture_output=True, env={**os.environ, **told})


async def test_everything_is_told_with_kind_size_and_time(bench: Bench) -> None:
    (bench.home / "src" / "deep").mkdir(parents=True)
    (bench.home / "src" / "deep" / "data").write_bytes(b"x" * 1234)
    os.utime(bench.home / "src" / "deep" / "data", (1_700_000_000, 1_700_000_000))
    (bench.home / "link").symlink_to("src")

    found = await overview(bench.gateway, bench.sandbox.id, bench.work_dir)

    by_path = {each.path.removeprefix(bench.work_dir + "/"): each for each in found.seen}
    assert {path: each.kind for path, each in by_path.items()} == {
        "src": "d", "src/deep": "d", "src/deep/data": "f", "link": "l",
    }  # fmt: skip
    data = by_path["src/deep/data"]
    assert data.size_bytes == 1234
    assert data.modified_at is not None
    assert data.modified_at.timestamp() == 1_700_000_000
    assert not found.is_partial


async def test_odd_names_are_told_as_they_are_and_nothing_of_them_is_obeyed(bench: Bench) -> None:
    (bench.home / "$(touch made)").mkdir()
    for name in ODD:
        (bench.home / "$(touch made)" / name).write_text("x")

    found = await overview(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/$(touch made)")

    assert {each.path.rsplit("/", 1)[1] for each in found.seen} == set(ODD)
    assert not (bench.home / "made").exists()
    assert not (bench.home / "never").exists()


async def test_what_can_be_had_again_is_named_and_not_entered(bench: Bench) -> None:
    for name in (".git", "node_modules", "src"):
        (bench.home / name).mkdir()
        (bench.home / name / "inside").write_text("x")

    found = await overview(bench.gateway, bench.sandbox.id, bench.work_dir)

    below = {each.path.removeprefix(bench.work_dir + "/") for each in found.seen}
    assert below == {".git", "node_modules", "src", "src/inside"}
    inside = await overview(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/node_modules")
    assert [each.path.rsplit("/", 1)[1] for each in inside.seen] == ["inside"]


async def test_too_much_is_cut_and_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(200):
        (bench.home / f"file-{number:03}").write_text("x")
    monkeypatch.setattr(looking, "MOST_BYTES", 2000)

    found = await overview(bench.gateway, bench.sandbox.id, bench.work_dir)

    assert found.is_partial
    assert 0 < len(found.seen) < 200
    assert all((bench.home / each.path.rsplit("/", 1)[1]).exists() for each in found.seen)


async def test_a_directory_that_is_not_there_is_an_error(bench: Bench) -> None:
    with pytest.raises(NotFoundError):
        await overview(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/gone")


async def test_without_a_shell_the_listing_tells(bench: Bench) -> None:
    (bench.home / "a").mkdir()
    (bench.home / "a" / "b").write_text("x")
    bench.emulator.faults.add(FaultRule(path="*/process/execute", status=501))

    found = await overview(bench.gateway, bench.sandbox.id, bench.work_dir)

    assert {each.path.removeprefix(bench.work_dir + "/") for each in found.seen} >= {"a"}
    assert found.depth >= 1


async def test_the_newest_come_first(bench: Bench) -> None:
    for age, name in enumerate(("youngest", "middle", "oldest")):
        (bench.home / name).write_text("x")
        os.utime(bench.home / name, (1_700_000_000 - age, 1_700_000_000 - age))

    found = newest(await overview(bench.gateway, bench.sandbox.id, bench.work_dir), 2)

    assert [each.path.rsplit("/", 1)[1] for each in found] == ["youngest", "middle"]


async def test_git_tells_what_differs_and_runs_nothing_of_the_repository(bench: Bench) -> None:
    repository = bench.home / "repo"
    repository.mkdir()
    git(repository, "init", "-q")
    (repository / "kept.txt").write_text("1")
    (repository / "changed.txt").write_text("1")
    (repository / ".gitignore").write_text("*.log\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "x")
    (repository / "changed.txt").write_text("2")
    (repository / "new dir").mkdir()
    (repository / "new dir" / "file").write_text("x")
    (repository / "out.log").write_text("x")
    spy = bench.home / "spy.sh"
    spy.write_text(f"#!/bin/sh\ntouch {bench.home}/spied\n")
    spy.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(spy))

    top = f"{bench.work_dir}/repo"
    marks = await git_marks(bench.gateway, bench.sandbox.id, [top, f"{top}/new dir", bench.work_dir])

    assert marks.of(f"{top}/kept.txt") is None
    assert marks.of(f"{top}/changed.txt") is GitMark.MODIFIED
    assert marks.of(f"{top}/new dir/file") is GitMark.UNTRACKED
    assert marks.of(f"{top}/out.log") is GitMark.IGNORED
    assert marks.of(top) is GitMark.BELOW
    assert not (bench.home / "spied").exists()


async def test_recipes_lead_to_what_is_there_the_newest_first(bench: Bench) -> None:
    (bench.home / "logs").mkdir()
    for age, name in enumerate(("b.jsonl", "a.jsonl")):
        (bench.home / "logs" / name).write_text("12")
        os.utime(bench.home / "logs" / name, (1_700_000_000 - age, 1_700_000_000 - age))
    recipes = (
        Recipe("Nothing", (f"{bench.work_dir}/nowhere/*",)),
        Recipe("Session", (f"{bench.work_dir}/logs/*.jsonl",)),
        Recipe("Logs", (f"{bench.work_dir}/logs", "/etc/$(touch made)")),
    )

    dishes = await served(bench.gateway, bench.sandbox.id, recipes)

    told = [(dish.title, dish.path.rsplit("/", 1)[1], dish.is_dir) for dish in dishes]
    assert told == [("Session", "b.jsonl", False), ("Session", "a.jsonl", False), ("Logs", "logs", True)]
    assert dishes[0].size_bytes == 2
