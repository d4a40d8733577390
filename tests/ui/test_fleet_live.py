"""The fleet while others change it: right soon, with the feed and without; whole, or said not to be; calm in bursts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.ui.driver import OpenApp, Opened

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.panes.fleet_live import FILE

LISTING = "/api/sandbox"
SOCKET = "*socket.io*"
HOUR = 3600.0


@asynccontextmanager
async def somebody_else(emulator: Emulator) -> AsyncIterator[object]:
    """Open the SDK, as another program on another machine would."""
    from daytona import AsyncDaytona, DaytonaConfig

    config = DaytonaConfig(api_key=emulator.api_key, api_url=emulator.api_url, target="us", use_deprecated_polling=True)
    async with AsyncDaytona(config) as daytona:
        yield daytona


def feed_is_up(opened: Opened) -> bool:
    return opened.fleet.watch_news.health.is_feed_up


async def test_what_another_client_does_shows_with_the_feed_alone(open_app: OpenApp) -> None:
    async with open_app(poll_s=HOUR) as opened, somebody_else(opened.emulator) as daytona:
        await opened.until(lambda: feed_is_up(opened))
        await opened.until(lambda: "● live" in opened.text)

        made = await daytona.create(timeout=30)  # type: ignore[attr-defined] # typed loosely to load the SDK late
        await opened.until(lambda: opened.state_of(made.name) == "started")
        await made.stop()
        await opened.until(lambda: opened.state_of(made.name) == "stopped")
        await made.set_labels({"owner": "ana"})
        await made.delete()
        await opened.until(lambda: opened.state_of(made.name) == "")

        assert made.name not in opened.names()


async def test_what_another_client_does_shows_with_the_poll_alone(open_app: OpenApp, emulator: Emulator) -> None:
    emulator.faults.add(FaultRule(path=SOCKET, refuse_events="no events today"))
    async with open_app(emulator=emulator, poll_s=0.2) as opened, somebody_else(emulator) as daytona:
        made = await daytona.create(timeout=30)  # type: ignore[attr-defined] # typed loosely to load the SDK late
        await opened.until(lambda: made.name in opened.names())
        await made.stop()
        await opened.until(lambda: opened.state_of(made.name) == "stopped")
        await made.delete()

        await opened.until(lambda: made.name not in opened.names())


async def test_what_happened_while_the_feed_was_silent_is_made_up_for_when_it_is_back(
    open_app: OpenApp, emulator: Emulator
) -> None:
    async with open_app(emulator=emulator, poll_s=HOUR) as opened:
        await opened.until(lambda: feed_is_up(opened))
        refusal = emulator.faults.add(FaultRule(path=SOCKET, drop=True))
        await emulator.events.close()
        await opened.until(lambda: not feed_is_up(opened))
        await opened.until(lambda: "◐ polling" in opened.text)
        record = next(each for each in emulator.fleet.records.values() if each.state == "stopped")
        emulator.fleet.change(record, state="archived", desired_state="archived")

        emulator.faults.remove(refusal.id)

        await opened.until(lambda: opened.state_of(record.name) == "archived")
        await opened.until(lambda: feed_is_up(opened))


async def test_rows_come_and_go_without_moving_cursor_or_scroll(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:300", poll_s=HOUR) as opened:
        await opened.until(lambda: feed_is_up(opened))
        opened.table.move_cursor(150)
        await opened.pilot.pause()
        here, line = opened.fleet.current, opened.table.cursor - opened.table.top
        assert here is not None
        others = [record for record in opened.emulator.fleet.records.values() if record.id != here.id]
        for record in others[:40]:
            opened.emulator.fleet.change(record, state="destroyed", desired_state="destroyed")
        await opened.until(lambda: len(opened.fleet.store.fleet) == 260)
        await opened.until(lambda: opened.table.row_count() == 260)

        assert opened.fleet.current == here
        assert opened.table.cursor - opened.table.top == line


async def test_a_row_that_comes_leaves_the_cursor_on_the_first_one_where_it_was(open_app: OpenApp) -> None:
    async with open_app(poll_s=HOUR) as opened, somebody_else(opened.emulator) as daytona:
        await opened.until(lambda: feed_is_up(opened))
        first = opened.table.rows.rows[0].id

        made = await daytona.create(timeout=30)  # type: ignore[attr-defined] # typed loosely to load the SDK late
        await opened.until(lambda: made.name in opened.names())
        await opened.until(lambda: opened.table.rows.rows[0].id == made.id)

        assert opened.fleet.current is not None
        assert opened.fleet.current.id == first


async def test_a_small_fleet_is_listed_as_often_with_the_feed_as_without(open_app: OpenApp) -> None:
    """Nobody is told of labels and intervals but by a listing."""
    async with open_app(poll_s=HOUR) as opened:
        await opened.until(lambda: feed_is_up(opened) and not opened.fleet.watch_news.is_listing)
        health = opened.fleet.watch_news.health

        assert health.retry_at is not None
        assert (health.retry_at - opened.fleet.services.now()).total_seconds() <= HOUR


async def test_a_burst_of_a_thousand_events_costs_a_few_redraws(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:1000", poll_s=HOUR) as opened:
        await opened.until(lambda: feed_is_up(opened))
        await opened.settle()
        draws = 0
        draw = opened.fleet.draw

        def counted() -> None:
            nonlocal draws
            draws += 1
            draw()

        opened.fleet.draw = counted  # type: ignore[method-assign] # counts, and does what it did
        records = list(opened.emulator.fleet.records.values())
        for record in records:
            opened.emulator.fleet.change(record, state="archived", desired_state="archived")
        await opened.until(lambda: all(each.state.value == "archived" for each in opened.fleet.store.fleet))

        assert draws < len(records) / 10


# Whole, or said not to be


async def test_marking_all_while_pages_arrive_says_that_it_is_not_all(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:900", poll_s=HOUR, waits=False) as opened:
        later = opened.emulator.faults.add(FaultRule(path=LISTING, delay_s=0.5))
        await opened.until(lambda: "00…" in opened.text)
        await opened.press("ctrl+a")

        assert any(each.title == "Not all are here yet" for each in opened.notices)
        opened.emulator.faults.remove(later.id)
        await opened.until(lambda: "Sandboxes  900" in opened.text)
        assert 0 < len(opened.fleet.view.marks) < 900


async def test_while_pages_arrive_the_title_counts(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:900", poll_s=HOUR, waits=False) as opened:
        later = opened.emulator.faults.add(FaultRule(path=LISTING, delay_s=0.5))
        await opened.until(lambda: "00…" in opened.text)
        opened.emulator.faults.remove(later.id)

        await opened.until(lambda: opened.fleet.store.listed_at is not None)
        await opened.until(lambda: "Sandboxes  900 " in opened.text.splitlines()[1])


async def test_a_page_that_fails_keeps_the_others_and_says_partial(open_app: OpenApp, emulator: Emulator) -> None:
    async with open_app(seed="fleet:900", poll_s=0.3, waits=False) as opened:
        await opened.until(lambda: len(opened.fleet.store.fleet) >= 200)
        fault = opened.emulator.faults.add(FaultRule(path=LISTING, status=500))
        opened.fleet.watch_news.wake()
        await opened.until(lambda: opened.fleet.watch_news.health.error is not None)
        count = len(opened.fleet.store.fleet)
        assert count >= 200

        opened.emulator.faults.remove(fault.id)
        await opened.until(lambda: opened.fleet.store.listed_at is not None)
        await opened.until(lambda: len(opened.fleet.store.fleet) == 900)
        await opened.until(lambda: "partial" not in opened.text)


async def test_partial_is_said_in_the_frame_until_a_listing_is_whole(open_app: OpenApp) -> None:
    async with open_app(seed="fleet:900", poll_s=0.3) as opened:
        asked = opened.emulator.faults.add(FaultRule(path=LISTING, times=2))
        cut = opened.emulator.faults.add(FaultRule(path=LISTING, status=500))
        await opened.press("r")

        await opened.until(lambda: "partial" in opened.text)
        assert asked.hits == 2
        assert opened.table.row_count() == 900

        opened.emulator.faults.remove(cut.id)
        await opened.press("r")
        await opened.until(lambda: "partial" not in opened.text)


# The last run's fleet


async def test_the_next_start_shows_the_last_fleet_before_the_server_says_anything(
    open_app: OpenApp, emulator: Emulator, home: Path
) -> None:
    async with open_app(emulator=emulator) as opened:
        names = sorted(opened.names())
        await opened.until(lambda: list(home.rglob(FILE)))
    (kept,) = home.rglob(FILE)
    assert emulator.api_key not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600
    emulator.faults.add(FaultRule(drop=True))
    gone, changed = list(emulator.fleet.records.values())[:2]
    emulator.fleet.change(gone, state="destroyed", desired_state="destroyed")
    emulator.fleet.change(changed, state="archived", desired_state="archived")

    async with open_app(emulator=emulator, poll_s=0.2, waits=False) as opened:
        await opened.until(lambda: sorted(opened.names()) == names)
        assert set(opened.fleet.store.unconfirmed) == set(opened.fleet.store.fleet.by_id)
        assert "as of" in opened.text
        assert opened.table.rows.doubtful

        emulator.faults.clear()
        await opened.press("r")
        await opened.until(lambda: opened.fleet.store.listed_at is not None)

        await opened.until(lambda: gone.name not in opened.names())
        await opened.until(lambda: opened.state_of(changed.name) == "archived")
        await opened.until(lambda: "as of" not in opened.text)
        assert not opened.table.rows.doubtful


async def test_a_damaged_file_is_as_good_as_none(open_app: OpenApp, emulator: Emulator, home: Path) -> None:
    async with open_app(emulator=emulator) as opened:
        await opened.until(lambda: list(home.rglob(FILE)))
    (kept,) = home.rglob(FILE)
    kept.write_bytes(kept.read_bytes()[:200] + b"\xff\xff")

    async with open_app(emulator=emulator) as opened:
        assert len(opened.names()) == len(emulator.fleet.records)


# The graveyard


async def test_what_failed_and_was_deleted_shows_on_request(open_app: OpenApp, emulator: Emulator) -> None:
    record = next(each for each in emulator.fleet.records.values() if each.state == "error")
    async with open_app(emulator=emulator) as opened:
        await opened.until(lambda: feed_is_up(opened))
        emulator.fleet.change(record, desired_state="destroyed")
        await opened.until(lambda: record.name not in opened.names())

        await opened.press("E")
        await opened.until(lambda: record.name in opened.names())
        await opened.until(lambda: "graveyard: 1" in opened.text)
        assert not opened.fleet.watch_news.health.is_partial

        await opened.press("E")
        await opened.until(lambda: record.name not in opened.names())
        assert "graveyard" not in opened.text


async def test_the_graveyard_is_filled_by_a_listing(open_app: OpenApp, emulator: Emulator) -> None:
    record = next(each for each in emulator.fleet.records.values() if each.state == "error")
    emulator.fleet.change(record, desired_state="destroyed")
    async with open_app(emulator=emulator, poll_s=HOUR) as opened:
        assert record.name not in opened.names()

        await opened.press("E")

        await opened.until(lambda: record.name in opened.names())
