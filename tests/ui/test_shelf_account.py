"""The tabs of the account: regions, quotas, usage and the audit log, in the hands of a user."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.ui.conftest import OpenApp, Opened
from tests.ui.driver import call

from daytona_tui.ui.screens.fleet import FleetScreen
from daytona_tui.ui.screens.shelf import ShelfScreen


def shelf(opened: Opened) -> ShelfScreen:
    """The shelf."""
    return next(screen for screen in opened.app.screen_stack if isinstance(screen, ShelfScreen))


async def shown(opened: Opened, name: str) -> Any:
    """The tab of this name once its rows are there, or it says why there are none."""
    await opened.until(lambda: isinstance(opened.app.screen, ShelfScreen) and name == shelf(opened).front.NAME)
    tab = shelf(opened).front
    await opened.until(lambda: (tab.is_read or tab.trouble) and not tab.is_loading)
    return tab


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_what_the_account_has_used_and_did_is_read_on_tabs(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as opened:
        sandbox = next(each for each in opened.fleet.store.fleet if each.name == "scratch")
        assert await call(opened.emulator, "POST", f"/sandbox/{sandbox.id}/autostop/30") == 200
        assert await call(opened.emulator, "POST", "/sandbox/nosuch/stop") == 404
        await opened.press("I", "4")
        await shown(opened, "Regions")
        await opened.until(lambda: "7 Audit" in opened.text and "shared" in opened.text)
        await opened.press("y")
        await opened.until(lambda: opened.app.clipboard == "us")

        await opened.press("5")
        await shown(opened, "Quotas")
        await opened.until(lambda: "memory GiB" in opened.text)
        await opened.press("D")
        await opened.until(lambda: any("have no such thing" in each.message for each in opened.notices))

        await opened.press("6")
        tab = await shown(opened, "Usage")
        await opened.until(lambda: "sandboxes in 30 days: $" in opened.text)
        many = len(tab.rows)
        await opened.press("p", "p")
        await opened.until(lambda: "in a day: $" in opened.text and len(tab.rows) < many)

        await opened.press("7")
        tab = await shown(opened, "Audit")
        await opened.until(lambda: tab.rows and tab.rows[0].action == "stop" and "404" in opened.text)
        assert opened.emulator.api_key not in opened.text
        await opened.press("m")
        await opened.until(lambda: any("that is all there is" in each.message for each in opened.notices))
        await opened.press("e")
        await opened.until(lambda: {row.action for row in tab.rows} == {"stop"} and "that failed" in opened.text)
        await opened.press("e")
        await opened.until(lambda: len(tab.rows) > 1)
        await opened.press("down", "enter")
        await opened.until(lambda: isinstance(opened.app.screen, FleetScreen))
        await opened.until(lambda: opened.names() == ["scratch"])


async def test_a_key_that_may_not_read_and_a_server_that_does_not_tell(open_app: OpenApp, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"name": "reader", "key": "dtn_reader_0123456789", "permissions": []}]))
    file.chmod(0o600)
    async with open_app(keys=file, key="dtn_reader_0123456789", lacks=frozenset({"regions", "usage"})) as opened:
        await opened.press("I", "4")
        await shown(opened, "Regions")
        await opened.until(lambda: "this server has no list of regions" in opened.text)
        await opened.press("5")
        await shown(opened, "Quotas")
        await opened.until(lambda: "may not read the quotas" in opened.text and "read:limits" in opened.text)
        await opened.press("6")
        await shown(opened, "Usage")
        await opened.until(lambda: "this server keeps no accounts" in opened.text)
        await opened.press("p")
        await opened.until(lambda: any(each.title == "90 days: not now" for each in opened.notices))
        await opened.press("7")
        await shown(opened, "Audit")
        await opened.until(lambda: "permission" in opened.text.casefold())
        assert not [each for each in opened.notices if each.severity == "error"], "never a box of errors"
