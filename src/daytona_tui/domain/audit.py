"""What the organisation's audit log tells of the making of a sandbox."""

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
