"""An error as a person meets it: what happened, to what, what to do next."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.errors import (
    AmbiguousError,
    AuthError,
    ConfigError,
    ConflictError,
    DaytonaTuiError,
    GitLoginError,
    MisuseError,
    NotFoundError,
    OperationTimeoutError,
    OutOfTimeError,
    PlanError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    TransferError,
    UnreachableError,
    UnsafePathError,
    UnsentError,
    UnsupportedError,
    VerificationError,
)
from daytona_tui.presentation.human import duration
from daytona_tui.presentation.safe_text import safe


@dataclass(frozen=True, slots=True)
class Phrase:
    """An outcome in words, each part one safe line.

    Attributes:
        title: what happened, in a few words.
        detail: to what, and why.
        hint: what to do next; empty where nothing useful can be said.
    """

    title: str
    detail: str
    hint: str

    @property
    def line(self) -> str:
        """All of it in one line, for stderr and for the status line."""
        return " · ".join(part for part in (f"{self.title}: {self.detail}", self.hint) if part)


# The most particular class first: the first that fits gives the title.
_TITLES: tuple[tuple[type[DaytonaTuiError], str, str], ...] = (
    (MisuseError, "Wrong usage", ""),
    (ConfigError, "Settings", ""),
    (PlanError, "The plan", ""),
    (FilterError, "This is no filter", ""),
    (AuthError, "The key was refused", "check the key and its permissions"),
    (UnsentError, "No connection to Daytona", "check the address and the network, then try again"),
    (UnreachableError, "No answer from Daytona", "check the address and the network, then try again"),
    (RateLimitedError, "Daytona asks to wait", "try again later"),
    (NotFoundError, "Not there", "it may have been deleted meanwhile"),
    (AmbiguousError, "Not clear", ""),
    (ConflictError, "Not possible now", ""),
    (OutOfTimeError, "Out of time", ""),
    (OperationTimeoutError, "Still not done", "it may yet finish by itself: look again in a while"),
    (UnsupportedError, "This server cannot do that", ""),
    (GitLoginError, "The git server wants a login", ""),
    (RemoteError, "Daytona failed", ""),
    (UnsafePathError, "An unsafe name was refused", ""),
    (VerificationError, "What arrived is not what was sent", "pull it again"),
    (TransferError, "Copying failed", ""),
    (ProtocolError, "An answer nobody understands", "the server may be newer or older than this program"),
)

_LOCAL = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission",
    errno.EPERM: "not permitted",
    errno.EROFS: "the file system is read-only",
    errno.ENAMETOOLONG: "the name is too long for this file system",
    errno.ENOTDIR: "a file or a link is in the way",
    errno.ELOOP: "a link is in the way",
    errno.EISDIR: "it is a directory",
    errno.ENOENT: "it does not exist",
    errno.EEXIST: "it exists already",
    errno.EMFILE: "too many files are open",
}


def phrase(error: BaseException, doing: str = "") -> Phrase:
    """Return ``error`` in words.

    Args:
        error: anything that was raised. What is not of our tree is a bug and is not shown in detail: its text may
            hold anything.
        doing: the deed that failed, as a verb and its object: ``stop api-1``.
    """
    if not isinstance(error, DaytonaTuiError):
        title = f"Could not {safe(doing)}" if doing else "Internal error"
        return Phrase(title, f"internal error ({type(error).__name__})", "the diagnostics file has the details")
    title, usual_hint = next((title, hint) for kind, title, hint in _TITLES if isinstance(error, kind))
    hint = error.hint or usual_hint
    if isinstance(error, RateLimitedError) and error.retry_after_s is not None:
        hint = error.hint or f"try again in {duration(error.retry_after_s)}"
    return Phrase(f"Could not {safe(doing)}" if doing else title, safe(error.message), safe(hint))


def os_reason(error: OSError) -> str:
    """Return why the local disk refused, in words, without the path."""
    return _LOCAL.get(error.errno or 0) or safe(error.strerror or type(error).__name__)
