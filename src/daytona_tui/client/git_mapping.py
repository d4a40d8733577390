"""The toolbox's answers about repositories → domain values; one odd entry costs that entry's cell."""

from __future__ import annotations

from typing import Any

from daytona_tui.client.fields import text
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.git import Branches, Change, Commit, GitFile, Remote, RepositoryStatus
from daytona_tui.errors import ProtocolError

_WORDS = {
    "Unmodified": Change.SAME,
    "Untracked": Change.UNTRACKED,
    "Modified": Change.MODIFIED,
    "Added": Change.ADDED,
    "Deleted": Change.DELETED,
    "Renamed": Change.RENAMED,
    "Copied": Change.COPIED,
    "Updated but unmerged": Change.CONFLICT,
}
_UNNAMED = "?"


def repository_status_from(told: object) -> RepositoryStatus:
    """Return how a repository stands.

    Raises:
        ProtocolError: the answer does not say which files differ: that none does must not be guessed.
    """
    files = told.get("fileStatus", ()) if isinstance(told, dict) else None
    is_known = isinstance(told, dict) and ("currentBranch" in told or "fileStatus" in told)
    if not isinstance(told, dict) or not is_known or not isinstance(files, list | tuple | None):
        raise ProtocolError("the repository's status has an unknown form", source="toolbox")
    published = told.get("branchPublished")
    branch = text(told, "currentBranch")
    is_tracking = published is not False
    return RepositoryStatus(
        branch="" if told.get("detached") is True else branch,
        upstream=text(told, "upstream"),
        is_published=published if isinstance(published, bool) else None,
        # A branch that follows none has none to be ahead of: the server says 0 and means nothing by it.
        ahead=_count(told, "ahead") if is_tracking else None,
        behind=_count(told, "behind") if is_tracking else None,
        files=tuple(file for item in files or () if (file := _file(item)) is not None),
    )


def branches_from(told: object) -> Branches:
    """Return the branches.

    Raises:
        ProtocolError: the answer is no list of them.
    """
    names = told.get("branches") if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(names, list | None):
        raise ProtocolError("the list of branches has an unknown form", source="toolbox")
    return Branches(tuple(name for name in names or () if isinstance(name, str)), text(told, "current"))


def commits_from(told: object) -> tuple[Commit, ...]:
    """Return commits.

    Raises:
        ProtocolError: the answer is no list of them.
    """
    if not isinstance(told, list | None):
        raise ProtocolError("the list of commits has an unknown form", source="toolbox")
    return tuple(
        Commit(
            hash=text(item, "hash"),
            author=text(item, "author"),
            email=text(item, "email"),
            message=text(item, "message"),
            at=time_from(moment) if (moment := text(item, "timestamp")) else None,
        )
        for item in told or ()
        if isinstance(item, dict) and text(item, "hash")
    )


def remotes_from(told: object) -> tuple[Remote, ...]:
    """Return remotes.

    Raises:
        ProtocolError: the answer is no list of them.
    """
    listed = told.get("remotes") if isinstance(told, dict) else told
    if not isinstance(listed, list | None):
        raise ProtocolError("the list of remotes has an unknown form", source="toolbox")
    return tuple(
        Remote(text(item, "name"), text(item, "url"))
        for item in listed or ()
        if isinstance(item, dict) and text(item, "name")
    )


def _file(item: object) -> GitFile | None:
    """Return a file that differs; an odd entry counts as one."""
    if not isinstance(item, dict):
        return GitFile(_UNNAMED, Change.UNKNOWN, Change.UNKNOWN)
    staged, unstaged = (_WORDS.get(text(item, key), Change.UNKNOWN) for key in ("staging", "worktree"))
    if staged is unstaged is Change.SAME:
        return None
    return GitFile(text(item, "name") or _UNNAMED, staged, unstaged, text(item, "extra"))


def _count(item: dict[str, Any], key: str) -> int | None:
    value = item.get(key)
    return value if type(value) is int and value >= 0 else None
