"""Everything that can go wrong, in our own words.

DaytonaTuiError
├── ConfigError               settings missing, malformed or contradictory
│   └── MisuseError           what somebody said of one deed makes no sense
├── PlanError                 the file of a plan cannot be used, or not be written
├── AuthError                 the key is refused, or may not do this
├── UnreachableError          name lookup, refused, TLS, connection time-out
│   └── UnsentError           there was no connection, so that nothing was asked for
├── RateLimitedError          asked too often; ``retry_after_s`` says when to ask again
├── NotFoundError             gone, or never was
├── ConflictError             the sandbox's state does not allow it
│   └── AmbiguousError        what was said may mean several things
├── OperationTimeoutError     accepted, but did not settle in time
│   └── OutOfTimeError        the time is over that was given for the whole
├── RemoteError               5xx, error state, refused by the platform
│   ├── GitLoginError         a git server wants a login, or another one
│   └── UnsupportedError      this server does not know the operation
├── TransferError             an item could not be copied
│   ├── UnsafePathError       a name that would leave the destination
│   └── VerificationError     what arrived is not what was sent
└── ProtocolError             an answer that cannot be mapped
"""

from __future__ import annotations


class DaytonaTuiError(Exception):
    """Root of the tree. Never raised itself.

    Attributes:
        message: what happened, to what; one line, no trailing full stop, safe for a terminal.
        hint: what to do next; empty where nothing useful can be said.
        code: machine-readable code of the server, where it sent one.
        source: which part answered: ``api``, ``toolbox`` or ``local``.
        status: HTTP status, where there was one.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        source: str = "local",
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.source = source
        self.status = status


class ConfigError(DaytonaTuiError):
    """Settings are missing, malformed or contradict each other."""

    exit_code = 2


class MisuseError(ConfigError):
    """What somebody said of one deed cannot be meant: no address, no name, no such variable; not a setting."""


class PlanError(DaytonaTuiError):
    """The file of a plan is damaged, not for this connection, or cannot be read or written."""

    exit_code = 2


class UnreachableError(DaytonaTuiError):
    """No answer from the server: name lookup, refused connection, TLS or time-out."""

    exit_code = 3


class UnsentError(UnreachableError):
    """There was no connection at all: the request has certainly not come to the server."""


class RateLimitedError(DaytonaTuiError):
    """The server asks to wait.

    Attributes:
        retry_after_s: seconds until the limiter opens again; None if the server did not say.
        limiter: which limiter closed, such as ``sandbox-lifecycle``; empty if not said.
    """

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        limiter: str = "",
        hint: str = "",
        source: str = "api",
    ) -> None:
        super().__init__(message, hint=hint, source=source, status=429)
        self.retry_after_s = retry_after_s
        self.limiter = limiter


class AuthError(DaytonaTuiError):
    """The key is refused, or is not allowed to do this."""

    exit_code = 4


class NotFoundError(DaytonaTuiError):
    """What was named does not exist, or does not exist any more."""

    exit_code = 5


class ConflictError(DaytonaTuiError):
    """The sandbox's present state does not allow the operation."""


class AmbiguousError(ConflictError):
    """What was said is the beginning of several names or ids; nothing was done."""

    exit_code = 2


class OperationTimeoutError(DaytonaTuiError):
    """The operation was accepted and did not settle within its deadline."""

    exit_code = 7


class OutOfTimeError(OperationTimeoutError):
    """The time is over that somebody gave for the whole of it. What was accepted may still happen."""


class RemoteError(DaytonaTuiError):
    """The platform failed, or refused for a reason of its own."""


class UnsupportedError(RemoteError):
    """The server does not know this operation: it is older than the feature."""


class GitLoginError(RemoteError):
    """A git server wants a login, or another one. Our key for Daytona is not what it is about."""


class TransferError(DaytonaTuiError):
    """One item could not be copied."""

    exit_code = 6


class UnsafePathError(TransferError):
    """A name in the sandbox would be written outside the destination."""


class VerificationError(TransferError):
    """What arrived differs from what the sandbox announced."""


class ProtocolError(DaytonaTuiError):
    """The answer does not have the expected form: the service or the SDK has moved on."""
