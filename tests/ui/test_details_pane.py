"""The details: what is known, what is read only while somebody looks, and what can be copied."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from tests.ui.driver import OpenApp, Opened, call
from tests.ui.panes_driver import inside

from daytona_tui.emulator.server import Emulator
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.details import DetailsPane


def _labels(opened: Opened) -> dict[str, str]:
    """What stands in the details, by label."""
    pane = opened.screen.query_one(DetailsPane)
    return {line.field.label: line.field.cell.text for line in pane.view._lines if line.field is not None}


async def _look(opened: Opened, name: str) -> DetailsPane:
    await opened.go_to(name)
    await opened.press("d")
    pane = opened.screen.query_one(DetailsPane)
    await opened.until(lambda: pane.view.has_focus and pane.view.row_count())
    return pane


async def _put_cursor_on(opened: Opened, pane: DetailsPane, label: str) -> None:
    index = next(i for i, line in enumerate(pane.view._lines) if line.field is not None and line.field.label == label)
    pane.view.move_cursor(index)
    await opened.pilot.pause()


async def test_what_runs_is_measured_while_it_is_looked_at_and_that_is_no_activity(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as it:
        record = it.opened.emulator.fleet.records[it.sandbox.id]
        await _look(it.opened, it.sandbox.name)
        before = record.last_activity_at

        await it.opened.until(lambda: {"cpu", "memory", "disk"} <= _labels(it.opened).keys())

        assert record.last_activity_at == before
        await it.opened.press("2")
        await it.opened.until(lambda: it.screen.current_pane is not it.screen.details_pane)
        pane = it.screen.details_pane
        assert not any(worker.is_running and worker.node is pane for worker in it.opened.app.workers)


async def test_what_does_not_run_is_not_measured_and_says_when_it_would_be(open_app: OpenApp) -> None:
    async with open_app() as opened:
        name = next(each.name for each in opened.table.rows.sandboxes if each.state == "stopped")
        await _look(opened, name)

        await opened.until(lambda: _labels(opened).get("use") == "measured while it runs")


async def test_an_error_tells_the_way_out(open_app: OpenApp) -> None:
    async with open_app() as opened:
        errors = [each for each in opened.table.rows.sandboxes if each.state == "error"]
        mendable = next(each for each in errors if each.recoverable)
        hopeless = next(each for each in errors if not each.recoverable)

        pane = await _look(opened, mendable.name)
        assert mendable.error_reason.startswith(_labels(opened)["error"][:20])
        assert "R recovers it" in _labels(opened)["way out"]
        await opened.go_to(hopeless.name)
        await opened.until(lambda: "cannot mend" in _labels(opened).get("way out", ""))
        assert pane.view.cursor == 1, "another sandbox is shown from its beginning"


async def test_the_record_is_read_and_copied_whole(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = opened.table.rows.sandboxes[0]
        await _look(opened, sandbox.name)
        await opened.until(lambda: "outbound" in _labels(opened))

        await opened.press("Y")

        await opened.until(lambda: f'"id": "{sandbox.id}"' in opened.app.clipboard)
        assert '"networkBlockAll"' in opened.app.clipboard


async def test_the_field_under_the_cursor_is_copied_as_it_is(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = opened.table.rows.sandboxes[0]
        pane = await _look(opened, sandbox.name)
        await _put_cursor_on(opened, pane, "id")

        await opened.press("y")

        await opened.until(lambda: opened.app.clipboard == sandbox.id)


async def test_changes_of_state_are_remembered_and_the_cursor_stays_on_its_field(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = next(each for each in opened.table.rows.sandboxes if each.state == "stopped")
        pane = await _look(opened, sandbox.name)
        await _put_cursor_on(opened, pane, "id")

        assert await call(opened.emulator, "POST", f"/sandbox/{sandbox.id}/start") == 200

        await opened.until(lambda: _labels(opened).get("history", "").endswith("started"))
        await opened.until(lambda: _labels(opened)["state"] == "● started")
        assert pane.view.current is not None
        assert pane.view.current.label == "id"


async def test_a_timer_that_comes_first_is_pointed_at(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await _look(opened, "preview-shop")

        await opened.until(lambda: "◂ stops it" in opened.text)
        assert "It stops in" in opened.text
        assert "auto-archive" in opened.text


async def test_keys_of_the_sandboxes_mean_the_same_here(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await _look(opened, "preview-shop")

        await opened.press("i")
        await opened.until(lambda: "Lifetimes of preview-shop" in opened.text)
        await opened.press("escape", "L")
        await opened.until(lambda: "Labels of preview-shop" in opened.text)
        await opened.press("escape", "R")
        await opened.until(lambda: any("nothing to recover" in each.message for each in opened.app._notifications))


async def test_hostile_text_is_harmless(open_app: OpenApp) -> None:
    async with open_app() as opened:
        sandbox = opened.table.rows.sandboxes[0]
        bad = "a\x1b[31mred\x07\u202ex"
        await _put_labels(opened.emulator, sandbox.id, {bad: f"{bad}]=[bold]", "k": "v" * 3000})
        await _look(opened, sandbox.name)

        await opened.until(lambda: safe(bad) in _labels(opened))
        assert "\x1b" not in opened.text
        assert "[bold]" in _labels(opened)[safe(bad)]


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24)])
async def test_it_scrolls_to_its_end_at_every_size(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as opened:
        pane = await _look(opened, opened.table.rows.sandboxes[0].name)
        await opened.until(lambda: "outbound" in _labels(opened))

        await opened.press("end")

        await opened.until(lambda: pane.view.is_at_end)
        assert "}" in opened.text


async def _put_labels(emulator: Emulator, sandbox_id: str, labels: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {emulator.api_key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.put(f"{emulator.api_url}/sandbox/{sandbox_id}/labels", json={"labels": labels}) as response,
    ):
        assert response.status == 200
