"""What a server turned out not to have: found out once for a connection, and said wherever it would be offered.

Nothing is asked in advance: a server that does not know an operation says so when it is asked for it, and from then on
the operation is not offered any more.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from daytona_tui.domain.sandbox import SandboxId


class Ability(StrEnum):
    """What servers of some age or make have, and others have not. The value goes on after "this server has no"."""

    TTL = "time to live"
    PAUSE = "pause"
    AUTO_PAUSE = "auto-pause"
    RESIZE = "resizing"
    FORK = "forks"
    RECOVER = "recovery"
    ARCHIVE = "archive"
    NETWORK = "network settings"
    METRICS = "metrics of sandboxes"
    TELEMETRY = "telemetry"
    SSH = "access by SSH"
    PREVIEWS = "previews"
    SIGNED_PREVIEWS = "signed preview links"
    ENVIRONMENT = "environment that can be changed"
    SNAPSHOTS = "snapshots"
    SNAPSHOT_OF_SANDBOX = "snapshots of sandboxes"
    VOLUMES = "volumes"
    CONTEXTS = "object storage for the files that a Dockerfile copies"
    SECRETS = "secrets"
    REGIONS = "list of regions"
    QUOTAS = "quotas"
    USAGE = "accounts of what sandboxes cost"
    AUDIT = "audit log"
    SESSIONS = "sessions"
    PTYS = "terminals"
    GIT = "git"


class Abilities:
    """What the server of one connection was found to lack. Everything is believed to be there until it is noted.

    What runs in a sandbox may be older than its server: what only that lacks is noted for the one sandbox.
    """

    def __init__(self) -> None:
        self._lacking: dict[Ability, str] = {}
        self._lacking_in: dict[SandboxId, set[Ability]] = {}
        self._listeners: list[Callable[[], object]] = []

    def lacks(self, ability: Ability) -> str:
        """Return why ``ability`` cannot be used, in words that stand alone; empty where nothing speaks against it."""
        return self._lacking.get(ability, "")

    def note(self, ability: Ability, words: str = "") -> str:
        """Remember that the server lacks ``ability`` and return the words for it; the first words stay.

        Args:
            ability: what was asked for in vain.
            words: why; "this server has no …" where empty.
        """
        if ability not in self._lacking:
            self._lacking[ability] = words or f"this server has no {ability.value}"
            self._tell()
        return self._lacking[ability]

    def lacks_in(self, sandbox_id: SandboxId, ability: Ability) -> str:
        """Return why ``ability`` cannot be used in one sandbox, as ``lacks`` does."""
        if ability in self._lacking_in.get(sandbox_id, ()):
            return f"this server has no {ability.value} here: what runs in the sandbox is older"
        return self.lacks(ability)

    def note_in(self, sandbox_id: SandboxId, ability: Ability) -> str:
        """Remember that what runs in a sandbox lacks ``ability`` and return the words for it."""
        found = self._lacking_in.setdefault(sandbox_id, set())
        if ability not in found:
            found.add(ability)
            self._tell()
        return self.lacks_in(sandbox_id, ability)

    def forget_in(self, sandbox_id: SandboxId, ability: Ability | None = None) -> None:
        """Believe again that a sandbox has ``ability``, or everything: after a start something newer may run in it."""
        found = self._lacking_in.get(sandbox_id, set())
        forgotten = found & {ability} if ability is not None else set(found)
        if forgotten:
            found -= forgotten
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def listen(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call ``listener`` after each finding; the function that is returned ends that."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    @property
    def lacking(self) -> tuple[tuple[Ability, str], ...]:
        """Everything that was found, in the order it was."""
        return tuple(self._lacking.items())
