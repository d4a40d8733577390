"""One terminal and several clients: all see, all may type, and whoever comes late sees what was."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until
from tests.emulator.toolbox.screen import Screen

if TYPE_CHECKING:
    from daytona import AsyncSandbox
    from daytona.handle.async_pty_handle import AsyncPtyHandle


async def _pair(sandbox: AsyncSandbox) -> tuple[AsyncPtyHandle, AsyncPtyHandle, Screen, Screen]:
    one, two = Screen(), Screen()
    first = await sandbox.process.create_pty_session("p", one.put)
    second = await sandbox.process.connect_pty_session("p", two.put)
    return first, second, one, two


async def test_both_type_and_both_see(sandbox: AsyncSandbox) -> None:
    first, second, one, two = await _pair(sandbox)
    await first.send_input("echo from-$((0))-first\n")
    await second.send_input("echo from-$((0))-second\n")
    for screen in (one, two):
        await screen.shows("from-0-first")
        await screen.shows("from-0-second")
    await second.send_input("exit 7\n")
    results = await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 5)
    assert [result.exit_code for result in results] == [7, 7]
    assert await sandbox.process.list_pty_sessions() == []


async def test_whoever_comes_late_sees_what_was(sandbox: AsyncSandbox) -> None:
    first, second, one, two = await _pair(sandbox)
    await first.send_input("stty -echo; seq 100000; echo long-$((0))-ago\n")
    await one.shows("long-0-ago")
    late = Screen()
    third = await sandbox.process.connect_pty_session("p", late.put)
    await late.shows("long-0-ago")
    assert len(late.data) <= 64 << 10
    assert late.data.split(b"\r\n")[0].isdigit()
    await third.send_input("echo $((1))-now\n")
    for screen in (one, two, late):
        await screen.shows("1-now")
    await second.disconnect()
    await third.disconnect()
    await first.send_input("echo $((2))-still\n")
    await one.shows("2-still")
    await first.kill()


async def test_killing_tells_everybody(sandbox: AsyncSandbox) -> None:
    first, second, one, _two = await _pair(sandbox)
    nap = unique_nap()
    await first.send_input(f"sleep {nap} & echo $((3))-up\n")
    await one.shows("3-up")
    await sandbox.process.kill_pty_session("p")
    results = await asyncio.wait_for(asyncio.gather(first.wait(), second.wait()), 5)
    assert [(result.exit_code, result.error) for result in results] == [(137, "SIGKILL")] * 2
    assert not running_with(nap)


async def test_a_size_is_everybodys(sandbox: AsyncSandbox) -> None:
    from daytona.common.pty import PtySize

    first, second, one, two = await _pair(sandbox)
    info = await second.resize(PtySize(cols=101, rows=33))
    assert (info.cols, info.rows) == (101, 33)
    await first.send_input("stty size\n")
    await one.shows("33 101")
    await two.shows("33 101")
    await first.kill()


async def test_many_may_wake_a_lazy_terminal_at_once(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    body = {"id": "p", "lazyStart": True, "envs": {"PS1": "one-shell> "}, "cwd": "/usr"}
    async with toolbox.http.post(f"{toolbox.url}/process/pty", json=body) as answer:
        assert answer.status == 201
    screens = [Screen() for _ in range(5)]
    handles = await asyncio.gather(*(sandbox.process.connect_pty_session("p", screen.put) for screen in screens))
    await handles[0].send_input("pwd; echo pid-$$-\n")
    pids = set()
    for screen in screens:
        await screen.shows("/usr\r\n")
        await screen.shows("\r\npid-")
        pids.add(bytes(screen.data).split(b"\r\npid-")[1].split(b"-")[0])
    assert len(pids) == 1
    await handles[0].kill()


async def test_what_was_printed_before_anybody_came(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    body = {"id": "p"}
    async with toolbox.http.post(f"{toolbox.url}/process/pty", json=body) as answer:
        assert answer.status == 201
    screen = Screen()
    handle = await sandbox.process.connect_pty_session("p", screen.put)
    await until(lambda: screen.data)  # the prompt
    await handle.kill()
