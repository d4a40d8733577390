"""Puts files that have arrived in a sandbox in their places, by the best way that the sandbox has.

Its Python is quickest, its shell is slow but right; where nothing can be run at all the file routes do what they can,
which is neither to compare contents nor to set times.
"""

from __future__ import annotations

import itertools
import posixpath
import secrets
import shlex
from collections.abc import Awaitable

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.push_patience import patiently
from daytona_tui.transfer.push_scripts import Landed, Order, Said, as_json, as_shell, python_command, read
from daytona_tui.transfer.push_survey import MAX_SCRIPT_BYTES
from daytona_tui.transfer.walk import ends_everything

_RUN_S = 120
_BYTES_PER_S = 20_000_000
"""What even a busy sandbox reads and hashes."""
_USUAL_MODE = 0o644

Item = tuple[str, bytes]


class Settler:
    """Carries out orders in the staging directory ``stage``.

    Attributes:
        hashed: every SHA-256 so far was compared.
        dated: every time of change so far was set.
    """

    def __init__(
        self,
        gateway: Gateway,
        sandbox_id: SandboxId,
        stage: str,
        tools: frozenset[str],
        patience: Patience,
    ) -> None:
        self._gateway = gateway
        self._sandbox_id = sandbox_id
        self._stage = stage
        self._patience = patience
        self._numbers = itertools.count()
        self._has_tar = "tar" in tools
        self._ways = [self._by_python, self._by_shell] if "python3" in tools else [self._by_shell]
        if not tools:
            self._ways = []
        self.hashed = True
        self.dated = True

    @property
    def takes_packs(self) -> bool:
        """True where many files may come as one that holds their contents."""
        return bool(self._ways) and self._ways[0] == self._by_python

    @property
    def takes_archives(self) -> bool:
        """True where many files may come as an archive."""
        return self._has_tar and bool(self._ways)

    def order_item(self, order: Order) -> tuple[str, Item | None]:
        """Return the name of an order, and the file that has to be written for it, if it needs one.

        Whoever writes to the staging directory anyway saves a request by writing that as well.
        """
        name = f"order-{next(self._numbers)}"
        if not self.takes_packs:
            return name, None
        body = as_json(order)
        fits = len(body) < MAX_SCRIPT_BYTES // 2
        return name, None if fits else (posixpath.join(self._stage, name), body)

    async def settle(self, order: Order, written: str = "") -> Said:
        """Carry out an order; ``written`` is the name of its file in the staging directory, if it is there.

        Raises:
            DaytonaTuiError: nothing can go on any more.
        """
        said = None
        while self._ways and said is None:
            way = self._ways[0]
            # An answer may be lost that says all is well; only what fails twice is given up.
            said = await way(order, written) or await way(order, written)
            if said is None and self._ways and self._ways[0] == way:
                del self._ways[0]
        if said is None:
            said = await self._by_acts(order)
        self.hashed = self.hashed and said.hashed
        self.dated = self.dated and said.dated
        return said

    async def _by_python(self, order: Order, written: str) -> Said | None:
        mark = secrets.token_hex(12)
        if written:
            return await self._run(python_command(self._stage, written, mark), mark, order)
        body = as_json(order)
        command = python_command(self._stage, "", mark, body)
        if len(command.encode()) > MAX_SCRIPT_BYTES:
            name = f"order-{next(self._numbers)}"
            if not await self._write(name, body):
                return None
            command = python_command(self._stage, name, mark)
        return await self._run(command, mark, order)

    async def _by_shell(self, order: Order, _written: str) -> Said | None:
        mark = secrets.token_hex(12)
        script = as_shell(order, self._stage, mark)
        command = script.decode()
        if len(script) > MAX_SCRIPT_BYTES:
            name = f"order-{next(self._numbers)}"
            if not await self._write(name, script):
                return None
            command = f"cd -- {shlex.quote(self._stage)} && sh ./{name}"
        elif not order.files:
            command = f"mkdir -p {shlex.quote(self._stage)}\n{command}"
        return await self._run(command, mark, order)

    async def _write(self, name: str, body: bytes) -> bool:
        path = posixpath.join(self._stage, name)
        errors = await patiently(lambda: self._gateway.write_many(self._sandbox_id, [(path, body)]), self._patience)
        for error in errors.values():
            if ends_everything(error):
                raise error
        return not errors

    async def _run(self, command: str, mark: str, order: Order) -> Said | None:
        """Return what a script has said; None where it did not come to its end."""
        timeout_s = _RUN_S + sum(file.size_bytes for file in order.files) // _BYTES_PER_S
        try:
            outcome = await patiently(
                lambda: self._gateway.run(self._sandbox_id, command, timeout_s=timeout_s),
                self._patience,
            )
        except DaytonaTuiError as error:
            if ends_everything(error):
                raise
            return None
        said = read(outcome.output, mark)
        return said if said.is_complete else None

    async def _by_acts(self, order: Order) -> Said:
        """Do by the file routes what they can."""
        said = Said({}, [], is_complete=True, hashed=False, dated=not (order.files or order.dated))
        for number, (target, mode) in enumerate(order.directories):
            await self._tried(said, f"d{number}", self._make(target, mode))
        for number in range(len(order.links)):
            said.problems[f"l{number}"] = "refused"
        sizes = await self._arrived() if order.files else {}
        for file in order.files:
            if sizes.get(str(file.index)) != file.size_bytes:
                said.problems[f"f{file.index}"] = "missing"
            else:
                await self._tried(said, f"f{file.index}", self._move(file))
        if order.is_last:
            await self._tried(said, "last", self._gateway.remove(self._sandbox_id, self._stage, recursive=True))
        return said

    async def _tried(self, said: Said, key: str, act: Awaitable[None]) -> None:
        try:
            await act
        except ConflictError as error:
            if error.status != 409:
                raise
            said.problems[key] = "appeared"
        except DaytonaTuiError as error:
            if ends_everything(error):
                raise
            said.problems[key] = "refused"

    async def _arrived(self) -> dict[str, int]:
        try:
            entries = await self._gateway.list_dir(self._sandbox_id, self._stage)
        except NotFoundError:
            return {}
        return {entry.name: entry.size_bytes for entry in entries}

    async def _make(self, target: str, mode: int) -> None:
        await self._gateway.make_dir(self._sandbox_id, target, mode | 0o700)

    async def _move(self, file: Landed) -> None:
        path = posixpath.join(self._stage, str(file.index))
        if file.mode != _USUAL_MODE:
            await self._gateway.chmod(self._sandbox_id, path, file.mode)
        try:
            await self._gateway.move(self._sandbox_id, path, file.target)
        except ConflictError as error:
            if error.status != 409 or not file.replaces:
                raise
            await self._gateway.remove(self._sandbox_id, file.target)
            await self._gateway.move(self._sandbox_id, path, file.target)
