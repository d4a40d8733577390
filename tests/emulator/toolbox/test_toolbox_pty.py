"""Terminals through the SDK: a real shell on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until
from tests.emulator.toolbox.screen import Screen

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.toolbox.pty import Pty

if TYPE_CHECKING:
    from daytona import AsyncSandbox
    from daytona.handle.async_pty_handle import AsyncPtyHandle


async def _open(sandbox: AsyncSandbox, screen: Screen, *, cols: int = 80, rows: int = 24) -> AsyncPtyHandle:
    from daytona.common.pty import PtySize

    size = PtySize(cols=cols, rows=rows)
    return await sandbox.process.create_pty_session(
        "p", screen.put, envs={"PS1": "ready> ", "WORD": "a b"}, pty_size=size
    )


async def test_type_and_read(sandbox: AsyncSandbox, box: Box) -> None:
    screen = Screen()
    handle = await _open(sandbox, screen)
    await handle.send_input("echo $((40+2)) $WORD $TERM; tty; pwd\n")
    await screen.shows("42 a b xterm-256color\r\n")
    await screen.shows("/dev/pts/")
    await screen.shows(f"{box.work_dir}\r\n")
    assert b"job control" not in screen.data
    await handle.send_input("exit 5\n")
    ended = await asyncio.wait_for(handle.wait(), 5)
    assert (ended.exit_code, ended.error) == (5, "non-zero exit")
    assert await sandbox.process.list_pty_sessions() == []


async def test_a_clean_exit_has_no_error(sandbox: AsyncSandbox) -> None:
    handle = await _open(sandbox, Screen())
    await handle.send_input(b"\x04")
    ended = await asyncio.wait_for(handle.wait(), 5)
    assert (ended.exit_code, ended.error) == (0, None)


async def test_resizing_reaches_the_program(sandbox: AsyncSandbox) -> None:
    from daytona.common.pty import PtySize

    screen = Screen()
    handle = await _open(sandbox, screen, cols=100, rows=30)
    await handle.send_input("stty size; trap 'echo changed; stty size' WINCH\n")
    await screen.shows("30 100\r\n")
    info = await sandbox.process.resize_pty_session("p", PtySize(cols=123, rows=45))
    assert (info.cols, info.rows) == (123, 45)
    await handle.send_input("\n")
    await screen.shows("changed\r\n45 123\r\n")
    await handle.kill()


async def test_control_characters_are_the_terminals(sandbox: AsyncSandbox) -> None:
    nap, screen = unique_nap(), Screen()
    handle = await _open(sandbox, screen)
    await handle.send_input(f"sleep {nap}; echo code $?\n")
    await until(lambda: running_with(nap))
    await handle.send_input(b"\x03")
    await until(lambda: running_with(nap) == [])
    await handle.kill()


async def test_killing_takes_everything_along(sandbox: AsyncSandbox) -> None:
    nap = unique_nap()
    handle = await _open(sandbox, Screen())
    await handle.send_input(f"sleep {nap} & (setsid sleep {nap} &) ; sleep {nap}\n")
    await until(lambda: len(running_with(nap)) == 3)
    await sandbox.process.kill_pty_session("p")
    ended = await asyncio.wait_for(handle.wait(), 5)
    assert (ended.exit_code, ended.error) == (137, "SIGKILL")
    assert running_with(nap) == []


async def test_several_watch_one_terminal(sandbox: AsyncSandbox) -> None:
    one, two = Screen(), Screen()
    first = await _open(sandbox, one)
    second = await sandbox.process.connect_pty_session("p", two.put)
    await second.send_input("echo shared-$((1+1))\n")
    await one.shows("shared-2")
    await two.shows("shared-2")
    await first.disconnect()
    await second.send_input("echo alone-$((1+1))\n")
    await two.shows("alone-2")
    await second.send_input("exit\n")
    assert (await asyncio.wait_for(second.wait(), 5)).exit_code == 0


async def test_nothing_of_much_output_is_lost(sandbox: AsyncSandbox) -> None:
    screen = Screen()
    handle = await _open(sandbox, screen)
    await handle.send_input("stty -echo; seq 300000; exit\n")
    await asyncio.wait_for(handle.wait(), 30)
    assert b"\r\n299999\r\n300000\r\n" in screen.data
    assert screen.data.count(b"\r\n") >= 300_000


async def test_a_watcher_that_sleeps_is_waited_for_in_bounds_and_then_dropped(
    sandbox: AsyncSandbox, toolbox: Toolbox, box: Box
) -> None:
    screen = Screen()
    handle = await _open(sandbox, screen)
    watchers = box.services(Pty)["p"]._watchers
    async with toolbox.http.ws_connect(f"{toolbox.url}/process/pty/p/connect"):
        await until(lambda: len(watchers) == 2)
        await handle.send_input("seq 3000000; echo the-$((0))-end\n")
        await until(lambda: any(watcher._size > 1 << 19 for watcher in watchers))
        while len(watchers) == 2:
            assert all(watcher._size < 2 << 20 for watcher in watchers)
            await asyncio.sleep(0.05)
        await until(lambda: b"the-0-end" in screen.data, within_s=20)
    await handle.kill()


async def test_description_and_refusals(sandbox: AsyncSandbox, toolbox: Toolbox, box: Box) -> None:
    from daytona.common.errors import DaytonaConflictError, DaytonaNotFoundError
    from daytona.common.pty import PtySize

    handle = await _open(sandbox, Screen(), cols=90, rows=20)
    info = await sandbox.process.get_pty_session_info("p")
    assert (info.id, info.cols, info.rows, info.cwd, info.active) == ("p", 90, 20, box.work_dir, True)
    assert info.envs["WORD"] == "a b"
    with pytest.raises(DaytonaConflictError):
        await _open(sandbox, Screen())
    with pytest.raises(DaytonaNotFoundError):
        await sandbox.process.get_pty_session_info("none")
    with pytest.raises(DaytonaNotFoundError):
        await sandbox.process.kill_pty_session("none")
    with pytest.raises(Exception, match="not found"):
        await sandbox.process.connect_pty_session("none", Screen().put)
    with pytest.raises(Exception, match="cols"):
        await sandbox.process.resize_pty_session("p", PtySize(cols=5000, rows=20))
    await handle.kill()


async def test_made_first_and_connected_later(toolbox: Toolbox, sandbox: AsyncSandbox) -> None:
    body = {"id": "lazy", "lazyStart": True, "cols": 70, "rows": 20}
    async with toolbox.http.post(f"{toolbox.url}/process/pty", json=body) as response:
        assert (response.status, await response.json()) == (201, {"sessionId": "lazy"})
    assert not (await sandbox.process.get_pty_session_info("lazy")).active
    screen = Screen()
    handle = await sandbox.process.connect_pty_session("lazy", screen.put)
    await handle.send_input("stty size\n")
    await screen.shows("20 70")
    await handle.kill()


async def test_the_terminal_ends_with_the_box(sandbox: AsyncSandbox, box: Box) -> None:
    handle = await _open(sandbox, Screen())
    await box.close()
    assert (await asyncio.wait_for(handle.wait(), 5)).exit_code is not None
    assert box.services(Pty) == {}
