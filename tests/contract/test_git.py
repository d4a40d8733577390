"""Git in a sandbox through the real SDK, with a real git server that asks for a password."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.git_server import PASSWORD, USER, GitServer, git_server

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.client.git_mapping import branches_from, commits_from, remotes_from, repository_status_from
from daytona_tui.domain.git import Change, CloneOrder, GitFile, GitLogin, Remote, RemoteBranch
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import (
    AuthError,
    ConfigError,
    ConflictError,
    DaytonaTuiError,
    GitLoginError,
    NotFoundError,
    ProtocolError,
    RemoteError,
)

LOGIN = GitLogin(USER, PASSWORD)
LEFT = "grep -rlaF {} . /tmp 2>/dev/null; true"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with git_server(tmp_path / "served") as server:
        yield server


async def test_a_working_day_with_a_login_that_is_nowhere_left(
    gateway: DaytonaGateway, started: SandboxId, server: GitServer
) -> None:
    address = server.make("app", {"one": "1\n", "two": "2\n"})
    order = CloneOrder(address, "app")
    with pytest.raises(GitLoginError) as wanted:
        await gateway.clone(started, order)
    assert "user name" in wanted.value.hint
    with pytest.raises(GitLoginError) as refused:
        await gateway.clone(started, order, GitLogin(USER, "wr0ng-one"))
    assert "wr0ng-one" not in f"{refused.value}{refused.value!r}{refused.value.__context__!r}"

    await gateway.clone(started, order, LOGIN)
    path = f"{await gateway.work_dir(started)}/app"
    assert await gateway.remotes(started, path) == (Remote("origin", address),)
    status = await gateway.repository_status(started, path)
    assert (status.branch, status.upstream, status.ahead, status.behind) == ("main", "origin/main", 0, 0)
    assert (status.is_published, status.files) == (True, ())

    await gateway.run(started, "rm one; echo more >> two; echo new > 'a b'", cwd=path)
    await gateway.stage(started, path, ["a b", "two"])
    await gateway.unstage(started, path, ["two"])
    status = await gateway.repository_status(started, path)
    assert set(status.files) == {
        GitFile("a b", Change.ADDED),
        GitFile("one", Change.SAME, Change.DELETED),
        GitFile("two", Change.SAME, Change.MODIFIED),
    }
    assert [file.name for file in status.staged] == ["a b"]
    await gateway.stage(started, path, ["."])
    made = await gateway.commit(started, path, "Second\n\nwhy", author="Ann", email="ann@x")
    first, *_ = await gateway.history(started, path)
    assert (first.hash, first.author, first.email, first.subject) == (made, "Ann", "ann@x", "Second")
    assert first.at is not None

    with pytest.raises(GitLoginError):
        await gateway.push(started, path)
    await gateway.push(started, path, LOGIN)
    assert server.log("app") == ["Second", "first"]
    server.push("app", {"three": "3\n"}, "Third")
    with pytest.raises(GitLoginError):
        await gateway.pull(started, path)
    await gateway.pull(started, path, LOGIN)
    await gateway.create_branch(started, path, "side")
    await gateway.push(started, path, LOGIN, there=RemoteBranch("origin", "side"), set_upstream=True)
    assert server.log("app", "side") == ["Third", "Second", "first"]
    await gateway.checkout(started, path, "main")
    branches = await gateway.branches(started, path)
    assert (set(branches.names), branches.current) == ({"main", "side"}, "main")
    await gateway.delete_branch(started, path, "side")
    await gateway.checkout(started, path, made[:10])
    assert (await gateway.repository_status(started, path)).branch == ""

    left = await gateway.run(started, LEFT.format(PASSWORD))
    assert left.output == ""
    await gateway.keep_login(started, LOGIN, host=server.address.removeprefix("http://"), protocol="http")
    await gateway.checkout(started, path, "main")
    await gateway.pull(started, path)
    assert (await gateway.run(started, LEFT.format(PASSWORD))).output != ""


async def test_a_part_of_a_repository(gateway: DaytonaGateway, started: SandboxId, server: GitServer) -> None:
    address = server.make("app", {"one": "1\n"})
    server.push("app", {"one": "2\n"}, "Second")
    await gateway.clone(started, CloneOrder(address, "shallow", branch="main", depth=1), LOGIN)
    directory = await gateway.work_dir(started)
    assert [each.subject for each in await gateway.history(started, f"{directory}/shallow")] == ["Second"]
    await gateway.clone(started, CloneOrder(address, "whole"), LOGIN)
    _, first = await gateway.history(started, f"{directory}/whole")
    await gateway.clone(started, CloneOrder(address, "old", commit=first.hash), LOGIN)
    assert await gateway.history(started, f"{directory}/old") == (first,)


async def test_what_is_refused(gateway: DaytonaGateway, started: SandboxId, server: GitServer) -> None:
    address = server.make("app", {"one": "1\n"})
    wrong: list[tuple[CloneOrder, GitLogin | None, type[DaytonaTuiError]]] = [
        (CloneOrder(address, "x", commit="--upload-pack=x"), LOGIN, ConfigError),
        (CloneOrder(address, "x", depth=0), LOGIN, ConfigError),
        (CloneOrder(address, "x"), GitLogin(USER, ""), ConfigError),
        (CloneOrder(address, "x"), GitLogin(USER, "two\nlines"), ConfigError),
        (CloneOrder(address, "x", branch="nowhere"), LOGIN, NotFoundError),
        (CloneOrder(f"{server.address}/none.git", "x"), LOGIN, NotFoundError),
        (CloneOrder("--upload-pack=touch gotcha", "x"), None, RemoteError),
    ]
    for order, login, kind in wrong:
        with pytest.raises(kind) as caught:
            await gateway.clone(started, order, login)
        assert PASSWORD not in str(caught.value)
    directory = await gateway.work_dir(started)
    await gateway.clone(started, CloneOrder(address, "app"), LOGIN)
    path = f"{directory}/app"
    with pytest.raises(DaytonaTuiError):
        await gateway.clone(started, CloneOrder(address, "app"), LOGIN)
    with pytest.raises(DaytonaTuiError):
        await gateway.commit(started, path, "nothing to commit", author="Ann", email="ann@x")
    for message, author, email in (("", "Ann", "a@x"), ("m", " ", "a@x"), ("m", "Ann", "")):
        with pytest.raises(ConfigError):
            await gateway.commit(started, path, message, author=author, email=email)
    with pytest.raises(NotFoundError):
        await gateway.checkout(started, path, "nowhere")
    with pytest.raises(NotFoundError):
        await gateway.repository_status(started, "/tmp")
    server.push("app", {"one": "theirs\n"}, "Theirs")
    await gateway.run(started, "echo mine > one", cwd=path)
    with pytest.raises(ConflictError):
        await gateway.pull(started, path, LOGIN)
    await gateway.stage(started, path, ["."])
    await gateway.commit(started, path, "Mine", author="Ann", email="ann@x")
    with pytest.raises(ConflictError):
        await gateway.push(started, path, LOGIN)


async def test_looking_is_no_activity(gateway: DaytonaGateway, started: SandboxId) -> None:
    await gateway.run(
        started, "git init -q app && cd app && git -c user.name=a -c user.email=a commit -q --allow-empty -m x"
    )
    path = f"{await gateway.work_dir(started)}/app"
    before = (await gateway.get(started)).last_activity_at
    await gateway.repository_status(started, path)
    await gateway.branches(started, path)
    await gateway.history(started, path)
    await gateway.remotes(started, path)
    assert (await gateway.get(started)).last_activity_at == before
    await gateway.create_branch(started, path, "side")
    assert (await gateway.get(started)).last_activity_at != before


async def test_our_own_key_is_another_matter(emulator: Emulator, gateway: DaytonaGateway, started: SandboxId) -> None:
    emulator.faults.add(FaultRule(path="*/git/clone", status=401, body={"message": "Unauthorized", "statusCode": 401}))
    with pytest.raises(AuthError):
        await gateway.clone(started, CloneOrder("https://example.com/x.git", "x"), LOGIN)
    emulator.faults.clear()
    words = {"message": "authentication required: Invalid username or token", "code": "", "source": "DAYTONA_DAEMON"}
    emulator.faults.add(FaultRule(path="*/git/clone", status=400, body=words))  # as older servers say it
    with pytest.raises(GitLoginError):
        await gateway.clone(started, CloneOrder("https://example.com/x.git", "x"), LOGIN)


@pytest.mark.parametrize("told", [3, "x", [], {}, {"fileStatus": 3}, None])
def test_a_status_that_says_nothing_is_not_clean(told: object) -> None:
    with pytest.raises(ProtocolError):
        repository_status_from(told)


def test_odd_entries_cost_themselves() -> None:
    odd = {
        "currentBranch": 3,
        "fileStatus": [3, {"name": 1}, {"name": "x", "staging": "Unmodified", "worktree": "New"}],
    }
    status = repository_status_from({**odd, "ahead": "two", "behind": -1})
    assert [file.unstaged for file in status.files] == [Change.UNKNOWN] * 3
    assert (status.branch, status.ahead, status.behind) == ("", None, None)
    assert repository_status_from({"currentBranch": "main", "branchPublished": False, "ahead": 0}).ahead is None
    assert branches_from({"branches": ["a", 3]}).names == ("a",)
    assert commits_from([3, {}, {"hash": "abc", "timestamp": "never"}])[0].at is None
    assert remotes_from({"remotes": [3, {"name": "o"}]}) == (Remote("o", ""),)
    for read in (branches_from, commits_from, remotes_from):
        with pytest.raises(ProtocolError):
            read(3)
