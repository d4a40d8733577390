"""Repositories in a sandbox, as git speaks of them. Every text of a repository is hostile."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from daytona_tui.errors import MisuseError


@dataclass(frozen=True, slots=True)
class GitLogin:
    """What a git server is shown, for one request; it appears in no text about this object."""

    username: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is in no text that is shown or kept: the password, alone and as HTTP says it."""
        pair = f"{self.username}:{self.password}".encode("utf-8", "replace")
        return (base64.b64encode(pair).decode().rstrip("="), self.password)

    def check(self) -> None:
        """Make sure that git can say it.

        Raises:
            MisuseError: a part is missing, or no text of one line.
        """
        for word, value in (("user name", self.username), ("password or token", self.password)):
            if not value:
                raise MisuseError(f"the {word} is empty")
            if any(ord(letter) < 0x20 or letter == "\x7f" for letter in value):
                raise MisuseError(f"the {word} is not one line of text")


@dataclass(frozen=True, slots=True)
class CloneOrder:
    """What is cloned, and where to; ``operations.git.order`` makes it of what a person says.

    Attributes:
        address: of the repository, without credentials.
        path: directory in the sandbox, which comes to be; below its working directory if it is not absolute.
        branch: the branch or tag that is checked out; empty for the one that the repository names.
        commit: its hash; empty for the latest.
        depth: so many commits only; None for all.
        trusts_any_tls: the server's certificate is not checked.
    """

    address: str
    path: str
    branch: str = ""
    commit: str = ""
    depth: int | None = None
    trusts_any_tls: bool = False


class Change(StrEnum):
    """How a file differs."""

    SAME = "same"
    UNTRACKED = "untracked"
    MODIFIED = "modified"
    ADDED = "added"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file that is not as the last commit has it.

    Attributes:
        name: path below the repository.
        staged: how what is staged differs from the last commit.
        unstaged: how the file differs from what is staged.
        origin: the old name of what was renamed or copied.
    """

    name: str
    staged: Change = Change.SAME
    unstaged: Change = Change.SAME
    origin: str = ""

    @property
    def is_staged(self) -> bool:
        """True where a commit would take something of it."""
        return self.staged not in (Change.SAME, Change.UNTRACKED, Change.CONFLICT)

    @property
    def is_whole_staged(self) -> bool:
        """True where a commit would take all of it."""
        return self.is_staged and self.unstaged is Change.SAME

    @property
    def change(self) -> Change:
        """What it comes to in one word."""
        return self.staged if self.unstaged is Change.SAME else self.unstaged


@dataclass(frozen=True, slots=True)
class RepositoryStatus:
    """How a repository stands.

    Attributes:
        branch: the one that is checked out; empty for none.
        upstream: the branch that it follows; empty for none, or where the server does not tell.
        is_published: it follows one; None where the server does not tell.
        ahead: commits that the upstream does not have; None where that is not known.
        behind: commits of the upstream that are missing here; likewise.
        files: what differs, in git's order.
    """

    branch: str = ""
    upstream: str = ""
    is_published: bool | None = None
    ahead: int | None = None
    behind: int | None = None
    files: tuple[GitFile, ...] = ()

    @property
    def staged(self) -> tuple[GitFile, ...]:
        """What a commit would take."""
        return tuple(file for file in self.files if file.is_staged)


@dataclass(frozen=True, slots=True)
class Branches:
    """The local branches.

    Attributes:
        current: the one that is checked out; empty for none.
    """

    names: tuple[str, ...] = ()
    current: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit.

    Attributes:
        message: subject and body.
        at: None where the server does not tell.
    """

    hash: str
    author: str = ""
    email: str = ""
    message: str = ""
    at: datetime | None = None

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.strip().split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class Remote:
    """Another repository that this one knows by a name."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class RemoteBranch:
    """Where to push to or pull from.

    Attributes:
        remote: its name; empty for the one that the branch follows, or ``origin``.
        branch: empty for the one that is checked out, or what it follows.
    """

    remote: str = ""
    branch: str = ""


USUAL = RemoteBranch()
"""Where the branch that is checked out comes from."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch.

    Attributes:
        name: without the remote.
        remote: the remote that has it; empty for a local one.
        upstream: what it follows, such as ``origin/main``.
        standing: how it stands to that in git's words, such as ``ahead 1, behind 2``; empty for even.
        subject: of its last commit.
        at: of its last commit.
    """

    name: str
    is_current: bool = False
    remote: str = ""
    upstream: str = ""
    standing: str = ""
    subject: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """A repository that was found in a sandbox.

    Attributes:
        path: absolute.
        head: the last commit; None where there is none yet.
        origin: the address of its remote, as its settings have it; empty for none.
        stashes: what was put aside.
        author: whom its settings name for commits, as ``Name <address>``; empty for nobody.
        is_partial: more files differ than were told.
    """

    path: str
    status: RepositoryStatus = RepositoryStatus()
    head: Commit | None = None
    origin: str = ""
    stashes: int = 0
    author: str = ""
    is_partial: bool = False
