"""Holding sandboxes: nothing is swept that somebody holds.

There are two ways. A pin is a line in a file of this machine, for one connection; it always works, and nobody else
sees it. The label ``daytona-tui.keep`` stands on the sandbox itself, for everybody who hunts with this program.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

from daytona_tui.config.kept_file import write_private
from daytona_tui.domain.cost import PriceBook, hourly
from daytona_tui.domain.leaks import Evidence, LeakPolicy, keepers
from daytona_tui.domain.leaks.keeping import KEEP
from daytona_tui.domain.ports import SandboxGateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.errors import ConfigError, ConflictError
from daytona_tui.presentation.phrases import os_reason

FILE_NAME = "pins.json"
"""Of the pins of one connection, in its state directory."""

KEEP_LABEL = KEEP
"""Whoever has it is kept: until the date that it says, or for good (``true``)."""

KEEP_BY_LABEL = "daytona-tui.keep-by"
"""Who wants it kept."""

_VERSION = 1
_MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """A sandbox that is held on this machine.

    Attributes:
        name: what it was called then, for people: hostile text.
        at: since when.
    """

    name: str
    at: datetime


class Pins:
    """The pins of one connection.

    A file that cannot be read is never taken for an empty one: what was held would be swept.

    Args:
        path: the file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    async def load(self) -> Mapping[SandboxId, Pin]:
        """Return who is held.

        Raises:
            ConfigError: the file is damaged or cannot be read; nobody knows who is held.
        """
        return await asyncio.to_thread(self._read)

    async def hold(self, sandbox: Sandbox) -> Mapping[SandboxId, Pin]:
        """Hold a sandbox, and return who is held now. Holding it twice is holding it once.

        Raises:
            ConfigError: the file is damaged, or cannot be read or written; nothing is changed.
        """
        pin = Pin(sandbox.name, datetime.now(UTC))
        return await asyncio.to_thread(self._change, lambda pins: pins.setdefault(sandbox.id, pin))

    async def release(self, sandbox_id: SandboxId) -> Mapping[SandboxId, Pin]:
        """Hold a sandbox no longer, and return who is held now.

        Raises:
            ConfigError: as for ``hold``.
        """
        return await asyncio.to_thread(self._change, lambda pins: pins.pop(sandbox_id, None))

    def _change(self, change: Callable[[dict[SandboxId, Pin]], object]) -> Mapping[SandboxId, Pin]:
        try:
            with self._locked():  # another program may pin at the same time
                pins = dict(self._read())
                change(pins)
                write_private(self.path, _text(pins))
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be written: {os_reason(error)}", hint="nothing is changed"
            ) from error
        return MappingProxyType(pins)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self) -> Mapping[SandboxId, Pin]:
        try:
            with self.path.open("rb") as stream:
                data = stream.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return MappingProxyType({})
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {os_reason(error)}", hint=_WHAT_NOW) from error
        try:
            return MappingProxyType(_pins(json.loads(data) if len(data) <= _MAX_BYTES else None))
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            raise ConfigError(f"{self.path} is damaged: nobody knows who is held", hint=_WHAT_NOW) from None


class PassingPins(Pins):
    """Pins that nobody keeps: of a connection that ends with the program."""

    def __init__(self) -> None:
        super().__init__(Path())
        self._held: Mapping[SandboxId, Pin] = MappingProxyType({})

    def _read(self) -> Mapping[SandboxId, Pin]:
        return self._held

    def _change(self, change: Callable[[dict[SandboxId, Pin]], object]) -> Mapping[SandboxId, Pin]:
        pins = dict(self._held)
        change(pins)
        self._held = MappingProxyType(pins)
        return self._held


class Keeper:
    """Tells what wants a sandbox kept: a pin, a label, a mark of another tool, its shape, or a rule of the settings.

    Args:
        pins: who is held on this machine; read anew each time, since another program may pin meanwhile.
        policy: with the rules that protect.
        prices: which rules may go by.
        now: the server's time, aware.
    """

    def __init__(self, pins: Pins, policy: LeakPolicy, prices: PriceBook, now: Callable[[], datetime]) -> None:
        self._pins = pins
        self._policy = policy
        self._prices = prices
        self._now = now

    async def why(self, sandbox: Sandbox) -> str:
        """Return why a sandbox is to be kept, in words; empty where nothing says so. Who cannot be asked keeps it."""
        return (await self.reasons((sandbox,))).get(sandbox.id, "")

    async def reasons(self, sandboxes: Iterable[Sandbox]) -> Mapping[SandboxId, str]:
        """Return the same of several; who is not to be kept is left out."""
        try:
            pins = frozenset(await self._pins.load())
        except ConfigError as error:
            return {each.id: error.message for each in sandboxes}
        evidence = Evidence(self._now(), lambda each: hourly(each, self._prices), pins=pins)
        found = {each.id: keepers(each, evidence, self._policy) for each in sandboxes}
        return {key: " and ".join(guard.sentence for guard in guards) for key, guards in found.items() if guards}


_WHAT_NOW = "mend it, or remove it and hold again what is to be held; nothing is swept before"


def _text(pins: Mapping[SandboxId, Pin]) -> str:
    held = {each: {"name": pin.name, "at": pin.at.isoformat()} for each, pin in pins.items()}
    return json.dumps({"version": _VERSION, "pins": held}, indent=1) + "\n"


def _pins(told: object) -> dict[SandboxId, Pin]:
    if not isinstance(told, dict) or told["version"] != _VERSION:
        raise ValueError("another version")
    pins = {}
    for sandbox_id, said in told["pins"].items():
        if type(said["name"]) is not str:
            raise ValueError("not a name")
        pins[SandboxId(sandbox_id)] = Pin(said["name"], datetime.fromisoformat(said["at"]))
    return pins


def is_kept_by_label(sandbox: Sandbox) -> bool:
    """True if the sandbox has the shared label, whatever it says."""
    return KEEP_LABEL in sandbox.labels


async def share_hold(gateway: SandboxGateway, sandbox: Sandbox, *, by: str, until: date | None = None) -> Sandbox:
    """Put the shared label on a sandbox, beside the labels that it has, and return it.

    Args:
        gateway: where.
        sandbox: whom.
        by: who wants it kept; empty: not said.
        until: last day on which it is kept; None: for good.

    Raises:
        ConflictError: somebody else changed the labels at the same time.
    """
    kept = {KEEP_LABEL: until.isoformat() if until else "true", **({KEEP_BY_LABEL: by} if by else {})}
    return await merge_labels(gateway, sandbox.id, kept)


async def unshare_hold(gateway: SandboxGateway, sandbox: Sandbox) -> Sandbox:
    """Take the shared label off a sandbox, and return it.

    Raises:
        ConflictError: somebody else changed the labels at the same time.
    """
    return await merge_labels(gateway, sandbox.id, {}, frozenset({KEEP_LABEL, KEEP_BY_LABEL}))


async def merge_labels(
    gateway: SandboxGateway,
    sandbox_id: SandboxId,
    given: Mapping[str, str],
    removed: frozenset[str] = frozenset(),
) -> Sandbox:
    """Change some labels and leave the others as they are; return the sandbox as it was read back.

    The server replaces all labels at once, so they are read, merged, written, and read again: whoever wrote in between
    is found out.

    Raises:
        ConflictError: the labels are not those that were written.
    """
    before = await gateway.get(sandbox_id)
    wanted = {key: value for key, value in before.labels.items() if key not in removed} | dict(given)
    if wanted == dict(before.labels):
        return before
    await gateway.set_labels(sandbox_id, wanted)
    after = await gateway.get(sandbox_id)
    if dict(after.labels) != wanted:
        raise ConflictError(
            f"somebody else changed the labels of {after.name} at the same time", hint="look at them, then try again"
        )
    return after
