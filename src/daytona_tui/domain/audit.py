"""What the organisation's audit log tells of a sandbox: its making, and what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Who made a sandbox, with which key and what program. Texts are empty where the log does not say.

    Attributes:
        actor: address of the person whose key it was: hostile text.
        key_suffix: last letters of the key, as the server shows them.
        sdk: the SDK as it names itself, such as ``sdk-python-async``: hostile text.
        user_agent: the program as it names itself: hostile text.
        at: when it was made.
        actor_id: id of the person; unlike an address it does not change.
        key_prefix: first letters of the key, likewise.
    """

    actor: str = ""
    key_suffix: str = ""
    sdk: str = ""
    user_agent: str = ""
    at: datetime | None = None
    actor_id: str = ""
    key_prefix: str = ""


@dataclass(frozen=True, slots=True)
class LoggedAct:
    """Something that was done to a sandbox. Texts are hostile, and empty where the log does not say.

    Attributes:
        action: the log's own word: ``stop``, ``replace_labels``.
        actor: address of the person whose key it was, or an id.
        user_agent: the program as it names itself.
        at: when.
        is_bad: it was refused, or failed.
        trouble: why, in the server's words.
    """

    action: str
    at: datetime
    actor: str = ""
    user_agent: str = ""
    is_bad: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An act that the log has. Texts are hostile, and empty where the log does not say.

    Attributes:
        action: the log's own word: ``create``, ``replace_labels``.
        target_type: what it was done to: ``sandbox``, ``snapshot``, ``api_key``.
        status: of the answer, as of HTTP; None while the act goes on, or where the log does not say.
        trouble: why it failed, in the server's words.
        ip: where it was asked from.
    """

    id: str
    at: datetime | None
    action: str
    actor: str = ""
    actor_id: str = ""
    key_prefix: str = ""
    key_suffix: str = ""
    target_type: str = ""
    target_id: str = ""
    status: int | None = None
    trouble: str = ""
    source: str = ""
    user_agent: str = ""
    ip: str = ""

    @property
    def is_bad(self) -> bool:
        """It was refused, or failed."""
        return self.status is not None and not 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """Which entries are wanted; empty texts and None choose nothing.

    Attributes:
        since: entries from then on; likewise ``until``.
    """

    action: str = ""
    target_type: str = ""
    target_id: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Entries, the newest first.

    Attributes:
        next_token: leads to the page after; empty on the last.
        total: how many there are in all; None where the server does not tell.
    """

    entries: tuple[AuditEntry, ...]
    next_token: str = ""
    total: int | None = None
