"""What ended a subcommand before its end: as an object for programs, where JSON was asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from daytona_tui.cli.exit_codes import ExitCode
from daytona_tui.cli.grammar import Common
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
    UnsupportedError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

# The most particular class first, and the words are a promise: more may come, none goes or changes.
_CODES: tuple[tuple[type[DaytonaTuiError], str], ...] = (
    (PlanError, "plan"),
    (MisuseError, "usage"),
    (ConfigError, "settings"),
    (AuthError, "key_refused"),
    (UnreachableError, "unreachable"),
    (RateLimitedError, "rate_limited"),
    (NotFoundError, "not_found"),
    (AmbiguousError, "ambiguous"),
    (ConflictError, "conflict"),
    (OutOfTimeError, "out_of_time"),
    (OperationTimeoutError, "not_settled"),
    (UnsupportedError, "unsupported"),
    (GitLoginError, "git_login"),
    (RemoteError, "failed"),
    (TransferError, "not_copied"),
    (ProtocolError, "not_understood"),
)


MEND_TOO_MANY = "narrow the filter, or raise --max"


class Refusal(Exception):
    """What was asked for is not done, and nothing was done.

    Attributes:
        code: a word for programs, such as ``too_many``; stable.
        message: why, in one line.
        hint: what to do next, in one line; empty where the message says it.
        below: more lines for people, such as the filter with a mark under what is wrong in it.
        exit_code: of the program.
    """

    def __init__(
        self, code: str, message: str, *, hint: str = "", below: Sequence[str] = (), exit_code: int = ExitCode.USAGE
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.below = tuple(below)
        self.exit_code = exit_code


@contextlib.contextmanager
def named(what: str, way_on: str) -> Iterator[None]:
    """Say of what a server tells to be missing what it is, where the server does not; ``way_on`` shows what is there.

    Raises:
        NotFoundError: as the body does, with both.
    """
    try:
        yield
    except NotFoundError as error:
        raise NotFoundError(
            f"{what}: {error.message}", hint=way_on, source=error.source, status=error.status
        ) from error


def no_terminal() -> Refusal:
    """Return the refusal of a deed that has to be asked for where nobody can be asked."""
    hint = "--yes acts without asking, --dry-run only says what it would do"
    return Refusal("no_terminal", "there is no terminal to ask at", hint=hint)


def would_delete(many: int) -> Refusal:
    """Return the refusal of stopping sandboxes of which so many would be gone by it."""
    message = f"stopping deletes {many:,} of them; nothing was done"
    return Refusal("would_delete", message, hint="--allow-delete accepts that")


def declined() -> Refusal:
    """Return what the answer no comes to."""
    return Refusal("declined", "nothing was done", exit_code=ExitCode.FAILED)


class Misuse(SystemExit):
    """The command line cannot be understood; whoever found that has said so to people.

    Attributes:
        message: why, in one line.
    """

    def __init__(self, message: str) -> None:
        super().__init__(int(ExitCode.USAGE))
        self.message = message


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong.

    Attributes:
        code: a word for programs; stable.
        message: what happened, to what.
        hint: what to do next; empty where nothing useful can be said.
        exit_code: of the program.
    """

    code: str
    message: str
    hint: str
    exit_code: int


INTERRUPTED = Trouble("interrupted", "interrupted before there was anything to tell", "", ExitCode.INTERRUPTED)
TERMINATED = Trouble("interrupted", "ended by SIGTERM before there was anything to tell", "", ExitCode.TERMINATED)


def trouble_of(error: BaseException) -> Trouble:
    """Return what an error comes to."""
    if isinstance(error, Misuse):
        return Trouble("usage", error.message, "--help tells what can be said", ExitCode.USAGE)
    if isinstance(error, Refusal):
        return Trouble(error.code, error.message, error.hint, error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    from daytona_tui.presentation.phrases import phrase

    said = phrase(error)
    if not isinstance(error, DaytonaTuiError):
        return Trouble("internal", said.detail, said.hint, ExitCode.INTERNAL)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "failed")
    return Trouble(code, f"{said.title}: {said.detail}", said.hint, error.exit_code)


def with_way_on(trouble: Trouble, said: Common) -> Trouble:
    """Return the trouble with what a subcommand that was interrupted has said of how to go on."""
    if trouble.code == "interrupted" and said.way_on:
        return replace(trouble, message="interrupted", hint=said.way_on)
    return trouble


def as_object(trouble: Trouble) -> dict[str, object]:
    """Return what stands on stdout in place of the result. The keys are a promise: more may come, none goes."""
    told = {"code": trouble.code, "message": trouble.message, "next": trouble.hint}
    return {"error": {**told, "exit_code": int(trouble.exit_code)}}
