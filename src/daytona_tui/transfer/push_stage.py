"""The directory in a sandbox where the files of a push lie until they are whole, and what puts them in their places.

The sandbox's shell is the way; where nothing can be run at all the file routes do what they can, which is neither to
compare contents nor to set times.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import itertools
import os
import platform
import posixpath
import re
import secrets
import shlex
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.errors import ConflictError, DaytonaTuiError, NotFoundError, UnreachableError
from daytona_tui.transfer.patience import Patience
from daytona_tui.transfer.push_archive import archive_of
from daytona_tui.transfer.push_script import PREFIX, READABLE, Landed, Order, Said, as_shell, place_of, read, unpacking
from daytona_tui.transfer.push_survey import MAX_SCRIPT_BYTES, in_scripts
from daytona_tui.transfer.walk import ends_everything

T = TypeVar("T")

_RUN_S = 120
_BYTES_PER_S = 20_000_000
"""What even a busy sandbox reads and hashes."""
_USUAL_MODE = 0o644
_ATTEMPTS = 3
_PAUSE_S = 0.25
"""What had been sent when a connection broke is dealt with by then."""
_NAME = re.compile(f"({re.escape(PREFIX)}([0-9a-f]{{12}})-([0-9]{{1,9}})-([0-9a-f]{{8}})-[0-9a-f]{{8}})(?:-[0-9]+)?")
"""With a number, it is a file on its way into the place beside it."""
_open: set[str] = set()
"""Names that pushes of this process use."""

Item = tuple[str, bytes]


class Stage:
    """The staging directory of one push; ``close`` it at the end.

    Attributes:
        path: where it is.
        hashed: every SHA-256 so far was compared.
        dated: every time of change so far was set.
    """

    def __init__(
        self,
        gateway: Gateway,
        sandbox_id: SandboxId,
        base: str,
        destination: str,
        tools: frozenset[str],
        patience: Patience,
    ) -> None:
        self._gateway = gateway
        self._sandbox_id = sandbox_id
        self._base = base
        self._name = f"{PREFIX}{_machine()}-{os.getpid()}-{_short(destination)}-{secrets.token_hex(4)}"
        self._patience = patience
        self._numbers = itertools.count()
        self._has_shell = bool(tools)
        self._has_tar = "tar" in tools
        self.path = posixpath.join(base, self._name)
        self.hashed = True
        self.dated = True
        self._aside: dict[str, str] = {}
        _open.add(self._name)

    @property
    def takes_archives(self) -> bool:
        """True where many files may come as an archive."""
        return self._has_shell and self._has_tar

    def within(self, name: str | int) -> str:
        """Return the path of what is called ``name`` in it."""
        return posixpath.join(self.path, str(name))

    def new_name(self, word: str) -> str:
        """Return a name that was not used."""
        return f"{word}-{next(self._numbers)}"

    def packed(self, order: Order, contents: Iterable[bytes]) -> Item:
        """Return the archive of an order, with the contents of its files, as what is to be written; blocks."""
        members = [("order", _USUAL_MODE, 0, as_shell(order, self.path))]
        for file, data in zip(order.files, contents, strict=True):
            members.append((place_of(file, order, self._base), file.mode | READABLE, file.modified_ns, data))
        return self.within(order.archive), archive_of(members)

    async def patiently(self, act: Callable[[], Awaitable[T]]) -> T:
        """Return what ``act`` returns, asking again for as long as that may help.

        Args:
            act: what to do; it must not matter if it was done already and only the answer was lost.

        Raises:
            DaytonaTuiError: the last failure.
        """
        while True:
            try:
                result = await act()
            except DaytonaTuiError as error:
                if not self._patience.bears(error):
                    raise
                await self._patience.wait(error)
            else:
                self._patience.moved()
                return result

    async def settle(self, order: Order) -> Said:
        """Carry out an order.

        Raises:
            DaytonaTuiError: nothing can go on any more.
        """
        said = None
        if self._has_shell:
            # An answer may be lost that says all is well; only what fails twice is given up.
            said = await self._by_shell(order) or await self._by_shell(order)
            self._has_shell = said is not None
        if said is None:
            said = await self._by_acts(order)
        self.hashed = self.hashed and said.hashed
        self.dated = self.dated and said.dated
        return said

    async def clean_up(self, directories: Sequence[str]) -> None:
        """Remove what is temporary, and those of ``directories``, parents first, that nothing has come into.

        It may take for ever: the caller sets a limit.

        Raises:
            DaytonaTuiError: something could not be removed.
        """
        gone = failures = 0
        while gone < 2:  # what was still on its way makes it anew
            try:
                await self._remove()
            except NotFoundError:
                gone += 1
            except UnreachableError:
                failures += 1
                if failures > _ATTEMPTS:
                    raise
            if gone < 2:
                await asyncio.sleep(_PAUSE_S)
        for paths in in_scripts(reversed(directories)):
            await self._gateway.run(self._sandbox_id, f"rmdir -- {shlex.join(paths)} 2>/dev/null", timeout_s=5)

    def close(self) -> None:
        """Leave the name to others: what bears it from now on is litter."""
        _open.discard(self._name)

    async def _remove(self) -> None:
        """Remove the directory, but nothing in it that is still owed to its place."""
        for aside in list(self._aside):
            await self._bring_back(aside)
        await self._gateway.remove(self._sandbox_id, self.path, recursive=True)

    async def _by_shell(self, order: Order) -> Said | None:
        """Return what the script has said; None where it did not come to its end."""
        if order.archive:
            command = unpacking(order, self.path)
        else:
            script = await asyncio.to_thread(as_shell, order, self.path)
            command = script.decode()
            if len(script) > MAX_SCRIPT_BYTES:
                name = self.new_name("order")
                if not await self._written(name, script):
                    return None
                command = f"sh {shlex.quote(self.within(name))}"
        timeout_s = _RUN_S + sum(file.size_bytes for file in order.files) // _BYTES_PER_S
        try:
            outcome = await self.patiently(lambda: self._gateway.run(self._sandbox_id, command, timeout_s=timeout_s))
        except DaytonaTuiError as error:
            if ends_everything(error):
                raise
            return None
        said = read(outcome.output, order.mark)
        return said if said.is_complete else None

    async def _written(self, name: str, body: bytes) -> bool:
        item = (self.within(name), body)
        errors = await self.patiently(lambda: self._gateway.write_many(self._sandbox_id, [item]))
        for error in errors.values():
            if ends_everything(error):
                raise error
        return not errors

    async def _by_acts(self, order: Order) -> Said:
        """Do by the file routes what they can."""
        said = Said({}, [], is_complete=True, hashed=False, dated=not (order.files or order.dated))
        for number, (target, mode) in enumerate(order.directories):
            await self._tried(said, f"d{number}", self._make(target, mode))
        for number in range(len(order.links)):
            said.problems[f"l{number}"] = "refused"
        sizes = await self._arrived() if order.files else {}
        for file in order.files:
            if order.archive or sizes.get(str(file.index)) != file.size_bytes:
                said.problems[f"f{file.index}"] = "missing"
            else:
                await self._tried(said, f"f{file.index}", self._move(file))
        if order.is_last:
            await self._tried(said, "last", self._remove())
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
            entries = await self._gateway.list_dir(self._sandbox_id, self.path)
        except NotFoundError:
            return {}
        return {entry.name: entry.size_bytes for entry in entries}

    async def _make(self, target: str, mode: int) -> None:
        await self._gateway.make_dir(self._sandbox_id, target, mode | 0o700)

    async def _move(self, file: Landed) -> None:
        path = self.within(file.index)
        if file.mode != _USUAL_MODE:
            await self._gateway.chmod(self._sandbox_id, path, file.mode)
        try:
            await self._gateway.move(self._sandbox_id, path, file.target)
        except ConflictError as error:
            if error.status != 409 or not file.replaces:
                raise
            if (await self._gateway.info(self._sandbox_id, file.target)).is_dir:
                raise
            await self._exchange(path, file.target)

    async def _exchange(self, path: str, target: str) -> None:
        """Put ``path`` where ``target`` is, which comes back where that fails."""
        aside = f"{path}.was"
        self._aside[aside] = target
        try:
            await self._gateway.move(self._sandbox_id, target, aside)
            await self._gateway.move(self._sandbox_id, path, target)
        except DaytonaTuiError:
            await self._bring_back(aside)
            raise
        del self._aside[aside]

    async def _bring_back(self, aside: str) -> None:
        """Put what was moved aside where it was; as long as that fails, it stays known."""
        try:
            await self._gateway.move(self._sandbox_id, aside, self._aside[aside])
        except NotFoundError:  # it never went
            pass
        except ConflictError as error:
            if error.status != 409:  # what was to replace it is there
                raise
        del self._aside[aside]


def litter(paths: Iterable[str], destination: str | None = None) -> Iterator[str]:
    """Yield those of ``paths`` that pushes from this machine have left which came to no end.

    Args:
        paths: what there is.
        destination: only those that went there.
    """
    for path in paths:
        found = _NAME.fullmatch(posixpath.basename(path)) if PREFIX in path else None
        if found is None or found[2] != _machine() or found[1] in _open or _runs(int(found[3])):
            continue
        if destination is None or found[4] == _short(destination):
            yield path


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _runs(pid: int) -> bool:
    """Return True where another process has this number."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@functools.cache
def _machine() -> str:
    """Return a word for where process numbers mean what they mean here; nobody can tell from it which machine it is."""
    about = [platform.node()]
    with contextlib.suppress(OSError):
        about.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
    with contextlib.suppress(OSError):
        about.append(str(Path("/proc/self/ns/pid").readlink()))
    return hashlib.sha256("\n".join(about).encode("utf-8", "surrogateescape")).hexdigest()[:12]
