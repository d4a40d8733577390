"""What the git pane may ask the user; the screen, which is above it, opens the dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.git_address import Address
from daytona_tui.operations.git_clone import Wanted
from daytona_tui.operations.git_logins import Offer
from daytona_tui.operations.git_person import Person


@dataclass(frozen=True, slots=True)
class CommitWish:
    """What a commit is made of. Every text is safe for a terminal.

    Attributes:
        where: the repository and its branch.
        files: what is staged, a line each.
        person: whom it is by, as far as that is known.
        message: what was tried before.
        trouble: what that came to.
    """

    where: str
    files: tuple[str, ...]
    person: str = ""
    message: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class LoginAnswer:
    """Which login is to be used: one of this machine, or what was typed."""

    offer: Offer | None = None
    login: GitLogin | None = None


@dataclass(frozen=True, slots=True)
class CloneAnswer:
    """What is to be cloned; ``said`` fills the form again after a failure."""

    wanted: Wanted
    said: Mapping[str, object] = field(default_factory=dict, repr=False)


class GitDialogs(Protocol):
    """The dialogs around repositories."""

    def ask_commit(
        self, wish: CommitWish, then: Callable[[str, Person], None], left: Callable[[str, str], None]
    ) -> None:
        """Ask for a message and whom the commit is by; ``left`` gets both as typed where it is left for later."""

    def ask_branch(self, where: str, then: Callable[[str], None]) -> None:
        """Ask for the name of a new branch."""

    def ask_clone(
        self, sandbox: str, said: Mapping[str, object], trouble: str, then: Callable[[CloneAnswer], None]
    ) -> None:
        """Ask what to clone, with what was said before in the form and what came of it above."""

    async def ask_login(
        self, address: Address, sandbox: str, offers: Sequence[Offer], trouble: str
    ) -> LoginAnswer | None:
        """Ask which login to give to the git server; None for none. Waits until nothing is being typed."""
