"""Make a sandbox: ask, build with its log, wait until it runs, then upload and clone."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.build_context import BuildContext
from daytona_tui.domain.creation import (
    BuildLog,
    CreateOrder,
    Ignored,
    LeftBehind,
    Mount,
    NothingMade,
    OnCreate,
    Stage,
    StageBegun,
)
from daytona_tui.domain.creation_checks import check
from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.git_address import without_login
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import (
    AuthError,
    DaytonaTuiError,
    MisuseError,
    NotFoundError,
    OperationTimeoutError,
    ProtocolError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
    UnsentError,
)
from daytona_tui.operations.build_context import context_words, find_context, send_context
from daytona_tui.operations.create_after import clone, upload
from daytona_tui.operations.create_order import check_uploads, context_wish
from daytona_tui.presentation.safe_text import safe

DEFAULT_TIMEOUT_S = 600.0
"""A build takes its time, and what it leaves behind when it is given up is a sandbox."""

_LOOK_S = 5.0
"""How long a sandbox is looked for whose creation was not answered: the server may still be at it."""
_PAUSE_S = 0.5
_SKEW = timedelta(minutes=5)
_LOG_ENDS_S = 3.0
"""What the log gets to end by itself once the sandbox runs, or its build failed."""
_BUILDING = frozenset({SandboxState.PENDING_BUILD, SandboxState.BUILDING_SNAPSHOT})


async def create(
    gateway: Gateway,
    order: CreateOrder,
    *,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    on_event: OnCreate,
    login: GitLogin | None = None,
    waits: bool = True,
) -> Sandbox:
    """Make the sandbox that is ordered and return it running, with files and repository in it.

    Args:
        gateway: where.
        order: what; checked here again. A name is made up where it has none, so that it can be found afterwards.
        timeout_s: for everything together.
        on_event: told what happens. ``LeftBehind`` is told, before the error is raised, of a sandbox that is there
            although its creation failed, timed out or was given up; ``NothingMade`` where there certainly is none.
        login: for the repository, where its server wants one.
        waits: False: the sandbox is returned as soon as the server has accepted it, without files and repository.

    Raises:
        MisuseError: the order cannot be carried out; nothing was asked for.
        TransferError: what is to be uploaded or built with is not here; likewise. Or it could not be uploaded.
        UnsupportedError: the server takes no files for builds; likewise.
        OperationTimeoutError: time is up. The hint names what is left behind.
        DaytonaTuiError: it failed. Likewise.
    """
    if problems := check(order):
        raise MisuseError("; ".join(each.words for each in problems))
    await asyncio.to_thread(check_uploads, order)
    context = await find_context(context_wish(order.source))
    named = order if order.name else replace(order, name=made_up_name())
    making = _Making(gateway, named, time.monotonic() + timeout_s, on_event, is_ours=not order.name)
    making.context = context
    try:
        async with asyncio.timeout(timeout_s):
            return await (making.run(login) if waits else making.request())
    except asyncio.CancelledError:
        await making.look_behind()
        raise
    except TimeoutError:
        late = OperationTimeoutError(f"{safe(named.name)} is not ready after {timeout_s:g} s")
        raise await making.explained(late) from None
    except DaytonaTuiError as error:
        raise await making.explained(error) from None


def made_up_name() -> str:
    """Return a name for a sandbox that has none: whose answer is lost can then be found by it."""
    return f"sandbox-{secrets.token_hex(4)}"


class _Making:
    """One sandbox that is being made.

    Attributes:
        context: files of this machine for its build; None where there are none.
    """

    def __init__(
        self, gateway: Gateway, order: CreateOrder, deadline: float, on_event: OnCreate, *, is_ours: bool
    ) -> None:
        self._gateway = gateway
        self._order = order
        self._deadline = deadline
        self._tell = on_event
        self._is_ours = is_ours
        self._asked = False
        self._began = datetime.now(UTC)
        self._made: Sandbox | None = None
        self.context: BuildContext | None = None

    async def run(self, login: GitLogin | None) -> Sandbox:
        order = self._order
        sandbox = await self.request()
        if sandbox.state is not SandboxState.STARTED:
            is_building = order.is_built and sandbox.state in _BUILDING
            self._tell(StageBegun(Stage.BUILDING if is_building else Stage.STARTING, sandbox))
            sandbox = self._made = await self._settled(sandbox.id, is_building)
        self._tell_ignored(sandbox)
        for each in order.uploads:
            self._tell(StageBegun(Stage.UPLOADING, sandbox, each.local))
            await upload(self._gateway, sandbox, each)
        if order.repository is not None:
            self._tell(StageBegun(Stage.CLONING, sandbox, without_login(order.repository.url)))
            await clone(self._gateway, sandbox, order.repository, login, timeout_s=self._deadline - time.monotonic())
        self._tell(StageBegun(Stage.DONE, sandbox))
        return sandbox

    def _tell_ignored(self, sandbox: Sandbox) -> None:
        """Tell of what an older server has not read."""
        order, abilities = self._order, self._gateway.abilities
        if order.ttl_min and sandbox.lifetimes.destroy_at is None:
            words = abilities.note(Ability.TTL)
            self._tell(Ignored("ttl_min", f"{words}: the sandbox will not be destroyed by itself"))
        if order.auto_pause_min and not sandbox.lifetimes.auto_pause_min:
            words = abilities.note(Ability.AUTO_PAUSE)
            self._tell(Ignored("auto_pause_min", f"{words}: the sandbox will not be paused by itself"))

    async def request(self) -> Sandbox:
        """Return what the server makes of the order."""
        self._made = await self._requested()
        return self._made

    async def _requested(self) -> Sandbox:
        """Ask for it; where the answer is lost, what came of it is looked for by its name."""
        contexts: tuple[str, ...] = ()
        if self.context is not None:
            self._tell(StageBegun(Stage.SENDING, words=context_words(self.context)))
            contexts = await send_context(self._gateway, self.context, lambda text: self._tell(BuildLog(text)))
        self._tell(StageBegun(Stage.ASKING, words=self._order.name))
        await self._gateway.dockerfile_of(self._order.source)  # refused here, it was never asked for
        order = replace(self._order, volumes=await _by_id(self._gateway, self._order.volumes))
        if self._order.secrets:  # a server that has none would make the sandbox all the same, without them
            with contextlib.suppress(AuthError):  # whoever may not list them may use them
                await self._gateway.secrets()
        self._asked = True
        try:
            return await self._gateway.request_sandbox(order, contexts)
        except DaytonaTuiError as error:
            if not _may_be_made(error):
                self._asked = False
                raise
            found = await self._found() if self._is_ours else None
            if found is None:
                raise
            return found

    async def _settled(self, sandbox_id: SandboxId, is_building: bool) -> Sandbox:
        log = asyncio.create_task(self._follow(sandbox_id), name="build-log") if is_building else None
        left_s = max(self._deadline - time.monotonic(), 0.0)
        try:
            return await self._gateway.await_creation(sandbox_id, timeout_s=left_s)
        except asyncio.CancelledError:
            if log is not None:
                log.cancel()
            raise
        finally:
            if log is not None:
                await _ended(log)

    async def _follow(self, sandbox_id: SandboxId) -> None:
        """Tell of the log until the build is over; one that cannot be read costs nothing but itself."""
        while True:
            try:
                async for text in self._gateway.follow_build(sandbox_id):
                    self._tell(BuildLog(text))
                return
            except NotFoundError:  # it has not begun
                await asyncio.sleep(_PAUSE_S)
            except DaytonaTuiError as error:
                self._tell(Ignored("log", f"the log of the build cannot be read: {error.message}"))
                return

    async def explained(self, error: DaytonaTuiError) -> DaytonaTuiError:
        """Return ``error`` with what is left behind in its hint; tells of it."""
        left = await self.look_behind()
        if left is not None:
            what = f"{safe(left.name)} ({left.id})"
            if left.state is SandboxState.STARTED:
                words = f"{what} runs all the same: daytona-tui delete {left.id} takes it away"
            elif self._made is None and not self._is_ours:
                state = left.state.value.replace("_", " ")
                words = f"{what} is there, {state}, and may be what was asked for: look before you delete it"
            else:
                state = left.state.value.replace("_", " ")
                words = f"{what} is left behind, {state}: daytona-tui delete {left.id} takes it away"
        elif self._asked:
            words = f"nothing called {safe(self._order.name)} is there yet; it may still come: look for that name"
        elif isinstance(error, OperationTimeoutError):
            words = "nothing was asked for yet"
        else:
            return error
        error.hint = f"{error.hint}; {words}" if error.hint else words
        return error

    async def look_behind(self) -> Sandbox | None:
        """Return what there is of it after all and tell of it; None if there is nothing, or nobody can say."""
        if not self._asked:
            self._tell(NothingMade())
            return None
        found: Sandbox | None = self._made
        with contextlib.suppress(TimeoutError, DaytonaTuiError):
            async with asyncio.timeout(_LOOK_S):
                found = await self._found() if found is None else await self._gateway.get(found.id)
        if found is not None and self._made is None and self._is_older(found):
            return None
        if found is not None:
            self._tell(LeftBehind(found))
        return found

    def _is_older(self, sandbox: Sandbox) -> bool:
        """True if it was there before this order, however wrong one of the clocks is by minutes."""
        return sandbox.created_at is not None and sandbox.created_at < self._began - _SKEW

    async def _found(self) -> Sandbox | None:
        """Return the sandbox with the name of the order, once it is there."""
        for _ in range(int(_LOOK_S / _PAUSE_S)):
            try:
                return await self._gateway.get(self._order.name)
            except (NotFoundError, UnreachableError):
                await asyncio.sleep(_PAUSE_S)
        return None


async def _by_id(gateway: Gateway, mounts: tuple[Mount, ...]) -> tuple[Mount, ...]:
    """Return ``mounts`` with the ids of their volumes, which people call by their names.

    Raises:
        NotFoundError: there is no such volume.
    """
    if not mounts:
        return ()
    try:
        ids = {name: each.id for each in await gateway.volumes() for name in (each.name, each.id)}
    except (AuthError, RateLimitedError):  # whoever may not list them may have them mounted
        return mounts
    missing = [each.volume for each in mounts if each.volume not in ids]
    if missing:
        raise NotFoundError(f"there is no volume {missing[0]!r}", hint="daytona-tui volumes list shows all of them")
    return tuple(replace(each, volume=ids[each.volume]) for each in mounts)


def _may_be_made(error: DaytonaTuiError) -> bool:
    """True where the server may have made the sandbox although this came of the request."""
    if isinstance(error, UnreachableError | OperationTimeoutError | ProtocolError):
        return not isinstance(error, UnsentError)
    return type(error) is RemoteError and (error.status is None or error.status >= 500)


async def _ended(log: asyncio.Task[None]) -> None:
    """Let the log come to its end, and end it where it does not."""
    try:
        await asyncio.wait({log}, timeout=_LOG_ENDS_S)
    finally:
        if not log.done():
            log.cancel()
            await asyncio.wait({log})
