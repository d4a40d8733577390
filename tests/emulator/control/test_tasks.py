"""No task outlives its keeper, not even one that was replaced and takes its time to end."""

from __future__ import annotations

import asyncio

from daytona_tui.emulator.tasks import Tasks


async def _slow_to_end(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.01)
        ended.append(name)


async def test_closing_awaits_what_was_replaced_too() -> None:
    tasks, ended = Tasks(), list[str]()
    tasks.start(_slow_to_end(ended, "first"), "key", name="first")
    await asyncio.sleep(0)
    tasks.cancel("key")
    tasks.start(_slow_to_end(ended, "second"), "key", name="second")
    await asyncio.sleep(0)
    await tasks.close()
    assert sorted(ended) == ["first", "second"]


async def test_a_key_names_the_latest_and_nothing_once_that_has_ended() -> None:
    tasks, ended = Tasks(), list[str]()
    first = tasks.start(asyncio.sleep(0), "key", name="first")
    second = tasks.start(_slow_to_end(ended, "second"), "key", name="second")
    await first
    assert "key" in tasks
    tasks.cancel("key")
    await tasks.wait("key")
    assert (second.cancelled(), ended) == (True, ["second"])
    assert "key" not in tasks
    await tasks.wait("key")
    tasks.cancel("key")
    await tasks.close()
