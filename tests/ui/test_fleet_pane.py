"""The sandboxes pane: moving, finding, sorting, marking."""

from __future__ import annotations

from tests.ui.driver import OpenApp


async def test_every_sandbox_of_the_fleet_has_a_row(open_app: OpenApp) -> None:
    async with open_app() as opened:
        records = opened.emulator.fleet.records.values()

        assert sorted(opened.names()) == sorted(record.name for record in records)
        assert "1 Sandboxes" in opened.text
