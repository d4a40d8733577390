"""Repositories in a sandbox: found, read, cloned, and taken home as a patch."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.conftest import OpenEmulator
from tests.operations.conftest import Bench
from tests.support.git_server import PASSWORD, USER, GitServer, git, git_server

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.git import Change, GitLogin
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.mishaps.lacking import parse_lacks
from daytona_tui.errors import (
    ConfigError,
    ConflictError,
    GitLoginError,
    NotFoundError,
    RemoteError,
    TransferError,
    UnsupportedError,
)
from daytona_tui.operations import git_acts, git_clone, git_finding, git_patch, git_reading, git_sync
from daytona_tui.operations.git_person import Person, person_of

LOGIN = GitLogin(USER, PASSWORD)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with git_server(tmp_path / "served") as server:
        yield server


async def test_a_clone_by_what_a_person_says(bench: Bench, server: GitServer) -> None:
    address = server.make("app", {"one": "1\n"})
    wanted = git_clone.wanted_of(address.replace("http://", f"http://{USER}:{PASSWORD}@"))
    assert PASSWORD not in repr(wanted)
    cloned = await git_clone.clone(bench.gateway, bench.sandbox.id, wanted)
    assert (cloned.url, cloned.path, cloned.branch) == (address, f"{bench.work_dir}/app", "main")
    assert cloned.commit == git(server.root / "app.git", "rev-parse", "main").strip()
    with pytest.raises(ConflictError, match="already"):
        await git_clone.clone(bench.gateway, bench.sandbox.id, wanted)
    with pytest.raises(NotFoundError) as missing:
        await git_clone.clone(bench.gateway, bench.sandbox.id, git_clone.wanted_of(f"{server.address}/no.git"), LOGIN)
    assert "check the address" in missing.value.hint
    (bench.home / "empty").mkdir()
    into = git_clone.wanted_of(address, "empty/", depth=1)
    with pytest.raises(GitLoginError):
        await git_clone.clone(bench.gateway, bench.sandbox.id, into)
    assert (await git_clone.clone(bench.gateway, bench.sandbox.id, into, LOGIN)).path == f"{bench.work_dir}/empty/app"
    assert not [path for path in bench.home.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]


async def test_every_repository_is_found_and_read(bench: Bench, server: GitServer) -> None:
    with pytest.raises(NotFoundError):
        await git_finding.repository_at(bench.gateway, bench.sandbox.id)
    server.is_open = True
    address = server.make("app", {"one": "1\n", "two": "2\n", "latin": "x\n"})
    await git_clone.clone(bench.gateway, bench.sandbox.id, git_clone.wanted_of(address))
    app, odd = bench.home / "app", bench.home / "deep" / "o d\x1b[2Jd"
    assert await git_finding.repository_at(bench.gateway, bench.sandbox.id) == f"{bench.work_dir}/app"
    (app / "sub").mkdir()
    for said in ("~/app", "app/sub", f"{bench.work_dir}/app/"):
        assert await git_finding.repository_at(bench.gateway, bench.sandbox.id, said) == f"{bench.work_dir}/app"
    assert await git_finding.repository_at(bench.gateway, bench.sandbox.id, "no/where") == f"{bench.work_dir}/no/where"
    git(app, "commit", "-q", "--allow-empty", "-m", "mine")
    server.push("app", {"three": "3\n"}, "theirs")
    await bench.gateway.run(bench.sandbox.id, "git fetch -q", cwd=f"{bench.work_dir}/app")
    (app / "two").write_text("zwei\n")
    (app / "new").write_text("new\n")
    git(app, "rm", "-q", "one")
    (bench.home / "node_modules" / "dep").mkdir(parents=True)
    git(bench.home / "node_modules" / "dep", "init", "-q")
    odd.mkdir(parents=True)
    git(odd, "init", "-q", "-b", "trunk")
    # What a repository's settings name is not run by looking.
    git(app, "config", "core.fsmonitor", f"touch {bench.work_dir}/gotcha")
    git(app, "config", "diff.external", f"touch {bench.work_dir}/gotcha")

    before = (await bench.gateway.get(bench.sandbox.id)).last_activity_at
    told = await git_finding.repositories(bench.gateway, bench.sandbox.id)
    assert not told.is_partial
    first, second = told.found
    assert (first.path, second.path) == (f"{bench.work_dir}/app", f"{bench.work_dir}/deep/o d\x1b[2Jd")
    assert (first.status.branch, first.status.upstream) == ("main", "origin/main")
    assert (first.status.ahead, first.status.behind, first.origin) == (1, 1, address)
    assert {file.name: file.change for file in first.status.files} == {
        "one": Change.DELETED,
        "two": Change.MODIFIED,
        "new": Change.UNTRACKED,
    }
    assert first.head is not None
    assert first.head.subject == "mine"
    assert (second.status.branch, second.head) == ("trunk", None)
    with pytest.raises(ConflictError, match="2 repositories"):
        await git_finding.repository_at(bench.gateway, bench.sandbox.id)
    again = await git_finding.repository(bench.gateway, bench.sandbox.id, first.path)
    assert (again.status, again.head, again.origin) == (first.status, first.head, first.origin)

    seen = await git_reading.diff(bench.gateway, bench.sandbox.id, first.path)
    assert all(line in seen.text for line in ("-1", "+zwei", "+new", "--- /dev/null"))
    assert "+zwei" not in (await git_reading.diff(bench.gateway, bench.sandbox.id, first.path, kind="staged")).text
    assert seen.text.endswith("+new\n")
    only = await git_reading.diff(bench.gateway, bench.sandbox.id, first.path, ("two",), kind="unstaged")
    assert [line for line in only.text.splitlines() if line.startswith("diff")] == ["diff --git a/two b/two"]
    log = await git_reading.commits(bench.gateway, bench.sandbox.id, first.path)
    assert [each.subject for each in log] == ["mine", "first"]
    shown = await git_reading.commit_diff(bench.gateway, bench.sandbox.id, first.path, log[1].hash)
    assert "+1" in shown.text
    branches = await git_reading.branches(bench.gateway, bench.sandbox.id, first.path)
    assert {(each.remote, each.name, each.is_current, each.standing) for each in branches} == {
        ("", "main", True, "ahead 1, behind 1"),
        ("origin", "main", False, ""),
    }
    assert not (bench.home / "gotcha").exists()
    assert (await bench.gateway.get(bench.sandbox.id)).last_activity_at == before


async def test_the_patch_brings_home_all_that_the_remote_has_not(
    bench: Bench, server: GitServer, tmp_path: Path
) -> None:
    server.is_open = True
    address = server.make("app", {"one": "1\n", "two": "2\n", "gone": "x\n", "odd name": "y\n"})
    await git_clone.clone(bench.gateway, bench.sandbox.id, git_clone.wanted_of(address))
    app, path = bench.home / "app", f"{bench.work_dir}/app"
    nothing = await git_patch.take_patch(bench.gateway, bench.sandbox, path)
    assert nothing.text == b""
    with pytest.raises(RemoteError, match="nothing to take"):
        await git_patch.save(bench.gateway, bench.sandbox, path, tmp_path / "home")

    (app / "one").write_text("committed\n")
    git(app, "commit", "-qam", "one \x1b[31m")
    (app / "two").write_bytes("ä\r\n".encode("latin-1"))
    (app / "image").write_bytes(bytes(range(256)))
    (app / "odd name").rename(app / "new\tname")
    (app / "tool").write_text("#!/bin/sh\n")
    (app / "tool").chmod(0o755)
    git(app, "rm", "-q", "gone")
    git(app, "add", "image")
    before = (git(app, "status", "--porcelain"), sorted(map(str, (app / ".git").rglob("*"))))
    activity = (await bench.gateway.get(bench.sandbox.id)).last_activity_at

    patch, saved = await git_patch.save(bench.gateway, bench.sandbox, path, tmp_path / "home")

    assert (git(app, "status", "--porcelain"), sorted(map(str, (app / ".git").rglob("*")))) == before
    assert (await bench.gateway.get(bench.sandbox.id)).last_activity_at == activity
    assert patch.base == git(server.root / "app.git", "rev-parse", "main").strip()
    assert patch.files == 6
    assert saved.name.startswith(f"{bench.sandbox.name}-app-main-")
    assert saved.stat().st_mode & 0o777 == 0o600
    head = saved.read_bytes().split(b"diff --git", 1)[0].decode()
    assert all(word in head for word in (bench.sandbox.id, path, patch.base, "Branch: main"))
    assert "\x1b" not in head

    here = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(server.root / "app.git"), str(here))
    git(here, "apply", "--index", str(saved))
    there = {str(each.relative_to(app)): each for each in app.rglob("*") if each.is_file() and ".git" not in each.parts}
    mine = {
        str(each.relative_to(here)): each for each in here.rglob("*") if each.is_file() and ".git" not in each.parts
    }
    assert {name: file.read_bytes() for name, file in mine.items()} == {
        name: file.read_bytes() for name, file in there.items()
    }
    assert mine["tool"].stat().st_mode & 0o111
    less = await git_patch.take_patch(bench.gateway, bench.sandbox, path, "HEAD")
    assert less.files == 5
    with pytest.raises(TransferError, match="no revision"):
        await git_patch.take_patch(bench.gateway, bench.sandbox, path, "--output=gotcha")
    second = git_patch.save_patch(tmp_path / "home", saved.name, b"x")
    assert second != saved
    with pytest.raises(TransferError, match="could not be written"):
        git_patch.save_patch(saved, "x.patch", b"x")


async def test_a_patch_of_what_has_no_remote(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    app, path = bench.home / "app", f"{bench.work_dir}/app"
    app.mkdir()
    git(app, "init", "-q", "-b", "main")
    (app / "one").write_text("1\n")
    fresh = await git_patch.take_patch(bench.gateway, bench.sandbox, path)
    assert (fresh.base, fresh.head, fresh.files) == ("", "", 1)
    git(app, "add", ".")
    git(app, "commit", "-qm", "one")
    assert (await git_patch.take_patch(bench.gateway, bench.sandbox, path)).files == 1
    assert (await git_patch.take_patch(bench.gateway, bench.sandbox, path, "HEAD")).text == b""
    with pytest.raises(NotFoundError):
        await git_patch.take_patch(bench.gateway, bench.sandbox, bench.work_dir)
    monkeypatch.setattr(git_patch, "MOST_BYTES", 10)
    with pytest.raises(TransferError, match="longer"):
        await git_patch.take_patch(bench.gateway, bench.sandbox, path)


async def test_an_older_toolbox_is_no_hindrance(open_emulator: OpenEmulator, server: GitServer, tmp_path: Path) -> None:
    emulator = await open_emulator(seed="fleet:12", state_dir=tmp_path / "emulator", lacks=parse_lacks("v0.190"))
    gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
    try:
        pages = [page async for page in gateway.list_pages()]
        sandbox = next(each for page in pages for each in page if each.is_running)
        address = server.make("app", {"one": "1\n"})
        path = (await git_clone.clone(gateway, sandbox.id, git_clone.wanted_of(address), LOGIN)).path
        with pytest.raises(UnsupportedError, match="older than unstaging there"):
            await gateway.unstage(sandbox.id, path, ["one"])
        await gateway.run(sandbox.id, "echo two > one; echo -- > '-x'; git add -A", cwd=path)
        await git_acts.unstage(gateway, sandbox.id, path, ["-x"])
        status = (await git_finding.repository(gateway, sandbox.id, path)).status
        assert [file.name for file in status.staged] == ["one"]
        await git_acts.commit(gateway, sandbox.id, path, "Second", Person("Ann", "ann@x"))
        with pytest.raises(ConflictError, match="nothing is staged"):
            await git_acts.commit(gateway, sandbox.id, path, "Third", Person("Ann", "ann@x"))
        there = await git_sync.upstream_of(gateway, sandbox.id, path)
        assert there.address is not None
        assert (there.remote, there.address.url) == ("origin", address)
        with pytest.raises(NotFoundError, match="no remote 'other'"):
            await git_sync.upstream_of(gateway, sandbox.id, path, "other")
        await git_sync.push(gateway, sandbox.id, path, LOGIN)
        assert server.log("app") == ["Second", "first"]
        server.push("app", {"two": "2\n"}, "theirs")
        mine = "git -c user.name=Ann -c user.email=ann@x commit -q --allow-empty -m mine"
        await gateway.run(sandbox.id, mine, cwd=path)
        with pytest.raises(ConflictError, match="the remote has commits that main does not have") as behind:
            await git_sync.push(gateway, sandbox.id, path, LOGIN)
        assert "pull first" in behind.value.hint
        await git_sync.fetch(gateway, sandbox.id, path, there, LOGIN)
        with pytest.raises(GitLoginError):
            await git_sync.fetch(gateway, sandbox.id, path, there)
        kept = await gateway.run(sandbox.id, f"grep -rlaF {PASSWORD} . /tmp/.git* 2> /dev/null; true")
        assert kept.output == ""
    finally:
        await gateway.close()


async def test_a_look_that_says_nothing_is_not_taken_for_nothing_to_see(bench: Bench) -> None:
    app = bench.home / "app"
    app.mkdir()
    git(app, "init", "-q", "-b", "main")
    git(app, "commit", "-q", "--allow-empty", "-m", "one")
    nowhere = FaultRule(path="*/process/execute", body={"exitCode": 0, "result": ""})
    bench.emulator.faults.add(nowhere)
    with pytest.raises(RemoteError):  # what says nothing is not taken for nothing
        await git_reading.diff(bench.gateway, bench.sandbox.id, f"{bench.work_dir}/app")
    status = await bench.gateway.repository_status(bench.sandbox.id, f"{bench.work_dir}/app")
    assert status.branch == "main"


def test_a_patch_has_a_name_that_is_safe_here() -> None:
    patch = git_patch.Patch(b"x", "/a/..", branch="feat/../\x1b[2J x", head="abc")
    sandbox = Sandbox(id=SandboxId("i"), name="../n\0", state=SandboxState.STARTED)
    name = patch.file_name(sandbox, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert name == "n-feat-..-2J-x-abc-20260102-030405.patch"
    assert "/" not in name


def test_who_commits() -> None:
    assert person_of(" Ann B <ann@x.org> ") == Person("Ann B", "ann@x.org")
    assert str(Person("Ann", "a@x")) == "Ann <a@x>"
    for said in ("", "Ann", "<a@x>", "Ann <>", "Ann <a b>", "Ann\n <a@x>", "Ann <a@x> x"):
        with pytest.raises(ConfigError):
            person_of(said)
