"""Of a log come the lines that were asked for, and moments are read as people say them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime

import click
import pytest

from daytona_tui.cli.moments import moment_of
from daytona_tui.domain.executions import OutputChunk, Stream
from daytona_tui.errors import UnreachableError
from daytona_tui.operations.logs import sifting
from daytona_tui.operations.logs.sifting import Sieve, Wish, sifted
from daytona_tui.operations.logs.source import LogEvent
from daytona_tui.operations.tail import Dropped, Ended, Resumed

BASE = 1_700_000_000
LINES = ["before any time", *(line for at in range(6) for line in (f"{BASE + at} at {at}", f"  more of {at}"))]


async def _log(pieces: Iterable[str | LogEvent]) -> AsyncGenerator[LogEvent]:
    for piece in pieces:
        yield OutputChunk(Stream.STDOUT, piece) if isinstance(piece, str) else piece
        await asyncio.sleep(0)


async def _lines(pieces: Iterable[str | LogEvent], wish: Wish, there_bytes: int | None = None) -> list[str]:
    sieve = Sieve(wish, time.time())
    batches = sifted(_log(pieces), sieve, wish, there_bytes=there_bytes, quiet_s=0.05)
    return [line.text async for each in batches if isinstance(each, list) for line in each]


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), LINES),
        (Wish(since=BASE + 4.5), LINES[-2:]),
        (Wish(until=BASE), LINES[:3]),
        (Wish(since=BASE + 1, until=BASE + 1), LINES[3:5]),
        (Wish(last=3), LINES[-3:]),
        (Wish(last=0), []),
        (Wish(matches=lambda text: "more" in text, last=2), ["  more of 4", "  more of 5"]),
        (Wish(since=BASE + 99), []),
    ],
)
async def test_what_was_asked_for_comes(wish: Wish, expected: list[str]) -> None:
    whole = "\n".join(LINES)  # the last line has no end
    cut = [whole[at : at + 7] for at in range(0, len(whole), 7)]
    assert await _lines([*cut, Ended(0)], wish) == expected


async def test_patterns_see_no_escape_sequences() -> None:
    wish = Wish(matches=lambda text: text == "red")
    assert await _lines(["\x1b[31mred\x1b[0m\nblue\n", Ended(0)], wish) == ["\x1b[31mred\x1b[0m"]


async def test_reading_ends_well_after_the_last_moment() -> None:
    came = 0

    async def endless() -> AsyncGenerator[LogEvent]:
        nonlocal came
        while True:
            came += 1
            yield OutputChunk(Stream.STDOUT, f"{BASE + came} x\n")
            await asyncio.sleep(0)

    wish = Wish(until=BASE + 5)
    sieve = Sieve(wish, time.time())
    async with asyncio.timeout(20):
        batches = [each async for each in sifted(endless(), sieve, wish, there_bytes=None, quiet_s=1)]
    assert len(batches) == 5
    assert came < 200


async def test_the_last_lines_come_when_what_was_there_has_come_and_then_all() -> None:
    more = asyncio.Event()

    async def following() -> AsyncGenerator[LogEvent]:
        yield Dropped("far away", 0.1)
        await asyncio.sleep(0.1)  # longer than a silence may be, and no silence
        yield Resumed()
        yield OutputChunk(Stream.STDOUT, "1\n2\n3\n")
        await more.wait()
        yield OutputChunk(Stream.STDOUT, "4\n5\n6\n")
        yield Ended(0)

    wish = Wish(last=2)
    events = sifted(following(), Sieve(wish, 0), wish, there_bytes=None, quiet_s=0.02)
    assert isinstance(await anext(events), Dropped)
    assert isinstance(await anext(events), Resumed)
    first = await anext(events)
    assert isinstance(first, list)
    assert [line.text for line in first] == ["2", "3"]
    more.set()
    rest = [line.text async for each in events if isinstance(each, list) for line in each]
    assert rest == ["4", "5", "6"]
    assert await _lines(["1\n2\n3\n", "4\n5\n6\n", Ended(0)], wish, there_bytes=6) == ["2", "3", "4", "5", "6"]


def test_moments_are_read_as_people_say_them() -> None:
    now = time.time()
    assert abs(moment_of("10m").timestamp() - (now - 600)) < 5
    assert abs(moment_of("1.5h").timestamp() - (now - 5400)) < 5
    assert moment_of("2026-01-02T03:04:05Z") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert moment_of("2026-01-02T03:04:05+02:00") == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert moment_of("2026-01-02") == datetime(2026, 1, 2).astimezone(UTC)
    assert moment_of("09:30").astimezone().strftime("%H:%M:%S") == "09:30:00"
    assert moment_of("09:30").astimezone().date() == datetime.now(UTC).astimezone().date()


@pytest.mark.parametrize(
    "text", ["", "yesterday", "10", "-5m", "25:00", "12:60", "99999999999w", "2026-13-01", "nan", "m"]
)
def test_other_words_are_no_moments(text: str) -> None:
    with pytest.raises(click.BadParameter, match="no time"):
        moment_of(text)


async def test_a_log_that_is_never_silent_is_not_held_back_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "HELD_S", 0.05)

    async def endless() -> AsyncGenerator[LogEvent]:
        while True:
            yield OutputChunk(Stream.STDOUT, "x\n")
            await asyncio.sleep(0.001)

    wish = Wish(last=2)
    events = sifted(endless(), Sieve(wish, 0), wish, there_bytes=None, quiet_s=5)
    async with asyncio.timeout(20):
        first = await anext(events)
    assert isinstance(first, list)
    assert [line.text for line in first] == ["x", "x"]
    await events.aclose()


async def test_what_has_come_is_not_lost_with_the_connection() -> None:
    async def lost() -> AsyncGenerator[LogEvent]:
        yield OutputChunk(Stream.STDOUT, "1\n2\n3\n")
        raise UnreachableError("gone")

    wish = Wish(last=2)
    events = sifted(lost(), Sieve(wish, 0), wish, there_bytes=100, quiet_s=5)
    first = await anext(events)
    assert isinstance(first, list)
    assert [line.text for line in first] == ["2", "3"]
    with pytest.raises(UnreachableError):
        await anext(events)


async def test_marks_of_the_daemon_are_counted() -> None:
    async def busy() -> AsyncGenerator[LogEvent]:
        while True:
            yield OutputChunk(Stream.STDOUT, "x\n")
            await asyncio.sleep(0)

    wish = Wish(last=1)
    events = sifted(busy(), Sieve(wish, 0), wish, there_bytes=50, quiet_s=5, is_marked=True)
    came = await anext(events)
    assert isinstance(came, list)
    await events.aclose()
