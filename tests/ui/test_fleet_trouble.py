"""What the sandboxes pane shows when the server is odd, slow, refusing or away."""

from __future__ import annotations

from tests.ui.driver import OpenApp

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.ui.screens.connect import ConnectScreen
from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.widgets.sandbox_table import SandboxTable

LISTING = "/api/sandbox"


async def test_a_wrong_key_leads_to_the_connect_screen(open_app: OpenApp) -> None:
    async with open_app(key="dtn_wrong_0123456789abcdef", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen))
        await opened.pilot.pause()

        assert "The key was refused" in opened.text
        assert "dtn_wrong" not in opened.text


async def test_a_pasted_key_opens_the_fleet_and_is_never_shown(open_app: OpenApp) -> None:
    async with open_app(key="dtn_wrong_0123456789abcdef", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen))
        await opened.press("k", *opened.emulator.api_key)
        assert opened.emulator.api_key not in opened.text

        await opened.press("enter")

        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen) and opened.app.screen.query(SandboxTable))
        await opened.until(opened.names)


async def test_without_a_key_the_connect_screen_says_what_to_do(open_app: OpenApp) -> None:
    async with open_app(key="", waits=False) as opened:
        await opened.until(lambda: isinstance(opened.app.screen, ConnectScreen))
        await opened.pilot.pause()

        assert "no Daytona key is set" in opened.text
        assert "DAYTONA_API_KEY" in opened.text


async def test_rate_limiting_is_a_condition_with_a_countdown_and_no_notice(open_app: OpenApp) -> None:
    async with open_app() as opened:
        rows = opened.names()
        opened.emulator.faults.add(FaultRule.rate_limited(path=LISTING, seconds=30))
        await opened.press("r")

        await opened.until(lambda: "◐ asked to wait, next try in" in opened.text)

        assert opened.names() == rows
        assert len(opened.app._notifications) == 0


async def test_a_failing_server_keeps_the_rows_and_recovers(open_app: OpenApp) -> None:
    async with open_app() as opened:
        rows = opened.names()
        fault = opened.emulator.faults.add(FaultRule(path=LISTING, status=500))
        await opened.press("r")

        await opened.until(lambda: "○ failing" in opened.text)
        assert opened.names() == rows
        await opened.until(lambda: opened.table.has_class("-stale"))
        await opened.until(lambda: "as of" in opened.text)
        opened.emulator.faults.remove(fault.id)
        await opened.press("r")

        await opened.until(lambda: "○ failing" not in opened.text)
        assert not opened.table.has_class("-stale")
        assert len(opened.app._notifications) == 0


async def test_nonsense_instead_of_a_listing_is_said_in_place(open_app: OpenApp, emulator: Emulator) -> None:
    fault = emulator.faults.add(FaultRule(path=LISTING, status=200, text="<html>Bad gateway</html>"))
    async with open_app(emulator=emulator, waits=False) as opened:
        await opened.until(lambda: "ask again now" in opened.text and "○ failing" in opened.text)

        emulator.faults.remove(fault.id)
        await opened.press("r")

        await opened.until(opened.names)


async def test_a_server_that_is_away_is_said_in_place_and_found_again(open_app: OpenApp, emulator: Emulator) -> None:
    fault = emulator.faults.add(FaultRule(path="*", drop=True))
    async with open_app(emulator=emulator, waits=False) as opened:
        await opened.until(lambda: "○ offline" in opened.text)
        assert "No answer from Daytona" in opened.text

        emulator.faults.remove(fault.id)
        await opened.press("r")

        await opened.until(opened.names)


async def test_the_lamp_says_polling_while_the_feed_is_refused(open_app: OpenApp, emulator: Emulator) -> None:
    emulator.faults.add(FaultRule(path="*socket.io*", refuse_events="no events today"))
    async with open_app(emulator=emulator) as opened:
        await opened.until(lambda: "◐ polling 0.3s" in opened.text)

        record = next(each for each in emulator.fleet.records.values() if each.state == "stopped")
        emulator.fleet.change(record, state="archived", desired_state="archived")

        await opened.until(lambda: opened.state_of(record.name) == "archived")


async def test_odd_sandboxes_cost_the_list_one_cell_each(open_app: OpenApp, emulator: Emulator) -> None:
    ids = list(emulator.fleet.records)
    emulator.fleet.distort(ids[0], {"state": "levitating"})
    emulator.fleet.distort(ids[1], {"labels": None, "createdAt": "yesterday"})
    emulator.fleet.distort(ids[2], drop=("name", "autoStopInterval"))
    emulator.fleet.distort(ids[3], {"state": None})
    async with open_app(emulator=emulator) as opened:
        assert len(opened.names()) == len(ids)

        opened.fleet.filter_by("levitating")
        await opened.pilot.pause()

        assert "? levitating" in opened.text


async def test_a_row_without_an_id_is_counted_in_the_frame(open_app: OpenApp, emulator: Emulator) -> None:
    ids = list(emulator.fleet.records)
    emulator.fleet.distort(ids[0], drop=("id",))
    async with open_app(emulator=emulator) as opened:
        assert len(opened.names()) == len(ids) - 1
        assert "1 row without an id left out" in opened.text


async def test_hostile_names_are_shown_as_marks(open_app: OpenApp, emulator: Emulator) -> None:
    ids = list(emulator.fleet.records)
    emulator.fleet.distort(ids[0], {"name": "evil\x1b[31m\n[bold]name[/]", "labels": {"owner": "[red]\x07"}})
    async with open_app(emulator=emulator) as opened:
        opened.fleet.filter_by("evil")
        await opened.pilot.pause()

        assert "evil␛[31m␊[bold]name[/]"[:20] in opened.text
        assert "\x1b" not in opened.text
        await opened.press("D")
        await opened.pilot.pause()
        assert "evil␛[31m␊[bold]name[/]" in opened.text
