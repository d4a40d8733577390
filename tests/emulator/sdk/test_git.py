"""``sandbox.git``: the real program, seen again through the sandbox's shell."""

from __future__ import annotations

import pytest
from daytona import AsyncSandbox, DaytonaError, DaytonaGitRepoNotFoundError
from daytona._async.git import AsyncGit
from tests.emulator.sdk.conftest import Shell
from tests.emulator.sdk.covering import covers


@pytest.fixture
async def repository(sandbox: AsyncSandbox, shell: Shell) -> str:
    """A repository with one commit on main, and a bare one beside it as its origin."""
    git = sandbox.git
    await git.init("origin.git", bare=True, initial_branch="main")
    await git.init("work", initial_branch="main")
    await git.configure_user("Ada", "ada@example.com")
    await shell("echo first > work/file")
    await git.add("work", ["file"])
    await git.commit("work", "first", "Ada", "ada@example.com")
    await git.remote_add("work", "origin", await shell("echo $PWD/origin.git"))
    await git.push("work", branch="main", remote="origin", set_upstream=True)
    return "work"


@covers(AsyncGit.init, AsyncGit.add, AsyncGit.commit, AsyncGit.push)
async def test_a_commit_reaches_the_origin(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await shell("echo second >> work/file")
    await sandbox.git.add(repository, ["file"])
    done = await sandbox.git.commit(repository, "second", "Grace", "grace@example.com")

    await sandbox.git.push(repository)

    assert await shell("git -C work log -1 --format='%H %an %ae %s'") == f"{done.sha} Grace grace@example.com second"
    assert await shell("git -C origin.git rev-parse main") == done.sha
    with pytest.raises(DaytonaError):
        await sandbox.git.commit(repository, "nothing to say", "Ada", "ada@example.com")
    await sandbox.git.commit(repository, "said anyway", "Ada", "ada@example.com", allow_empty=True)


@covers(AsyncGit.clone)
async def test_a_clone_has_the_branch_it_was_asked_for(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await shell("git -C work checkout -q -b other && echo other > work/other && git -C work add other")
    await sandbox.git.commit(repository, "other", "Ada", "ada@example.com")
    await sandbox.git.push(repository, branch="other", remote="origin")

    await sandbox.git.clone(await shell("echo file://$PWD/origin.git"), "cloned", branch="other", depth=1)

    assert await shell(
        "cat cloned/other; git -C cloned branch --show-current; git -C cloned rev-list --count HEAD"
    ) == ("other\nother\n1")
    first = await shell("git -C work rev-parse main")
    await sandbox.git.clone(await shell("echo $PWD/origin.git"), "at-commit", commit_id=first)
    assert await shell("git -C at-commit rev-parse HEAD") == first
    with pytest.raises(DaytonaError):
        await sandbox.git.clone("/no/such/repository", "nowhere")


@covers(AsyncGit.pull)
async def test_a_pull_brings_what_others_pushed(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await shell("git clone -q origin.git theirs && echo theirs > theirs/theirs && git -C theirs add theirs")
    await sandbox.git.commit("theirs", "theirs", "Grace", "grace@example.com")
    await sandbox.git.push("theirs")

    await sandbox.git.pull(repository)

    assert await shell("cat work/theirs") == "theirs"


@covers(AsyncGit.status)
async def test_the_status_tells_of_each_file(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    clean = await sandbox.git.status(repository)
    assert (clean.current_branch, clean.file_status) == ("main", [])
    assert clean.branch_published

    await shell("cd work && echo changed > file && echo new > untracked && echo staged > staged && git add staged")
    await sandbox.git.commit(repository, "one ahead", "Ada", "ada@example.com")
    await shell("cd work && echo again > staged && git add staged && echo more > staged")

    seen = await sandbox.git.status(repository)
    by_name = {each.name: (each.staging.value, each.worktree.value) for each in seen.file_status}
    assert by_name["file"][1] == "Modified"
    assert by_name["untracked"] == ("Untracked", "Untracked")
    assert by_name["staged"] == ("Modified", "Modified")
    assert seen.ahead == 1
    with pytest.raises(DaytonaGitRepoNotFoundError):
        await sandbox.git.status("nowhere")


@covers(AsyncGit.branches, AsyncGit.create_branch, AsyncGit.checkout_branch, AsyncGit.delete_branch)
async def test_branches_come_and_go(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await sandbox.git.create_branch(repository, "feature")
    assert set((await sandbox.git.branches(repository)).branches) == {"main", "feature"}
    await sandbox.git.checkout_branch(repository, "feature")
    assert await shell("git -C work branch --show-current") == "feature"
    await sandbox.git.checkout_branch(repository, "main")
    await sandbox.git.delete_branch(repository, "feature")

    assert (await sandbox.git.branches(repository)).branches == ["main"]
    with pytest.raises(DaytonaError):
        await sandbox.git.checkout_branch(repository, "feature")


@covers(AsyncGit.reset, AsyncGit.restore)
async def test_changes_are_unstaged_and_undone(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await shell("cd work && echo changed > file && git add file")
    await sandbox.git.restore(repository, ["file"], staged=True, worktree=False)
    assert await shell("git -C work status --porcelain") == "M file"
    await sandbox.git.restore(repository, ["file"])
    assert await shell("cat work/file") == "first"

    await shell("cd work && echo bad > file && git commit -qam bad")
    await sandbox.git.reset(repository, mode="hard", target="HEAD~1")

    assert await shell("cat work/file; git -C work rev-list --count HEAD") == "first\n1"


@covers(AsyncGit.remote_add, AsyncGit.remotes, AsyncGit.remote_get)
async def test_remotes_are_named(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await sandbox.git.remote_add(repository, "mirror", "/somewhere/else")
    assert {each.name for each in (await sandbox.git.remotes(repository)).remotes} == {"origin", "mirror"}
    with pytest.raises(DaytonaError):
        await sandbox.git.remote_add(repository, "mirror", "/another")
    await sandbox.git.remote_add(repository, "mirror", "/another", overwrite=True)

    assert await sandbox.git.remote_get(repository, "mirror") == "/another"
    assert await sandbox.git.remote_get(repository, "nobody") is None
    assert await shell("git -C work remote get-url mirror") == "/another"


@covers(AsyncGit.set_config, AsyncGit.get_config, AsyncGit.configure_user)
async def test_settings_have_a_scope(sandbox: AsyncSandbox, shell: Shell, repository: str) -> None:
    await sandbox.git.set_config("core.abbrev", "12", scope="local", path=repository)
    await sandbox.git.configure_user("Grace", "grace@example.com", scope="local", path=repository)

    assert await sandbox.git.get_config("core.abbrev", scope="local", path=repository) == "12"
    assert await sandbox.git.get_config("core.abbrev") is None
    assert await sandbox.git.get_config("user.name") == "Ada"
    assert await shell("git -C work config user.email") == "grace@example.com"


@covers(AsyncGit.dangerously_authenticate)
async def test_credentials_are_given_to_git_alone(sandbox: AsyncSandbox, shell: Shell) -> None:
    await sandbox.git.dangerously_authenticate("ada", "s3cret", host="example.com", protocol="https")

    answer = await shell("printf 'protocol=https\\nhost=example.com\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill")
    assert "username=ada" in answer
    assert "password=s3cret" in answer
    other = await sandbox.process.exec(
        "printf 'protocol=https\\nhost=example.org\\n\\n' | GIT_TERMINAL_PROMPT=0 git credential fill"
    )
    assert "s3cret" not in other.result
