"""What a repository in a sandbox has: what differs, its commits, its branches. All of it peeks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime

from daytona_tui.domain.git import Branch, Commit, Remote
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import UnsupportedError
from daytona_tui.operations.git_script import NoGitError, Seen, look

MOST_BYTES = 2_000_000
"""Of what is told of one repository at once."""

MOST_COMMITS = 200

_LOG = r"""g "$R" log -n "$1" -z --no-color --encoding=UTF-8 --format='%H%x1f%an%x1f%ae%x1f%aI%x1f%B' -- """
_BRANCHES = r"""
g "$R" for-each-ref --sort=-committerdate --count=500 --format='%(HEAD)%1f%(refname)%1f%(upstream:short)%1f%(upstream:track,nobracket)%1f%(committerdate:iso-strict)%1f%(subject)%00' refs/heads refs/remotes
"""  # noqa: E501 - one format
_REMOTES = r"""g "$R" config -z --get-regexp '^remote\..*\.url$'"""
_DIFF = r"""
o="--no-color --no-ext-diff --no-textconv -M"
case "$1" in
  staged) shift; g "$R" diff $o --cached -- "$@" ;;
  unstaged) shift; g "$R" diff $o -- "$@" ;;
  commit) g "$R" show $o --format='commit %H%nAuthor: %an <%ae>%nDate:   %aI%n%n%w(0,4,4)%B' "$2" -- ;;
  *)
    shift
    h=$(g "$R" rev-parse -q --verify HEAD) || h=$(g "$R" hash-object -t tree /dev/null)
    g "$R" diff $o "$h" -- "$@"
    g "$R" ls-files --others --exclude-standard -z -- "$@" | head -c 100000 | tr '\0' '\n' | head -n 200 |
      while IFS= read -r f; do g "$R" diff $o --no-index -- /dev/null "$f"; done
    ;;
esac
"""


async def commits(gateway: Gateway, sandbox_id: SandboxId, path: str, most: int = MOST_COMMITS) -> tuple[Commit, ...]:
    """Return the commits that lead to the one that is checked out, the latest first.

    Raises:
        NotFoundError: there is no repository.
        DaytonaTuiError: it could not be looked at.
    """
    try:
        seen = await look(gateway, sandbox_id, path, _LOG, most=MOST_BYTES, words=[str(most)])
    except NoGitError:
        return (await gateway.history(sandbox_id, path))[:most]
    return tuple(_commits(seen))


async def branches(gateway: Gateway, sandbox_id: SandboxId, path: str) -> tuple[Branch, ...]:
    """Return the branches, here and on remotes as they were seen last; the last commit first.

    Raises:
        NotFoundError: there is no repository.
        DaytonaTuiError: it could not be looked at.
    """
    try:
        seen = await look(gateway, sandbox_id, path, _BRANCHES, most=MOST_BYTES)
    except NoGitError:
        told = await gateway.branches(sandbox_id, path)
        return tuple(Branch(name, name == told.current) for name in told.names)
    return tuple(_branches(seen))


async def remotes(gateway: Gateway, sandbox_id: SandboxId, path: str) -> tuple[Remote, ...]:
    """Return the other repositories that this one knows by name.

    Raises:
        NotFoundError: there is no repository.
        DaytonaTuiError: it could not be looked at.
    """
    try:
        return await gateway.remotes(sandbox_id, path)
    except UnsupportedError:  # of an older toolbox
        seen = await look(gateway, sandbox_id, path, _REMOTES, most=MOST_BYTES)
    told = (entry.partition("\n") for entry in seen.text.split("\0") if entry)
    return tuple(Remote(key.removeprefix("remote.").removesuffix(".url"), address) for key, _, address in told)


async def diff(
    gateway: Gateway, sandbox_id: SandboxId, path: str, files: tuple[str, ...] = (), *, kind: str = "all"
) -> Seen:
    """Return what differs, as text; untracked files as new ones.

    Args:
        gateway: where the sandbox is.
        sandbox_id: which.
        path: the repository.
        files: only these, by their names in the repository; empty for all.
        kind: ``all`` since the last commit, ``staged``, ``unstaged``.

    Raises:
        NoGitError: the sandbox has no program git.
        NotFoundError: there is no repository.
    """
    return await look(gateway, sandbox_id, path, _DIFF, most=MOST_BYTES, words=[kind, *files])


async def commit_diff(gateway: Gateway, sandbox_id: SandboxId, path: str, revision: str) -> Seen:
    """Return what a commit changed, with its message.

    Raises:
        NoGitError: the sandbox has no program git.
        NotFoundError: there is no repository.
    """
    return await look(gateway, sandbox_id, path, _DIFF, most=MOST_BYTES, words=["commit", revision])


def _commits(seen: Seen) -> Iterator[Commit]:
    for record in seen.text.split("\0"):
        fields = record.split("\x1f", 4)
        if len(fields) == 5 and fields[0]:
            yield Commit(fields[0], fields[1], fields[2], fields[4].rstrip("\n"), moment(fields[3]))


def _branches(seen: Seen) -> Iterator[Branch]:
    for record in seen.text.split("\0"):
        fields = record.lstrip("\n").split("\x1f", 5)
        if len(fields) != 6:
            continue
        mark, ref, upstream, standing, at, subject = fields
        if ref.startswith("refs/heads/"):
            name, remote = ref.removeprefix("refs/heads/"), ""
        else:
            remote, _, name = ref.removeprefix("refs/remotes/").partition("/")
            if name in ("", "HEAD"):
                continue
        yield Branch(name, mark == "*", remote, upstream, standing, subject, moment(at))


def moment(text: str) -> datetime | None:
    """Return the time that git wrote; None for what is none."""
    with contextlib.suppress(ValueError):
        at = datetime.fromisoformat(text.strip())
        return at if at.tzinfo is not None else None
    return None
