"""Git through the SDK, on real repositories inside the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.toolbox.conftest import Toolbox
from tests.support.git_server import PASSWORD, USER, git_server

from daytona_tui.emulator.body.box import Box

if TYPE_CHECKING:
    from daytona import AsyncSandbox

ODD_NAMES = ["plain", "with space", "new\nline", "tab\there", "ünï ☃", "-dash", "--all", '"quoted"', ":(top)x", "*.py"]


async def _sh(sandbox: AsyncSandbox, command: str) -> str:
    answer = await sandbox.process.exec(command)
    assert answer.exit_code == 0, answer.result
    return answer.result.strip()


async def _commit(sandbox: AsyncSandbox, path: str, name: str, text: str) -> str:
    """Write a file in a repository, commit it, and return the hash."""
    await sandbox.fs.upload_file(text.encode(), f"{path}/{name}")
    await sandbox.git.add(path, [name])
    return (await sandbox.git.commit(path, f"Change {name}", "Ann", "ann@example.org")).sha


@pytest.fixture
async def repo(sandbox: AsyncSandbox) -> AsyncSandbox:
    """A repository ``repo`` with one commit of the file ``first`` on ``main``."""
    await sandbox.git.init("repo", initial_branch="main")
    await _commit(sandbox, "repo", "first", "1\n")
    return sandbox


@pytest.fixture
async def pair(repo: AsyncSandbox, box: Box) -> AsyncSandbox:
    """Beside ``repo`` a bare ``hub`` that it has been pushed to, and ``other``, a clone of that."""
    hub = f"{box.work_dir}/hub.git"
    await repo.git.init("hub.git", bare=True, initial_branch="main")
    await repo.git.remote_add("repo", "origin", hub)
    await repo.git.push("repo", set_upstream=True)
    await repo.git.clone(f"file://{hub}", "other")
    await repo.git.configure_user("Bob", "bob@example.org")
    return repo


async def test_a_new_repository_is_empty(sandbox: AsyncSandbox) -> None:
    await sandbox.git.init("deep/er/repo", initial_branch="trunk")
    status = await sandbox.git.status("deep/er/repo")
    assert (status.current_branch, status.file_status, status.detached) == ("trunk", [], False)
    assert (status.upstream, status.branch_published, status.ahead, status.behind) == ("", False, 0, 0)
    assert (await sandbox.git.branches("deep/er/repo")).branches == []


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_odd_names_are_staged_committed_and_restored(repo: AsyncSandbox, box: Box, name: str) -> None:
    file = box.home / "repo" / name
    file.write_text("mine")
    (box.home / "repo" / "bystander").write_text("untouched")
    before = {entry.name: entry for entry in (await repo.git.status("repo")).file_status}
    assert (before[name].staging, before[name].worktree) == ("Untracked", "Untracked")
    await repo.git.add("repo", [name])
    staged = {entry.name: entry.staging for entry in (await repo.git.status("repo")).file_status}
    assert staged == {name: "Added", "bystander": "Untracked"}
    await repo.git.commit("repo", "odd", "Ann", "ann@example.org")
    file.write_text("spoilt")
    changed = {entry.name: entry.worktree for entry in (await repo.git.status("repo")).file_status}
    assert changed[name] == "Modified"
    await repo.git.restore("repo", [name])
    assert file.read_text() == "mine"


async def test_statuses(repo: AsyncSandbox, box: Box) -> None:
    place = box.home / "repo"
    await _commit(repo, "repo", "old name", "some lines\n" * 20)
    await _commit(repo, "repo", "gone", "x")
    await _sh(repo, "cd repo && git mv 'old name' 'new\nname'")
    (place / "gone").unlink()
    (place / "first").write_text("staged")
    await repo.git.add("repo", ["first"])
    (place / "first").write_text("and changed again")
    found = {entry.name: entry for entry in (await repo.git.status("repo")).file_status}
    renamed = found["new\nname"]
    assert (renamed.staging, renamed.worktree, renamed.extra) == ("Renamed", "Unmodified", "old name")
    assert (found["gone"].staging, found["gone"].worktree) == ("Unmodified", "Deleted")
    assert (found["first"].staging, found["first"].worktree) == ("Modified", "Modified")
    await repo.git.add("repo", ["."])
    found = {entry.name: entry for entry in (await repo.git.status("repo")).file_status}
    assert found["gone"].staging == "Deleted"


async def test_history_and_commit_hash(repo: AsyncSandbox) -> None:
    message = 'Subject ☃\n\nBody, with "quotes" and $HOME\n-- and dashes\n'
    sha = (await repo.git.commit("repo", message, "Ünn <odd", "u@example.org", allow_empty=True)).sha
    assert sha == await _sh(repo, "git -C repo rev-parse HEAD")
    latest, first = await repo.git._api_client.get_commit_history(path="repo")
    assert (latest.hash, latest.message.rstrip(), latest.email) == (sha, message.rstrip(), "u@example.org")
    assert (first.author, first.message.rstrip()) == ("Ann", "Change first")


async def test_branches(repo: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaBadRequestError, DaytonaGitBranchExistsError, DaytonaGitBranchNotFoundError

    await repo.git.create_branch("repo", "topic/ünï")
    assert (await repo.git.status("repo")).current_branch == "topic/ünï"
    await repo.git.checkout_branch("repo", "main")
    listed = await repo.git.branches("repo")
    assert (sorted(listed.branches), listed.current) == (["main", "topic/ünï"], "main")
    with pytest.raises(DaytonaGitBranchExistsError):
        await repo.git.create_branch("repo", "main")
    await repo.git.delete_branch("repo", "topic/ünï")
    for name in ("topic/ünï", "nowhere"):
        with pytest.raises(DaytonaGitBranchNotFoundError):
            await repo.git.delete_branch("repo", name)
        with pytest.raises(DaytonaGitBranchNotFoundError):
            await repo.git.checkout_branch("repo", name)
    for name in ("-f", "--orphan", "a b", "a..b", "x\n", "refs~1", "@"):
        with pytest.raises(DaytonaBadRequestError):
            await repo.git.create_branch("repo", name)


async def test_a_commit_can_be_checked_out(repo: AsyncSandbox) -> None:
    first = (await repo.git._api_client.get_commit_history(path="repo"))[0].hash
    await _commit(repo, "repo", "second", "2")
    await repo.git.checkout_branch("repo", first)
    status = await repo.git.status("repo")
    assert (status.detached, status.current_branch) == (True, "HEAD")
    assert (await repo.git.branches("repo")).current is None


async def test_push_pull_ahead_behind(pair: AsyncSandbox, box: Box) -> None:
    await _commit(pair, "other", "second", "2")
    ahead = await pair.git.status("other")
    assert (ahead.ahead, ahead.behind, ahead.upstream, ahead.branch_published) == (1, 0, "origin/main", True)
    await pair.git.push("other")
    await _sh(pair, "git -C repo fetch -q")
    behind = await pair.git.status("repo")
    assert (behind.ahead, behind.behind) == (0, 1)
    await pair.git.pull("repo")
    assert (box.home / "repo" / "second").read_text() == "2"
    assert (await pair.git.status("repo")).behind == 0


async def test_a_named_branch_travels(pair: AsyncSandbox, box: Box) -> None:
    await pair.git.create_branch("repo", "topic")
    await _commit(pair, "repo", "fresh", "f")
    await pair.git.push("repo", branch="topic", remote="origin", set_upstream=True)
    await pair.git.pull("other", branch="topic", remote="origin")
    assert (box.home / "other" / "fresh").read_text() == "f"


async def test_what_others_have_pushed_first_is_not_overwritten(pair: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaGitMergeConflictError, DaytonaGitPushRejectedError

    await _commit(pair, "other", "first", "theirs\n")
    await pair.git.push("other")
    await _commit(pair, "repo", "first", "ours\n")
    with pytest.raises(DaytonaGitPushRejectedError):
        await pair.git.push("repo")
    with pytest.raises(DaytonaGitMergeConflictError):
        await pair.git.pull("repo")
    (conflict,) = (await pair.git.status("repo")).file_status
    assert (conflict.name, conflict.staging, conflict.worktree) == ("first", *["Updated but unmerged"] * 2)
    with pytest.raises(DaytonaGitMergeConflictError):
        await pair.git.commit("repo", "too early", "Ann", "ann@example.org")
    await _commit(pair, "repo", "first", "both\n")
    await pair.git.push("repo")


async def test_local_changes_are_not_overwritten(pair: AsyncSandbox, box: Box) -> None:
    from daytona.common.errors import DaytonaGitDirtyWorktreeError

    await _commit(pair, "other", "first", "theirs\n")
    await pair.git.push("other")
    (box.home / "repo" / "first").write_text("unsaved")
    with pytest.raises(DaytonaGitDirtyWorktreeError):
        await pair.git.pull("repo")
    assert (box.home / "repo" / "first").read_text() == "unsaved"


async def test_a_hook_may_reject_a_push(pair: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaGitRemoteRejectedError

    hook = "hub.git/hooks/pre-receive"
    await _sh(pair, f"printf '#!/bin/sh\\necho no thanks\\nexit 1\\n' > {hook} && chmod +x {hook}")
    await _commit(pair, "repo", "first", "2")
    with pytest.raises(DaytonaGitRemoteRejectedError, match="no thanks"):
        await pair.git.push("repo")


async def test_clones(pair: AsyncSandbox, box: Box) -> None:
    from daytona.common.errors import DaytonaConflictError, DaytonaGitBranchNotFoundError, DaytonaGitRepoNotFoundError

    hub = f"file://{box.work_dir}/hub.git"
    first = await _sh(pair, "git -C repo rev-parse HEAD")
    await _commit(pair, "repo", "second", "2")
    await pair.git.push("repo")
    await pair.git.clone(hub, "shallow", depth=1)
    assert await _sh(pair, "git -C shallow rev-list --count HEAD") == "1"
    await pair.git.clone(hub, "old", commit_id=first)
    assert (await pair.git.status("old")).detached
    assert not (box.home / "old" / "second").exists()
    await pair.git.clone(hub, "named", branch="main")
    with pytest.raises(DaytonaConflictError):
        await pair.git.clone(hub, "named")
    with pytest.raises(DaytonaGitBranchNotFoundError):
        await pair.git.clone(hub, "x", branch="nowhere")
    with pytest.raises(DaytonaGitRepoNotFoundError):
        await pair.git.clone(f"file://{box.work_dir}/nothing.git", "x")


async def test_reset_and_restore(repo: AsyncSandbox, box: Box) -> None:
    from daytona.common.errors import DaytonaBadRequestError, DaytonaGitBranchNotFoundError

    first = box.home / "repo" / "first"
    await _commit(repo, "repo", "first", "2\n")
    await repo.git.reset("repo", mode="soft", target="HEAD~1")
    (entry,) = (await repo.git.status("repo")).file_status
    assert (entry.staging, entry.worktree) == ("Modified", "Unmodified")
    await repo.git.reset("repo", files=["first"])
    (entry,) = (await repo.git.status("repo")).file_status
    assert (entry.staging, entry.worktree) == ("Unmodified", "Modified")
    await repo.git.add("repo", ["first"])
    await repo.git.restore("repo", ["first"], staged=True)
    assert first.read_text() == "2\n"
    await repo.git.reset("repo", mode="hard")
    assert first.read_text() == "1\n"
    await _commit(repo, "repo", "first", "3\n")
    await repo.git.restore("repo", ["first"], source="HEAD~1", staged=True, worktree=True)
    assert first.read_text() == "1\n"
    with pytest.raises(DaytonaGitBranchNotFoundError):
        await repo.git.reset("repo", target="nowhere")
    with pytest.raises(DaytonaBadRequestError):
        await repo.git.reset("repo", mode="gentle")
    with pytest.raises(DaytonaBadRequestError):
        await repo.git.reset("repo", target="--hard")
    with pytest.raises(DaytonaBadRequestError):
        await repo.git.restore("repo", [])


async def test_remotes(repo: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaConflictError, DaytonaGitRepoNotFoundError

    await repo.git.remote_add("repo", "a", "https://ann:secret@example.org/x.git")
    await repo.git.remote_add("repo", "b.c", "/nowhere")
    shown = {remote.name: remote.url for remote in (await repo.git.remotes("repo")).remotes}
    assert shown == {"a": "https://ann@example.org/x.git", "b.c": "/nowhere"}
    with pytest.raises(DaytonaConflictError):
        await repo.git.remote_add("repo", "a", "/other")
    await repo.git.remote_add("repo", "a", "/other", overwrite=True)
    assert await repo.git.remote_get("repo", "a") == "/other"
    with pytest.raises(DaytonaGitRepoNotFoundError):
        await repo.git.remote_add("repo", "d", "/nowhere", fetch=True)


@pytest.mark.parametrize("scope", ["global", "local", "system"])
async def test_settings(repo: AsyncSandbox, scope: str) -> None:
    assert await repo.git.get_config("custom.Word", scope=scope, path="repo") is None
    for value in ("one", "two\nlines", "-x ☃", ""):
        await repo.git.set_config("custom.Word", value, scope=scope, path="repo")
        assert await repo.git.get_config("custom.word", scope=scope, path="repo") == value


async def test_bad_settings(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaBadRequestError, DaytonaGitRepoNotFoundError

    for key, scope in (("nodot", "global"), ("a.", "global"), (".b", "global"), ("a.b", "odd"), ("a.b", "local")):
        with pytest.raises(DaytonaBadRequestError):
            await sandbox.git.get_config(key, scope=scope)
    with pytest.raises(DaytonaGitRepoNotFoundError):
        await sandbox.git.set_config("a.b", "c", scope="local", path=".")


async def test_what_is_no_repository(sandbox: AsyncSandbox, box: Box) -> None:
    from daytona.common.errors import DaytonaGitRepoNotFoundError

    await sandbox.git.init("outer")
    (box.home / "outer" / "inner").mkdir()
    for path in ("nowhere", ".", "outer/inner", "/"):
        with pytest.raises(DaytonaGitRepoNotFoundError):
            await sandbox.git.status(path)
        with pytest.raises(DaytonaGitRepoNotFoundError):
            await sandbox.git.branches(path)


BODIES: list[Any] = [
    [],
    "x",
    {"path": 1},
    {"path": ""},
    {"path": "repo", "files": [1]},
    {"path": "repo\0x"},
    {"path": "repo", "files": {}},
]


@pytest.mark.parametrize(
    "route",
    ["clone", "init", "branches", "checkout", "add", "commit", "reset", "restore", "push", "pull", "remotes", "config"],
)
async def test_bad_bodies_are_refused(repo: AsyncSandbox, toolbox: Toolbox, route: str) -> None:
    for body in BODIES:
        async with toolbox.http.post(f"{toolbox.url}/git/{route}", json=body) as answer:
            assert 200 <= answer.status < 500, (body, answer.status)
            if answer.status >= 400:
                assert (await answer.json())["source"] == "DAYTONA_DAEMON"
    async with toolbox.http.post(f"{toolbox.url}/git/{route}", data="{") as answer:
        assert answer.status == 400


@pytest.fixture
async def guarded(box: Box) -> AsyncIterator[str]:
    """The address of a git server that asks for a password."""
    async with git_server(box.home) as server:
        yield server.address


async def test_credentials_are_shown_and_not_kept(pair: AsyncSandbox, box: Box, guarded: str) -> None:
    from daytona.common.errors import DaytonaGitAuthFailedError, DaytonaGitTransportFailedError

    url = f"{guarded}/hub.git"
    with pytest.raises(DaytonaGitAuthFailedError):
        await pair.git.clone(url, "closed")
    with pytest.raises(DaytonaGitAuthFailedError) as refused:
        await pair.git.clone(url, "closed", username=USER, password="wr0ng")
    assert "wr0ng" not in str(refused.value)
    await pair.git.clone(url, "open", username=USER, password=PASSWORD)
    await _commit(pair, "open", "pushed", "x")
    await pair.git.push("open", username=USER, password=PASSWORD)
    with pytest.raises(DaytonaGitAuthFailedError):
        await pair.git.pull("open")
    assert await _sh(pair, f"grep -rl {PASSWORD} . || true") == ""
    await pair.git.dangerously_authenticate(USER, PASSWORD, host=guarded.removeprefix("http://"), protocol="http")
    await pair.git.pull("open")
    with pytest.raises(DaytonaGitTransportFailedError):
        await pair.git.clone("http://127.0.0.1:1/x.git", "nobody")


async def test_options_are_not_smuggled_in(repo: AsyncSandbox, box: Box, tmp_path: Path) -> None:
    from daytona.common.errors import DaytonaError

    for url in ("--upload-pack=touch gotcha", "ext::touch gotcha", "-u touch"):
        with pytest.raises(DaytonaError):
            await repo.git.clone(url, "x")
    for word in ("--upload-pack=touch gotcha", "ext::touch gotcha"):
        with pytest.raises(DaytonaError):
            await repo.git.pull("repo", remote=word, branch="main")
        with pytest.raises(DaytonaError):
            await repo.git.push("repo", remote=word)
    assert await _sh(repo, "find . -name gotcha") == ""
